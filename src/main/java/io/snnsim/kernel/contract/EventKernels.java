// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.contract;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import java.lang.foreign.MemorySegment;

/**
 * Makes the kernels of one family that update a population from its sources' spikes, each bound to
 * its buffers. Lanes are channels. Stateless and thread-safe; called once for a simulation, so it
 * may allocate. All families give the same bits; the scalar one is the specification.
 */
public interface EventKernels {
  /** {@code scalar} or {@code vector512} and the like. */
  String name();

  /** accumulator := bias of every lane. */
  RowKernel bias(PopulationState target);

  /** accumulator := constant current of every neuron. */
  default RowKernel current(PopulationState target) {
    int bytes = target.laneBytes();
    return (b, y) ->
        MemorySegment.copy(
            target.current,
            target.rowStart(b, y) * bytes,
            target.accumulator,
            0,
            (long) target.width * target.lanes(b) * bytes);
  }

  /**
   * Lanes {@code from} to {@code from + n} := value; both are multiples of 64 bytes of lanes.
   *
   * @param laneBytes 2 or 4
   */
  default void fill(MemorySegment lanes, int laneBytes, long from, long n, int value) {
    for (long i = from; i < from + n; i++) {
      Lanes.set(lanes, laneBytes, i, value);
    }
  }

  /**
   * True if the kernel of a convolution reads the source's event list; {@code partial} says that a
   * block reads only a part of the source's channels.
   */
  boolean needsEvents(Window geometry, boolean partial);

  /** accumulator += weights of the source's spikes. */
  RowKernel conv(ConvArgs args);

  /** accumulator += weights of the source's spikes, channel by channel. */
  RowKernel channelwise(ChannelwiseArgs args);

  /**
   * V = saturate(V + accumulator); s = 1 where V >= theta, and -1 where V < 0 and N > 0 if the
   * population is signed; V -= theta * s; N += s. Counts spikes. Of few-spike neurons: V =
   * saturate(2 V + accumulator), V = 0 before the first step, and after the last one V = saturate(V
   * + current, or bias where there is none) and the spikes of all steps.
   */
  RowKernel fire(PopulationState target);

  /**
   * Max-pool gate: spike where the window's largest source count exceeds the own count, negative
   * spike where it is smaller.
   */
  RowKernel gate(PopulationState source, PopulationState target, Window geometry);

  /**
   * Max-pool gate of few-spike neurons, all steps of the code when the last one is reached. Spike
   * words already hold 64 channels, so no family has a faster one.
   */
  default RowKernel race(PopulationState source, PopulationState target, Window geometry) {
    return new MaxRace(source, target, geometry);
  }

  /** Writes the event list of the spikes of this step. */
  Runnable events(PopulationState population);

  /** currents += rint(clamp(bias + w * image)) for one row of one block. */
  RowKernel analog(AnalogArgs args);
}
