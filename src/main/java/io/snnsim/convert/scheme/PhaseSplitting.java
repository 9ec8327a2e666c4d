// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Rewrites a network without upsampling. A map that was enlarged by factors 2 and 2 is four maps of
 * the size before: its <em>phases</em>, of every second row and column each. Upsampling alone makes
 * phases that are one and the same map, and a convolution over it has for each phase of its output
 * a smaller window over the map before. The sums are the same, and no window changes its weights
 * from place to place. Used once, by one thread.
 */
final class PhaseSplitting {
  private final AnnGraph graph;
  private final Rewritten to;
  private final Map<String, Phases> phases = new HashMap<>();

  /** Nodes none of whose values is ever negative. */
  private final Set<String> rectified = new HashSet<>();

  /** Nodes that are maps in phases which a Flatten has put into one dimension. */
  private final Set<String> flat = new HashSet<>();

  private PhaseSplitting(AnnGraph graph) {
    this.graph = graph;
    to = new Rewritten(graph);
  }

  /**
   * The same function without upsampling; the same graph if it has none.
   *
   * @param graph without concatenations
   * @throws SnnsimException (bad data) naming a node that no windows over phases can express
   */
  static AnnGraph split(AnnGraph graph, List<String> notes) {
    if (graph.nodes().stream().noneMatch(n -> n.op() instanceof Upsample)) {
      return graph;
    }
    PhaseSplitting splitting = new PhaseSplitting(graph);
    for (int i = 0; i < graph.nodes().size(); i++) {
      AnnNode node = graph.nodes().get(i);
      if (splitting.isRectified(node)) {
        splitting.rectified.add(node.name());
      }
      splitting.phases.put(node.name(), splitting.phasesOf(node, graph.shape(i)));
      if (node.op() instanceof Upsample) {
        notes.add("upsampling " + node.name() + " is in the windows of what reads it");
      }
    }
    AnnNode last = graph.nodes().getLast();
    Phases output = splitting.phases.get(last.name());
    if (!output.whole()) {
      throw Phases.refused(
          last,
          "gives a map that upsampling has enlarged, expected values that a layer has brought"
              + " together",
          "end with a linear layer or a global pool");
    }
    return splitting.to.finish(output.nodes().getFirst());
  }

  private boolean isRectified(AnnNode node) {
    return switch (node.op()) {
      case Relu _ -> true;
      case Add _, AvgPool _, GlobalAvgPool _, MaxPool _, Flatten _, Identity _, Upsample _ ->
          rectified.containsAll(node.inputs());
      default -> false;
    };
  }

  private Phases phasesOf(AnnNode node, MapShape shape) {
    List<Phases> in = node.inputs().stream().map(phases::get).toList();
    if (node.op() instanceof Upsample u) {
      return upsampled(node, in.getFirst(), u);
    }
    if (in.stream().allMatch(Phases::whole)) {
      String[] inputs = in.stream().map(p -> p.nodes().getFirst()).toArray(String[]::new);
      return new Phases(1, 1, List.of(to.put(node.name(), node.op(), inputs)), shape);
    }
    Phases first = in.getFirst();
    boolean flattened = node.inputs().stream().anyMatch(flat::contains);
    return switch (node.op()) {
      case Relu _, Identity _ -> {
        if (flattened) {
          flat.add(node.name());
        }
        yield each(node, first);
      }
      case Flatten _ -> {
        flat.add(node.name());
        yield first;
      }
      case Linear l -> {
        int[] s = l.weight().shape();
        MapShape map = first.map();
        Tensor weight =
            Tensor.of(l.weight().data(), s[0], map.channels(), map.height(), map.width());
        yield convolved(
            node,
            first,
            new Conv2d(weight, l.bias(), Window.whole(map), 1),
            first.least(node, Window.whole(map)));
      }
      case BatchNorm _ when !flattened -> each(node, first);
      case Conv2d c when !flattened -> convolved(node, first, c, first.least(node, c.window()));
      case AvgPool p when !flattened -> averaged(node, first, p.window());
      case GlobalAvgPool _ when !flattened -> averaged(node, first, Window.whole(first.map()));
      case MaxPool p when !flattened -> largest(node, first, p.window());
      case ZeroPadShortcut z when z.stride() == 1 && !flattened -> each(node, first);
      case Add _ when !flattened -> added(node);
      default ->
          throw Phases.refused(
              node,
              "reads what upsampling has enlarged"
                  + (flattened ? " and Flatten put into one dimension" : "")
                  + ", expected a convolution, a linear layer, a sum or a pool there",
              "put the upsampling elsewhere and retrain");
    };
  }

