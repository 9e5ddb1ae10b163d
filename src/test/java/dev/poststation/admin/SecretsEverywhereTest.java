package dev.poststation.admin;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.read.ListAppender;
import dev.poststation.Ground;
import dev.poststation.Poststation;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.OauthGrant;
import dev.poststation.demo.MailClient;
import dev.poststation.dns.Resolver;
import dev.poststation.oauth.TokenSite;
import dev.poststation.os.Os;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Spool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Secrets of every kind and from every source, at peers that refuse them and repeat them: none is
/// seen in an answer of the API, the logs at their most talkative, the trace, or what is written
/// down. How a password changes is in `hostile/SecretsTest`.
@Timeout(120)
class SecretsEverywhereTest {
  private static final List<String> CANARIES =
      List.of(
          "canary-by-file",
          "canary-by-env",
          "canary-by-credential",
          "canary-by-exec",
          "canary-of-an-app",
          "canary-of-graph",
          "canary-of-http",
          "canary-of-a-proxy",
          "canary-of-ldap",
          "canary-of-rspamd",
          "canary-of-a-store",
          "canary-of-smime",
          "canary-of-openpgp",
          "canary-of-srs-0123456789abcdef",
          "canary-refresh-token",
          "canary-access-token",
          "canary-of-anna");

  @TempDir Path directory;
  private final ConcurrentLinkedQueue<String> told = new ConcurrentLinkedQueue<>();
  private final List<ServerSocket> servers = new ArrayList<>();
  private String tokenUrl = "";

  /// Somebody who lets nobody in, and repeats whatever he was told, in clear.
  private int repeater(String greeting) throws IOException {
    return serve(client -> repeat(client, greeting));
  }

  /// Somebody who hears what is said first, and goes: a directory that breaks down.
  private int recorder() throws IOException {
    return serve(
        client -> {
          try (client) {
            byte[] said = new byte[1000];
            int length = Math.max(0, client.getInputStream().read(said));
            told.add(new String(said, 0, length, StandardCharsets.ISO_8859_1));
          } catch (IOException _) {
            // It is gone.
          }
        });
  }

