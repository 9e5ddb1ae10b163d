package dev.poststation.sim;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.poststation.oauth.TokenSite;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/// A token server that behaves as the documented ones of Microsoft and Google do, errors included:
/// asked directly in virtual time, or over real HTTPS on a port of 127.0.0.1.
public final class ToyTokenServer implements TokenSite, AutoCloseable {
  /// Who vouches for its certificate.
  public static final Path AUTHORITY = ToyIssuer.AUTHORITY;

  private final List<Map<String, String>> asked = new CopyOnWriteArrayList<>();
  private final Map<String, Map<String, String>> codes = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile HttpsServer server;
  private volatile Optional<Answer> instead = Optional.empty();
  private volatile boolean down;
  private volatile Runnable before = () -> {};
  private volatile String refreshToken = "refresh-0";
  private volatile String secrets = ".*";
  private volatile boolean rotates;
  private final AtomicInteger pending = new AtomicInteger(2);
  private final AtomicInteger tokens = new AtomicInteger();
  private volatile int forgotten;
  private volatile int lasts = 3599;

  /// Serves it over HTTPS.
  public ToyTokenServer start() throws Exception {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 10);
    server.setHttpsConfigurator(new HttpsConfigurator(ToyIssuer.tls()));
    server.setExecutor(threads);
    server.createContext("/", this::serve);
    server.start();
    return this;
  }

  /// Where it is.
  public String url() {
    return "https://127.0.0.1:" + server.getAddress().getPort();
  }

  /// What stands in `auth` to ask it.
  public String settings() {
    return """
    client-id = "app-1", token-authorities = "%s", token-url = "%s/token"
    device-url = "%s/devicecode", authorize-url = "%s/authorize?prompt=consent"
    scope = "smtp offline_access"
    """
        .formatted(AUTHORITY.toAbsolutePath(), url(), url(), url());
  }

  private void serve(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      Answer answer;
      try {
        answer = post(exchange.getRequestURI(), parameters(body));
      } catch (IOException _) {
        return; // The connection breaks.
      }
      byte[] octets = answer.body().getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("Content-Type", "application/json; charset=utf-8");
      exchange.sendResponseHeaders(answer.status(), octets.length);
      exchange.getResponseBody().write(octets);
    }
  }

  /// The parameters of a form or an address.
  public static Map<String, String> parameters(String text) {
    Map<String, String> parameters = new HashMap<>();
    for (String each : text.split("&", -1)) {
      String[] halves = each.split("=", 2);
      parameters.put(halves[0], URLDecoder.decode(halves[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  @Override
  public Answer post(URI to, Map<String, String> form) throws IOException {
    asked.add(Map.copyOf(form));
    before.run();
    if (down) {
      throw new IOException(to + ": Connection refused");
    }
    if (instead.isPresent()) {
      return instead.get();
    }
    if (form.containsKey("client_secret") && !form.get("client_secret").matches(secrets)) {
      return error(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
    }
    if (to.getPath().endsWith("/devicecode")) {
      return answer(
          200,
          """
          {"user_code":"YZMYLD4K","device_code":"device-1","verification_uri":"%s",
           "expires_in":900,"interval":5,"message":"To sign in, use a web browser"}
          """
              .formatted("https://www.microsoft.com/link"));
    }
    return switch (form.getOrDefault("grant_type", "")) {
      case "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer" -> given("");
      case "refresh_token" ->
          form.get("refresh_token").equals(refreshToken) ? renewed() : revoked();
      case "urn:ietf:params:oauth:grant-type:device_code" -> polled();
      case "authorization_code" ->
          isRedeemed(codes.remove(form.get("code")), form)
              ? renewed()
              : error(400, "invalid_grant", "Malformed auth code.");
      default -> error(400, "unsupported_grant_type", "AADSTS70003: The grant is not supported.");
    };
  }

  /// RFC 7636 4.6.
  ///
  /// @param asked what stood in the address of the page; null: nobody has logged in there
  private static boolean isRedeemed(Map<String, String> asked, Map<String, String> form) {
    try {
      byte[] verifier = form.getOrDefault("code_verifier", "").getBytes(StandardCharsets.US_ASCII);
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier);
      return asked != null
          && "S256".equals(asked.get("code_challenge_method"))
          && Base64.getUrlEncoder()
              .withoutPadding()
              .encodeToString(hash)
              .equals(asked.get("code_challenge"))
          && asked.get("redirect_uri").equals(form.get("redirect_uri"));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private Answer renewed() {
    if (rotates) {
      refreshToken = "refresh-" + (tokens.get() + 1);
    }
    return given(",\"refresh_token\":\"" + refreshToken + "\"");
  }

  private Answer given(String more) {
    int number = tokens.incrementAndGet();
    return answer(
        200,
        "{\"token_type\":\"Bearer\",\"expires_in\":%d,\"ext_expires_in\":%d,\"access_token\":\"access-%d\"%s}"
            .formatted(lasts, lasts, number, more));
  }

  private Answer polled() {
    if (pending.get() == 0) {
      return renewed();
    }
    int left = pending.decrementAndGet();
    return error(
        400,
        left % 2 == 1 ? "slow_down" : "authorization_pending",
        "AADSTS70016: OAuth 2.0 device flow error. Authorization is pending. Continue polling.");
  }

  private Answer revoked() {
    return error(400, "invalid_grant", "Token has been expired or revoked.");
  }

  /// An answer with an error, as Microsoft writes them.
  public static Answer error(int status, String error, String description) {
    int chance = (int) (System.nanoTime() % 60);
    return answer(
        status,
        "{\"error\":\"%s\",\"error_description\":\"%s\\r\\nTrace ID: 21a7ca08-%d\\r\\nCorrelation ID: 55137716-%d\\r\\nTimestamp: 2026-11-30 09:34:%02dZ\",\"error_codes\":[1]}"
            .formatted(error, description, chance, chance, chance));
  }

  /// An answer.
  public static Answer answer(int status, String body) {
    return new Answer(status, body, Optional.empty(), Optional.empty());
  }

  /// The page that a browser is sent to, once somebody has logged in: where it sends the browser
  /// back to.
  public String loggedIn(URI page) {
    var query = parameters(page.getRawQuery());
    String code = "code-" + codes.size();
    codes.put(code, query);
    return query.get("redirect_uri") + "?code=" + code + "&state=" + query.get("state");
  }

  /// From now on nobody answers, or somebody does again.
  public void down(boolean isDown) {
    down = isDown;
  }

  /// The client secrets that it takes, as a regular expression.
  public void takes(String expression) {
    secrets = expression;
  }

  /// What it answers to everything; empty: what is right.
  public void answers(Optional<Answer> always) {
    instead = always;
  }

  /// What happens between a question and its answer.
  public void before(Runnable action) {
    before = action;
  }

  /// Asking it makes our program fail.
  public void breaks() {
    before =
        () -> {
          throw new IllegalStateException("secret-in-a-message");
        };
  }

  /// Gives a new refresh token with each use, and ends the old one.
  public void rotates() {
    rotates = true;
  }

  public void lasts(int seconds) {
    lasts = seconds;
  }

  /// The one that is good.
  public String refreshToken() {
    return refreshToken;
  }

  /// Ends it.
  public void revoke() {
    refreshToken = "another";
  }

  /// How many access tokens it has given.
  public int tokens() {
    return tokens.get();
  }

  /// The forms that came.
  public List<Map<String, String>> asked() {
    return new ArrayList<>(asked);
  }

  /// Whether it is the token that it has given last, and that one is good.
  public boolean gave(String accessToken) {
    return tokens.get() > forgotten && accessToken.equals("access-" + tokens.get());
  }

  /// The tokens that it has given are good no more.
  public void forget() {
    forgotten = tokens.get();
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
    }
    threads.shutdownNow();
  }
}
