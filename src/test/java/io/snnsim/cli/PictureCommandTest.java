// SPDX-License-Identifier: Apache-2.0
package io.snnsim.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.snnsim.dump.ImageSet;
import io.snnsim.fixture.Bundled;
import io.snnsim.geometry.MapShape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bundled images as pictures, and options that only pictures need. */
@Tag("slow")
class PictureCommandTest {
  private static final int COUNT = 24;

  @TempDir Path dir;

  /** A folder for each digit and the first images in them. */
  private Path folder() throws IOException {
    ImageSet set = ImageSet.read(Path.of(Bundled.IMAGES), new MapShape(1, 28, 28), COUNT);
    float[] pixels = new float[784];
    for (int c = 0; c < 10; c++) {
      Files.createDirectories(dir.resolve("digits/" + c));
    }
    for (int i = 0; i < COUNT; i++) {
      set.read(i, pixels);
      BufferedImage image = new BufferedImage(28, 28, BufferedImage.TYPE_BYTE_GRAY);
      for (int p = 0; p < 784; p++) {
        image.getRaster().setSample(p % 28, p / 28, 0, Math.round(pixels[p] * 255));
      }
      Path file = dir.resolve("digits/" + set.label(i) + "/" + i + ".png");
      assertTrue(ImageIO.write(image, "png", file.toFile()));
    }
    return dir.resolve("digits");
  }

  private static JsonNode run(Path model, String images) throws IOException {
    String limit = String.valueOf(COUNT);
    String[] args = {
      "run", model.toString(), images, "--steps", "8", "--limit", limit, "--json", "-"
    };
    return new ObjectMapper().readTree(Bundled.execute(args).ok().out());
  }

  @Test
  void aFolderOfPicturesGivesWhatTheArrayGives() throws IOException {
    Path folder = folder();
    Path model = Bundled.model(dir);
    JsonNode pictures = run(model, folder.toString());
    JsonNode array = run(model, Bundled.IMAGES);
    for (String same : new String[] {"samples", "annAccuracy", "spikesPerImageStep"}) {
      assertEquals(array.get(same), pictures.get(same), same);
    }
    assertEquals(array.get("accuracyAtStep"), pictures.get("accuracyAtStep"));
    Files.walk(folder.resolve("1")).filter(Files::isRegularFile).forEach(p -> p.toFile().delete());
    String[] args = {"run", model.toString(), folder.toString(), "--steps", "2"};
    String err = Bundled.execute(args).ok().err();
    assertTrue(err.contains("classes have no images: 1"), err);
    Files.delete(folder.resolve("1"));
    String fewer = Bundled.execute(args).ok().err();
    assertTrue(fewer.contains("warning: the images are of 9 classes, the network tells 10"), fewer);
    Files.writeString(folder.resolve("2/readme.txt"), "hello");
    Bundled.Done bad = Bundled.execute(args);
    assertEquals(65, bad.code());
    assertTrue(bad.error().contains("1 files that are no PNG or JPEG, readme.txt"), bad.error());
    String[] skipping = {args[0], args[1], args[2], args[3], args[4], "--skip-bad"};
    assertTrue(Bundled.execute(skipping).ok().err().contains("note: left out 1 files"));
  }

  /** Pictures of another size, which each command that reads images makes fit. */
  @Test
  void everyCommandTakesPictures() throws IOException {
    String folder = folder().toString();
    String model = Bundled.model(dir).toString();
    String[][] commands = {
      {"run", model, folder, "--steps", "2"},
      {"compare", model, folder, "--steps", "2"},
      {"bench", model, folder, "--steps", "2", "--images", "2", "--seconds", "0.1"},
      {"latency", model, folder, "--steps", "2", "--rate", "100", "--duration", "0.2s"},
      {"sweep", model, folder, "--steps", "1,2"},
      {"sweep", Bundled.NET, folder, "--steps", "2", "--calibration", folder}
    };
    for (String[] command : commands) {
      List<String> args = new ArrayList<>(List.of(command));
      args.addAll(List.of("--resize", "32", "--crop", "28"));
      Bundled.execute(args.toArray(String[]::new)).ok();
      args.set(args.size() - 1, "30");
      Bundled.Done wrong = Bundled.execute(args.toArray(String[]::new));
      assertEquals(65, wrong.code(), command[0]);
      assertTrue(wrong.error().contains("30"), wrong.error());
    }
  }

  @Test
  void normalizeIsShortForMeanAndStd() throws IOException {
    Path folder = folder();
    byte[][] models = new byte[3][];
    String[][] ways = {
      {"--mean", "0.1307", "--std", "0.3081"},
      {"--normalize", "mnist"},
      {"--normalize", "0.1307/0.3081"}
    };
    for (int i = 0; i < ways.length; i++) {
      Path out = dir.resolve(i + ".snn");
      Bundled.execute(convert(out, folder, ways[i])).ok();
      models[i] = Files.readAllBytes(out);
    }
    assertArrayEquals(models[0], models[1]);
    assertArrayEquals(models[0], models[2]);
  }

  private static String[] convert(Path out, Path images, String... more) {
    String[] args = {
      "convert",
      Bundled.NET,
      "-o",
      out.toString(),
      "--precision",
      "i8",
      "--calibration",
      images.toString()
    };
    String[] all = java.util.Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    return all;
  }

  @Test
  void wrongOptionsAreNamed() {
    Path out = dir.resolve("x.snn");
    Path images = Path.of(Bundled.IMAGES);
    String[][] cases = {
      {"--normalize: found letters, expected imagenet", "--normalize", "letters"},
      {"--normalize: found 1,a/1,1, expected imagenet", "--normalize", "1,a/1,1"},
      {"--normalize: found with --mean or --std", "--normalize", "mnist", "--mean", "0"},
      {"--std: found 0.0, expected numbers > 0", "--normalize", "0/0"},
      {"--mean: found 3 values, expected 1", "--normalize", "imagenet"},
      {"--resize: found big, expected a size such as 224", "--resize", "big"},
      {"--crop: found 0, expected 1..16384", "--crop", "0"},
      {"--labels: found no.idx with", "--labels", "no.idx"}
    };
    for (String[] c : cases) {
      String[] more = java.util.Arrays.copyOfRange(c, 1, c.length);
      Bundled.Done done = Bundled.execute(convert(out, images, more));
      assertEquals(2, done.code(), done.err());
      assertTrue(done.error().contains(c[0]), done.error());
    }
  }
}
