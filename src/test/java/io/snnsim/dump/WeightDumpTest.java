// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.snnsim.error.Category;
import io.snnsim.fixture.Npy;
import io.snnsim.fixture.Zip;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The rules that turn arrays of an .npz into weights, and files that are no dumps. */
class WeightDumpTest {
  @TempDir Path dir;

  private static byte[] floats(float... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    b.asFloatBuffer().put(values);
    return Npy.of("<f4", b.array(), values.length);
  }

  private static byte[] doubles(double... values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
    b.asDoubleBuffer().put(values);
    return Npy.of("<f8", b.array(), values.length);
  }

  private Path file(Zip zip) throws IOException {
    return Files.write(dir.resolve("net.npz"), zip.bytes());
  }

  @Test
  void namesShapesAndOrderAreKept() throws IOException {
    WeightDump dump =
        WeightDump.read(
            file(
                Zip.plain()
                    .stored("z.weight.npy", floats(1, 2))
                    .stored("group/a.npy", floats(3))
                    .stored("half.npy", Npy.of("<f2", new byte[] {0, 0x3c}))
                    .stored("double.npy", doubles(0.1, -1e-60))));
    assertEquals(
        List.of("z.weight", "group.a", "half", "double"), List.copyOf(dump.tensors().keySet()));
    assertArrayEquals(new float[] {1, 2}, dump.tensors().get("z.weight").data());
    assertArrayEquals(new int[0], dump.tensors().get("half").shape());
    assertArrayEquals(new float[] {1}, dump.tensors().get("half").data());
    assertArrayEquals(new float[] {0.1f, -0f}, dump.tensors().get("double").data());
    assertEquals(List.of(), dump.notes());
  }

  @Test
  void countersAreLeftOutAndSaid() throws IOException {
    byte[] counter = Npy.of("<i8", new byte[8]);
    WeightDump dump =
        WeightDump.read(
            file(
                Zip.plain()
                    .stored("module.bn1.weight.npy", floats(1))
                    .stored("module.bn1.num_batches_tracked.npy", counter)
                    .stored("module.layer1.0.bn1.num_batches_tracked.npy", counter)
                    .stored("my_num_batches_tracked.npy", floats(3))
                    .stored("num_batches_tracked.npy", counter)
                    .stored("module.total_ops.npy", doubles(0))
                    .stored("total_params.npy", doubles(0))));
    assertEquals(
        List.of("module.bn1.weight", "my_num_batches_tracked"),
        List.copyOf(dump.tensors().keySet()));
    assertEquals(
        List.of(
            "3 num_batches_tracked counters ignored",
            "1 total_ops counters ignored",
            "1 total_params counters ignored"),
        dump.notes());
  }

  @Test
  void singleValuesOfATrainingAreLeftOutAndSaid() throws IOException {
    WeightDump dump =
        WeightDump.read(
            file(
                Zip.plain()
                    .stored("a.weight.npy", floats(1))
                    .stored("epoch.npy", Npy.of("<i8", new byte[8]))
                    .stored("meta/best_prec1.npy", doubles(91.25))
                    .stored("best_acc.npy", floats(1))
                    .stored("acc.weight.npy", floats(2))
                    .stored("loss.npy", floats(1, 2))));
    assertEquals(List.of("a.weight", "acc.weight", "loss"), List.copyOf(dump.tensors().keySet()));
    assertEquals(
        List.of(
            "epoch, meta/best_prec1, best_acc ignored, as single values that tell of the training"),
        dump.notes());
    Path rows = file(Zip.plain().stored("epoch.npy", Npy.of("<i8", new byte[16], 2)));
    refused(() -> WeightDump.read(rows), rows + "[epoch]: found int64");
  }

  @Test
  void valuesThatAreNotFiniteAreNamed() throws IOException {
    for (float v : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      Path file = file(Zip.plain().stored("a.npy", floats(1)).stored("b.npy", floats(0, 1, v)));
      refused(() -> WeightDump.read(file), file + "[b]: found " + v + " at element 2", "finite");
    }
    Path file = file(Zip.plain().stored("b.npy", doubles(1e39)));
    refused(() -> WeightDump.read(file), file + "[b]: found Infinity at element 0", "float32");
  }

