// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel;

import io.snnsim.kernel.array.ArrayKernels;
import io.snnsim.kernel.event.VectorEvents;
import io.snnsim.kernel.lookup.VectorLookups;
import io.snnsim.kernel.pattern.PatternKernels;
import io.snnsim.kernel.scalar.ScalarKernels;
import io.snnsim.kernel.vector.Species;

/**
 * Chooses the kernels once: vector if the Vector API is in this JVM, else scalar. Stateless and
 * thread-safe.
 */
public final class KernelProvider {
  /** The flag that makes the vector kernels available. */
  public static final String FLAG = "--add-modules=jdk.incubator.vector";

  /** System property that forces the width of the vector kernels in bits, read at first use. */
  public static final String WIDTH_PROPERTY = Species.PROPERTY;

  private static final String VECTOR_CLASS = "jdk.incubator.vector.Vector";

  private KernelProvider() {}

  /** True if the vector kernels can run here. */
  public static boolean vectorAvailable() {
    try {
      // Not by the module: the launcher gives its classes to the JVM without it.
      Class.forName(VECTOR_CLASS, false, KernelProvider.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /** The specification. */
  public static Kernels scalar() {
    return new Kernels(new ScalarKernels(), null, null);
  }

  /** Kernels that need no time to be compiled. */
  public static Kernels array() {
    return new Kernels(new ArrayKernels(), null, null);
  }

  /** Vector kernels; call only if {@link #vectorAvailable()}. */
  public static Kernels vector() {
    return new Kernels(new VectorEvents(), new VectorLookups(), new PatternKernels());
  }

  /** Width of the vector kernels in bits; call only if {@link #vectorAvailable()}. */
  public static int vectorBits() {
    return Species.bits();
  }

  /**
   * True if one instruction permutes the bytes of a vector: as far as Linux tells, else not. Call
   * only if {@link #vectorAvailable()}.
   */
  public static boolean permutesBytes() {
    return Species.permutesBytes();
  }

  /** Lanes per type of the vector kernels; call only if {@link #vectorAvailable()}. */
  public static String describeVector() {
    return Species.describe();
  }
}
