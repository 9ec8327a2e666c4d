package io.snnsim.convert;

import io.snnsim.ann.AnnForward;
import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.AnnOp;
import io.snnsim.ann.MapShape;
import io.snnsim.ann.Window;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the populations of a folded network and what flows into each: the structure of the spiking
 * network before any number is computed. Immutable, safe to share between threads.
 */
public final class Lowering {
  /** The image as a source. */
  static final int IMAGE = -1;

  /** Kinds of populations. */
  enum Kind {
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
   */
  record Term(AnnNode node, int source, MapShape sourceShape) {}

  /** A population to be. */
  record Plan(String name, int node, Kind kind, MapShape shape, List<Term> terms, Window window) {}

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

  /** The network that was analysed. */
  public AnnGraph graph() {
    return graph;
  }

  List<Plan> plans() {
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
