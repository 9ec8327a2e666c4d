// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A graph made ready to run in steps of one length: order of the nodes, weights as loops read them,
 * shares of decay. Immutable, shared by all threads; memory of a size that the heap holds is taken
 * once.
 *
 * <p>A step computes the nodes in {@link #order}. A node reads what its sources sent in this step,
 * of a source that comes later, or of itself, what it sent in the step before; nothing was sent
 * before the first step. All arithmetic is in float32 and in one order, without fused operations:
 * several sources are added in the order of the file's edges; a sum of products starts at the bias,
 * or 0, and adds weight times value in the order of the values, of convolutions by row, column and
 * channel of the kernel. So results do not depend on threads or on the machine.
 */
public final class Dynamics {
  /** From this share on Euler's steps swing around their goal and never come nearer. */
  private static final double UNSTABLE = 2;

  private final NodeGraph graph;
  private final Settings settings;
  private final int[] order;
  private final Step.Maker[] makers;
  private final BitSet late;
  private final int[] places;

  private Dynamics(NodeGraph graph, Settings settings, BitSet late) {
    this.graph = graph;
    this.settings = settings;
    this.late = late;
    order = graph.order(late);
    places = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      places[order[i]] = i;
    }
    makers = new Step.Maker[order.length];
    for (int n = 0; n < makers.length; n++) {
      makers[n] = maker(n);
    }
  }

  /**
   * Makes a graph ready.
   *
   * @param states how many states will run at once
   * @param refusal says where a node is whose parameters do not go with a step
   * @throws SnnsimException (no memory) if the heap cannot hold it
   */
  public static Dynamics of(
      NodeGraph graph, Settings settings, int states, NodeGraph.Refusal refusal) {
    BitSet late = new BitSet();
    long fixed = 0;
    long each = 0;
    for (int n = 0; n < graph.nodes().size(); n++) {
      Operation operation = graph.nodes().get(n).operation();
      long out = graph.shapes().get(n).size();
      each += out + (graph.nodes().get(n).sources().size() > 1 ? graph.reads(n).size() : 0);
      switch (operation) {
        case Operation.Relay r -> {}
        case Operation.Flat f -> {}
        case Operation.Pool p -> {}
        case Operation.Product p -> fixed += p.weight().length;
        case Operation.Convolution c -> {
          fixed += c.weight().length;
          each += out;
        }
        case Operation.Scale s -> fixed += out;
        case Operation.Threshold t -> fixed += out;
        case Operation.Neuron neuron -> {
          requireStable(neuron, n, settings, refusal);
          fixed += out * neuron.parameters().size();
          each += 2 * out;
        }
        case Operation.Delay d -> {
          int node = n;
          int[] range =
              DelayStep.range(d, graph.reads(n), settings.dt(), why -> refusal.of(node, why));
          late.set(n, range[0] > 0);
          fixed += out;
          each += out * (range[1] + 1L);
        }
      }
    }
    long bytes = 4 * (fixed + states * each);
    long heap = Runtime.getRuntime().maxMemory();
    if (bytes > heap / 4 * 3) {
      throw new SnnsimException(
          Category.NO_MEMORY,
          "simulating needs "
              + (bytes >> 20)
              + " MB, found a heap that may grow to "
              + (heap >> 20)
              + " MB; give more with SNNSIM_JAVA_OPTS=-Xmx8g, fewer --threads, or a larger --dt"
              + " where delays are long");
    }
    return new Dynamics(graph, settings, late);
  }

  private static void requireStable(
      Operation.Neuron neuron, int n, Settings settings, NodeGraph.Refusal refusal) {
    List<Parameter> taus = new ArrayList<>();
    if (neuron.leak() != null) {
      taus.add(neuron.leak().tau());
    }
    if (neuron.synapse() != null) {
      taus.add(neuron.synapse().tau());
    }
    for (Parameter tau : taus) {
      for (float t : tau.values()) {
        if (!settings.exact() && settings.dt() / t >= UNSTABLE) {
          throw refusal.of(
              n,
              new Misfit(
                  tau.field(),
                  "found "
                      + t
                      + " s with steps of "
                      + settings.dt()
                      + " s, expected steps shorter than twice as much, or forward Euler diverges;"
                      + " give a smaller --dt, or --decay exact"));
        }
      }
    }
  }

  /** Seconds a step and how it is taken. */
  public Settings settings() {
    return settings;
  }

  /** The graph. */
  public NodeGraph graph() {
    return graph;
  }

  /** Numbers of the nodes in the order in which a step computes them. */
  public int[] order() {
    return order.clone();
  }

  /** True if a node sends only what it read in steps before. */
  boolean isLate(int node) {
    return late.get(node);
  }

  /** True if what a source sends is read one step later. */
  public boolean stepLater(int source, int reader) {
    return !late.get(reader) && places[source] >= places[reader];
  }

  /** A state of one thread, before the first step. */
  public DynamicsState newState() {
    return new DynamicsState(this);
  }

  Step step(int node) {
    return makers[node].make();
  }

  private Step.Maker maker(int n) {
    Dims in = graph.reads(n);
    Dims out = graph.shapes().get(n);
    return switch (graph.nodes().get(n).operation()) {
      case Operation.Relay r -> Step.shared(Step::copy);
      case Operation.Flat f -> Step.shared(Step::copy);
      case Operation.Product p -> Step.shared(new ProductStep(p));
      case Operation.Convolution c -> ConvolutionStep.maker(c, in, out);
      case Operation.Pool p -> Step.shared(new PoolStep(p, in, out));
      case Operation.Scale s -> {
        float[] factor = s.factor().each(in);
        yield Step.shared((read, sent) -> Step.scale(read, factor, sent));
      }
      case Operation.Threshold t -> {
        float[] threshold = t.threshold().each(in);
        yield Step.shared((read, sent) -> Step.above(read, threshold, sent));
      }
      case Operation.Delay d -> DelayStep.maker(d, in, settings.dt(), late.get(n));
      case Operation.Neuron neuron -> NeuronStep.maker(neuron, in, settings);
    };
  }
}
