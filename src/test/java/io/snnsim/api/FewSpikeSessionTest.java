// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.fixture.CodeNetworks;
import io.snnsim.fixture.CodeReference;
import io.snnsim.fixture.DenseReference;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A network that runs layer by layer, embedded. */
class FewSpikeSessionTest {
  private static final int STEPS = 5;
  private static final RandomNetworks.Case NET = CodeNetworks.of(12, STEPS);
  private static final RunOptions RUN = RunOptions.steps(STEPS);

  private static void with(Consumer<Session> test) {
    try (Model model = Models.open(NET.network());
        Session session = model.newSession()) {
      test.accept(session);
    }
  }

  private static void refused(String message, Runnable call) {
    SnnsimException e = assertThrows(SnnsimException.class, call::run);
    assertEquals(Category.USAGE, e.category());
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void theModelSaysItsSteps() {
    try (Model model = Models.open(NET.network());
        Model rates = Models.open(RandomNetworks.of(3).network())) {
      assertEquals(STEPS, model.stepsPerLayer());
      assertEquals(0, rates.stepsPerLayer());
    }
  }

  @Test
  void theAnswerIsTheLargestInput() {
    CodeReference reference = new CodeReference(NET.network());
    reference.run(NET.image());
    int[] numbers = DenseReference.flat(reference.numbers(NET.network().output()));
    with(
        session -> {
          Result r = session.classify(NET.image(), RUN);
          assertEquals(STEPS, r.steps());
          assertEquals(End.STEPS, r.end());
          int largest = 0;
          for (int n : numbers) {
            largest = Math.max(largest, n);
          }
          assertEquals(largest, numbers[r.answer()], "no other class sent a larger number");
        });
  }

  @Test
  void otherStepsAndAnswersBeforeTheEndAreRefused() {
    with(
        session -> {
          refused("expected 5", () -> session.classify(NET.image(), RunOptions.steps(4)));
          refused("expected 5", () -> session.classify(NET.image(), RunOptions.steps(6)));
          RunOptions early = RUN.endingAtMargin(1, 1);
          refused("answers once", () -> session.classify(NET.image(), early));
          session.present(NET.image(), ImageFormat.F32_CHW);
          refused("expected 5", session::step);
          int answer = session.run(RUN).answer();
          refused("steps=5", () -> session.run(RUN));
          assertEquals(answer, session.classify(NET.image(), RUN).answer(), "it goes on");
        });
  }

  @Test
  void aDeadlineCutsNoCodeShort() {
    with(
        session -> {
          Result r = session.classify(NET.image(), RUN.within(1));
          assertEquals(STEPS, r.steps());
        });
  }

  @Test
  void framesOfAStreamAreImagesOfTheirOwn() {
    float[] other = NET.image().clone();
    for (int i = 0; i < other.length; i++) {
      other[i] = 1 - other[i];
    }
    with(
        session -> {
          int first = session.classify(NET.image(), RUN).answer();
          double margin = session.classify(NET.image(), RUN).margin();
          session.change(other, ImageFormat.F32_CHW);
          session.run(RUN);
          session.change(NET.image(), ImageFormat.F32_CHW);
          Result again = session.run(RUN);
          assertEquals(first, again.answer());
          assertEquals(margin, again.margin());
        });
  }

  @Test
  void warmsUpWithWholeCodes() {
    try (Model model = Models.open(NET.network())) {
      WarmUp warm = model.warmUp(Duration.ofMillis(300));
      assertTrue(warm.calls() > 0, warm.toString());
    }
  }
}
