// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import io.snnsim.encode.InputEncoder;
import io.snnsim.error.SnnsimException;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import java.lang.foreign.Arena;

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

  /** Normalised, [channel][y][x]: what the currents are computed from. */
  private final float[] raw;

  private final ImageReader reader;

  /** The image of which an encoder makes every step's frame. */
  private final float[] coded;

  private final OutputTrace trace;
  private final InitialState initial;
  private final NeuronView neurons;
  private InputEncoder encoder;
  private int steps;

  /** Steps since signed neurons' own counts were last carried. */
  private int stepsSinceCarry;

  /** Steps of the last step block of this image. */
  private int lastStepBlock;

  /** Slot of the last step that was run. */
  private int lastSlot;

  private final int mostSteps;

  /** Steps of a code; 0 of neurons that send rates. */
  private final int code;

  private boolean closed;

  Simulation(Simulator model, Kernels kernels, SimulationOptions options) {
    this.model = model;
    int threads = options.threads();
    boolean confined = threads == 1 && !options.handedOn();
    arena = model.arena(confined ? Arena.ofConfined() : Arena.ofShared());
    this.network = model.network();
    try {
      raw = new float[network.input().shape().size()];
      assembly = new Assembly(model, kernels, options, arena, this::keepOutput);
      input = new InputCurrents(network.input(), assembly.methods.states, kernels, raw, arena);
    } catch (RuntimeException | Error e) {
      // Too little memory, most likely: what was had must not stay.
      arena.close();
      throw e;
    }
    turns = new Turns(model, assembly.programs, assembly.methods.byLookup, threads);
    fanOuts = FanOut.of(network);
    reader = new ImageReader(network.input(), raw);
    coded = new float[raw.length];
    PopulationState[] states = assembly.methods.states;
    Population output = network.populations().get(network.output());
    trace = new OutputTrace(output, states[network.output()], model.plan().blockSteps());
    initial = new InitialState(network, kernels.events());
    neurons = new NeuronView(network, assembly);
    mostSteps = model.mostSteps();
    code = network.codeSteps();
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
   * moving picture. It drives the network as a constant current, without an encoder. Of few-spike
   * neurons, which keep nothing from image to image, it is presented as any.
   */
  public void change() {
    checkOpen();
    long begun = turns.inputBegins();
    if (code > 0) {
      reset();
    }
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
   * Runs up to {@code most} time steps, as many as the plan's step blocks have (one where an
   * encoder changes the input every step).
   *
   * <p>Of few-spike neurons, whose layers begin when the one before has ended, always the whole
   * code; one an image.
   *
   * @return the number of steps run, at least 1
   * @throws SnnsimException (usage) if neurons send codes and {@code most} is not their length, or
   *     the image has been run, or it is encoded
   */
  public int runStepBlock(int most) {
    checkOpen();
    if (most < 1) {
      throw new IllegalArgumentException("steps=" + most + ", expected 1 or more");
    }
    int n = Math.min(most, trace.steps());
    if (code > 0) {
      requireWholeCode(most);
    }
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
      for (PopulationState s : assembly.methods.states) {
        s.carryNet();
      }
      stepsSinceCarry = n;
    }
    assembly.adapt(lastStepBlock, steps);
    turns.run(steps, n);
    lastStepBlock = n;
    steps += n;
    trace.look(n - 1);
    lastSlot = n - 1;
    return n;
  }

  private void requireWholeCode(int most) {
    if (steps > 0) {
      throw SnnsimException.usage(
          "step "
              + (steps + 1)
              + ": this network has answered, after "
              + code
              + " steps a layer; present an image");
    }
    if (encoded()) {
      throw SnnsimException.usage(
          "input coding: found one that changes from step to step, expected constant, since"
              + " few-spike neurons take the image once");
    }
    model.checkSteps(most);
  }

  /**
   * True if the output can be read after step {@code i} of a block of {@code n}, as it can after
   * each but in a code, which the output has read when it ends.
   */
  public boolean answersAt(int i, int n) {
    return code == 0 || i == n - 1;
  }

  /**
   * Makes {@link #outputCount} and {@link #outputPotential} answer for step {@code i} of the last
   * step block (0-based). Everything else is as of the step block's end.
   */
  public void look(int i) {
    trace.look(i);
  }

  private void keepOutput(int slot) {
    trace.keep(slot);
  }

  /** V := V(0), no spikes, no counts, step 0. */
  public void reset() {
    initial.set(assembly.methods.states);
    assembly.reset();
    lastStepBlock = 0;
    steps = 0;
    stepsSinceCarry = 0;
    trace.look(0);
    lastSlot = 0;
    keepOutput(0);
  }

  /** Steps since the image was presented. */
  public int steps() {
    return steps;
  }

  /** The simulator that this simulation runs. */
  public Simulator model() {
    return model;
  }

  /** The network that this simulation runs. */
  public Network network() {
    return network;
  }

  /** Number of output neurons. */
  public int classes() {
    return trace.neurons();
  }

  /**
   * Spikes of output neuron {@code i} since the image was presented, positive minus negative ones.
   */
  public long outputCount(int i) {
    return trace.count(i);
  }

  /** Membrane potential of output neuron {@code i} in grid units. */
  public int outputPotential(int i) {
    return trace.potential(i);
  }

  /** Threshold of output neuron {@code i} in grid units. */
  public int outputTheta(int i) {
    return trace.theta(i);
  }

  /**
   * Spikes of all neurons of a population since the image was presented, positive and negative ones
   * alike.
   */
  public long spikeTotal(int population) {
    return assembly.methods.states[population].spikeTotal();
  }

  /** Those of {@link #spikeTotal} that were negative; 0 unless the population is signed. */
  public long negativeSpikeTotal(int population) {
    return assembly.methods.states[population].negativeTotal();
  }

  /**
   * Neurons of a population that spiked with their membrane potential at an end of its type's range
   * in the last step, before a spike changed it: those that saturated there, and hardly any other.
   * Gates have none, and few-spike neurons none that matters. What it costs is paid by the caller,
   * not by steps.
   */
  public int saturated(int population) {
    boolean integrates = network.populations().get(population).model().integrates();
    return integrates && steps > 0 && code == 0
        ? assembly.methods.states[population].saturated()
        : 0;
  }

  /**
   * Synaptic operations that the spikes of a population caused since the image was presented: one
   * per spike, positive or negative, and outgoing synapse within the map (a max-pool gate's input
   * counts as a synapse).
   */
  public long synapticOps(int population) {
    long n = 0;
    for (FanOut f : fanOuts) {
      n += f.source() == population ? f.synapticOps(assembly.methods.states) : 0;
    }
    return n;
  }

  /** Those of {@link #synapticOps} that went through one projection, by its index. */
  public long synapticOpsThrough(int projection) {
    return fanOuts[projection].synapticOps(assembly.methods.states);
  }

  /** Membrane potentials in grid units as [channel][y][x], of gates zeros; allocates the copy. */
  public int[] potentials(int population) {
    return neurons.potentials(population);
  }

  /**
   * Spike counts since the image was presented as [channel][y][x], of signed neurons positive minus
   * negative spikes, which is never below 0; allocates the copy.
   *
   * @throws IllegalStateException if this population's counts are not kept
   */
  public int[] spikeCounts(int population) {
    return neurons.spikeCounts(population);
  }

  /** Membrane potential of one neuron in grid units; a gate has none, which is 0. */
  public int potential(int population, int channel, int y, int x) {
    return neurons.potential(population, channel, y, x);
  }

  /**
   * Spikes of one neuron since the image was presented, positive minus negative ones.
   *
   * @throws IllegalStateException if this population's counts are not kept
   */
  public int spikeCount(int population, int channel, int y, int x) {
    return neurons.spikeCount(population, channel, y, x);
  }

  /** True if {@link #spikeCount} answers for a population. */
  public boolean countsKept(int population) {
    return assembly.methods.states[population].counts != null;
  }

  /** True if {@link #spike} answers for a population. */
  public boolean spikesKept(int population) {
    return neurons.spikesKept(population);
  }

  /**
   * Spike of one neuron in the last step that was run: 0 or 1, or -1 of a signed population.
   *
   * @throws IllegalStateException if this population's spikes are not kept
   */
  public int spike(int population, int channel, int y, int x) {
    int spike = neurons.spike(lastSlot, population, channel, y, x);
    return steps == 0 ? 0 : spike;
  }

  /** True if the last step updated a population by lookup, false if by events. */
  public boolean byLookup(int population) {
    return assembly.methods.byLookup[population];
  }

  /** How often adaptive populations have changed their method since the simulation was opened. */
  public long methodChanges() {
    return assembly.methods.changes();
  }

  /** Off-heap bytes of this simulation's state. */
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

  private boolean encoded() {
    return encoder != null && !encoder.constant();
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("session is closed");
    }
  }
}
