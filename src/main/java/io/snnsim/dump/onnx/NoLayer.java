// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.onnx;

/**
 * Says that a node cannot be made a layer, up to where the node is known. Never leaves this room;
 * immutable.
 */
final class NoLayer extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String advice;
  private final boolean certain;

  /** A node that does not fit what it reads. */
  NoLayer(String found, String advice) {
    this(found, advice, false);
  }

  private NoLayer(String found, String advice, boolean certain) {
    super(found, null, false, false);
    this.advice = advice;
    this.certain = certain;
  }

  /** A node that cannot be imported whatever it reads. */
  static NoLayer ever(String found, String advice) {
    return new NoLayer(found, advice, true);
  }

  /** What a user can do, or empty text. */
  String advice() {
    return advice;
  }

  /** True if it cannot be imported whatever it reads. */
  boolean certain() {
    return certain;
  }
}
