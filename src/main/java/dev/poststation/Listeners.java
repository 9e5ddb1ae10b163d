package dev.poststation;

import dev.poststation.config.ListenerSettings;
import dev.poststation.intake.Intake;
import dev.poststation.log.MailJournal;
import dev.poststation.os.Os;
import dev.poststation.server.Listener;
import dev.poststation.server.Logins;
import dev.poststation.server.ServerSettings;
import dev.poststation.server.Sessions;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Where clients come to the relay: all its listeners. Safe for any thread.
final class Listeners {
  private final Supplier<Rules> rules;
  private final List<Listener> all = new ArrayList<>();

  /// @param rules what is in force now
  /// @param settings of those that there are, until the next start
  Listeners(
      Supplier<Rules> rules,
      List<ListenerSettings> settings,
      Sessions sessions,
      Intake intake,
      Logins logins,
      MailJournal journal,
      Os os) {
    this.rules = rules;
    for (var each : settings) {
      all.add(new Listener(() -> of(each), sessions, intake, logins, journal, os));
    }
  }

  private ServerSettings of(ListenerSettings settings) {
    var now = rules.get();
    var configuration = now.configuration();
    return new ServerSettings(
        configuration.hostname(),
        settings,
        configuration.limits(),
        now.policy(),
        now.certificates(),
        now.exchange());
  }

  /// They listen when this returns.
  ///
  /// @throws IOException when one cannot
  void start() throws IOException {
    for (var listener : all) {
      listener.start();
    }
  }

  /// Where they really listen, in their order.
  List<InetSocketAddress> addresses() {
    return all.stream().map(Listener::address).toList();
  }

  /// Takes nothing new.
  void drain() {
    all.forEach(Listener::drain);
  }

  /// Waits for the sessions that are open.
  ///
  /// @param left how long at most, from now
  void awaitSessions(Supplier<Duration> left) throws InterruptedException {
    for (var listener : all) {
      listener.awaitSessions(left.get());
    }
  }

  /// Ends the sessions that are open.
  void close() {
    all.forEach(Listener::close);
  }
}
