package dev.poststation.demo;

import dev.poststation.Poststation;
import dev.poststation.Poststation.StartException;
import dev.poststation.admin.AdminServer;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.log.Trace;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// The demo: a relay with its own directory, a pretended Internet behind it, and a few mails sent
/// through both. Confined to the main thread, but for `close`.
public final class Demo implements AutoCloseable {
  private static final String FILE = "poststation.conf";
  private static final String OFFICE = "{ name = office, networks = [\"127.0.0.0/8\"] }";
  private static final int SMTP_PORT = 2525;
  private static final int ADMIN_PORT = 8025;
  private static final int INTERNET_PORT = 2526;
  private static final Duration SETTLED_WITHIN = Duration.ofSeconds(30);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  private final Os os;
  private final PrintWriter out;
  private final Path directory;
  private final Internet internet;
  private final Poststation relay;
  private final AdminServer admin;

  private Demo(
      Os os,
      PrintWriter out,
      Path directory,
      Internet internet,
      Poststation relay,
      AdminServer admin) {
    this.os = os;
    this.out = out;
    this.directory = directory;
    this.internet = internet;
    this.relay = relay;
    this.admin = admin;
  }

  /// Starts relay and Internet, for one office; writes the configuration of the relay into the
  /// directory.
  ///
  /// @throws IOException when that cannot be done; the message says why in one sentence
  public static Demo start(Os os, PrintWriter out, Path directory) throws IOException {
    return start(os, out, directory, new Setting(SMTP_PORT, INTERNET_PORT, ADMIN_PORT, OFFICE, ""));
  }

  /// The same for many clients, who may not do everything, on a small disk, and at ports where
  /// nobody looks for a relay: what anybody else sent to it would be lost.
  ///
  /// @throws IOException when that cannot be done; the message says why in one sentence
  public static Demo forMany(Os os, PrintWriter out, Path directory) throws IOException {
    String clients = Work.clients() + OFFICE.replace("]", "], " + Work.TERMS);
    return start(
        os, out, directory, new Setting(0, 0, 0, clients, "spool { reserve = \"16 MB\" }"));
  }

  /// @param smtp a port, as the next two; 0: any
  private record Setting(int smtp, int internet, int admin, String clients, String more) {}

  private static Demo start(Os os, PrintWriter out, Path directory, Setting setting)
      throws IOException {
    os.disk().makeDirectory(directory);
    var internet = new Internet(os, local(setting.internet));
    try {
      int smtp = port(os, out, setting.smtp);
      int http = port(os, out, setting.admin);
      var file = directory.resolve(FILE);
      byte[] text =
          configuration(setting, smtp, http, internet.address().getPort())
              .getBytes(StandardCharsets.UTF_8);
      os.disk().replace(file, text, false);
      var relay = Poststation.start(os, read(os, file));
      try {
        var admin = AdminServer.start(os, relay, () -> new Loader(os, Map.of()).load(file));
        return new Demo(os, out, directory, internet, relay, admin);
      } catch (IOException e) {
        relay.close();
        throw e;
      }
    } catch (StartException e) {
      internet.close();
      throw new IOException(e.getMessage(), e);
    } catch (IOException e) {
      internet.close();
      throw e;
    }
  }

  private static InetSocketAddress local(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /// The wished port, or another one where that is taken.
  private static int port(Os os, PrintWriter out, int wished) throws IOException {
    try (var free = os.network().listen(local(wished), 1)) {
      return free.local().getPort();
    } catch (IOException _) {
      try (var free = os.network().listen(local(0), 1)) {
        int port = free.local().getPort();
        out.println("Port " + wished + " is taken: " + port + " is used instead.");
        return port;
      }
    }
  }

  private static String configuration(Setting setting, int smtp, int http, int internet) {
    return """
    # Written by poststation demo; anew at each start.
    hostname   = "relay.office.example"
    data       = "data"
    listeners  { office { bind = "127.0.0.1:%d" } }
    clients    = [ %s ]
    connectors { internet { type = smarthost, hosts = ["127.0.0.1:%d"] } }   # the pretended one
    routes     = [ { via = [internet] } ]
    queue      { retry = ["3 s", "10 s", "1 minute"] }                       # for impatient viewers
    log        { file = "mail.log" }
    admin      { bind = "127.0.0.1:%d" }
    %s
    """
        .formatted(smtp, setting.clients, internet, http, setting.more);
  }

  private static Configuration read(Os os, Path file) throws IOException {
    return switch (new Loader(os, Map.of()).load(file)) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad ->
          throw new IOException(
              bad.problems().stream().map(Object::toString).collect(Collectors.joining("\n")));
    };
  }

  private record Underway(Sample sample, QueueId id) {}

