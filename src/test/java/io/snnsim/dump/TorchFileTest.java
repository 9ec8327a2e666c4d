// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.op.Tensor;
import io.snnsim.fixture.Mutations;
import io.snnsim.fixture.Pickle;
import io.snnsim.fixture.TestData;
import io.snnsim.fixture.TorchFiles;
import io.snnsim.fixture.Zip;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What torch.save writes, in both layouts, and what is refused of it. */
class TorchFileTest {
  @TempDir Path dir;

  private Path file(byte[] bytes) throws IOException {
    return Files.write(dir.resolve("net.pth"), bytes);
  }

  private WeightDump read(byte[] bytes) throws IOException {
    return WeightDump.read(file(bytes));
  }

  /** A file of either layout with one storage of six floats, named 0. */
  private static byte[] sixFloats(Pickle pickle, boolean zip) {
    boolean used = new String(pickle.bytes(), StandardCharsets.ISO_8859_1).contains("Storage");
    Map<String, byte[]> storages =
        used ? Map.of("0", TorchFiles.floats(0, 1, 2, 3, 4, 5)) : Map.of();
    return zip
        ? TorchFiles.zip(pickle.bytes(), storages)
        : TorchFiles.legacy(pickle.bytes(), storages, Map.of("0", 6L));
  }

  private static Pickle six(Pickle to, long offset, long[] shape, long... strides) {
    return to.tensor("FloatStorage", "0", 6, new Pickle.View(offset, shape, strides));
  }

  private static long[] sizes(long... sizes) {
    return sizes;
  }

