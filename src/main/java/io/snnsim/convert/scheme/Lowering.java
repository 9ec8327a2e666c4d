// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the populations of a folded network and what flows into each: the structure of the spiking
 * network before any number is computed. Immutable, safe to share between threads.
 */
public final class Lowering {
  /** The image as a source. */
  public static final int IMAGE = -1;

  /** Kinds of populations. */
  public enum Kind {
    /** A ReLU or the logits: fed by a sum of terms, its own lambda. */
    SUM,
    /** Average pooling: the source's lambda. */
    AVERAGE,
    /** Max-pool gate: the source's lambda. */
    GATE
  }

  /**
   * One addend of a population's input: an operator (Conv2d, Linear, ZeroPadShortcut, or null for
   * the identity) on a source population, or on the image ({@link #IMAGE}).
   *
   * @param average null, or the windows that a Linear's inputs are averages over
   */
  public record Term(AnnNode node, int source, MapShape sourceShape, Window average) {
    Term(AnnNode node, int source, MapShape sourceShape) {
      this(node, source, sourceShape, null);
    }

    /** The same on other weights. */
    public Term with(AnnOp op) {
      return new Term(new AnnNode(node.name(), op, node.inputs()), source, sourceShape, average);
    }

    /** The map that the operator's own weights are for. */
    public MapShape operand() {
      return average == null
          ? sourceShape
          : new MapShape(
              sourceShape.channels(),
              average.outHeight(sourceShape.height()),
              average.outWidth(sourceShape.width()));
    }
  }

  /** A population to be. */
  public record Plan(
      String name, int node, Kind kind, MapShape shape, List<Term> terms, Window window) {
    /** The same with other terms. */
    public Plan with(List<Term> other) {
      return new Plan(name, node, kind, shape, other, window);
    }
  }

  private final AnnGraph graph;
  private final List<Plan> plans = new ArrayList<>();

  /** Population (or IMAGE) whose value each node carries; NONE if it is a sum not yet rectified. */
  private final int[] carrier;

  private static final int NONE = -2;

  /**
   * Analyses a folded network.
   *
   * @throws SnnsimException (bad data) naming a node that rate coding cannot express
   */
  public Lowering(AnnGraph graph) {
    this.graph = graph;
    int n = graph.nodes().size();
    carrier = new int[n];
    for (int i = 0; i < n; i++) {
      AnnNode node = graph.nodes().get(i);
      carrier[i] =
          switch (node.op()) {
            case AnnOp.Input in -> IMAGE;
            case AnnOp.Relu r -> rectified(i, node);
            case AnnOp.AvgPool p -> pooled(i, node, p.window(), Kind.AVERAGE);
            case AnnOp.GlobalAvgPool p ->
                pooled(i, node, AnnForward.globalWindow(graph.shape(input(node))), Kind.AVERAGE);
            case AnnOp.MaxPool p -> pooled(i, node, p.window(), Kind.GATE);
            case AnnOp.Flatten f -> {
              if (carrier[input(node)] == NONE) {
                throw unrectified(node, "flattens");
              }
              yield carrier[input(node)];
            }
            default -> NONE;
          };
    }
    if (carrier[n - 1] == NONE) {
      AnnNode last = graph.nodes().get(n - 1);
      plans.add(new Plan(last.name(), n - 1, Kind.SUM, graph.shape(n - 1), terms(n - 1), null));
    } else if (plans.isEmpty() || plans.get(carrier[n - 1]).node() != n - 1) {
      if (plans.isEmpty() || carrier[n - 1] != plans.size() - 1) {
        throw SnnsimException.badData(
            "node "
                + graph.nodes().get(n - 1).name()
                + ": the output must be the last population of the network");
      }
    }
  }

  private Lowering(AnnGraph graph, List<Plan> plans) {
    this.graph = graph;
    this.plans.addAll(plans);
    carrier = new int[0];
  }

