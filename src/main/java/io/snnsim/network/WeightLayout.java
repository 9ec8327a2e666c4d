// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import io.snnsim.geometry.ConvGeometry;
import java.util.Arrays;
import java.util.Objects;

/**
 * Where a convolution's weights lie, in the order in which the event kernels stream them: for every
 * channel block of the target, [ky][kx][source channel][lane].
 *
 * <pre>
 * block 0  tap 0  source channel firstSource(0)     lanes(0) weights
 *                 ...
 *                 source channel endSource(0) - 1   lanes(0) weights
 *          tap 1  ...
 * block 1  ...
 * </pre>
 *
 * <p>Of grouped convolutions a block has rows only for the source channels that its groups read. A
 * weight is zero in a lane beyond the last channel, and where a row meets a lane of another group
 * ({@link #isSynapse}). Immutable and thread-safe.
 */
public final class WeightLayout {
  private final ConvGeometry geometry;
  private final WeightType type;
  private final LaneLayout lanes;

  /** By channel block; one more than there are blocks, the last being the end. */
  private final long[] offset;

  private final int[] firstSource;
  private final int[] rows;

  private WeightLayout(ConvGeometry g, WeightType type) {
    geometry = g;
    this.type = type;
    lanes = LaneLayout.of(g.outChannels(), type == WeightType.I32);
    offset = new long[lanes.blocks() + 1];
    firstSource = new int[lanes.blocks()];
    rows = new int[lanes.blocks()];
    for (int b = 0; b < rows.length; b++) {
      int last = Math.min(g.outChannels(), (b + 1) * LaneLayout.BLOCK) - 1;
      firstSource[b] = b * LaneLayout.BLOCK / g.outPerGroup() * g.inPerGroup();
      rows[b] = (last / g.outPerGroup() + 1) * g.inPerGroup() - firstSource[b];
      offset[b + 1] = offset[b] + (long) g.taps() * rows[b] * rowBytes(b);
    }
  }

  /** The layout of weights of {@code type}. */
  public static WeightLayout of(ConvGeometry g, WeightType type) {
    return new WeightLayout(g, type);
  }

  /** The geometry of the projection. */
  public ConvGeometry geometry() {
    return geometry;
  }

  /** Type of a weight. */
  public WeightType type() {
    return type;
  }

  /** Lanes of the target. */
  public LaneLayout lanes() {
    return lanes;
  }

  /** Channel blocks of the target. */
  public int blocks() {
    return rows.length;
  }

  /** First source channel that block {@code b} has a row for. */
  public int firstSource(int b) {
    return firstSource[b];
  }

  /** One past the last source channel that block {@code b} has a row for. */
  public int endSource(int b) {
    return firstSource[b] + rows[b];
  }

  /** Rows of a tap of block {@code b}, one a source channel. */
  public int rows(int b) {
    return rows[b];
  }

  /** Bytes of a row of block {@code b}. */
  public long rowBytes(int b) {
    return (long) lanes.lanes(b) * type.bytes();
  }

  /** Byte offset of block {@code b}. */
  public long blockOffset(int b) {
    return offset[b];
  }

  /** Byte offsets of the blocks; a copy. */
  public long[] blockOffsets() {
    return Arrays.copyOf(offset, rows.length);
  }

  /** Bytes of all blocks. */
  public long byteSize() {
    return offset[rows.length];
  }

  /** True if every block has a row for every source channel, as without groups, or with small. */
  public boolean dense() {
    for (int b = 0; b < rows.length; b++) {
      if (rows[b] != geometry.inChannels()) {
        return false;
      }
    }
    return true;
  }

  /** Byte offset of the weight from source channel {@code ic}, which the block has a row for. */
  public long at(int oc, int ic, int ky, int kx) {
    int b = oc / LaneLayout.BLOCK;
    long row = (long) (ky * geometry.kernelW() + kx) * rows[b] + ic - firstSource[b];
    return offset[b] + (row * lanes.lanes(b) + oc % LaneLayout.BLOCK) * type.bytes();
  }

  /**
   * True if there is a synapse for a lane and a row of its block, so that the weight may be other
   * than zero: the lane is a channel, and one of the group that reads the source channel.
   *
   * @param oc target channel, or a lane beyond the last
   */
  public boolean isSynapse(int oc, int ic) {
    return oc < geometry.outChannels() && geometry.connects(oc, ic);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WeightLayout o && geometry.equals(o.geometry) && type == o.type;
  }

  @Override
  public int hashCode() {
    return Objects.hash(geometry, type);
  }

  /** The geometry and the type. */
  @Override
  public String toString() {
    return type + " " + geometry;
  }
}
