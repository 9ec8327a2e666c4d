// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An imported feed-forward network: nodes in topological order with one input and one output, all
 * shapes inferred and checked. Immutable, safe to share between threads.
 *
 * <p>The last node is the output (the logits).
 */
public final class AnnGraph {
  /** Values of the largest map that is taken, so that sizes cannot overflow: 1 GiB of floats. */
  public static final int MOST_VALUES = 1 << 28;

  /** Largest kernel, stride, padding, dilation and number of zero channels. */
  private static final int MOST = 1 << 12;

  private final String name;
  private final List<AnnNode> nodes;
  private final Map<String, Integer> index = new HashMap<>();
  private final MapShape[] shapes;

  /**
   * Checks and keeps the nodes.
   *
   * @throws SnnsimException (bad data) naming the node whose inputs or shapes do not fit
   */
  public AnnGraph(String name, List<AnnNode> nodes) {
    this.name = name;
    this.nodes = List.copyOf(nodes);
    this.shapes = new MapShape[nodes.size()];
    if (nodes.isEmpty() || !(nodes.getFirst().op() instanceof AnnOp.Input)) {
      throw SnnsimException.badData("graph " + name + ": the first node must be the Input");
    }
    Set<String> used = new HashSet<>();
    for (int i = 0; i < nodes.size(); i++) {
      AnnNode node = nodes.get(i);
      if (i > 0 && node.op() instanceof AnnOp.Input) {
        throw fault(node, "a second Input; expected exactly one");
      }
      List<MapShape> in = new ArrayList<>();
      for (String input : node.inputs()) {
        Integer k = index.get(input);
        if (k == null) {
          throw fault(node, "input '" + input + "' is no earlier node");
        }
        used.add(input);
        in.add(shapes[k]);
      }
      if (index.put(node.name(), i) != null) {
        throw fault(node, "the name is used twice");
      }
      shapes[i] = infer(node, in);
      requireSize(node, shapes[i]);
    }
    for (AnnNode node : nodes.subList(0, nodes.size() - 1)) {
      if (!used.contains(node.name())) {
        throw fault(
            node, "its output is used by no node, and only the last node may be the output");
      }
    }
  }

  /** Name of the network. */
  public String name() {
    return name;
  }

  /** Nodes in topological order; the first is the input, the last the output. */
  public List<AnnNode> nodes() {
    return nodes;
  }

  /** Position of the named node. */
  public int indexOf(String node) {
    Integer i = index.get(node);
    if (i == null) {
      throw new IllegalArgumentException("no node named " + node);
    }
    return i;
  }

  /** The named node. */
  public AnnNode node(String node) {
    return nodes.get(indexOf(node));
  }

  /** Output shape of node {@code i}. */
  public MapShape shape(int i) {
    return shapes[i];
  }

  /** Shape of the image. */
  public MapShape inputShape() {
    return shapes[0];
  }

  /** Shape of the output, classes x 1 x 1 for a classifier. */
  public MapShape outputShape() {
    return shapes[shapes.length - 1];
  }

