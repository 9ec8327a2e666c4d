// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import com.sun.management.ThreadMXBean;
import io.snnsim.engine.SimulationOptions;
import io.snnsim.engine.Simulator;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.MapShape;
import io.snnsim.metrics.Clock;
import io.snnsim.metrics.Settling;
import io.snnsim.network.Network;
import io.snnsim.readout.FittedSteps;
import io.snnsim.store.ModelFile;
import io.snnsim.store.ModelStore;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * A verified network ready to run: weights, tables and plan, which all its sessions share and
 * nobody changes. Safe to share between threads. Owns off-heap memory, which {@link #close} frees.
 */
public final class Model implements AutoCloseable {
  private final ModelFile file;
  private final Simulator engine;
  private final List<PopulationInfo> populations;
  private final MapShape inputShape;
  private final int classes;
  private final String name;

  /** Guards opening sessions against closing; nothing that an image waits for. */
  private final Object lifecycle = new Object();

  private boolean closed;

  /** Those not closed yet. */
  private final List<SessionPool> pools = new ArrayList<>();

  Model(ModelFile file, Simulator engine) {
    this.file = file;
    this.engine = engine;
    Network network = engine.network();
    name = network.name();
    inputShape = network.input().shape();
    classes = network.populations().get(network.output()).shape().size();
    populations = PopulationInfo.of(engine);
  }

  /**
   * Opens a model file, resident and with the fastest kernels.
   *
   * @param file a .snn file
   * @return the model, which the caller closes
   * @throws SnnsimException as {@link #open(Path, ModelOptions)}
   */
  public static Model open(Path file) {
    return open(file, ModelOptions.DEFAULT);
  }

  /**
   * Opens and verifies a model file. It runs by the plan in the file, if it has one.
   *
   * @param file a .snn file
   * @param options how to open it
   * @return the model, which the caller closes
   * @throws SnnsimException (input missing) if it is not there; (bad data) if it is damaged or no
   *     model; (io) if it cannot be read; (no kernel) if this JVM lacks the demanded one; (limit)
   *     if running it would take more than {@code options} allow; (no memory) if there is too
   *     little
   */
  public static Model open(Path file, ModelOptions options) {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(options, "options");
    return Opening.open(file.toString(), mode -> ModelStore.open(file, mode), options);
  }

  /**
   * Opens and verifies a model that is in memory: the bytes of a model file.
   *
   * @param bytes of any alignment; copied if {@link Memory#RESIDENT}, else they must be accessible
   *     by all threads, stay alive and unchanged until the model is closed
   * @param options how to open it
   * @return the model, which the caller closes
   * @throws SnnsimException as {@link #open(Path, ModelOptions)}
   */
  public static Model open(MemorySegment bytes, ModelOptions options) {
    Objects.requireNonNull(bytes, "bytes");
    Objects.requireNonNull(options, "options");
    return Opening.open("memory", mode -> ModelStore.of(bytes, "memory", mode), options);
  }

  /** {@return the network's name} */
  public String name() {
    return name;
  }

  /** {@return shape of the images that it takes} */
  public MapShape inputShape() {
    return inputShape;
  }

  /** {@return number of classes, which count from 0} */
  public int classes() {
    return classes;
  }

  /** {@return how fine its integers are} */
  public Precision precision() {
    return switch (engine.network().precision()) {
      case I8 -> Precision.I8;
      case I16 -> Precision.I16;
      case I32 -> Precision.I32;
    };
  }

  /**
   * {@return its populations in the order in which a time step updates them, with the plan's
   * choices}
   */
  public List<PopulationInfo> populations() {
    return populations;
  }

  /**
   * Steps of a network of few-spike neurons, which runs layer by layer: each layer reads that many
   * and then sends as many, and the answer is there after the last. {@link RunOptions#steps} must
   * be this number then, and {@link Session#step} is refused.
   *
   * @return 1 to 10; 0 of a network that can be asked after any step
   */
  public int stepsPerLayer() {
    return engine.network().codeSteps();
  }

  /**
   * Time steps that the network was fitted to, as preset {@code low-latency} does: {@link
   * RunOptions#steps} had better be as many, since it answers worse after fewer and may after more.
   * Reads what the model file says of its conversion, and allocates.
   *
   * @return 0 of a network that was fitted to none or of which it is not known
   * @throws SnnsimException (bad data) if that part of the file is no JSON; (closed)
   */
  public int fittedSteps() {
    synchronized (lifecycle) {
      checkOpen();
      return FittedSteps.of(
          file.extra(ModelContents.PROVENANCE), name + ", section " + ModelContents.PROVENANCE);
    }
  }

  /**
   * {@return time steps that the plan lets a population run in its turn; deadlines and early exits
   * look at the clock and the output after so many steps at most}
   */
  public int blockSteps() {
    return engine.plan().blockSteps();
  }

  /** {@return name of the kernels in use, for instance {@code vector512} or {@code scalar}} */
  public String kernel() {
    return engine.kernelName();
  }

  /** {@return why these kernels were chosen; names the missing flag if there is one} */
  public String kernelReason() {
    return engine.kernelReason();
  }

  /**
   * {@return bytes that the model holds off-heap or has mapped: the file and the tables made of it,
   * without its sessions}
   */
  public long nativeBytes() {
    return file.nativeBytes() + engine.nativeBytes();
  }

  /** {@return sessions that were not closed yet} */
  public int liveSessions() {
    return engine.liveSimulations();
  }

  /**
   * As {@link #newSession(SessionOptions)} with {@link SessionOptions#DEFAULT}.
   *
   * @return the session, which the caller closes
   */
  public Session newSession() {
    return newSession(SessionOptions.DEFAULT);
  }

  /**
   * A session that belongs to the calling thread, with all its memory.
   *
   * @param options what it keeps, and how many threads work on a step
   * @return the session, which the caller closes
   * @throws SnnsimException (closed) if the model is; (limit) if its sessions would take more than
   *     {@link ModelOptions#maxMemory} together; (no memory) if there is too little
   */
  public Session newSession(SessionOptions options) {
    Objects.requireNonNull(options, "options");
    return newSession(options, null, 0);
  }

  /**
   * A pool of {@code size} sessions that pass from thread to thread.
   *
   * @param size 1 to 2^16, as a rule the number of threads that work at a time
   * @param options what it keeps, and how many threads work on a step
   * @return the pool, which the caller closes
   * @throws SnnsimException (usage) if the size is out of range; as {@link #newSession()}
   */
  public SessionPool newPool(int size, SessionOptions options) {
    Objects.requireNonNull(options, "options");
    return new SessionPool(this, size, options);
  }

  Session newSession(SessionOptions options, SessionPool pool, int index) {
    synchronized (lifecycle) {
      checkOpen();
      try {
        return new Session(
            this,
            engine.newSimulation(
                new SimulationOptions(
                    options.counts(), options.spikes(), options.threads(), pool != null)),
            pool,
            index);
      } catch (OutOfMemoryError e) {
        throw Opening.noMemory("model " + name, "another session", e);
      }
    }
  }

  /**
   * Runs made-up images in a session of its own, on the calling thread, until compiled code is in
   * place or the budget is used up: then sessions opened before and after allocate nothing and run
   * at full speed from their first call. The JVM compiles with threads of its own; on a machine
   * without a free core they take time from the caller's.
   *
   * <p>No call is begun that is not expected to end within the budget, but one time step is always
   * run, and the first of a fresh JVM takes as long as its first compilations: 0.7 s of processor
   * time of ResNet-20, 0.2 s of a small ResNet-8. To the end that is 17 s and 3.4 s on the calling
   * thread, and 6 s and 3.6 s more on the compilers' (8 bits, AVX2); on a machine that is busy
   * otherwise, whatever that becomes. A budget that is too short is no loss: the next warm-up, or
   * the first requests, go on from there.
   *
   * @param budget more than 0
   * @return how far it got
   * @throws SnnsimException (usage) if the budget is not more than 0; as {@link #newSession()}
   */
  public WarmUp warmUp(Duration budget) {
    Objects.requireNonNull(budget, "budget");
    if (budget.isNegative() || budget.isZero()) {
      throw SnnsimException.usage("budget=" + budget + ", expected more than 0");
    }
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (Session session = newSession()) {
      return new WarmingUp(
              new MadeUpCalls(session),
              Clock.SYSTEM,
              threads::getCurrentThreadAllocatedBytes,
              Settling.COMPILATION)
          .run(budget);
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new SnnsimException(
          Category.CLOSED, "model " + name + " is closed, expected an open one");
    }
  }

  /** The engine's view of the network, for this package. */
  Network network() {
    return engine.network();
  }

  /**
   * Frees its memory. Closing twice does nothing.
   *
   * @throws SnnsimException (in use) if sessions are still open; the model then stays usable
   */
  @Override
  public void close() {
    synchronized (lifecycle) {
      if (closed) {
        return;
      }
      if (engine.liveSimulations() > 0) {
        throw new SnnsimException(Category.IN_USE, "model " + name + ": " + open());
      }
      closed = true;
      engine.close();
      file.close();
    }
  }

  /** What keeps it from closing. */
  private String open() {
    int own = engine.liveSimulations();
    List<String> open = new ArrayList<>();
    for (SessionPool pool : pools) {
      own -= pool.size();
      open.add("a pool of " + Words.count(pool.size(), "session"));
    }
    if (own > 0) {
      open.add(Words.count(own, "session"));
    }
    boolean one = open.size() == 1 && (own == 1 || own == 0);
    String are = one ? " is open, expected none; close it" : " are open, expected none; close them";
    return String.join(" and ", open) + are + " first";
  }

  void opened(SessionPool pool) {
    synchronized (lifecycle) {
      pools.add(pool);
    }
  }

  void closed(SessionPool pool) {
    synchronized (lifecycle) {
      pools.remove(pool);
    }
  }

  /** {@return its name, shapes, integers, kernels and open sessions} */
  @Override
  public String toString() {
    return String.join(
        ", ",
        "model " + name,
        inputShape + " to " + classes + (classes == 1 ? " class" : " classes"),
        precision().name(),
        kernel(),
        closed ? "closed" : Words.count(liveSessions(), "open session"));
  }
}
