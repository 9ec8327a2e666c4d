// SPDX-License-Identifier: Apache-2.0
package io.snnsim.network;

import java.util.List;

/**
 * How the neurons of a population turn their input into spikes: everything that the rest of the
 * program asks of a model, but for its kernels. Immutable and thread-safe.
 *
 * <p>To add a model: a record here, named in {@link #KNOWN}, with its parameters, which answers
 * every question below. Then its twin in the kernels' words ({@code kernel.state.NeuronKind}), its
 * update in each family of kernels (the scalar one is the specification), and a case wherever the
 * compiler says that a switch does not cover it. Nobody else tells models apart.
 *
 * <p>What models of a family answer alike stands in {@link Integrating} or {@link Gate}, and in
 * {@link Rate} or {@link Code}. No method has a body in this interface itself, and those four hold
 * no constants: else loading a model, which begins with the interfaces whose methods have bodies,
 * and loading this, which makes the models, could wait for each other.
 */
public sealed interface NeuronModel {
  /** See {@link IntegrateAndFire}. */
  NeuronModel IF = new IntegrateAndFire();

  /** See {@link MaxGate}. */
  NeuronModel MAX_GATE = new MaxGate();

  /** See {@link SignedIntegrateAndFire}. */
  NeuronModel SIGNED_IF = new SignedIntegrateAndFire();

  /** See {@link FewSpike}. */
  NeuronModel FEW_SPIKE = new FewSpike(FewSpike.USUAL_STEPS);

  /** See {@link MaxRace}. */
  NeuronModel MAX_RACE = new MaxRace(FewSpike.USUAL_STEPS);

  /** One of each kind. */
  List<NeuronModel> KNOWN = List.of(IF, MAX_GATE, SIGNED_IF, FEW_SPIKE, MAX_RACE);

  /**
   * What a population's record in a .snn file says of the model.
   *
   * @param id number of the model
   * @param version the first version of the format that has it
   * @param parameter the model's parameter; 0 if it has none
   */
  record FileRecord(int id, int version, int parameter) {}

  /** What spikes may be. */
  enum Spikes {
    /** 0 or 1. */
    BINARY,
    /** -1, 0 or 1. */
    SIGNED,
    /** What those of its one source are. */
    AS_SOURCE
  }

  /** How far lookups serve a population. */
  enum Lookups {
    /** By events only. */
    NEVER,
    /** By events or by lookup, from the first step of an image to the last. */
    WHOLE_IMAGE,
    /** By either, and it may change between two step blocks. */
    ANY_STEP
  }

  /**
   * Ends of what one step's input sum may be, for the kernels' arithmetic to be exact.
   *
   * @param low smallest sum
   * @param high largest sum
   */
  record InputRange(long low, long high) {
    /** Sums of which one is added to V and compared with theta in the arithmetic of V's type. */
    static InputRange ofPotential(boolean wide) {
      return wide
          ? new InputRange(-(1L << 30), 1L << 30)
          : new InputRange(Short.MIN_VALUE, Short.MAX_VALUE);
    }
  }

  /** As reports name it. */
  String label();

  /** What one of them is called in a sentence. */
  String noun();

  /** What a file says of it. */
  FileRecord file();

  /** The same kind of model with the parameter that a file states; null if it cannot have that. */
  NeuronModel withFileParameter(int parameter);

  /** True if a neuron has a membrane potential, which begins as V(0) and takes up the bias. */
  boolean integrates();

  /** True if it needs its spike counts, which others keep only where somebody asks for them. */
  boolean keepsCounts();

  /** What its spikes may be. */
  Spikes spikes();

  /** True if a projection of this kind may end in such a population. */
  boolean reads(Projection p);

  /**
   * Steps that such a neuron reads before it sends any, and then sends: K of a code in which a
   * spike's place tells its worth. 0 if it sends in the step that it reads.
   */
  int codeSteps();

  /** The count that stands for lambda after {@code steps} steps. */
  long fullCount(int steps);

  /**
   * What must be proven of one step's input sum of synapses and of whatever else {@link
   * #constantEachStep each step} brings.
   *
   * @param wide width of V
   * @param theta the channel's
   * @param once largest magnitude of what comes in once an image: bias, V(0) and current of a model
   *     that does not take them {@link #constantEachStep each step}, else 0
   */
  InputRange inputRange(boolean wide, long theta, long once);

  /** True if bias and current flow in every step, false if they come once an image. */
  boolean constantEachStep();

  /** How far lookups serve it, by width of V. */
  Lookups lookups(boolean wide);

  /**
   * Vectors that updating a vector of neurons by events loads and stores besides the input: theta,
   * V twice, and so on.
   */
  int updateTransfers();

  /** True if an output is best read by {@link #integrated}, false if by spikes and softmax of V. */
  boolean integralOutput();

