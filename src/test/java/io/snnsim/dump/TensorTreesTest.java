// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.op.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Prefixes that wrappers leave, and what lies beside the network. */
class TensorTreesTest {
  private static final Path BUNDLED = Path.of("weights/mnist_resnet8.npz");

  @TempDir Path dir;

  private static Map<String, Tensor> prefixed(String prefix) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    WeightDump.read(BUNDLED).tensors().forEach((name, t) -> tensors.put(prefix + name, t));
    return tensors;
  }

  private static WeightDump dump(Map<String, Tensor> tensors) {
    return new WeightDump(Path.of("net.npz"), tensors, List.of());
  }

  private static WeightDump named(String... names) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : names) {
      tensors.put(name, Tensor.of(new float[] {1}, 1));
    }
    return dump(tensors);
  }

  private static Tensor one() {
    return Tensor.of(new float[] {1}, 1);
  }

  /** As far as a note tells. */
  private static String graph(Imported net) {
    return GraphJson.write(net.graph());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "module.",
        "_orig_mod.",
        "model.",
        "net.",
        "backbone.",
        "state_dict.",
        "module.module.",
        "_orig_mod.module.",
        "my own.wrapper_7.x."
      })
  void aPrefixOfAllComesOffAndIsSaid(String prefix) {
    Imported plain = Architectures.build(WeightDump.read(BUNDLED), null);
    for (String arch : new String[] {null, "resnet-mnist"}) {
      Imported net = Architectures.build(dump(prefixed(prefix)), arch);
      assertEquals(graph(plain), graph(net));
      assertEquals(
          "prefix '" + prefix + "' removed from every tensor name", net.notes().getFirst());
      assertEquals(plain.notes().getLast(), net.notes().getLast());
      assertEquals(2, net.notes().size());
    }
  }

  @Test
  void namesThatFitAsTheyAreStay() {
    WeightDump all = dump(prefixed(""));
    assertSame(all, TensorTrees.choose(all, names -> names.contains("conv1.weight") ? 1 : 0));
    WeightDump single = named("fc.weight", "fc.bias");
    assertSame(single, TensorTrees.choose(single, names -> 1));
    assertSame(single, TensorTrees.choose(single, names -> 0));
  }

  @Test
  void theOneTreeThatIsANetworkIsTakenFromAmongOthers() {
    Map<String, Tensor> tensors = prefixed("checkpoint.model.module.");
    int size = tensors.size();
    tensors.put("checkpoint.optimizer.state.0.momentum", one());
    tensors.put("checkpoint.optimizer.state.1.momentum", one());
    tensors.put("checkpoint.temperature", one());
    Imported net = Architectures.build(dump(tensors), null);
    assertEquals(
        "tensors under the prefix 'checkpoint.model.module.' taken, without it; left out:"
            + " checkpoint.optimizer. (2), checkpoint. (1)",
        net.notes().getFirst());
    assertEquals(graph(Architectures.build(WeightDump.read(BUNDLED), null)), graph(net));
    assertEquals(size + 3, tensors.size());
  }

  @Test
  void twoNetworksAreNamedAndNoneIsTaken() {
    Map<String, Tensor> tensors = prefixed("model.");
    tensors.putAll(prefixed("ema.module."));
    refused(
        () -> Architectures.build(dump(tensors), null),
        "net.npz: found a network under each of the prefixes model., ema.module., expected one",
        "leave the others out");
  }

  @Test
  void prefixesOfWhatIsNoKnownFamilyAreNamed() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (int i = 0; i < 6; i++) {
      tensors.put("model.features." + i + ".weight", one());
    }
    tensors.put("criterion.weight", one());
    tensors.put("criterion.bias", one());
    refused(
        () -> Architectures.build(dump(tensors), null),
        "found tensors such as model.features.0.weight",
        "under model. (6), criterion. (2)",
        "--arch");
  }

  @Test
  void aGraphFileNamesTensorsWithOrWithoutTheirPrefix() throws IOException {
    Imported plain = Architectures.build(WeightDump.read(BUNDLED), null);
    String json = GraphJson.write(plain.graph());
    Map<String, Tensor> written = plain.graph().parameters();
    Map<String, Tensor> wrapped = new LinkedHashMap<>();
    written.forEach((name, t) -> wrapped.put("model.net." + name, t));
    Path without = Files.writeString(dir.resolve("without.json"), json);
    Imported net = Architectures.build(dump(wrapped), without.toString());
    assertEquals(json, graph(net));
    assertEquals(List.of("prefix 'model.net.' removed from every tensor name"), net.notes());
    // Nodes named as the tensors are, prefix and all.
    String named =
        written.keySet().stream()
            .map(name -> name.replaceFirst("\\.[^.]*$", ""))
            .distinct()
            .collect(
                Collectors.collectingAndThen(Collectors.toList(), nodes -> prefix(json, nodes)));
    Path with = Files.writeString(dir.resolve("with.json"), named);
    Imported same = Architectures.build(dump(wrapped), with.toString());
    assertEquals(List.of(), same.notes());
    assertTrue(same.graph().parameters().keySet().containsAll(wrapped.keySet()));
    wrapped.put("optimizer.step_size", one());
    Imported beside = Architectures.build(dump(wrapped), without.toString());
    assertTrue(beside.notes().getFirst().contains("left out: optimizer. (1)"));
    assertFalse(beside.graph().parameters().containsKey("optimizer.step_size"));
  }

  private static String prefix(String json, List<String> nodes) {
    String changed = json;
    for (String node : nodes) {
      changed =
          changed.replaceAll(
              "(?<!\"op\" : )\"" + Pattern.quote(node) + "\"", "\"model.net." + node + "\"");
    }
    return changed;
  }

  @Test
  void thousandsOfDotsAreNoWork() {
    WeightDump deep = named("a.".repeat(20_000) + "x", "a.".repeat(20_000) + "y");
    assertSame(deep, TensorTrees.choose(deep, names -> 0));
    refused(() -> Architectures.build(deep, null), "net.npz: found tensors such as a.a.");
  }
}
