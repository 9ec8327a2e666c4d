// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import static io.snnsim.examples.ServiceProcess.answer;
import static io.snnsim.examples.ServiceProcess.head;
import static io.snnsim.examples.ServiceProcess.send;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Clients that are slow, broken or greedy, while good ones must get right answers: {@code RoughLoad
 * MODEL IMAGES}, as {@link KnownImages} reads them. Fails unless every promise of {@link
 * HttpService} is kept.
 */
public final class RoughLoad {
  /** In which the service wants a request whole. */
  private static final int SECONDS = 2;

  private static final String SECONDS_OPTION = "-Dsun.net.httpserver.maxReqTime=" + SECONDS;
  private static final String VECTOR = "--add-modules=jdk.incubator.vector";

  /** Seconds until it is ready, longer than it takes to ask whether it is. */
  private static final int WARM_UP = 20;

  private static final int SLOW = 25;
  private static final int AT_ONCE = 200;
  private static final int MUCH = 20 << 20;

  /** Steps of images that are not done at once, by the scalar kernels, which need no warm-up. */
  private static final int LONG_RUN = 60;

  /** Images that wait for a service of one thread. */
  private static final int QUEUE = 4;

  private static final long SLOWEST_METRICS_NANOS = 2_000_000_000L;

  private final KnownImages known;
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();

  private RoughLoad(KnownImages known) {
    this.known = known;
  }

  public static void main(String[] args) throws Exception {
    Path model = Path.of(args[0]);
    RoughLoad load = new RoughLoad(KnownImages.read(Path.of(args[1]), model));
    try (ServiceProcess service =
        new ServiceProcess(model, HotSwap.STEPS, 2, WARM_UP, VECTOR, SECONDS_OPTION)) {
      load.early(service);
      load.roughly(service);
    }
    try (ServiceProcess service = new ServiceProcess(model, LONG_RUN, 1, 1, SECONDS_OPTION)) {
      service.awaitReady();
      load.stopped(service);
    }
    // What hangs must not keep this process.
    System.exit(0);
  }

  /** What comes while the model is warmed up: told to come again, and nothing of it fails. */
  private void early(ServiceProcess service) throws Exception {
    require(service.ask("/health").startsWith("HTTP/1.1 200 "), "not alive while it starts");
    require(service.ask("/ready").startsWith("HTTP/1.1 503 "), "ready before it was warmed up");
    requirePostponed(service.classify(known.images().getFirst()));
    service.awaitReady();
  }

  private void roughly(ServiceProcess service) throws Exception {
    try (GoodClients good = new GoodClients(2, service.port(), service.adminPort(), known)) {
      good.more(20);
      Future<Long> metrics = clients.submit(() -> slowestMetrics(service, good));
      List<Future<?>> slow = slow(service);
      good.more(100);
      List<Future<?>> broken = broken(service);
      tooLong(service);
      int answered = atOnce(service);
      for (Future<?> f : slow) {
        f.get();
      }
      for (Future<?> f : broken) {
        f.get();
      }
      long before = good.answered();
      good.more(100);
      require(good.answered() > before, "no good client was answered");
      good.end();
      long slowest = metrics.get();
      require(slowest < SLOWEST_METRICS_NANOS, "metrics took " + slowest + " ns");
      System.out.println(
          slow.size()
              + " slow and "
              + broken.size()
              + " broken clients cut off, too long bodies refused, of "
              + AT_ONCE
              + " at once "
              + answered
              + " answered, the others told to come again; metrics within "
              + slowest / 1_000_000
              + " ms");
      System.out.println(
          "good clients: "
              + good.answered()
              + " answers, told to come again "
              + good.postponed()
              + ", lost or wrong "
              + good.lost());
      require(good.lost() == 0, "answers were lost");
    }
  }

