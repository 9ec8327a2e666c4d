// SPDX-License-Identifier: Apache-2.0
package io.snnsim.examples;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * What the service does with the JDK's HTTP server: its limits, bodies of a bounded length,
 * answers. Stateless and thread-safe.
 */
final class Http {
  static final String TEXT = "text/plain";

  /** Connections to a port, each of which may hold one image; more are closed at once. */
  private static final int CONNECTIONS = 1000;

  /** As much of a body that is too long is read and dropped, so that the refusal arrives. */
  private static final long DROPPED = 1L << 26;

  /**
   * The server's own limits, which it reads when it is first used: seconds in which a request must
   * be there whole, head and body; in which it must be answered and the answer taken; after which a
   * connection without a request is closed.
   */
  private static final Map<String, String> LIMITS =
      Map.of(
          "sun.net.httpserver.maxReqTime", "5",
          "sun.net.httpserver.maxRspTime", "30",
          "sun.net.httpserver.idleInterval", "30",
          "sun.net.httpserver.timerMillis", "250",
          "sun.net.httpserver.clockTick", "1000",
          "sun.net.httpserver.maxReqHeaders", "50",
          "sun.net.httpserver.maxReqHeaderSize", "16384",
          "jdk.httpserver.maxConnections", String.valueOf(CONNECTIONS));

  static {
    // What the command line says with -D goes first.
    LIMITS.forEach((name, value) -> System.getProperties().putIfAbsent(name, value));
  }

  /** An answer with a body of text or JSON. */
  record Answer(int code, String body, String type) {
    static Answer text(int code, String line) {
      return new Answer(code, line + "\n", TEXT);
    }
  }

  private Http() {}

  /** A server on the loopback interface that is not started yet. */
  static HttpServer server(int port, Executor threads, Map<String, HttpHandler> handlers)
      throws IOException {
    HttpServer server =
        HttpServer.create(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECTIONS);
    server.setExecutor(threads);
    handlers.forEach(server::createContext);
    return server;
  }

  /**
   * Reads a body.
   *
   * @return null if it is longer than {@code most}; then some of it may be unread
   */
  static byte[] body(HttpExchange exchange, int most) throws IOException {
    String declared = exchange.getRequestHeaders().getFirst("Content-Length");
    // The server has refused what is no number.
    if (declared != null && Long.parseLong(declared) > most) {
      return null;
    }
    byte[] bytes = exchange.getRequestBody().readNBytes(most + 1);
    return bytes.length > most ? null : bytes;
  }

  static void send(HttpExchange exchange, Answer answer) throws IOException {
    byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", answer.type());
    if (answer.code() == 503) {
      exchange.getResponseHeaders().set("Retry-After", "1");
    }
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(answer.code(), -1);
      return;
    }
    exchange.sendResponseHeaders(answer.code(), bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /**
   * Sends an answer to a request whose body is not read, which ends the connection. Closing it
   * while the client still sends would be a reset, which takes the answer away: what comes is
   * dropped first, within the time and length that a request may have.
   */
  static void sendUnread(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("Connection", "close");
    send(exchange, answer);
    exchange.getResponseBody().flush();
    InputStream body = exchange.getRequestBody();
    long dropped = 0;
    long n;
    do {
      n = body.skip(1 << 16);
      dropped += n;
    } while (n > 0 && dropped < DROPPED);
  }
}
