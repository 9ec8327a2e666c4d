// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.geometry.Window;
import io.snnsim.kernel.state.Lanes;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.Share;
import io.snnsim.kernel.vector.Species;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The part of a network whose populations are updated by table lookup: where spikes lie as index
 * planes, and for every block of target channels the list of planes to read with a table of sums
 * for each ("four Russians"): a group of G channels has 2^G possible spike patterns (3^G if they
 * are signed), a vector holds the sums of their weights, and one permutation looks up as many
 * pixels as there are lanes. The cost is the same for every firing rate.
 *
 * <p>Immutable once built and shared by sessions; tables are off-heap in the arena given.
 */
public final class LookupNetwork {
  /** Most channels of a block: with four columns of sums, 20 of 32 vector registers. */
  static final int BLOCK = 5;

  /**
   * Most bytes of tables in a chunk: with the patterns that it reads they should stay in the
   * first-level cache. Measured, see bench/RESULTS.md.
   */
  private static final int CHUNK_BYTES = 20 * 1024;

  /** Groups of four columns that a chunk is used for before the next, likewise. */
  static final int TILE = 16;

  /** Groups in a tile at most: three left-over columns are two groups. */
  static final int TILE_GROUPS = TILE + 1;

  /** Steps of an image after which the 16-bit counts of max-pool gates would overflow. */
  public static final int MOST_GATE_STEPS = Short.MAX_VALUE;

  /** One block of target channels. */
  record Block(int from, int to, Chunk[] chunks) {
    /** Rows of a table: kernels exist for 4 and 5. */
    int rows() {
      return to - from == BLOCK ? BLOCK : BLOCK - 1;
    }

    int entries() {
      int n = 0;
      for (Chunk c : chunks) {
        n += c.entries.length;
      }
      return n;
    }
  }

  /**
   * Some of a block's entries.
   *
   * @param entries byte offsets of the index planes that are looked up
   * @param tables what sums start from, [row][lane]: the biases, or nothing if this is not the
   *     first chunk; then the sums of weights, [entry][row][pattern]
   */
  record Chunk(int[] entries, MemorySegment tables) {}

  /** A window of index planes. */
  record View(IndexPlanes planes, int window) {}

  /**
   * A population updated by lookup; no step's input sum is larger than {@code inputBound}. A
   * max-pool gate has no blocks but taps: each reads a view at a distance from the gate's own
   * pixel.
   */
  public record Target(
      int population,
      int laneBytes,
      IndexPlanes fired,
      Block[] blocks,
      long inputBound,
      View[] views,
      int[] tapView,
      int[] tapShift) {
    public boolean gate() {
      return tapView != null;
    }

    /** Bytes of the sums of a group of columns: [column][channel of a block][lane]. */
    long groupBytes() {
      return 4L * BLOCK * fired.lanes * laneBytes;
    }

    /** Blocks of a share: it begins and ends where a group of the index planes does. */
    Block[] blocks(Share share) {
      return Arrays.copyOfRange(
          blocks, firstBlock(share.from(blocks.length)), firstBlock(share.to(blocks.length)));
    }

    private int firstBlock(int b) {
      int first = b;
      while (first < blocks.length && !startsGroup(blocks[first].from())) {
        first++;
      }
      return first;
    }

    private boolean startsGroup(int channel) {
      return fired.groups.start(fired.groups.groupOf(channel)) == channel;
    }
  }

  /**
   * What lookups need to know of a population.
   *
   * @param wide V has 32 bits
   * @param signed its spikes may be negative
   * @param bias per channel, in grid units
   * @param constantBound largest size of its bias or constant current, in grid units
   * @param byLookup it is updated by lookup
   */
  public record Shape(
      int channels,
      int height,
      int width,
      boolean wide,
      boolean signed,
      int[] bias,
      long constantBound,
      boolean byLookup) {
    int pixels() {
      return height * width;
    }
  }

  private final Target[] targets;
  private final List<IndexPlanes> planes;
  private final long tableBytes;
  private final long slotBytes;

  private LookupNetwork(
      Target[] targets, List<IndexPlanes> planes, long tableBytes, long slotBytes) {
    this.targets = targets;
    this.planes = planes;
    this.tableBytes = tableBytes;
    this.slotBytes = slotBytes;
  }

  /** True if population {@code p} is updated by lookup. */
  public boolean contains(int p) {
    return targets[p] != null;
  }

  public Target target(int p) {
    return targets[p];
  }

  /** Bytes of all index planes for one time step. */
  public long slotBytes() {
    return slotBytes;
  }

