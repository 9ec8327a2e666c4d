// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import io.snnsim.engine.Simulation;
import io.snnsim.error.SnnsimException;
import io.snnsim.network.Network;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The state of one network while it looks at one image: potentials, spikes and counts, all of it
 * allocated when the session is opened. Belongs to the thread that opened it (of a pool's: that
 * took it); every other thread is refused with a {@link SnnsimException} (wrong thread). Its calls
 * allocate nothing and take no lock once compiled, but for those that say so.
 *
 * <p>Either {@link #classify}, or {@link #present} and then {@link #run}, which may be repeated to
 * run on, or {@link #step} as often as wanted. A call that is refused leaves the session as it was.
 *
 * <p>Images: an array of floats or bytes holds exactly the image; of buffers and segments all that
 * remains (from the position, to the limit) is the image, and no position is moved. Floats of a
 * {@link ByteBuffer} are in the buffer's byte order ({@code duplicate()} does not keep it:
 * big-endian), those of a {@link MemorySegment} in the machine's. Values must be finite.
 */
public final class Session implements AutoCloseable {
  private final Model model;
  private final Simulation engine;

  /** Null of a session of its own. */
  private final SessionPool pool;

  private final int index;
  private final List<PopulationView> populations;
  private final Owner owner;
  private final Images images;
  private final Run run;
  private long inputTime;
  private boolean presented;

  /**
   * @param index in its pool
   */
  Session(Model model, Simulation engine, SessionPool pool, int index) {
    this.model = model;
    this.engine = engine;
    this.pool = pool;
    this.index = index;
    owner = new Owner(model.name(), pool == null ? Thread.currentThread() : null);
    images = new Images(model.inputShape(), engine.image());
    run = new Run(engine, model.name());
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
    Objects.requireNonNull(chw, "chw");
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
    Objects.requireNonNull(options, "options");
    admit(image, format);
    long begun = run.begin();
    images.read(image, format);
    begin();
    return run.run(options, begun);
  }

  /**
   * As {@link #classify(float[], RunOptions)}, of bytes, in either order.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   * @param options how long it may run and how it is decided
   * @return the session's own view, filled again by its next run
   */
  public Result classify(byte[] image, ImageFormat format, RunOptions options) {
    Objects.requireNonNull(options, "options");
    admit(image, format);
    long begun = run.begin();
    images.read(image, format);
    begin();
    return run.run(options, begun);
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
    Objects.requireNonNull(options, "options");
    admit(image, format);
    long begun = run.begin();
    images.read(image, format);
    begin();
    return run.run(options, begun);
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
    Objects.requireNonNull(options, "options");
    admit(image, format);
    long begun = run.begin();
    images.read(image, format);
    begin();
    return run.run(options, begun);
  }

  /**
   * Begins an image: the state is reset and the image's currents are computed.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   * @throws SnnsimException as {@link #classify(float[], RunOptions)}
   */
  public void present(float[] image, ImageFormat format) {
    admit(image, format);
    images.read(image, format);
    begin();
  }

  /**
   * As {@link #present(float[], ImageFormat)}, of bytes.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void present(byte[] image, ImageFormat format) {
    admit(image, format);
    images.read(image, format);
    begin();
  }

  /**
   * As {@link #present(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void present(ByteBuffer image, ImageFormat format) {
    admit(image, format);
    images.read(image, format);
    begin();
  }

  /**
   * As {@link #present(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void present(MemorySegment image, ImageFormat format) {
    admit(image, format);
    images.read(image, format);
    begin();
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
    admit(image, format);
    images.read(image, format);
    changeOrBegin();
  }

  /**
   * As {@link #change(float[], ImageFormat)}, of bytes.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void change(byte[] image, ImageFormat format) {
    admit(image, format);
    images.read(image, format);
    changeOrBegin();
  }

  /**
   * As {@link #change(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void change(ByteBuffer image, ImageFormat format) {
    admit(image, format);
    images.read(image, format);
    changeOrBegin();
  }

  /**
   * As {@link #change(float[], ImageFormat)}.
   *
   * @param image the image, as long as the input shape says
   * @param format how its values lie
   */
  public void change(MemorySegment image, ImageFormat format) {
    admit(image, format);
    images.read(image, format);
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
    Objects.requireNonNull(ring, "ring");
    check();
    images.checkShape(ring.shape());
    int slot = ring.peek(newest);
    if (slot < 0) {
      return false;
    }
    long time = ring.time(slot);
    try {
      images.read(ring.frame(slot), ring.format());
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
    Objects.requireNonNull(ring, "ring");
    check();
    images.checkShape(ring.shape());
    int n = ring.take(until);
    images.read(ring.frame(), ImageFormat.F32_CHW);
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

  private void admit(Object image, ImageFormat format) {
    Objects.requireNonNull(image, "image");
    Objects.requireNonNull(format, "format");
    check();
  }

  private void begin() {
    engine.begin(0, 0);
    presented = true;
  }

  private void changeOrBegin() {
    if (presented) {
      engine.change();
    } else {
      begin();
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
    Objects.requireNonNull(options, "options");
    check();
    checkPresented();
    return run.run(options, run.begin());
  }

  /**
   * Runs one time step: every population once, spikes crossing all of them.
   *
   * @throws SnnsimException (usage) if no image was presented, or the network runs layer by layer
   *     ({@link Model#stepsPerLayer}); (closed); (wrong thread)
   */
  public void step() {
    check();
    checkPresented();
    run.step();
  }

  /**
   * The answer at the present step, for those who step themselves.
   *
   * @param readout how outputs become scores
   * @return the session's own view, filled again by its next run
   * @throws SnnsimException (usage) if no step was run; (closed); (wrong thread)
   */
  public Result decide(Readout readout) {
    Objects.requireNonNull(readout, "readout");
    check();
    if (engine.steps() == 0) {
      throw SnnsimException.usage("no step was run, expected at least one before an answer");
    }
    return run.decide(readout);
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
    owner.check();
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
    if (owner.closedByCaller()) {
      return;
    }
    check();
    if (pool != null) {
      throw SnnsimException.usage(
          "session of " + model.name() + " is its pool's, expected giveBack instead of close");
    }
    free();
  }

  /** {@return whose session of which model it is, and how far its image has run} */
  @Override
  public String toString() {
    return "session of "
        + model.name()
        + ", "
        + owner
        + (presented ? ", " + Words.count(engine.steps(), "step") + " run" : ", no image");
  }

  SessionPool pool() {
    return pool;
  }

  int index() {
    return index;
  }

  /** Becomes the calling thread's. */
  void take() {
    owner.take();
    presented = false;
  }

  /** Becomes nobody's. */
  void giveUp() {
    owner.giveUp();
  }

  /** Frees its memory; a pool calls it for sessions that lie in it. */
  void free() {
    owner.close();
    engine.close();
  }
}
