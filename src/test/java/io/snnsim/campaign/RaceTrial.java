// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.api.Result;
import io.snnsim.api.RunOptions;
import io.snnsim.api.Session;
import io.snnsim.fixture.Models;
import io.snnsim.fixture.RandomNetworks;
import io.snnsim.geometry.MapShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Threads that open, classify, swap, close, share pools and rings, and use what is not theirs, all
 * at once and without any lock: each call has the right answer or the typed refusal that its page
 * names, and in the end everything closes. A batch is a world of its own. Owns some small models.
 */
final class RaceTrial implements Trial {
  private static final int THREADS = 4;
  private static final int ROUNDS = 2_000;
  private static final int MODELS = 5;
  private static final int LARGEST_IMAGE = 64;
  private static final long HUNG_SECONDS = 100;

  static final RunOptions RUN = RunOptions.steps(4);

  /** What a player does in a round; another one than the program's to plant faults. */
  interface Rounds {
    /** Returns how many calls it made. */
    long play(RaceWorld world, int player, SplittableRandom random, int rounds) throws Exception;
  }

  /**
   * A model file in memory and what it answers.
   *
   * @param images two of them
   * @param scores of each after {@link #RUN}
   */
  record Known(MemorySegment bytes, MapShape shape, float[][] images, double[][] scores) {
    static Known of(RandomNetworks.Case net) {
      MemorySegment heap = Models.bytes(net.network());
      MemorySegment bytes = Arena.ofAuto().allocate(heap.byteSize(), 64).copyFrom(heap);
      float[] other = net.image().clone();
      for (int i = 0; i < other.length; i++) {
        other[i] = other.length == 1 ? 0.25f : net.image()[other.length - 1 - i] * 0.5f;
      }
      float[][] images = {net.image(), other};
      double[][] scores = new double[2][];
      try (Model model = Model.open(bytes, ModelOptions.DEFAULT);
          Session session = model.newSession()) {
        for (int i = 0; i < 2; i++) {
          scores[i] = scoresOf(session.classify(images[i], RUN));
        }
        return new Known(bytes, model.inputShape(), images, scores);
      }
    }
  }

  private final Rounds rounds;
  private List<Known> models;

  RaceTrial() {
    this((world, player, random, n) -> new RacePlayer(world, player, random).play(n));
  }

  RaceTrial(Rounds rounds) {
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "races";
  }

  @Override
  public String unit() {
    return "calls";
  }

  @Override
  public long target() {
    return 100_000_000;
  }

  /** It only waits itself. */
  @Override
  public long mostMillis() {
    return 20_000;
  }

  static double[] scoresOf(Result r) {
    double[] scores = new double[r.classes()];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = r.score(i);
    }
    return scores;
  }

  private static List<Known> small() {
    List<Known> small = new ArrayList<>();
    for (long seed = 1; small.size() < MODELS; seed++) {
      RandomNetworks.Case net = RandomNetworks.of(seed);
      if (net.image().length <= LARGEST_IMAGE) {
        small.add(Known.of(net));
      }
    }
    return small;
  }

  @Override
  public void run(long seed, Cases cases) throws Exception {
    if (models == null) {
      models = small();
    }
    cases.begin("txt", () -> ("races of seed " + seed + "\n").getBytes(StandardCharsets.UTF_8));
    RaceWorld world = new RaceWorld(models, (int) (seed % models.size()));
    List<FutureTask<Long>> all = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int player = i;
      SplittableRandom random = new SplittableRandom(seed * THREADS + i);
      Callable<Long> body = () -> rounds.play(world, player, random, ROUNDS);
      FutureTask<Long> task = new FutureTask<>(body);
      all.add(task);
      threads.add(Thread.ofPlatform().daemon().name("player-" + i).start(task));
    }
    long calls = 0;
    for (Future<Long> f : all) {
      calls += of(f, threads);
    }
    world.close();
    cases.end("typed or right", calls);
  }

  private static long of(Future<Long> calls, List<Thread> threads) throws Exception {
    try {
      return calls.get(HUNG_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Broken b ? b : new Broken("a call threw", e.getCause());
    } catch (TimeoutException e) {
      StringBuilder where = new StringBuilder("a call does not return:");
      for (Thread t : threads) {
        where.append('\n').append(t.getName()).append(Arrays.toString(t.getStackTrace()));
      }
      throw new Broken(where.toString());
    }
  }
}