  /** Bytes that an update's sums need for its time ({@link PopulationState#accumulator}). */
  public long accumulatorBytes() {
    long most = 0;
    for (Target t : targets) {
      most = Math.max(most, t == null ? 0 : (TILE_GROUPS + 1) * t.groupBytes());
    }
    return most;
  }

  /** Off-heap bytes of the tables. */
  public long tableBytes() {
    return tableBytes;
  }

  /** Planes that must be made from those of population {@code p} after it fired, in order. */
  public List<IndexPlanes> derivedFrom(int p) {
    List<IndexPlanes> result = new ArrayList<>();
    for (IndexPlanes candidate : planes) {
      if (candidate.population == p && !(candidate.origin instanceof IndexPlanes.Fired)) {
        result.add(candidate);
      }
    }
    return result;
  }

  /** Table lookups of population {@code p} in one time step, one a vector of pixels. */
  public long lookupsPerStep(int p) {
    long n = 0;
    for (Block b : targets[p].blocks()) {
      n += (long) b.entries() * b.rows();
    }
    return n * targets[p].fired().vectors();
  }

  /** Vectors of counts that a gate compares in one time step; 0 of other populations. */
  public long comparedPerStep(int p) {
    Target t = targets[p];
    return t.gate()
        ? (long) t.tapView().length * t.fired().groups.channels() * t.fired().vectors()
        : 0;
  }

  /** Lanes of one lookup or comparison of population {@code p}. */
  public int lanes(int p) {
    return targets[p].fired().lanes;
  }

  /**
   * Bytes that the update of population {@code p} loads and stores in one time step of a block of
   * {@code slots}, from the sizes of what its loops walk over; the work of making other forms of
   * its spikes included.
   *
   * @param currents a constant current is kept for every neuron
   */
  public long bytesPerStep(int p, int slots, boolean currents) {
    Target t = targets[p];
    long vectors = t.gate() ? gateVectors(p) : lookupVectors(t, slots, currents);
    // The planes, and the column masks that each window of them is cut by.
    IndexPlanes fired = t.fired();
    vectors += 2L * fired.vectors() * fired.groups.count() * fired.windows();
    long bytes = vectors * fired.lanes * t.laneBytes();
    for (IndexPlanes made : derivedFrom(p)) {
      long plane = (long) made.paddedPixels() * made.laneBytes * made.groups.count();
      bytes += plane * (1 + made.windows());
    }
    return bytes;
  }

  /**
   * Up to four steps, or in a block of one step four vectors of pixels, share a load of the tables;
   * steps that do so share V, the currents and the spike counts of the pixels too.
   */
  private static long lookupVectors(Target t, int slots, boolean currents) {
    long pixels = t.fired().vectors();
    long tablePasses = slots == 1 ? columnPasses(pixels) : columnPasses(slots) * pixels;
    long statePasses = slots == 1 ? pixels : columnPasses(slots) * pixels;
    long shared = 0;
    long own = 0;
    for (Block b : t.blocks()) {
      long channels = b.to() - b.from();
      int chunks = b.chunks().length;
      // V and, of signed neurons, N there and back.
      int perChannel = (currents ? 3 : 2) + (t.fired().signed ? 2 : 0);
      shared += tablePasses * (b.entries() + chunks) * b.rows();
      shared += statePasses * (channels * perChannel + 2);
      // Indices, the sums there and back, and those of later chunks, which are added.
      own += pixels * (b.entries() + (4L * chunks - 2) * b.rows());
    }
    return shared / slots + own;
  }

  /** The source's planes, its counts there and back, then what is compared and the own counts. */
  private long gateVectors(int p) {
    Target t = targets[p];
    long channels = t.fired().groups.channels();
    long n = comparedPerStep(p) + t.fired().vectors() * (2 * channels + 2);
    for (View view : t.views()) {
      n += view.planes().vectors() * (view.planes().groups.count() + 2 * channels);
    }
    return n;
  }

  /** Kernels work on 4, 2 or 1 columns at a time. */
  private static long columnPasses(long columns) {
    return columns / 4 + columns % 4 / 2 + columns % 2;
  }

  /**
   * Bytes that the innermost loop of population {@code p} goes over again and again: the tables of
   * a chunk and the indices into them, or the counts of a gate's channel.
   */
  public long loopBytes(int p, int slots) {
    Target t = targets[p];
    long vectorBytes = (long) t.fired().lanes * t.laneBytes();
    long vectors = 0;
    for (Block b : t.blocks()) {
      for (Chunk c : b.chunks()) {
        vectors = Math.max(vectors, c.entries().length * (b.rows() + Math.min(slots, 4L)));
      }
    }
    for (View view : t.gate() ? t.views() : new View[0]) {
      vectors += view.planes().vectors();
    }
    return vectors * vectorBytes;
  }

