// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dump.layers;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Add;
import io.snnsim.ann.op.AnnOp;
import io.snnsim.ann.op.AvgPool;
import io.snnsim.ann.op.Concat;
import io.snnsim.ann.op.Conv2d;
import io.snnsim.ann.op.Flatten;
import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Identity;
import io.snnsim.ann.op.Input;
import io.snnsim.ann.op.MaxPool;
import io.snnsim.ann.op.OpRules;
import io.snnsim.ann.op.Relu;
import io.snnsim.ann.op.Upsample;
import io.snnsim.dump.file.Text;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Owns a network that a reader builds layer by layer, in the order of computation. What cannot be
 * imported is an {@link Obstacle}, with which it goes on, so that a user learns of all of them.
 * Used by one thread; keeps tensors as they are given.
 *
 * <p>A reader adds an input, then layers on the {@link Value}s of others, names the output and asks
 * for the graph. Layers that do nothing in inference need not be added: what they read is what they
 * give.
 */
public final class LayerGraph {
  /** As JSON graphs call it. */
  private static final String INPUT = "input";

  /** Characters of a message's part that names what stands in a file. */
  private static final int LONGEST = 400;

  /** A smaller factor of images is meant for pixels 0..255. */
  private static final double LEAST_OF_UNITS = 1.0 / 16;

  /**
   * A node as far as it is known.
   *
   * @param rectified true if its values are never negative
   * @param doubtful true if it comes after an obstacle, so that its shape may be wrong
   */
  private record Node(AnnNode node, boolean rectified, boolean doubtful) {}

  private final String where;
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private final Map<String, Integer> names = new HashMap<>();
  private final Map<String, String> ends = new LinkedHashMap<>();
  private final List<Obstacle> obstacles = new ArrayList<>();
  private final ChannelConstants constants = new ChannelConstants();
  private final List<String> notes = new ArrayList<>();
  private final List<Path> beside = new ArrayList<>();
  private String output;

  /**
   * A network without layers.
   *
   * @param where the file, for messages
   */
  public LayerGraph(String where) {
    this.where = where;
  }

  /**
   * Adds the image; comes first and once.
   *
   * @throws SnnsimException (bad data) if the map is empty or too large
   */
  public Value input(MapShape shape) {
    if (!nodes.isEmpty()) {
      throw new IllegalStateException("a second input");
    }
    try {
      OpRules.requireSize(shape);
    } catch (SnnsimException e) {
      throw SnnsimException.badData(where + ": input: " + e.getMessage());
    }
    return put(INPUT, new Input(shape), List.of(), shape, false);
  }

  /**
   * Adds a layer. A window takes over the zeros around what it reads. A layer that does not fit
   * what it reads becomes an obstacle.
   *
   * @param name as the file calls it; the node's name resembles it
   */
  public Value add(String name, AnnOp op, Value... inputs) {
    AnnOp padded = op;
    for (Value in : inputs) {
      if (!in.zeros().equals(Zeros.NONE)) {
        padded = padded(op, in);
        if (padded == null) {
          return misfit(
              name,
              "found zero padding ("
                  + in.zeros()
                  + ") before "
                  + op.label()
                  + ", expected it before a convolution, an average pool or a max pool of"
                  + " rectified values",
              "pad elsewhere",
              inputs);
        }
      }
    }
    List<MapShape> shapes = Arrays.stream(inputs).map(Value::shape).toList();
    try {
      MapShape shape = padded.shape(shapes);
      OpRules.requireSize(shape);
      return put(name, padded, List.of(inputs), shape, false);
    } catch (SnnsimException e) {
      return misfit(name, e.getMessage(), "", inputs);
    }
  }

  /**
   * A layer that multiplies each channel by a constant and then adds one.
   *
   * @param factor of each channel or of all, or null for 1
   * @param addend of each channel or of all, or null for 0
   */
  public Value affine(String name, float[] factor, float[] addend, Value in) {
    int channels = in.shape().channels();
    if (!constants.suffice(channels)) {
      return misfit(name, "found constants of " + channels + " channels, expected fewer", "", in);
    }
    if (factor != null && in.node().equals(INPUT) && Math.abs(factor[0]) < LEAST_OF_UNITS) {
      note(
          name
              + " scales images by itself: give --normalize u8 (mean 0, std 1/255) if the network"
              + " takes pixels 0..255");
    }
    return add(name, constants.affine(factor, addend, channels), in);
  }

  /** True if none of its values is ever negative. */
  public boolean rectified(Value value) {
    return nodes.get(value.node()).rectified();
  }

  /** The map with zeros around it and around those that it has. */
  public Value pad(Value in, Zeros zeros) {
    return new Value(in.node(), in.shape(), in.zeros().and(zeros));
  }

  /**
   * A softmax, sigmoid or the like: left off where only the output comes after it, since it does
   * not change which class is largest.
   *
   * @param kind as the note calls it
   */
  public Value end(String name, String kind, Value in) {
    Value value = add(name, new Identity(), in);
    ends.put(value.node(), kind);
    return value;
  }

  /** Says that a file beside the one that is read has some of the tensors. */
  public void beside(Path file) {
    beside.add(file);
  }

  /** Files beside the one that was read, in the order in which they were needed. */
  public List<Path> beside() {
    return List.copyOf(beside);
  }

  /** Something that the user is told. */
  public void note(String text) {
    notes.add(Text.oneLine(text, LONGEST));
  }

