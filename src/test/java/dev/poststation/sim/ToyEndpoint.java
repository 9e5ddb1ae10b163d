package dev.poststation.sim;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// An endpoint that takes mail by POST and keeps what has another Idempotency-Key, over real HTTP
/// or HTTPS on a port of 127.0.0.1.
public final class ToyEndpoint implements AutoCloseable {
  /// What is answered.
  ///
  /// @param status 0: it takes the mail and hangs up without an answer
  public record Answer(int status, Map<String, String> headers, String body, Ending ending) {
    /// One that is whole.
    public Answer(int status, Map<String, String> headers, String body) {
      this(status, headers, body, Ending.WHOLE);
    }

    /// One without header and body.
    public Answer(int status) {
      this(status, Map.of(), "");
    }
  }

  /// What becomes of the body of an answer.
  public enum Ending {
    /// It comes.
    WHOLE,
    /// More was announced, but the connection ends.
    TORN,
    /// More was announced, and never comes.
    NEVER
  }

  /// A request that came wholly.
  public record Asked(String method, String path, Map<String, List<String>> headers, byte[] body) {
    /// The only value of a field; empty: there is none.
    public String header(String name) {
      return String.join(" | ", headers.getOrDefault(name, List.of()));
    }

    /// The body as text.
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private final HttpServer server;
  private final String scheme;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answer> next = new ConcurrentLinkedQueue<>();
  private final AtomicInteger knocks = new AtomicInteger();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final Map<String, Asked> kept = new ConcurrentHashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);

  private ToyEndpoint(HttpServer server, String scheme) {
    this.server = server;
    this.scheme = scheme;
  }

  /// Starts one that takes everything, with a certificate of `ToyIssuer.AUTHORITY`.
  public static ToyEndpoint start() throws Exception {
    var server = HttpsServer.create(at(0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    return new ToyEndpoint(server, "https").started();
  }

  /// The same in clear.
  ///
  /// @param port 0: any
  public static ToyEndpoint inClear(int port) throws IOException {
    return new ToyEndpoint(HttpServer.create(at(port), 10), "http").started();
  }

  private static InetSocketAddress at(int port) {
    return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port);
  }

  private ToyEndpoint started() {
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    return this;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /// Where mail is posted.
  public String url() {
    return scheme + "://127.0.0.1:" + port() + "/journal";
  }

  /// What is answered next, once each.
  public ToyEndpoint answers(Answer... answers) {
    next.addAll(List.of(answers));
    return this;
  }

  /// The requests that came.
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  /// Requests that only asked whether it is there.
  public int knocks() {
    return knocks.get();
  }

  /// What was taken, each key once.
  public Map<String, Asked> kept() {
    return Map.copyOf(kept);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      if (exchange.getRequestMethod().equals("OPTIONS")) {
        knocks.incrementAndGet();
        exchange.sendResponseHeaders(405, -1);
        return;
      }
      Map<String, List<String>> headers = new ConcurrentHashMap<>();
      exchange
          .getRequestHeaders()
          .forEach((name, values) -> headers.put(name, List.copyOf(values)));
      var request =
          new Asked(
              exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body);
      var given = next.poll();
      var answer = given == null ? new Answer(200) : given;
      if (answer.status < 300) {
        kept.putIfAbsent(request.header("Idempotency-key"), request);
      }
      asked.add(request);
      if (answer.status == 0) {
        return;
      }
      answer.headers.forEach(exchange.getResponseHeaders()::set);
      byte[] text = answer.body.getBytes(StandardCharsets.UTF_8);
      int more = answer.ending == Ending.WHOLE ? 0 : 1;
      exchange.sendResponseHeaders(answer.status, text.length == 0 ? -1 : text.length + more);
      if (text.length > 0) {
        exchange.getResponseBody().write(text);
      }
      if (more > 0) {
        exchange.getResponseBody().flush();
      }
      if (answer.ending == Ending.NEVER) {
        await();
      }
    }
  }

  private void await() throws IOException {
    try {
      end.await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
