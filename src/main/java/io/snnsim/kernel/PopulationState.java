package io.snnsim.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Owns the off-heap buffers of one population in one session: what kernels read and write. Confined
 * to the session's thread; allocates only in the constructor.
 *
 * <pre>
 * v, current   [block][y][x][lane]   16 or 32 bits; blocks of 64 channels, lanes padded
 * accumulator  [x][lane]             one row of input sums, same type as v; shared in the session
 * theta, bias  [lane of all blocks]  same type; padding lanes: theta = largest value, bias = 0
 * spikes       [y][x][block]         one 64-bit word of channels; bit set = spike in this step
 * counts       [block][y][x][lane]   32 bits, spikes of this image; null unless asked for
 * events       x * channels + channel of every spike, pixel by pixel; null unless asked for
 * eventStarts  [y * width + x], one more at the end: where a pixel's events start
 * fanOut       [y][x]                32 bits, outgoing synapses of one neuron of the pixel
 * </pre>
 */
public final class PopulationState {
  /** Channels a block, bits a spike word. */
  public static final int BLOCK = 64;

  public final int channels;
  public final int height;
  public final int width;
  public final boolean wide;
  public final int blocks;
  public final MemorySegment v;
  public final MemorySegment current;
  public final MemorySegment accumulator;
  public final MemorySegment theta;
  public final MemorySegment bias;
  public final MemorySegment spikes;
  public final MemorySegment counts;
  public final MemorySegment events;
  public final MemorySegment eventStarts;
  public final MemorySegment fanOut;

  /** Spikes of this image so far, all neurons. */
  public long spikeTotal;

  /** Synaptic operations that this image's spikes caused so far: one per spike and synapse. */
  public long synapticOps;

  /** What a population needs besides its spikes. */
  public record Needs(boolean current, boolean counts, boolean events) {}

  /**
   * Allocates zeroed buffers.
   *
   * @param accumulator shared row buffer of at least width * 64 * 4 bytes
   */
  public PopulationState(
      Arena arena,
      int channels,
      int height,
      int width,
      boolean wide,
      Needs needs,
      MemorySegment accumulator) {
    this.channels = channels;
    this.height = height;
    this.width = width;
    this.wide = wide;
    this.blocks = (channels + BLOCK - 1) / BLOCK;
    int bytes = wide ? 4 : 2;
    long pixels = (long) height * width;
    long lanesAll = (blocks - 1L) * BLOCK + lanes(blocks - 1);
    this.v = arena.allocate(pixels * lanesAll * bytes, 64);
    this.current = needs.current() ? arena.allocate(pixels * lanesAll * bytes, 64) : null;
    this.accumulator = accumulator;
    this.theta = arena.allocate(lanesAll * bytes, 64);
    this.bias = arena.allocate(lanesAll * bytes, 64);
    this.spikes = arena.allocate(pixels * blocks * 8, 64);
    this.counts = needs.counts() ? arena.allocate(pixels * lanesAll * 4, 64) : null;
    // A vector of slack: lists are written by whole vectors.
    this.events = needs.events() ? arena.allocate((pixels * channels + 16) * 4, 64) : null;
    this.eventStarts = needs.events() ? arena.allocate((pixels + 1) * 4, 64) : null;
    this.fanOut = arena.allocate(pixels * 4, 64);
  }

  /** Lanes of block {@code b}, padding included. */
  public int lanes(int b) {
    int granule = wide ? 16 : 32;
    return (Math.min(BLOCK, channels - b * BLOCK) + granule - 1) / granule * granule;
  }

  /** Index of the first lane of row {@code y} of block {@code b} in v, current and counts. */
  public long rowStart(int b, int y) {
    return (long) b * BLOCK * height * width + (long) y * width * lanes(b);
  }

  /** Index of a neuron in v, current and counts. */
  public long index(int channel, int y, int x) {
    int b = channel / BLOCK;
    return rowStart(b, y) + (long) x * lanes(b) + channel % BLOCK;
  }

  /** Reads a lane of v, current, accumulator, theta or bias. */
  public int get(MemorySegment lanes, long index) {
    return wide
        ? lanes.getAtIndex(ValueLayout.JAVA_INT, index)
        : lanes.getAtIndex(ValueLayout.JAVA_SHORT, index);
  }

  /** Writes a lane of v, current, accumulator, theta or bias; narrow lanes keep the low 16 bits. */
  public void set(MemorySegment lanes, long index, int value) {
    if (wide) {
      lanes.setAtIndex(ValueLayout.JAVA_INT, index, value);
    } else {
      lanes.setAtIndex(ValueLayout.JAVA_SHORT, index, (short) value);
    }
  }
}
