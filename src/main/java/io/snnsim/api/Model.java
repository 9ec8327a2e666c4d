// SPDX-License-Identifier: Apache-2.0
package io.snnsim.api;

import com.sun.management.ThreadMXBean;
import io.snnsim.engine.KernelChoice;
import io.snnsim.engine.plan.Plan;
import io.snnsim.engine.plan.PlanFile;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.format.ModelContents;
import io.snnsim.geometry.MapShape;
import io.snnsim.metrics.Clock;
import io.snnsim.metrics.ModelOpenEvent;
import io.snnsim.metrics.Settling;
import io.snnsim.network.Network;
import io.snnsim.network.Population;
import io.snnsim.store.Mode;
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
  private final io.snnsim.engine.Simulator engine;
  private final List<PopulationInfo> populations;
  private final MapShape inputShape;
  private final int classes;
  private final String name;

  /** Guards opening sessions against closing; nothing that an image waits for. */
  private final Object lifecycle = new Object();

  private boolean closed;

  private Model(ModelFile file, io.snnsim.engine.Simulator engine) {
    this.file = file;
    this.engine = engine;
    Network network = engine.network();
    name = network.name();
    inputShape = shape(network.input().shape());
    classes = network.populations().get(network.output()).shape().size();
    List<PopulationInfo> infos = new ArrayList<>();
    for (int p = 0; p < network.populations().size(); p++) {
      Population population = network.populations().get(p);
      infos.add(
          new PopulationInfo(
              population.name(),
              shape(population.shape()),
              network.signed(p),
              switch (engine.plan().methods().get(p)) {
                case EVENTS -> Update.EVENTS;
                case LOOKUP -> Update.LOOKUP;
                case ADAPTIVE -> Update.ADAPTIVE;
              }));
    }
    populations = List.copyOf(infos);
  }

  private static MapShape shape(MapShape s) {
    return new MapShape(s.channels(), s.height(), s.width());
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
   *     model; (io) if it cannot be read; (no kernel) if this JVM lacks the demanded one; (no
   *     memory) if there is too little off-heap
   */
  public static Model open(Path file, ModelOptions options) {
    ModelOpenEvent event = ModelOpenEvent.begunOrNull();
    try {
      return told(event, of(ModelStore.open(file, mode(options)), options), options);
    } catch (OutOfMemoryError e) {
      throw noMemory(file.toString(), "its weights and tables", e);
    }
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
    ModelOpenEvent event = ModelOpenEvent.begunOrNull();
    try {
      return told(event, of(ModelStore.of(bytes, "memory", mode(options)), options), options);
    } catch (OutOfMemoryError e) {
      throw noMemory("memory", "its weights and tables", e);
    }
  }

  private static Model told(ModelOpenEvent event, Model model, ModelOptions options) {
    if (event != null && event.shouldCommit()) {
      event.file = model.file.path().toString();
      event.network = model.name();
      event.memory = options.memory().name();
      event.kernel = model.kernel();
      event.kernelReason = model.kernelReason();
      event.nativeBytes = model.nativeBytes();
      event.commit();
    }
    return model;
  }

  private static Mode mode(ModelOptions options) {
    return options.memory() == Memory.MAPPED ? Mode.MAPPED : Mode.RESIDENT;
  }

  private static Model of(ModelFile file, ModelOptions options) {
    try {
      KernelChoice choice =
          switch (options.kernel()) {
            case AUTO -> KernelChoice.AUTO;
            case VECTOR -> KernelChoice.VECTOR;
            case SCALAR -> KernelChoice.SCALAR;
          };
      byte[] hint = file.extra(ModelContents.PLAN);
      Plan plan =
          hint == null
              ? null
              : PlanFile.parse(hint, file.network(), file.path() + ", section plan").plan();
      return new Model(file, io.snnsim.engine.Simulator.of(file.network(), choice, plan));
    } catch (RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  static SnnsimException noMemory(String where, String what, OutOfMemoryError e) {
    return new SnnsimException(
        Category.NO_MEMORY,
        where
            + ": too little memory for "
            + what
            + " ("
            + e.getMessage()
            + "); raise the memory limit of the process or its container, or -Xmx if it was the"
            + " heap",
        e);
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
   * @throws SnnsimException (closed) if the model is; (no memory) if there is too little off-heap
   */
  public Session newSession(SessionOptions options) {
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
    return new SessionPool(this, size, options);
  }

  Session newSession(SessionOptions options, SessionPool pool, int index) {
    synchronized (lifecycle) {
      if (closed) {
        throw new SnnsimException(
            Category.CLOSED, "model " + name + " is closed, expected an open one");
      }
      try {
        return new Session(
            this,
            engine.newSimulation(
                new io.snnsim.engine.SimulationOptions(
                    options.counts(), options.spikes(), options.threads(), pool != null)),
            pool,
            index);
      } catch (OutOfMemoryError e) {
        throw noMemory("model " + name, "another session", e);
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
   * run, and the first of a fresh JVM takes as long as the first compilations.
   *
   * @param budget more than 0
   * @return how far it got
   * @throws SnnsimException (usage) if the budget is not more than 0; as {@link #newSession()}
   */
  public WarmUp warmUp(Duration budget) {
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
        throw new SnnsimException(
            Category.IN_USE,
            "model "
                + name
                + ": "
                + engine.liveSimulations()
                + " sessions are open, expected none; close them first");
      }
      closed = true;
      engine.close();
      file.close();
    }
  }
}
