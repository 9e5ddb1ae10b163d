package dev.poststation.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.AdminAddress;
import dev.poststation.admin.AdminToken;
import dev.poststation.config.Loaded.Whereabouts;
import dev.poststation.config.Units;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The running relay, asked through its HTTP API. Whatever hinders that is a [Failure] with the
/// remedy. Confined to the main thread.
final class Api {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /// Acting on a million mails takes a while.
  private static final Duration ANSWER = Duration.ofMinutes(10);

  private final InetSocketAddress at;
  private final String token;
  private final String tokenFile;
  private final Duration patience;
  private final HttpClient http = HttpClient.newBuilder().connectTimeout(CONNECT).build();

  /// The relay that is found there.
  Api(Os os, Whereabouts relay) {
    this(os, relay, ANSWER);
  }

  /// @param patience how long an answer may take
  Api(Os os, Whereabouts relay, Duration patience) {
    this.patience = patience;
    var noted = AdminAddress.read(os, relay.data());
    this.at = reachable(noted.orElse(relay.admin()));
    this.tokenFile = AdminToken.file(relay.data()).toString();
    this.token = token(os, relay.data(), noted.isPresent());
  }

  /// Where all addresses are meant, this machine is one of them.
  private static InetSocketAddress reachable(InetSocketAddress bind) {
    return bind.getAddress().isAnyLocalAddress()
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), bind.getPort())
        : bind;
  }

  private String token(Os os, Path data, boolean hasRun) {
    try {
      return AdminToken.read(os, data);
    } catch (NoSuchFileException _) {
      if (hasRun) {
        throw new Failure(
            Exit.UNAUTHORISED,
            "The token "
                + tokenFile
                + " is gone, though a relay has run with this configuration: start the relay"
                + " again, which makes a new one.");
      }
      throw new Failure(
          Exit.UNREACHABLE,
          "No relay has run with this configuration, for there is no token "
              + tokenFile
              + ": start one with poststation run, or name another configuration with --config.");
    } catch (AccessDeniedException _) {
      throw new Failure(
          Exit.UNAUTHORISED,
          "The token "
              + tokenFile
              + " may not be read by this user: run the command as the user of the relay (sudo -u"
              + " USER poststation ...).");
    } catch (IOException e) {
      throw new Failure(
          Exit.UNAUTHORISED, "The token " + tokenFile + " cannot be read: " + e.getMessage() + ".");
    }
  }

  /// Asks for something.
  ///
  /// @param query parameters; those without value are left out
  ObjectNode get(String path, Map<String, String> query) {
    return answer(exchange(request(path, query).GET().build()));
  }

  /// The same; null when there is no such thing.
  @Nullable ObjectNode find(String path) {
    var response = exchange(request(path, Map.of()).GET().build());
    return response.statusCode() == 404 ? null : answer(response);
  }

  /// Tells it to do something.
  ObjectNode post(String path, ObjectNode body) {
    return answer(send(path, body));
  }

  /// The answer, also to what could not be done.
  ObjectNode tell(String path, ObjectNode body) {
    var response = send(path, body);
    return response.statusCode() == 409 ? object(response.body()) : answer(response);
  }

  /// Something large. To be closed.
  ///
  /// @param octets of it, about
  record Download(InputStream content, long octets) implements Closeable {
    @Override
    public void close() throws IOException {
      content.close();
    }
  }

  /// Asks for something large.
  Download download(String path) throws IOException {
    var response = exchange(request(path, Map.of()).GET().build(), BodyHandlers.ofInputStream());
    if (response.statusCode() == 200) {
      long octets = response.headers().firstValueAsLong("Poststation-Octets").orElse(0);
      return new Download(response.body(), octets);
    }
    try (var body = response.body()) {
      throw failure(response.statusCode(), new String(body.readAllBytes(), StandardCharsets.UTF_8));
    }
  }

  private HttpResponse<String> send(String path, ObjectNode body) {
    return exchange(
        request(path, Map.of())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
            .build());
  }

  private HttpRequest.Builder request(String path, Map<String, String> query) {
    String host = at.getAddress().getHostAddress();
    String parameters =
        query.entrySet().stream()
            .map(each -> each.getKey() + "=" + encoded(each.getValue()))
            .collect(Collectors.joining("&"));
    return HttpRequest.newBuilder(
            URI.create(
                "http://"
                    + IpText.at(host.replaceFirst("%.*", ""), at.getPort())
                    + "/api/v1/"
                    + path
                    + (parameters.isEmpty() ? "" : "?" + parameters)))
        .timeout(patience)
        .header("Authorization", "Bearer " + token);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private HttpResponse<String> exchange(HttpRequest request) {
    return exchange(request, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> handler) {
    try {
      return http.send(request, handler);
    } catch (HttpConnectTimeoutException _) {
      throw unreachable();
    } catch (HttpTimeoutException _) {
      throw new Failure(
          Exit.NO,
          "The relay at "
              + address()
              + " has not answered for "
              + Units.show(patience)
              + "; it goes on with what it was asked to do: look with poststation queue"
              + " list how far it is.");
    } catch (IOException _) {
      throw unreachable();
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      throw new Failure(Exit.NO, "Interrupted.");
    }
  }

  private Failure unreachable() {
    return new Failure(
        Exit.UNREACHABLE,
        "No relay answers at "
            + address()
            + " (admin.bind): start it with poststation run, or name its configuration with"
            + " --config.");
  }

  private String address() {
    return at.getAddress().getHostAddress() + ":" + at.getPort();
  }

  private ObjectNode answer(HttpResponse<String> response) {
    if (response.statusCode() == 200) {
      return object(response.body());
    }
    throw failure(response.statusCode(), response.body());
  }

  private Failure failure(int status, String body) {
    if (status == 401) {
      return new Failure(
          Exit.UNAUTHORISED,
          "The relay at "
              + address()
              + " does not take the token "
              + tokenFile
              + ": it runs with another data directory; name its configuration with --config.");
    }
    int exit =
        switch (status) {
          case 404, 503 -> Exit.NO;
          case 400, 409 -> Exit.WRONG;
          default -> Exit.INTERNAL;
        };
    if (status == 500 && !isOurs(body)) {
      return new Failure(
          exit,
          "The relay at "
              + address()
              + " failed at this: its own log (journalctl -u poststation) says why.");
    }
    return new Failure(exit, object(body).path("error").asText("It answered " + status + "."));
  }

  private static boolean isOurs(String body) {
    try {
      return JSON.readTree(body) instanceof ObjectNode;
    } catch (JsonProcessingException _) {
      return false;
    }
  }

  private ObjectNode object(String body) {
    try {
      if (JSON.readTree(body) instanceof ObjectNode object) {
        return object;
      }
    } catch (JsonProcessingException _) {
      // Said below.
    }
    throw new Failure(
        Exit.UNREACHABLE,
        "What answers at port " + at.getPort() + " is no Poststation: look at admin.bind.");
  }
}
