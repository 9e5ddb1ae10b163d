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
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// A stand-in for an object store that speaks S3, for what a real one cannot be made to do: it
/// looks at signatures, writes down each request, and answers as it is told.
public final class ToyStore implements AutoCloseable {
  /// How a request is answered.
  public enum Answer {
    /// As a store does that has all.
    GOOD(200, ""),
    /// It has too much to do.
    SLOW_DOWN(503, "SlowDown"),
    /// It has a fault.
    FAULT(500, "InternalError"),
    /// The key may not.
    DENIED(403, "AccessDenied"),
    /// It does not know what is asked for.
    UNKNOWN(501, "NotImplemented"),
    /// It takes no object of that size.
    TOO_LARGE(400, "EntityTooLarge"),
    /// The bucket is not there.
    NO_BUCKET(404, "NoSuchBucket"),
    /// The object is there, but the connection ends before the answer.
    LOST(0, ""),
    /// The object is there, but the answer never comes.
    SILENT(0, "");

    private final int status;
    private final String code;

    Answer(int status, String code) {
      this.status = status;
      this.code = code;
    }
  }

  /// A request that came.
  ///
  /// @param path with the query
  /// @param fields by their names in lower case
  public record Asked(String method, String path, Map<String, String> fields, byte[] body) {
    /// One of its fields; empty: it has none of this name.
    public String field(String name) {
      return fields.getOrDefault(name, "");
    }

    /// Its body.
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Queue<Answer> next = new ConcurrentLinkedQueue<>();
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile Answer always = Answer.GOOD;
  private volatile String lock = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";

  private volatile String retention = "<Retention><Mode>COMPLIANCE</Mode></Retention>";
  private volatile Answer ofLocks = Answer.GOOD;
  private volatile String denied = "";
  private volatile String hidden = "";

  private ToyStore(HttpServer server) {
    this.server = server;
  }

  /// Starts one that speaks HTTP.
  public static ToyStore start() throws IOException {
    return begin(HttpServer.create(loopback(), 10));
  }

  /// Starts one that speaks HTTPS, with the certificate of [ToyIssuer].
  public static ToyStore startTls() throws Exception {
    var server = HttpsServer.create(loopback(), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    return begin(server);
  }

  private static InetSocketAddress loopback() {
    return new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);
  }

  private static ToyStore begin(HttpServer server) {
    var store = new ToyStore(server);
    server.setExecutor(store.threads);
    server.createContext("/", store::serve);
    server.start();
    return store;
  }

  /// The secret of its only key.
  public static final String SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

  public int port() {
    return server.getAddress().getPort();
  }

  /// How the next requests are answered, once each.
  public ToyStore answers(Answer... answers) {
    next.addAll(List.of(answers));
    return this;
  }

  /// How all others are answered.
  public void always(Answer answer) {
    always = answer;
  }

  /// What it says of the locks of its bucket.
  public void locks(String document) {
    lock = document;
  }

  /// What it says of the lock of each object; empty: it has none.
  public void retains(String document) {
    retention = document;
  }

  /// How it answers who asks for the lock of an object.
  public void answersOfLocks(Answer answer) {
    ofLocks = answer;
  }

  /// An object that nobody may read; another call lets all be read again.
  public void denies(String path) {
    denied = path;
  }

  /// An object that came when it had made its list; another call lists all.
  public void hides(String path) {
    hidden = path;
  }

  /// The requests that came.
  public List<Asked> asked() {
    return List.copyOf(asked);
  }

  /// Somebody else changes an object; null: removes it.
  public void change(String path, byte @Nullable [] body) {
    if (body == null) {
      objects.remove(path);
    } else {
      objects.put(path, body);
    }
  }

