// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.state;

/**
 * How the neurons of a population turn their input into spikes, as far as kernels must know: which
 * kernel fires them and what they keep from step to step. A new kind is a record here and a case
 * where each family of kernels chooses its fire kernel; one that has parameters carries them.
 * Immutable.
 */
public sealed interface NeuronKind {
  /** Their spikes may be negative. */
  boolean signed();

  /** They keep a count N of their own: positive minus negative spikes. */
  boolean keepsNet();

  /** Steps that they read before they send; 0 if they send in the step that they read. */
  int codeSteps();

  /** Kinds whose sums lookups make: only these need a fire kernel over pixels. */
  sealed interface LookedUp extends NeuronKind {}

  /** Integrate and fire with soft reset. */
  record IntegrateAndFire() implements LookedUp {
    @Override
    public boolean signed() {
      return false;
    }

    @Override
    public boolean keepsNet() {
      return false;
    }

    @Override
    public int codeSteps() {
      return 0;
    }
  }

  /** Integrate and fire that takes spikes back: -1 where V is below 0 and N above. */
  record SignedIntegrateAndFire() implements LookedUp {
    @Override
    public boolean signed() {
      return true;
    }

    @Override
    public boolean keepsNet() {
      return true;
    }

    @Override
    public int codeSteps() {
      return 0;
    }
  }

  /**
   * Max-pool gate, without a membrane potential.
   *
   * @param signed its source's spikes may be negative, and so its own
   */
  record MaxGate(boolean signed) implements NeuronKind {
    @Override
    public boolean keepsNet() {
      return false;
    }

    @Override
    public int codeSteps() {
      return 0;
    }
  }

  /**
   * Few-spike neurons: they read {@code steps} steps, then send the whole thresholds of V in as
   * many, a spike in step t being worth 2^(steps - 1 - t).
   */
  record FewSpike(int steps) implements LookedUp {
    @Override
    public boolean signed() {
      return false;
    }

    @Override
    public boolean keepsNet() {
      return false;
    }

    @Override
    public int codeSteps() {
      return steps;
    }
  }

  /** Max-pool gate of few-spike neurons. */
  record MaxRace(int steps) implements NeuronKind {
    @Override
    public boolean signed() {
      return false;
    }

    @Override
    public boolean keepsNet() {
      return false;
    }

    @Override
    public int codeSteps() {
      return steps;
    }
  }
}
