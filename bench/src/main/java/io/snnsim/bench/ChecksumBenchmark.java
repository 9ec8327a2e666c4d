// SPDX-License-Identifier: Apache-2.0
package io.snnsim.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.Checksum;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long does verifying 100 MB of a model file take, and is it the checksum or the memory that
 * takes it? A model is verified whole before it is used, so this is the floor under opening one.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ChecksumBenchmark {
  private static final int BYTES = 100_000_000;

  @Param({"CRC32C", "CRC32"})
  public String algorithm;

  private Arena arena;
  private MemorySegment source;
  private MemorySegment copy;
  private ByteBuffer bytes;
  private long expected;

  @Setup
  public void fill() {
    arena = Arena.ofConfined();
    source = arena.allocate(BYTES, 64);
    copy = arena.allocate(BYTES, 64);
    var random = new Random(1);
    for (long at = 0; at < BYTES; at += Long.BYTES) {
      source.set(ValueLayout.JAVA_LONG, at, random.nextLong());
    }
    bytes = source.asByteBuffer();
    expected = checksumInPieces();
    Checksum known = newChecksum();
    known.update("123456789".getBytes(StandardCharsets.US_ASCII));
    long check = algorithm.equals("CRC32C") ? 0xE3069283L : 0xCBF43926L; // of the CRC catalogue
    if (known.getValue() != check) {
      throw new IllegalStateException("found=" + known.getValue() + " expected=" + check);
    }
  }

  @TearDown
  public void close() {
    arena.close();
  }

  @Benchmark
  public long verify() {
    long found = checksum();
    if (found != expected) {
      throw new IllegalStateException("found=" + found + " expected=" + expected);
    }
    return found;
  }

  /** What a resident open pays besides: the copy off the mapped file. */
  @Benchmark
  public long verifyAndCopy() {
    long found = verify();
    copy.copyFrom(source);
    return found;
  }

  private long checksum() {
    Checksum checksum = newChecksum();
    checksum.update(bytes.rewind());
    return checksum.getValue();
  }

  /** The same over small heap arrays, which take another path through the JDK. */
  private long checksumInPieces() {
    Checksum checksum = newChecksum();
    byte[] piece = new byte[4093];
    for (int at = 0; at < BYTES; at += piece.length) {
      int length = Math.min(piece.length, BYTES - at);
      MemorySegment.copy(source, ValueLayout.JAVA_BYTE, at, piece, 0, length);
      checksum.update(piece, 0, length);
    }
    return checksum.getValue();
  }

  private Checksum newChecksum() {
    return algorithm.equals("CRC32C") ? new CRC32C() : new CRC32();
  }
}
