package dev.poststation.sim;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A stand-in for Microsoft Graph that takes mail by `sendMail` as the documented one does, errors
/// included: over real HTTPS on a port of 127.0.0.1.
public final class ToyGraph implements AutoCloseable {
  /// What is answered: a status, a code, and seconds in Retry-After.
  public record Answer(int status, String code, int retryAfter) {
    /// One without Retry-After.
    public Answer(int status, String code) {
      this(status, code, 0);
    }
  }

  /// A request that came.
  ///
  /// @param mail what its BASE64 stood for
  public record Asked(String path, String type, String authorization, String mail) {}

  private final HttpsServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answer> next = new ConcurrentLinkedQueue<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();

  private final Set<Integer> callers = ConcurrentHashMap.newKeySet();

  private ToyGraph(HttpsServer server) {
    this.server = server;
  }

  /// Starts one, that takes everything.
  public static ToyGraph start() throws Exception {
    var server =
        HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    var graph = new ToyGraph(server);
    server.setExecutor(graph.threads);
    server.createContext("/", graph::serve);
    server.start();
    return graph;
  }

  public int port() {
    return server.getAddress().getPort();
  }

  /// What is answered next, once each.
  public ToyGraph answers(Answer... answers) {
    next.addAll(List.of(answers));
    return this;
  }

  /// From how many connections requests came.
  public int connections() {
    return callers.size();
  }

  /// The requests that came.
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      var headers = exchange.getRequestHeaders();
      String mail;
      try {
        mail = new String(Base64.getDecoder().decode(body), StandardCharsets.UTF_8);
      } catch (IllegalArgumentException _) {
        say(exchange, new Answer(400, "ErrorMimeContentInvalidBase64String"));
        return;
      }
      callers.add(exchange.getRemoteAddress().getPort());
      asked.add(
          new Asked(
              exchange.getRequestURI().getRawPath(),
              headers.getFirst("Content-Type"),
              headers.getFirst("Authorization"),
              mail));
      var answer = next.poll();
      say(exchange, answer == null ? new Answer(202, "") : answer);
    }
  }

  private static void say(HttpExchange exchange, Answer answer) throws IOException {
    exchange.getResponseHeaders().set("request-id", "b0f2-7c");
    if (answer.retryAfter > 0) {
      exchange.getResponseHeaders().set("Retry-After", answer.retryAfter + "");
    }
    if (answer.code.isEmpty()) {
      exchange.sendResponseHeaders(answer.status, -1);
      return;
    }
    byte[] body =
        "{\"error\":{\"code\":\"%s\",\"message\":\"It says \\\"%s\\\".\",\"innerError\":{\"code\":\"x\"}}}"
            .formatted(answer.code, exchange.getRequestHeaders().getFirst("Authorization"))
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(answer.status, body.length);
    exchange.getResponseBody().write(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
