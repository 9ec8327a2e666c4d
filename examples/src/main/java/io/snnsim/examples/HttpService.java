// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.snnsim.api.ImageFormat;
import io.snnsim.api.Model;
import io.snnsim.api.Result;
import io.snnsim.api.RunOptions;
import io.snnsim.error.Category;
import io.snnsim.error.SnnsimException;
import io.snnsim.examples.Http.Answer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Phaser;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Classifies posted images on the JDK's own HTTP server: {@code HttpService MODEL PORT STEPS
 * [ADMIN-PORT [THREADS [WARM-UP-SECONDS]]]}.
 *
 * <pre>
 * POST /classify   body: raw bytes [y][x][channel]; answer: JSON
 *
 * at the admin port, which has threads of its own:
 * GET  /health     200 while the process answers
 * GET  /ready      200 while images are taken, else 503
 * GET  /metrics    Prometheus text
 * </pre>
 *
 * <p>It listens at both ports before it opens its model; until that is warmed up it is not ready,
 * and 503 says when to come again.
 *
 * <p>Every request is read on a virtual thread, so that one that comes slowly or never ends holds
 * up nobody, and is cut off in the end. Whole images go to one thread a core through a short queue;
 * if that is full, 503 says when to come again. An image of the wrong size is answered by 400, one
 * that is longer than any by 413 before it is read.
 *
 * <p>Replacing the model's file by a rename is noticed within a tenth of a second; no request is
 * lost. A file that is no model, or one for other images or classes, leaves the old one in place.
 * When it is stopped (SIGTERM), what has begun is answered and the rest refused. Thread-safe.
 */
public final class HttpService implements AutoCloseable {
  private static final Answer STARTING = Answer.text(503, "starting");
  private static final Answer STOPPING = Answer.text(503, "stopping");

  private final ServiceOptions options;
  private final Metrics metrics = new Metrics();
  private final ExecutorService admins = Executors.newCachedThreadPool();
  private final ExecutorService readers = Executors.newVirtualThreadPerTaskExecutor();
  private final ThreadPoolExecutor workers;
  private final ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor();
  private final RunOptions run;
  private final HttpServer admin;
  private final HttpServer server;

  /** The service itself and every request whose image is there and whose answer is not sent. */
  private final Phaser begun = new Phaser(1);

  /** Null until it is ready. */
  private volatile SwappingModel model;

  /** Set under this object's lock, as the model is: one that is stopped takes none. */
  private volatile boolean stopping;

  /** Listens on the loopback interface; {@link #open} makes it ready. */
  public HttpService(ServiceOptions options) throws IOException {
    this.options = options;
    run = RunOptions.steps(options.steps());
    workers =
        new ThreadPoolExecutor(
            options.threads(),
            options.threads(),
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(options.queue()));
    admin =
        Http.server(
            options.adminPort(),
            admins,
            Map.of("/health", this::health, "/ready", this::ready, "/metrics", this::metrics));
    try {
      server = Http.server(options.port(), readers, Map.of("/classify", this::classify));
    } catch (IOException | RuntimeException e) {
      admin.stop(0);
      throw e;
    }
    admin.start();
    server.start();
  }

  /**
   * Opens the model and warms it up, on the calling thread; then images are taken, unless it was
   * stopped meanwhile. To be called once.
   *
   * @throws Exception if it cannot be opened; then the service stays as it is, to be closed
   */
  public void open(Path file) throws Exception {
    SwappingModel opened =
        new SwappingModel(file, options.threads(), options.warmUp(), options.swapWarmUp());
    synchronized (this) {
      if (stopping) {
        opened.close();
        return;
      }
      model = opened;
      watcher.scheduleWithFixedDelay(this::look, 100, 100, TimeUnit.MILLISECONDS);
    }
  }

  /** Port at which it classifies. */
  public int port() {
    return server.getAddress().getPort();
  }

  /** Port at which it is watched. */
  public int adminPort() {
    return admin.getAddress().getPort();
  }

  private void look() {
    try {
      if (model.refresh()) {
        System.err.println("model " + model.generation() + " taken");
      }
    } catch (Exception | OutOfMemoryError e) {
      // The old model goes on.
      metrics.swapFailed();
      System.err.println("the new model was not taken: " + e.getMessage());
    }
  }