  /** The name, or one of its own for a further part of the node. */
  private String name(AnnNode node) {
    return to.node(node.name()) == null ? node.name() : to.unused(node.name());
  }

  private Phases upsampled(AnnNode node, Phases in, Upsample u) {
    int rows = in.rows() * u.factorH();
    int columns = in.columns() * u.factorW();
    Phases.requireFew(node, rows, columns);
    String[] nodes = new String[rows * columns];
    Arrays.setAll(nodes, i -> in.node(i / columns / u.factorH(), i % columns / u.factorW()));
    return new Phases(rows, columns, List.of(nodes), in.each());
  }

  /** The operator over every phase by itself. */
  private Phases each(AnnNode node, Phases in) {
    Map<String, String> done = new HashMap<>();
    for (String phase : in.nodes()) {
      done.computeIfAbsent(phase, p -> to.put(name(node), node.op(), p));
    }
    List<String> nodes = in.nodes().stream().map(done::get).toList();
    MapShape shape = node.op().shape(List.of(in.each()));
    return new Phases(in.rows(), in.columns(), nodes, shape);
  }

  /** A convolution for each phase of the outputs; phases of equal taps are one. */
  private Phases convolved(AnnNode node, Phases in, Conv2d c, Phases.Outputs out) {
    Map<PhaseTaps, String> done = new HashMap<>();
    String[] nodes = new String[out.rows() * out.columns()];
    for (int i = 0; i < nodes.length; i++) {
      PhaseTaps taps = PhaseTaps.of(in, c.window(), out, i / out.columns(), i % out.columns());
      nodes[i] = done.computeIfAbsent(taps, t -> convolved(node, c, t));
    }
    MapShape shape = new MapShape(c.weight().shape()[0], out.height(), out.width());
    return new Phases(out.rows(), out.columns(), List.of(nodes), shape);
  }

  private String convolved(AnnNode node, Conv2d c, PhaseTaps taps) {
    String sum = name(node);
    if (taps.byNode().size() == 1) {
      String source = taps.byNode().keySet().iterator().next();
      return to.put(sum, taps.over(source, c, c.bias()), source);
    }
    String[] addends = taps.byNode().keySet().toArray(String[]::new);
    for (int i = 0; i < addends.length; i++) {
      Conv2d op = taps.over(addends[i], c, i == 0 ? c.bias() : null);
      addends[i] = to.put(to.unused(node.name()), op, addends[i]);
    }
    return to.put(sum, new Add(), addends);
  }

  /** Each channel of a window's values with the same weight. */
  private static Conv2d evenly(int channels, Window w, float weight) {
    float[] data = new float[Math.multiplyExact(channels, w.taps())];
    Arrays.fill(data, weight);
    Tensor t = Tensor.of(data, channels, 1, w.kernelH(), w.kernelW());
    return new Conv2d(t, null, w, channels);
  }

