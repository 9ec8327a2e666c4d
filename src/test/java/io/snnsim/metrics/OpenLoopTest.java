// SPDX-License-Identifier: Apache-2.0
package io.snnsim.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.HdrHistogram.AbstractHistogram;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.Test;

/** The schedule, and that a stall shows in the latency of everyone who came meanwhile. */
class OpenLoopTest {
  private static final long MILLI = 1_000_000;
  private static final long SECOND = 1_000_000_000;
  private static final long TICK = 1_000;

  /** What three digits may be off. */
  private static final double DIGITS = 1e-3;

  /** Time passes by waiting and by serving only. */
  private static final class Fake implements Clock {
    long now = 12_345;

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void pause() {
      now += TICK;
    }
  }

  /** Serves arrival i in {@code nanos(i)}, and remembers when it was called. */
  private static final class FakeService implements Service {
    final Fake clock;
    final LongUnaryOperator nanos;
    final List<Long> begun = new ArrayList<>();

    FakeService(Fake clock, LongUnaryOperator nanos) {
      this.clock = clock;
      this.nanos = nanos;
    }

    @Override
    public void serve(long arrival, long[] ends) {
      begun.add(clock.now);
      clock.now += nanos.applyAsLong(arrival);
      if (ends.length > 0) {
        ends[0] = clock.now;
      }
    }
  }

  private static Latencies run(
      Fake clock, LongUnaryOperator nanos, double rate, long duration, List<String> stages) {
    return new OpenLoop(clock, new FakeService(clock, nanos), stages, () -> false)
        .run(rate, duration);
  }

  /** Latencies of a queue served in turn, written down once more without the loop. */
  private static double[] expected(LongUnaryOperator nanos, double rate, int arrivals) {
    double[] all = new double[arrivals];
    double free = 0;
    for (int i = 0; i < arrivals; i++) {
      double due = i * 1e9 / rate;
      free = Math.max(due, free) + nanos.applyAsLong(i);
      all[i] = free - due;
    }
    Arrays.sort(all);
    return all;
  }

  private static double percentile(double[] sorted, double percent) {
    return sorted[(int) Math.ceil(percent / 100 * sorted.length - 1e-9) - 1] / 1e3;
  }

  private static void assertPercentiles(double[] sorted, Percentiles found) {
    double[] percents = {50, 90, 99, 99.9, 99.99, 100};
    double[] micros = {
      found.p50(), found.p90(), found.p99(), found.p99_9(), found.p99_99(), found.max()
    };
    for (int i = 0; i < percents.length; i++) {
      double e = percentile(sorted, percents[i]);
      assertEquals(e, micros[i], e * DIGITS + 2 * TICK / 1e3, "p" + percents[i]);
    }
  }

  @Test
  void arrivalsComeAtEqualDistancesWhateverTheServiceTakes() {
    Fake clock = new Fake();
    long start = clock.now;
    FakeService service = new FakeService(clock, i -> (i % 3) * 200_000);
    Latencies found = new OpenLoop(clock, service, List.of("work"), () -> false).run(2000, SECOND);
    assertEquals(2000, service.begun.size());
    assertEquals(2000, found.samples());
    assertEquals(0, found.late());
    assertEquals(0, found.unserved());
    for (int i = 0; i < 2000; i++) {
      long off = service.begun.get(i) - start - i * 500_000L;
      assertTrue(off >= 0 && off < TICK, "arrival " + i + " off by " + off + " ns");
    }
  }

  @Test
  void aStallDelaysEveryoneWhoComesMeanwhile() {
    LongUnaryOperator nanos = i -> i == 500 ? 50 * MILLI : MILLI / 10;
    Latencies found = run(new Fake(), nanos, 1000, SECOND, List.of("work"));
    double[] expected = expected(nanos, 1000, 1000);
    assertPercentiles(expected, found.whole());
    // Counted from the calls, a thousandth would have been slow: p99 is then a tenth of a ms.
    assertTrue(found.whole().p99() > 40_000, found.whole().toString());
    assertEquals(100, found.stage(0).p99(), 1);
    assertTrue(found.queue().p99() > 40_000, found.queue().toString());
    assertEquals(Arrays.stream(expected).filter(x -> x > MILLI / 10.0).count() - 1, found.late());
  }

  @Test
  void stagesAddUpToTheWhole() {
    Fake clock = new Fake();
    Service service =
        (i, ends) -> {
          clock.now += 30_000;
          ends[0] = clock.now;
          clock.now += 70_000;
          ends[1] = clock.now;
        };
    Latencies found =
        new OpenLoop(clock, service, List.of("first", "second"), () -> false).run(1000, SECOND);
    assertEquals(30, found.stage(0).p50(), 0.1);
    assertEquals(70, found.stage(1).max(), 0.1);
    assertEquals(100, found.whole().p50(), 1.1);
    assertEquals(List.of("first", "second"), found.stages());
  }

  @Test
  void anOverloadIsGivenUpAndCountsInFull() {
    // Half of what comes can be served within the time, the rest of it until the end of the run.
    Latencies found = run(new Fake(), i -> 4 * MILLI, 1000, SECOND, List.of("work"));
    assertEquals(1000, found.samples());
    assertEquals(500, found.unserved());
    assertEquals(499, found.late());
    assertEquals(250, found.answersPerSecond(), 1);
    // Arrival 499 was served at 2 s; arrival 500 waits since 0.5 s.
    assertEquals(1_500_000, found.whole().max(), 2 * 1_500_000 * DIGITS);
  }