  /** Asks for the metrics until the good clients have ended; how long the slowest answer took. */
  private static long slowestMetrics(ServiceProcess service, GoodClients good) throws Exception {
    long slowest = 0;
    while (!good.ended()) {
      long since = System.nanoTime();
      String text = service.ask("/metrics");
      slowest = Math.max(slowest, System.nanoTime() - since);
      require(text.contains("\nsnnsim_images_waiting "), text);
      require(service.ask("/ready").startsWith("HTTP/1.1 200 "), "not ready");
      Thread.sleep(20);
    }
    return slowest;
  }

  /** Connections that begin a request and never end it. */
  private List<Future<?>> slow(ServiceProcess service) throws Exception {
    int size = known.images().getFirst().length;
    String[] begun = {
      "",
      "POST /classify HTTP/1.1\r\nContent-Le",
      head(size) + "\r\nhalf of an image",
      "POST /classify HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nhalf of"
    };
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < SLOW; i++) {
      for (String text : begun) {
        Socket socket = service.connect();
        send(socket, text);
        all.add(clients.submit(() -> cutOff(socket)));
      }
      Socket socket = service.connect();
      send(socket, head(size) + "\r\n");
      all.add(clients.submit(() -> trickle(socket)));
    }
    return all;
  }

  private static Void cutOff(Socket socket) throws Exception {
    try (socket) {
      require(answer(socket).isEmpty(), "half a request was answered");
    } catch (SocketTimeoutException e) {
      throw new IllegalStateException("half a request was never cut off", e);
    } catch (IOException e) {
      // A reset is as good.
    }
    return null;
  }

  /** A byte a time, which would keep a timeout that begins again with each from coming. */
  private static Void trickle(Socket socket) throws Exception {
    long until = System.nanoTime() + 10_000_000_000L * SECONDS;
    try (socket) {
      while (System.nanoTime() < until) {
        send(socket, "x");
        Thread.sleep(50);
      }
    } catch (IOException e) {
      return null;
    }
    throw new IllegalStateException("a byte a time was never cut off");
  }

  /** What is no request, and requests that are reset. */
  private List<Future<?>> broken(ServiceProcess service) {
    byte[] random = new byte[5000];
    new Random(1).nextBytes(random);
    String post = "POST /classify HTTP/1.1\r\n";
    List<String> wrong =
        List.of(
            new String(random, java.nio.charset.StandardCharsets.ISO_8859_1),
            "\r\n\r\n\r\n",
            "GET\r\n\r\n",
            "\u0016\u0003\u0001\u0002\u0000\u0001",
            "GET / HTTP/1.1\r\n\r\n",
            "GET /%zz HTTP/1.1\r\n\r\n",
            "GET /classify HTTP/1.1\r\n\r\n",
            post + "Content-Length: -5\r\n\r\n",
            post + "Content-Length: 99999999999999999999\r\n\r\n",
            post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n123456",
            post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n",
            post + "Transfer-Encoding: gzip\r\n\r\n",
            post + "Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            post + "Content-Length: 3\r\nConnection: close\r\n\r\n123",
            post + "X: " + "y".repeat(1 << 20),
            "G".repeat(1 << 20),
            post + "x: y\r\n".repeat(10_000) + "\r\n");
    List<Future<?>> all = new ArrayList<>();
    for (String text : wrong) {
      all.add(clients.submit(() -> refused(service, text)));
      all.add(clients.submit(() -> reset(service, text)));
      all.add(clients.submit(() -> reset(service, head(1000) + "\r\n" + text)));
    }
    return all;
  }

  private static Void refused(ServiceProcess service, String text) throws Exception {
    try (Socket socket = service.connect()) {
      send(socket, text);
      String answer = answer(socket);
      require(answer.isEmpty() || answer.matches("(?s)HTTP/1.1 [45].*"), text + "\n" + answer);
    } catch (SocketTimeoutException e) {
      throw new IllegalStateException("never ended: " + text, e);
    } catch (IOException e) {
      // A reset is as good.
    }
    return null;
  }

  private static Void reset(ServiceProcess service, String text) throws Exception {
    try (Socket socket = service.connect()) {
      socket.setSoLinger(true, 0);
      send(socket, text);
    } catch (IOException e) {
      // The service was faster.
    }
    return null;
  }

  /** Bodies that are much too long, which must be told so and not reset. */
  private static void tooLong(ServiceProcess service) throws Exception {
    byte[] part = new byte[1 << 16];
    try (Socket socket = service.connect()) {
      send(socket, head(MUCH) + "\r\n");
      OutputStream out = socket.getOutputStream();
      for (int sent = 0; sent < MUCH; sent += part.length) {
        out.write(part);
      }
      requireTooLong(answer(socket));
    }
    try (Socket socket = service.connect()) {
      send(socket, "POST /classify HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
      OutputStream out = socket.getOutputStream();
      for (int sent = 0; sent < MUCH; sent += part.length) {
        send(socket, "10000\r\n");
        out.write(part);
        send(socket, "\r\n");
      }
      send(socket, "0\r\n\r\n");
      requireTooLong(answer(socket));
    }
    try (Socket socket = service.connect()) {
      send(socket, head(Long.MAX_VALUE) + "\r\n");
      requireTooLong(answer(socket));
    }
  }

  private static void requireTooLong(String answer) {
    require(answer.startsWith("HTTP/1.1 413 "), "expected 413, found " + answer);
  }

  /** Returns how many were answered; the others must be told to come again. */
  private int atOnce(ServiceProcess service) throws Exception {
    List<Callable<String>> requests = new ArrayList<>();
    for (int i = 0; i < AT_ONCE; i++) {
      byte[] image = known.images().get(i % known.images().size());
      requests.add(() -> service.classify(image));
    }
    int answered = 0;
    List<Future<String>> answers = clients.invokeAll(requests);
    for (int i = 0; i < AT_ONCE; i++) {
      String answer = answers.get(i).get();
      if (answer.startsWith("HTTP/1.1 200 ")) {
        answered++;
        require(known.rightBy(i % known.images().size(), body(answer)) != null, answer);
      } else {
        requirePostponed(answer);
      }
    }
    return answered;
  }

  private static String body(String answer) {
    return answer.substring(answer.indexOf("\r\n\r\n") + 4);
  }

  private static void requirePostponed(String answer) {
    require(
        answer.startsWith("HTTP/1.1 503 ") && answer.toLowerCase().contains("\r\nretry-after: "),
        answer);
  }

  /** SIGTERM while one image is classified and the queue is full. */
  private void stopped(ServiceProcess service) throws Exception {
    byte[] image = known.images().getFirst();
    List<Future<String>> begun = new ArrayList<>();
    while (!service.ask("/metrics").contains("snnsim_images_waiting " + QUEUE + "\n")) {
      begun.add(clients.submit(() -> service.classify(image)));
    }
    requirePostponed(service.classify(image));
    require(service.ask("/ready").startsWith("HTTP/1.1 200 "), "not ready");
    begun.removeIf(Future::isDone);
    service.terminate();
    while (!service.ask("/ready").startsWith("HTTP/1.1 503 ")) {
      Thread.sleep(5);
    }
    require(service.ask("/health").startsWith("HTTP/1.1 200 "), "not alive while it stops");
    requirePostponed(service.classify(image));
    require(begun.stream().anyMatch(f -> !f.isDone()), "all was done before it was stopped");
    int answered = 0;
    for (Future<String> f : begun) {
      if (f.get().startsWith("HTTP/1.1 200 ")) {
        answered++;
      } else {
        // It came last.
        requirePostponed(f.get());
      }
    }
    require(answered >= QUEUE, "only " + answered + " images that waited were answered");
    int code = service.end();
    require(code == 128 + 15, "exit code " + code);
    System.out.println("stopped: images that had begun answered, new ones refused");
  }

  private static void require(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalStateException(otherwise);
    }
  }
}