  /// Sends the mails, waits for what becomes of them, and tells.
  ///
  /// @return whether all went as it should
  public boolean show() throws IOException, InterruptedException {
    out.println(
        "A relay is up; behind it a sink plays the Internet. Sending "
            + Sample.all(os.time()).size()
            + " mails through it:");
    int before = internet.received().size();
    List<Underway> mails = new ArrayList<>();
    try (var client = MailClient.connect(os, relay.listening().getFirst(), false, _ -> {})) {
      for (var sample : Sample.all(os.time())) {
        var sent = client.send(sample.from(), sample.to(), sample.parameters(), sample.content());
        var id = sent.id().flatMap(QueueId::parse);
        if (id.isEmpty()) {
          out.println(sample.about() + ": the relay refused it: " + sent.reply());
          return false;
        }
        mails.add(new Underway(sample, id.get()));
      }
    }
    boolean good = true;
    for (var mail : mails) {
      good &= tell(mail);
    }
    boolean bounced = bounce(before);
    return good && bounced;
  }

  private boolean tell(Underway mail) throws IOException, InterruptedException {
    boolean settled = settled(mail.id());
    out.println();
    out.println("== " + mail.sample().about());
    List<byte[]> entries = trace(mail.id());
    Trace.text(entries).lines().filter(Demo::essential).forEach(out::println);
    if (!settled) {
      out.println("It takes longer than it should.");
    }
    return settled;
  }

  /// Of the trace: where each recipient stands, and what happened when, without the details.
  private static boolean essential(String line) {
    return !line.isEmpty() && (line.charAt(0) != ' ' || line.startsWith("  <"));
  }

  private List<byte[]> trace(QueueId id) throws IOException {
    try {
      return relay.spool().trace(id);
    } catch (SpoolException e) {
      throw new IOException("the spool cannot be read: " + e.getMessage(), e);
    }
  }

  private boolean settled(QueueId id) throws IOException, InterruptedException {
    long end = os.time().nanos() + SETTLED_WITHIN.toNanos();
    try {
      while (relay.control().entry(id).isPresent()) {
        if (os.time().nanos() - end > 0) {
          return false;
        }
        os.time().sleep(LOOK_EVERY);
      }
      return true;
    } catch (SpoolException e) {
      throw new IOException("the spool cannot be read: " + e.getMessage(), e);
    }
  }

  /// Shows the bounce that came to the Internet, where the sender of all these mails lives.
  private boolean bounce(int before) throws InterruptedException {
    long end = os.time().nanos() + SETTLED_WITHIN.toNanos();
    while (os.time().nanos() - end < 0) {
      for (var mail : internet.received().stream().skip(before).toList()) {
        if (mail.from().isNull()) {
          out.println();
          out.println("== The bounce, as it came to " + mail.to().getFirst());
          humanPart(mail.content()).forEach(line -> out.println("  | " + line));
          return true;
        }
      }
      os.time().sleep(LOOK_EVERY);
    }
    out.println("The bounce did not come.");
    return false;
  }

  /// From and Subject of a notice, and its first part, which is for people.
  private static List<String> humanPart(String content) {
    List<String> shown = new ArrayList<>();
    int text = content.indexOf("Content-Type: text/plain");
    content
        .substring(0, Math.max(0, text))
        .lines()
        .filter(line -> line.startsWith("From:") || line.startsWith("Subject:"))
        .forEach(shown::add);
    int body = content.indexOf("\r\n\r\n", Math.max(0, text));
    int end = content.indexOf("\r\n--", Math.max(0, body));
    if (body >= 0 && end >= 0) {
      content.substring(body, end).stripTrailing().lines().skip(1).forEach(shown::add);
    }
    return shown;
  }

  /// Keeps the relay at work for so long, and waits until all mail has gone.
  ///
  /// @return how many mails there were
  public long work(Duration time) throws InterruptedException {
    long mails = new Work(os, relay.listening().getFirst()).go(time);
    long end = os.time().nanos() + SETTLED_WITHIN.toNanos();
    while (relay.spool().usage().mails() > 0 && os.time().nanos() - end < 0) {
      os.time().sleep(LOOK_EVERY);
    }
    return mails;
  }

  /// The configuration of its relay.
  public Path file() {
    return directory.resolve(FILE);
  }

  /// Says how to go on.
  public void invite() {
    var smtp = relay.listening().getFirst();
    String config = " --config " + file();
    out.println();
    out.println(
        "The relay runs until Ctrl-C. Send to it: 127.0.0.1 port "
            + smtp.getPort()
            + ", for example");
    out.println(
        "  ./poststation send" + config + " --from you@office.example --to greylist.you@x.example");
    out.println(
        "Any recipient is accepted; nobody@... is refused, greylist...@... comes at the second"
            + " attempt. Look:");
    out.println("  ./poststation status" + config);
    out.println("  ./poststation queue list" + config);
    out.println("  ./poststation trace ID" + config);
    out.println("  tail -f " + directory.resolve("mail.log"));
    out.flush();
  }

  @Override
  public void close() {
    admin.close();
    relay.close();
    internet.close();
  }
}