  /**
   * Channels of a group: a vector of {@code lanes} sums, at least 4, must hold every spike pattern.
   */
  public static int groupSize(int lanes, boolean signed) {
    if (!signed) {
      return 31 - Integer.numberOfLeadingZeros(lanes);
    }
    return lanes >= 27 ? 3 : lanes >= 9 ? 2 : 1;
  }

  /** Collects populations and synapses, then builds. Confined to one thread. */
  public static final class Builder {
    private final Shape[] shapes;
    private final List<List<Synapses>> into = new ArrayList<>();
    private final List<IndexPlanes> planes = new ArrayList<>();
    private final Synapses[] gates;
    private long tableBytes;

    /** For a network of that many populations. */
    public Builder(int populations) {
      shapes = new Shape[populations];
      gates = new Synapses[populations];
      for (int i = 0; i < populations; i++) {
        into.add(new ArrayList<>());
      }
    }

    /** Describes population {@code p}. */
    public void population(int p, Shape shape) {
      shapes[p] = shape;
    }

    /** Adds synapses into population {@code target}. */
    public void synapses(int target, Synapses s) {
      into.get(target).add(s);
    }

    /** Makes population {@code target} a max-pool gate, whose window {@code s} is. */
    public void gate(int target, Synapses s) {
      gates[target] = s;
    }

    /** Builds planes and tables. */
    public LookupNetwork build(Arena arena) {
      int n = shapes.length;
      for (int p = 0; p < n; p++) {
        if (shapes[p].byLookup()) {
          planes(p, laneBytes(p));
        }
      }
      List<List<Read>> reads = new ArrayList<>();
      for (int p = 0; p < n; p++) {
        List<Read> mine = new ArrayList<>();
        if (shapes[p].byLookup()) {
          for (Synapses s : into.get(p)) {
            addReads(mine, p, s);
          }
          if (gates[p] != null) {
            addReads(mine, p, gates[p]);
          }
        }
        reads.add(mine);
      }
      long at = 0;
      for (IndexPlanes set : planes) {
        at = set.place((at + 63) / 64 * 64, arena);
      }
      // A vector of slack: the last plane may be read beyond its end.
      long slotBytes = (at + 64 + 63) / 64 * 64;

      Target[] targets = new Target[n];
      for (int p = 0; p < n; p++) {
        if (shapes[p].byLookup()) {
          targets[p] = gates[p] != null ? gate(p, reads.get(p)) : target(p, reads.get(p), arena);
        }
      }
      return new LookupNetwork(targets, List.copyOf(planes), tableBytes, slotBytes);
    }

    /** One tap of one projection: which planes it reads and how far from the target's pixel. */
    private record Read(
        Synapses synapses, int ky, int kx, IndexPlanes planes, int window, int shift) {}

    /** A group of source channels under one tap. */
    private record Entry(Read read, int group) {
      /** Where its plane begins in a slot, as the target's first pixel sees it. */
      int offset() {
        IndexPlanes planes = read.planes();
        return Math.toIntExact(
            planes.offset(read.window(), group) + (long) read.shift() * planes.laneBytes);
      }
    }

    /**
     * What the block of channels {@code from} to {@code to - 1} looks up: group by group all taps,
     * which read nearly the same pixels, so that a chunk has few patterns.
     */
    private static List<Entry> entries(List<Read> reads, int from, int to, int most) {
      List<Entry> result = new ArrayList<>();
      for (int i = 0; i < reads.size(); ) {
        int end = i;
        while (end < reads.size() && reads.get(end).synapses() == reads.get(i).synapses()) {
          end++;
        }
        int groups = reads.get(i).planes().groups.count();
        int together = (end - i) * groups > most ? Math.max(1, most / (end - i)) : groups;
        for (int first = 0; first < groups; first += together) {
          for (Read r : reads.subList(i, end)) {
            for (int g = first; g < Math.min(groups, first + together); g++) {
              if (connects(r, from, to, g)) {
                result.add(new Entry(r, g));
              }
            }
          }
        }
        i = end;
      }
      return result;
    }

    private int laneBytes(int p) {
      return shapes[p].wide() ? 4 : 2;
    }

