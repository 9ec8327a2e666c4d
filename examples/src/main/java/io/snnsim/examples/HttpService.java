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
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Classifies posted images on the JDK's own HTTP server: {@code HttpService MODEL PORT STEPS}.
 *
 * <pre>
 * POST /classify   body: raw bytes [y][x][channel]; answer: JSON
 * GET  /metrics    Prometheus text
 * </pre>
 *
 * <p>Replacing the model's file by a rename is noticed within a tenth of a second; no request is
 * lost. An image of the wrong size is answered by 400, too many at a time by 503.
 */
public final class HttpService implements AutoCloseable {
  private static final int MOST_BYTES = 1 << 24;
  private static final Duration WARM_UP = Duration.ofSeconds(1);

  private final SwappingModel model;
  private final RunOptions options;
  private final Metrics metrics = new Metrics();
  private final HttpServer server;
  private final ExecutorService workers;
  private final ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor();

  /** Listens on the loopback interface; port 0 is any free one. */
  public HttpService(Path file, int port, int steps, int threads) throws Exception {
    model = new SwappingModel(file, threads, WARM_UP);
    options = RunOptions.steps(steps);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    workers = Executors.newFixedThreadPool(threads);
    server.setExecutor(workers);
    server.createContext("/classify", this::classify);
    server.createContext("/metrics", this::metrics);
    server.start();
    watcher.scheduleWithFixedDelay(this::look, 100, 100, TimeUnit.MILLISECONDS);
  }

  /** Port that it listens on. */
  public int port() {
    return server.getAddress().getPort();
  }

  private void look() {
    try {
      if (model.refresh()) {
        System.err.println("model " + model.generation() + " taken");
      }
    } catch (Exception e) {
      // The old model goes on.
      metrics.swapFailed();
      System.err.println("the new model was not taken: " + e.getMessage());
    }
  }

  private void classify(HttpExchange exchange) throws IOException {
    long begun = System.nanoTime();
    try (exchange) {
      if (!exchange.getRequestMethod().equals("POST")) {
        answer(exchange, 405, "post an image\n", "text/plain");
        return;
      }
      ByteBuffer image = ByteBuffer.wrap(exchange.getRequestBody().readNBytes(MOST_BYTES));
      int code = 200;
      String body;
      try {
        body = model.with(s -> json(s.model(), s.classify(image, ImageFormat.U8_HWC, options)));
      } catch (SnnsimException e) {
        code = e.category() == Category.IN_USE ? 503 : 400;
        body = e.getMessage() + "\n";
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        code = 503;
        body = "stopping\n";
      }
      metrics.answered(code, System.nanoTime() - begun);
      answer(exchange, code, body, code == 200 ? "application/json" : "text/plain");
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

  private void metrics(HttpExchange exchange) throws IOException {
    try (exchange) {
      String text = metrics.text(model.generation(), model.kernel());
      answer(exchange, 200, text, "text/plain; version=0.0.4");
    }
  }

  private static void answer(HttpExchange exchange, int code, String body, String type)
      throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.sendResponseHeaders(code, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /** Stops listening; requests that have begun get a second to end. */
  @Override
  public void close() {
    watcher.close();
    server.stop(1);
    workers.close();
    model.close();
  }

  public static void main(String[] args) throws Exception {
    int threads = Runtime.getRuntime().availableProcessors();
    HttpService service =
        new HttpService(
            Path.of(args[0]), Integer.parseInt(args[1]), Integer.parseInt(args[2]), threads);
    Runtime.getRuntime().addShutdownHook(new Thread(service::close));
    System.out.println("http://localhost:" + service.port() + "/classify");
  }
}
