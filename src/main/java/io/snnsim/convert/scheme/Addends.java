// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.error.SnnsimException;
import java.util.HashMap;
import java.util.Map;

/**
 * Bounds what sums of sums grow to. A neuron adds up what other neurons send, so sums without a
 * ReLU between them are written out, and each that is read twice doubles the addends. Stateless.
 */
final class Addends {
  private static final long MOST = 1 << 10;

  private Addends() {}

  /**
   * Refuses networks whose sums cannot be written out.
   *
   * @throws SnnsimException (bad data) naming the first sum of too many addends
   */
  static void check(AnnGraph graph) {
    Map<String, Long> addends = new HashMap<>();
    for (AnnNode node : graph.nodes()) {
      long sum = 0;
      for (String in : node.inputs()) {
        sum += addends.get(in);
      }
      boolean population =
          node.op() instanceof Input || node.op() instanceof Relu || node.op() instanceof MaxPool;
      if (sum > MOST) {
        throw SnnsimException.badData(
            node.name()
                + ": found a sum of more than "
                + MOST
                + " addends, as sums without a ReLU between them have when they are written out,"
                + " expected fewer; put a ReLU behind some of the sums before it and fine-tune");
      }
      addends.put(node.name(), population ? 1 : sum);
    }
  }
}
