// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

/** Takes one operator's description, field by field in order; what {@link OpReader} reads. */
public interface OpWriter {
  /** A whole number. */
  OpWriter integer(String field, int value);

  /** A number. */
  OpWriter number(String field, float value);

  /** Height and width. */
  OpWriter pair(String field, int height, int width);

  /** Padding above, below, left and right. */
  OpWriter paddings(String field, int top, int bottom, int left, int right);
}
