// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.BatchNorm;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.Linear;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Tensor;
import io.snnsim.ann.op.Upsample;
import io.snnsim.ann.op.Weighted;
import io.snnsim.ann.op.ZeroPadShortcut;
import io.snnsim.geometry.MapShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Rewrites a network without concatenations: what reads one reads its pieces, each with its own
 * part of the weights. The sums are the same, and each piece keeps its own lambda. Used once, by
 * one thread.
 */
final class ConcatSplitting {
  /** Channels of a value, one after the other: a node of the new network each. */
  private record Piece(String node, int channels) {}

  private final AnnGraph graph;
  private final Rewritten to;
  private final Map<String, List<Piece>> pieces = new HashMap<>();

  private ConcatSplitting(AnnGraph graph) {
    this.graph = graph;
    to = new Rewritten(graph);
  }

  /** The same function without concatenations; the same graph if it has none. */
  static AnnGraph split(AnnGraph graph, List<String> notes) {
    if (graph.nodes().stream().noneMatch(n -> n.op() instanceof Concat)) {
      return graph;
    }
    ConcatSplitting splitting = new ConcatSplitting(graph);
    for (int i = 0; i < graph.nodes().size(); i++) {
      AnnNode node = graph.nodes().get(i);
      splitting.pieces.put(node.name(), splitting.piecesOf(node, graph.shape(i)));
      if (node.op() instanceof Concat) {
        notes.add("concatenation " + node.name() + " split: what reads it reads its pieces");
      }
    }
    AnnNode last = graph.nodes().getLast();
    List<Piece> output = splitting.pieces.get(last.name());
    String end = output.getFirst().node();
    if (output.size() > 1) {
      end = splitting.sum(last.name(), splitting.padded(last.name(), output, 1, 0, 0));
    }
    return splitting.to.finish(end);
  }

  private List<Piece> piecesOf(AnnNode node, MapShape shape) {
    List<List<Piece>> in = node.inputs().stream().map(pieces::get).toList();
    boolean whole = in.stream().allMatch(p -> p.size() == 1);
    if (node.op() instanceof Concat) {
      return in.stream().flatMap(List::stream).toList();
    }
    if (whole) {
      String[] inputs = in.stream().map(p -> p.getFirst().node()).toArray(String[]::new);
      return List.of(new Piece(to.put(node.name(), node.op(), inputs), shape.channels()));
    }
    return switch (node.op()) {
      case Relu _, MaxPool _, AvgPool _, GlobalAvgPool _, Identity _, Upsample _ ->
          each(node, in.getFirst(), (first, piece) -> node.op());
      case BatchNorm bn ->
          each(node, in.getFirst(), (first, piece) -> channels(bn, first, piece.channels()));
      case Flatten f -> {
        int plane = graph.shape(graph.indexOf(node.inputs().getFirst())).plane();
        List<Piece> flat = new ArrayList<>();
        for (Piece p : in.getFirst()) {
          String name = to.put(to.unused(node.name()), f, p.node());
          flat.add(new Piece(name, p.channels() * plane));
        }
        yield flat;
      }
      case Conv2d c -> convolution(node, c, in.getFirst(), shape);
      case Linear l -> {
        MapShape from = graph.shape(graph.indexOf(node.inputs().getFirst()));
        yield weighted(node, l, in.getFirst(), from.plane(), shape.channels());
      }
      case Add _ -> added(node, in, shape);
      case ZeroPadShortcut z ->
          List.of(
              new Piece(
                  sum(
                      node.name(),
                      padded(
                          node.name(),
                          in.getFirst(),
                          z.stride(),
                          z.channelsBefore(),
                          z.channelsAfter())),
                  shape.channels()));
      case Concat _, Input _ -> throw new IllegalStateException(node.name());
    };
  }

  /** An operator for the channels of a piece, of which {@code first} come before. */
  private interface PieceOp {
    AnnOp of(int first, Piece piece);
  }

  private List<Piece> each(AnnNode node, List<Piece> in, PieceOp op) {
    List<Piece> result = new ArrayList<>();
    int first = 0;
    for (Piece p : in) {
      String name = to.put(to.unused(node.name()), op.of(first, p), p.node());
      result.add(new Piece(name, p.channels()));
      first += p.channels();
    }
    return result;
  }

