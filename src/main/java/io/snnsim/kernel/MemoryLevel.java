package io.snnsim.kernel;

/** Where data lies, from near to far. */
public enum MemoryLevel {
  L1,
  L2,
  L3,
  MEMORY
}
