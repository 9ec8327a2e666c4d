package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.encode.InputEncoder;
import io.snnsim.kernel.AnalogArgs;
import io.snnsim.kernel.ChannelwiseArgs;
import io.snnsim.kernel.ConvArgs;
import io.snnsim.kernel.Geometry;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.PopulationState;
import io.snnsim.kernel.RowKernel;
import io.snnsim.network.ChannelwiseProjection;
import io.snnsim.network.ConvGeometry;
import io.snnsim.network.ConvProjection;
import io.snnsim.network.GateProjection;
import io.snnsim.network.InputStage;
import io.snnsim.network.LaneLayout;
import io.snnsim.network.Network;
import io.snnsim.network.NeuronModel;
import io.snnsim.network.Population;
import io.snnsim.network.Projection;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of one network on one thread: membrane potentials, spikes and counts of one image at a
 * time. Confined to the thread that made it; all state is off-heap and allocated at construction,
 * presenting and stepping allocate nothing once compiled.
 *
 * <p>Use: {@link #present}, then {@link #step} as often as wanted, reading results in between.
 */
public final class Session implements AutoCloseable {
  private final Model model;
  private final Network network;
  private final Arena arena = Arena.ofConfined();
  private final PopulationState[] states;
  private final PopulationProgram[] programs;
  private final RowKernel[] analog;
  private final int[] analogTarget;
  private final boolean[] analogFed;
  private final MemorySegment image;
  private final MemorySegment[] currents;
  private final MemorySegment scratch;
  private final float[] raw;
  private final float[] frame;
  private final Population output;
  private final PopulationState outputState;
  private InputEncoder encoder;
  private int steps;
  private boolean closed;

  /** The kernels of one population in the order in which they run. */
  private record PopulationProgram(PopulationState state, RowKernel[] rows, Runnable events) {
    void step() {
      for (int b = 0; b < state.blocks; b++) {
        for (int y = 0; y < state.height; y++) {
          for (RowKernel kernel : rows) {
            kernel.row(b, y);
          }
        }
      }
      if (events != null) {
        events.run();
      }
    }
  }

  Session(Model model, Kernels kernels, boolean countEverywhere) {
    this.model = model;
    this.network = model.network();
    List<Population> populations = network.populations();
    int n = populations.size();
    states = new PopulationState[n];
    programs = new PopulationProgram[n];
    analogFed = new boolean[n];
    currents = new MemorySegment[n];
    for (InputStage.AnalogProjection a : network.input().projections()) {
      analogFed[a.target()] = true;
    }
    MemorySegment accumulator = allocateAccumulator(populations);
    int mostChannels = 1;
    for (Population p : populations) {
      mostChannels = Math.max(mostChannels, p.shape().channels());
    }
    // The events of three pixels, and a vector of slack.
    scratch = arena.allocate((3L * mostChannels + 16) * 4, 64);
    for (int i = 0; i < n; i++) {
      states[i] = allocateState(kernels, i, countEverywhere, accumulator);
      if (analogFed[i]) {
        Population p = populations.get(i);
        PopulationState s = states[i];
        currents[i] = arena.allocate(s.rowStart(s.blocks - 1, s.height) * 4, 64);
        fillLanes(s, s.bias, p.bias(), 0);
      }
    }
    for (int i = 0; i < n; i++) {
      programs[i] = program(kernels, i);
    }
    InputStage input = network.input();
    io.snnsim.network.Shape shape = input.shape();
    image = arena.allocate(shape.neurons() * 4L, 64);
    raw = new float[shape.neurons()];
    frame = new float[shape.neurons()];
    analog = new RowKernel[input.projections().size()];
    analogTarget = new int[analog.length];
    for (int i = 0; i < analog.length; i++) {
      InputStage.AnalogProjection a = input.projections().get(i);
      analogTarget[i] = a.target();
      analog[i] = kernels.analog(analogArgs(a));
    }
    encoder = null;
    output = populations.get(network.output());
    outputState = states[network.output()];
    reset();
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
    reset();
    int plane = network.input().shape().height() * network.input().shape().width();
    float[] mean = network.input().mean();
    float[] std = network.input().std();
    for (int c = 0; c < mean.length; c++) {
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        raw[i] = (chw[i] - mean[c]) / std[c];
      }
    }
    if (encoder == null || encoder.constant()) {
      computeCurrents(raw);
    } else {
      encoder.begin(imageIndex, raw, plannedSteps);
    }
  }

  /** As {@link #present(float[], long, int)} with an unknown number of steps. */
  public void present(float[] chw, long imageIndex) {
    present(chw, imageIndex, 0);
  }

  /** Runs one time step: every population in order, spikes crossing all of them. */
  public void step() {
    checkOpen();
    if (encoder != null && !encoder.constant()) {
      encoder.frame(steps, frame);
      computeCurrents(frame);
    }
    for (PopulationProgram program : programs) {
      program.step();
    }
    steps++;
  }

  /** V := V(0), no spikes, no counts, step 0. */
  public void reset() {
    for (int i = 0; i < states.length; i++) {
      PopulationState s = states[i];
      Population p = network.populations().get(i);
      s.spikes.fill((byte) 0);
      s.spikeTotal = 0;
      s.synapticOps = 0;
      if (s.counts != null) {
        s.counts.fill((byte) 0);
      }
      if (p.model() == NeuronModel.IF) {
        fillPotentials(s, p.v0());
      }
    }
    steps = 0;
  }

  /** Steps since the image was presented. */
  public int steps() {
    return steps;
  }

  /** The network that this session runs. */
  public Network network() {
    return network;
  }

  /** Number of output neurons. */
  public int classes() {
    return output.shape().neurons();
  }

  /** Spikes of output neuron {@code i} since the image was presented. */
  public long outputCount(int i) {
    return outputState.counts.getAtIndex(JAVA_INT, outputIndex(i));
  }

  /** Membrane potential of output neuron {@code i} in grid units. */
  public int outputPotential(int i) {
    return outputState.get(outputState.v, outputIndex(i));
  }

  /** Threshold of output neuron {@code i} in grid units. */
  public int outputTheta(int i) {
    return output.theta()[i / (output.shape().height() * output.shape().width())];
  }

  /** Spikes of all neurons of a population since the image was presented. */
  public long spikeTotal(int population) {
    return states[population].spikeTotal;
  }

  /**
   * Synaptic operations that the spikes of a population caused since the image was presented: one
   * per spike and outgoing synapse within the map (a max-pool gate's input counts as a synapse).
   */
  public long synapticOps(int population) {
    return states[population].synapticOps;
  }

  /** Membrane potentials in grid units as [channel][y][x]; allocates the copy. */
  public int[] potentials(int population) {
    PopulationState s = states[population];
    return copy(s, i -> s.get(s.v, i));
  }

  /**
   * Spike counts since the image was presented as [channel][y][x]; allocates the copy.
   *
   * @throws IllegalStateException if this population's counts are not kept
   */
  public int[] spikeCounts(int population) {
    PopulationState s = states[population];
    if (s.counts == null) {
      throw new IllegalStateException(
          "population "
              + network.populations().get(population).name()
              + ": counts are not kept; open the session with countEverywhere");
    }
    return copy(s, i -> s.counts.getAtIndex(JAVA_INT, i));
  }

  /** Off-heap bytes of this session's state. */
  public long nativeBytes() {
    long n = image.byteSize();
    for (int i = 0; i < states.length; i++) {
      PopulationState s = states[i];
      for (MemorySegment m :
          new MemorySegment[] {
            s.v,
            s.current,
            s.theta,
            s.bias,
            s.spikes,
            s.counts,
            s.events,
            s.eventStarts,
            s.fanOut,
            currents[i]
          }) {
        n += m == null ? 0 : m.byteSize();
      }
    }
    return n + (states.length > 0 ? states[0].accumulator.byteSize() : 0);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      arena.close();
      model.sessionClosed();
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

  private long outputIndex(int i) {
    int plane = outputState.height * outputState.width;
    int rest = i % plane;
    return outputState.index(i / plane, rest / outputState.width, rest % outputState.width);
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("session is closed");
    }
  }

  private MemorySegment allocateAccumulator(List<Population> populations) {
    int widest = 1;
    for (Population p : populations) {
      widest = Math.max(widest, p.shape().width());
    }
    return arena.allocate(widest * 64L * 4, 64);
  }

  private PopulationState allocateState(
      Kernels kernels, int i, boolean count, MemorySegment accumulator) {
    Population p = network.populations().get(i);
    boolean gated = p.model() == NeuronModel.MAX_GATE;
    boolean listed = false;
    for (Projection out : network.outOf(i)) {
      gated |= out instanceof GateProjection;
      listed |=
          out instanceof ConvProjection c
              && kernels.needsEvents(geometry(c.geometry()), !dense(c.geometry()));
    }
    boolean counts = count || gated || i == network.output();
    PopulationState s =
        new PopulationState(
            arena,
            p.shape().channels(),
            p.shape().height(),
            p.shape().width(),
            p.wide(),
            new PopulationState.Needs(analogFed[i], counts, listed),
            accumulator);
    fillLanes(s, s.theta, p.theta(), s.wide ? Integer.MAX_VALUE : Short.MAX_VALUE);
    fillLanes(s, s.bias, p.bias(), 0);
    for (Projection out : network.outOf(i)) {
      addFanOut(s, out);
    }
    return s;
  }

  /** True if every block reads all source channels, which small grouped convolutions do too. */
  private static boolean dense(ConvGeometry g) {
    int blocks = LaneLayout.of(g.outChannels(), false).blocks();
    for (int b = 0; b < blocks; b++) {
      if (ConvProjection.icStart(g, b) != 0 || ConvProjection.icEnd(g, b) != g.inChannels()) {
        return false;
      }
    }
    return true;
  }

  /** Adds to every pixel of the source the number of synapses that one of its neurons has. */
  private static void addFanOut(PopulationState source, Projection p) {
    ConvGeometry g = p.geometry();
    int targets = p instanceof ConvProjection ? g.outPerGroup() : 1;
    for (int y = 0; y < g.outHeight(); y++) {
      for (int ky = 0; ky < g.kernelH(); ky++) {
        int iy = y * g.strideH() - g.padH() + ky * g.dilationH();
        if (iy < 0 || iy >= g.inHeight()) {
          continue;
        }
        for (int x = 0; x < g.outWidth(); x++) {
          for (int kx = 0; kx < g.kernelW(); kx++) {
            int ix = x * g.strideW() - g.padW() + kx * g.dilationW();
            if (ix >= 0 && ix < g.inWidth()) {
              long at = (long) iy * g.inWidth() + ix;
              source.fanOut.setAtIndex(
                  JAVA_INT, at, source.fanOut.getAtIndex(JAVA_INT, at) + targets);
            }
          }
        }
      }
    }
  }

  private static void fillLanes(
      PopulationState s, MemorySegment lanes, int[] perChannel, int padding) {
    int all = (s.blocks - 1) * PopulationState.BLOCK + s.lanes(s.blocks - 1);
    for (int i = 0; i < all; i++) {
      s.set(lanes, i, i < s.channels ? perChannel[i] : padding);
    }
  }

  /** Writes V(0) to the first pixel of each block and doubles it over the block. */
  private static void fillPotentials(PopulationState s, int[] v0) {
    int bytes = s.wide ? 4 : 2;
    for (int b = 0; b < s.blocks; b++) {
      int lanes = s.lanes(b);
      long start = s.rowStart(b, 0);
      for (int l = 0; l < lanes; l++) {
        int c = b * PopulationState.BLOCK + l;
        s.set(s.v, start + l, c < s.channels ? v0[c] : 0);
      }
      long total = (long) s.height * s.width * lanes * bytes;
      long at = start * bytes;
      for (long done = (long) lanes * bytes; done < total; ) {
        long n = Math.min(done, total - done);
        MemorySegment.copy(s.v, at, s.v, at + done, n);
        done += n;
      }
    }
  }

  private PopulationProgram program(Kernels kernels, int i) {
    PopulationState t = states[i];
    List<RowKernel> rows = new ArrayList<>();
    List<Projection> into = network.into(i);
    if (network.populations().get(i).model() == NeuronModel.MAX_GATE) {
      Projection gate = into.getFirst();
      rows.add(kernels.gate(states[gate.source()], t, geometry(gate.geometry())));
    } else {
      rows.add(analogFed[i] ? kernels.current(t) : kernels.bias(t));
      for (Projection p : into) {
        switch (p) {
          case ConvProjection c -> rows.add(kernels.conv(convArgs(c)));
          case ChannelwiseProjection c -> rows.add(kernels.channelwise(channelwiseArgs(c)));
          case GateProjection g ->
              throw new IllegalArgumentException(
                  "population " + i + " is no max-pool gate but has a gate projection");
        }
      }
      rows.add(kernels.fire(t));
    }
    return new PopulationProgram(
        t, rows.toArray(new RowKernel[0]), t.events == null ? null : kernels.events(t));
  }

  private ConvArgs convArgs(ConvProjection c) {
    ConvGeometry g = c.geometry();
    int blocks = LaneLayout.of(g.outChannels(), false).blocks();
    long[] offsets = new long[blocks];
    int[] icStart = new int[blocks];
    int[] icEnd = new int[blocks];
    for (int b = 0; b < blocks; b++) {
      offsets[b] = ConvProjection.blockOffset(g, c.type(), b);
      icStart[b] = ConvProjection.icStart(g, b);
      icEnd[b] = ConvProjection.icEnd(g, b);
    }
    return new ConvArgs(
        states[c.source()],
        states[c.target()],
        geometry(g),
        model.weights(network.projections().indexOf(c)),
        c.type().bytes(),
        offsets,
        icStart,
        icEnd,
        scratch);
  }

  private ChannelwiseArgs channelwiseArgs(ChannelwiseProjection c) {
    PopulationState t = states[c.target()];
    ConvGeometry g = c.geometry();
    int all = (t.blocks - 1) * PopulationState.BLOCK + t.lanes(t.blocks - 1);
    MemorySegment weights = arena.allocate((long) g.taps() * all * (t.wide ? 4 : 2), 64);
    for (int channel = 0; channel < g.inChannels(); channel++) {
      for (int tap = 0; tap < g.taps(); tap++) {
        t.set(
            weights,
            (long) tap * all + channel + c.channelOffset(),
            c.weights()[channel * g.taps() + tap]);
      }
    }
    return new ChannelwiseArgs(states[c.source()], t, geometry(g), c.channelOffset(), weights);
  }

  private AnalogArgs analogArgs(InputStage.AnalogProjection a) {
    ConvGeometry g = a.geometry();
    PopulationState t = states[a.target()];
    int all = (t.blocks - 1) * PopulationState.BLOCK + t.lanes(t.blocks - 1);
    MemorySegment weights = arena.allocate((long) g.taps() * g.inChannels() * all * 4, 64);
    MemorySegment bias = arena.allocate(all * 4L, 64);
    int icg = g.inPerGroup();
    for (int oc = 0; oc < g.outChannels(); oc++) {
      bias.setAtIndex(JAVA_FLOAT, oc, a.bias()[oc]);
      int firstIc = oc / g.outPerGroup() * icg;
      for (int i = 0; i < icg; i++) {
        for (int tap = 0; tap < g.taps(); tap++) {
          long row = (long) tap * g.inChannels() + firstIc + i;
          weights.setAtIndex(
              JAVA_FLOAT, row * all + oc, a.weights()[(oc * icg + i) * g.taps() + tap]);
        }
      }
    }
    return new AnalogArgs(
        image,
        g.inChannels(),
        g.inHeight(),
        g.inWidth(),
        t,
        geometry(g),
        weights,
        bias,
        a.low(),
        a.high(),
        currents[a.target()]);
  }

  private static Geometry geometry(ConvGeometry g) {
    return new Geometry(
        g.kernelH(),
        g.kernelW(),
        g.strideH(),
        g.strideW(),
        g.padH(),
        g.padW(),
        g.dilationH(),
        g.dilationW());
  }

  /** Runs the input stage over a normalised image and stores each target's currents. */
  private void computeCurrents(float[] normalised) {
    MemorySegment.copy(normalised, 0, image, JAVA_FLOAT, 0, normalised.length);
    for (int i = 0; i < currents.length; i++) {
      if (currents[i] != null) {
        currents[i].fill((byte) 0);
      }
    }
    for (int i = 0; i < analog.length; i++) {
      PopulationState t = states[analogTarget[i]];
      for (int b = 0; b < t.blocks; b++) {
        for (int y = 0; y < t.height; y++) {
          analog[i].row(b, y);
        }
      }
    }
    for (int i = 0; i < currents.length; i++) {
      if (currents[i] == null) {
        continue;
      }
      PopulationState s = states[i];
      for (int b = 0; b < s.blocks; b++) {
        int lanes = s.lanes(b);
        long start = s.rowStart(b, 0);
        int all = s.height * s.width * lanes;
        int lane = 0;
        for (int k = 0; k < all; k++) {
          int bias = s.get(s.bias, (long) b * PopulationState.BLOCK + lane);
          int sum = currents[i].getAtIndex(JAVA_INT, start + k) + bias;
          s.set(s.current, start + k, sum);
          lane = lane + 1 == lanes ? 0 : lane + 1;
        }
      }
    }
  }
}
