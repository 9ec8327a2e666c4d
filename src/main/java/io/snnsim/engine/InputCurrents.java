// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import io.snnsim.geometry.ConvGeometry;
import io.snnsim.kernel.Kernels;
import io.snnsim.kernel.contract.AnalogArgs;
import io.snnsim.kernel.state.PopulationState;
import io.snnsim.kernel.state.RowKernel;
import io.snnsim.network.InputStage;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Turns a normalised image into the constant currents of the populations that it drives. Confined
 * to the simulation's thread; allocates only in the constructor.
 */
final class InputCurrents {
  private final InputStage stage;
  private final PopulationState[] states;
  private final Arena arena;
  private final MemorySegment image;

  /** By projection: what computes all of its target's currents, or null. */
  private final Runnable[] whole;

  /** By projection, where there is no whole one: sums that are stored afterwards. */
  private final RowKernel[] analog;

  /** By population: sums of its analog projections before the bias, lanes are channels; or null. */
  private final MemorySegment[] sums;

  /**
   * @param normalised [channel][y][x], from which {@link #compute} reads
   */
  InputCurrents(
      InputStage stage,
      PopulationState[] states,
      Kernels kernels,
      float[] normalised,
      Arena arena) {
    this.stage = stage;
    this.states = states;
    this.arena = arena;
    image = MemorySegment.ofArray(normalised);
    sums = new MemorySegment[states.length];
    analog = new RowKernel[stage.projections().size()];
    whole = new Runnable[analog.length];
    int[] into = new int[states.length];
    stage.projections().forEach(a -> into[a.target()]++);
    for (int i = 0; i < analog.length; i++) {
      InputStage.AnalogProjection a = stage.projections().get(i);
      PopulationState t = states[a.target()];
      AnalogArgs args = analogArgs(a);
      whole[i] =
          into[a.target()] == 1 && t.byPixel ? kernels.lookups().currents(args, arena) : null;
      if (whole[i] == null) {
        if (sums[a.target()] == null) {
          sums[a.target()] = arena.allocate(t.rowStart(t.blocks - 1, t.height) * 4, 64);
        }
        analog[i] = kernels.events().analog(args.into(sums[a.target()]));
      }
    }
  }

  /** Computes and stores the currents, biases included, of the normalised image. */
  void compute() {
    for (MemorySegment sum : sums) {
      if (sum != null) {
        sum.fill((byte) 0);
      }
    }
    for (int i = 0; i < analog.length; i++) {
      if (whole[i] != null) {
        whole[i].run();
        continue;
      }
      PopulationState t = states[stage.projections().get(i).target()];
      for (int b = 0; b < t.blocks; b++) {
        for (int y = 0; y < t.height; y++) {
          analog[i].row(b, y);
        }
      }
    }
    for (int p = 0; p < sums.length; p++) {
      if (sums[p] != null) {
        store(states[p], sums[p]);
      }
    }
  }

  private static void store(PopulationState s, MemorySegment sum) {
    for (int c = 0; c < s.channels; c++) {
      int block = c / PopulationState.BLOCK;
      int bias = s.get(s.bias, c);
      int lanes = s.lanes(block);
      for (int y = 0; y < s.height; y++) {
        long from = s.rowStart(block, y) + c % PopulationState.BLOCK;
        long to = s.index(c, y, 0);
        long step = s.byPixel ? 1 : lanes;
        for (int x = 0; x < s.width; x++) {
          int current = sum.getAtIndex(JAVA_INT, from + (long) x * lanes) + bias;
          s.set(s.current, to + x * step, current);
        }
      }
    }
  }

  private AnalogArgs analogArgs(InputStage.AnalogProjection a) {
    ConvGeometry g = a.geometry();
    PopulationState t = states[a.target()];
    int all = t.allLanes();
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
        g.window(),
        weights,
        bias,
        a.low(),
        a.high(),
        null);
  }
}
