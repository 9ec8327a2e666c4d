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
  }
}
