// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import io.snnsim.api.Model;
import io.snnsim.api.Session;
import io.snnsim.api.SessionOptions;
import io.snnsim.api.SessionPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/**
 * A model whose file may be replaced while requests run. The new one is opened and warmed up beside
 * the old; requests that have begun end on the old one, which the last of them closes. A file that
 * does not open, or whose network takes other images or knows other classes, leaves the old one in
 * place. Safe to share between threads.
 */
public final class SwappingModel implements AutoCloseable {
  /** One model with its sessions, and how many hold it: whoever uses it, and being the present. */
  private static final class Generation {
    final int number;
    final Model model;
    final SessionPool pool;
    final AtomicInteger holders = new AtomicInteger(1);

    /**
     * @param before null of the first
     */
    Generation(Generation before, Path file, int sessions, Duration warmUp) {
      number = before == null ? 1 : before.number + 1;
      model = Model.open(file);
      try {
        if (before != null && !asked(model).equals(asked(before.model))) {
          throw new IllegalStateException(
              file + ": " + asked(model) + ", expected " + asked(before.model) + " as before");
        }
        if (!model.warmUp(warmUp).steady()) {
          System.err.println(
              file
                  + ": not compiled after "
                  + warmUp.toMillis()
                  + " ms; answers are slow at first");
        }
        pool = model.newPool(sessions, SessionOptions.DEFAULT);
      } catch (RuntimeException | Error e) {
        model.close();
        throw e;
      }
    }

    /** What clients know of a model. */
    private static String asked(Model model) {
      return "images of " + model.inputShape() + " and " + model.classes() + " classes";
    }

    /** False if it was given up meanwhile: then the present one is another. */
    boolean hold() {
      int n;
      do {
        n = holders.get();
        if (n == 0) {
          return false;
        }
      } while (!holders.compareAndSet(n, n + 1));
      return true;
    }

    void letGo() {
      if (holders.decrementAndGet() == 0) {
        pool.close();
        model.close();
      }
    }
  }

  private static final long LONGEST_WAIT_NANOS = 10_000_000_000L;

  private final Path file;
  private final int sessions;
  private final Duration swapWarmUp;
  private volatile Generation present;
  private Object seen;

  /**
   * Opens the file.
   *
   * @param sessions that work at a time
   * @param warmUp budget of this opening, on the calling thread
   * @param swapWarmUp budget of every later one, on the thread that refreshes
   */
  public SwappingModel(Path file, int sessions, Duration warmUp, Duration swapWarmUp)
      throws IOException {
    this.file = file;
    this.sessions = sessions;
    this.swapWarmUp = swapWarmUp;
    seen = identity();
    present = new Generation(null, file, sessions, warmUp);
  }

  /** Another file under the same name has another key; where there are none, another time. */
  private Object identity() throws IOException {
    try {
      BasicFileAttributes a = Files.readAttributes(file, BasicFileAttributes.class);
      return a.fileKey() + " " + a.lastModifiedTime() + " " + a.size();
    } catch (NoSuchFileException e) {
      return "no file";
    }
  }

  /** Looks whether the file was replaced, and if so takes the new one; by one thread at a time. */
  public synchronized boolean refresh() throws IOException {
    Object now = identity();
    if (now.equals(seen)) {
      return false;
    }
    // Noted first: a file that does not open is tried once, not at every look.
    seen = now;
    Generation old = present;
    present = new Generation(old, file, sessions, swapWarmUp);
    old.letGo();
    return true;
  }

  /** Runs a request on the present model, waiting for a free session if need be. */
  public <T> T with(Function<Session, T> request) throws InterruptedException {
    Generation g = present;
    while (!g.hold()) {
      g = present;
    }
    try {
      Session s = g.pool.take(LONGEST_WAIT_NANOS);
      try {
        return request.apply(s);
      } finally {
        g.pool.giveBack(s);
      }
    } finally {
      g.letGo();
    }
  }

  /** Bytes of an image, which no swap changes. */
  public int imageBytes() {
    return present.model.inputShape().size();
  }

  /** Counts the models opened under the name, from 1. */
  public int generation() {
    return present.number;
  }

  /** Kernels of the present model. */
  public String kernel() {
    return present.model.kernel();
  }

  /** Gives the present model up, which is closed when the last request has ended. */
  @Override
  public void close() {
    present.letGo();
  }
}
