// SPDX-License-Identifier: Apache-2.0
package io.snnsim.export;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.ConvGeometry;
import io.snnsim.geometry.MapShape;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import io.snnsim.parts.OptionalJar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a network of IF neurons as a graph of NIR (Pedersen et al., "Neuromorphic intermediate
 * representation", 2024), in grid units and time steps of 1: weights, thresholds and potentials are
 * the integers of the model file. Used once, by one thread.
 *
 * <p>NIR has no field for V before the first step, for saturation, rounding of the image's current,
 * and reset by subtraction: they are metadata, which {@code snnsim simulate} goes by. Potentials
 * and what they are compared with lie half a unit above the integers, so that V &gt; theta and V
 * &gt;= theta are the same.
 */
public final class NirExport {
  private static final float HALF = 0.5f;

  private final Network network;
  private final NirFile file;
  private final boolean[] flat;
  private final String[] neurons;

  /** Source population, flattened; null where that was not needed yet. */
  private final String[] flattened;

  /** True of populations whose bias a node into them has taken up. */
  private final boolean[] biased;

  private NirExport(Network network, NirFile file) {
    this.network = network;
    this.file = file;
    int n = network.populations().size();
    flat = new boolean[n];
    neurons = new String[n];
    flattened = new String[n];
    biased = new boolean[n];
  }

  /**
   * What was written.
   *
   * @param notes what other programs must know, as lines
   */
  public record Written(int nodes, int edges, List<String> notes) {
    /** Copies the list. */
    public Written {
      notes = List.copyOf(notes);
    }
  }

  /**
   * Writes a network. Takes memory for all weights as float32, each with its array.
   *
   * @param file a new one, or one to overwrite
   * @param from where the network came from, for messages
   * @throws SnnsimException (bad data) if a population is of neurons that NIR does not have
   */
  public static Written write(Network network, Path file, String from) {
    OptionalJar.JHDF.require("writing NIR");
    check(network, from);
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("dt", 1.0f);
    metadata.put("mean", network.input().mean());
    metadata.put("std", network.input().std());
    try (NirFile out = new NirFile(file, metadata)) {
      new NirExport(network, out).write();
      return new Written(out.nodes(), out.edges(), notes(network));
    }
  }

  private static void check(Network network, String from) {
    for (Population p : network.populations()) {
      if (p.model() != NeuronModel.IF) {
        throw SnnsimException.badData(
            from
                + ": found "
                + p.model().noun()
                + "s in "
                + p.name()
                + ", expected IF neurons, the only ones of these that NIR has; convert with"
                + " --preset s-resnet, and average instead of max pooling");
      }
    }
  }

  private static List<String> notes(Network network) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "neurons reset by subtraction, start at V(0) and saturate; that is metadata here, so tell"
            + " other programs to subtract");
    if (network.populations().stream().anyMatch(Population::wide)) {
      notes.add(
          "some populations have 32 bits: float32 holds their V exactly within +-8388608 only");
    }
    return notes;
  }

  private void write() {
    InputStage in = network.input();
    String image = file.node("input", "Input", Map.of("shape", shape(in.shape())), Map.of());
    decideFlat();
    List<Population> all = network.populations();
    for (int p = 0; p < all.size(); p++) {
      neurons[p] = file.node(all.get(p).name(), "IF", fields(p), metadata(all.get(p)));
    }
    String flatImage = null;
    for (Projection j : network.projections()) {
      project(j);
    }
    for (InputStage.AnalogProjection a : in.projections()) {
      String source = image;
      if (flat[a.target()]) {
        flatImage = flatImage != null ? flatImage : flatten("input", in.shape(), image);
        source = flatImage;
      }
      current(a, source);
    }
    for (int p = 0; p < all.size(); p++) {
      biasAlone(p);
    }
    String output =
        file.node("output", "Output", Map.of("shape", shapeOf(network.output())), Map.of());
    file.edge(neurons[network.output()], output);
  }

  /** A population is a row of neurons if all that reads and feeds it can do with one. */
  private void decideFlat() {
    for (int p = network.populations().size() - 1; p >= 0; p--) {
      int at = p;
      boolean in =
          network.into(p).stream()
                  .allMatch(j -> j instanceof ConvProjection c && Kernel.covers(c.geometry()))
              && network.input().projections().stream()
                  .filter(a -> a.target() == at)
                  .allMatch(a -> Kernel.covers(a.geometry()) && oneOrder(a.geometry()));
      flat[p] = in && network.outOf(p).stream().allMatch(j -> flat[j.target()]);
    }
  }

  /** True if a flattened image is summed in the order in which the engine sums it. */
  private static boolean oneOrder(ConvGeometry g) {
    return g.inChannels() == 1 || g.inHeight() * g.inWidth() == 1;
  }

  private static long[] shape(MapShape s) {
    return new long[] {s.channels(), s.height(), s.width()};
  }

  private long[] shapeOf(int p) {
    MapShape s = network.populations().get(p).shape();
    return flat[p] ? new long[] {s.channels()} : shape(s);
  }

  private Map<String, Object> fields(int p) {
    Population pop = network.populations().get(p);
    float[] ones = new float[pop.shape().channels()];
    Arrays.fill(ones, 1);
    Map<String, Object> f = new LinkedHashMap<>();
    f.put("r", each(p, ones));
    f.put("v_threshold", each(p, floats(pop.theta(), 0)));
    return f;
  }

  private Map<String, Object> metadata(Population p) {
    Map<String, Object> m = new LinkedHashMap<>();
    m.put("reset", "subtract");
    m.put("v0", perNeuron(p.shape(), floats(p.v0(), HALF)));
    if (!p.wide()) {
      m.put("v_min", Short.MIN_VALUE + HALF);
      m.put("v_max", Short.MAX_VALUE + HALF);
    }
    return m;
  }

  private static float[] floats(int[] values, float plus) {
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[i] + plus;
    }
    return out;
  }

  /** A channel's values for each of its neurons, in the population's shape. */
  private Object each(int p, float[] channel) {
    return flat[p] ? channel : map(network.populations().get(p).shape(), channel);
  }

  private static float[][][] map(MapShape s, float[] channel) {
    float[][][] out = new float[s.channels()][s.height()][s.width()];
    for (int c = 0; c < out.length; c++) {
      for (float[] row : out[c]) {
        Arrays.fill(row, channel[c]);
      }
    }
    return out;
  }

  private static float[] perNeuron(MapShape s, float[] channel) {
    float[] out = new float[s.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = channel[i / s.plane()];
    }
    return out;
  }

  private String flatten(String name, MapShape s, String source) {
    Map<String, Object> f = new LinkedHashMap<>();
    f.put("input_type", shape(s));
    f.put("start_dim", 0L);
    f.put("end_dim", -1L);
    String flatten = file.node(name + ".flat", "Flatten", f, Map.of());
    file.edge(source, flatten);
    return flatten;
  }

  private String flattened(int p) {
    if (flat[p]) {
      return neurons[p];
    }
    if (flattened[p] == null) {
      Population pop = network.populations().get(p);
      flattened[p] = flatten(pop.name(), pop.shape(), neurons[p]);
    }
    return flattened[p];
  }

  /** The bias of a population, for the first node into it that can take it up. */
  private float[] bias(int p) {
    Population pop = network.populations().get(p);
    if (biased[p]) {
      return new float[pop.shape().channels()];
    }
    biased[p] = true;
    return floats(pop.bias(), 0);
  }

  private void project(Projection j) {
    int p = j.target();
    Kernel.Weights w = (oc, ic, ky, kx) -> j.weight(oc, ic, ky, kx);
    if (flat[p]) {
      Map<String, Object> f = Kernel.affine(j.geometry(), w, bias(p));
      join(flattened(j.source()), file.node(j.name(), "Affine", f, Map.of()), p);
    } else if (j instanceof ChannelwiseProjection c && Pooling.scales(c)) {
      Map<String, Object> f = Map.of("scale", map(c.geometry().out(), Pooling.factors(c)));
      join(pooled(c), file.node(j.name(), "Scale", f, Map.of()), p);
    } else {
      boolean own = j instanceof ChannelwiseProjection c && c.channelOffset() == 0;
      ConvGeometry g = j.geometry();
      boolean depthwise = own && g.inChannels() == g.outChannels();
      int groups = depthwise ? g.inChannels() : j instanceof ConvProjection ? g.groups() : 1;
      Map<String, Object> f = Kernel.fields(g, groups, w, bias(p));
      join(neurons[j.source()], file.node(j.name(), "Conv2d", f, Map.of()), p);
    }
  }

  /** The source of a projection, summed over windows where they hold more than one neuron. */
  private String pooled(ChannelwiseProjection c) {
    if (c.geometry().taps() == 1) {
      return neurons[c.source()];
    }
    String sum =
        file.node(c.name() + ".sum", "SumPool2d", Pooling.fields(c.geometry().window()), Map.of());
    file.edge(neurons[c.source()], sum);
    return sum;
  }

  private void join(String source, String node, int target) {
    file.edge(source, node);
    file.edge(node, neurons[target]);
  }

  /** The image's current: rounded to integers, apart from the bias of the population. */
  private void current(InputStage.AnalogProjection a, String source) {
    ConvGeometry g = a.geometry();
    int each = g.inPerGroup();
    Kernel.Weights w =
        (oc, ic, ky, kx) -> {
          int i = ic - oc / g.outPerGroup() * each;
          return a.weights()[((oc * each + i) * g.kernelH() + ky) * g.kernelW() + kx];
        };
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("rounded", 1L);
    metadata.put("low", (float) a.low());
    metadata.put("high", (float) a.high());
    int p = a.target();
    String type = flat[p] ? "Affine" : "Conv2d";
    Map<String, Object> f =
        flat[p] ? Kernel.affine(g, w, a.bias()) : Kernel.fields(g, g.groups(), w, a.bias());
    join(source, file.node(a.name(), type, f, metadata), p);
    if (needsBias(p)) {
      join(source, file.node(a.name() + ".bias", type, none(g, p, g.groups()), Map.of()), p);
    }
  }

  private boolean needsBias(int p) {
    return !biased[p] && Arrays.stream(network.populations().get(p).bias()).anyMatch(b -> b != 0);
  }

  /** Fields of weights that are all zero, for the sake of their bias. */
  private Map<String, Object> none(ConvGeometry g, int p, int groups) {
    Kernel.Weights zero = (oc, ic, ky, kx) -> 0;
    return flat[p] ? Kernel.affine(g, zero, bias(p)) : Kernel.fields(g, groups, zero, bias(p));
  }

  /** The bias of a population that only scales and pools come to, which have no place for it. */
  private void biasAlone(int p) {
    if (needsBias(p)) {
      Projection j = network.into(p).getFirst();
      int groups = j.geometry().inChannels();
      String name = network.populations().get(p).name() + ".bias";
      String node = file.node(name, "Conv2d", none(j.geometry(), p, groups), Map.of());
      join(neurons[j.source()], node, p);
    }
  }
}
