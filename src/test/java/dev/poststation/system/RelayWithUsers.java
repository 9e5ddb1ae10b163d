package dev.poststation.system;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.intake.Handover;
import dev.poststation.intake.Intake;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.sasl.Accounts;
import dev.poststation.server.Listener;
import dev.poststation.server.Logins;
import dev.poststation.server.ServerSettings;
import dev.poststation.server.Sessions;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.NoGuard;
import dev.poststation.sim.RecordingJournal;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.spool.Placement;
import dev.poststation.tls.Certificates;
import java.nio.file.Path;
import java.util.Map;

/// The accepting half of the relay within this process, on a real port of 127.0.0.1 with real TLS,
/// whose users are those of a test.
final class RelayWithUsers implements AutoCloseable {
  private static final Os OS = Os.real();

  private final Listener listener;
  private final MemorySpool spool = new MemorySpool(OS.time());

  /// What happened.
  final RecordingJournal journal = new RecordingJournal();

  private RelayWithUsers(Accounts accounts, String listenerKeys, Certificate certificate)
      throws Exception {
    var configuration =
        configuration(
            """
            hostname = "relay.here.test"
            listeners { submission { bind = "127.0.0.1:0", %s } }
            certificates = [ { chain = "%s", key = "%s" } ]
            clients = [ { name = local, networks = ["127.0.0.1"] } ]
            connectors { next { hosts = ["127.0.0.1:25"] } }
            routes = [ { via = [next] } ]
            """
                .formatted(listenerKeys, certificate.chain(), certificate.key()));
    var settings =
        new ServerSettings(
            configuration.hostname(),
            configuration.listeners().getFirst(),
            configuration.limits(),
            new Policy(
                configuration.clients(),
                configuration.hostname(),
                new ClientMemory(new ScriptedResolver(), OS)),
            Certificates.load(configuration.certificates(), OS.disk(), OS.time()),
            false);
    var intake = new Intake(spool, journal, new Nowhere(), OS.time());
    listener =
        new Listener(
            () -> settings,
            new Sessions(OS.time()),
            intake,
            new Logins(() -> accounts, new NoGuard(OS.time()), OS),
            journal,
            OS);
    listener.start();
  }

  /// Starts it with these keys of its listener.
  static RelayWithUsers start(Accounts accounts, String listenerKeys, Certificate certificate)
      throws Exception {
    return new RelayWithUsers(accounts, listenerKeys, certificate);
  }

  private static Configuration configuration(String text) {
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("poststation.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  int port() {
    return listener.address().getPort();
  }

  /// How many mails it has.
  long mails() {
    return spool.usage().mails();
  }

  /// The newest mail's envelope.
  Envelope newest() throws Exception {
    var ids = spool.incoming(QueueId.FIRST, 1000);
    return spool.load(ids.getLast()).orElseThrow().mail().envelope();
  }

  @Override
  public void close() {
    listener.close();
  }

  /// Mail stays in the spool.
  private static final class Nowhere implements Handover {
    @Override
    public void announced(QueueId id) {}

    @Override
    public void abandoned(QueueId id) {}

    @Override
    public void held(QueueId id, Placement place) {}

    @Override
    public void accepted(Mail mail, Content content, long intakeNanos) {}
  }
}
