// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import java.io.BufferedReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A {@link HttpService} as a process of its own, and bytes sent to it as no HTTP client would.
 * Thread-safe.
 */
final class ServiceProcess implements AutoCloseable {
  /** Longer than the service lets a connection be open. */
  private static final int PATIENCE_MILLIS = 20_000;

  /** Longer than the longest warm-up. */
  private static final long READY_NANOS = 180_000_000_000L;

  private final Process process;
  private final int port;
  private final int adminPort;

  /**
   * Starts it and waits until it listens; it is not ready then.
   *
   * @param warmUpSeconds most time until it is ready
   * @param flags of its JVM
   */
  ServiceProcess(Path model, int steps, int threads, int warmUpSeconds, String... flags)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Collections.addAll(command, flags);
    Collections.addAll(command, "-XX:+UseSerialGC", "-Xmx128m");
    Collections.addAll(command, "-cp", System.getProperty("java.class.path"));
    Collections.addAll(
        command,
        HttpService.class.getName(),
        model.toString(),
        "0",
        String.valueOf(steps),
        "0",
        String.valueOf(threads),
        String.valueOf(warmUpSeconds));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    // What it prints are two addresses.
    BufferedReader out = process.inputReader();
    port = port(out.readLine());
    adminPort = port(out.readLine());
  }

  private static int port(String address) {
    if (address == null) {
      throw new IllegalStateException("the service did not start");
    }
    return Integer.parseInt(address.replaceAll("\\D", ""));
  }

  int port() {
    return port;
  }

  int adminPort() {
    return adminPort;
  }

  /** A connection on which reading ends in a SocketTimeoutException if it is never closed. */
  Socket connect() throws Exception {
    return connect(port);
  }

  private static Socket connect(int port) throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(PATIENCE_MILLIS);
    return socket;
  }

  /** All that comes until the other side closes. */
  static String answer(Socket socket) throws Exception {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  /** What the admin port says. */
  String ask(String path) throws Exception {
    try (Socket socket = connect(adminPort)) {
      send(socket, "GET " + path + " HTTP/1.1\r\nConnection: close\r\n\r\n");
      return answer(socket);
    }
  }

  /** Posts a whole image on a connection of its own. */
  String classify(byte[] image) throws Exception {
    try (Socket socket = connect()) {
      send(socket, head(image.length) + "Connection: close\r\n\r\n");
      socket.getOutputStream().write(image);
      return answer(socket);
    }
  }

  /** The head of a request but for the empty line at its end. */
  static String head(long bytes) {
    return "POST /classify HTTP/1.1\r\nContent-Length: " + bytes + "\r\n";
  }

  static void send(Socket socket, String text) throws Exception {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Waits until images are taken; until then it must say so. */
  void awaitReady() throws Exception {
    long until = System.nanoTime() + READY_NANOS;
    String answer = ask("/ready");
    while (!answer.startsWith("HTTP/1.1 200 ")) {
      if (!answer.startsWith("HTTP/1.1 503 ") || !answer.endsWith("starting\n")) {
        throw new IllegalStateException("while it starts: " + answer);
      }
      if (System.nanoTime() > until) {
        throw new IllegalStateException("never ready");
      }
      Thread.sleep(20);
      answer = ask("/ready");
    }
  }

  /** Asks it to end, with SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** Waits for its end. */
  int end() throws Exception {
    if (!process.waitFor(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
      throw new IllegalStateException("the service does not end");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
