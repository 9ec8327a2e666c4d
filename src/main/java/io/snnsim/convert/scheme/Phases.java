// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnNode;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.List;

/**
 * A map as a node for each of its phases: row y and column x of it lie in phase (y mod rows, x mod
 * columns). Immutable.
 *
 * @param nodes of the new network, by row and column; several may be one
 * @param each shape of every phase
 */
record Phases(int rows, int columns, List<String> nodes, MapShape each) {
  /** More phases of a map are refused: each is a population of its own in every layer. */
  private static final int MOST = 64;

  /**
   * Outputs of a window in phases.
   *
   * @param height rows of each
   * @param width columns of each
   */
  record Outputs(int rows, int columns, int height, int width) {}

  String node(int row, int column) {
    return nodes.get(row * columns + column);
  }

  boolean whole() {
    return nodes.size() == 1;
  }

  /** Shape of the map that is in phases. */
  MapShape map() {
    return new MapShape(each.channels(), each.height() * rows, each.width() * columns);
  }

  static SnnsimException refused(AnnNode node, String what, String advice) {
    return SnnsimException.badData("node " + node.name() + ": " + what + "; " + advice);
  }

  static void requireFew(AnnNode node, long rows, long columns) {
    if (rows * columns > MOST) {
      throw refused(
          node,
          "enlarges maps by "
              + rows
              + "x"
              + columns
              + " in all, expected a product of at most "
              + MOST,
          "enlarge them less and retrain");
    }
  }

  /** The fewest phases that a window's outputs can be in. */
  Outputs least(AnnNode node, Window w) {
    int height = w.outHeight(map().height());
    int width = w.outWidth(map().width());
    return outputs(node, w, fewest(rows, w.strideH(), height), fewest(columns, w.strideW(), width));
  }

  /** Outputs until one falls on the phase of the first again; of one output there is one phase. */
  private static int fewest(int phases, int stride, int outputs) {
    return outputs == 1 ? 1 : multiple(phases, stride) / stride;
  }

  /** The least number that both divide. */
  static int multiple(int a, int b) {
    int divisor = a;
    int rest = b % a;
    while (rest != 0) {
      int next = divisor % rest;
      divisor = rest;
      rest = next;
    }
    return a / divisor * b;
  }

  /** A window's outputs in so many phases. */
  Outputs outputs(AnnNode node, Window w, int outRows, int outColumns) {
    int height = w.outHeight(map().height());
    int width = w.outWidth(map().width());
    if (height % outRows != 0 || width % outColumns != 0) {
      throw refused(
          node,
          "makes a map of "
              + height
              + " rows and "
              + width
              + " columns of what upsampling has enlarged, expected multiples of "
              + outRows
              + " and "
              + outColumns,
          "use padding that keeps the size, and retrain");
    }
    return new Outputs(outRows, outColumns, height / outRows, width / outColumns);
  }
}