  private static BatchNorm channels(BatchNorm bn, int first, int n) {
    return new BatchNorm(
        rows(bn.gamma(), first, n),
        rows(bn.beta(), first, n),
        rows(bn.mean(), first, n),
        rows(bn.var(), first, n),
        bn.eps());
  }

  private List<Piece> convolution(AnnNode node, Conv2d c, List<Piece> in, MapShape shape) {
    if (c.groups() == 1) {
      return weighted(node, c, in, c.window().taps(), shape.channels());
    }
    int group = c.weight().shape()[1];
    if (in.stream().anyMatch(p -> p.channels() % group != 0)) {
      return weighted(node, Rewritten.ungrouped(c), in, c.window().taps(), shape.channels());
    }
    int outputs = c.weight().shape()[0] / c.groups();
    List<Piece> result = new ArrayList<>();
    int first = 0;
    for (Piece p : in) {
      int groups = p.channels() / group;
      Tensor w = rows(c.weight(), first * outputs, groups * outputs);
      Tensor b = c.bias() == null ? null : rows(c.bias(), first * outputs, groups * outputs);
      Conv2d op = new Conv2d(w, b, c.window(), groups);
      result.add(new Piece(to.put(to.unused(node.name()), op, p.node()), groups * outputs));
      first += groups;
    }
    return result;
  }

  /**
   * A sum over pieces, each through its columns of the weights; the first with the bias.
   *
   * @param per weights that an output has for a channel: its taps, or the values of a map of it
   */
  private List<Piece> weighted(AnnNode node, Weighted w, List<Piece> in, int per, int channels) {
    List<String> addends = new ArrayList<>();
    int first = 0;
    for (Piece p : in) {
      Tensor columns = columns(w.weight(), first, p.channels() * per);
      Weighted op = w.with(columns, addends.isEmpty() ? w.bias() : null);
      addends.add(to.put(to.unused(node.name()), op, p.node()));
      first += p.channels() * per;
    }
    return List.of(new Piece(sum(node.name(), addends), channels));
  }

  private List<Piece> added(AnnNode node, List<List<Piece>> in, MapShape shape) {
    List<Integer> widths = in.getFirst().stream().map(Piece::channels).toList();
    if (in.stream().allMatch(p -> p.stream().map(Piece::channels).toList().equals(widths))) {
      List<Piece> result = new ArrayList<>();
      for (int k = 0; k < widths.size(); k++) {
        int at = k;
        String[] addends = in.stream().map(p -> p.get(at).node()).toArray(String[]::new);
        result.add(new Piece(to.put(to.unused(node.name()), new Add(), addends), widths.get(k)));
      }
      return result;
    }
    List<String> addends = new ArrayList<>();
    for (List<Piece> p : in) {
      addends.addAll(
          p.size() == 1 ? List.of(p.getFirst().node()) : padded(node.name(), p, 1, 0, 0));
    }
    return List.of(new Piece(sum(node.name(), addends), shape.channels()));
  }

  /** Each piece among zeros, where it is in the whole. */
  private List<String> padded(String name, List<Piece> in, int stride, int before, int after) {
    int rest = in.stream().mapToInt(Piece::channels).sum() + after;
    int first = before;
    List<String> result = new ArrayList<>();
    for (Piece p : in) {
      rest -= p.channels();
      ZeroPadShortcut z = new ZeroPadShortcut(stride, first, rest);
      result.add(to.put(to.unused(name), z, p.node()));
      first += p.channels();
    }
    return result;
  }

  private String sum(String name, List<String> addends) {
    return to.put(name, new Add(), addends.toArray(String[]::new));
  }

  private static Tensor rows(Tensor t, int first, int n) {
    int per = t.size() / t.shape()[0];
    float[] data = new float[n * per];
    System.arraycopy(t.data(), first * per, data, 0, data.length);
    int[] shape = t.shape().clone();
    shape[0] = n;
    return new Tensor(shape, data);
  }

  /** Values {@code first .. first + n - 1} of each row. */
  private static Tensor columns(Tensor t, int first, int n) {
    int rows = t.shape()[0];
    int per = t.size() / rows;
    float[] data = new float[rows * n];
    for (int r = 0; r < rows; r++) {
      System.arraycopy(t.data(), r * per + first, data, r * n, n);
    }
    int[] shape = t.shape().clone();
    shape[1] = n / (per / shape[1]);
    return new Tensor(shape, data);
  }
}