  @Test
  void aWishToStopEndsTheRunWithWhatThereIs() {
    Fake clock = new Fake();
    FakeService service = new FakeService(clock, i -> 0);
    OpenLoop loop = new OpenLoop(clock, service, List.of(), () -> service.begun.size() == 10);
    Latencies found = loop.run(1000, SECOND);
    assertEquals(10, found.samples());
    assertEquals(0, found.unserved());
  }

  @Test
  void capacityIsWhatIsServedBackToBack() {
    Fake clock = new Fake();
    OpenLoop loop =
        new OpenLoop(clock, new FakeService(clock, i -> 2 * MILLI), List.of(), () -> false);
    assertEquals(500, loop.capacity(SECOND), 1e-9);
  }

  @Test
  void theLoopAllocatesNothing() {
    OpenLoop loop = new OpenLoop(Clock.SYSTEM, Service.EMPTY, List.of(), () -> false);
    // Classes are loaded and methods linked by the first runs: which, the machine's load decides.
    Latencies found;
    int runs = 0;
    do {
      found = loop.run(1e5, 20 * MILLI);
    } while (found.allocatedBytesPerCall() > 0 && ++runs < 20);
    assertEquals(2000, found.samples());
    assertEquals(0, found.allocatedBytesPerCall());
  }

  @Test
  void allocationOfTheServiceIsSeen() {
    byte[][] kept = new byte[1][];
    Service service = (i, ends) -> kept[0] = new byte[1000];
    Latencies found =
        new OpenLoop(Clock.SYSTEM, service, List.of(), () -> false).run(1e5, 20 * MILLI);
    assertTrue(found.allocatedBytesPerCall() >= 1000, "" + found.allocatedBytesPerCall());
  }

  @Test
  void saturationIsTheHighestRateThatHoldsTheBound() {
    LongUnaryOperator nanos = i -> i % 10 >= 8 ? 5 * MILLI : MILLI;
    double capacity = 1000 / 1.8;
    // The second of two slow ones waits for what is left of the first: 3 ms apart it just holds.
    long bound = 7 * MILLI;
    double found =
        Saturation.find(
            capacity, bound, rate -> run(new Fake(), nanos, rate, 4 * SECOND, List.of("work")));
    double step = capacity / 64;
    assertTrue(holds(nanos, found, bound), "rate " + found);
    assertTrue(!holds(nanos, found + step, bound), "rate " + (found + step));
    assertEquals(
        0,
        Saturation.find(
            capacity, MILLI / 2, rate -> run(new Fake(), nanos, rate, SECOND, List.of("work"))));
  }

  private static boolean holds(LongUnaryOperator nanos, double rate, long bound) {
    return percentile(expected(nanos, rate, (int) Math.ceil(4 * rate)), 99.9) * 1e3
        <= bound * (1 + DIGITS);
  }

  @Test
  void oneFailureOfAProbeMayBeTheMachines() {
    int[] calls = {0};
    double found =
        Saturation.find(
            100,
            MILLI,
            rate -> {
              boolean stalls = calls[0]++ % 2 == 0;
              return run(
                  new Fake(), i -> stalls ? 2 * MILLI : MILLI / 2, rate, SECOND, List.of("work"));
            });
    assertEquals(100 * 63 / 64.0, found, 1e-9);
  }

  @Test
  void filesHoldEveryArrival() throws IOException {
    LongUnaryOperator nanos = i -> i == 1500 ? 50 * MILLI : MILLI / 10;
    Latencies found = run(new Fake(), nanos, 1000, 3 * SECOND, List.of("work"));
    ByteArrayOutputStream log = new ByteArrayOutputStream();
    found.writeLog(log, "a test");
    HistogramLogReader reader = new HistogramLogReader(new ByteArrayInputStream(log.toByteArray()));
    List<String> tags = new ArrayList<>();
    List<Long> maxima = new ArrayList<>();
    Histogram sum = new Histogram(3);
    sum.setAutoResize(true);
    while (reader.hasNext()) {
      AbstractHistogram h = (AbstractHistogram) reader.nextIntervalHistogram();
      tags.add(h.getTag());
      if (h.getTag() == null) {
        sum.add(h);
        maxima.add(h.getMaxValue() / MILLI);
      } else {
        assertEquals(3000, h.getTotalCount(), h.getTag());
      }
    }
    assertEquals(Arrays.asList(null, null, null, "queue", "work"), tags);
    assertEquals(List.of(0L, 50L, 0L), maxima, "the second of the stall");
    assertEquals(3000, sum.getTotalCount());
    assertEquals(found.whole(), Percentiles.of(sum));

    ByteArrayOutputStream text = new ByteArrayOutputStream();
    found.writeDistribution(text);
    String hgrm = text.toString(StandardCharsets.US_ASCII);
    assertTrue(hgrm.contains("Value     Percentile TotalCount 1/(1-Percentile)"), hgrm);
    assertTrue(hgrm.contains("Total count    =         3000]"), hgrm);
  }

  @Test
  void theDistributionEndsWhereTheSamplesDo() {
    Latencies found = run(new Fake(), i -> MILLI, 100, SECOND, List.of("work"));
    Distribution d = found.distribution();
    assertEquals(21, d.oneIn().length, "ten a decade");
    assertEquals(1, d.oneIn()[0]);
    for (int i = 0; i < d.oneIn().length; i++) {
      assertTrue(d.oneIn()[i] <= 100.001, Arrays.toString(d.oneIn()));
      assertEquals(1000, d.micros()[i], 2);
    }
  }
}
