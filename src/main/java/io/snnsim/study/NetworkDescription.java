// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.OpWriter;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.Weighted;
import io.snnsim.convert.scheme.BatchNormFolding;
import io.snnsim.convert.scheme.Lowering;
import io.snnsim.dump.NetworkFile;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.Window;
import io.snnsim.report.NetworkTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Says of a network file what was understood, and what would become of it. Stateless. */
public final class NetworkDescription {
  /** What names of parts of a layer end with. */
  private static final String PART = "\\.part\\d+$";

  private NetworkDescription() {}

  /** The table of a network, or of as much of it as could be put together. */
  public static NetworkTable of(String file, NetworkFile.Understood read) {
    List<String> notes = new ArrayList<>(read.notes());
    List<String> obstacles = new ArrayList<>(read.obstacles());
    if (read.graph() == null) {
      return new NetworkTable(file, read.arch(), null, List.of(), 0, 0, notes, obstacles);
    }
    AnnGraph graph = read.graph();
    Map<String, String> becomes = obstacles.isEmpty() ? becomes(graph, notes, obstacles) : Map.of();
    List<NetworkTable.Layer> layers = new ArrayList<>();
    long parameters = 0;
    for (int i = 0; i < graph.nodes().size(); i++) {
      AnnNode node = graph.nodes().get(i);
      long own = node.op().parameters().values().stream().mapToLong(Tensor::size).sum();
      parameters += own;
      layers.add(
          new NetworkTable.Layer(
              node.name(),
              text(node.op()),
              node.inputs(),
              graph.shape(i).toString(),
              own,
              node.op().macs(graph.shape(i)),
              becomes.getOrDefault(node.name(), "")));
    }
    return new NetworkTable(
        file, read.arch(), graph.name(), layers, parameters, graph.macs(), notes, obstacles);
  }

  /** What conversion makes of each node, by name; what it cannot is an obstacle. */
  private static Map<String, String> becomes(
      AnnGraph graph, List<String> notes, List<String> obstacles) {
    Map<String, String> result = new HashMap<>();
    Lowering lowering;
    try {
      BatchNormFolding.Folded folded = BatchNormFolding.fold(graph);
      lowering = new Lowering(folded.graph());
      folded.notes().stream().filter(n -> !n.contains(" folded into ")).forEach(notes::add);
    } catch (SnnsimException e) {
      obstacles.add(e.getMessage());
      return result;
    }
    for (AnnNode node : graph.nodes()) {
      result.put(
          node.name(),
          switch (node.op()) {
            case Input _ -> "constant current";
            case BatchNorm _ -> "in the weights before it";
            case Flatten _, Identity _, Concat _, Upsample _ -> "nothing of its own";
            case Add _ -> "a sum of currents";
            case Weighted _ -> "synapses";
            default -> "";
          });
    }
    Map<String, List<Lowering.Draft>> byNode = new LinkedHashMap<>();
    for (Lowering.Draft d : lowering.drafts()) {
      // Pieces of a concatenation and phases of an enlarged map are parts of one layer.
      String node = result.containsKey(d.name()) ? d.name() : d.name().replaceFirst(PART, "");
      byNode.computeIfAbsent(node, n -> new ArrayList<>()).add(d);
    }
    byNode.forEach((node, drafts) -> result.put(node, text(lowering, drafts)));
    return result;
  }

  /** Populations that are one layer. */
  private static String text(Lowering lowering, List<Lowering.Draft> drafts) {
    Lowering.Draft first = drafts.getFirst();
    String kind =
        switch (first.kind()) {
          case SUM -> lowering.rectifies(first) ? "population" : "output population";
          case AVERAGE -> "population of averages";
          case GATE -> "max-pool population";
        };
    int neurons = drafts.stream().mapToInt(d -> d.shape().size()).sum();
    return (drafts.size() == 1 ? "" : drafts.size() + " of these: ")
        + kind
        + ", "
        + neurons
        + " neurons"
        + (drafts.size() == 1 ? "" : " in all");
  }

  /** An operator with what is not usual of it. */
  private static String text(AnnOp op) {
    StringBuilder s = new StringBuilder(op.label());
    if (op instanceof Conv2d c) {
      Window w = c.window();
      s.append(' ').append(w.kernelH()).append('x').append(w.kernelW());
    }
    op.describe(new Unusual(s));
    return s.toString();
  }

  /** Takes a description and keeps what differs from a window's usual steps. */
  private record Unusual(StringBuilder to) implements OpWriter {
    @Override
    public OpWriter integer(String field, int value) {
      if (!(field.equals("groups") && value == 1)) {
        to.append(' ').append(field).append(' ').append(value);
      }
      return this;
    }

    @Override
    public OpWriter number(String field, float value) {
      if (!field.equals("eps")) {
        to.append(' ').append(field).append(' ').append(value);
      }
      return this;
    }

    @Override
    public OpWriter pair(String field, int height, int width) {
      int usual = field.equals("padding") ? 0 : 1;
      if (field.equals("kernel")) {
        to.append(' ').append(height).append('x').append(width);
      } else if (height != usual || width != usual) {
        to.append(' ').append(field).append(' ').append(height);
        if (height != width) {
          to.append('x').append(width);
        }
      }
      return this;
    }

    @Override
    public OpWriter paddings(String field, int top, int bottom, int left, int right) {
      to.append(' ').append(field).append(' ');
      to.append(top).append(',').append(bottom).append(',').append(left).append(',').append(right);
      return this;
    }
  }
}