    /** The planes of a whole population for targets of a lane type, made if they are new. */
    private IndexPlanes planes(int p, int laneBytes) {
      for (IndexPlanes set : planes) {
        if (set.population == p
            && set.laneBytes == laneBytes
            && (set.origin instanceof IndexPlanes.Fired
                || set.origin instanceof IndexPlanes.FromWords)) {
          return set;
        }
      }
      Shape s = shapes[p];
      boolean fired = s.byLookup() && laneBytes == laneBytes(p);
      return add(
          p,
          fired ? new IndexPlanes.Fired() : new IndexPlanes.FromWords(),
          s.height(),
          s.width(),
          laneBytes,
          Groups.of(s.channels(), groupSize(laneBytes, s.signed())));
    }

    private IndexPlanes add(
        int p, IndexPlanes.Origin origin, int height, int width, int laneBytes, Groups groups) {
      int lanes = lanes(laneBytes);
      IndexPlanes set =
          new IndexPlanes(p, origin, height, width, laneBytes, lanes, groups, shapes[p].signed());
      planes.add(set);
      return set;
    }

    private void addReads(List<Read> reads, int target, Synapses s) {
      Window g = s.geometry();
      IndexPlanes full = planes(s.source(), laneBytes(target));
      boolean shiftable = shiftable(target, s);
      for (int ky = 0; ky < g.kernelH(); ky++) {
        int dy = ky * g.dilationH() - g.padH();
        for (int kx = 0; kx < g.kernelW(); kx++) {
          int dx = kx * g.dilationW() - g.padW();
          Read r =
              shiftable
                  ? shifted(target, s, ky, kx, full, dy, dx)
                  : gathered(target, s, ky, kx, full, dy, dx);
          if (r != null) {
            reads.add(r);
          }
        }
      }
    }

    /** True if every tap reads a (subsampled) map whose rows are as long as the target's. */
    private boolean shiftable(int target, Synapses s) {
      Window g = s.geometry();
      for (int kx = 0; kx < g.kernelW(); kx++) {
        int first = Math.floorMod(kx * g.dilationW() - g.padW(), g.strideW());
        if (sampled(shapes[s.source()].width(), first, g.strideW()) != shapes[target].width()) {
          return false;
        }
      }
      return true;
    }

    private static int sampled(int length, int first, int stride) {
      return Math.max(0, (length - first + stride - 1) / stride);
    }

