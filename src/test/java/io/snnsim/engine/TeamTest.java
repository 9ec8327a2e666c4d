// SPDX-License-Identifier: Apache-2.0
package io.snnsim.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class TeamTest {
  private static final int CALLS = 2_000;

  /** Runs calls from number {@code last + 1} on and counts what every part did. */
  private static void serves(int parts, int last) {
    AtomicIntegerArray done = new AtomicIntegerArray(parts);
    assertTimeoutPreemptively(
        Duration.ofSeconds(60),
        () -> {
          try (Team team = new Team(parts, done::incrementAndGet, last)) {
            for (int call = 1; call <= CALLS; call++) {
              team.run();
              for (int part = 0; part < parts; part++) {
                assertEquals(call, done.get(part), "part " + part + " after call " + call);
              }
            }
          }
        },
        parts + " parts, calls after number " + last);
  }

  @Test
  void servesFromTheFirstCallOn() {
    serves(2, 0);
    serves(3, 0);
  }

  @Tag("slow")
  @Test
  void servesOnWhereTheNumberOfCallsWrapsAround() {
    for (int before : new int[] {1, 2, 17, CALLS / 2}) {
      serves(3, Integer.MAX_VALUE - before);
      serves(2, -before);
    }
  }

  @Test
  void aTeamThatNobodyCalledEnds() {
    for (int last : new int[] {0, Integer.MAX_VALUE, -1}) {
      assertTimeoutPreemptively(
          Duration.ofSeconds(60), () -> new Team(3, part -> {}, last).close());
    }
  }

  @Test
  void aFailingPartFailsTheCall() {
    RuntimeException failure = new ArithmeticException("part 1");
    try (Team team =
        new Team(
            2,
            part -> {
              if (part == 1) {
                throw failure;
              }
            })) {
      assertSame(failure, assertThrows(IllegalStateException.class, team::run).getCause());
    }
  }
}
