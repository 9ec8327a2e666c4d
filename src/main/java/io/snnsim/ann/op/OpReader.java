// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import io.snnsim.error.SnnsimException;

/**
 * One operator's description, whatever the format of the file. Every method throws (bad data),
 * naming place and field, if the field is there and something else than asked for.
 */
public interface OpReader {
  /** True if the description has the field. */
  boolean has(String field);

  /** The field, or {@code fallback} if it is missing. */
  int integer(String field, int fallback);

  /** The field, or {@code fallback} if it is missing. */
  float number(String field, double fallback);

  /** The field as (height, width), which one number stands for if it is both; or the fallback. */
  int[] pair(String field, int fallback);

  /**
   * Rows of padding above and below, columns left and right: the field as one number, (height,
   * width) or all four; 0 if it is missing.
   */
  int[] paddings(String field);

  /**
   * The tensor that the field names, or null if it says that there is none.
   *
   * @param usual last part of the name that it has if the field is missing
   */
  Tensor tensorOrNone(String field, String usual);

  /**
   * The tensor that the field names.
   *
   * @param usual last part of the name that it has if the field is missing
   * @param required true to refuse a description whose tensor is not there; else it is null then
   */
  Tensor tensor(String field, String usual, boolean required);

  /** A refusal that names this place. */
  SnnsimException bad(String what);
}
