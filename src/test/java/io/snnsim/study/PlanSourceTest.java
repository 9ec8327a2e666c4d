// SPDX-License-Identifier: Apache-2.0
package io.snnsim.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.ArrayImages;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.work.Execution;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The short run that a stored plan rests on ends when the user wants to stop. */
class PlanSourceTest {
  @Test
  void aPlanIsNotMadeOfAnInterruptedRun() {
    RandomNetworks.Case c = RandomNetworks.of(1);
    ArrayImages images = new ArrayImages(new float[][] {c.image(), c.image()});
    Execution whole = Execution.on(1, () -> false);
    assertTrue(PlanSource.hint(c.network(), images, whole).length > 0);
    AtomicInteger asked = new AtomicInteger();
    Execution cut = Execution.on(1, () -> asked.incrementAndGet() > 3);
    SnnsimException e =
        assertThrows(SnnsimException.class, () -> PlanSource.hint(c.network(), images, cut));
    assertEquals(Category.INTERRUPTED, e.category());
    assertTrue(asked.get() < 10, asked + " questions");
  }
}
