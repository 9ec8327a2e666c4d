// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import static io.snnsim.error.Category.BAD_DATA;
import static io.snnsim.error.Category.CLOSED;
import static io.snnsim.error.Category.IN_USE;
import static io.snnsim.error.Category.USAGE;
import static io.snnsim.error.Category.WRONG_THREAD;

import io.snnsim.api.ImageFormat;
import io.snnsim.api.Memory;
import io.snnsim.api.Model;
import io.snnsim.api.Readout;
import io.snnsim.api.Session;
import io.snnsim.api.SessionPool;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * One thread of a race: makes calls at random and holds each to what its page says. Player 0 alone
 * fills the rings and player 1 alone empties them. Confined to its thread.
 */
final class RacePlayer {
  private final RaceWorld world;
  private final int player;
  private final SplittableRandom random;
  private long calls;

  /** Null if there is none. */
  private Session own;

  private RaceTrial.Known ownKnown;

  /** A session of a pool that this thread had once; null before. */
  private Session before;

  RacePlayer(RaceWorld world, int player, SplittableRandom random) {
    this.world = world;
    this.player = player;
    this.random = random;
  }

  /** Plays and puts everything back. */
  long play(int rounds) throws Exception {
    for (int i = 0; i < rounds; i++) {
      round();
    }
    if (own != null) {
      own.close();
    }
    return calls;
  }

  private void round() throws Exception {
    switch (random.nextInt(32)) {
      case 0 -> {
        if (random.nextInt(8) == 0) {
          swap();
        }
      }
      case 1 -> closeOwn();
      case 2 -> closeWhatIsUsed();
      case 3, 4, 5, 6 -> look();
      case 7, 8, 9, 10, 11, 12 -> pooled();
      case 13, 14, 15, 16 -> useStray();
      case 17, 18, 19 -> useGivenBack();
      case 20, 21, 22 -> rings();
      default -> useOwn();
    }
  }

  /** A call that may throw. */
  private interface Call {
    void make() throws Exception;
  }

  /** Makes a call that may be refused in these ways; true if it was not. */
  private boolean call(Call call, Category... refusals) throws Exception {
    calls++;
    try {
      call.make();
      return true;
    } catch (SnnsimException e) {
      if (!List.of(refusals).contains(e.category())) {
        throw new Broken("refused as " + e.category(), e);
      }
      return false;
    }
  }

  /** Makes a call that must be refused. */
  private void refused(Call call, Category... refusals) throws Exception {
    if (call(call, refusals)) {
      throw new Broken("found no refusal, expected one of " + Arrays.toString(refusals));
    }
  }

  private static void right(RaceTrial.Known known, int image, double[] scores) {
    if (!Arrays.equals(known.scores()[image], scores)) {
      throw new Broken(
          "found scores "
              + Arrays.toString(scores)
              + ", expected "
              + Arrays.toString(known.scores()[image]));
    }
  }

  private void classify(Session session, RaceTrial.Known known) {
    int image = random.nextInt(2);
    calls++;
    right(known, image, RaceTrial.scoresOf(session.classify(known.images()[image], RaceTrial.RUN)));
  }

  private void swap() throws Exception {
    int which = random.nextInt(world.known.size());
    calls += 2;
    world.swap(world.open(which, random.nextBoolean() ? Memory.MAPPED : Memory.RESIDENT));
    for (int i = 0; i < 3; i++) {
      calls += world.closeRetired();
    }
  }

  /** The present model has a pool; nobody closes that before another model is the present one. */
  private void closeWhatIsUsed() throws Exception {
    RaceWorld.Place place = world.present.get();
    if (call(place.model()::close, IN_USE) && world.present.get() == place) {
      throw new Broken("closed while its pool is open: " + place.model());
    }
  }

  private void closeOwn() {
    if (own != null) {
      calls++;
      own.close();
      own = null;
    }
  }

  private void useOwn() throws Exception {
    if (own == null) {
      RaceWorld.Place place = world.present.get();
      if (!call(() -> own = place.model().newSession(), CLOSED)) {
        return;
      }
      ownKnown = world.known.get(place.known());
      if (random.nextInt(4) == 0) {
        world.stray = new RaceWorld.Stray(own, Thread.currentThread());
      }
    }
    Session s = own;
    if (random.nextInt(4) == 0) {
      classify(s, ownKnown);
      return;
    }
    int image = random.nextInt(2);
    s.present(ownKnown.images()[image], ImageFormat.F32_CHW);
    refused(() -> s.decide(Readout.AUTO), USAGE);
    int steps = RaceTrial.RUN.steps();
    for (int i = 1; i <= steps; i++) {
      s.step();
      if (s.steps() != i) {
        throw new Broken("found " + s.steps() + " steps, expected " + i);
      }
    }
    right(ownKnown, image, RaceTrial.scoresOf(s.decide(RaceTrial.RUN.readout())));
    s.reset();
    s.output().potential(0, 0, 0);
    calls += 2 * steps + 4;
  }

