// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * Frames on their way from one producer thread (a camera's, a socket's) to one session. Bounded:
 * when it is full a frame is refused and counted, nothing waits and nothing is overwritten; what is
 * old is the consumer's to skip ({@link Session#change(FrameRing, boolean)}).
 *
 * <p>One thread offers and one takes; they may be two, and the statistics any thread's. Offering
 * and taking copy each frame once, allocate nothing and take no lock. Holds slots * frame bytes on
 * the heap, which is freed with the ring.
 */
public final class FrameRing {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final MapShape shape;
  private final ImageFormat format;
  private final Ring ring;
  private final MemorySegment[] frames;
  private final long[] times;

  /**
   * An empty ring.
   *
   * @param shape of every frame, as the model's {@link Model#inputShape}
   * @param format of every frame
   * @param slots frames that it holds at most, 1 to 2^16
   * @throws SnnsimException (usage) if {@code slots} is out of range
   */
  public FrameRing(MapShape shape, ImageFormat format, int slots) {
    Objects.requireNonNull(shape, "shape");
    Objects.requireNonNull(format, "format");
    if (slots < 1 || slots > 1 << 16) {
      throw SnnsimException.usage("slots=" + slots + ", expected 1.." + (1 << 16));
    }
    this.shape = shape;
    this.format = format;
    ring = new Ring(slots);
    times = new long[slots];
    frames = new MemorySegment[slots];
    for (int i = 0; i < slots; i++) {
      frames[i] =
          format.valueBytes() == 1
              ? MemorySegment.ofArray(new byte[shape.size()])
              : MemorySegment.ofArray(new float[shape.size()]);
    }
  }

  /** {@return shape of every frame} */
  public MapShape shape() {
    return shape;
  }

  /** {@return format of every frame} */
  public ImageFormat format() {
    return format;
  }

  /** {@return frames that it holds at most} */
  public int slots() {
    return ring.slots();
  }

  /** {@return frames in it, a moment ago} */
  public int size() {
    return ring.size();
  }

  /** {@return frames that were refused since it was made because it was full} */
  public long refused() {
    return ring.refused();
  }

  /**
   * Producer: puts a frame in.
   *
   * @param frame the frame, of the ring's shape and format; it is copied
   * @param time when it was taken, in whichever unit and from whichever origin the consumer expects
   * @return false if the ring is full: the frame was refused and counted
   * @throws SnnsimException (bad data) if it has the wrong length; (usage) if the ring's format is
   *     not of floats
   */
  public boolean offer(float[] frame, long time) {
    Objects.requireNonNull(frame, "frame");
    if (format.valueBytes() != 4) {
      throw SnnsimException.usage("frame: found floats, expected " + format);
    }
    check(frame.length * 4L);
    int slot = ring.claim();
    if (slot < 0) {
      return false;
    }
    MemorySegment.copy(frame, 0, frames[slot], FLOAT, 0, frame.length);
    return published(slot, time);
  }

  /**
   * As {@link #offer(float[], long)}, of bytes.
   *
   * @param frame the frame, of the ring's shape and format; it is copied
   * @param time when it was taken, in whichever unit and from whichever origin the consumer expects
   * @return false if the ring is full: the frame was refused and counted
   * @throws SnnsimException (bad data) if it has the wrong length; (usage) if the ring's format is
   *     not of bytes
   */
  public boolean offer(byte[] frame, long time) {
    Objects.requireNonNull(frame, "frame");
    if (format.valueBytes() != 1) {
      throw SnnsimException.usage("frame: found bytes, expected " + format);
    }
    check(frame.length);
    int slot = ring.claim();
    if (slot < 0) {
      return false;
    }
    MemorySegment.copy(frame, 0, frames[slot], ValueLayout.JAVA_BYTE, 0, frame.length);
    return published(slot, time);
  }

  /**
   * As {@link #offer(float[], long)}: all that remains of the buffer, whose position stays; floats
   * in the buffer's byte order, which {@code duplicate()} does not keep.
   *
   * @param frame the frame, of the ring's shape and format; it is copied
   * @param time when it was taken, in whichever unit and from whichever origin the consumer expects
   * @return false if the ring is full: the frame was refused and counted
   */
  public boolean offer(ByteBuffer frame, long time) {
    Objects.requireNonNull(frame, "frame");
    check(frame.remaining());
    int slot = ring.claim();
    if (slot < 0) {
      return false;
    }
    int at = frame.position();
    MemorySegment to = frames[slot];
    if (format.valueBytes() == 1) {
      for (int i = 0; i < shape.size(); i++) {
        to.set(ValueLayout.JAVA_BYTE, i, frame.get(at + i));
      }
    } else {
      for (int i = 0; i < shape.size(); i++) {
        to.set(FLOAT, i * 4L, frame.getFloat(at + i * 4));
      }
    }
    return published(slot, time);
  }

  /**
   * As {@link #offer(float[], long)}: the whole segment, floats in the machine's byte order.
   *
   * @param frame the frame, of the ring's shape and format; it is copied
   * @param time when it was taken, in whichever unit and from whichever origin the consumer expects
   * @return false if the ring is full: the frame was refused and counted
   */
  public boolean offer(MemorySegment frame, long time) {
    Objects.requireNonNull(frame, "frame");
    check(frame.byteSize());
    int slot = ring.claim();
    if (slot < 0) {
      return false;
    }
    MemorySegment.copy(frame, 0, frames[slot], 0, frame.byteSize());
    return published(slot, time);
  }

  private boolean published(int slot, long time) {
    times[slot] = time;
    ring.publish();
    return true;
  }

  private void check(long bytes) {
    if (bytes != (long) shape.size() * format.valueBytes()) {
      throw SnnsimException.badData(
          "frame: found "
              + bytes
              + " bytes, expected "
              + (long) shape.size() * format.valueBytes()
              + " ("
              + shape
              + " as "
              + format
              + ")");
    }
  }

  /**
   * Consumer: the slot of the oldest frame, or of the newest with all older ones dropped; or -1.
   */
  int peek(boolean newest) {
    int slot = ring.peek();
    while (newest && slot >= 0 && ring.size() > 1) {
      ring.release();
      slot = ring.peek();
    }
    return slot;
  }

  /** {@return its frames' shape and format, and how full it is} */
  @Override
  public String toString() {
    return "ring of "
        + Words.count(slots(), "frame")
        + " "
        + shape
        + " "
        + format
        + ", "
        + size()
        + " in it, "
        + refused()
        + " refused";
  }

  MemorySegment frame(int slot) {
    return frames[slot];
  }

  long time(int slot) {
    return times[slot];
  }

  void release() {
    ring.release();
  }
}
