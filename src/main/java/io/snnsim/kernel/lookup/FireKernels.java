// SPDX-License-Identifier: Apache-2.0
package io.snnsim.kernel.lookup;

import io.snnsim.kernel.state.NeuronKind;
import io.snnsim.kernel.state.PopulationState;

/**
 * Chooses the kernel that fires a population whose input is looked up: by its kind of neurons and
 * the width of V. Immutable.
 *
 * @param inputBound no step's input sum is larger
 */
record FireKernels(FiredPlanes fired, long inputBound, PopulationState state) {
  /** Of few-spike neurons; null of others. */
  LookupCode code() {
    if (!(state.kind instanceof NeuronKind.FewSpike)) {
      return null;
    }
    return state.wide ? new LookupFewSpikes32(fired, state) : new LookupFewSpikes16(fired, state);
  }

  /** Of neurons that fire in each step. */
  LookupFire fire() {
    if (!(state.kind instanceof NeuronKind.LookedUp kind)) {
      throw new IllegalArgumentException("these neurons are not updated by lookup: " + state.kind);
    }
    return switch (kind) {
      case NeuronKind.IntegrateAndFire k ->
          state.wide ? new LookupFire32(fired, inputBound, state) : new LookupFire16(fired, state);
      case NeuronKind.SignedIntegrateAndFire k ->
          state.wide ? new SignedFire32(fired, state) : new SignedFire16(fired, state);
      case NeuronKind.FewSpike k -> throw new IllegalArgumentException("fire as whole codes");
    };
  }
}
