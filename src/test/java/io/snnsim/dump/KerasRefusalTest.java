// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.allocated;
import static io.snnsim.fixture.DumpFiles.fixture;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.Zip;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of Keras files that are damaged, lie, or hold what can't be imported. */
class KerasRefusalTest {
  private static final String CONFIG = "config.json";
  private static final String WEIGHTS = "model.weights.h5";

  @TempDir Path dir;

  private static byte[] entry(String file, String name) throws IOException {
    try (ZipFile zip = new ZipFile(fixture("keras/" + file).toFile())) {
      return zip.getInputStream(zip.getEntry(name)).readAllBytes();
    }
  }

  private static String config(String file) throws IOException {
    return new String(entry(file, CONFIG), StandardCharsets.UTF_8);
  }

  private Path keras(String config, byte[] weights) throws IOException {
    byte[] text = config.getBytes(StandardCharsets.UTF_8);
    Zip zip = Zip.plain().stored("metadata.json", new byte[0]).stored(CONFIG, text);
    byte[] bytes = (weights == null ? zip : zip.stored(WEIGHTS, weights)).bytes();
    return Files.write(dir.resolve("net.keras"), bytes);
  }

  private void refuse(Path file, String... parts) {
    String line = refused(() -> NetworkFile.read(file, null), parts);
    assertTrue(line.startsWith(file.toString()), line);
  }