  /** For every node the positions of the nodes that read it. */
  public List<List<Integer>> consumers() {
    List<List<Integer>> result = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      result.add(new ArrayList<>());
    }
    for (int i = 0; i < nodes.size(); i++) {
      for (String in : nodes.get(i).inputs()) {
        result.get(indexOf(in)).add(i);
      }
    }
    return result;
  }

  /** Every parameter by its canonical name, {@code node.weight}, {@code node.bias} and so on. */
  public Map<String, Tensor> parameters() {
    Map<String, Tensor> result = new LinkedHashMap<>();
    for (AnnNode node : nodes) {
      switch (node.op()) {
        case AnnOp.Conv2d c -> {
          result.put(node.name() + ".weight", c.weight());
          if (c.bias() != null) {
            result.put(node.name() + ".bias", c.bias());
          }
        }
        case AnnOp.Linear l -> {
          result.put(node.name() + ".weight", l.weight());
          if (l.bias() != null) {
            result.put(node.name() + ".bias", l.bias());
          }
        }
        case AnnOp.BatchNorm b -> {
          result.put(node.name() + ".weight", b.gamma());
          result.put(node.name() + ".bias", b.beta());
          result.put(node.name() + ".running_mean", b.mean());
          result.put(node.name() + ".running_var", b.var());
        }
        default -> {}
      }
    }
    return result;
  }

  private SnnsimException fault(AnnNode node, String what) {
    return SnnsimException.badData("graph " + name + ", node " + node.name() + ": " + what);
  }

  private MapShape infer(AnnNode node, List<MapShape> in) {
    AnnOp op = node.op();
    if (op instanceof AnnOp.Input(MapShape shape)) {
      return shape;
    }
    if (op instanceof AnnOp.Add) {
      if (in.size() < 2) {
        throw fault(node, "found " + in.size() + " inputs, expected two or more");
      }
      for (MapShape s : in) {
        if (!s.equals(in.getFirst())) {
          throw fault(
              node, "adds maps of " + in.getFirst() + " and " + s + ", expected maps of one shape");
        }
      }
      return in.getFirst();
    }
    if (in.size() != 1) {
      throw fault(node, "found " + in.size() + " inputs, expected one");
    }
    MapShape s = in.getFirst();
    return switch (op) {
      case AnnOp.Conv2d c -> conv(node, c, s);
      case AnnOp.BatchNorm b -> {
        requireLength(node, "weight", b.gamma(), s.channels());
        requireLength(node, "bias", b.beta(), s.channels());
        requireLength(node, "running mean", b.mean(), s.channels());
        requireLength(node, "running variance", b.var(), s.channels());
        requireVariance(node, b);
        yield s;
      }
      case AnnOp.Linear l -> {
        if (l.weight().rank() != 2 || l.weight().shape()[1] != s.size()) {
          throw fault(
              node,
              "weight shape "
                  + Arrays.toString(l.weight().shape())
                  + ", expected [out, "
                  + s.size()
                  + "] for an input of "
                  + s);
        }
        if (l.bias() != null) {
          requireLength(node, "bias", l.bias(), l.weight().shape()[0]);
        }
        yield new MapShape(l.weight().shape()[0], 1, 1);
      }
      case AnnOp.AvgPool p -> pool(node, s, p.window());
      case AnnOp.MaxPool p -> {
        MapShape out = pool(node, s, p.window());
        requireSize(node, out);
        requireTaps(node, s, out, p.window());
        yield out;
      }
      case AnnOp.GlobalAvgPool g -> new MapShape(s.channels(), 1, 1);
      case AnnOp.Flatten f -> new MapShape(s.size(), 1, 1);
      case AnnOp.ZeroPadShortcut z -> {
        if (!within(new int[] {z.stride()}, 1)
            || !within(new int[] {z.channelsBefore(), z.channelsAfter()}, 0)) {
          throw fault(
              node,
              "found stride "
                  + z.stride()
                  + ", zero channels "
                  + z.channelsBefore()
                  + " and "
                  + z.channelsAfter()
                  + ", expected a stride of 1.."
                  + MOST
                  + " and 0.."
                  + MOST
                  + " channels");
        }
        yield new MapShape(
            s.channels() + z.channelsBefore() + z.channelsAfter(),
            (s.height() + z.stride() - 1) / z.stride(),
            (s.width() + z.stride() - 1) / z.stride());
      }
      case AnnOp.Relu r -> s;
      case AnnOp.Identity i -> s;
      case AnnOp.Input i -> throw new IllegalStateException();
      case AnnOp.Add a -> throw new IllegalStateException();
    };
  }

  private MapShape conv(AnnNode node, AnnOp.Conv2d c, MapShape s) {
    int[] w = c.weight().shape();
    if (w.length != 4 || w[2] != c.window().kernelH() || w[3] != c.window().kernelW()) {
      throw fault(node, "weight shape " + Arrays.toString(w) + ", expected [oc, ic, kh, kw]");
    }
    if (c.groups() < 1 || s.channels() % c.groups() != 0 || w[0] % c.groups() != 0) {
      throw fault(
          node,
          "groups "
              + c.groups()
              + " must divide the channels in ("
              + s.channels()
              + ") and out ("
              + w[0]
              + ")");
    }
    if (w[1] != s.channels() / c.groups()) {
      throw fault(
          node,
          "weight shape "
              + Arrays.toString(w)
              + ", expected "
              + s.channels() / c.groups()
              + " input channels a group for an input of "
              + s);
    }
    if (c.bias() != null) {
      requireLength(node, "bias", c.bias(), w[0]);
    }
    return windowed(node, s, w[0], c.window());
  }

  /** Frameworks refuse more padding of a pool; a file that has it states something else. */
  private MapShape pool(AnnNode node, MapShape s, Window w) {
    MapShape out = windowed(node, s, s.channels(), w);
    if (2L * w.padH() > w.dilationH() * (w.kernelH() - 1L) + 1
        || 2L * w.padW() > w.dilationW() * (w.kernelW() - 1L) + 1) {
      throw fault(
          node,
          "found "
              + w.text()
              + ", expected a pool's padding of at most half its kernel; use less padding, or a"
              + " convolution");
    }
    return out;
  }

  private MapShape windowed(AnnNode node, MapShape s, int channels, Window w) {
    int[] positive = {
      w.kernelH(), w.kernelW(), w.strideH(), w.strideW(), w.dilationH(), w.dilationW()
    };
    int[] padding = {w.padH(), w.padW()};
    if (!within(positive, 1) || !within(padding, 0)) {
      throw fault(
          node,
          "found "
              + w.text()
              + ", expected kernel, stride and dilation 1.."
              + MOST
              + " and padding 0.."
              + MOST);
    }
    MapShape out = new MapShape(channels, w.outHeight(s.height()), w.outWidth(s.width()));
    if (out.height() < 1 || out.width() < 1) {
      throw fault(
          node, "the window " + w.text() + " does not fit into a map of " + s + "; add padding");
    }
    return out;
  }

  private static boolean within(int[] values, int least) {
    return Arrays.stream(values).allMatch(v -> v >= least && v <= MOST);
  }

  /** A window over nothing but padding has no maximum. */
  private void requireTaps(AnnNode node, MapShape s, MapShape out, Window w) {
    if (emptyWindow(out.height(), s.height(), w.kernelH(), w.strideH(), w.padH(), w.dilationH())
        || emptyWindow(out.width(), s.width(), w.kernelW(), w.strideW(), w.padW(), w.dilationW())) {
      throw fault(
          node,
          "the window "
              + w.text()
              + " covers nothing but padding at places of a map of "
              + s
              + "; use less padding");
    }
  }

  private static boolean emptyWindow(
      int outputs, int size, int kernel, int stride, int pad, int dilation) {
    for (int o = 0; o < outputs; o++) {
      boolean inside = false;
      for (int k = 0; k < kernel && !inside; k++) {
        int at = o * stride - pad + k * dilation;
        inside = at >= 0 && at < size;
      }
      if (!inside) {
        return true;
      }
    }
    return false;
  }

  private void requireSize(AnnNode node, MapShape s) {
    if (s.channels() < 1 || s.height() < 1 || s.width() < 1) {
      throw fault(node, "found a map of " + s + ", expected channels, height and width >= 1");
    }
    if ((long) s.channels() * s.height() > MOST_VALUES
        || (long) s.channels() * s.height() * s.width() > MOST_VALUES) {
      throw fault(
          node, "found a map of " + s + ", expected at most " + MOST_VALUES + " values an image");
    }
  }

  private void requireVariance(AnnNode node, AnnOp.BatchNorm b) {
    if (!(b.eps() >= 0) || !Float.isFinite(b.eps())) {
      throw fault(node, "found eps " + b.eps() + ", expected >= 0, such as 1e-5");
    }
    float[] var = b.var().data();
    for (int c = 0; c < var.length; c++) {
      if (!(var[c] >= 0) || !(var[c] + b.eps() > 0)) {
        throw fault(
            node,
            "found running variance "
                + var[c]
                + " of channel "
                + c
                + " and eps "
                + b.eps()
                + ", expected a variance >= 0 and a sum > 0; check which tensor is which");
      }
    }
  }

  private void requireLength(AnnNode node, String what, Tensor t, int expected) {
    if (t.rank() != 1 || t.size() != expected) {
      throw fault(
          node,
          what + " has shape " + Arrays.toString(t.shape()) + ", expected [" + expected + "]");
    }
  }
}
