// SPDX-License-Identifier: Apache-2.0
package io.snnsim.convert.scheme;

import io.snnsim.ann.AnnGraph;
import io.snnsim.ann.AnnNode;
import io.snnsim.ann.op.Relu;
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
   * One addend of a population's input: what a link makes of a source population, or of the image
   * ({@link #IMAGE}).
   *
   * @param name of the ANN's operator that the link was; null for the identity
   * @param average null, or the windows that a fully connected link's inputs are averages over
   */
  public record Term(String name, Link link, int source, MapShape sourceShape, Window average) {
    /** What a source sends, as it is. */
    static Term identity(int source, MapShape sourceShape) {
      return new Term(null, Link.IDENTITY, source, sourceShape, null);
    }

    /** The same with another link. */
    public Term with(Link other) {
      return new Term(name, other, source, sourceShape, average);
    }

    /** True if it has a weight for each channel, or none, and spikes come in. */
    boolean isShortcut() {
      return source != IMAGE && link instanceof Link.Shortcut;
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

  /**
   * One of some populations that stand for one of the ANN.
   *
   * @param index from 0
   * @param of how many
   */
  public record Copy(int index, int of) {
    static final Copy ONLY = new Copy(0, 1);

    private static final String NAMED = ".copy";

    /** The name of what a population stands for, if it is named as another copy of it is. */
    public static String original(String name) {
      int at = name.lastIndexOf(NAMED);
      return at > 0 && name.substring(at + NAMED.length()).matches("[2-9]")
          ? name.substring(0, at)
          : name;
    }

    /** How much V(0) is above the mean of all copies, in thresholds: together they send finer. */
    public double ahead() {
      return (index + 0.5) / of - 0.5;
    }
  }

  /** A population to be. */
  public record Draft(
      String name,
      int node,
      Kind kind,
      MapShape shape,
      List<Term> terms,
      Window window,
      Copy copy) {
    private Draft(
        String name, int node, Kind kind, MapShape shape, List<Term> terms, Window window) {
      this(name, node, kind, shape, terms, window, Copy.ONLY);
    }

    /** The same with other terms. */
    public Draft with(List<Term> other) {
      return new Draft(name, node, kind, shape, other, window, copy);
    }

    private Draft with(Copy other) {
      String called = other.index() == 0 ? name : name + Copy.NAMED + (other.index() + 1);
      return new Draft(called, node, kind, shape, terms, window, other);
    }
  }

  /**
   * Weights that a fully connected layer may have over the windows of an average before it: of more
   * classes and larger maps, as ImageNet has, they would be several times all others.
   */
  private static final long MOST_SPREAD = 1L << 22;

  private final AnnGraph graph;
  private final List<Draft> drafts = new ArrayList<>();

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
          switch (role(i)) {
            case Role.Image _ -> IMAGE;
            case Role.Rectifier r -> rectified(i, node, r.clipped());
            case Role.Pool p -> pooled(i, node, p);
            case Role.Reshape _ -> {
              if (carrier[input(node)] == NONE) {
                throw unrectified(node, "flattens");
              }
              yield carrier[input(node)];
            }
            case Role.Sum _, Role.Between _, Role.Folded _ -> NONE;
          };
    }
    if (carrier[n - 1] == NONE) {
      AnnNode last = graph.nodes().get(n - 1);
      drafts.add(new Draft(last.name(), n - 1, Kind.SUM, graph.shape(n - 1), terms(n - 1), null));
    } else if (drafts.isEmpty() || drafts.get(carrier[n - 1]).node() != n - 1) {
      if (drafts.isEmpty() || carrier[n - 1] != drafts.size() - 1) {
        throw SnnsimException.badData(
            "node "
                + graph.nodes().get(n - 1).name()
                + ": the output must be the last population of the network");
      }
    }
  }

  private Lowering(AnnGraph graph, List<Draft> drafts) {
    this.graph = graph;
    this.drafts.addAll(drafts);
    carrier = new int[0];
  }

  /**
   * The same structure without average pools that only fully connected layers read: these read the
   * pool's source instead, with weights spread over its windows. So an average costs no rounding to
   * spikes. The sums are the same.
   */
  public Lowering foldAverages() {
    List<Draft> kept = new ArrayList<>();
    int[] moved = new int[drafts.size()];
    for (int p = 0; p < drafts.size(); p++) {
      moved[p] = foldable(p) ? -1 : kept.size();
      if (moved[p] < 0) {
        continue;
      }
      List<Term> terms = new ArrayList<>();
      for (Term t : drafts.get(p).terms()) {
        if (t.source() != IMAGE && moved[t.source()] < 0) {
          Draft pool = drafts.get(t.source());
          Term in = pool.terms().getFirst();
          terms.add(
              new Term(t.name(), t.link(), moved[in.source()], in.sourceShape(), pool.window()));
        } else {
          int source = t.source() == IMAGE ? IMAGE : moved[t.source()];
          terms.add(new Term(t.name(), t.link(), source, t.sourceShape(), t.average()));
        }
      }
      kept.add(drafts.get(p).with(List.copyOf(terms)));
    }
    return new Lowering(graph, kept);
  }

  private boolean foldable(int p) {
    if (drafts.get(p).kind() != Kind.AVERAGE || p == drafts.size() - 1) {
      return false;
    }
    // An average of an average stays: only the last of a chain is read by fully connected links
    // alone.
    long seen = (long) drafts.get(p).window().taps();
    for (Draft reader : drafts) {
      for (Term t : reader.terms()) {
        if (t.source() != p) {
          continue;
        }
        if (!(t.link() instanceof Link.Weights w && w.fullyConnected())
            || w.op().weight().size() * seen > MOST_SPREAD) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * The same structure with several copies of each population that the image alone drives, and
   * readers that take the mean of them. With a V(0) of its own ({@link Copy#ahead}) each rounds
   * elsewhere, so that what they send together is as much finer: the first layer's rounding goes
   * through all others, and it is cheap to repeat. Pools read one source, so a population that is
   * pooled stays alone.
   */
  public Lowering copyFirst(int copies) {
    List<Draft> result = new ArrayList<>();
    int[] first = new int[drafts.size()];
    int[] count = new int[drafts.size()];
    for (int p = 0; p < drafts.size(); p++) {
      Draft draft = drafts.get(p);
      List<Term> terms = new ArrayList<>();
      for (Term t : draft.terms()) {
        int n = t.source() == IMAGE ? 1 : count[t.source()];
        Link link = n == 1 ? t.link() : t.link().times(1.0 / n);
        for (int i = 0; i < n; i++) {
          int source = t.source() == IMAGE ? IMAGE : first[t.source()] + i;
          terms.add(new Term(t.name(), link, source, t.sourceShape(), t.average()));
        }
      }
      first[p] = result.size();
      count[p] = copied(p) ? copies : 1;
      for (int i = 0; i < count[p]; i++) {
        result.add(draft.with(List.copyOf(terms)).with(new Copy(i, count[p])));
      }
    }
    return new Lowering(graph, result);
  }

  private boolean copied(int p) {
    Draft draft = drafts.get(p);
    return p < drafts.size() - 1
        && rectifies(draft)
        && draft.terms().stream().allMatch(t -> t.source() == IMAGE)
        && drafts.stream()
            .filter(r -> r.terms().stream().anyMatch(t -> t.source() == p))
            .allMatch(r -> r.kind() == Kind.SUM);
  }

  /** The network that was analysed. */
  public AnnGraph graph() {
    return graph;
  }

  /** Number of populations. */
  public int populations() {
    return drafts.size();
  }

  public List<Draft> drafts() {
    return drafts;
  }

  /** True if a population is what a ReLU makes of its sum, and not a sum that may be negative. */
  public boolean rectifies(Draft draft) {
    return role(draft.node()) instanceof Role.Rectifier;
  }

  /** What the ReLU of a population cuts off above; infinite unless it is clipped. */
  public float most(Draft draft) {
    return graph.nodes().get(draft.node()).op() instanceof Relu relu
        ? relu.most()
        : Float.POSITIVE_INFINITY;
  }

  private Role role(int i) {
    AnnNode node = graph.nodes().get(i);
    return Role.of(node.op(), node.inputs().isEmpty() ? null : graph.shape(input(node)));
  }

  private int input(AnnNode node) {
    return graph.indexOf(node.inputs().getFirst());
  }

  private int rectified(int i, AnnNode node, boolean clips) {
    int in = input(node);
    if (carrier[in] >= 0 && !clips) {
      return carrier[in]; // Spike rates are never negative: a second ReLU changes nothing.
    }
    if (carrier[in] != NONE) {
      drafts.add(
          new Draft(
              node.name(),
              i,
              Kind.SUM,
              graph.shape(i),
              List.of(Term.identity(carrier[in], graph.shape(in))),
              null));
    } else {
      drafts.add(new Draft(node.name(), i, Kind.SUM, graph.shape(i), terms(in), null));
    }
    return drafts.size() - 1;
  }

  private int pooled(int i, AnnNode node, Role.Pool pool) {
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
    drafts.add(
        new Draft(
            node.name(),
            i,
            pool.kind(),
            graph.shape(i),
            List.of(Term.identity(carrier[in], graph.shape(in))),
            pool.window()));
    return drafts.size() - 1;
  }

  /** The addends of a node that is not a population itself. */
  private List<Term> terms(int i) {
    AnnNode node = graph.nodes().get(i);
    List<Term> result = new ArrayList<>();
    if (carrier[i] != NONE) {
      result.add(Term.identity(carrier[i], graph.shape(i)));
      return result;
    }
    switch (role(i)) {
      case Role.Sum _ -> {
        for (String in : node.inputs()) {
          result.addAll(terms(graph.indexOf(in)));
        }
      }
      case Role.Between b -> result.add(term(node, b.link()));
      case Role.Folded _ ->
          throw SnnsimException.badData(
              "node " + node.name() + ": cannot be converted after folding");
      case Role.Image _, Role.Rectifier _, Role.Pool _, Role.Reshape _ ->
          throw new IllegalStateException(node.name() + " carries a population");
    }
    return result;
  }

  private Term term(AnnNode node, Link link) {
    int in = input(node);
    if (carrier[in] == NONE) {
      throw unrectified(node, "reads");
    }
    // A Flatten in between is undone: the layer's window covers the population's whole map.
    int source = carrier[in];
    MapShape shape = source == IMAGE ? graph.inputShape() : drafts.get(source).shape();
    boolean whole = link instanceof Link.Weights w && w.fullyConnected();
    if (!whole && !shape.equals(graph.shape(in))) {
      throw SnnsimException.badData(
          "node " + node.name() + ": a convolution after Flatten, expected a Linear layer");
    }
    return new Term(node.name(), link, source, shape, null);
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
