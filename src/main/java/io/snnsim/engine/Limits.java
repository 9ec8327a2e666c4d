// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;

/**
 * What a network may take to run, so that a small file cannot ask for a machine. Immutable.
 *
 * <p>Where nothing is given the limits are in proportion to the network's parameters, which a file
 * must hold: real networks are far below them. What the machine has free bounds memory besides.
 *
 * @param memory bytes that it and its simulations may take together; 0 for {@link #SESSION_BYTES} a
 *     simulation and {@link #BYTES_A_PARAMETER_BYTE}
 * @param synapses that it may have; 0 for {@link #SYNAPSES} and {@link #SYNAPSES_A_PARAMETER_BYTE}
 * @param simulations that will run at a time and may count everywhere, so that what all of them
 *     take is known when the first is refused; 0 if that is not known: one
 */
public record Limits(long memory, long synapses, int simulations) {
  /** In proportion to the parameters. */
  public static final Limits DEFAULT = new Limits(0, 0, 0);

  /** For networks that this program has made itself: only the machine's memory bounds them. */
  public static final Limits OWN = new Limits(Long.MAX_VALUE, Long.MAX_VALUE, 0);

  /** Memory for each simulation of any network: that of maps of a million pixels. */
  static final long SESSION_BYTES = 512L << 20;

  /** And for each byte of its parameters, which tables make more of, and large maps. */
  static final long BYTES_A_PARAMETER_BYTE = 64;

  /** A dense step of so many is done in seconds. */
  static final long SYNAPSES = 1L << 34;

  /** A map of 1024 x 1024 pixels has so many synapses for each weight. */
  static final long SYNAPSES_A_PARAMETER_BYTE = 1L << 20;

  /** Refuses negative ones. */
  public Limits {
    if (memory < 0 || synapses < 0 || simulations < 0) {
      throw new IllegalArgumentException(
          "memory=" + memory + ", synapses=" + synapses + ", simulations=" + simulations);
    }
  }

  /** The same for so many simulations at a time. */
  public Limits with(int simulations) {
    return new Limits(memory, synapses, simulations);
  }

  /** Bytes that a network of so many bytes of parameters may take with {@code simulations}. */
  long memory(long parameterBytes, int simulations) {
    return memory > 0
        ? memory
        : Math.max(1, simulations) * (SESSION_BYTES + BYTES_A_PARAMETER_BYTE * parameterBytes);
  }

  /** Synapses that a network of so many bytes of parameters may have. */
  long synapses(long parameterBytes) {
    return synapses > 0 ? synapses : SYNAPSES + SYNAPSES_A_PARAMETER_BYTE * parameterBytes;
  }

  /** Bytes of weights and of what each channel has: what a file of the network holds at least. */
  static long parameterBytes(Network network) {
    long bytes = 0;
    for (Population p : network.populations()) {
      bytes += 4L * 4 * p.shape().channels();
    }
    for (InputStage.AnalogProjection a : network.input().projections()) {
      bytes += 4L * (a.weights().length + a.bias().length);
    }
    for (Projection p : network.projections()) {
      bytes +=
          switch (p) {
            case ConvProjection c -> c.weights().byteSize();
            case ChannelwiseProjection c -> 4L * c.weights().length;
            case GateProjection g -> 0;
          };
    }
    return bytes;
  }

  /**
   * Synapses of a network, those that windows have beyond the edge of a map too, since kernels look
   * at them; a max-pool gate's inputs, and of the image all channels, count as such.
   */
  static double synapsesOf(Network network) {
    double n = 0;
    for (Projection p : network.projections()) {
      double each = (double) p.geometry().taps() * p.sourcesPerTarget();
      n += each * p.geometry().out().size();
    }
    for (InputStage.AnalogProjection a : network.input().projections()) {
      double each = (double) a.geometry().taps() * a.geometry().inChannels();
      n += each * a.geometry().out().size();
    }
    return n;
  }
}