  /**
   * A layer that cannot be imported, whatever it reads; of shapes it is taken for an Identity of
   * its first input.
   *
   * @param layer its name and kind
   * @param found what it is or has, and what was expected
   * @param advice what a user can do, or empty text
   */
  public Value obstacle(String layer, String found, String advice, Value... inputs) {
    obstacles.add(new Obstacle(Text.oneLine(layer), Text.oneLine(found, LONGEST), advice));
    Value first = inputs[0];
    return put(layer, new Identity(), List.of(first), first.shape(), true);
  }

  /**
   * A layer that does not fit what it reads. Nothing is said of it after an obstacle, from which it
   * may follow.
   *
   * @param layer its name and kind
   * @param found what does not fit, and what was expected
   * @param advice what a user can do, or empty text
   */
  public Value misfit(String layer, String found, String advice, Value... inputs) {
    if (Arrays.stream(inputs).noneMatch(in -> nodes.get(in.node()).doubtful())) {
      return obstacle(layer, found, advice, inputs);
    }
    Value first = inputs[0];
    return put(layer, new Identity(), List.of(first), first.shape(), true);
  }

  /** Says whose value the network gives. */
  public void output(Value value) {
    output = value.node();
    if (!value.zeros().equals(Zeros.NONE)) {
      obstacle(value.node(), "found zero padding of the output, expected none", "", value);
    }
    ends.forEach(
        (end, kind) -> {
          if (isLast(end)) {
            note("left off " + kind + " (" + end + ") at the end: classes are the same without it");
          } else {
            obstacles.add(
                new Obstacle(
                    end + " (" + kind + ")",
                    "found it within the network, expected it at the end only",
                    "train the network with ReLU in its place"));
          }
        });
    ends.clear();
  }

  /** True if nothing but a change of shape is between a node and the output. */
  private boolean isLast(String end) {
    String at = output;
    while (!at.equals(end)) {
      AnnNode node = nodes.get(at).node();
      if (!(node.op() instanceof Identity || node.op() instanceof Flatten)) {
        return false;
      }
      at = node.inputs().getFirst();
    }
    return true;
  }

  /** All that cannot be imported, in the order of the file; complete after {@link #output}. */
  public List<Obstacle> obstacles() {
    return List.copyOf(obstacles);
  }

  /** What the user is told. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /**
   * The network, without the layers that its output does not depend on.
   *
   * @throws SnnsimException (bad data) naming the first obstacle, and the layers of the others
   */
  public AnnGraph finish(String network) {
    if (!obstacles.isEmpty()) {
      List<String> others =
          obstacles.subList(1, obstacles.size()).stream().map(Obstacle::layer).toList();
      throw SnnsimException.badData(
          where
              + ", "
              + obstacles.getFirst().text()
              + (others.isEmpty()
                  ? ""
                  : "; " + others.size() + " more cannot be imported: " + Text.some(others, 3)));
    }
    try {
      return new AnnGraph(Text.oneLine(network), Tidying.tidy(nodes(), output));
    } catch (SnnsimException e) {
      throw SnnsimException.badData(where + ": " + e.getMessage());
    }
  }

  /**
   * The network as far as it was understood, with an Identity in place of what cannot be imported;
   * null if it makes no network.
   */
  public AnnGraph understood(String network) {
    try {
      return new AnnGraph(
          Text.oneLine(network), obstacles.isEmpty() ? Tidying.tidy(nodes(), output) : nodes());
    } catch (SnnsimException e) {
      return null; // Which finishing says.
    }
  }

  private List<AnnNode> nodes() {
    return nodes.values().stream().map(Node::node).toList();
  }

  /** The operator with the zeros around what it reads in its window, or null if it cannot be. */
  private AnnOp padded(AnnOp op, Value in) {
    Zeros zeros = in.zeros();
    return switch (op) {
      case Conv2d c -> new Conv2d(c.weight(), c.bias(), zeros.into(c.window()), c.groups());
      case AvgPool p -> new AvgPool(zeros.into(p.window()));
      // Zeros are values there, but padding of a max pool never wins.
      case MaxPool p when rectified(in) -> new MaxPool(zeros.into(p.window()));
      default -> null;
    };
  }

  private Value put(
      String wanted, AnnOp op, List<Value> inputs, MapShape shape, boolean isObstacle) {
    List<Node> read = inputs.stream().map(in -> nodes.get(in.node())).toList();
    boolean rectified =
        switch (op) {
          case Relu _ -> true;
          case Add _, Concat _, MaxPool _, AvgPool _, GlobalAvgPool _, Flatten _, Upsample _ ->
              read.stream().allMatch(Node::rectified);
          default -> false;
        };
    boolean doubtful = isObstacle || read.stream().anyMatch(Node::doubtful);
    String name = unused(wanted, op);
    AnnNode node = new AnnNode(name, op, inputs.stream().map(Value::node).toList());
    nodes.put(name, new Node(node, rectified, doubtful));
    return new Value(name, shape, Zeros.NONE);
  }

  private String unused(String wanted, AnnOp op) {
    String clean = Text.oneLine(wanted);
    String name = clean.isEmpty() ? op.label() : clean;
    String free = name;
    while (nodes.containsKey(free)) {
      // Counted on, so that a file of equal names takes no time that grows with its square.
      free = name + "_" + names.merge(name, 1, (n, one) -> n + one);
    }
    names.putIfAbsent(name, 1);
    return free;
  }
}
