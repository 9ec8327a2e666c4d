// SPDX-License-Identifier: Apache-2.0
package io.snnsim.ann;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.ann.op.GlobalAvgPool;
import io.snnsim.ann.op.Input;
import io.snnsim.geometry.MapShape;
import io.snnsim.work.Execution;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Many images over threads: each once, normalised, the same answers. */
class AnnBatchTest {
  private static final MapShape SHAPE = new MapShape(3, 2, 2);

  /** Logit k of an image is the mean of its channel k after normalisation. */
  private static final AnnForward MEANS =
      new AnnForward(
          new AnnGraph(
              "means",
              List.of(
                  AnnNode.of("input", new Input(SHAPE)),
                  AnnNode.of("pool", new GlobalAvgPool(), "input"))));

  private static final float[] ONE = {1, 1, 1};
  private static final Normalisation NONE = new Normalisation(new float[3], ONE);

  private record Made(int count) implements Images {
    @Override
    public void read(int index, float[] into) {
      Arrays.fill(into, 0);
      Arrays.fill(into, index % 3 * 4, index % 3 * 4 + 4, 1 + index);
    }
  }

  @Test
  void everyImageIsClassifiedOnceWhateverTheThreads() {
    for (int count : new int[] {0, 1, 2, 63, 64, 65, 1000}) {
      for (int threads = 1; threads <= 5; threads++) {
        int[] found = AnnBatch.predict(MEANS, new Made(count), NONE, Execution.on(threads));
        int[] expected = new int[count];
        Arrays.setAll(expected, i -> i % 3);
        assertArrayEquals(expected, found, count + " images, " + threads + " threads");
      }
    }
  }

  @Test
  void tiesGoToTheLowerIndex() {
    Images equal =
        new Images() {
          @Override
          public int count() {
            return 1;
          }

          @Override
          public void read(int index, float[] into) {
            Arrays.fill(into, 0.5f);
          }
        };
    assertArrayEquals(new int[] {0}, AnnBatch.predict(MEANS, equal, NONE, Execution.on(1)));
    assertArrayEquals(
        new int[] {1},
        AnnBatch.predict(
            MEANS, equal, new Normalisation(new float[] {0.5f, 0, 0}, ONE), Execution.on(1)));
  }

  @Test
  void meanAndStdArePerChannel() {
    float[][] seen = new float[3][];
    AnnBatch.run(
        MEANS,
        new Made(1),
        new Normalisation(new float[] {0.25f, -1, 2}, new float[] {0.5f, 2, 4}),
        Execution.on(1),
        () ->
            (first, ws) -> {
              for (int c = 0; c < 3; c++) {
                seen[c] = Arrays.copyOf(ws.activation(0)[c], 4);
              }
            });
    assertArrayEquals(new float[] {1.5f, 1.5f, 1.5f, 1.5f}, seen[0]);
    assertArrayEquals(new float[] {0.5f, 0.5f, 0.5f, 0.5f}, seen[1]);
    assertArrayEquals(new float[] {-0.5f, -0.5f, -0.5f, -0.5f}, seen[2]);
  }

  @Test
  void cancellingLeavesTheRestAtMinusOne() {
    AtomicInteger asked = new AtomicInteger();
    int[] found =
        AnnBatch.predict(
            MEANS, new Made(640), NONE, Execution.on(1, () -> asked.incrementAndGet() > 2));
    long done = Arrays.stream(found).filter(p -> p >= 0).count();
    assertEquals(2L * MEANS.suggestedBatch(), done);
    assertEquals(-1, found[639]);
    assertArrayEquals(
        new int[] {-1}, AnnBatch.predict(MEANS, new Made(1), NONE, Execution.on(2, () -> true)));
  }

  @Test
  void aFailureOfAnyThreadReachesTheCaller() {
    RuntimeException thrown = new IllegalStateException("image 100");
    AtomicBoolean past = new AtomicBoolean();
    Images failing =
        new Images() {
          @Override
          public int count() {
            return 1000;
          }

          @Override
          public void read(int index, float[] into) {
            if (index == 100) {
              past.set(true);
              throw thrown;
            }
          }
        };
    for (int threads = 1; threads <= 3; threads++) {
      int k = threads;
      assertSame(
          thrown,
          assertThrows(
              IllegalStateException.class,
              () -> AnnBatch.predict(MEANS, failing, NONE, Execution.on(k))));
    }
    assertTrue(past.get());
  }
}