    private Read shifted(int target, Synapses s, int ky, int kx, IndexPlanes full, int dy, int dx) {
      Window g = s.geometry();
      int firstRow = Math.floorMod(dy, g.strideH());
      int firstColumn = Math.floorMod(dx, g.strideW());
      int qy = Math.floorDiv(dy, g.strideH());
      int qx = Math.floorDiv(dx, g.strideW());
      int width = shapes[target].width();
      int rows = sampled(full.height, firstRow, g.strideH());
      if (Math.abs(qx) >= width || rows == 0) {
        return null;
      }
      IndexPlanes set =
          g.strideH() == 1 && g.strideW() == 1
              ? full
              : subsampled(full, g, firstRow, firstColumn, rows, width);
      int window = set.window(Math.max(0, qx), width + Math.min(0, qx));
      int shift = qy * width + qx;
      int last = shapes[target].pixels() - 1 + shift;
      // Vectors of the target reach beyond its last pixel.
      set.reach(Math.max(-shift, last - (rows * width - 1) + set.lanes));
      return new Read(s, ky, kx, set, window, shift);
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

    private Read gathered(
        int target, Synapses s, int ky, int kx, IndexPlanes full, int dy, int dx) {
      Window g = s.geometry();
      Shape t = shapes[target];
      int[] pixels = new int[t.pixels()];
      boolean any = false;
      for (int p = 0; p < pixels.length; p++) {
        int y = p / t.width() * g.strideH() + dy;
        int x = p % t.width() * g.strideW() + dx;
        boolean inside = y >= 0 && y < full.height && x >= 0 && x < full.width;
        pixels[p] = inside ? y * full.width + x : -1;
        any |= inside;
      }
      if (!any) {
        return null;
      }
      for (IndexPlanes set : planes) {
        if (set.origin instanceof IndexPlanes.Gathered o
            && o.full() == full
            && Arrays.equals(o.pixels(), pixels)) {
          return new Read(s, ky, kx, set, 0, 0);
        }
      }
      IndexPlanes set =
          add(
              full.population,
              new IndexPlanes.Gathered(full, pixels),
              t.height(),
              t.width(),
              full.laneBytes,
              full.groups);
      return new Read(s, ky, kx, set, 0, 0);
    }

    /** Makes the blocks and their tables, and with them the bound of the target's input. */
    private Target target(int p, List<Read> reads, Arena arena) {
      Shape shape = shapes[p];
      int laneBytes = laneBytes(p);
      Groups blocks = Groups.of(shape.channels(), BLOCK);
      Block[] result = new Block[blocks.count()];
      long[] bound = new long[shape.channels()];
      for (int b = 0; b < result.length; b++) {
        int from = blocks.start(b);
        int to = blocks.start(b + 1);
        int most = CHUNK_BYTES / (BLOCK * vectorBytes(laneBytes));
        List<Entry> entries = entries(reads, from, to, most);
        Groups parts = Groups.of(Math.max(1, entries.size()), most);
        result[b] = new Block(from, to, new Chunk[parts.count()]);
        for (int i = 0; i < parts.count(); i++) {
          List<Entry> part =
              entries.isEmpty() ? entries : entries.subList(parts.start(i), parts.start(i + 1));
          long vectors = (part.size() + 1L) * result[b].rows();
          MemorySegment tables = arena.allocate(vectors * vectorBytes(laneBytes), 64);
          tableBytes += tables.byteSize();
          if (i == 0) {
            fillBiases(tables, laneBytes, shape, from, to);
          }
          fill(tables, laneBytes, result[b], part, bound);
          result[b].chunks()[i] =
              new Chunk(part.stream().mapToInt(Entry::offset).toArray(), tables);
        }
      }
      long largest = Arrays.stream(bound).max().orElse(0) + shape.constantBound();
      return new Target(p, laneBytes, planes(p, laneBytes), result, largest, null, null, null);
    }

    private static void fillBiases(
        MemorySegment tables, int laneBytes, Shape shape, int from, int to) {
      int lanes = lanes(laneBytes);
      for (int oc = from; oc < to; oc++) {
        for (int lane = 0; lane < lanes; lane++) {
          Lanes.set(tables, laneBytes, (long) (oc - from) * lanes + lane, shape.bias()[oc]);
        }
      }
    }

    /** Fills a chunk's tables and adds the sizes of its weights to the bounds of their channels. */
    private static void fill(
        MemorySegment tables, int laneBytes, Block block, List<Entry> entries, long[] bound) {
      int[] sums = new int[lanes(laneBytes)];
      long at = (long) block.rows() * sums.length;
      for (Entry e : entries) {
        Read r = e.read();
        int first = r.planes().groups.start(e.group());
        int size = r.planes().groups.size(e.group());
        for (int row = 0; row < block.rows(); row++, at += sums.length) {
          int oc = block.from() + row;
          if (oc >= block.to()) {
            continue;
          }
          for (int i = 0; i < size; i++) {
            int w = r.synapses().weight(oc, first + i, r.ky(), r.kx());
            bound[oc] += Math.abs((long) w);
            int known = r.planes().patterns(i);
            for (int k = 0; k < known; k++) {
              sums[known + k] = sums[k] + w;
              if (r.planes().signed) {
                sums[2 * known + k] = sums[k] - w;
              }
            }
          }
          for (int k = 0; k < r.planes().patterns(size); k++) {
            Lanes.set(tables, laneBytes, at + k, sums[k]);
          }
        }
      }
    }

    private Target gate(int p, List<Read> reads) {
      List<View> views = new ArrayList<>();
      int[] tapView = new int[reads.size()];
      int[] tapShift = new int[reads.size()];
      for (int i = 0; i < tapView.length; i++) {
        View v = new View(reads.get(i).planes(), reads.get(i).window());
        if (!views.contains(v)) {
          views.add(v);
        }
        tapView[i] = views.indexOf(v);
        tapShift[i] = reads.get(i).shift();
      }
      return new Target(
          p,
          laneBytes(p),
          planes(p, laneBytes(p)),
          new Block[0],
          0,
          views.toArray(new View[0]),
          tapView,
          tapShift);
    }

    private static boolean connects(Read r, int from, int to, int group) {
      Groups groups = r.planes().groups;
      return r.synapses().connects(from, to, groups.start(group), groups.start(group + 1));
    }

    private static int lanes(int laneBytes) {
      return vectorBytes(laneBytes) / laneBytes;
    }

    private static int vectorBytes(int laneBytes) {
      return laneBytes == 4 ? Species.INTS.vectorByteSize() : Species.SHORTS.vectorByteSize();
    }

    private static int groupSize(int laneBytes, boolean signed) {
      return LookupNetwork.groupSize(lanes(laneBytes), signed);
    }
  }
}