  /** Every file with one thing said otherwise in its configuration. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      textBlock =
          """
          early212  ~ "GlobalMaxPooling2D"     ~ "LSTM"                  ~ layer global_max_pooling2d (LSTM): found a layer that cannot be imported; only networks of
          early212  ~ "GlobalMaxPooling2D"     ~ "Conv2DTranspose"       ~ layer global_max_pooling2d (Conv2DTranspose): found a layer that cannot be imported; use UpSampling2D (nearest)
          enlarged3 ~ "nearest"                  ~ "bilinear"              ~ layer up_sampling2d (UpSampling2D): found interpolation 'bilinear', expected nearest; train
          early212  ~ "activation": "relu"     ~ "activation": "swish"   ~ layer conv2d (Conv2D): found activation 'swish', expected relu; train
          early212  ~ "activation": "relu"     ~ "activation": {"class_name": "ReLU", "config": {"negative_slope": 0.1}} ~ layer conv2d (Conv2D): found negative_slope 0.1, expected 0
          early212  ~ "class_name": "InputLayer" ~ "class_name": "Lambda" ~ layer input_1: found Lambda as the input
          early212  ~ [[["input_1", 0, 0, {}]]] ~ [[["conv2d_2", 0, 0, {}]]] ~ found a circle of layers
          early212  ~ [[["input_1", 0, 0, {}]]] ~ []                     ~ layer conv2d: found no layer that it reads
          early212  ~ [[["input_1", 0, 0, {}]]] ~ [[["input_2", 0, 0, {}]]] ~ found no layer input_2
          early212  ~ [[["input_1", 0, 0, {}]]] ~ [[["input_1", 0, 1, {}]]] ~ layer input_1: found that result 1 of its use 0 is read
          early212  ~ [[["input_1", 0, 0, {}]]] ~ [[["input_1", 0, 0, {}], ["input_1", 0, 0, {}]]] ~ layer conv2d (Conv2D): found a layer that cannot be imported of 2 inputs
          early212  ~ "input_layers": [[       ~ "input_layers": [["conv2d", 0, 0], [ ~ found 2 input_layers (conv2d, input_1), expected one
          early212  ~ "output_layers": [[      ~ "output_layers": [["conv2d", 0, 0], [ ~ found 2 output_layers (conv2d, dense), expected one
          early212  ~ "output_layers": [["dense" ~ "output_layers": [["dance" ~ found no layer dance
          early212  ~ "filters": 4             ~ "filters": 5            ~ layer conv2d: found kernel of shape [3, 3, 2, 4], expected [3, 3, 2, 5] by the configuration
          early212  ~ "units": 3               ~ "units": -3             ~ layer dense: units: found -3, expected a number >= 1
          early212  ~ "kernel_size": [3, 3]    ~ "kernel_size": [3, 3, 3] ~ layer conv2d: kernel_size: found [3, 3, 3], expected a number or [height, width]
          early212  ~ "kernel_size": [3, 3]    ~ "kernel_size": 5000000000 ~ layer conv2d: kernel_size: found 5000000000, expected whole numbers 0..4096
          early212  ~ "padding": "valid"       ~ "padding": "full"       ~ layer conv2d: padding: found 'full', expected 'same' or 'valid'
          early212  ~ "padding": "valid"       ~ "padding": "valid", "strides": 0 ~ layer conv2d: found kernel 3x3, stride 0x0
          early212  ~ "padding": "valid"       ~ "padding": "valid", "groups": 3 ~ layer conv2d: groups: found 3, expected a number that divides 2 channels
          early212  ~ "use_bias": true         ~ "use_bias": 7           ~ layer conv2d: use_bias: found 7, expected true or false
          early212  ~ [null, 8, 8, 2]          ~ [null, null, null, 2]   ~ layer input_1: batch_input_shape: found [null, null, null, 2], expected sizes for all but the first; build
          early212  ~ [null, 8, 8, 2]          ~ [null, 8, 8, 8, 2]      ~ expected images of height, width, channels
          early212  ~ [null, 8, 8, 2]          ~ [null, 1000000, 1000000, 2] ~ input: found a map of 2x1000000x1000000
          early212  ~ "data_format": "channels_last" ~ "data_format": "channels_first" ~ found layers of data_format channels_first and others of channels_last
          early212  ~ "name": "conv2d_1", "inbound_nodes" ~ "name": "conv2d", "inbound_nodes" ~ layer conv2d: found the name twice
          early212  ~ "class_name": "Functional" ~ "class_name": "Net"   ~ layer conv2d
          early212  ~ "output_layers": [["dense" ~ "output_layers": [["input_1" ~ found no layer between input and output
          branches3 ~ "class_name": "Softmax"  ~ "class_name": "LeakyReLU" ~ layer softmax (LeakyReLU): found a layer that cannot be imported; train the network with ReLU
          branches3 ~ "axis": -1, "name": "concatenate" ~ "axis": 1, "name": "concatenate" ~ layer concatenate (Concatenate): found a concatenation along axis 1
          branches3 ~ "pool_size": [2, 2]      ~ "pool_size": [3, 3]     ~ layer average_pooling2d (AveragePooling2D): found padding 'same' with which windows at edges
          branches3 ~ "mean": null             ~ "mean": [1, 2], "was": 0 ~ layer normalization: variance: found null, expected numbers
          branches3 ~ "registered_name": null  ~ "registered_name": "mine>Conv2D" ~ layer
          """)
  void whatIsSaidOtherwiseIsRefusedByItsName(String net, String from, String to, String part)
      throws IOException {
    String sound = config(net + ".keras");
    assertTrue(sound.contains(from), from);
    int at = sound.indexOf(from);
    String other = sound.substring(0, at) + to + sound.substring(at + from.length());
    if (net.equals("early212") && from.contains("Functional")) {
      other = other.replace("input_layers", "inputs");
      part = "found a model of class 'Net' without a list of layers and inputs";
    }
    if (from.contains("registered_name")) {
      // Of all layers, so that those of Keras are named with the class that they say they are.
      other = sound.replace(from, to);
      part = "custom";
    }
    refuse(keras(other, entry(net + ".keras", WEIGHTS)), part);
  }

  @Test
  void everyLayerThatCannotBeImportedIsCounted() throws IOException {
    String swish = config("early212.keras").replace("\"relu\"", "\"swish\"");
    refuse(
        keras(swish, entry("early212.keras", WEIGHTS)),
        "layer conv2d (Conv2D)",
        "2 more cannot be imported: conv2d_1 (Conv2D), conv2d_2 (Conv2D)");
  }

  @Test
  void codeIsNamedAndNotRun() throws IOException {
    String lambda =
        config("early212.keras")
            .replace(
                "\"class_name\": \"GlobalMaxPooling2D\", \"config\": {",
                "\"class_name\": \"TFOpLambda\", \"config\": {\"function\": \"math.square\", ");
    refuse(
        keras(lambda, entry("early212.keras", WEIGHTS)),
        "layer global_max_pooling2d (TFOpLambda): found a layer that cannot be imported"
            + " (math.square); no code of a file is run");
  }

  @Test
  void whatIsNoConfigurationIsRefused() throws IOException {
    byte[] weights = entry("early212.keras", WEIGHTS);
    refuse(keras("", weights), "found a model of class ''");
    refuse(keras("{\"class_name\": ", weights), "[configuration]: not JSON at line 1");
    refuse(keras("[".repeat(1000), weights), "nested deeper than 32");
    refuse(keras("7", weights), "found a model of class ''");
    refuse(
        keras("{\"class_name\": \"Sequential\", \"config\": [7]}", weights),
        "layer _0: found a layer without class_name or config");
    refuse(keras(" ".repeat(5 << 20), weights), "[config.json]: found 5242880 bytes");
    refuse(keras(config("early212.keras"), null), "without model.weights.h5");
    refuse(keras(config("early212.keras"), new byte[99]), "found HDF5 that cannot be read");
  }

  @Test
  void weightsOfOtherLayersAreRefused() throws IOException {
    String latin = new String(entry("early212.keras", WEIGHTS), StandardCharsets.ISO_8859_1);
    assertTrue(latin.contains("conv2d_4"));
    byte[] renamed = latin.replace("conv2d_4", "conv1d_4").getBytes(StandardCharsets.ISO_8859_1);
    refuse(
        keras(config("early212.keras"), renamed),
        "layer conv2d_2: found weights of 2 layers conv2d in the file, expected those of 3");
    refuse(
        keras(config("early212.keras"), entry("grey3.keras", WEIGHTS)),
        "layer conv2d_2: found weights of 0 layers conv2d");
    refuse(
        keras(config("branches3.keras"), entry("early212.keras", WEIGHTS)),
        "found weights of",
        "expected those of");
  }

  @Test
  void filesThatAreCutAreRefused() throws IOException {
    for (String name : new String[] {"early212.keras", "residual2.h5"}) {
      byte[] sound = Files.readAllBytes(fixture("keras/" + name));
      for (int n = 8; n < sound.length - 2100; n += 997) {
        Path cut = Files.write(dir.resolve("cut"), Arrays.copyOf(sound, n));
        refuse(cut, "expected");
      }
    }
  }

  @Test
  void kernelsThatTheanoTurnedAroundAreRefused() throws IOException {
    String sound =
        new String(Files.readAllBytes(fixture("keras/residual2.h5")), StandardCharsets.ISO_8859_1);
    // Texts lie with their length in a heap, so that another of no more letters fits there.
    assertTrue(sound.contains("tensorflow"));
    String other = sound.replace("tensorflow", "theano\0\0\0\0");
    Path file = dir.resolve("theano.h5");
    Files.write(file, other.getBytes(StandardCharsets.ISO_8859_1));
    refuse(file, "saved with Theano", "load it with TensorFlow and save it again");
  }

  private static final Pattern TOKEN =
      Pattern.compile("\"[^\"]*\"|-?\\d[\\d.e+-]*|true|false|null");

  private static final List<String> OTHERS =
      List.of(
          "null",
          "true",
          "0",
          "1",
          "-1",
          "0.5",
          "2147483647",
          "-2147483648",
          "4294967297",
          "4096",
          "1e308",
          "1e-46",
          "[]",
          "{}",
          "[1, 2]",
          "[[1, 2], [3, 4]]",
          "\"same\"",
          "\"conv2d\"",
          "\"channels_first\"",
          "\"relu6\"",
          "\"Reshape\"",
          "\"UpSampling2D\"",
          "[100000, 3]");

  /** A configuration in which words and numbers stand for others of it, or for extremes. */
  private static String garbled(String config, SplittableRandom random) {
    List<String> tokens = TOKEN.matcher(config).results().map(r -> r.group()).toList();
    int changes = 1 + random.nextInt(3);
    String result = config;
    for (int i = 0; i < changes; i++) {
      int wanted = random.nextInt(tokens.size());
      String other =
          random.nextInt(3) == 0
              ? tokens.get(random.nextInt(tokens.size()))
              : OTHERS.get(random.nextInt(OTHERS.size()));
      Matcher m = TOKEN.matcher(result);
      for (int k = 0; k <= wanted && m.find(); k++) {
        if (k == wanted) {
          result = result.substring(0, m.start()) + other + result.substring(m.end());
        }
      }
    }
    return result;
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"early212", "branches3", "operators3", "grey3"})
  void garbledConfigurationsAreRefusedOrRead(String net) throws IOException {
    byte[] weights = entry(net + ".keras", WEIGHTS);
    String sound = config(net + ".keras");
    int read = 0;
    int rounds = Integer.getInteger("snnsim.mutations", 400);
    for (int seed = 0; seed < rounds; seed++) {
      String what = net + " seed " + seed;
      Path file = keras(garbled(sound, new SplittableRandom(seed)), weights);
      long began = System.nanoTime();
      boolean[] done = new boolean[1];
      long bytes = allocated(() -> done[0] = isRead(file, what));
      assertTrue(bytes < 100_000_000, what + " allocated " + bytes);
      assertTrue(System.nanoTime() - began < 5_000_000_000L, what + " took too long");
      read += done[0] ? 1 : 0;
    }
    assertTrue(read > rounds / 20 && read < rounds, read + " of " + rounds);
  }

  private static boolean isRead(Path file, String what) {
    try {
      NetworkFile.read(file, null);
      return true;
    } catch (SnnsimException e) {
      String line = e.getMessage();
      assertEquals(Category.BAD_DATA, e.category(), what + ": " + line);
      assertTrue(line.length() < 900 && line.lines().count() == 1, what + ": " + line);
      return false;
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  @Test
  void zipBombsTakeNoMemory() throws IOException {
    byte[] zeros = new byte[64 << 20];
    byte[] packed = Zip.deflate(zeros);
    byte[] text = config("early212.keras").getBytes(StandardCharsets.UTF_8);
    Zip bomb = Zip.plain().stored(CONFIG, text).deflated(WEIGHTS, zeros);
    Path file = Files.write(dir.resolve("bomb.keras"), bomb.bytes());
    refuse(file, "[model.weights.h5]: found 67108864 bytes, expected at most");
    long bytes = allocated(() -> refuse(file));
    assertTrue(bytes < 2_000_000, bytes + " bytes");
    // One that says it is short is read no further than it says.
    Zip liar = Zip.plain().stored(CONFIG, text).entry(WEIGHTS, 8, 0, packed, 5000, 0);
    Path lying = Files.write(dir.resolve("liar.keras"), liar.bytes());
    bytes = allocated(() -> refuse(lying, "found HDF5 that cannot be read"));
    assertTrue(bytes < 2_000_000, bytes + " bytes");
    Zip longer = Zip.plain().stored(CONFIG, text).entry(WEIGHTS, 8, 0, Zip.deflate(text), 50000, 0);
    refuse(Files.write(dir.resolve("longer.keras"), longer.bytes()), "zip file that cannot be");
  }

  /** Each model calls the next a hundred times: a small file of a network of a million layers. */
  @Test
  void modelsThatMultiplyAreRefused() throws IOException {
    String model = "{\"class_name\": \"Activation\", \"config\": {\"activation\": \"relu\"}}";
    for (int level = 0; level < 4; level++) {
      StringBuilder layers = new StringBuilder();
      layers.append("{\"class_name\": \"InputLayer\", \"name\": \"in\", ");
      layers.append("\"config\": {\"batch_shape\": [null, 4]}, \"inbound_nodes\": []}, ");
      StringBuilder calls = new StringBuilder("[[\"in\", 0, 0]]");
      for (int i = 0; i < 99; i++) {
        calls.append(", [[\"m\", ").append(i).append(", 0]]");
      }
      layers.append(model, 0, model.length() - 1);
      layers.append(", \"name\": \"m\", \"inbound_nodes\": [").append(calls).append("]}");
      model =
          "{\"class_name\": \"Functional\", \"config\": {\"layers\": ["
              + layers
              + "], \"input_layers\": [\"in\", 0, 0], \"output_layers\": [\"m\", 99, 0]}}";
    }
    refuse(keras(model, entry("grey3.keras", WEIGHTS)), "found more than 20000 uses of layers");
  }

  @Test
  void constantsForManyChannelsTakeNoMemory() throws IOException {
    String wide =
        config("grey3.keras")
            .replace("[null, 6, 5]", "[null, 200000000]")
            .replace(
                "\"class_name\": \"Flatten\", \"config\": {",
                "\"class_name\": \"Rescaling\", \"config\": {\"scale\": 2, \"offset\": 0, ");
    Path file = keras(wide, entry("grey3.keras", WEIGHTS));
    refuse(file, "found it on 200000000 channels, expected at most");
    long bytes = allocated(() -> refuse(file));
    assertTrue(bytes < 4_000_000, bytes + " bytes");
  }
}
