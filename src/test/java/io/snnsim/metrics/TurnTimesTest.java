// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Times are kept by population and step, whatever the length of the turns. */
class TurnTimesTest {
  @Test
  void meansWeighStepsAndMediansTurns() {
    TurnTimes t = new TurnTimes(2);
    t.addTurn(0, 4, 400);
    t.addTurn(0, 4, 800);
    t.addTurn(0, 1, 9000);
    assertEquals((400 + 800 + 9000) / 9.0, t.meanStepNanos(0), 1e-9);
    assertEquals(200, t.medianStepNanos(0));
    assertEquals(0, t.meanStepNanos(1));
    assertEquals(0, t.medianStepNanos(1));
    t.addInput(70);
    t.addInput(50);
    t.addInput(60);
    assertEquals(60, t.medianInputNanos());
    assertEquals(3, t.inputs());
  }

  @Test
  void addingGivesWhatOneWouldHold() {
    TurnTimes a = new TurnTimes(1);
    TurnTimes b = new TurnTimes(1);
    TurnTimes all = new TurnTimes(1);
    for (int i = 1; i <= 9; i++) {
      // Beyond the range that a histogram has at first.
      long time = i * 1_000_000_000L;
      (i % 3 == 0 ? a : b).addTurn(0, i, time * i);
      (i % 3 == 0 ? a : b).addInput(time);
      all.addTurn(0, i, time * i);
      all.addInput(time);
    }
    a.add(b);
    assertEquals(all.meanStepNanos(0), a.meanStepNanos(0));
    assertEquals(all.medianStepNanos(0), a.medianStepNanos(0));
    assertEquals(5e9, a.medianStepNanos(0), 5e6, "three digits");
    assertEquals(all.medianInputNanos(), a.medianInputNanos());
    a.clear();
    assertEquals(0, a.meanStepNanos(0));
    assertEquals(0, a.inputs());
    a.add(all);
    assertEquals(all.meanStepNanos(0), a.meanStepNanos(0));
  }
}
