// SPDX-License-Identifier: Apache-2.0
package io.snnsim.dynamics;

import io.snnsim.geometry.Window;
import java.util.ArrayList;
import java.util.List;

/**
 * What a node does with what it reads in each step. Immutable; arrays are not copied and must not
 * be changed.
 */
public sealed interface Operation {
  /** What NIR calls it. */
  String kind();

  /** Values that it has for all that it reads, for each channel or for each value. */
  default List<Parameter> parameters() {
    return List.of();
  }

  /**
   * Shape of what it sends; that of what it reads, unless it says otherwise.
   *
   * @param in of what it reads
   * @throws Misfit if it cannot read that
   */
  default Dims shape(Dims in) {
    parameters().forEach(p -> p.requireFits(in));
    return in;
  }

  /** Operations that send spikes, 1 or 0. */
  default boolean spiking() {
    return false;
  }

  /**
   * Sends what it reads: the ends of a graph.
   *
   * @param kind Input or Output
   */
  record Relay(String kind) implements Operation {}

  /**
   * Outputs are held within bounds, then rounded to the nearest integer, half to even.
   *
   * @param low the least
   * @param high the most
   */
  record Rounding(float low, float high) {
    void round(float[] values) {
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) Math.rint(Math.max(low, Math.min(high, values[i])));
      }
    }
  }

  /**
   * A matrix times what it reads, in C order, and a bias.
   *
   * @param weight [out, in]
   * @param bias a value an output, or null
   * @param rounding of each output; null for none
   */
  record Product(float[] weight, int in, float[] bias, Rounding rounding) implements Operation {
    @Override
    public String kind() {
      return bias == null ? "Linear" : "Affine";
    }

    /** Number of outputs. */
    int out() {
      return weight.length / in;
    }

    @Override
    public Dims shape(Dims read) {
      if (read.size() != in) {
        throw new Misfit(
            "weight", "found " + in + " columns for what it reads, " + read + ", expected as many");
      }
      if (bias != null && bias.length != out()) {
        throw new Misfit(
            "bias", "found " + bias.length + " values, expected one an output, " + out());
      }
      return Dims.of(out());
    }
  }

  /**
   * A convolution over a map, or over a signal as a map of one row.
   *
   * @param signal over [channels, length]
   * @param weight [out, in / groups, height, width]
   * @param bias a value an output channel, or null
   * @param rounding as of {@link Product}
   */
  record Convolution(
      boolean signal, float[] weight, float[] bias, Window window, int groups, Rounding rounding)
      implements Operation {
    @Override
    public String kind() {
      return signal ? "Conv1d" : "Conv2d";
    }

    /** Output channels, given the input channels. */
    int out(int channels) {
      return weight.length / (channels / groups * window.taps());
    }

    @Override
    public Dims shape(Dims in) {
      int rank = signal ? 2 : 3;
      if (in.rank() != rank) {
        throw new Misfit("", "found the shape " + in + " to read, expected " + rank + " sizes");
      }
      int c = in.channels();
      long each = c % groups == 0 ? (long) (c / groups) * window.taps() : 0;
      if (each == 0 || weight.length % each != 0 || weight.length / each % groups != 0) {
        throw new Misfit(
            "weight",
            "found "
                + weight.length
                + " weights in "
                + groups
                + " groups for what it reads, "
                + in
                + ", expected as many channels in each group");
      }
      if (bias != null && bias.length != out(c)) {
        throw new Misfit(
            "bias", "found " + bias.length + " values, expected one a channel, " + out(c));
      }
      return slid(window, in, out(c), signal);
    }
  }

  /**
   * The sum or the mean of each place of a window.
   *
   * @param mean divides by the window's taps, padding included
   */
  record Pool(Window window, boolean mean) implements Operation {
    @Override
    public String kind() {
      return mean ? "AvgPool2d" : "SumPool2d";
    }

    @Override
    public Dims shape(Dims in) {
      if (in.rank() != 3) {
        throw new Misfit("", "found the shape " + in + " to read, expected 3 sizes");
      }
      return slid(window, in, in.channels(), false);
    }
  }

  /** The same values in one dimension. */
  record Flat() implements Operation {
    @Override
    public String kind() {
      return "Flatten";
    }

    @Override
    public Dims shape(Dims in) {
      return Dims.of(in.size());
    }
  }

  /** Multiplies each value. */
  record Scale(Parameter factor) implements Operation {
    @Override
    public String kind() {
      return "Scale";
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(factor);
    }
  }

  /** Sends 1 where what it reads is above a threshold, else 0. */
  record Threshold(Parameter threshold) implements Operation {
    @Override
    public String kind() {
      return "Threshold";
    }

    @Override
    public boolean spiking() {
      return true;
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(threshold);
    }
  }

  /** Sends what it read some time before, given in seconds. */
  record Delay(Parameter seconds) implements Operation {
    @Override
    public String kind() {
      return "Delay";
    }

    @Override
    public List<Parameter> parameters() {
      return List.of(seconds);
    }
  }

  /**
   * A neuron, put together of parts: with a synapse it is current-based, without a leak it
   * integrates, without a threshold it sends V itself.
   *
   * @param r resistance
   * @param leak null without
   * @param synapse null without
   * @param firing null if it never spikes
   * @param bounds where V begins and between which values it stays
   */
  record Neuron(Parameter r, Leak leak, Synapse synapse, Firing firing, Bounds bounds)
      implements Operation {
    @Override
    public String kind() {
      return (synapse == null ? "" : "Cuba") + (leak == null ? "I" : "LI") + (spiking() ? "F" : "");
    }

    @Override
    public boolean spiking() {
      return firing != null;
    }

    @Override
    public List<Parameter> parameters() {
      List<Parameter> all = new ArrayList<>(List.of(r));
      if (leak != null) {
        all.addAll(List.of(leak.tau, leak.rest));
      }
      if (synapse != null) {
        all.addAll(List.of(synapse.tau, synapse.weight));
      }
      if (firing != null) {
        all.add(firing.threshold);
        all.add(firing.reset);
      }
      all.add(bounds.start);
      all.add(bounds.least);
      all.add(bounds.most);
      all.removeIf(p -> p == null);
      return all;
    }
  }

  /**
   * tau dV/dt = rest - V + r I.
   *
   * @param tau seconds
   */
  record Leak(Parameter tau, Parameter rest) {}

  /**
   * tau dI/dt = -I + weight S, of what the neuron reads, S.
   *
   * @param tau seconds
   */
  record Synapse(Parameter tau, Parameter weight) {}

  /**
   * A spike where V is above the threshold.
   *
   * @param reset V after a spike; null if the threshold is subtracted
   */
  record Firing(Parameter threshold, Parameter reset) {}

  /**
   * Values of V.
   *
   * @param start before the first step; null for the resting potential, without a leak 0
   * @param least null if there is none
   * @param most null if there is none
   */
  record Bounds(Parameter start, Parameter least, Parameter most) {
    /** As NIR has it. */
    public static final Bounds NONE = new Bounds(null, null, null);
  }

  private static Dims slid(Window w, Dims in, int channels, boolean signal) {
    int height = w.outHeight(signal ? 1 : in.last(1));
    int width = w.outWidth(in.last(0));
    if (height < 1 || width < 1) {
      throw new Misfit("", "found the shape " + in + " to read, smaller than its " + w.text());
    }
    return signal ? Dims.of(channels, width) : Dims.of(channels, height, width);
  }
}
