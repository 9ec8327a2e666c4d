// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.engine.ImageReader;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.geometry.MapShape;
import io.snnsim.metrics.InferenceEvent;
import io.snnsim.network.Network;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The state of one network while it looks at one image: potentials, spikes and counts, all of it
 * allocated when the session is opened. Belongs to the thread that opened it (of a pool's: that
 * took it); every other thread is refused with a {@link SnnsimException} (wrong thread). Its calls
 * allocate nothing and take no lock once compiled, but for those that say so.
 *
 * <p>Either {@link #classify}, or {@link #present} and then {@link #run}, which may be repeated to
 * run on, or {@link #step} as often as wanted. A call that is refused leaves the session as it was.
 *
 * <p>Images: a float array holds exactly the image; of buffers and segments all that remains (from
 * the position, to the limit) is the image, and no position is moved. Floats of a {@link
 * ByteBuffer} are in the buffer's byte order, those of a {@link MemorySegment} in the machine's.
 * Values must be finite.
 */
public final class Session implements AutoCloseable {
  private final Model model;
  private final io.snnsim.engine.Simulation engine;

  /** Null of a session of its own. */
  private final SessionPool pool;

  private final int index;
  private final List<PopulationView> populations;
  private final Result result;

  /** Null while it lies in its pool. */
  private Thread owner;

  /** What a step took when one was last timed; 0 before. */
  private long nanosPerStep;

  /** Null until JFR records for the first time. */
  private InferenceEvent event;

  private long inputTime;
  private boolean presented;
  private boolean closed;

  /**
   * @param index in its pool
   */
  Session(Model model, io.snnsim.engine.Simulation engine, SessionPool pool, int index) {
    this.model = model;
    this.engine = engine;
    this.pool = pool;
    this.index = index;
    owner = pool == null ? Thread.currentThread() : null;
    result = new Result(engine.classes());
    Network network = model.network();
    List<PopulationView> views = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      views.add(
          new PopulationView(
              this,
              engine,
              p,
              model.populations().get(p),
              network.populations().get(p).theta().clone()));
    }
    populations = List.copyOf(views);
  }

  /** {@return the model that it runs} */
  public Model model() {
    return model;
  }

  /**
   * Presents an image of floats, [channel][y][x], and runs it.
   *
   * @param chw floats [channel][y][x], as many as the input shape has
   * @param options how long it may run and how it is decided
   * @return the session's own view, filled again by its next run
   * @throws SnnsimException (bad data) if the image has the wrong length or a value that is not
   *     finite; (closed); (wrong thread)
   */
  public Result classify(float[] chw, RunOptions options) {
    return classify(chw, ImageFormat.F32_CHW, options);
  }

  /**
   * As {@link #classify(float[], RunOptions)}, in either order of floats.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   * @param options how long it may run and how it is decided
   * @return the session's own view, filled again by its next run
   */
  public Result classify(float[] image, ImageFormat format, RunOptions options) {
    long begun = begin();
    present(image, format);
    return run(options, begun);
  }

  /**
   * As {@link #classify(float[], RunOptions)}, in any format.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   * @param options how long it may run and how it is decided
   * @return the session's own view, filled again by its next run
   */
  public Result classify(ByteBuffer image, ImageFormat format, RunOptions options) {
    long begun = begin();
    present(image, format);
    return run(options, begun);
  }

  /**
   * As {@link #classify(float[], RunOptions)}, in any format.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   * @param options how long it may run and how it is decided
   * @return the session's own view, filled again by its next run
   */
  public Result classify(MemorySegment image, ImageFormat format, RunOptions options) {
    long begun = begin();
    present(image, format);
    return run(options, begun);
  }

  /**
   * Begins an image: the state is reset and the image's currents are computed.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   * @throws SnnsimException as {@link #classify(float[], RunOptions)}
   */
  public void present(float[] image, ImageFormat format) {
    read(image, format);
    engine.begin(0, 0);
    presented = true;
  }

  /**
   * As {@link #present(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void present(ByteBuffer image, ImageFormat format) {
    read(image, format);
    engine.begin(0, 0);
    presented = true;
  }

  /**
   * As {@link #present(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void present(MemorySegment image, ImageFormat format) {
    read(image, format);
    engine.begin(0, 0);
    presented = true;
  }

  /**
   * Goes on with another image without resetting the state: the next frame of a moving picture. The
   * first one of a session is presented.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   * @throws SnnsimException as {@link #classify(float[], RunOptions)}
   */
  public void change(float[] image, ImageFormat format) {
    read(image, format);
    changeOrBegin();
  }

  /**
   * As {@link #change(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void change(ByteBuffer image, ImageFormat format) {
    read(image, format);
    changeOrBegin();
  }

  /**
   * As {@link #change(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void change(MemorySegment image, ImageFormat format) {
    read(image, format);
    changeOrBegin();
  }

  /**
   * Goes on with a frame out of a ring, if there is one, without resetting the state. A frame that
   * is refused has left the ring.
   *
   * @param ring whose frames or events are of the input shape
   * @param newest skip to the newest frame, else take the oldest
   * @return false if the ring is empty: the input stays as it was
   * @throws SnnsimException (bad data) if the ring's frames have another shape or a value is not
   *     finite; (closed); (wrong thread)
   */
  public boolean change(FrameRing ring, boolean newest) {
    check();
    checkShape(ring.shape());
    int slot = ring.peek(newest);
    if (slot < 0) {
      return false;
    }
    long time = ring.time(slot);
    try {
      read(ring.frame(slot), ring.format());
    } finally {
      // Its values are in the session now.
      ring.release();
    }
    changeOrBegin();
    inputTime = time;
    return true;
  }

  /**
   * Goes on with the events of a time step as its input, without resetting the state: all that a
   * ring holds from before {@code until}, in the order in which they were offered, so one that
   * comes late drives the step at which it is there.
   *
   * @param ring whose frames or events are of the input shape
   * @param until time at which the step ends, in the events' unit
   * @return the number of events taken, which may be 0: then the input is that of an empty map
   * @throws SnnsimException (bad data) if the ring's map has another shape; (closed); (wrong
   *     thread)
   */
  public int change(EventRing ring, long until) {
    check();
    checkShape(ring.shape());
    int n = ring.take(until);
    read(ring.frame(), ImageFormat.F32_CHW);
    changeOrBegin();
    inputTime = until;
    return n;
  }

  /**
   * {@return time of the frame, or end of the time step of the events, that came out of a ring
   * last}
   */
  public long inputTime() {
    check();
    return inputTime;
  }

  private void changeOrBegin() {
    if (presented) {
      engine.change();
    } else {
      engine.begin(0, 0);
      presented = true;
    }
  }

  private void checkShape(MapShape shape) {
    if (!shape.equals(model.inputShape())) {
      throw SnnsimException.badData(
          "ring: found frames of "
              + shape
              + ", expected "
              + model.inputShape()
              + " (channels x height x width)");
    }
  }

  private void read(float[] image, ImageFormat format) {
    check();
    if (format.valueBytes() != 4) {
      throw SnnsimException.badData(
          "image: an array of floats cannot be " + format + ", expected F32_CHW or F32_HWC");
    }
    checkLength(image.length * 4L, format);
    checkFinite(engine.image().read(image, format.channelsLast()));
  }

  private void read(ByteBuffer image, ImageFormat format) {
    check();
    checkLength(image.remaining(), format);
    ImageReader reader = engine.image();
    if (format.valueBytes() == 1) {
      reader.readBytes(image, format.channelsLast());
    } else {
      checkFinite(reader.readFloats(image, format.channelsLast()));
    }
  }

  private void read(MemorySegment image, ImageFormat format) {
    check();
    if (!image.scope().isAlive() || !image.isAccessibleBy(owner)) {
      throw SnnsimException.badData(
          "image: the memory segment is "
              + (image.scope().isAlive() ? "confined to another thread" : "closed")
              + ", expected one that this thread may read");
    }
    checkLength(image.byteSize(), format);
    ImageReader reader = engine.image();
    if (format.valueBytes() == 1) {
      reader.readBytes(image, format.channelsLast());
    } else {
      checkFinite(reader.readFloats(image, format.channelsLast()));
    }
  }

  private void checkLength(long bytes, ImageFormat format) {
    MapShape shape = model.inputShape();
    if (bytes != (long) shape.size() * format.valueBytes()) {
      throw SnnsimException.badData(
          "image: found "
              + (bytes % format.valueBytes() == 0
                  ? bytes / format.valueBytes() + " values"
                  : bytes + " bytes")
              + " as "
              + format
              + ", expected "
              + shape.size()
              + " ("
              + shape
              + ", channels x height x width)");
    }
  }

  private static void checkFinite(int badValue) {
    if (badValue >= 0) {
      throw SnnsimException.badData(
          "image: value " + badValue + " is NaN or infinite, expected finite values");
    }
  }

  /**
   * Runs the presented image on, from the step at which it is, as {@code options} say: {@link
   * RunOptions#steps} is the step at which it ends, counted from when it was presented.
   *
   * <p>The answer of a run that ended for its margin is that of the first such step, whatever the
   * plan; the session itself may have run to the end of the plan's block by then ({@link #steps}).
   *
   * @param options how long it may run and how it is decided
   * @return the session's own view, filled again by its next run
   * @throws SnnsimException (usage) if no image was presented or so many steps were run already;
   *     (closed); (wrong thread)
   */
  public Result run(RunOptions options) {
    check();
    return run(options, begin());
  }

  /** The time at which a call begins. */
  private long begin() {
    if (owner == Thread.currentThread()) {
      if (event == null) {
        event = InferenceEvent.orNull(model.name());
      }
      if (event != null) {
        event.begin();
      }
    }
    return System.nanoTime();
  }

  private Result run(RunOptions options, long begun) {
    End end = runToEnd(options, begun);
    result.ended(end, System.nanoTime() - begun);
    if (event != null) {
      event.end();
      if (event.shouldCommit()) {
        event.answer = result.answer();
        event.marginSpikes = result.margin();
        event.steps = result.steps();
        event.stepsAsked = options.steps();
        event.end = end.name();
        event.commit();
      }
    }
    return result;
  }

  /** Leaves the answer in the result. */
  private End runToEnd(RunOptions options, long begun) {
    checkPresented();
    int from = engine.steps();
    if (from >= options.steps()) {
      throw SnnsimException.usage(
          "steps=" + options.steps() + ", expected more than the " + from + " that were run");
    }
    boolean byMargin = options.margin() < Double.POSITIVE_INFINITY;
    boolean timed = options.budgetNanos() != Long.MAX_VALUE;
    End end = End.STEPS;
    long before = timed ? System.nanoTime() : 0;
    while (engine.steps() < options.steps()) {
      int most = options.steps() - engine.steps();
      if (timed) {
        int fitting = fitting(options.budgetNanos() - (before - begun));
        if (fitting == 0 && engine.steps() > from) {
          end = End.DEADLINE;
          break;
        }
        most = Math.min(most, Math.max(1, fitting));
      }
      int n = engine.runStepBlock(most);
      if (timed) {
        long now = System.nanoTime();
        nanosPerStep = Math.max(1, (now - before) / n);
        before = now;
      }
      if (byMargin && marginReached(options, n)) {
        return End.MARGIN;
      }
    }
    decideBy(options.readout());
    return end;
  }

  /** Steps that are expected to end in {@code nanos}. */
  private int fitting(long nanos) {
    if (nanos <= 0) {
      return 0;
    }
    // Nothing is known before the first step: then one is tried.
    return nanosPerStep == 0 ? 1 : (int) Math.min(Integer.MAX_VALUE, nanos / nanosPerStep);
  }

  private boolean marginReached(RunOptions options, int block) {
    int first = engine.steps() - block;
    for (int i = Math.max(0, options.leastSteps() - first - 1); i < block; i++) {
      engine.look(i);
      result.decided(
          options.readout().in(engine.model()).decide(engine, result.scores), first + i + 1);
      if (result.margin() >= options.margin()) {
        return true;
      }
    }
    return false;
  }

  private void decideBy(Readout readout) {
    result.decided(readout.in(engine.model()).decide(engine, result.scores), engine.steps());
  }

  /**
   * Runs one time step: every population once, spikes crossing all of them.
   *
   * @throws SnnsimException (usage) if no image was presented; (closed); (wrong thread)
   */
  public void step() {
    check();
    checkPresented();
    engine.step();
  }

  /**
   * The answer at the present step, for those who step themselves.
   *
   * @param readout how outputs become scores
   * @return the session's own view, filled again by its next run
   * @throws SnnsimException (usage) if no step was run; (closed); (wrong thread)
   */
  public Result decide(Readout readout) {
    check();
    if (engine.steps() == 0) {
      throw SnnsimException.usage("no step was run, expected at least one before an answer");
    }
    decideBy(readout);
    result.ended(End.STEPS, 0);
    return result;
  }

  /** Back to before the presented image's first step; its currents stay. */
  public void reset() {
    check();
    engine.reset();
  }

  /** {@return steps since the image was presented} */
  public int steps() {
    check();
    return engine.steps();
  }

  /** {@return views of the populations, in the order of {@link Model#populations}; made once} */
  public List<PopulationView> populations() {
    return populations;
  }

  /**
   * View of the population of that index; allocates nothing.
   *
   * @param index from 0, as in {@link Model#populations}
   * @return the session's own view, valid until it is closed
   */
  public PopulationView population(int index) {
    return populations.get(index);
  }

  /** {@return view of the output population, whose neurons are the classes} */
  public PopulationView output() {
    return populations.get(model.network().output());
  }

  /** {@return bytes of its state off-heap} */
  public long nativeBytes() {
    return engine.nativeBytes();
  }

  void check() {
    if (owner != Thread.currentThread()) {
      throw refusal();
    }
    if (closed) {
      throw new SnnsimException(
          Category.CLOSED, "session of " + model.name() + " is closed, expected an open one");
    }
  }

  private SnnsimException refusal() {
    Thread known = owner;
    if (known == null) {
      return new SnnsimException(
          Category.CLOSED,
          "session of " + model.name() + " lies in its pool, expected one that was taken");
    }
    return new SnnsimException(
        Category.WRONG_THREAD,
        "session of "
            + model.name()
            + " belongs to thread "
            + known.getName()
            + ", found it used by "
            + Thread.currentThread().getName()
            + ", expected a session for each thread");
  }

  private void checkPresented() {
    if (!presented) {
      throw SnnsimException.usage("no image was presented, expected one before the first step");
    }
  }

  /**
   * Frees its memory. Closing twice does nothing.
   *
   * @throws SnnsimException (wrong thread); (usage) of a pool's session, which its pool closes
   */
  @Override
  public void close() {
    if (closed && owner == Thread.currentThread()) {
      return;
    }
    check();
    if (pool != null) {
      throw SnnsimException.usage(
          "session of " + model.name() + " is its pool's, expected giveBack instead of close");
    }
    closed = true;
    engine.close();
  }

  SessionPool pool() {
    return pool;
  }

  int index() {
    return index;
  }

  /** Becomes the calling thread's. */
  void take() {
    owner = Thread.currentThread();
    presented = false;
  }

  /** Becomes nobody's. */
  void giveUp() {
    check();
    owner = null;
  }

  /** Frees its memory for its pool, in which it lies. */
  void free() {
    closed = true;
    engine.close();
  }
}
