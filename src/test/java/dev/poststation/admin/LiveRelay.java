package dev.poststation.admin;

import dev.poststation.Ground;
import dev.poststation.Poststation;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.demo.MailClient;
import dev.poststation.os.FreePort;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A whole relay with its admin API, in this JVM, on free ports of the loopback interface. Its next
/// hop is a closed port unless `text` says otherwise, so that mails stay in the queue.
public final class LiveRelay implements AutoCloseable {
  private final Os os;
  private final Path file;
  private final Poststation relay;
  private final AdminServer admin;

  /// @param directory for the file and its data
  public LiveRelay(Path directory) throws Exception {
    this(directory, "");
  }

  /// @param more sections of its file
  public LiveRelay(Path directory, String more) throws Exception {
    this(directory, more, Os.real());
  }

  /// On a machine that is not quite the real one.
  public LiveRelay(Path directory, String more, Os os) throws Exception {
    this.os = os;
    file = begin(directory, more);
    relay = Poststation.start(os, ((Loaded.Good) load()).configuration());
    admin = AdminServer.start(os, relay, this::load);
  }

  /// On another ground than the machine's.
  public LiveRelay(Path directory, String more, Ground ground) throws Exception {
    os = Os.real();
    file = begin(directory, more);
    relay = Poststation.start(os, ((Loaded.Good) load()).configuration(), ground);
    admin = AdminServer.start(os, relay, this::load);
  }

  /// Once more with the file of one that has ended.
  private LiveRelay(Path file, LiveRelay former) throws Exception {
    this.file = file;
    os = former.os;
    relay = Poststation.start(os, ((Loaded.Good) load()).configuration());
    admin = AdminServer.start(os, relay, former::load);
  }

  /// Another one with the same file, when this one has ended.
  public LiveRelay again() throws Exception {
    return new LiveRelay(file, this);
  }

  private static Path begin(Path directory, String more) throws IOException {
    Path file = directory.resolve("poststation.conf");
    Files.writeString(file, text(FreePort.find(), FreePort.find(), FreePort.find()) + more);
    return file;
  }

  private static String text(int smtp, int admin, int nextHop) {
    return """
    hostname = "relay.test"
    data = "data"
    listeners { relay { bind = "127.0.0.1:%d" } }
    clients = [ { name = local, networks = ["127.0.0.1"] } ]
    connectors { next { hosts = ["127.0.0.1:%d"] } }
    routes = [ { to = ["nowhere.example"], from = ["never@here.example"], via = [next] }
               { via = [next] } ]
    log { file = "mail.log" }
    admin { bind = "127.0.0.1:%d" }
    """
        .formatted(smtp, nextHop, admin);
  }

  private Loaded load() {
    return new Loader(os, Map.of()).load(file);
  }

  public Path file() {
    return file;
  }

  public Path token() {
    return AdminToken.file(relay.configuration().data());
  }

  public Poststation relay() {
    return relay;
  }

  /// Where its admin API listens.
  public InetSocketAddress admin() {
    return admin.address();
  }

  /// Replaces the configuration file.
  public void write(String text) throws IOException {
    Files.writeString(file, text);
  }

  public String read() throws IOException {
    return Files.readString(file);
  }

  /// Sends a mail to it.
  ///
  /// @return the queue id
  public String send(String from, String... to) throws IOException {
    try (var client = MailClient.connect(os, relay.listening().getFirst(), false, _ -> {})) {
      byte[] content = "Subject: a\r\n\r\nb\r\n".getBytes(StandardCharsets.US_ASCII);
      return client.send(from, List.of(to), "", content).id().orElseThrow();
    }
  }

  /// Sends a mail of about that size.
  void sendLarge(int octets) throws IOException {
    try (var client = MailClient.connect(os, relay.listening().getFirst(), false, _ -> {})) {
      String line = "0123456789".repeat(7) + "\r\n";
      byte[] content = line.repeat(octets / line.length()).getBytes(StandardCharsets.US_ASCII);
      client.send("a@here.example", List.of("b@there.example"), "", content);
    }
  }

  @Override
  public void close() {
    admin.close();
    relay.close();
  }
}