  /** An average over several nodes is a sum, which a ReLU makes a population of. */
  private Phases averaged(AnnNode node, Phases in, Window w) {
    requireRectified(node, "averages");
    Conv2d mean = evenly(in.each().channels(), w, (float) (1.0 / w.taps()));
    AnnNode sum = new AnnNode(to.unused(node.name()), node.op(), node.inputs());
    Phases sums = convolved(sum, in, mean, in.least(node, w));
    Map<String, String> done = new HashMap<>();
    for (String phase : sums.nodes()) {
      done.computeIfAbsent(phase, p -> to.put(name(node), new Relu(), p));
    }
    List<String> nodes = sums.nodes().stream().map(done::get).toList();
    return new Phases(sums.rows(), sums.columns(), nodes, sums.each());
  }

  private void requireRectified(AnnNode node, String verb) {
    if (!rectified.contains(node.inputs().getFirst())) {
      throw Phases.refused(
          node,
          verb
              + " "
              + node.inputs().getFirst()
              + ", whose output no ReLU makes non-negative; firing rates cannot be negative",
          "put a ReLU between them and retrain");
    }
  }

  /** A maximum sees one population, so that all taps must fall on one. */
  private Phases largest(AnnNode node, Phases in, Window w) {
    Phases.Outputs out = in.least(node, w);
    Map<PhaseTaps, String> done = new HashMap<>();
    String[] nodes = new String[out.rows() * out.columns()];
    for (int i = 0; i < nodes.length; i++) {
      PhaseTaps taps = PhaseTaps.of(in, w, out, i / out.columns(), i % out.columns());
      Window alone = taps.alone();
      if (alone == null) {
        throw Phases.refused(
            node,
            "takes the largest of values that lie in several phases of a map that upsampling has"
                + " enlarged",
            "pool before the upsampling, or average, and retrain");
      }
      String source = taps.byNode().keySet().iterator().next();
      nodes[i] = done.computeIfAbsent(taps, t -> to.put(name(node), new MaxPool(alone), source));
    }
    MapShape shape = new MapShape(in.each().channels(), out.height(), out.width());
    return new Phases(out.rows(), out.columns(), List.of(nodes), shape);
  }

  /** A sum of each phase, for which all addends are brought into the same phases. */
  private Phases added(AnnNode node) {
    int rows = 1;
    int columns = 1;
    for (String input : node.inputs()) {
      rows = Phases.multiple(rows, phases.get(input).rows());
      columns = Phases.multiple(columns, phases.get(input).columns());
    }
    Phases.requireFew(node, rows, columns);
    int r = rows;
    int c = columns;
    List<Phases> in = node.inputs().stream().map(i -> finer(i, r, c)).toList();
    return sums(node, in);
  }

  private Phases sums(AnnNode node, List<Phases> in) {
    Map<List<String>, String> done = new HashMap<>();
    Phases first = in.getFirst();
    String[] nodes = new String[first.nodes().size()];
    for (int i = 0; i < nodes.length; i++) {
      int at = i;
      List<String> addends = in.stream().map(p -> p.nodes().get(at)).toList();
      nodes[i] =
          done.computeIfAbsent(
              addends, a -> to.put(name(node), new Add(), a.toArray(String[]::new)));
    }
    return new Phases(first.rows(), first.columns(), List.of(nodes), first.each());
  }

  /**
   * A value in more phases. A sum is computed in them, since what stands between a population and
   * the sum that it goes into may be one layer only.
   */
  private Phases finer(String input, int rows, int columns) {
    Phases now = phases.get(input);
    if (now.rows() == rows && now.columns() == columns) {
      return now;
    }
    AnnNode node = graph.node(input);
    return switch (node.op()) {
      case Conv2d c -> {
        Phases from = phases.get(node.inputs().getFirst());
        yield convolved(node, from, c, from.outputs(node, c.window(), rows, columns));
      }
      case BatchNorm _ -> each(node, finer(node.inputs().getFirst(), rows, columns));
      case Add _ -> sums(node, node.inputs().stream().map(i -> finer(i, rows, columns)).toList());
      default -> {
        Conv2d same = evenly(now.each().channels(), Window.square(1, 1, 0), 1);
        yield convolved(node, now, same, now.outputs(node, same.window(), rows, columns));
      }
    };
  }
}