  private int serve(Consumer<Socket> with) throws IOException {
    var server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    servers.add(server);
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try {
                  var client = server.accept();
                  Thread.ofVirtual().start(() -> with.accept(client));
                } catch (IOException _) {
                  return;
                }
              }
            });
    return server.getLocalPort();
  }

  private void repeat(Socket client, String greeting) {
    try (client) {
      var in =
          new BufferedReader(
              new InputStreamReader(client.getInputStream(), StandardCharsets.ISO_8859_1));
      say(client, greeting);
      for (String line; (line = in.readLine()) != null; ) {
        if (line.startsWith("EHLO")) {
          say(client, "250-next.example\r\n250 AUTH PLAIN XOAUTH2");
        } else if (line.startsWith("AUTH")) {
          String said = decoded(line.substring(line.lastIndexOf(' ') + 1));
          told.add(said);
          String last = said.substring(said.lastIndexOf('\0') + 1).strip();
          say(client, "535 5.7.8 " + last.replace('\1', ' ') + " is wrong, " + line);
        } else if (line.toLowerCase(Locale.ROOT).startsWith("proxy-authorization")) {
          String said = decoded(line.substring(line.lastIndexOf(' ') + 1));
          told.add(said);
          say(client, "HTTP/1.1 407 " + said + " is wrong\r\nX-Said: " + line + "\r\n");
          return;
        } else if (line.startsWith("Authorization: ")) {
          told.add(line);
          say(client, "HTTP/1.1 " + line + " is wrong");
        } else if (line.startsWith("Password: ")) {
          told.add(line);
          say(client, "HTTP/1.1 500 " + line + "\r\nX-Said: " + line + "\r\n\r\n" + line);
          return;
        } else if (!greeting.isEmpty()) {
          say(client, line.startsWith("QUIT") ? "221 2.0.0 bye" : "250 2.0.0 ok");
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private static void say(Socket client, String line) throws IOException {
    if (!line.isEmpty()) {
      client.getOutputStream().write((line + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  private static String decoded(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  private Path secret(String name, String text) throws IOException {
    Path file = Files.writeString(directory.resolve(name), text + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  private String text() throws IOException {
    secret("by.file", "canary-by-file");
    secret("credential", "canary-by-credential");
    secret("app", "canary-of-an-app");
    secret("graph", "canary-of-graph");
    secret("http", "canary-of-http");
    secret("proxy", "canary-of-a-proxy");
    secret("ldap", "canary-of-ldap");
    secret("rspamd", "canary-of-rspamd");
    secret("store", "canary-of-a-store");
    secret("smime", "canary-of-smime");
    secret("openpgp", "canary-of-openpgp");
    secret("srs", "canary-of-srs-0123456789abcdef");
    int smtp = repeater("220 next.example");
    int other = repeater("");
    int directory389 = recorder();
    tokenUrl = "https://127.0.0.1:" + other + "/token";
    return """
    hostname = "relay.example.com"
    data = "data"
    certificates = [ { chain = "%4$s/relay.pem", key = "%4$s/relay.key" } ]
    listeners { relay { bind = "127.0.0.1:0" } }
    clients = [ { name = local, networks = ["127.0.0.1"] } ]
    connectors {
      by-file { hosts = ["127.0.0.1:%1$d"], tls = off, auth { user = a, password = "file:by.file", mechanism = plain } }
      by-env { hosts = ["127.0.0.1:%1$d"], tls = off, auth { user = a, password = "env:CANARY", mechanism = plain } }
      by-credential { hosts = ["127.0.0.1:%1$d"], tls = off, auth { user = a, password = "credential:credential", mechanism = plain } }
      by-exec { hosts = ["127.0.0.1:%1$d"], tls = off, auth { user = a, password = "exec:cat %3$s/exec", mechanism = plain } }
      by-app { hosts = ["127.0.0.1:%1$d"], tls = required, auth { user = a, mechanism = xoauth2, client-id = app-1, client-secret = "file:app"
               grant = client-credentials, token-url = "https://127.0.0.1:%2$d/token", scope = smtp } }
      by-login { hosts = ["127.0.0.1:%1$d"], tls = required, auth { user = a, mechanism = xoauth2, client-id = app-1, client-secret = "file:app"
               grant = refresh-token, token-url = "https://127.0.0.1:%2$d/token", scope = smtp } }
      by-graph { preset = microsoft365-graph, auth { user = "a@example.com", tenant = example.com, client-id = app-1, client-secret = "file:graph" } }
      by-http { type = http, url = "http://127.0.0.1:%2$d/in", token = "file:http" }
      by-proxy { hosts = ["127.0.0.1:%1$d"], tls = off, proxy = "http://me@127.0.0.1:%2$d", proxy-password = "file:proxy" }
    }
    routes = [ { to = ["file.example"], via = [by-file] }, { to = ["env.example"], via = [by-env] }
               { to = ["credential.example"], via = [by-credential] }, { to = ["exec.example"], via = [by-exec] }
               { to = ["app.example"], via = [by-app] }, { to = ["login.example"], via = [by-login] }
               { to = ["graph.example"], via = [by-graph] }, { to = ["http.example"], via = [by-http] }, { via = [by-proxy] } ]
    users { file = "users", iterations = 4096
            ldap { url = ["ldap://127.0.0.1:%5$d"], base = "dc=example,dc=com", bind-dn = "cn=relay,dc=example,dc=com"
                   bind-password = "file:ldap", timeout = "1 s", tls = off } }
    smime { password = "file:smime" }
    openpgp { password = "file:openpgp" }
    content = [ { use = rspamd, at = ["127.0.0.1:%2$d"], password = "file:rspamd", on-error = pass }
                { use = archive, to = s3, for { to = ["graph.example"] }, bucket = mails, endpoint = "http://127.0.0.1:%2$d", region = here
                  access-key = key-1, secret-key = "file:store", on-error = pass } ]
    srs { domain = "srs.example.com", own = ["@example.com"], secrets = ["file:srs"] }
    log { file = "mail.log" }
    admin { bind = "127.0.0.1:0" }
    """
        .formatted(
            smtp,
            other,
            directory,
            Path.of("src/test/resources/tls").toAbsolutePath(),
            directory389);
  }

  /// One who says in each error all that he was told, and gives a token that nobody takes.
  private TokenSite tokens() {
    return new TokenSite() {
      @Override
      public Answer post(URI to, Map<String, String> form) {
        told.add(form.toString());
        told.add("canary-access-token"); // What it gives, the relay has.
        return form.containsValue("app-1")
                && form.containsValue("canary-of-an-app")
                && !form.containsKey("refresh_token")
            ? answer(
                200,
                "{\"access_token\":\"canary-access-token\",\"token_type\":\"Bearer\",\"expires_in\":3599}")
            : answer(
                401,
                "{\"error\":\"invalid_client\",\"error_description\":\"wrong: "
                    + String.join(" ", form.values())
                    + "\"}");
      }
    };
  }

  private static TokenSite.Answer answer(int status, String body) {
    return new TokenSite.Answer(status, body, Optional.empty(), Optional.empty());
  }

  private Ground ground() {
    return new Ground() {
      @Override
      public Resolver resolver(Configuration configuration, Os os) {
        return new ScriptedResolver().address("graph.microsoft.com", "127.0.0.1");
      }

      @Override
      public Spool spool(Configuration configuration, Os os) {
        return new MemorySpool(os.time());
      }

      @Override
      public TokenSite tokenSite(OauthGrant grant, Os os) {
        return tokens();
      }
    };
  }

  private Loaded load(Os os, Path file) {
    return new Loader(
            os, Map.of("CANARY", "canary-by-env", "CREDENTIALS_DIRECTORY", directory.toString()))
        .load(file);
  }

  /// A user with a password by SCRAM and CRAM-MD5, as the commands write one.
  private List<String> user(Path file) throws Exception {
    byte[] salt = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    var keys = ScramKeys.derive(ScramKeys.Hash.SHA_256, "canary-of-anna", salt, 4096).text();
    String clear =
        "CRAM-MD5$"
            + Base64.getEncoder().encodeToString("canary-of-anna".getBytes(StandardCharsets.UTF_8));
    secret(
        file.getFileName().toString(),
        "user anna\ncram-md5\npassword main main created=2025-12-01T00:00:00Z "
            + keys
            + " "
            + clear);
    return List.of(keys.substring(keys.lastIndexOf('$') + 1), clear.substring(9));
  }

  /// As they are, and as they are sent.
  private static List<String> forms(String canary) {
    List<String> all = new ArrayList<>(List.of(canary));
    for (String before : List.of("", "\0a\0", "me:", "\0anna\0")) {
      byte[] octets = (before + canary).getBytes(StandardCharsets.UTF_8);
      // The end of BASE64 may look otherwise, where it is part of something longer.
      String base64 = Base64.getEncoder().withoutPadding().encodeToString(octets);
      all.add(base64.substring(0, base64.length() - 4));
    }
    return all;
  }

  @Test
  void noSecretOfAnyKindIsSeenAnywhere() throws Exception {
    var root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    var own = (Logger) LoggerFactory.getLogger("dev.poststation");
    var log = new ListAppender<ILoggingEvent>();
    log.start();
    var before = List.of(root.getLevel(), own.getLevel() == null ? Level.INFO : own.getLevel());
    root.addAppender(log);
    own.setLevel(Level.TRACE);
    var os = Os.real();
    var file = secret("poststation.conf", text());
    secret("exec", "canary-by-exec");
    List<String> canaries = new ArrayList<>(user(directory.resolve("users")));
    CANARIES.forEach(each -> canaries.addAll(forms(each)));
    var loaded = load(os, file);
    assertThat(loaded).as(loaded.problems().toString()).isInstanceOf(Loaded.Good.class);
    var good = (Loaded.Good) loaded;
    Files.createDirectories(directory.resolve("data"));
    var seen = new StringBuilder();
    try (var relay = Poststation.start(os, good.configuration(), ground());
        var admin = AdminServer.start(os, relay, () -> load(os, file))) {
      var api = new Asked(admin, AdminToken.read(os, directory.resolve("data")));
      seen.append(
          api.post(
              "/api/v1/oauth/login",
              "{\"connector\":\"by-login\",\"user\":\"a\",\"refreshToken\":\"canary-refresh-token\",\"clientId\":\"app-1\",\"tokenUrl\":\"%s\"}"
                  .formatted(tokenUrl)));
      List<String> ids = new ArrayList<>();
      for (String way : WAYS) {
        ids.add(send(os, relay, way));
      }
      eventually(
          "each has been tried",
          () -> ids.stream().allMatch(id -> api.get("/api/v1/trace/" + id).contains("attempt")));
      for (String way : WAYS) {
        seen.append(api.post("/api/v1/connectors/test", TEST.formatted(way)));
      }
      for (String body : List.of("staff", "anna")) {
        seen.append(
            api.post(
                "/api/v1/explain",
                "{\"client\":\"127.0.0.1\",\"user\":\"%s\",\"from\":\"a@example.com\",\"to\":\"b@file.example\"}"
                    .formatted(body)));
      }
      seen.append(api.post("/api/v1/connectors/reach", "{\"seconds\":1}"));
      seen.append(api.post("/api/v1/oauth/refresh", "{\"connector\":\"by-app\"}"));
      seen.append(api.post("/api/v1/oauth/refresh", "{\"connector\":\"by-login\"}"));
      seen.append(api.post("/api/v1/reload", "{}"));
      for (String route : routes()) {
        for (String id : ids) {
          seen.append(
              api.get(
                  route
                      .replace("ID", id)
                      .replaceAll("\\{[a-z]+\\}", "x")
                      .replace("NAME", "local")));
        }
      }
      // Secrets that cannot be used are told by where they are, not by what they are.
      secret("by.file", "canary-by-file\ncanary-by-file");
      Files.setPosixFilePermissions(
          directory.resolve("app"), PosixFilePermissions.fromString("rw-r--r--"));
      seen.append(load(os, file).problems());
      seen.append(api.post("/api/v1/connectors/test", TEST.formatted("by-file")));
      seen.append(relay.concerns());
    } finally {
      root.detachAppender(log);
      root.setLevel(before.getFirst());
      own.setLevel(before.getLast());
      for (var server : servers) {
        server.close();
      }
    }
    seen.append(good.effective().text()).append(good.configuration()).append(good.problems());
    for (String each : List.of("mail.log", "poststation.conf", "data/admin.address")) {
      seen.append(Files.readString(directory.resolve(each)));
    }
    for (var event : log.list) {
      seen.append(event.getFormattedMessage()).append('\n');
      if (event.getThrowableProxy() != null) {
        seen.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
    }
    assertThat(String.join("\n", told))
        .as("all of them were used")
        .contains(
            "canary-by-file",
            "canary-by-env",
            "canary-by-credential",
            "canary-by-exec",
            "canary-of-an-app",
            "canary-of-graph",
            "canary-of-http",
            "canary-of-a-proxy",
            "canary-refresh-token",
            "canary-access-token",
            "canary-of-ldap",
            "canary-of-rspamd");
    for (String canary : canaries) {
      int at = seen.indexOf(canary);
      assertThat(at < 0 ? "" : seen.substring(Math.max(0, at - 300), at + canary.length()))
          .as(canary)
          .isEmpty();
    }
  }

  private static final List<String> WAYS =
      List.of(
          "by-file",
          "by-env",
          "by-credential",
          "by-exec",
          "by-app",
          "by-login",
          "by-graph",
          "by-http",
          "by-proxy");
  private static final String TEST =
      "{\"connector\":\"%s\",\"domain\":\"there.example\",\"seconds\":5,\"dryRun\":true}";

  private static String send(Os os, Poststation relay, String way) throws IOException {
    byte[] content = "Subject: a\r\n\r\nb\r\n".getBytes(StandardCharsets.US_ASCII);
    String to = "b@" + way.substring(3) + ".example";
    try (var client = MailClient.connect(os, relay.listening().getFirst(), false, _ -> {})) {
      return client.send("a@example.com", List.of(to), "", content).id().orElseThrow();
    }
  }

  /// All that the manual has of the API.
  private static List<String> routes() throws IOException {
    String manual = Files.readString(Path.of("docs/reference/api.md"));
    var all =
        Pattern.compile("^\\| `GET (\\S+?)`", Pattern.MULTILINE)
            .matcher(manual)
            .results()
            .map(found -> found.group(1))
            .toList();
    assertThat(all).hasSizeGreaterThan(15);
    return all;
  }

  private record Asked(AdminServer admin, String token, HttpClient http) {
    Asked(AdminServer admin, String token) {
      this(admin, token, HttpClient.newHttpClient());
    }

    String get(String path) {
      return ask(HttpRequest.newBuilder(uri(path)).GET());
    }

    String post(String path, String body) {
      return ask(HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.ofString(body)));
    }

    private URI uri(String path) {
      return URI.create("http://127.0.0.1:" + admin.address().getPort() + path);
    }

    private String ask(HttpRequest.Builder request) {
      try {
        var answer =
            http.send(
                request
                    .header("Authorization", "Bearer " + token)
                    .header("Content-Type", "application/json")
                    .build(),
                BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
        assertThat(answer.statusCode()).as(answer.uri() + ": " + answer.body()).isNotEqualTo(405);
        return answer.uri() + ": " + answer.statusCode() + " " + answer.body() + "\n";
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
