// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.lookup.LookupNetwork;
import io.snnsim.kernel.scalar.ScalarKernels;
import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.state.SlotStep;
import io.snnsim.kernel.state.SlotUpdate;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Makes the kernels of one kind, bound to buffers. Stateless and thread-safe; called once per
 * session, so it may allocate. All kinds give the same bits; {@link ScalarKernels} is the
 * specification.
 */
public interface Kernels {
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
   * population is signed; V -= theta * s; N += s. Counts spikes.
   */
  RowKernel fire(PopulationState target);

  /**
   * Max-pool gate: spike where the window's largest source count exceeds the own count, negative
   * spike where it is smaller.
   */
  RowKernel gate(PopulationState source, PopulationState target, Window geometry);

  /** Writes the event list of the spikes of this step. */
  Runnable events(PopulationState population);

  /** currents += rint(clamp(bias + w * image)) for one row of one block. */
  RowKernel analog(AnalogArgs args);

  /**
   * current := bias + rint(clamp(bias + w * image)) of a whole population that one projection of
   * the image ends in, quicker than {@link #analog} if this kind has it for that target.
   *
   * @param args {@code currents} is not used
   * @param arena the session's
   * @return null if there is none
   */
  default Runnable currents(AnalogArgs args, Arena arena) {
    return null;
  }

  /**
   * The whole update of a population whose lanes are pixels: sums, neurons and index planes of all
   * slots asked for. Kinds that look nothing up are given plans without such populations.
   *
   * @param planes index planes of all slots, zeroed when the session began
   * @param arena the session's
   * @param share which part of the channels to update
   */
  default SlotUpdate lookup(
      LookupNetwork network,
      int population,
      PopulationState state,
      MemorySegment planes,
      Arena arena,
      Share share) {
    throw new IllegalStateException(name() + " kernels look nothing up");
  }

  /** Spike words of a step from the index planes of a population that was updated by lookup. */
  default SlotStep words(
      LookupNetwork network, int population, PopulationState state, MemorySegment planes) {
    throw new IllegalStateException(name() + " kernels look nothing up");
  }

  /**
   * The index planes that a lookup would have written, from the spike words of a population that
   * was updated by events this time.
   */
  default SlotStep planes(
      LookupNetwork network, int population, PopulationState state, MemorySegment planes) {
    throw new IllegalStateException(name() + " kernels look nothing up");
  }

  /** Other index planes that targets read, in the order in which they must be made. */
  default List<SlotStep> derivedPlanes(
      LookupNetwork network, int population, PopulationState state, MemorySegment planes) {
    return List.of();
  }
}