  /**
   * The input that a neuron took up since the image began, in thresholds, which divided by {@link
   * #fullCount} is what the ANN's activation is compared with; NaN if its state does not tell.
   *
   * @param count its spikes, positive minus negative, each times its worth
   */
  double integrated(int count, int v, int v0, int theta);

  /** The model that a file states, or null if there is none. */
  static NeuronModel ofFile(int id, int parameter) {
    for (NeuronModel model : KNOWN) {
      if (model.file().id() == id) {
        return model.withFileParameter(parameter);
      }
    }
    return null;
  }

  /** Highest version of the .snn format that one of the models needs. */
  static int newestFileVersion() {
    return KNOWN.stream().mapToInt(m -> m.file().version()).max().orElseThrow();
  }

  /**
   * Adds up in V all that its synapses bring. Where something else becomes of it, as where V leaks,
   * {@link #integrated} needs an answer of its own.
   */
  sealed interface Integrating extends NeuronModel {
    @Override
    default boolean integrates() {
      return true;
    }

    @Override
    default boolean keepsCounts() {
      return false;
    }

    @Override
    default boolean reads(Projection p) {
      return p.weightBytes() > 0;
    }

    @Override
    default double integrated(int count, int v, int v0, int theta) {
      return count + (double) (v - v0) / theta;
    }
  }

  /** Passes on the largest of what its one source's neurons in a window send; has no V. */
  sealed interface Gate extends NeuronModel {
    @Override
    default boolean integrates() {
      return false;
    }

    @Override
    default boolean reads(Projection p) {
      return p instanceof GateProjection;
    }

    @Override
    default boolean integralOutput() {
      return false;
    }

    @Override
    default double integrated(int count, int v, int v0, int theta) {
      return Double.NaN;
    }
  }

  /** Sends in the step that it reads; a spike is worth one threshold in any step. */
  sealed interface Rate extends NeuronModel {
    @Override
    default int codeSteps() {
      return 0;
    }

    @Override
    default long fullCount(int steps) {
      return steps;
    }

    @Override
    default InputRange inputRange(boolean wide, long theta, long once) {
      return InputRange.ofPotential(wide);
    }

    @Override
    default boolean constantEachStep() {
      return true;
    }
  }

  /** Reads K steps, then sends K: a spike in step t of them is worth 2^(K-1-t). */
  sealed interface Code extends NeuronModel {
    /** K. */
    int steps();

    @Override
    default Spikes spikes() {
      return Spikes.BINARY;
    }

    @Override
    default int codeSteps() {
      return steps();
    }

    @Override
    default long fullCount(int ran) {
      return (1L << steps()) - 1;
    }

    @Override
    default boolean constantEachStep() {
      return false;
    }
  }

  /**
   * Integrate and fire, reset by subtraction (soft reset), at most one spike a step:
   *
   * <pre>
   * V = saturate(V + sum)
   * s = 1 if V &gt;= theta, else 0
   * V = V - theta * s
   * </pre>
   */
  record IntegrateAndFire() implements Integrating, Rate {
    @Override
    public String label() {
      return "IF";
    }

    @Override
    public String noun() {
      return "IF neuron";
    }

    @Override
    public FileRecord file() {
      return new FileRecord(0, 1, 0);
    }

    @Override
    public NeuronModel withFileParameter(int parameter) {
      return this;
    }

    @Override
    public Spikes spikes() {
      return Spikes.BINARY;
    }

    @Override
    public Lookups lookups(boolean wide) {
      return Lookups.ANY_STEP;
    }

    @Override
    public int updateTransfers() {
      return 4;
    }

    @Override
    public boolean integralOutput() {
      return false;
    }
  }

  /**
   * Signed integrate and fire: as {@link IntegrateAndFire}, and it takes a spike back (s = -1, V =
   * V + theta) where V &lt; 0 and its own output count N, the sum of its s since the image began,
   * is above 0. So N is never negative, and theta * N + V - V(0) is the input integrated so far.
   */
  record SignedIntegrateAndFire() implements Integrating, Rate {
    @Override
    public String label() {
      return "signed IF";
    }

    @Override
    public String noun() {
      return "signed neuron";
    }

    @Override
    public FileRecord file() {
      return new FileRecord(2, 2, 0);
    }

    @Override
    public NeuronModel withFileParameter(int parameter) {
      return this;
    }

    @Override
    public Spikes spikes() {
      return Spikes.SIGNED;
    }

    @Override
    public Lookups lookups(boolean wide) {
      return Lookups.ANY_STEP;
    }

    /** N is loaded and stored too. */
    @Override
    public int updateTransfers() {
      return 6;
    }

    @Override
    public boolean integralOutput() {
      return true;
    }
  }

  /**
   * Max-pool gate: its own cumulative count follows the largest one in its window by at most one a
   * step: s = 1 where that is larger, s = -1 where it is smaller (which only a signed source makes
   * possible, see {@link Network#signed}). No membrane potential, theta or bias.
   */
  record MaxGate() implements Gate, Rate {
    @Override
    public String label() {
      return "max gate";
    }

