// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import io.snnsim.api.Model;
import io.snnsim.api.Precision;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Replaces a model under load and counts what is lost: {@code HotSwap OLD NEW IMAGES FOLDER}.
 * IMAGES holds images one after another, each as raw bytes [y][x][channel]; beside each model lies
 * {@code MODEL.answers} with the classes, one a line, that {@code snnsim run} gave them after
 * {@value #STEPS} steps. The models differ in precision, by which an answer says whose it is.
 *
 * <p>Three swaps: to NEW, to a damaged file, which must not be taken, and back to OLD. Fails unless
 * every request was answered, with the very class that the model has for that image.
 */
public final class HotSwap {
  private static final int CLIENTS = 2;
  static final int STEPS = 16;
  private static final Pattern ANSWER =
      Pattern.compile("\\{\"precision\": \"(\\w+)\", \"class\": (\\d+), .*\\R?");

  /** A service that is asked all the while. */
  private static final class Load implements AutoCloseable {
    final HttpClient client = HttpClient.newHttpClient();
    final AtomicLong answered = new AtomicLong();
    final AtomicLong lost = new AtomicLong();
    final Map<Precision, AtomicLong> by = new EnumMap<>(Precision.class);
    private final AtomicBoolean stop = new AtomicBoolean();
    private final List<Thread> threads = new ArrayList<>();
    private final List<HttpRequest> posts = new ArrayList<>();
    private final HttpRequest metrics;
    private final Map<Precision, int[]> expected;

    /**
     * @param expected by model, the class of every image
     */
    Load(int port, List<byte[]> images, Map<Precision, int[]> expected) {
      this.expected = expected;
      expected.keySet().forEach(p -> by.put(p, new AtomicLong()));
      URI base = URI.create("http://localhost:" + port);
      for (byte[] image : images) {
        posts.add(
            HttpRequest.newBuilder(base.resolve("/classify"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(image))
                .build());
      }
      metrics = HttpRequest.newBuilder(base.resolve("/metrics")).build();
      for (int i = 0; i < CLIENTS; i++) {
        int first = i;
        threads.add(Thread.ofPlatform().start(() -> ask(first)));
      }
    }

    private void ask(int first) {
      for (int i = first; !stop.get(); i = (i + 1) % posts.size()) {
        try {
          answered(i, client.send(posts.get(i), HttpResponse.BodyHandlers.ofString()));
        } catch (Exception e) {
          lost("image " + i + ": " + e);
        }
      }
    }

    private void answered(int image, HttpResponse<String> response) {
      Matcher m = ANSWER.matcher(response.body());
      if (response.statusCode() != 200 || !m.matches()) {
        lost("image " + image + ": " + response.statusCode() + " " + response.body());
        return;
      }
      Precision model = Precision.valueOf(m.group(1));
      int wanted = expected.get(model)[image];
      if (Integer.parseInt(m.group(2)) == wanted) {
        answered.incrementAndGet();
        by.get(model).incrementAndGet();
      } else {
        lost("image " + image + ": expected class " + wanted + ", found " + response.body());
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
      } while (!text.lines().anyMatch(l -> matches(l, line)));
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

    @Override
    public void close() {
      stop.set(true);
      try {
        for (Thread t : threads) {
          t.join();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      client.close();
    }
  }

  public static void main(String[] args) throws Exception {
    Path old = Path.of(args[0]);
    Path replacement = Path.of(args[1]);
    Path served = Path.of(args[3]).resolve("served.snn");
    Map<Precision, int[]> expected = new EnumMap<>(Precision.class);
    int bytes = answers(old, expected);
    answers(replacement, expected);
    List<byte[]> images = images(Path.of(args[2]), bytes);
    Files.copy(old, served, StandardCopyOption.REPLACE_EXISTING);
    try (HttpService service = new HttpService(served, 0, STEPS, CLIENTS + 1);
        Load load = new Load(service.port(), images, expected)) {
      load.more(100);
      replace(Files.readAllBytes(replacement), served);
      load.await("snnsim_model_generation 2");
      load.more(100);
      replace(new byte[] {1, 2, 3}, served);
      load.await("snnsim_model_swaps_failed_total 1");
      load.more(100);
      replace(Files.readAllBytes(old), served);
      load.await("snnsim_model_generation 3");
      load.more(100);
      System.out.println(
          load.answered
              + " requests "
              + load.by
              + " answered over 2 swaps and a refused one, lost or wrong "
              + load.lost);
      if (load.lost.get() > 0) {
        System.exit(1);
      }
    }
  }

  /** Reads what a model answers, and returns the bytes of an image. */
  private static int answers(Path model, Map<Precision, int[]> expected) throws Exception {
    int[] classes =
        Files.readAllLines(model.resolveSibling(model.getFileName() + ".answers")).stream()
            .mapToInt(Integer::parseInt)
            .toArray();
    try (Model m = Model.open(model)) {
      expected.put(m.precision(), classes);
      return m.inputShape().size();
    }
  }

  private static List<byte[]> images(Path file, int bytes) throws Exception {
    byte[] all = Files.readAllBytes(file);
    List<byte[]> images = new ArrayList<>();
    for (int at = 0; at < all.length; at += bytes) {
      images.add(Arrays.copyOfRange(all, at, at + bytes));
    }
    return images;
  }

  /** Under another name first, then renamed over the old: nobody ever sees half a file. */
  private static void replace(byte[] bytes, Path served) throws Exception {
    Path beside = served.resolveSibling("served.new");
    Files.write(beside, bytes);
    Files.move(beside, served, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
