// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.encode.InputEncoder;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The state of one network on one thread: membrane potentials, spikes and counts of one image at a
 * time. Confined to the thread that made it; all state is off-heap and allocated at construction,
 * presenting and stepping allocate nothing once compiled.
 *
 * <p>Use: {@link #present}, then {@link #step} as often as wanted, reading results in between; or
 * {@link #runStepBlock}, which is faster because every population runs several steps in its turn,
 * and {@link #look} to read the output after each of those steps.
 */
public final class Simulation implements AutoCloseable {
  private final Simulator model;
  private final Network network;
  private final CountingArena arena;
  private final Assembly assembly;
  private final InputCurrents input;
  private final Turns turns;
  private final FanOut[] fanOuts;
  private final Kernels kernels;

  /** Normalised, [channel][y][x]: what the currents are computed from. */
  private final float[] raw;

  private final ImageReader reader;

  /** The image of which an encoder makes every step's frame. */
  private final float[] coded;

  private final Population output;
  private final PopulationState outputState;

  /** Spike counts and potentials of the output after each step of the last block. */
  private final int[][] outputCounts;

  private final int[][] outputPotentials;
  private final int[] outputIndex;
  private InputEncoder encoder;
  private int steps;

  /** Steps since signed neurons' own counts were last carried. */
  private int stepsSinceCarry;

  private int looked;

  /** Steps of the last block of this image. */
  private int lastBlock;

  /** Slot of the last step that was run. */
  private int lastSlot;

  private final int mostSteps;
  private boolean closed;

  Simulation(Simulator model, Kernels kernels, SimulationOptions options) {
    this.model = model;
    int threads = options.threads();
    boolean confined = threads == 1 && !options.handedOn();
    arena = new CountingArena(confined ? Arena.ofConfined() : Arena.ofShared());
    this.network = model.network();
    this.kernels = kernels;
    try {
      raw = new float[network.input().shape().size()];
      assembly = new Assembly(model, kernels, options, arena, this::keepOutput);
      input = new InputCurrents(network.input(), assembly.states, kernels, raw, arena);
    } catch (RuntimeException | Error e) {
      // Too little memory, most likely: what was had must not stay.
      arena.close();
      throw e;
    }
    turns = new Turns(model, assembly.programs, assembly.byLookup, threads);
    fanOuts = FanOut.of(network);
    reader = new ImageReader(network.input(), raw);
    coded = new float[raw.length];
    output = network.populations().get(network.output());
    outputState = assembly.states[network.output()];
    int blockSteps = model.plan().blockSteps();
    outputIndex = new int[output.shape().size()];
    int plane = outputState.height * outputState.width;
    for (int i = 0; i < outputIndex.length; i++) {
      int p = i % plane;
      outputIndex[i] =
          (int) outputState.index(i / plane, p / outputState.width, p % outputState.width);
    }
    outputCounts = new int[blockSteps][outputIndex.length];
    outputPotentials = new int[blockSteps][outputIndex.length];
    mostSteps = model.mostSteps();
    reset();
  }

  /** Tells {@code probe} the time of every part from now on; null, as at first, is nobody. */
  public void profileWith(Probe probe) {
    turns.probe(probe);
  }

  /** Uses {@code encoder} for the images to come; null is the constant current. */
  public void encodeWith(InputEncoder encoder) {
    this.encoder = encoder;
  }

  /**
   * Starts an image: resets the state and computes the constant currents.
   *
   * @param chw [channel][y][x] values before mean/std normalisation (u8 divided by 255); not kept
   * @param imageIndex index in its data set, which encoders use with their seed
   * @param plannedSteps steps that will be run if known, else 0; for encoders that need it
   */
  public void present(float[] chw, long imageIndex, int plannedSteps) {
    checkOpen();
    if (chw.length != raw.length) {
      throw new IllegalArgumentException(
          "image holds " + chw.length + " values, expected " + network.input().shape());
    }
    reader.read(chw, false);
    begin(imageIndex, plannedSteps);
  }

  /** Where the next image is read to before {@link #begin} or {@link #change}. */
  public ImageReader image() {
    return reader;
  }

  /** As {@link #present}, of the image that {@link #image} read. */
  public void begin(long imageIndex, int plannedSteps) {
    checkOpen();
    long begun = turns.inputBegins();
    reset();
    if (encoded()) {
      System.arraycopy(raw, 0, coded, 0, raw.length);
      encoder.begin(imageIndex, coded, plannedSteps);
    } else {
      input.compute();
    }
    turns.inputEnds(begun);
  }

  /**
   * Goes on with the image that {@link #image} read, the state being as it is: the next frame of a
   * moving picture. It drives the network as a constant current, without an encoder.
   */
  public void change() {
    checkOpen();
    long begun = turns.inputBegins();
    input.compute();
    turns.inputEnds(begun);
  }

  /** As {@link #present(float[], long, int)} with an unknown number of steps. */
  public void present(float[] chw, long imageIndex) {
    present(chw, imageIndex, 0);
  }

  /** Runs one time step: every population in order, spikes crossing all of them. */
  public void step() {
    runStepBlock(1);
  }

  /**
   * Runs up to {@code most} time steps, as many as the plan's blocks have (one where an encoder
   * changes the input every step).
   *
   * @return the number of steps run, at least 1
   */
  public int runStepBlock(int most) {
    checkOpen();
    if (most < 1) {
      throw new IllegalArgumentException("steps=" + most + ", expected 1 or more");
    }
    int n = Math.min(most, outputCounts.length);
    if (steps + n > mostSteps) {
      throw SnnsimException.usage(
          "step "
              + (steps + n)
              + ": max-pool gates run by lookup count at most "
              + mostSteps
              + " steps an image; run them by events");
    }
    if (encoded()) {
      n = 1;
      long begun = turns.inputBegins();
      encoder.frame(steps, raw);
      input.compute();
      turns.inputEnds(begun);
    }
    stepsSinceCarry += n;
    if (stepsSinceCarry > PopulationState.NET_STEPS) {
      for (PopulationState s : assembly.states) {
        s.carryNet();
      }
      stepsSinceCarry = n;
    }
    assembly.adapt(lastBlock, steps);
    turns.run(steps, n);
    lastBlock = n;
    steps += n;
    looked = n - 1;
    lastSlot = n - 1;
    return n;
  }

  /**
   * Makes {@link #outputCount} and {@link #outputPotential} answer for step {@code i} of the last
   * block (0-based). Everything else is as of the block's end.
   */
  public void look(int i) {
    if (i < 0 || i >= outputCounts.length) {
      throw new IndexOutOfBoundsException("step " + i + " of a block of " + outputCounts.length);
    }
    looked = i;
  }

  private void keepOutput(int slot) {
    int[] counts = outputCounts[slot];
    int[] potentials = outputPotentials[slot];
    for (int i = 0; i < outputIndex.length; i++) {
      counts[i] = outputState.counts.getAtIndex(JAVA_INT, outputIndex[i]);
      potentials[i] = outputState.get(outputState.v, outputIndex[i]);
    }
  }

  /** V := V(0), no spikes, no counts, step 0. */
  public void reset() {
    for (int i = 0; i < assembly.states.length; i++) {
      PopulationState s = assembly.states[i];
      s.clearSpikes();
      Population p = network.populations().get(i);
      if (p.model().integrates()) {
        fillPotentials(s, p.v0());
      } else {
        s.v.fill((byte) 0); // A gate may keep its own count there.
      }
    }
    assembly.reset();
    lastBlock = 0;
    steps = 0;
    stepsSinceCarry = 0;
    looked = 0;
    lastSlot = 0;
    keepOutput(0);
  }

  /** Steps since the image was presented. */
  public int steps() {
    return steps;
  }

  /** The model that this session runs. */
  public Simulator model() {
    return model;
  }

  /** The network that this session runs. */
  public Network network() {
    return network;
  }

  /** Number of output neurons. */
  public int classes() {
    return outputIndex.length;
  }

  /**
   * Spikes of output neuron {@code i} since the image was presented, positive minus negative ones.
   */
  public long outputCount(int i) {
    return outputCounts[looked][i];
  }

  /** Membrane potential of output neuron {@code i} in grid units. */
  public int outputPotential(int i) {
    return outputPotentials[looked][i];
  }

  /** Threshold of output neuron {@code i} in grid units. */
  public int outputTheta(int i) {
    return output.theta()[i / (output.shape().height() * output.shape().width())];
  }

  /**
   * Spikes of all neurons of a population since the image was presented, positive and negative ones
   * alike.
   */
  public long spikeTotal(int population) {
    return assembly.states[population].spikeTotal();
  }

  /** Those of {@link #spikeTotal} that were negative; 0 unless the population is signed. */
  public long negativeSpikeTotal(int population) {
    return assembly.states[population].negativeTotal();
  }

  /**
   * Neurons of a population whose membrane potential stood at an end of its type's range in the
   * last step, before a spike changed it: those that saturated there, and hardly any other. Gates
   * have none. What it costs is paid by the caller, not by steps.
   */
  public int saturated(int population) {
    boolean integrates = network.populations().get(population).model().integrates();
    return integrates && steps > 0 ? assembly.states[population].saturated() : 0;
  }

  /**
   * Synaptic operations that the spikes of a population caused since the image was presented: one
   * per spike, positive or negative, and outgoing synapse within the map (a max-pool gate's input
   * counts as a synapse).
   */
  public long synapticOps(int population) {
    long n = 0;
    for (FanOut f : fanOuts) {
      n += f.source() == population ? f.synapticOps(assembly.states) : 0;
    }
    return n;
  }

  /**
   * Synaptic operations that arrived at a population since the image was presented: as {@link
   * #synapticOps}, summed over the projections that end there. The input current is none.
   */
  public long synapticOpsInto(int population) {
    long n = 0;
    for (FanOut f : fanOuts) {
      n += f.target() == population ? f.synapticOps(assembly.states) : 0;
    }
    return n;
  }

  /** Those of {@link #synapticOps} that went through one projection, by its index. */
  public long synapticOpsThrough(int projection) {
    return fanOuts[projection].synapticOps(assembly.states);
  }

  /** Membrane potentials in grid units as [channel][y][x], of gates zeros; allocates the copy. */
  public int[] potentials(int population) {
    PopulationState s = assembly.states[population];
    if (!network.populations().get(population).model().integrates()) {
      return new int[s.channels * s.height * s.width];
    }
    return copy(s, i -> s.get(s.v, i));
  }

  /**
   * Spike counts since the image was presented as [channel][y][x], of signed neurons positive minus
   * negative spikes, which is never below 0; allocates the copy.
   *
   * @throws IllegalStateException if this population's counts are not kept
   */
  public int[] spikeCounts(int population) {
    PopulationState s = assembly.states[population];
    checkCounts(population);
    return copy(s, i -> s.counts.getAtIndex(JAVA_INT, i));
  }

  /** Membrane potential of one neuron in grid units; a gate has none, which is 0. */
  public int potential(int population, int channel, int y, int x) {
    if (!network.populations().get(population).model().integrates()) {
      return 0;
    }
    PopulationState s = assembly.states[population];
    return s.get(s.v, s.index(channel, y, x));
  }

  /**
   * Spikes of one neuron since the image was presented, positive minus negative ones.
   *
   * @throws IllegalStateException if this population's counts are not kept
   */
  public int spikeCount(int population, int channel, int y, int x) {
    PopulationState s = assembly.states[population];
    checkCounts(population);
    return s.counts.getAtIndex(JAVA_INT, s.index(channel, y, x));
  }

  /** True if {@link #spikeCount} answers for a population. */
  public boolean countsKept(int population) {
    return assembly.states[population].counts != null;
  }

  /** True if {@link #spike} answers for a population. */
  public boolean spikesKept(int population) {
    return assembly.words(population).spikes != null;
  }

  /**
   * Spike of one neuron in the last step that was run: 0 or 1, or -1 of a signed population.
   *
   * @throws IllegalStateException if this population's spikes are not kept
   */
  public int spike(int population, int channel, int y, int x) {
    PopulationState s = assembly.words(population);
    if (s.spikes == null) {
      throw new IllegalStateException(
          "population " + network.populations().get(population).name() + ": spikes are not kept");
    }
    if (steps == 0) {
      return 0;
    }
    s.slot(lastSlot);
    int p = y * s.width + x;
    int block = channel / PopulationState.BLOCK;
    return (int) ((s.positive(p, block) >>> channel & 1) - (s.negative(p, block) >>> channel & 1));
  }

  private void checkCounts(int population) {
    if (assembly.states[population].counts == null) {
      throw new IllegalStateException(
          "population "
              + network.populations().get(population).name()
              + ": counts are not kept; open the session with countEverywhere");
    }
  }

  /** True if the last step updated a population by lookup, false if by events. */
  public boolean byLookup(int population) {
    return assembly.byLookup[population];
  }

  /** How often adaptive populations have changed their method since the session was opened. */
  public long methodChanges() {
    return assembly.methodChanges();
  }

  /** Off-heap bytes of this session's state. */
  public long nativeBytes() {
    return arena.bytes();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      turns.close();
      arena.close();
      model.simulationClosed();
    }
  }

  private interface LaneReader {
    int at(long index);
  }

  private static int[] copy(PopulationState s, LaneReader reader) {
    int[] result = new int[s.channels * s.height * s.width];
    int k = 0;
    for (int c = 0; c < s.channels; c++) {
      for (int y = 0; y < s.height; y++) {
        for (int x = 0; x < s.width; x++) {
          result[k++] = reader.at(s.index(c, y, x));
        }
      }
    }
    return result;
  }

  private boolean encoded() {
    return encoder != null && !encoder.constant();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("session is closed");
    }
  }

  /** Writes V(0) to the first lanes that hold each channel and doubles it over the rest. */
  private void fillPotentials(PopulationState s, int[] v0) {
    int bytes = s.laneBytes();
    if (s.byPixel) {
      for (int c = 0; c < s.channels; c++) {
        kernels.events().fill(s.v, bytes, c * s.channelStride, s.channelStride, v0[c]);
      }
      return;
    }
    for (int b = 0; b < s.blocks; b++) {
      int lanes = s.lanes(b);
      long start = s.rowStart(b, 0);
      int first = b * PopulationState.BLOCK;
      // Two loops: in one, with a condition, C2 checks the bounds of v0 for all lanes ahead of the
      // loop. That fails where the last lanes hold no channel, and this method would be compiled
      // anew every second.
      int used = Math.min(lanes, s.channels - first);
      for (int l = 0; l < used; l++) {
        s.set(s.v, start + l, v0[first + l]);
      }
      for (int l = used; l < lanes; l++) {
        s.set(s.v, start + l, 0);
      }
      doubled(s.v, start * bytes, (long) lanes * bytes, (long) s.height * s.width * lanes * bytes);
    }
  }

  /** Repeats the first {@code have} bytes at {@code at} until there are {@code total}. */
  private static void doubled(MemorySegment m, long at, long have, long total) {
    for (long done = have; done < total; ) {
      long n = Math.min(done, total - done);
      MemorySegment.copy(m, at, m, at + done, n);
      done += n;
    }
  }
}
