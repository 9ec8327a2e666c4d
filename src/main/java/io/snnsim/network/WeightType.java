// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

/** Integer type of a convolution's stored weights. */
public enum WeightType {
  /** 8 bits, into a 16-bit V. */
  I8(1),
  /** 16 bits, into a 16-bit V. */
  I16(2),
  /** 32 bits, into a 32-bit V. */
  I32(4);

  private final int bytes;

  WeightType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one weight. */
  public int bytes() {
    return bytes;
  }

  /** The type used for a population of the given precision and width of V. */
  public static WeightType of(Precision precision, boolean wide) {
    return wide ? I32 : precision == Precision.I8 ? I8 : I16;
  }
}
