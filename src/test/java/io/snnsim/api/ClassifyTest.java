// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.snnsim.engine.KernelChoice;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.geometry.MapShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That answers are the engine's, however an image is given and a run is cut up. */
class ClassifyTest {
  private static final int NETWORKS = 20;
  private static final int STEPS = 24;

  @Tag("slow")
  @Test
  void answersAndScoresAreTheEngines() {
    for (long seed = 0; seed < NETWORKS; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      try (io.snnsim.engine.Simulator engine =
              io.snnsim.engine.Simulator.of(random.network(), KernelChoice.SCALAR);
          io.snnsim.engine.Simulation reference = engine.newSimulation(true);
          Model model = Models.open(random.network());
          Session session = model.newSession(SessionOptions.OBSERVED)) {
        reference.present(random.image(), 0);
        for (int t = 0; t < STEPS; t++) {
          reference.step();
        }
        for (Readout readout : Readout.values()) {
          double[] scores = new double[model.classes()];
          int answer = readout.in(engine).decide(reference, scores);
          Result r = session.classify(random.image(), RunOptions.steps(STEPS).decidedBy(readout));
          String what = "seed " + seed + " " + readout;
          assertEquals(answer, r.answer(), what);
          assertArrayEquals(scores, scores(r), what);
          assertEquals(STEPS, r.steps(), what);
          assertEquals(End.STEPS, r.end(), what);
        }
        for (int p = 0; p < model.populations().size(); p++) {
          assertState(reference, session.population(p), p, "seed " + seed + " population " + p);
        }
      }
    }
  }

  private static void assertState(
      io.snnsim.engine.Simulation reference, PopulationView view, int p, String what) {
    int[] potentials = reference.potentials(p);
    int[] counts = reference.spikeCounts(p);
    MapShape shape = view.info().shape();
    int i = 0;
    for (int c = 0; c < shape.channels(); c++) {
      for (int y = 0; y < shape.height(); y++) {
        for (int x = 0; x < shape.width(); x++) {
          assertEquals(potentials[i], view.potential(c, y, x), what);
          assertEquals(reference.spike(p, c, y, x), view.spike(c, y, x), what);
          assertEquals(counts[i++], view.count(c, y, x), what);
        }
      }
    }
    assertEquals(reference.spikeTotal(p), view.spikeTotal(), what);
  }

