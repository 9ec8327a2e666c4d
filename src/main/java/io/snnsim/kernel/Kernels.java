package io.snnsim.kernel;

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
  RowKernel current(PopulationState target);

  /**
   * True if the kernel of a convolution reads the source's event list; {@code partial} says that a
   * block reads only a part of the source's channels.
   */
  boolean needsEvents(Geometry geometry, boolean partial);

  /** accumulator += weights of the source's spikes. */
  RowKernel conv(ConvArgs args);

  /** accumulator += weights of the source's spikes, channel by channel. */
  RowKernel channelwise(ChannelwiseArgs args);

  /** V = saturate(V + accumulator); spike where V >= theta; V -= theta there. Counts spikes. */
  RowKernel fire(PopulationState target);

  /** Max-pool gate: spike where the window's largest source count exceeds the own count. */
  RowKernel gate(PopulationState source, PopulationState target, Geometry geometry);

  /** Writes the event list of the spikes of this step. */
  Runnable events(PopulationState population);

  /** currents += rint(clamp(bias + w * image)) for one row of one block. */
  RowKernel analog(AnalogArgs args);
}
