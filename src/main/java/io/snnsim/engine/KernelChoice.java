package io.snnsim.engine;

/** Which kernels a model runs on. Results are the same to the bit. */
public enum KernelChoice {
  /** Vector kernels if the JVM has them, else scalar. */
  AUTO,
  /** The scalar specification. */
  SCALAR,
  /** Vector kernels, or an error naming the missing flag. */
  VECTOR
}
