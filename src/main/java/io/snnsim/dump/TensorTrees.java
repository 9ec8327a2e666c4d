// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump;

import io.snnsim.ann.op.Tensor;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToIntFunction;

/**
 * Chooses which tensors of a dump are the network: wrappers and training loops put prefixes before
 * the names that a network's code gives, and keep other things beside it. Stateless.
 */
final class TensorTrees {
  /** Deeper than wrappers go; a hostile name may have thousands of dots. */
  private static final int MOST_LEVELS = 8;

  private TensorTrees() {}

  /**
   * The dump with the prefixes taken off, and the tensors left out, that make its names fit best;
   * of equal fits the one that changes least. What was done is among its notes.
   *
   * @param fit how well a set of names fits: 0 if not at all
   * @throws SnnsimException (bad data) if several trees of names fit
   */
  static WeightDump choose(WeightDump dump, ToIntFunction<Set<String>> fit) {
    Best all = best(dump.tensors(), "", fit);
    if (all.fit > 0) {
      return all.prefix.isEmpty()
          ? dump
          : dump.with(all.tensors, "prefix '" + all.prefix + "' removed from every tensor name");
    }
    Map<String, Map<String, Tensor>> trees = trees(dump.tensors());
    List<Best> fitting = new ArrayList<>();
    Map<String, Map<String, Tensor>> others = new LinkedHashMap<>();
    trees.forEach(
        (prefix, tensors) -> {
          Best best = best(tensors, prefix, fit);
          if (best.fit > 0) {
            fitting.add(best);
          } else {
            others.put(prefix, tensors);
          }
        });
    if (fitting.isEmpty()) {
      return dump;
    }
    if (fitting.size() > 1) {
      throw SnnsimException.badData(
          dump.file()
              + ": found a network under each of the prefixes "
              + Text.some(fitting.stream().map(Best::prefix).toList(), 4)
              + ", expected one; leave the others out of the dump");
    }
    Best one = fitting.getFirst();
    return dump.with(
        one.tensors,
        "tensors under the prefix '"
            + Text.oneLine(one.prefix)
            + "' taken, without it; left out: "
            + described(others));
  }

  /** The few prefixes that most tensors share, with their numbers; empty if there are not such. */
  static String prefixes(WeightDump dump) {
    Map<String, Map<String, Tensor>> trees = trees(dump.tensors());
    return trees.size() < 2 || trees.size() * 4 > dump.tensors().size() ? "" : described(trees);
  }

  private static String described(Map<String, Map<String, Tensor>> trees) {
    List<String> parts = new ArrayList<>();
    trees.forEach(
        (prefix, tensors) ->
            parts.add((prefix.isEmpty() ? "no prefix" : prefix) + " (" + tensors.size() + ")"));
    return Text.some(parts, 6);
  }

  private record Best(String prefix, Map<String, Tensor> tensors, int fit) {}

  /** Takes as much of the prefix that all names share off as makes them fit best. */
  private static Best best(
      Map<String, Tensor> tensors, String taken, ToIntFunction<Set<String>> fit) {
    Map<String, Tensor> rest = tensors;
    Best best = new Best(taken, rest, fit.applyAsInt(rest.keySet()));
    StringBuilder prefix = new StringBuilder(taken);
    for (int level = 0; level < MOST_LEVELS; level++) {
      String next = shared(rest.keySet());
      if (next.isEmpty()) {
        break;
      }
      prefix.append(next);
      rest = without(rest, next);
      int fits = fit.applyAsInt(rest.keySet());
      if (fits > best.fit) {
        best = new Best(prefix.toString(), rest, fits);
      }
    }
    return best;
  }

  /** The first part of all names, with its dot; empty if they have none in common. */
  private static String shared(Set<String> names) {
    String first = names.isEmpty() ? "" : names.iterator().next();
    String part = first.substring(0, first.indexOf('.') + 1);
    return !part.isEmpty() && names.stream().allMatch(n -> n.startsWith(part)) ? part : "";
  }

  private static Map<String, Tensor> without(Map<String, Tensor> tensors, String prefix) {
    Map<String, Tensor> rest = new LinkedHashMap<>();
    tensors.forEach((name, t) -> rest.put(name.substring(prefix.length()), t));
    return rest;
  }

  /** Tensors by the first parts of their names that are not all alike, whose prefixes are kept. */
  private static Map<String, Map<String, Tensor>> trees(Map<String, Tensor> tensors) {
    Map<String, Tensor> rest = tensors;
    StringBuilder common = new StringBuilder();
    for (int level = 0; level < MOST_LEVELS; level++) {
      String next = shared(rest.keySet());
      if (next.isEmpty()) {
        break;
      }
      common.append(next);
      rest = without(rest, next);
    }
    Map<String, Map<String, Tensor>> trees = new LinkedHashMap<>();
    rest.forEach(
        (name, t) -> {
          String part = name.substring(0, name.indexOf('.') + 1);
          trees
              .computeIfAbsent(common + part, p -> new LinkedHashMap<>())
              .put(name.substring(part.length()), t);
        });
    return trees;
  }
}