  private static void assertTensor(WeightDump dump, String name, int[] shape, float... values) {
    Tensor t = dump.tensors().get(name);
    assertArrayEquals(shape, t.shape(), name);
    assertArrayEquals(values, t.data(), name);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void viewsOfASharedStorageAreCopiedInTheirOrder(boolean zip) throws IOException {
    Pickle p = new Pickle().op('}', '(');
    six(p.text("all"), 0, sizes(2, 3), 3, 1);
    six(p.text("turned"), 0, sizes(3, 2), 1, 3);
    six(p.text("part"), 2, sizes(2), 2);
    six(p.text("repeated"), 1, sizes(2, 2), 0, 1);
    six(p.text("scalar"), 5, sizes());
    six(p.text("none"), 6, sizes(0, 3), 3, 1);
    WeightDump dump = read(sixFloats(p.op('u'), zip));
    assertEquals(
        List.of("all", "turned", "part", "repeated", "scalar", "none"),
        List.copyOf(dump.tensors().keySet()));
    assertTensor(dump, "all", new int[] {2, 3}, 0, 1, 2, 3, 4, 5);
    assertTensor(dump, "turned", new int[] {3, 2}, 0, 3, 1, 4, 2, 5);
    assertTensor(dump, "part", new int[] {2}, 2, 4);
    assertTensor(dump, "repeated", new int[] {2, 2}, 1, 2, 1, 2);
    assertTensor(dump, "scalar", new int[0], 5);
    assertTensor(dump, "none", new int[] {0, 3});
    assertEquals(List.of(), dump.notes());
  }

  private static byte[] numbers(int bytes, long... bits) {
    ByteBuffer b = ByteBuffer.allocate(bytes * bits.length).order(ByteOrder.LITTLE_ENDIAN);
    for (long v : bits) {
      switch (bytes) {
        case 2 -> b.putShort((short) v);
        case 4 -> b.putInt((int) v);
        default -> b.putLong(v);
      }
    }
    return b.array();
  }

  @ParameterizedTest
  @CsvSource({"true, true", "true, false", "false, true"})
  void everyFloatTypeIsRoundedToFloat32AndCountersAreSkipped(boolean zip, boolean typed)
      throws IOException {
    Map<String, byte[]> storages = new LinkedHashMap<>();
    storages.put("h", numbers(2, 0x3c00, 0xc100));
    storages.put("b", numbers(2, 0x3f80, 0xc020));
    storages.put("d", numbers(8, Double.doubleToLongBits(0.1), Double.doubleToLongBits(-1e-60)));
    storages.put("n", numbers(8, 390));
    Map<String, Long> elements = Map.of("h", 2L, "b", 2L, "d", 2L, "n", 1L);
    Pickle p = new Pickle().orderedDict().op('(');
    typed(p.text("half"), "HalfStorage", "float16", "h", 2, typed);
    typed(p.text("brain"), "BFloat16Storage", "bfloat16", "b", 2, typed);
    typed(p.text("double"), "DoubleStorage", "float64", "d", 2, typed);
    typed(p.text("bn.num_batches_tracked"), "LongStorage", "int64", "n", 1, typed);
    byte[] pickle = p.op('u').bytes();
    WeightDump dump =
        read(
            zip ? TorchFiles.zip(pickle, storages) : TorchFiles.legacy(pickle, storages, elements));
    assertTensor(dump, "half", new int[] {2}, 1, -2.5f);
    assertTensor(dump, "brain", new int[] {2}, 1, -2.5f);
    assertTensor(dump, "double", new int[] {2}, 0.1f, -0f);
    assertEquals(3, dump.tensors().size());
    assertEquals(List.of("1 num_batches_tracked counters ignored"), dump.notes());
  }

  /** A whole storage, of a type or of bytes to which a type is given. */
  private static void typed(
      Pickle p, String type, String name, String key, int elements, boolean typed) {
    if (typed) {
      p.tensor(type, key, elements, Pickle.View.of(elements));
      return;
    }
    int bytes = name.endsWith("64") ? 8 : 2;
    p.global("torch._utils", "_rebuild_tensor_v3").op('(');
    p.op('(').text("storage").global("torch.storage", "UntypedStorage").text(key).text("cpu");
    p.integer((long) elements * bytes).op('t', 'Q').integer(0).tuple(elements).tuple(1).op(0x89);
    p.orderedDict().global("torch", name).op('t', 'R');
  }

  @ParameterizedTest
  @ValueSource(strings = {"state_dict", "model_state_dict", "model", "net"})
  void theStateDictOfACheckpointIsTakenAndTheRestSaid(String key) throws IOException {
    Pickle p = new Pickle().op('}', '(').text("epoch").op('K', 7);
    p.text("args").global("argparse", "Namespace").op(')', 0x81, '}', 'b');
    p.text("best").global("numpy.core.multiarray", "scalar").op(')', 'R');
    p.text(key).orderedDict().op('(').text("module.a").global("torch._utils", "_rebuild_parameter");
    six(p.op('('), 0, sizes(6), 1).op(0x88).orderedDict().op('t', 'R');
    p.text("_extra_state").op('N').op('u', '}', 'b');
    p.text("optimizer").op('}', '(').text("state").op('}', '(').integer(0).op('}', '(');
    six(p.text("momentum"), 0, sizes(6), 1).op('u', 'u', 'u', 'u');
    for (boolean zip : new boolean[] {true, false}) {
      WeightDump dump = read(sixFloats(p, zip));
      assertEquals(List.of("module.a"), List.copyOf(dump.tensors().keySet()));
      assertEquals(
          List.of(
              "weights of '" + key + "' taken; left out: epoch, args, best, optimizer",
              "_extra_state ignored, as no tensors"),
          dump.notes());
    }
  }

  @Test
  void theRealLegacyNetworkIsTheOneOfTheNpz() {
    Path data = TestData.dir();
    Imported torch =
        Architectures.build(
            WeightDump.read(data.resolve("models/resnet20-12fca82f.th")), "resnet-cifar");
    Imported npz =
        Architectures.build(WeightDump.read(data.resolve("resnet20_cifar10.npz")), "resnet-cifar");
    assertEquals(GraphJson.write(npz.graph()), GraphJson.write(torch.graph()));
    npz.graph()
        .parameters()
        .forEach(
            (name, t) ->
                assertArrayEquals(t.data(), torch.graph().parameters().get(name).data(), name));
    assertEquals(
        List.of(
            "weights of 'state_dict' taken; left out: best_prec1",
            "prefix 'module.' removed from every tensor name"),
        torch.notes().subList(0, 2));
  }

  @ParameterizedTest
  @CsvSource({
    "posix, system, posix.system",
    "builtins, eval, builtins.eval",
    "__main__, Net, __main__.Net",
    "torch.nn.modules.conv, Conv2d, a whole module",
    "torch._utils, _rebuild_qtensor, torch._utils._rebuild_qtensor",
    "torch, QInt8Storage, torch.QInt8Storage",
    "torch.jit._pickle, build_intlist, torch.jit._pickle.build_intlist",
  })
  void whatIsNotAllowedIsRefusedByItsName(String module, String name, String part)
      throws IOException {
    for (boolean zip : new boolean[] {true, false}) {
      Path file = file(sixFloats(new Pickle().global(module, name).op(')', 'R'), zip));
      refused(
          () -> WeightDump.read(file), file.toString(), part, "torch.save(net.state_dict(), 'net");
    }
    Pickle stacked = new Pickle().text(module).text(name).op(0x93, ')', 'R');
    Path file = file(sixFloats(stacked, true));
    refused(() -> WeightDump.read(file), part);
  }

  @Test
  void torchScriptIsRefusedWithHowToSave() throws IOException {
    byte[] pickle = new Pickle().op('}').bytes();
    Path file =
        file(
            Zip.plain()
                .stored("net/data.pkl", pickle)
                .stored("net/constants.pkl", pickle)
                .stored("net/code/x.py", new byte[1])
                .bytes());
    refused(
        () -> WeightDump.read(file), "found TorchScript", "torch.jit.load('net.pth').state_dict()");
  }

  @Test
  void whatIsNoStateDictIsRefused() throws IOException {
    refuse(new Pickle().op('N'), "a single value, expected a dictionary of tensors");
    refuse(six(new Pickle(), 0, sizes(6), 1), "a single tensor, expected a dictionary");
    refuse(new Pickle().op('}'), "no tensors (an empty dictionary)");
    refuse(new Pickle().op('}', '(').text("epoch").op('K', 3, 'u'), "no tensors (epoch)");
    refuse(new Pickle().op('}', 'q', 0, '(').text("me").op('h', 0, 'u'), "in a circle");
    Pickle twice = new Pickle().op('}', '(');
    six(six(twice.text("a"), 0, sizes(6), 1).text("a"), 0, sizes(6), 1).op('u');
    refuse(twice, "found a second tensor named a");
    Pickle integers = new Pickle().op('}', '(').text("a.weight");
    integers.tensor("IntStorage", "0", 6, Pickle.View.of(6)).op('u');
    refuse(integers, "[a.weight]: found int32, expected float16");
  }

  private void refuse(Pickle pickle, String... parts) throws IOException {
    for (boolean zip : new boolean[] {true, false}) {
      Path file = file(sixFloats(pickle, zip));
      assertTrue(refused(() -> WeightDump.read(file), parts).startsWith(file.toString()));
    }
  }

  @Test
  void viewsBeyondTheirStorageAreRefused() throws IOException {
    long huge = Long.MAX_VALUE;
    long[][] wrong = {
      {1, 6, 1}, {0, 7, 1}, {0, 3, 3}, {6, 1, 1}, {huge, 1, 1}, {0, 2, huge}, {0, 3, huge / 2 + 1}
    };
    for (long[] v : wrong) {
      Pickle p = six(new Pickle().op('}', '(').text("a"), v[0], sizes(v[1]), v[2]).op('u');
      refuse(p, "[a]: found shape [" + v[1] + "]", "expected elements among its 6");
    }
    for (long[] shape : new long[][] {{huge}, {1 << 20, 1 << 20}, {1 << 19}, {huge, huge, 4}}) {
      Pickle p = new Pickle().op('}', '(').text("a");
      refuse(
          six(p, 0, shape, new long[shape.length]).op('u'),
          "[a]: found shape [" + shape[0],
          "expected tensors that it holds",
          ".contiguous()");
    }
    refuse(
        six(new Pickle().op('}', '(').text("a"), 0, sizes(0, huge), 1, 1).op('u'),
        "[a]: found shape [0, ");
  }

  @Test
  void brokenPicklesAreRefused() throws IOException {
    refuse(new Pickle().op('t'), "without the mark", "at byte");
    refuse(new Pickle().op('('), "without the value");
    refuse(new Pickle().op('N', 'N'), "several values");
    refuse(new Pickle().op('h', 3), "a reference to value 3");
    refuse(new Pickle().op('}', '(', 'N', 'u'), "a key without a value");
    refuse(new Pickle().op('N', ')', 'R'), "a call of what is no class");
    refuse(new Pickle().global("torch._utils", "_rebuild_tensor").op(')', 'R'), "arguments");
    refuse(new Pickle().op('N', 'Q'), "no storage of a known type");
    refuse(new Pickle().op('i'), "opcode 0x69", "torch.save");
    Path cut = file(sixFloats(new Pickle().op('X', 255, 255, 255, 127), true));
    refused(() -> WeightDump.read(cut), "a pickle that is cut off");
    int[] many = new int[1_000_001];
    Arrays.fill(many, 'N');
    Path long1 = file(sixFloats(new Pickle().op(many), true));
    refused(() -> WeightDump.read(long1), "more than 1000000 opcodes");
  }

  @Test
  void filesThatLieOrAreCutAreRefused() throws IOException {
    byte[] pickle = six(new Pickle().op('}', '(').text("a"), 0, sizes(6), 1).op('u').bytes();
    byte[] data = TorchFiles.floats(0, 1, 2, 3, 4, 5);
    refuse(TorchFiles.zip(pickle, Map.of()), "found no bytes of storage 0");
    refuse(TorchFiles.zip(pickle, Map.of("0", new byte[23])), "found 23 bytes of storage 0");
    refuse(
        Zip.plain().deflated("a/data.pkl", pickle).stored("a/data/0", data).bytes(), "compressed");
    refuse(
        Zip.plain().stored("a/data.pkl", pickle).stored("b/data.pkl", pickle).bytes(),
        "in several folders");
    byte[] sound = TorchFiles.legacy(pickle, Map.of("0", data), Map.of("0", 6L));
    assertEquals(1, read(sound).tensors().size());
    for (int n = 2; n < sound.length; n++) {
      refuse(Arrays.copyOf(sound, n), "expected");
    }
    refuse(Arrays.copyOf(sound, sound.length + 1), "found 1 bytes that no storage claims");
    refuse(
        TorchFiles.legacy(pickle, Map.of("0", data), Map.of("0", 5L)), "5 elements of storage 0");
    refuse(TorchFiles.legacy(pickle, Map.of(), Map.of()), "no storage 0");
    refuse(new Pickle().op('}').bytes(), "a Python pickle that torch.save did not write");
  }

  private void refuse(byte[] bytes, String part) throws IOException {
    Path file = file(bytes);
    assertTrue(refused(() -> WeightDump.read(file), part).startsWith(file.toString()));
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void damagedFilesAreRefusedOrRead(boolean zip) throws IOException {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    for (String name : List.of("conv1.weight", "layer1.0.bn1.weight", "fc.bias")) {
      tensors.put(name, Tensor.of(new float[] {1, -2, 3, 0.5f}, 2, 2));
    }
    byte[] sound = TorchFiles.stateDict(tensors, zip);
    Mutations done = new Mutations().run(sound, 1_500, dir.resolve("net.pth"));
    assertTrue(done.refused() > 300 && done.read() > 100, done.refused() + " " + done.read());
  }

  @Test
  void otherChecksumsAreSaid() throws IOException {
    byte[] pickle = six(new Pickle().op('}', '(').text("a"), 0, sizes(6), 1).op('u').bytes();
    byte[] data = TorchFiles.floats(0, 1, 2, 3, 4, 5);
    WeightDump dump =
        read(
            Zip.plain()
                .stored("a/data.pkl", pickle)
                .entry("a/data/0", 0, 0, data, data.length, 1)
                .bytes());
    assertEquals(1, dump.tensors().size());
    assertTrue(dump.notes().getFirst().startsWith("1 storages have other checksums"));
  }
}
