// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.geometry.MapShape;
import io.snnsim.geometry.Window;
import io.snnsim.kernel.vector.Species;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds out which index planes a network needs and which of them each tap reads; the same planes
 * serve all who can share them. Confined to one thread.
 */
final class PlaneReads {
  /** About what a {@link PlaneRead} and its place in lists take. */
  private static final double READ_BYTES = 80;

  /** About what {@link IndexPlanes} take. */
  private static final double PLANES_BYTES = 400;

  private final LookupPopulation[] populations;

  /** By population: bytes of an index in the planes that its own kernel writes. */
  private final int[] indexBytes;

  /** All planes asked for so far, those that others are made from before these. */
  final List<IndexPlanes> planes = new ArrayList<>();

  /** Which pixels of which planes; of a window over a large map there are many. */
  private record Picked(IndexPlanes full, IntBuffer pixels) {}

  private final Map<Picked, IndexPlanes> gathered = new HashMap<>();

  PlaneReads(LookupPopulation[] populations, int[] indexBytes) {
    this.populations = populations;
    this.indexBytes = indexBytes;
  }

  /** The planes of a whole population with indices of so many bytes, made if they are new. */
  IndexPlanes planes(int p, int laneBytes) {
    for (IndexPlanes set : planes) {
      if (set.population == p
          && set.laneBytes == laneBytes
          && (set.origin instanceof IndexPlanes.Fired
              || set.origin instanceof IndexPlanes.FromWords)) {
        return set;
      }
    }
    LookupPopulation s = populations[p];
    boolean fired = s.byLookup() && laneBytes == indexBytes[p];
    int most = LookupNetwork.groupSize(Species.lanes(laneBytes), s.signed());
    return add(
        p,
        fired ? new IndexPlanes.Fired() : new IndexPlanes.FromWords(),
        s.shape().height(),
        s.shape().width(),
        laneBytes,
        Groups.of(s.shape().channels(), most));
  }

  private IndexPlanes add(
      int p, IndexPlanes.Origin origin, int height, int width, int laneBytes, Groups groups) {
    int lanes = Species.lanes(laneBytes);
    IndexPlanes set =
        new IndexPlanes(
            p, origin, height, width, laneBytes, lanes, groups, populations[p].signed());
    planes.add(set);
    return set;
  }

  /** Heap bytes of {@link #reads}, at most. */
  static double heapBytes(LookupPopulation[] populations, int target, Synapses s) {
    double each = READ_BYTES;
    if (!shiftable(populations, target, s)) {
      each += PLANES_BYTES + 4.0 * populations[target].shape().plane();
    }
    return each * s.geometry().kernelH() * s.geometry().kernelW();
  }

  /** What every tap of {@code s} reads that sees any pixel. */
  List<PlaneRead> reads(int target, Synapses s) {
    Window g = s.geometry();
    List<PlaneRead> reads = new ArrayList<>();
    IndexPlanes full = planes(s.source(), indexBytes[target]);
    boolean shiftable = shiftable(populations, target, s);
    for (int ky = 0; ky < g.kernelH(); ky++) {
      for (int kx = 0; kx < g.kernelW(); kx++) {
        Tap tap = new Tap(s, ky, kx, ky * g.dilationH() - g.padH(), kx * g.dilationW() - g.padW());
        PlaneRead r = shiftable ? shifted(target, tap, full) : gathered(target, tap, full);
        if (r != null) {
          reads.add(r);
        }
      }
    }
    return reads;
  }

  /** One tap of a window, and how far from the window's own place it reads. */
  private record Tap(Synapses synapses, int ky, int kx, int dy, int dx) {
    PlaneRead read(IndexPlanes planes, int range, int shift) {
      return new PlaneRead(synapses, ky, kx, planes, range, shift);
    }
  }

  /** True if every tap reads a (subsampled) map whose rows are as long as the target's. */
  private static boolean shiftable(LookupPopulation[] populations, int target, Synapses s) {
    Window g = s.geometry();
    for (int kx = 0; kx < g.kernelW(); kx++) {
      int first = Math.floorMod(kx * g.dilationW() - g.padW(), g.strideW());
      if (sampled(populations[s.source()].shape().width(), first, g.strideW())
          != populations[target].shape().width()) {
        return false;
      }
    }
    return true;
  }

  private static int sampled(int length, int first, int stride) {
    return Math.max(0, (length - first + stride - 1) / stride);
  }

  private PlaneRead shifted(int target, Tap tap, IndexPlanes full) {
    Window g = tap.synapses().geometry();
    int firstRow = Math.floorMod(tap.dy(), g.strideH());
    int firstColumn = Math.floorMod(tap.dx(), g.strideW());
    int qy = Math.floorDiv(tap.dy(), g.strideH());
    int qx = Math.floorDiv(tap.dx(), g.strideW());
    int width = populations[target].shape().width();
    int rows = sampled(full.height, firstRow, g.strideH());
    if (Math.abs(qx) >= width || rows == 0) {
      return null;
    }
    IndexPlanes set =
        g.strideH() == 1 && g.strideW() == 1
            ? full
            : subsampled(full, g, firstRow, firstColumn, rows, width);
    int range = set.range(Math.max(0, qx), width + Math.min(0, qx));
    int shift = qy * width + qx;
    int last = populations[target].shape().plane() - 1 + shift;
    // Vectors of the target reach beyond its last pixel.
    set.reach(Math.max(-shift, last - (rows * width - 1) + set.lanes));
    return tap.read(set, range, shift);
  }

  private IndexPlanes subsampled(
      IndexPlanes full, Window g, int firstRow, int firstColumn, int rows, int width) {
    IndexPlanes.Subsampled origin =
        new IndexPlanes.Subsampled(full, g.strideH(), g.strideW(), firstRow, firstColumn);
    for (IndexPlanes set : planes) {
      if (origin.equals(set.origin)) {
        return set;
      }
    }
    IndexPlanes set = add(full.population, origin, rows, width, full.laneBytes, full.groups);
    // Rows are written by whole vectors.
    set.reach(set.lanes);
    return set;
  }

  private PlaneRead gathered(int target, Tap tap, IndexPlanes full) {
    Window g = tap.synapses().geometry();
    MapShape t = populations[target].shape();
    int[] pixels = new int[t.plane()];
    boolean any = false;
    for (int p = 0; p < pixels.length; p++) {
      int y = p / t.width() * g.strideH() + tap.dy();
      int x = p % t.width() * g.strideW() + tap.dx();
      boolean inside = y >= 0 && y < full.height && x >= 0 && x < full.width;
      pixels[p] = inside ? y * full.width + x : -1;
      any |= inside;
    }
    if (!any) {
      return null;
    }
    IndexPlanes set =
        gathered.computeIfAbsent(
            new Picked(full, IntBuffer.wrap(pixels)),
            key ->
                add(
                    full.population,
                    new IndexPlanes.Gathered(full, pixels),
                    t.height(),
                    t.width(),
                    full.laneBytes,
                    full.groups));
    return tap.read(set, 0, 0);
  }
}
