// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign.reading;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.DynamicsFile;
import io.snnsim.dump.EmbeddedAnn;
import io.snnsim.dump.GraphJson;
import io.snnsim.dump.ImageOptions;
import io.snnsim.dump.ImageSet;
import io.snnsim.dump.NetworkFile;
import io.snnsim.dump.NpyReader;
import io.snnsim.dump.SignalArray;
import io.snnsim.dump.WeightDump;
import io.snnsim.engine.plan.PlanFile;
import io.snnsim.engine.plan.Planner;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.DumpFiles;
import io.snnsim.fixture.Npy;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.fixture.TorchFiles;
import io.snnsim.fixture.Zip;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.Network;
import io.snnsim.readout.ExitMargins;
import io.snnsim.readout.FittedSteps;
import io.snnsim.readout.Readout;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import javax.imageio.ImageIO;

/**
 * Every reader of bytes from elsewhere, by the entry that its callers use, with small files that
 * the fixtures hold or make. Loaded beside the instrumented program. Files are written to one
 * folder, so for one thread at a time.
 */
public final class Targets implements Function<Path, List<Target>> {
  private static final MapShape RGB = new MapShape(3, 4, 6);
  private static final MapShape GREY = new MapShape(1, 4, 6);
  private static final Set<Category> BAD_DATA = Set.of(Category.BAD_DATA, Category.LIMIT);

  private final List<Target> targets = new ArrayList<>();
  private Path dir;

  /** For the loader of the instrumented program. */
  public Targets() {}

