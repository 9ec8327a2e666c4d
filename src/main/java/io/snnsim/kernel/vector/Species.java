// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.vector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one species per element type that this JVM uses: static and final, since C2 boxes vectors of
 * a second shape or of a species it cannot prove constant (10x slower). Immutable.
 *
 * <p>The width is the machine's preferred one, or that of the system property {@value #PROPERTY}
 * (64, 128, 256, 512), read when this class is first used.
 */
public final class Species {
  /** System property that forces the vector width in bits. */
  public static final String PROPERTY = "snnsim.vectorBits";

  private static final VectorShape SHAPE = shape();
  private static final boolean VBMI = vbmi();

  public static final VectorSpecies<Short> SHORTS = VectorSpecies.of(short.class, SHAPE);

  /** At least four lanes: C2 has no vectors of two ints and boxes them. */
  private static final VectorShape WIDE_SHAPE =
      VectorShape.forBitSize(Math.max(128, SHAPE.vectorBitSize()));

  public static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, WIDE_SHAPE);
  public static final VectorSpecies<Float> FLOATS = VectorSpecies.of(float.class, WIDE_SHAPE);

  /** Half as wide as {@link #SHORTS}, since bytes widen to shorts; 64 bits is the narrowest. */
  public static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, bits() / 2)));

  /** As wide as {@link #SHORTS}: lanes of index planes whose tables are of bytes. */
  public static final VectorSpecies<Byte> INDICES = VectorSpecies.of(byte.class, SHAPE);

  /**
   * Zeros. What a loop carries has no class that C2 knows; called on it, a method is inlined only
   * if a type profile happens to be there by then, and else boxes (a process was three times slower
   * now and then). Kernels call methods on vectors just loaded or made, and begin what they do with
   * a carried one by adding it to these.
   */
  public static final ShortVector ZERO_SHORTS = ShortVector.zero(SHORTS);

  /** See {@link #ZERO_SHORTS}. */
  public static final IntVector ZERO_INTS = IntVector.zero(INTS);

  /** 0, 1, 2 ... */
  public static final IntVector IOTA = IntVector.zero(INTS).addIndex(1);

  private Species() {}

  /**
   * Rounds half to even, as Math.rint: below 2^23 adding and subtracting 2^23 leaves no fraction,
   * above there is none.
   */
  public static IntVector round(FloatVector x) {
    FloatVector magnitude = x.abs();
    FloatVector rounded = magnitude.add(0x1p23f).sub(0x1p23f);
    FloatVector signed = rounded.blend(rounded.neg(), x.compare(VectorOperators.LT, 0f));
    FloatVector result = x.blend(signed, magnitude.compare(VectorOperators.LT, 0x1p23f));
    return (IntVector) result.convertShape(VectorOperators.F2I, INTS, 0);
  }

  /** Bytes of a vector of 8-, 16- or 32-bit lanes. */
  public static int vectorBytes(int laneBytes) {
    return laneBytes == 4 ? INTS.vectorByteSize() : SHORTS.vectorByteSize();
  }

  /** Lanes of 8, 16 or 32 bits in a vector. */
  public static int lanes(int laneBytes) {
    return vectorBytes(laneBytes) / laneBytes;
  }

  public static int bits() {
    return SHAPE.vectorBitSize();
  }

  /**
   * True if the machine has an instruction that permutes bytes of all lanes (AVX-512 VBMI); C2
   * boxes what it has none for, and the JVM does not tell. Of 64 bits there is none.
   */
  public static boolean permutesBytes() {
    return bits() > 64 && VBMI;
  }

  private static boolean vbmi() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(l -> l.startsWith("flags"))
          .findFirst()
          .map(l -> l.contains(" avx512vbmi ") || l.contains(" avx512_vbmi "))
          .orElse(false);
    } catch (IOException | UncheckedIOException | SecurityException e) {
      return false;
    }
  }

  private static VectorShape shape() {
    int forced = Integer.getInteger(PROPERTY, 0);
    return switch (forced) {
      case 0 -> VectorShape.preferredShape();
      case 64 -> VectorShape.S_64_BIT;
      case 128 -> VectorShape.S_128_BIT;
      case 256 -> VectorShape.S_256_BIT;
      case 512 -> VectorShape.S_512_BIT;
      default ->
          throw new IllegalArgumentException(
              PROPERTY + "=" + forced + ", expected 64, 128, 256 or 512");
    };
  }

  /** Lanes of the four types, for messages. */
  public static String describe() {
    return "i16 x "
        + ShortVector.zero(SHORTS).length()
        + ", i32 x "
        + IntVector.zero(INTS).length()
        + ", f32 x "
        + FloatVector.zero(FLOATS).length()
        + ", i8 x "
        + ByteVector.zero(BYTES).length();
  }
}
