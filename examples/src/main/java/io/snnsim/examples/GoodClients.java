// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import io.snnsim.api.Precision;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that ask a {@link HttpService} all the while, one image after another, and compare every
 * answer. What is refused for now (503) they ask again. Thread-safe.
 */
final class GoodClients implements AutoCloseable {
  private static final long AGAIN_MILLIS = 5;

  private final HttpClient client = HttpClient.newHttpClient();
  private final AtomicLong answered = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final AtomicLong postponed = new AtomicLong();
  private final Map<Precision, AtomicLong> by = new EnumMap<>(Precision.class);
  private final AtomicBoolean stop = new AtomicBoolean();
  private final List<Thread> threads = new ArrayList<>();
  private final List<HttpRequest> posts = new ArrayList<>();
  private final KnownImages known;
  private final HttpRequest metrics;

  GoodClients(int clients, int port, int adminPort, KnownImages known) {
    this.known = known;
    known.classes().keySet().forEach(p -> by.put(p, new AtomicLong()));
    URI classify = URI.create("http://localhost:" + port + "/classify");
    for (byte[] image : known.images()) {
      posts.add(
          HttpRequest.newBuilder(classify)
              .POST(HttpRequest.BodyPublishers.ofByteArray(image))
              .build());
    }
    metrics =
        HttpRequest.newBuilder(URI.create("http://localhost:" + adminPort + "/metrics")).build();
    for (int i = 0; i < clients; i++) {
      int first = i;
      threads.add(Thread.ofPlatform().start(() -> ask(first)));
    }
  }

  /** True once they were told to end. */
  boolean ended() {
    return stop.get();
  }

  /** Right answers. */
  long answered() {
    return answered.get();
  }

  /** Right answers by model. */
  Map<Precision, AtomicLong> by() {
    return by;
  }

  /** Requests without an answer, or with a wrong one; each is printed. */
  long lost() {
    return lost.get();
  }

  /** Requests that were told to come again. */
  long postponed() {
    return postponed.get();
  }

  private void ask(int first) {
    for (int i = first; !stop.get(); i = (i + 1) % posts.size()) {
      try {
        HttpResponse<String> response =
            client.send(posts.get(i), HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() == 503
            && response.headers().firstValue("Retry-After").isPresent()) {
          postponed.incrementAndGet();
          // Sooner than it says: the service must not depend on patience.
          Thread.sleep(AGAIN_MILLIS);
        } else {
          check(i, response);
        }
      } catch (Exception e) {
        lost("image " + i + ": " + e);
      }
    }
  }

  private void check(int image, HttpResponse<String> response) {
    Precision model = response.statusCode() == 200 ? known.rightBy(image, response.body()) : null;
    if (model == null) {
      lost("image " + image + ": " + response.statusCode() + " " + response.body());
    } else {
      by.get(model).incrementAndGet();
      answered.incrementAndGet();
    }
  }

  private void lost(String why) {
    lost.incrementAndGet();
    System.err.println(why);
  }

  /** Waits until /metrics has a line; the load goes on meanwhile. */
  void await(String line) throws Exception {
    long until = System.nanoTime() + 60_000_000_000L;
    String text;
    do {
      Thread.sleep(20);
      text = client.send(metrics, HttpResponse.BodyHandlers.ofString()).body();
      if (System.nanoTime() > until) {
        throw new IllegalStateException("no line with " + line + " in\n" + text);
      }
    } while (text.lines().noneMatch(l -> matches(l, line)));
  }

  private static boolean matches(String found, String wanted) {
    return found.replaceAll("\\{.*\\}", "").equals(wanted);
  }

  /** Waits for some more answers. */
  void more(int n) throws Exception {
    long until = answered.get() + n;
    while (answered.get() < until && lost.get() == 0) {
      Thread.sleep(5);
    }
  }

  /** Lets them end with the answers that they wait for. */
  void end() {
    stop.set(true);
    try {
      for (Thread t : threads) {
        t.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    end();
    client.close();
  }
}