  /** All of them; files are written to {@code dir}. */
  @Override
  public List<Target> apply(Path dir) {
    this.dir = dir;
    try {
      arrays();
      images();
      weights();
      networks();
      extras();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return List.copyOf(targets);
  }

  private void arrays() throws IOException {
    byte[] numbers = new byte[96];
    List<byte[]> npy =
        List.of(
            fixture("version1.npy"),
            fixture("version2.npy"),
            fixture("version3.npy"),
            Npy.of("<f4", numbers, 2, 3, 4),
            Npy.of(">i2", numbers, 48),
            Npy.file(1, Npy.header("<f8", true, 3, 4), numbers));
    add("npy", npy, bytes -> use(NpyReader.read(bytes, "a.npy").toFloats()));
    Path signal = dir.resolve("signal.npy");
    add(
        "signals",
        List.of(Npy.of("<f4", numbers, 2, 3, 4), fixture("stored.npz"), fixture("tensors.npz")),
        bytes -> {
          Files.write(signal, bytes);
          SignalArray read = SignalArray.read(signal, List.of(4), false);
          float[] into = new float[4];
          read.read(read.presentations() - 1, read.steps() - 1, into);
        });
  }

  private void images() throws IOException {
    byte[] pixels = new byte[2 * RGB.size()];
    image("npy-images", "i.npy", RGB, List.of(Npy.of("|u1", pixels, 2, 3, 4, 6)));
    byte[] npz =
        Zip.plain()
            .deflated("images.npy", Npy.of("|u1", pixels, 2, 3, 4, 6))
            .stored("labels.npy", Npy.of("|u1", new byte[] {3, 1}, 2))
            .bytes();
    image("npz-images", "i.npz", RGB, List.of(npz, fixture("types.npz")));
    ByteBuffer idx = ByteBuffer.allocate(16 + 2 * GREY.size());
    idx.putInt(0x803).putInt(2).putInt(4).putInt(6);
    ByteBuffer labels = ByteBuffer.allocate(10).putInt(0x801).putInt(2).put(new byte[] {1, 0});
    Path sound = Files.write(dir.resolve("sound-idx3-ubyte"), idx.array());
    Path others = Files.write(dir.resolve("others-idx1-ubyte"), labels.array());
    Path images = dir.resolve("t-images-idx3-ubyte");
    // What is given with labels and is no idx file is a contradiction of the command line.
    targets.add(
        new Target(
            "idx",
            Set.of(Category.BAD_DATA, Category.USAGE),
            false,
            List.of(idx.array()),
            bytes -> use(written(images, bytes), GREY, others)));
    Path classes = dir.resolve("t-labels-idx1-ubyte");
    add("idx-labels", List.of(labels.array()), b -> use(sound, GREY, written(classes, b)));
    byte[] cifar = new byte[2 * 3073];
    cifar[3073] = 4;
    image("cifar", "c.bin", new MapShape(3, 32, 32), List.of(cifar, new byte[3074]));
    for (String kind : List.of("png", "jpg")) {
      List<byte[]> seeds = new ArrayList<>();
      for (int type :
          new int[] {
            BufferedImage.TYPE_INT_RGB,
            BufferedImage.TYPE_BYTE_GRAY,
            BufferedImage.TYPE_BYTE_INDEXED
          }) {
        seeds.add(picture(kind, type));
      }
      image(kind, "p." + kind, RGB, seeds);
    }
    Files.write(dir.resolve("q.png"), picture("png", BufferedImage.TYPE_INT_RGB));
    Path list = dir.resolve("l.txt");
    targets.add(
        new Target(
            "picture-list",
            Set.of(Category.BAD_DATA, Category.INPUT_MISSING),
            false,
            List.of(ascii("# list\nq.png 7\n\nq.png\t2\n"), ascii("q.png\n")),
            bytes -> use(written(list, bytes), RGB, null)));
  }

  private static byte[] picture(String kind, int type) throws IOException {
    BufferedImage image = new BufferedImage(6, 4, type);
    for (int p = 0; p < 24; p++) {
      image.setRGB(p % 6, p / 6, 0x203040 + 0x010203 * p);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (!ImageIO.write(image, kind, out)) {
      throw new AssertionError("no writer of " + kind);
    }
    return out.toByteArray();
  }

  private void image(String name, String file, MapShape shape, List<byte[]> seeds) {
    Path path = dir.resolve(file);
    add(name, seeds, bytes -> use(written(path, bytes), shape, null));
  }

  private static void use(Path file, MapShape shape, Path labels) {
    ImageOptions options = new ImageOptions(9, false, labels, null, null, false);
    ImageSet set = ImageSet.read(file, shape, options);
    float[] into = new float[shape.size()];
    for (int i = 0; i < set.count(); i++) {
      set.read(i, into);
    }
    if (set.labelled()) {
      set.checkLabels(10);
    }
  }

  private void weights() throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("0.weight", new Tensor(new int[] {3, 4}, new float[12]));
    tensors.put("0.bias", new Tensor(new int[] {3}, new float[3]));
    network("npz", "n.npz", fixtures("mlp.npz", "stored.npz", "tensors.npz", "vgg_plain.npz"));
    network("torch", "n.pth", List.of(TorchFiles.stateDict(tensors, true)));
    network("torch-legacy", "o.pth", List.of(TorchFiles.stateDict(tensors, false)));
    String header =
        """
        {"__metadata__":{"format":"pt"},"0.weight":{"dtype":"F32","shape":[3,4],"data_offsets":[0,48]},\
        "0.bias":{"dtype":"BF16","shape":[3],"data_offsets":[48,54]},\
        "0.num_batches_tracked":{"dtype":"I64","shape":[],"data_offsets":[54,62]}}\
        """;
    ByteBuffer safe = ByteBuffer.allocate(8 + header.length() + 62).order(ByteOrder.LITTLE_ENDIAN);
    safe.putLong(header.length()).put(ascii(header));
    network("safetensors", "n.safetensors", List.of(safe.array()));
    network(
        "hdf5",
        "n.h5",
        fixtures(
            "bfloat16.h5", "latest.h5", "compact.h5", "contiguous.h5", "chunked.h5", "filters.h5"));
  }

  private void networks() throws IOException {
    network("keras-h5", "k.h5", fixtures("keras/first2.h5", "keras/plain2.h5"));
    network("keras-weights", "w.h5", fixtures("keras/dense3.weights.h5"));
    network("keras", "k.keras", fixtures("keras/branches3.keras", "keras/grey3.keras"));
    Files.write(dir.resolve("channels_last.onnx.data"), fixture("onnx/channels_last.onnx.data"));
    List<byte[]> onnx =
        fixtures(
            "onnx/channels_last.onnx",
            "onnx/signal.onnx",
            "onnx/branches.onnx",
            "onnx/mobile.onnx",
            "onnx/lenet.onnx");
    targets.add(
        new Target(
            "onnx",
            Set.of(Category.BAD_DATA, Category.LIMIT, Category.INPUT_MISSING),
            true,
            onnx,
            network("x.onnx")));
    network("nir-rates", "r.nir", fixtures("rates.nir", "refused_reset.nir", "refused_edge.nir"));
    Path graph = dir.resolve("d.nir");
    add(
        "nir-dynamics",
        fixtures("refused_leak.nir", "refused_reset.nir", "refused_threshold.nir"),
        bytes -> DynamicsFile.read(written(graph, bytes)));
    Map<String, Tensor> tensors = WeightDump.read(DumpFiles.fixture("operators.npz")).tensors();
    add(
        "graph",
        fixtures("operators.json"),
        b -> GraphJson.read(new String(b, StandardCharsets.UTF_8), "g.json", "w.npz", tensors));
  }

  private void network(String name, String file, List<byte[]> seeds) {
    add(name, seeds, network(file));
  }

  /** As {@code inspect} reads a file, then as {@code convert} does, then its weights alone. */
  private Target.Reader network(String name) {
    Path file = dir.resolve(name);
    return bytes -> {
      Files.write(file, bytes);
      RuntimeException refused = null;
      for (Function<Path, ?> read :
          List.<Function<Path, ?>>of(
              f -> NetworkFile.understand(f, null, null),
              f -> NetworkFile.read(f, null),
              WeightDump::read)) {
        try {
          read.apply(file);
          return;
        } catch (SnnsimException e) {
          refused = e;
        }
      }
      throw refused;
    };
  }

  private void extras() {
    Network network = RandomNetworks.of(3).network();
    double[] rates = new double[network.populations().size()];
    byte[] plan = new PlanFile(Planner.eventsOnly(network), rates).toJson(network);
    // Of a plan that someone typed; a file's is refused as bad data by whoever asks for it.
    targets.add(
        new Target(
            "plan",
            Set.of(Category.BAD_DATA, Category.USAGE),
            false,
            List.of(plan),
            bytes -> PlanFile.parse(bytes, network, "plan.json")));
    double[] margins = {0.5, 0.25, 0};
    add(
        "early-exit",
        List.of(new ExitMargins(Readout.MEMBRANE, 9, true, margins, margins).toJson()),
        bytes -> ExitMargins.parse(bytes, "m.snn, section early.exit"));
    add(
        "provenance",
        List.of(
            ascii("{\"report\":{\"methods\":{\"errorLambda\":true,\"targetSteps\":8}}}"),
            ascii("{\"report\":{\"methods\":{\"fewSpike\":true,\"biasCalibration\":true}}}")),
        bytes -> FittedSteps.of(bytes, "m.snn, section provenance"));
    EmbeddedAnn ann =
        EmbeddedAnn.encode(
            GraphJson.read(
                DumpFiles.fixture("operators.json"),
                WeightDump.read(DumpFiles.fixture("operators.npz"))));
    add(
        "ann-graph",
        List.of(ann.graph()),
        bytes -> new EmbeddedAnn(bytes, ann.tensors()).decode("m.snn"));
  }

  private void add(String name, List<byte[]> seeds, Target.Reader reader) {
    targets.add(new Target(name, BAD_DATA, false, seeds, reader));
  }

  private static Path written(Path file, byte[] bytes) throws IOException {
    return Files.write(file, bytes);
  }

  private static void use(float[] values) {
    if (values == null) {
      throw new AssertionError("read nothing");
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] fixture(String name) throws IOException {
    return Files.readAllBytes(DumpFiles.fixture(name));
  }

  private static List<byte[]> fixtures(String... names) throws IOException {
    List<byte[]> all = new ArrayList<>();
    for (String name : names) {
      all.add(fixture(name));
    }
    return all;
  }
}
