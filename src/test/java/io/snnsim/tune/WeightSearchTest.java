// SPDX-License-Identifier: Apache-2.0
package io.snnsim.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

/** When weights may stay within 63: whenever that costs no more than 0.2 points. */
class WeightSearchTest {
  private static WeightSearch.Outcome choose(int images, int right, int rightOfHalf) {
    return new WeightSearch(images, largest -> largest == 63 ? rightOfHalf : right).choose();
  }

  @Test
  void theSmallerOneIsTakenWithinAFifthOfAPoint() {
    assertEquals(63, choose(500, 460, 459).chosen().largestWeight(), "one of 500 is 0.2 points");
    assertEquals(127, choose(500, 460, 458).chosen().largestWeight());
    assertEquals(63, choose(24, 20, 20).chosen().largestWeight());
    assertEquals(127, choose(24, 20, 19).chosen().largestWeight(), "one of 24 is 4 points");
    assertEquals(63, choose(24, 20, 24).chosen().largestWeight());
  }

  @Test
  void bothAreToldWithTheirRightAnswers() {
    WeightSearch.Outcome o = choose(50, 40, 30);
    assertEquals(
        List.of(new WeightSearch.Candidate(127, 40, 50), new WeightSearch.Candidate(63, 30, 50)),
        o.tried());
    assertEquals(80, o.tried().getFirst().percent());
    assertEquals(o.tried().getFirst(), o.chosen());
  }
}