  /// What it has, by path.
  public Map<String, byte[]> objects() {
    return new TreeMap<>(objects);
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      Map<String, String> fields = new TreeMap<>();
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) ->
                  fields.put(name.toLowerCase(Locale.ROOT), String.join(",", values)));
      byte[] body = exchange.getRequestBody().readAllBytes();
      String path = exchange.getRequestURI().toString();
      asked.add(new Asked(exchange.getRequestMethod(), path, fields, body));
      String flaw =
          SigV4.flaw(exchange.getRequestMethod(), exchange.getRequestURI(), fields, body, SECRET);
      if (!flaw.isEmpty()) {
        say(exchange, 403, error("SignatureDoesNotMatch"));
        return;
      }
      if (path.endsWith("?object-lock")) {
        say(exchange, 200, "<ObjectLockConfiguration>" + lock + "</ObjectLockConfiguration>");
        return;
      }
      if (path.endsWith("?retention") && ofLocks != Answer.GOOD) {
        say(exchange, ofLocks.status, error(ofLocks.code));
        return;
      }
      if (path.endsWith("?retention")) {
        say(exchange, retention.isEmpty() ? 404 : 200, retention);
        return;
      }
      if (path.equals(denied)) {
        say(exchange, 403, error("AccessDenied"));
        return;
      }
      if (exchange.getRequestMethod().equals("GET")) {
        give(exchange, fields.getOrDefault("range", ""));
        return;
      }
      var told = next.poll();
      answer(exchange, told == null ? always : told, path, fields, body);
    }
  }

  /// Lists the bucket, two objects at a time, or gives one.
  private void give(HttpExchange exchange, String range) throws IOException {
    var uri = exchange.getRequestURI();
    if (uri.getQuery() == null) {
      byte[] body = objects.get(uri.getPath());
      if (body == null) {
        say(exchange, 404, error("NoSuchKey"));
      } else if (range.isEmpty()) {
        say(exchange, 200, new String(body, StandardCharsets.UTF_8));
      } else if (body.length == 0) {
        say(exchange, 416, error("InvalidRange"));
      } else {
        int count = Math.min(body.length, Integer.parseInt(range.replace("bytes=0-", "")) + 1);
        say(exchange, 206, new String(body, 0, count, StandardCharsets.UTF_8));
      }
      return;
    }
    Map<String, String> query = new TreeMap<>();
    for (String each : uri.getQuery().split("&")) {
      String[] both = each.split("=", 2);
      query.put(both[0], both.length < 2 ? "" : both[1]);
    }
    String after = query.getOrDefault("continuation-token", query.getOrDefault("start-after", ""));
    var text = new StringBuilder("<ListBucketResult>");
    int count = 0;
    String last = "";
    for (String path : objects().keySet()) {
      String key = path.substring(uri.getPath().length() + 1);
      if (path.equals(hidden)
          || !key.startsWith(query.getOrDefault("prefix", ""))
          || key.compareTo(after) <= 0) {
        continue;
      }
      if (count++ == 2) {
        text.append("<NextContinuationToken>").append(last).append("</NextContinuationToken>");
        break;
      }
      last = key;
      text.append("<Contents><Key>").append(key).append("</Key></Contents>");
    }
    say(exchange, 200, text + "</ListBucketResult>");
  }

  private void answer(
      HttpExchange exchange, Answer answer, String path, Map<String, String> fields, byte[] body)
      throws IOException {
    if (answer.status >= 300) {
      say(exchange, answer.status, error(answer.code));
      return;
    }
    boolean there = fields.containsKey("if-none-match") && objects.containsKey(path);
    if (!there) {
      objects.put(path, body);
    }
    switch (answer) {
      case LOST -> throw new IOException("the connection ends");
      case SILENT -> await();
      default -> {
        if (there) {
          say(exchange, 412, error("PreconditionFailed"));
        } else {
          say(exchange, 200, "");
        }
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

  private static String error(String code) {
    return "<?xml version=\"1.0\"?>\n<Error><Code>"
        + code
        + "</Code><Message>It is so.</Message></Error>";
  }

  private static void say(HttpExchange exchange, int status, String body) throws IOException {
    byte[] octets = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, octets.length == 0 ? -1 : octets.length);
    if (octets.length > 0) {
      exchange.getResponseBody().write(octets);
    }
  }

  @Override
  public void close() {
    end.countDown();
    server.stop(0);
    threads.close();
  }
}
