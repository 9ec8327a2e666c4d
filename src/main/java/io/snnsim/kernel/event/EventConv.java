// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.event;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.contract.ConvArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import java.lang.foreign.MemorySegment;

/**
 * What the event-list convolutions share: the geometry in fields and the walk over a row's pixels.
 * Confined to the simulation's thread; allocates nothing once compiled.
 */
abstract class EventConv implements RowKernel {
  final MemorySegment events;
  final MemorySegment eventStarts;
  final MemorySegment weights;
  final MemorySegment accumulator;
  final int kernelH;
  final int kernelW;
  final int strideH;
  final int strideW;
  final int padH;
  final int padW;
  final int dilationH;
  final int dilationW;

  /** Rows of a tap's weights, and the factor of x in events. */
  final int sourceC;

  final int sourceH;
  final int sourceW;

  /** Taps of a window row whose pixels, and so whose events, are contiguous. */
  final int runW;

  private final long[] blockOffset;
  private final PopulationState source;
  private final PopulationState target;

  /** Lanes of the block being worked on. */
  int lanes;

  /** Byte offset of the block being worked on. */
  long blockStart;

  /** Index in {@code eventStarts} of pixel 0 in the step being worked on. */
  long startBase;

  EventConv(ConvArgs a) {
    Window g = a.geometry();
    events = a.source().events;
    eventStarts = a.source().eventStarts;
    weights = a.weights();
    accumulator = a.target().accumulator;
    kernelH = g.kernelH();
    kernelW = g.kernelW();
    strideH = g.strideH();
    strideW = g.strideW();
    padH = g.padH();
    padW = g.padW();
    dilationH = g.dilationH();
    dilationW = g.dilationW();
    sourceC = a.source().bits;
    sourceH = a.source().height;
    sourceW = a.source().width;
    runW = dilationW == 1 ? kernelW : 1;
    blockOffset = a.blockOffset();
    source = a.source();
    target = a.target();
  }

  @Override
  public final void row(int block, int y) {
    lanes = target.lanes(block);
    blockStart = blockOffset[block];
    startBase = source.eventStartBase;
    for (int x = 0; x < target.width; x++) {
      pixel(x, y, block);
    }
  }

  /** Adds the weights of all events in the window of output pixel (y, x). */
  abstract void pixel(int x, int y, int b);
}