  private void classify(HttpExchange exchange) throws IOException {
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        exchange.getResponseHeaders().set("Allow", "POST");
        refuse(exchange, Answer.text(405, "post an image"));
        return;
      }
      if (model == null) {
        refuse(exchange, stopping ? STOPPING : STARTING);
        return;
      }
      int size = model.imageBytes();
      byte[] image = Http.body(exchange, size);
      if (image == null) {
        refuse(
            exchange, Answer.text(413, "a body of more than the " + size + " bytes of an image"));
        return;
      }
      long since = System.nanoTime();
      if (stopping || begun.register() < 0) {
        refuse(exchange, STOPPING);
        return;
      }
      try {
        Answer answer = answer(image);
        metrics.answered(answer.code(), System.nanoTime() - since);
        Http.send(exchange, answer);
        exchange.close();
      } finally {
        begun.arriveAndDeregister();
      }
    }
  }

  private void refuse(HttpExchange exchange, Answer answer) throws IOException {
    metrics.refused(answer.code());
    Http.sendUnread(exchange, answer);
  }

  /** Waits for one of the workers, if not too many wait already. */
  private Answer answer(byte[] image) {
    Future<Answer> answer;
    try {
      answer = workers.submit(() -> classified(image));
    } catch (RejectedExecutionException e) {
      return Answer.text(503, "all threads are busy and " + options.queue() + " images wait");
    }
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return STOPPING;
    } catch (ExecutionException e) {
      System.err.println("an image was not classified: " + e.getCause());
      return Answer.text(500, "not classified");
    }
  }

  private Answer classified(byte[] image) throws InterruptedException {
    try {
      String json =
          model.with(
              s -> json(s.model(), s.classify(ByteBuffer.wrap(image), ImageFormat.U8_HWC, run)));
      return new Answer(200, json, "application/json");
    } catch (SnnsimException e) {
      return Answer.text(e.category() == Category.IN_USE ? 503 : 400, e.getMessage());
    }
  }

  private static String json(Model model, Result r) {
    return String.format(
        Locale.ROOT,
        "{\"precision\": \"%s\", \"class\": %d, \"steps\": %d, \"marginSpikes\": %.3f, \"micros\":"
            + " %d}%n",
        model.precision(),
        r.answer(),
        r.steps(),
        r.margin(),
        r.nanos() / 1000);
  }

  private void health(HttpExchange exchange) throws IOException {
    try (exchange) {
      Http.send(exchange, Answer.text(200, "alive"));
    }
  }

  private void ready(HttpExchange exchange) throws IOException {
    try (exchange) {
      Http.send(
          exchange, stopping ? STOPPING : model == null ? STARTING : Answer.text(200, "ready"));
    }
  }

  private void metrics(HttpExchange exchange) throws IOException {
    try (exchange) {
      String text =
          model != null
              ? metrics.text(
                  model.generation(),
                  model.kernel(),
                  workers.getActiveCount(),
                  workers.getQueue().size())
              : "";
      Http.send(exchange, new Answer(200, text, Http.TEXT + "; version=0.0.4"));
    }
  }

  /**
   * Refuses what comes from now on, answers what has begun, and closes the model. To be called
   * once.
   */
  @Override
  public void close() {
    synchronized (this) {
      stopping = true;
    }
    watcher.close();
    try {
      begun.awaitAdvanceInterruptibly(
          begun.arriveAndDeregister(), options.stopping().toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      System.err.println("requests are cut off that have not ended in " + options.stopping());
    }
    // Nothing is waited for from here on: the last request that holds the model closes it.
    server.stop(0);
    workers.shutdown();
    readers.shutdown();
    if (model != null) {
      model.close();
    }
    admin.stop(0);
    admins.shutdown();
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 3 || args.length > 6) {
      System.err.println("expected MODEL PORT STEPS [ADMIN-PORT [THREADS [WARM-UP-SECONDS]]]");
      System.exit(2);
    }
    int adminPort = args.length > 3 ? Integer.parseInt(args[3]) : 0;
    int threads =
        args.length > 4 ? Integer.parseInt(args[4]) : Runtime.getRuntime().availableProcessors();
    ServiceOptions options =
        ServiceOptions.of(Integer.parseInt(args[1]), adminPort, Integer.parseInt(args[2]), threads);
    if (args.length > 5) {
      options = options.warmingUp(Duration.ofSeconds(Integer.parseInt(args[5])));
    }
    HttpService service = new HttpService(options);
    Runtime.getRuntime().addShutdownHook(new Thread(service::close));
    System.out.println("http://localhost:" + service.port() + "/classify");
    System.out.println("http://localhost:" + service.adminPort() + "/metrics");
    try {
      service.open(Path.of(args[0]));
    } catch (Exception | OutOfMemoryError e) {
      System.err.println("the model was not taken: " + e.getMessage());
      System.exit(1);
    }
  }
}