  /**
   * The same structure without average pools that only fully connected layers read: these read the
   * pool's source instead, with weights spread over its windows. So an average costs no rounding to
   * spikes. The sums are the same.
   */
  public Lowering foldAverages() {
    List<Plan> kept = new ArrayList<>();
    int[] moved = new int[plans.size()];
    for (int p = 0; p < plans.size(); p++) {
      moved[p] = foldable(p) ? -1 : kept.size();
      if (moved[p] < 0) {
        continue;
      }
      List<Term> terms = new ArrayList<>();
      for (Term t : plans.get(p).terms()) {
        if (t.source() != IMAGE && moved[t.source()] < 0) {
          Plan pool = plans.get(t.source());
          Term in = pool.terms().getFirst();
          terms.add(new Term(t.node(), moved[in.source()], in.sourceShape(), pool.window()));
        } else {
          int source = t.source() == IMAGE ? IMAGE : moved[t.source()];
          terms.add(new Term(t.node(), source, t.sourceShape(), t.average()));
        }
      }
      kept.add(plans.get(p).with(List.copyOf(terms)));
    }
    return new Lowering(graph, kept);
  }

  private boolean foldable(int p) {
    if (plans.get(p).kind() != Kind.AVERAGE || p == plans.size() - 1) {
      return false;
    }
    // An average of an average stays: only the last of a chain is read by Linear layers alone.
    for (Plan reader : plans) {
      for (Term t : reader.terms()) {
        if (t.source() == p && (t.node() == null || !(t.node().op() instanceof AnnOp.Linear))) {
          return false;
        }
      }
    }
    return true;
  }

  /** The network that was analysed. */
  public AnnGraph graph() {
    return graph;
  }

  /** Number of populations. */
  public int populations() {
    return plans.size();
  }

  public List<Plan> plans() {
    return plans;
  }

  private int input(AnnNode node) {
    return graph.indexOf(node.inputs().getFirst());
  }

  private int rectified(int i, AnnNode node) {
    int in = input(node);
    if (carrier[in] >= 0) {
      return carrier[in]; // Spike rates are never negative: a second ReLU changes nothing.
    }
    if (carrier[in] == IMAGE) {
      plans.add(
          new Plan(
              node.name(),
              i,
              Kind.SUM,
              graph.shape(i),
              List.of(new Term(null, IMAGE, graph.shape(in))),
              null));
    } else {
      plans.add(new Plan(node.name(), i, Kind.SUM, graph.shape(i), terms(in), null));
    }
    return plans.size() - 1;
  }

  private int pooled(int i, AnnNode node, Window window, Kind kind) {
    int in = input(node);
    if (carrier[in] == NONE) {
      throw unrectified(node, "pools");
    }
    if (carrier[in] == IMAGE) {
      throw SnnsimException.badData(
          "node "
              + node.name()
              + ": pools the image itself, expected a convolution with ReLU before it; shrink the"
              + " images instead");
    }
    plans.add(
        new Plan(
            node.name(),
            i,
            kind,
            graph.shape(i),
            List.of(new Term(null, carrier[in], graph.shape(in))),
            window));
    return plans.size() - 1;
  }

  /** The addends of a node that is not a population itself. */
  private List<Term> terms(int i) {
    AnnNode node = graph.nodes().get(i);
    List<Term> result = new ArrayList<>();
    if (carrier[i] != NONE) {
      result.add(new Term(null, carrier[i], graph.shape(i)));
      return result;
    }
    switch (node.op()) {
      case AnnOp.Add a -> {
        for (String in : node.inputs()) {
          result.addAll(terms(graph.indexOf(in)));
        }
      }
      case AnnOp.Conv2d c -> result.add(term(node));
      case AnnOp.Linear l -> result.add(term(node));
      case AnnOp.ZeroPadShortcut z -> result.add(term(node));
      default ->
          throw SnnsimException.badData(
              "node " + node.name() + ": cannot be converted after folding");
    }
    return result;
  }

  private Term term(AnnNode node) {
    int in = input(node);
    if (carrier[in] == NONE) {
      throw unrectified(node, "reads");
    }
    // A Flatten in between is undone: the layer's window covers the population's whole map.
    int source = carrier[in];
    MapShape shape = source == IMAGE ? graph.inputShape() : plans.get(source).shape();
    if (!(node.op() instanceof AnnOp.Linear) && !shape.equals(graph.shape(in))) {
      throw SnnsimException.badData(
          "node " + node.name() + ": a convolution after Flatten, expected a Linear layer");
    }
    return new Term(node, source, shape);
  }

  private SnnsimException unrectified(AnnNode node, String verb) {
    return SnnsimException.badData(
        "node "
            + node.name()
            + ": "
            + verb
            + " "
            + node.inputs().getFirst()
            + ", whose output no ReLU makes non-negative; firing rates cannot be negative, so put a"
            + " ReLU between them and retrain");
  }
}
