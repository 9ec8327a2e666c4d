// SPDX-License-Identifier: Apache-2.0
package io.snnsim.campaign;

import io.snnsim.api.EventRing;
import io.snnsim.api.FrameRing;
import io.snnsim.api.ImageFormat;
import io.snnsim.api.Memory;
import io.snnsim.api.Model;
import io.snnsim.api.ModelOptions;
import io.snnsim.api.Session;
import io.snnsim.api.SessionOptions;
import io.snnsim.api.SessionPool;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What the players of a race share: the present model with its pool, those before, a session that
 * somebody left lying about, and rings. Thread-safe without a lock of its own; the rings are for
 * one thread at each end.
 */
final class RaceWorld {
  private static final int POOL = 2;

  /** A model, which of the known ones it is, and its pool. */
  record Place(Model model, int known, SessionPool pool) {}

  /** A session that belongs to a thread. */
  record Stray(Session session, Thread owner) {}

  final List<RaceTrial.Known> known;
  final FrameRing frames;
  final EventRing events;
  final AtomicReference<Place> present;
  volatile Stray stray;
  private final Queue<Place> retired = new ConcurrentLinkedQueue<>();

  RaceWorld(List<RaceTrial.Known> known, int first) {
    this.known = known;
    frames = new FrameRing(known.getFirst().shape(), ImageFormat.F32_CHW, 3);
    events = new EventRing(known.getFirst().shape(), 1, 5);
    present = new AtomicReference<>(open(first, Memory.RESIDENT));
  }

  /** A known model, opened, with a pool. */
  Place open(int which, Memory memory) {
    Model model = Model.open(known.get(which).bytes(), ModelOptions.DEFAULT.with(memory));
    return new Place(model, which, model.newPool(POOL, SessionOptions.DEFAULT));
  }

  /** Puts another model in the place of the present one, which others may still use. */
  void swap(Place next) {
    retired.add(present.getAndSet(next));
  }

  /** Closes a retired place if nobody uses it any more; returns how many calls that were. */
  int closeRetired() {
    Place place = retired.poll();
    if (place == null) {
      return 0;
    }
    try {
      place.pool.close();
      place.model.close();
    } catch (SnnsimException e) {
      retired.add(place);
      if (e.category() != Category.IN_USE) {
        throw e;
      }
    }
    return 2;
  }

  /** After all players have ended: nothing is in use, so everything closes. */
  void close() {
    retired.add(present.get());
    for (Place place : retired) {
      place.pool.close();
      place.model.close();
      if (place.model.liveSessions() != 0) {
        throw new Broken(place.model + ": sessions are left");
      }
      int free = place.pool.free();
      if (free != 0) {
        throw new Broken(place.pool + ": found " + free + " free sessions of a closed pool");
      }
    }
  }
}
