// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.Tensor;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

/**
 * Fully connected networks under any names: every weight is [out, in] and reads what the one before
 * makes. Between layers stands a ReLU, behind a batch norm where the names after a layer hold one.
 * Used once, by one thread.
 */
final class Mlp implements Family {
  static final String NAME = "mlp";

  private static final String WEIGHT = ".weight";

  private final FamilyLayers layers;
  private final WeightDump dump;
  private String description;

  Mlp(WeightDump dump) {
    this.dump = dump;
    layers = new FamilyLayers(dump, NAME);
  }

  /** True if a dump looks like one: weights of fully connected layers and vectors, no others. */
  static boolean fits(WeightDump dump) {
    Set<String> last = Set.of("weight", "bias", "running_mean", "running_var");
    return dump.tensors().entrySet().stream()
            .allMatch(
                e ->
                    e.getValue().rank() <= 2
                        && last.contains(e.getKey().replaceFirst("^.*\\.", "")))
        && chain(dump) != null;
  }

  /** Names of the layers in the order in which each reads the one before; null if there is none. */
  private static List<String> chain(WeightDump dump) {
    List<String> order = new ArrayList<>();
    dump.tensors()
        .forEach(
            (name, t) -> {
              if (t.rank() == 2 && name.endsWith(WEIGHT)) {
                order.add(name.substring(0, name.length() - WEIGHT.length()));
              }
            });
    // HDF5 sorts names, 10 before 2.
    List<String> byNumber = new ArrayList<>(order);
    byNumber.sort(
        Comparator.comparingInt((String n) -> n.replaceAll("\\D", "").length())
            .thenComparing(Comparator.naturalOrder()));
    return joined(dump, order) ? order : joined(dump, byNumber) ? byNumber : null;
  }

  private static boolean joined(WeightDump dump, List<String> order) {
    for (int k = 1; k < order.size(); k++) {
      int made = dump.tensors().get(order.get(k - 1) + WEIGHT).shape()[0];
      if (dump.tensors().get(order.get(k) + WEIGHT).shape()[1] != made) {
        return false;
      }
    }
    return !order.isEmpty();
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public AnnGraph build() {
    List<String> order = chain(dump);
    if (order == null) {
      throw layers.bad(
          ": found no chain of fully connected layers, expected weights [out, in] of which each"
              + " reads as many values as the one before makes");
    }
    List<String> norms = new ArrayList<>();
    dump.tensors().keySet().stream()
        .filter(n -> n.endsWith(".running_mean"))
        .forEach(n -> norms.add(n.substring(0, n.length() - ".running_mean".length())));
    int width = layers.require(order.getFirst() + WEIGHT, 2).shape()[1];
    String x = layers.input(new MapShape(width, 1, 1));
    List<String> widths = new ArrayList<>(List.of(String.valueOf(width)));
    for (int k = 0; k < order.size(); k++) {
      String name = order.get(k);
      Tensor w = layers.require(name + WEIGHT, 2);
      width = w.shape()[0];
      Tensor bias = layers.has(name + ".bias") ? layers.vector(name + ".bias", width) : null;
      x = layers.add(name, new Linear(w, bias), x);
      widths.add(String.valueOf(width));
      if (k == order.size() - 1) {
        break;
      }
      if (norms.size() == order.size() - 1) {
        BatchNorm norm = layers.batchNorm(norms.get(k), width);
        x = layers.add(norms.get(k), norm, x);
      }
      x = layers.relu(name + ".relu", x);
    }
    description =
        NAME
            + ": "
            + order.size()
            + " fully connected layers of "
            + String.join("-", widths)
            + " values, a ReLU between each two"
            + (norms.isEmpty() ? "" : " behind a batch norm");
    return layers.finish("MLP-" + order.size());
  }
}
