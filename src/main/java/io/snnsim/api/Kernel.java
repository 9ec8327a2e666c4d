// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

/** Which code runs a model. Answers are the same to the bit. */
public enum Kernel {
  /** Vectors if the JVM has the module {@code jdk.incubator.vector}, else scalars. */
  AUTO,
  /** Vectors, or an error that names the missing flag. */
  VECTOR,
  /** The scalar specification: slow, for comparisons. */
  SCALAR
}