  @Tag("slow")
  @Test
  void everyWayToGiveAnImageIsTheSame() {
    for (long seed = 0; seed < NETWORKS; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      try (Arena arena = Arena.ofConfined();
          Model model = Models.open(random.network());
          Session session = model.newSession()) {
        MapShape shape = model.inputShape();
        byte[] bytes = new byte[shape.size()];
        float[] floats = new float[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) (random.image()[i] * 255);
          floats[i] = (bytes[i] & 0xff) / 255f;
        }
        byte[] lastBytes = new byte[bytes.length];
        float[] lastFloats = new float[bytes.length];
        int plane = shape.height() * shape.width();
        for (int i = 0; i < bytes.length; i++) {
          int to = i % plane * shape.channels() + i / plane;
          lastBytes[to] = bytes[i];
          lastFloats[to] = floats[i];
        }
        RunOptions run = RunOptions.steps(STEPS).decidedBy(Readout.MEMBRANE);
        double[] expected = scores(session.classify(floats, run));
        assertArrayEquals(expected, scores(session.classify(lastFloats, ImageFormat.F32_HWC, run)));
        assertArrayEquals(expected, scores(session.classify(bytes, ImageFormat.U8_CHW, run)));
        assertArrayEquals(expected, scores(session.classify(lastBytes, ImageFormat.U8_HWC, run)));
        session.present(lastBytes, ImageFormat.U8_HWC);
        assertArrayEquals(expected, scores(session.run(run)));
        try (Session changed = model.newSession()) {
          changed.change(lastBytes, ImageFormat.U8_HWC);
          assertArrayEquals(expected, scores(changed.run(run)));
        }
        FrameRing ring = new FrameRing(shape, ImageFormat.U8_CHW, 1);
        assertTrue(ring.offer(bytes, 0));
        try (Session streamed = model.newSession()) {
          assertTrue(streamed.change(ring, false));
          assertArrayEquals(expected, scores(streamed.run(run)));
        }
        for (ImageFormat format : ImageFormat.values()) {
          boolean last = format.channelsLast();
          ByteBuffer heap =
              format.valueBytes() == 1
                  ? buffer(last ? lastBytes : bytes)
                  : buffer(last ? lastFloats : floats);
          ByteBuffer direct = ByteBuffer.allocateDirect(heap.limit()).order(heap.order());
          direct.position(3).put(heap.duplicate()).position(3);
          assertArrayEquals(expected, scores(session.classify(heap, format, run)), "" + format);
          assertArrayEquals(expected, scores(session.classify(direct, format, run)), "" + format);
          assertEquals(3, direct.position());
          MemorySegment segment =
              format.valueBytes() == 1
                  ? MemorySegment.ofArray(last ? lastBytes : bytes)
                  : MemorySegment.ofArray(last ? lastFloats : floats);
          // At an odd address.
          MemorySegment odd = arena.allocate(segment.byteSize() + 1, 8).asSlice(1);
          odd.copyFrom(segment);
          assertArrayEquals(expected, scores(session.classify(segment, format, run)), "" + format);
          assertArrayEquals(expected, scores(session.classify(odd, format, run)), "" + format);
        }
      }
    }
  }

  /** Three bytes that are none of the image, then the image, in the order that is not Java's. */
  private static ByteBuffer buffer(byte[] values) {
    return ByteBuffer.allocate(values.length + 3).put(3, values).position(3);
  }

  private static ByteBuffer buffer(float[] values) {
    ByteBuffer b = ByteBuffer.allocate(values.length * 4 + 3).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < values.length; i++) {
      b.putFloat(3 + i * 4, values[i]);
    }
    return b.position(3);
  }

  @Tag("slow")
  @Test
  void stepsBlocksAndRunsAddUp() {
    for (long seed = 0; seed < NETWORKS; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      try (Model model = Models.open(random.network());
          Session session = model.newSession()) {
        double[] expected = scores(session.classify(random.image(), RunOptions.steps(STEPS)));
        session.present(random.image(), ImageFormat.F32_CHW);
        for (int t = 0; t < 5; t++) {
          session.step();
        }
        assertEquals(5, session.steps());
        session.run(RunOptions.steps(7));
        assertArrayEquals(expected, scores(session.run(RunOptions.steps(STEPS))), "seed " + seed);
        session.reset();
        assertEquals(0, session.steps());
        for (int t = 0; t < STEPS; t++) {
          session.step();
        }
        Result stepped = session.decide(Readout.AUTO);
        assertArrayEquals(expected, scores(stepped), "seed " + seed);
        assertEquals(STEPS, stepped.steps());
      }
    }
  }

  /** Against all steps looked at one by one. */
  @Tag("slow")
  @Test
  void aMarginEndsARunAtTheFirstStepThatHasIt() {
    int early = 0;
    for (long seed = 0; seed < NETWORKS; seed++) {
      RandomNetworks.Case random = RandomNetworks.of(seed);
      try (Model model = Models.open(random.network());
          Session session = model.newSession()) {
        for (int least : new int[] {1, 6}) {
          double margin = 0.3;
          session.present(random.image(), ImageFormat.F32_CHW);
          Result stepped = null;
          for (int t = 1; t <= STEPS; t++) {
            session.step();
            stepped = session.decide(Readout.AUTO);
            if (t >= least && stepped.margin() >= margin) {
              break;
            }
          }
          int steps = stepped.steps();
          boolean reached = steps >= least && stepped.margin() >= margin;
          double[] scores = scores(stepped);
          Result r =
              session.classify(
                  random.image(), RunOptions.steps(STEPS).endingAtMargin(margin, least));
          String what = "seed " + seed + " from step " + least;
          assertEquals(steps, r.steps(), what);
          assertEquals(reached ? End.MARGIN : End.STEPS, r.end(), what);
          assertArrayEquals(scores, scores(r), what);
          early += reached ? 1 : 0;
        }
      }
    }
    assertTrue(early > 2, "too few runs ended early to show anything: " + early);
  }

  @Test
  void aPassedDeadlineGivesTheBestSoFar() {
    RandomNetworks.Case random = RandomNetworks.of(3);
    try (Model model = Models.open(random.network());
        Session session = model.newSession()) {
      double[] first = scores(session.classify(random.image(), RunOptions.steps(1)));
      Result r = session.classify(random.image(), RunOptions.steps(1 << 20).within(1));
      assertEquals(End.DEADLINE, r.end());
      assertEquals(1, r.steps());
      assertArrayEquals(first, scores(r));
      // Going on from there is as if there had been no deadline.
      double[] expected = scores(session.run(RunOptions.steps(STEPS)));
      assertArrayEquals(
          expected, scores(session.classify(random.image(), RunOptions.steps(STEPS))));
      Result all = session.classify(random.image(), RunOptions.steps(9).within(Long.MAX_VALUE - 1));
      assertEquals(End.STEPS, all.end());
      assertEquals(9, all.steps());
    }
  }

  private static double[] scores(Result r) {
    double[] scores = new double[r.classes()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = r.score(i);
    }
    return scores;
  }
}
