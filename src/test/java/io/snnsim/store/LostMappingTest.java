// SPDX-License-Identifier: Apache-2.0
package io.snnsim.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

/**
 * Which errors tell of a mapped file that is gone; that the JVM throws them ChildProcessTest has.
 */
class LostMappingTest {
  private static final InternalError FAULT =
      new InternalError("a fault occurred in an unsafe memory access operation");

  private static Throwable wrapped(Throwable t, int times) {
    return times == 0 ? t : new ExecutionException(wrapped(t, times - 1));
  }

  @Test
  void theJvmsFaultIsTypedAndNamesTheFile() {
    SnnsimException e = LostMapping.orNull("net.snn", FAULT);
    assertEquals(Category.IO, e.category());
    assertTrue(e.getMessage().startsWith("net.snn: its mapped file"), e.getMessage());
    assertTrue(e.getMessage().contains("Memory.RESIDENT"), e.getMessage());
    assertSame(FAULT, e.getCause());
  }

  @Test
  void soItIsWhereThreadsWrappedItButNotForEver() {
    for (int times = 1; times < 8; times++) {
      Throwable t = wrapped(FAULT, times);
      assertSame(t, LostMapping.orNull("net.snn", t).getCause(), "wrapped " + times + " times");
    }
    assertNull(LostMapping.orNull("net.snn", wrapped(FAULT, 8)));
  }

  @Test
  void whatElseGoesWrongIsLeftAsItIs() {
    assertNull(LostMapping.orNull("net.snn", new InternalError("unsafe")));
    assertNull(LostMapping.orNull("net.snn", new InternalError()));
    assertNull(LostMapping.orNull("net.snn", new IllegalStateException(FAULT.getMessage())));
    assertNull(LostMapping.orNull("net.snn", null));
  }
}
