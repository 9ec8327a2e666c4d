// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.util.Arrays;
import java.util.Objects;

/**
 * Timestamped address events (an event camera's) on their way from one producer thread to one
 * session, which turns those of a time step into its input ({@link Session#change(EventRing,
 * long)}). Bounded: when it is full an event is refused and counted, nothing waits.
 *
 * <p>One thread offers and one takes; they may be two, and the statistics any thread's. Offering
 * and taking allocate nothing and take no lock. Holds 12 bytes an event on the heap.
 */
public final class EventRing {
  private final MapShape shape;
  private final float value;
  private final Ring ring;
  private final long[] times;
  private final int[] addresses;

  /** The consumer's: what the events of the present time step add up to. */
  private final float[] frame;

  /**
   * An empty ring.
   *
   * @param shape the map that addresses lie in, as the model's {@link Model#inputShape}
   * @param value what an event adds to its place in the step's input, before mean and standard
   *     deviation are applied; where no event is the input is 0
   * @param slots events that it holds at most, 1 to 2^24
   * @throws SnnsimException (usage) if {@code slots} is out of range or {@code value} not finite
   */
  public EventRing(MapShape shape, float value, int slots) {
    Objects.requireNonNull(shape, "shape");
    if (slots < 1 || slots > 1 << 24) {
      throw SnnsimException.usage("slots=" + slots + ", expected 1.." + (1 << 24));
    }
    if (!Float.isFinite(value)) {
      throw SnnsimException.usage("value=" + value + ", expected a finite one");
    }
    this.shape = shape;
    this.value = value;
    ring = new Ring(slots);
    times = new long[slots];
    addresses = new int[slots];
    frame = new float[shape.size()];
  }

  /** {@return the map that addresses lie in} */
  public MapShape shape() {
    return shape;
  }

  /** {@return events that it holds at most} */
  public int slots() {
    return ring.slots();
  }

  /** {@return events in it, a moment ago} */
  public int size() {
    return ring.size();
  }

  /** {@return events that were refused since it was made because it was full} */
  public long refused() {
    return ring.refused();
  }

  /**
   * Producer: puts an event in.
   *
   * @param time in whichever unit the consumer's steps are; events are taken in the order in which
   *     they are offered, so they should not go back in time
   * @param channel of the map, from 0
   * @param y row, from 0
   * @param x column, from 0
   * @return false if the ring is full: the event was refused and counted
   * @throws SnnsimException (bad data) if the address is outside of the map
   */
  public boolean offer(long time, int channel, int y, int x) {
    if (channel < 0
        || channel >= shape.channels()
        || y < 0
        || y >= shape.height()
        || x < 0
        || x >= shape.width()) {
      throw SnnsimException.badData(
          "event: found channel "
              + channel
              + ", y "
              + y
              + ", x "
              + x
              + ", expected within "
              + shape
              + " (channels x height x width)");
    }
    int slot = ring.claim();
    if (slot < 0) {
      return false;
    }
    times[slot] = time;
    addresses[slot] = (channel * shape.height() + y) * shape.width() + x;
    ring.publish();
    return true;
  }

  /** Consumer: takes the events before {@code until} into the frame and counts them. */
  int take(long until) {
    Arrays.fill(frame, 0);
    int n = 0;
    for (int slot = ring.peek(); slot >= 0 && times[slot] < until; slot = ring.peek()) {
      frame[addresses[slot]] += value;
      ring.release();
      n++;
    }
    return n;
  }

  /** {@return the map of its events, and how full it is} */
  @Override
  public String toString() {
    return "ring of "
        + Words.count(slots(), "event")
        + " on "
        + shape
        + ", "
        + size()
        + " in it, "
        + refused()
        + " refused";
  }

  /** What the taken events add up to, [channel][y][x]. */
  float[] frame() {
    return frame;
  }
}