  /** Of whatever is there, open or closed. */
  private void look() throws Exception {
    Model model = world.present.get().model();
    SessionPool pool = world.present.get().pool();
    int free = pool.free();
    if (free < 0 || free > pool.size()) {
      throw new Broken("found " + free + " free sessions of " + pool.size());
    }
    if (model.nativeBytes() <= 0 || model.liveSessions() < 0 || model.toString().isEmpty()) {
      throw new Broken("found a model that says " + model);
    }
    int[] fitted = new int[1];
    call(() -> fitted[0] = model.fittedSteps(), CLOSED);
    if (fitted[0] != 0 || model.populations().isEmpty()) {
      throw new Broken("found another model: " + model);
    }
    RaceWorld.Stray stray = world.stray;
    if ((pool + " " + stray).isEmpty() || world.frames.size() > world.frames.slots()) {
      throw new Broken("found a ring that says " + world.frames);
    }
    if (world.events.size() > world.events.slots() || world.events.refused() < 0) {
      throw new Broken("found a ring that says " + world.events);
    }
    calls += 11;
  }

  private void pooled() throws Exception {
    RaceWorld.Place place = world.present.get();
    SessionPool pool = place.pool();
    Session[] taken = new Session[1];
    boolean waits = random.nextBoolean();
    long nanos = random.nextInt(20_000);
    if (!call(() -> taken[0] = waits ? pool.take(nanos) : pool.tryTake(), CLOSED, IN_USE)
        || taken[0] == null) {
      return;
    }
    Session s = taken[0];
    classify(s, world.known.get(place.known()));
    refused(pool::close, IN_USE);
    refused(s::close, USAGE);
    calls++;
    pool.giveBack(s);
    refused(() -> pool.giveBack(s), CLOSED, WRONG_THREAD);
    before = s;
  }

  private void useStray() throws Exception {
    RaceWorld.Stray stray = world.stray;
    if (stray == null || stray.owner() == Thread.currentThread()) {
      return;
    }
    misuse(stray.session());
    refused(stray.session()::close, WRONG_THREAD);
    refused(() -> world.present.get().pool().giveBack(stray.session()), USAGE);
  }

  /** This thread holds none of a pool now, so whoever has it, it is another. */
  private void useGivenBack() throws Exception {
    if (before != null) {
      misuse(before);
      refused(before::close, WRONG_THREAD, CLOSED);
    }
  }

  private void misuse(Session s) throws Exception {
    float[] image = world.known.getFirst().images()[0];
    switch (random.nextInt(6)) {
      case 0 -> refused(() -> s.classify(image, RaceTrial.RUN), WRONG_THREAD, CLOSED);
      case 1 -> refused(s::step, WRONG_THREAD, CLOSED);
      case 2 -> refused(() -> s.present(image, ImageFormat.F32_CHW), WRONG_THREAD, CLOSED);
      case 3 -> refused(s::reset, WRONG_THREAD, CLOSED);
      case 4 -> refused(() -> s.output().potential(0, 0, 0), WRONG_THREAD, CLOSED);
      default -> refused(s::steps, WRONG_THREAD, CLOSED);
    }
  }

  private void rings() throws Exception {
    RaceTrial.Known first = world.known.getFirst();
    if (player == 0) {
      int image = random.nextInt(2);
      world.frames.offer(first.images()[image], image);
      world.events.offer(calls, 0, 0, 0);
      refused(() -> world.events.offer(0, -1, 0, 0), BAD_DATA);
      calls += 2;
    } else if (player == 1) {
      drain(first);
    }
  }

  /** A frame that is the first of a session is as an image; which one it is its time says. */
  private void drain(RaceTrial.Known first) throws Exception {
    RaceWorld.Place place = world.present.get();
    Session[] taken = new Session[1];
    if (!call(() -> taken[0] = place.pool().tryTake(), CLOSED) || taken[0] == null) {
      return;
    }
    Session s = taken[0];
    try {
      if (!world.known.get(place.known()).shape().equals(first.shape())) {
        refused(() -> s.change(world.frames, true), BAD_DATA);
        return;
      }
      calls++;
      boolean there = s.change(world.frames, random.nextBoolean());
      if (there && place.known() == 0) {
        int image = (int) s.inputTime();
        right(first, image, RaceTrial.scoresOf(s.run(RaceTrial.RUN)));
        s.change(world.events, Long.MAX_VALUE);
        calls += 3;
      }
    } finally {
      place.pool().giveBack(s);
      calls++;
    }
  }
}
