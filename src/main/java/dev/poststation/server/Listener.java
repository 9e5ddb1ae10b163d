package dev.poststation.server;

import dev.poststation.config.ListenerSettings;
import dev.poststation.intake.Intake;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.smtp.Replies;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One of `listeners`: accepts connections on its own platform thread and starts a session on a
/// virtual thread for each. Safe for any thread.
///
/// When `limits.sessions` is reached nothing more is accepted: the kernel's backlog is the queue,
/// and clients see a slow connect instead of a refusal. Since each listener looks for room before
/// it accepts, there may be one session more for each listener. A client beyond
/// `limits.sessions-per-client` is told so with 421, lest it fill the queue of others.
public final class Listener implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int BACKLOG = 1024;

  /// Out of descriptors, most likely: sessions that end will bring some.
  private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(200);

  private static final Duration FAREWELL = Duration.ofSeconds(1);

  private final Supplier<ServerSettings> settings;
  private final Sessions sessions;
  private final Intake intake;
  private final Journal journal;
  private final Os os;
  private final Set<Session> live = ConcurrentHashMap.newKeySet();
  private final Time.Signal ended;
  private volatile boolean draining;
  private volatile Network.@Nullable Acceptor acceptor;

  /// @param settings the newest configuration of this listener; asked often, so it must be at hand
  /// @param sessions shared by all listeners
  public Listener(
      Supplier<ServerSettings> settings, Sessions sessions, Intake intake, Journal journal, Os os) {
    this.settings = settings;
    this.sessions = sessions;
    this.intake = intake;
    this.journal = journal;
    this.os = os;
    this.ended = os.time().signal();
  }

  /// Begins to listen.
  ///
  /// @throws IOException when the address is in use or not ours; the message names it and the
  ///   listener
  public void start() throws IOException {
    ListenerSettings mine = settings.get().listener();
    Network.Acceptor opened;
    try {
      opened = os.network().listen(mine.bind(), BACKLOG);
    } catch (IOException e) {
      throw new IOException(
          "listeners."
              + mine.name()
              + " ("
              + mine.origin()
              + "): cannot listen on "
              + mine.bind().getAddress().getHostAddress()
              + ":"
              + mine.bind().getPort()
              + ": "
              + e.getMessage()
              + "; stop what uses the port, or name another one",
          e);
    }
    acceptor = opened;
    os.tasks().platform("listen-" + mine.name(), () -> accept(opened));
  }

  /// Where it really listens: port 0 is resolved.
  public InetSocketAddress address() {
    var opened = acceptor;
    if (opened == null) {
      throw new IllegalStateException("not started");
    }
    return opened.local();
  }

  /// Sessions of this listener now.
  public int sessionCount() {
    return live.size();
  }

  private void accept(Network.Acceptor from) {
    while (!draining) {
      sessions.awaitRoom(() -> settings.get().limits().sessions(), () -> draining);
      if (draining) {
        return;
      }
      try {
        admit(from.accept());
      } catch (IOException e) {
        if (!draining) {
          LOG.warn("cannot accept a connection on {}: {}", from.local(), e.getMessage());
          pause();
        }
      } catch (RuntimeException e) {
        LOG.error("a connection on {} was dropped: a fault of ours", from.local(), e);
        pause();
      }
    }
  }

  private void pause() {
    try {
      os.time().sleep(PAUSE_AFTER_ERROR);
    } catch (InterruptedException _) {
      LOG.warn("nobody should interrupt an accepting thread");
    }
  }

  private void admit(Connection connection) {
    var now = settings.get();
    String name = sessions.nextName();
    var peer = connection.remote();
    var session =
        new Session(name, connection, settings, () -> draining, intake, journal, os.time());
    if (!sessions.enter(peer.getAddress(), now.limits().sessionsPerClient())) {
      turnAway(name, connection, now);
      return;
    }
    live.add(session);
    os.tasks().virtual("session-" + name, () -> serve(session, peer));
  }

  private void serve(Session session, InetSocketAddress peer) {
    try {
      session.run();
    } finally {
      live.remove(session);
      sessions.leave(peer.getAddress());
      ended.raise();
    }
  }

  /// Beyond the limit of its address. A few octets into a fresh connection do not block.
  private void turnAway(String name, Connection connection, ServerSettings now) {
    var reply = Replies.TOO_MANY_SESSIONS_OF_CLIENT;
    journal.report(
        new Event.Rejected(
            name,
            connection.remote(),
            "-",
            "CONNECT",
            "",
            null,
            null,
            reply,
            "limits.sessions-per-client"));
    try (connection) {
      if (now.listener().tls() != ListenerSettings.Tls.IMPLICIT) {
        connection.deadline(FAREWELL);
        byte[] wire = reply.wire();
        connection.write(wire, 0, wire.length);
      }
    } catch (IOException _) {
      // It did not wait for the refusal.
    }
  }

  /// Stops accepting. A session between commands is told 421 at once, the others at their next
  /// command, so that content that is coming in is taken to its end.
  public void drain() {
    draining = true;
    sessions.wake();
    var opened = acceptor;
    if (opened != null) {
      opened.close();
    }
    for (Session session : live) {
      session.drain();
    }
  }

  /// Waits until all sessions have ended.
  ///
  /// @return whether they have
  public boolean awaitSessions(Duration atMost) throws InterruptedException {
    long start = os.time().nanos();
    while (!live.isEmpty()) {
      long left = atMost.toNanos() - (os.time().nanos() - start);
      if (left <= 0) {
        return false;
      }
      ended.await(Duration.ofNanos(left));
    }
    return true;
  }

  /// Stops accepting and ends all sessions at once; what was not acknowledged is not stored.
  @Override
  public void close() {
    drain();
    for (Session session : live) {
      session.close();
    }
  }
}
