// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.ann.op.AnnOp;
import java.util.List;

/** One node of an {@link AnnGraph}: a name, an operator and the names of its inputs. Immutable. */
public record AnnNode(String name, AnnOp op, List<String> inputs) {
  /** Copies the input list. */
  public AnnNode {
    inputs = List.copyOf(inputs);
  }

  /** A node with the given inputs. */
  public static AnnNode of(String name, AnnOp op, String... inputs) {
    return new AnnNode(name, op, List.of(inputs));
  }
}
