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
 * <p>No method has a body here: else loading a model and loading this could wait for each other.
 */
public sealed interface NeuronModel {
  /** See {@link IntegrateAndFire}. */
  NeuronModel IF = new IntegrateAndFire();

  /** See {@link MaxGate}. */
  NeuronModel MAX_GATE = new MaxGate();

  /** See {@link SignedIntegrateAndFire}. */
  NeuronModel SIGNED_IF = new SignedIntegrateAndFire();

  /** One of each kind. */
  List<NeuronModel> KNOWN = List.of(IF, MAX_GATE, SIGNED_IF);

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

  /** What must be proven of one step's input sum, by width of V. */
  InputRange inputRange(boolean wide);

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
   * The input that a neuron took up since the image began, in thresholds, which divided by the
   * steps is what the ANN's activation is compared with; NaN if its state does not tell.
   *
   * @param count its spikes, positive minus negative
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
   * Integrate and fire, reset by subtraction (soft reset), at most one spike a step:
   *
   * <pre>
   * V = saturate(V + sum)
   * s = 1 if V &gt;= theta, else 0
   * V = V - theta * s
   * </pre>
   */
  record IntegrateAndFire() implements NeuronModel {
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
    public boolean integrates() {
      return true;
    }

    @Override
    public boolean keepsCounts() {
      return false;
    }

    @Override
    public Spikes spikes() {
      return Spikes.BINARY;
    }

    @Override
    public boolean reads(Projection p) {
      return p.weightBytes() > 0;
    }

    @Override
    public InputRange inputRange(boolean wide) {
      return InputRange.ofPotential(wide);
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

    @Override
    public double integrated(int count, int v, int v0, int theta) {
      return count + (double) (v - v0) / theta;
    }
  }

  /**
   * Signed integrate and fire: as {@link IntegrateAndFire}, and it takes a spike back (s = -1, V =
   * V + theta) where V &lt; 0 and its own output count N, the sum of its s since the image began,
   * is above 0. So N is never negative, and theta * N + V - V(0) is the input integrated so far.
   */
  record SignedIntegrateAndFire() implements NeuronModel {
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
    public boolean integrates() {
      return true;
    }

    @Override
    public boolean keepsCounts() {
      return false;
    }

    @Override
    public Spikes spikes() {
      return Spikes.SIGNED;
    }

    @Override
    public boolean reads(Projection p) {
      return p.weightBytes() > 0;
    }

    @Override
    public InputRange inputRange(boolean wide) {
      return InputRange.ofPotential(wide);
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

    @Override
    public double integrated(int count, int v, int v0, int theta) {
      return count + (double) (v - v0) / theta;
    }
  }

  /**
   * Max-pool gate: its own cumulative count follows the largest one in its window by at most one a
   * step: s = 1 where that is larger, s = -1 where it is smaller (which only a signed source makes
   * possible, see {@link Network#signed}). No membrane potential, theta or bias.
   */
  record MaxGate() implements NeuronModel {
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
    public boolean integrates() {
      return false;
    }

    @Override
    public boolean keepsCounts() {
      return true;
    }

    @Override
    public Spikes spikes() {
      return Spikes.AS_SOURCE;
    }

    @Override
    public boolean reads(Projection p) {
      return p instanceof GateProjection;
    }

    /** Nothing is added up. */
    @Override
    public InputRange inputRange(boolean wide) {
      return InputRange.ofPotential(wide);
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

    @Override
    public boolean integralOutput() {
      return false;
    }

    @Override
    public double integrated(int count, int v, int v0, int theta) {
      return Double.NaN;
    }
  }
}
