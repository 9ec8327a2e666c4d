// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

import io.snnsim.geometry.MapShape;
import java.lang.foreign.MemorySegment;

/**
 * Where the neurons and spikes of a population lie in its buffers, which {@link PopulationState}
 * draws. Its parts are fields, since kernels read them in their loops. Immutable.
 */
public abstract sealed class PopulationLayout permits PopulationState {
  /**
   * What decides the layout.
   *
   * @param wide V has 32 bits, else 16
   * @param byPixel lanes are pixels, else channels
   */
  public record Form(MapShape shape, NeuronKind kind, boolean wide, boolean byPixel) {}

  /** Channels of a block, bits of a spike word. */
  public static final int BLOCK = 64;

  /** Bytes of the lanes of a pixel with few channels: the least that lanes are padded to. */
  public static final long NARROW = 64;

  public final NeuronKind kind;
  public final int channels;
  public final int height;
  public final int width;
  public final boolean wide;
  public final boolean byPixel;

  /** Spikes may be negative. */
  public final boolean signed;

  /** Blocks of channels. */
  public final int blocks;

  /** Spike words a pixel. */
  public final int words;

  /** Bits of a pixel's words that may be set, with the gap before negative spikes. */
  public final int bits;

  /** Bit of the negative spike of channel 0, if the population is signed. */
  public final int negativeStart;

  /** Elements from one channel to the next where lanes are pixels. */
  public final long channelStride;

  PopulationLayout(Form form) {
    kind = form.kind();
    channels = form.shape().channels();
    height = form.shape().height();
    width = form.shape().width();
    wide = form.wide();
    byPixel = form.byPixel();
    signed = kind.signed();
    blocks = (channels + BLOCK - 1) / BLOCK;
    negativeStart = signed ? negativeStart(channels) : 0;
    bits = bits(channels, signed);
    words = (bits + BLOCK - 1) / BLOCK;
    long granule = 64 / laneBytes();
    channelStride = byPixel ? (pixels() + granule - 1) / granule * granule : 0;
  }

  /** Steps that the neurons read before they send; 0 if they send in the step that they read. */
  public int codeSteps() {
    return kind.codeSteps();
  }

  /** What this layout was decided by. */
  public Form form() {
    return new Form(new MapShape(channels, height, width), kind, wide, byPixel);
  }

  /** Bits of a pixel's words that may be set, of a population of that many channels. */
  public static int bits(int channels, boolean signed) {
    return (signed ? negativeStart(channels) : 0) + channels;
  }

  /** First bit of the negative spikes of a signed population of that many channels. */
  public static int negativeStart(int channels) {
    return 2 * channels <= BLOCK ? channels : (channels + BLOCK - 1) / BLOCK * BLOCK;
  }

  /** Bytes of a lane of v. */
  public int laneBytes() {
    return wide ? 4 : 2;
  }

  /** Lanes of block {@code b}, padding included. */
  public int lanes(int b) {
    return lanes(blockChannels(b), laneBytes());
  }

  /** Those of them that hold channels, in whole vectors of {@code vectorLanes}. */
  public int usedLanes(int b, int vectorLanes) {
    return (blockChannels(b) + vectorLanes - 1) / vectorLanes * vectorLanes;
  }

  /** True if a pixel has {@link #NARROW} bytes of lanes and one spike word, as most large maps. */
  public boolean narrow() {
    return blocks == 1 && words == 1 && lanes(0) * laneBytes() == NARROW;
  }

  private int blockChannels(int b) {
    return Math.min(BLOCK, channels - b * BLOCK);
  }

  /** Lanes of a block of {@code channels}, padding included. */
  public static int lanes(int channels, int laneBytes) {
    int granule = 64 / laneBytes;
    return (channels + granule - 1) / granule * granule;
  }

  /** Lanes of theta and bias, padding included. */
  public int allLanes() {
    return (blocks - 1) * BLOCK + lanes(blocks - 1);
  }

  /** Where lanes are channels: index of the first lane of row {@code y} of block {@code b}. */
  public long rowStart(int b, int y) {
    return (long) b * BLOCK * height * width + (long) y * width * lanes(b);
  }

  /** Index of a neuron in v, current and counts. */
  public long index(int channel, int y, int x) {
    if (byPixel) {
      return channel * channelStride + (long) y * width + x;
    }
    int b = channel / BLOCK;
    return rowStart(b, y) + (long) x * lanes(b) + channel % BLOCK;
  }

  /** Reads a lane of v, current, accumulator, theta or bias. */
  public int get(MemorySegment lanes, long index) {
    return Lanes.get(lanes, laneBytes(), index);
  }

  /** Writes a lane of v, current, accumulator, theta or bias; narrow lanes keep the low 16 bits. */
  public void set(MemorySegment lanes, long index, int value) {
    Lanes.set(lanes, laneBytes(), index, value);
  }

  final long pixels() {
    return (long) height * width;
  }

  /** Lanes of v, padding included. */
  final long neurons() {
    return byPixel ? channels * channelStride : pixels() * allLanes();
  }

  /** Elements of v from one pixel of a channel to the next. */
  final int pixelStride(int channel) {
    return byPixel ? 1 : lanes(channel / BLOCK);
  }

  /** Channel of a lane of v; -1 of padding. */
  final int channelOf(long index) {
    if (byPixel) {
      return index % channelStride < pixels() ? (int) (index / channelStride) : -1;
    }
    long b = index / (BLOCK * pixels());
    long c = b * BLOCK + (index - b * BLOCK * pixels()) % lanes((int) b);
    return c < channels ? (int) c : -1;
  }
}
