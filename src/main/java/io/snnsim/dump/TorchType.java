// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import java.nio.ByteBuffer;

/** Types of elements in PyTorch's files. Stateless. */
enum TorchType {
  FLOAT32("FloatStorage", 4),
  FLOAT64("DoubleStorage", 8),
  FLOAT16("HalfStorage", 2),
  BFLOAT16("BFloat16Storage", 2),
  INT64("LongStorage", 8),
  INT32("IntStorage", 4),
  INT16("ShortStorage", 2),
  INT8("CharStorage", 1),
  UINT8("ByteStorage", 1),
  BOOL("BoolStorage", 1);

  private final String storage;
  private final int bytes;

  TorchType(String storage, int bytes) {
    this.storage = storage;
    this.bytes = bytes;
  }

  /** The type whose storages are of this class, or null. */
  static TorchType ofStorage(String name) {
    for (TorchType t : values()) {
      if (t.storage.equals(name)) {
        return t;
      }
    }
    return null;
  }

  /** The type of this name in PyTorch, or null. */
  static TorchType named(String name) {
    for (TorchType t : values()) {
      if (t.label().equals(name)) {
        return t;
      }
    }
    return null;
  }

  /** Its name in PyTorch and NumPy. */
  String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }

  /** Bytes an element. */
  int bytes() {
    return bytes;
  }

  /** True of what weights may be. */
  boolean isFloat() {
    return ordinal() <= BFLOAT16.ordinal();
  }

  /** The float at a byte, rounded to float32; of floats only. */
  float at(ByteBuffer data, int at) {
    return switch (this) {
      case FLOAT32 -> data.getFloat(at);
      case FLOAT64 -> (float) data.getDouble(at);
      case FLOAT16 -> Float.float16ToFloat(data.getShort(at));
      case BFLOAT16 -> bfloat16(data.getShort(at));
      case INT64, INT32, INT16, INT8, UINT8, BOOL -> throw new IllegalStateException(label());
    };
  }

  /** The float whose upper half these bits are. */
  static float bfloat16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
