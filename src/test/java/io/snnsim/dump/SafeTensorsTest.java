// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import static io.snnsim.fixture.DumpFiles.allocated;
import static io.snnsim.fixture.DumpFiles.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.fixture.Mutations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** safetensors files: what they say, and what is refused of it. */
class SafeTensorsTest {
  @TempDir Path dir;

  private static final String SOUND =
      """
      {"__metadata__": {"format": "pt"},
       "fc.bias": {"dtype": "F64", "shape": [], "data_offsets": [16, 24]},
       "conv1.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [8, 16]},
       "half": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]},
       "brain": {"dtype": "BF16", "shape": [1, 2, 1], "data_offsets": [4, 8]},
       "none": {"dtype": "F32", "shape": [0, 3], "data_offsets": [24, 24]},
       "bn.num_batches_tracked": {"dtype": "I64", "shape": [], "data_offsets": [24, 32]}}
      """;

  private static byte[] file(long length, String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(length)
        .put(json)
        .put(data)
        .array();
  }

  private static byte[] file(String header, byte[] data) {
    return file(header.getBytes(StandardCharsets.UTF_8).length, header, data);
  }

  private static byte[] soundData() {
    ByteBuffer b = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    b.putShort((short) 0x3c00).putShort((short) 0xc100);
    b.putShort((short) 0x3f80).putShort((short) 0xc020);
    return b.putFloat(0.25f).putFloat(-3).putDouble(0.1).putLong(390).array();
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(dir.resolve("net.safetensors"), bytes);
  }

  @Test
  void everyFloatTypeIsReadInTheOrderOfTheHeader() throws IOException {
    WeightDump dump = WeightDump.read(write(file(SOUND, soundData())));
    assertEquals(
        List.of("fc.bias", "conv1.weight", "half", "brain", "none"),
        List.copyOf(dump.tensors().keySet()));
    assertArrayEquals(new float[] {0.1f}, dump.tensors().get("fc.bias").data());
    assertArrayEquals(new int[] {2, 1}, dump.tensors().get("conv1.weight").shape());
    assertArrayEquals(new float[] {0.25f, -3}, dump.tensors().get("conv1.weight").data());
    assertArrayEquals(new float[] {1, -2.5f}, dump.tensors().get("half").data());
    assertArrayEquals(new float[] {1, -2.5f}, dump.tensors().get("brain").data());
    assertArrayEquals(new int[] {0, 3}, dump.tensors().get("none").shape());
    assertEquals(List.of("1 num_batches_tracked counters ignored"), dump.notes());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      textBlock =
          """
          [8, 16]       ~ [8, 12]     ~ [conv1.weight]: found shape [2, 1] of F32 at bytes 8 to 12
          [8, 16]       ~ [16, 8]     ~ [conv1.weight]: found shape [2, 1]
          [8, 16]       ~ [9, 17]     ~ [conv1.weight]: found its bytes at 9 to 17, expected them from 8
          [8, 16]       ~ [4, 12]     ~ expected them from
          [8, 16]       ~ [8, 1e1]    ~ expected dtype, shape and two data_offsets
          [8, 16]       ~ [-8, 16]    ~ expected dtype, shape and two
          [8, 16]       ~ [8]         ~ expected dtype, shape and two
          [8, 16]       ~ [8, 99999999999999999999] ~ expected dtype, shape and two
          [2, 1]        ~ [2, 2147483647] ~ [conv1.weight]: found shape [2, 2147483647]
          [2, 1]        ~ [2, 2147483648] ~ expected dtype, shape and two
          [2, 1]        ~ [2147483647, 2147483647, 2147483647] ~ as many bytes as the shape takes
          [2, 1]        ~ "2"         ~ expected dtype, shape and two
          [2, 1]        ~ [1,1,1,1,1,1,1,1,2] ~ expected dtype, shape and two
          "F32", "shape": [2, 1] ~ "F8_E4M3", "shape": [8] ~ [conv1.weight]: found dtype F8_E4M3
          "F32", "shape": [2, 1] ~ "I32", "shape": [2]     ~ [conv1.weight]: found int32
          "conv1.weight" ~ "half"     ~ no JSON (Duplicate
          pt"},         ~ pt"        ~ no JSON
          """)
  void headersThatLieAreRefused(String from, String to, String part) throws IOException {
    assertTrue(SOUND.contains(from), from);
    Path file = write(file(SOUND.replace(from, to), soundData()));
    String line = refused(() -> WeightDump.read(file), part, "expected");
    assertTrue(line.startsWith(file.toString()), line);
  }

  @Test
  void sizesThatLieAreRefusedAndAllocateNothing() throws IOException {
    byte[] sound = file(SOUND, soundData());
    for (int n = 9; n < sound.length; n++) {
      Path cut = write(Arrays.copyOf(sound, n));
      refused(() -> WeightDump.read(cut), cut.toString());
    }
    Path longer = write(Arrays.copyOf(sound, sound.length + 3));
    refused(() -> WeightDump.read(longer), "found 3 bytes that no tensor claims");
    Path lies = write(file(0xffffffffL, SOUND, soundData()));
    refused(() -> WeightDump.read(lies), "found a header of 4294967295 bytes stated");
    long bytes = allocated(() -> refused(() -> WeightDump.read(lies)));
    assertTrue(bytes < 1_000_000, bytes + " bytes");
    Path empty = write(file("{}", new byte[0]));
    refused(() -> WeightDump.read(empty), "without a tensor");
    Path deep = write(file("{\"a\":" + "[".repeat(5000), new byte[0]));
    refused(() -> WeightDump.read(deep), "no JSON");
  }

  @Tag("slow")
  @Test
  void damagedFilesAreRefusedOrRead() throws IOException {
    byte[] sound = file(SOUND, soundData());
    Mutations done = new Mutations().run(sound, 3_000, dir.resolve("net.safetensors"));
    assertTrue(done.refused() > 500 && done.read() > 100, done.refused() + " " + done.read());
  }
}
