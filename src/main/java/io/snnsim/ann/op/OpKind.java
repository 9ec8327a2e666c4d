// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann.op;

import java.util.List;
import java.util.function.Function;

/**
 * How a graph description names a kind of operator and what it may say of one. Immutable.
 *
 * @param name such as {@code conv2d}
 * @param fields all that a description of it may have, in the order of messages
 * @param reader makes the operator of what a description says
 */
public record OpKind(String name, List<String> fields, Function<OpReader, AnnOp> reader) {
  static OpKind of(String name, Function<OpReader, AnnOp> reader, String... fields) {
    return new OpKind(name, List.of(fields), reader);
  }
}
