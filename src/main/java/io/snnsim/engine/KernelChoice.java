// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

/** Which kernels a model runs on. Results are the same to the bit. */
public enum KernelChoice {
  /** Vector kernels if the JVM has them, else scalar. */
  AUTO,
  /** The scalar specification. */
  SCALAR,
  /** Plain loops over arrays, the quickest for a run of a second that a fresh JVM does. */
  ARRAY,
  /** Vector kernels, or an error naming the missing flag. */
  VECTOR
}