    @Override
    public String noun() {
      return "max-pool gate";
    }

    @Override
    public FileRecord file() {
      return new FileRecord(1, 1, 0);
    }

    @Override
    public NeuronModel withFileParameter(int parameter) {
      return this;
    }

    @Override
    public boolean keepsCounts() {
      return true;
    }

    @Override
    public Spikes spikes() {
      return Spikes.AS_SOURCE;
    }

    /** Lookups keep counts of their own, of 16 bits. */
    @Override
    public Lookups lookups(boolean wide) {
      return wide ? Lookups.NEVER : Lookups.WHOLE_IMAGE;
    }

    @Override
    public int updateTransfers() {
      return 4;
    }
  }

  /**
   * Few-spike neuron: a spike in step t of K is worth 2^(K-1-t). It reads all K steps of its
   * sources, then sends the whole number of thresholds in what it integrated, its highest bit
   * first:
   *
   * <pre>
   * A = saturate(2 A + sum of step t), for t = 0 .. K-1
   * V = saturate(A + bias + V(0) + current of the image)
   * s(t) = 1 if V &gt;= 2^(K-1-t) theta, else 0;  V = V - 2^(K-1-t) theta s(t)
   * </pre>
   *
   * So the sum of 2^(K-1-t) s(t) is min(max(floor(V / theta), 0), 2^K - 1), as if nothing
   * saturated: see {@link #inputRange}. Source: Stoeckl and Maass, "Optimized spiking neurons can
   * classify images with high accuracy through temporal coding with two spikes", 2021, with powers
   * of two for its parameters and rounding by V(0) = theta / 2.
   *
   * @param steps K
   */
  record FewSpike(int steps) implements Integrating, Code {
    /** Most steps of a layer, 10 bits. */
    public static final int MOST_STEPS = 10;

    private static final int USUAL_STEPS = 4;

    /** Checks K. */
    public FewSpike {
      if (steps < 1 || steps > MOST_STEPS) {
        throw new IllegalArgumentException("steps=" + steps + ", expected 1.." + MOST_STEPS);
      }
    }

    @Override
    public String label() {
      return "few-spike";
    }

    @Override
    public String noun() {
      return "few-spike neuron";
    }

    @Override
    public FileRecord file() {
      return new FileRecord(3, 3, steps);
    }

    @Override
    public NeuronModel withFileParameter(int parameter) {
      return parameter < 1 || parameter > MOST_STEPS ? null : new FewSpike(parameter);
    }

    /**
     * Of 16 bits: an A that saturated is twice itself plus a sum of no more than 16 bits in the
     * next step, which saturates again on the same side, as the A without bounds stays beyond that
     * end. So it is there after the last step, and then all bits are sent or none, if 2^K theta and
     * all that comes in once fit 16 bits together. 32 bits hold every A and V.
     */
    @Override
    public InputRange inputRange(boolean wide, long theta, long once) {
      long room = (wide ? 1L << 30 : Short.MAX_VALUE) - (theta << steps) - once;
      long most = wide ? room >> steps : Short.MAX_VALUE;
      return room < 0 ? new InputRange(0, -1) : new InputRange(-most, most);
    }

    @Override
    public Lookups lookups(boolean wide) {
      return Lookups.WHOLE_IMAGE;
    }

    /** A twice. */
    @Override
    public int updateTransfers() {
      return 2;
    }

    @Override
    public boolean integralOutput() {
      return true;
    }
  }

  /**
   * Max-pool gate of {@link FewSpike} neurons: sends the largest number in its window. Numbers come
   * highest bit first, so a source stays in the race while it has sent what the gate sent:
   *
   * <pre>
   * s(t) = 1 if a source in the race spikes in step t, else 0; those that did not leave it then
   * </pre>
   *
   * @param steps K
   */
  record MaxRace(int steps) implements Gate, Code {
    /** Checks K. */
    public MaxRace {
      if (steps < 1 || steps > FewSpike.MOST_STEPS) {
        throw new IllegalArgumentException(
            "steps=" + steps + ", expected 1.." + FewSpike.MOST_STEPS);
      }
    }

    @Override
    public String label() {
      return "max race";
    }

    @Override
    public String noun() {
      return "max-pool race";
    }

    @Override
    public FileRecord file() {
      return new FileRecord(4, 3, steps);
    }

    @Override
    public NeuronModel withFileParameter(int parameter) {
      return parameter < 1 || parameter > FewSpike.MOST_STEPS ? null : new MaxRace(parameter);
    }

    @Override
    public boolean keepsCounts() {
      return false;
    }

    /** Nothing is added up. */
    @Override
    public InputRange inputRange(boolean wide, long theta, long once) {
      return InputRange.ofPotential(wide);
    }

    /** Spike words already hold 64 channels each. */
    @Override
    public Lookups lookups(boolean wide) {
      return Lookups.NEVER;
    }

    @Override
    public int updateTransfers() {
      return 1;
    }
  }
}
