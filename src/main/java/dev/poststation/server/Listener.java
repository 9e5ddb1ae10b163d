package dev.poststation.server;

import dev.poststation.config.ListenerSettings;
import dev.poststation.intake.Intake;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.os.Unbindable;
import dev.poststation.policy.Facts;
import dev.poststation.smtp.ForwardReplies;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
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
/// When `limits.sessions` is reached, one more connection is accepted and waits: the kernel's
/// backlog is the queue behind it, and clients see a slow greeting instead of a refusal. Whom
/// waiting would not help is told so with 421 at once, lest he fill the queue of others: a client
/// beyond `limits.sessions-per-client`, or one that has its share, and strangers beyond
/// `limits.stranger-sessions`. That costs no session, so that a flood of them is cheap.
///
/// A connection of a balancer is one of the client that it announces; its header is awaited on a
/// virtual thread, at most for as many connections as there may be sessions.
public final class Listener implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Listener.class);
  private static final int BACKLOG = 1024;

  /// Out of descriptors, most likely: sessions that end will bring some.
  private static final Duration PAUSE_AFTER_ERROR = Duration.ofMillis(200);

  private static final Duration FAREWELL = Duration.ofSeconds(1);

  /// A session may have become silent meanwhile, and give way.
  private static final Duration LOOK_FOR_ROOM = Duration.ofSeconds(1);

  private final Supplier<ServerSettings> settings;
  private final Sessions sessions;
  private final Intake intake;
  private final Logins logins;
  private final Journal journal;
  private final Os os;
  private final Set<Session> live = ConcurrentHashMap.newKeySet();

  /// Connections of balancers that no session has yet.
  private final Set<Connection> unannounced = ConcurrentHashMap.newKeySet();

  private final Time.Signal ended;
  private final Time.Signal room;
  private volatile boolean draining;
  private volatile Network.@Nullable Acceptor acceptor;

  /// @param settings the newest configuration of this listener; asked often, so it must be at hand
  /// @param sessions shared by all listeners
  /// @param logins shared by all listeners
  public Listener(
      Supplier<ServerSettings> settings,
      Sessions sessions,
      Intake intake,
      Logins logins,
      Journal journal,
      Os os) {
    this.settings = settings;
    this.sessions = sessions;
    this.intake = intake;
    this.logins = logins;
    this.journal = journal;
    this.os = os;
    this.ended = os.time().signal();
    this.room = os.time().signal();
    sessions.tell(room);
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
              + "; "
              + Unbindable.remedy(e),
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
    var from = connection.remote();
    if (settings.get().listener().forwarders().balancer(from.getAddress())) {
      awaitHeader(connection);
    } else {
      admit(connection, Peer.direct(from));
    }
  }

  private void admit(Connection connection, Peer peer) {
    boolean taken = false;
    try {
      taken = serve(connection, peer);
    } finally {
      if (!taken) {
        connection.close();
      }
    }
  }

  /// The next connection is not kept waiting by a balancer that is slow to say its word.
  private void awaitHeader(Connection connection) {
    unannounced.add(connection);
    var now = settings.get();
    if (unannounced.size() > now.limits().sessions()) {
      unannounced.remove(connection);
      turnAway(connection, Peer.direct(connection.remote()), now, Replies.BUSY, "limits.sessions");
      connection.close();
      return;
    }
    try {
      os.tasks().virtual("proxy-header", () -> announced(connection));
    } catch (RuntimeException e) {
      unannounced.remove(connection);
      connection.close();
      throw e;
    }
  }

  private void announced(Connection connection) {
    var balancer = connection.remote();
    try {
      switch (ProxyHeader.read(connection)) {
        case ProxyHeader.Client(var client) ->
            admit(connection, Peer.announced(client, balancer.getAddress()));
        case ProxyHeader.Local _ -> admit(connection, Peer.check(balancer));
        case ProxyHeader.Bad(String fault) -> {
          var from = Peer.direct(balancer);
          turnAway(connection, from, settings.get(), ForwardReplies.PROXY_HEADER, fault);
          connection.closeGently(FAREWELL);
        }
        case ProxyHeader.Gone _ -> connection.close();
      }
    } catch (RuntimeException e) {
      LOG.error("a connection from {} was dropped: a fault of ours", balancer, e);
      connection.close();
    } finally {
      unannounced.remove(connection);
    }
  }

  /// @return whether somebody cares for the connection from now on
  private boolean serve(Connection connection, Peer peer) {
    var address = peer.address().getAddress();
    while (true) {
      var now = settings.get();
      var listener = now.listener();
      boolean proxy = listener.forwarders().mayXclient(address);
      var facts = Facts.connected(address, listener.name(), listener.zone());
      boolean stranger = !proxy && now.policy().isStranger(facts);
      int mostEach = proxy ? now.limits().sessions() : now.limits().sessionsPerClient();
      switch (sessions.enter(address, stranger, mostEach, now.limits())) {
        case Pool.Answer.Welcome(var place) -> {
          sessions.begun(address);
          serve(connection, peer, place, stranger);
          return true;
        }
        case Pool.Answer.TooMany _ -> {
          turnAway(
              connection,
              peer,
              now,
              Replies.TOO_MANY_SESSIONS_OF_CLIENT,
              "limits.sessions-per-client");
          return false;
        }
        case Pool.Answer.Unwelcome(String offence) -> {
          String rule = "limits.stranger-pause: the last connection " + offence;
          turnAway(connection, peer, now, PolicyReplies.paused(offence), rule);
          return false;
        }
        case Pool.Answer.Full _ when !stranger && !draining -> awaitRoom();
        case Pool.Answer.Busy _, Pool.Answer.Full _ -> {
          String limit = stranger ? "limits.stranger-sessions" : "limits.sessions";
          turnAway(connection, peer, now, draining ? Replies.SHUTTING_DOWN : Replies.BUSY, limit);
          return false;
        }
      }
    }
  }

  private void awaitRoom() {
    try {
      room.await(LOOK_FOR_ROOM);
    } catch (InterruptedException _) {
      LOG.warn("nobody should interrupt an accepting thread");
    }
  }

  private void serve(Connection connection, Peer peer, Pool.Place place, boolean stranger) {
    String name = sessions.nextName();
    Session session = null;
    try {
      session =
          new Session(
              name, connection, peer, settings, () -> draining, intake, logins, journal, os.time());
      place.belongsTo(session);
      live.add(session);
      var admitted = session;
      var address = peer.address().getAddress();
      os.tasks().virtual("session-" + name, () -> run(admitted, address, place, stranger));
    } catch (RuntimeException e) {
      if (session != null) {
        live.remove(session);
      }
      sessions.leave(place, stranger, "", Handshake.NONE);
      throw e;
    }
  }

  private void run(Session session, InetAddress address, Pool.Place place, boolean stranger) {
    try {
      session.run();
    } finally {
      live.remove(session);
      boolean excused = !stranger || isAtHome(session, address);
      sessions.leave(
          place,
          stranger,
          excused ? "" : session.offence(),
          excused ? Handshake.NONE : session.handshake());
      ended.raise();
    }
  }

  /// Where users are at home, one old password, or one program that does not like our certificate,
  /// keeps nobody else out.
  private boolean isAtHome(Session session, InetAddress address) {
    boolean harmless = session.offence().isEmpty() && session.handshake() == Handshake.NONE;
    return !harmless && logins.atHome(address);
  }

  /// Waiting would not help. A few octets into a fresh connection do not block.
  private void turnAway(
      Connection connection, Peer peer, ServerSettings now, Reply reply, String rule) {
    journal.report(
        new Event.Rejected(
            sessions.nextName(), peer.address(), "-", "CONNECT", "", null, null, reply, rule));
    try {
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
    room.raise();
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
    unannounced.forEach(Connection::close);
    for (Session session : live) {
      session.close();
    }
  }
}