  @ParameterizedTest
  @CsvSource({
    "<i8, int64",
    "|u1, uint8",
    "|b1, bool",
    "<c8, dtype '<c8'",
    "|O, object array",
    "<U2, '<U2'"
  })
  void otherTypesAreNamed(String descr, String part) throws IOException {
    byte[] array = Npy.of(descr, new byte[8], descr.endsWith("1") ? 8 : 1);
    Path file = file(Zip.plain().stored("a.npy", floats(1)).stored("conv.weight.npy", array));
    refused(() -> WeightDump.read(file), file + "[conv.weight]: found ", part, "expected");
  }

  @Test
  void twoRawBytesAreBfloat16AndTheirBitsAsIntegersAreNot() throws IOException {
    byte[] bits = {(byte) 0x80, 0x3f, 0x20, (byte) 0xc0};
    for (String descr : new String[] {"|V2", "<V2"}) {
      WeightDump dump = WeightDump.read(file(Zip.plain().stored("a.npy", Npy.of(descr, bits, 2))));
      assertArrayEquals(new float[] {1, -2.5f}, dump.tensors().get("a").data());
      assertEquals(List.of("1 tensors of two raw bytes a value read as bfloat16"), dump.notes());
    }
    Path integers = file(Zip.plain().stored("a.npy", Npy.of("<u2", bits, 2)));
    refused(() -> WeightDump.read(integers), "[a]: found uint16", ".float() before .numpy()");
  }

  @Test
  void namesThatBecomeOneAreRefused() throws IOException {
    Path file = file(Zip.plain().stored("a/b.npy", floats(1)).stored("a.b.npy", floats(2)));
    refused(() -> WeightDump.read(file), file + "[a.b]: found a second tensor named a.b");
  }

  @Test
  void foreignFilesAreNamedWithWhatToDo() throws IOException {
    foreign(new byte[0], "an empty file");
    foreign(floats(1), "a single NumPy array (.npy)");
    foreign(new byte[] {(byte) 0x89, 'S', 'N', 'N', '\r', '\n', 0x1a, '\n', 0}, "spiking model");
    foreign("{\"nodes\": []}".getBytes(StandardCharsets.UTF_8), "JSON");
    foreign(new byte[] {0x1f, (byte) 0x8b, 8, 0}, "gzip");
    Path onnx = dir.resolve("net");
    Files.writeString(onnx, "\u0008\u0007\u0012\u0007pytorch");
    refused(() -> WeightDump.read(onnx), onnx + ": found an ONNX model, which holds its graph");
    foreign(new byte[] {(byte) 0x89, 'P', 'N', 'G'}, "unknown kind");
    foreign("x".getBytes(StandardCharsets.UTF_8), "unknown kind");
  }

  private void foreign(byte[] bytes, String part) throws IOException {
    Path file = Files.write(dir.resolve("foreign"), bytes);
    refused(() -> WeightDump.read(file), file + ": found ", part, "np.savez");
  }

  /** A file of 60 KB that asks for 60 MB, of which nothing is read. */
  @Test
  void weightsThatDeflateAsNoneDoAreRefused() throws IOException {
    byte[] zeros = Npy.of("<f4", new byte[60 << 20], 15 << 20);
    Path file = dir.resolve("bomb.npz");
    Files.write(file, Zip.plain().deflated("w.npy", zeros).bytes());
    refused(() -> WeightDump.read(file), file + "[w]: found tensors of 62", "without compression");
    Path plain = dir.resolve("plain.npz");
    Files.write(plain, Zip.plain().stored("w.npy", zeros).bytes());
    assertEquals(15 << 20, WeightDump.read(plain).tensors().get("w").size());
  }

  @Test
  void brokenContainersAreNamed() throws IOException {
    Path zip = Files.write(dir.resolve("a"), new byte[] {'P', 'K', 3, 4, 0, 0, 0, 0});
    refused(() -> WeightDump.read(zip), zip + ": found a zip file, or an .npz that is cut off");
    Path hdf = Files.write(dir.resolve("b"), "\u0089HDF\r\n\u001a\n".getBytes("ISO-8859-1"));
    refused(() -> WeightDump.read(hdf), hdf + ": found HDF5 that cannot be read");
    Path torch = file(Zip.plain().stored("archive/data.pkl", new byte[3]));
    refused(() -> WeightDump.read(torch), torch + "[archive/data.pkl]: found opcode 0x0");
    Path none = dir.resolve("none");
    refused(Category.INPUT_MISSING, () -> WeightDump.read(none), none.toString());
    refused(Category.INPUT_MISSING, () -> WeightDump.read(dir), "a folder");
  }
}
