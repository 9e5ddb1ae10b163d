package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.ListenerSettings;
import dev.poststation.intake.Intake;
import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryAccounts;
import dev.poststation.sim.MemorySpool;
import dev.poststation.sim.SimTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ListenerTest {
  private static final Os OS = Os.real();
  private static final Duration BOUND = Duration.ofSeconds(20);

  private final Relay relay = new Relay(OS.time());
  private final Sessions sessions = new Sessions(OS.time());
  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Listener listener(Os os, Intake intake) throws IOException {
    var listener = new Listener(relay::current, sessions, intake, relay.logins, relay.journal, os);
    open.add(listener);
    listener.start();
    return listener;
  }

  private Listener listener() throws IOException {
    return listener(OS, relay.intake);
  }

  /// A client that reads lines.
  private final class Caller {
    private final Connection connection;
    private final BufferedReader lines;

    Caller(Listener listener) throws IOException {
      this(listener, false);
    }

    Caller(Listener listener, boolean secured) throws IOException {
      this(listener, secured, null);
    }

    Caller(Listener listener, boolean secured, @Nullable InetAddress from) throws IOException {
      connection = OS.network().connect(listener.address(), from, BOUND);
      connection.deadline(BOUND);
      open.add(connection);
      if (secured) {
        connection.startTls(Wire.trustAll(null));
      }
      var in =
          new InputStream() {
            @Override
            public int read() {
              throw new IllegalStateException("not used");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
              return connection.read(buffer, offset, length);
            }
          };
      lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    String line() throws IOException {
      return lines.readLine();
    }

    void say(String text) throws IOException {
      byte[] octets = (text + "\r\n").getBytes(StandardCharsets.UTF_8);
      connection.write(octets, 0, octets.length);
    }
  }

  @Test
  void aPortInUseIsSaidInOneSentence() throws IOException {
    var first = listener();
    relay.bind = first.address();
    relay.reload();
    assertThatThrownBy(this::listener)
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(
            "listeners.relay (test.conf:1): cannot listen on 127.0.0.1:"
                + first.address().getPort()
                + ": ");
  }

  @ParameterizedTest
  @EnumSource(
      value = ListenerSettings.Tls.class,
      names = {"OFFERED", "IMPLICIT"})
  void aClientThatIsSentAwayHearsWhyThoughItGoesOnTalking(ListenerSettings.Tls tls)
      throws Exception {
    relay.tls = tls;
    var caller = new Caller(listener(), tls == ListenerSettings.Tls.IMPLICIT);
    assertThat(caller.line()).startsWith("220 ");
    caller.say("NONSENSE\r\n".repeat(3000));
    for (int i = 0; i < relay.errors; i++) {
      assertThat(caller.line()).startsWith("500 5.5.1 ");
    }
    assertThat(caller.line()).startsWith("421 4.7.0 Too many errors");
    assertThat(caller.line()).isNull();
    for (int i = 0; i < 10; i++) {
      caller.say("NONSENSE"); // A reset would make the second one fail.
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = ListenerSettings.Tls.class,
      names = {"OFFERED", "IMPLICIT"})
  void aClientThatIsSilentForTooLongIsTold(ListenerSettings.Tls tls) throws Exception {
    relay.tls = tls;
    relay.commandTimeout = Duration.ofMillis(200);
    var caller = new Caller(listener(), tls == ListenerSettings.Tls.IMPLICIT);
    assertThat(caller.line()).startsWith("220 ");
    assertThat(caller.line()).startsWith("421 4.4.2 ");
    assertThat(caller.line()).isNull();
  }

  @Test
  void oneClientMayOnlyHaveSoManySessions() throws Exception {
    relay.sessionsPerClient = 2;
    var listener = listener();
    var first = new Caller(listener);
    var second = new Caller(listener);
    assertThat(first.line()).startsWith("220 ");
    assertThat(second.line()).startsWith("220 ");

    var third = new Caller(listener);
    assertThat(third.line()).startsWith("421 4.7.0 ");
    assertThat(third.line()).isNull();
    assertThat(relay.journal.events(Event.Rejected.class))
        .singleElement()
        .satisfies(
            rejected -> {
              assertThat(rejected.stage()).isEqualTo("CONNECT");
              assertThat(rejected.rule()).isEqualTo("limits.sessions-per-client");
            });

    first.say("QUIT");
    assertThat(first.line()).startsWith("221 ");
    assertThat(first.line()).isNull();
    assertThat(relay.journal.await(Event.Disconnected.class::isInstance, BOUND)).isTrue();
    awaitCount(1);
    assertThat(new Caller(listener).line()).startsWith("220 ");
  }

  private void awaitCount(int expected) {
    long end = System.nanoTime() + BOUND.toNanos();
    while (sessions.count() != expected) {
      assertThat(System.nanoTime()).as("sessions: " + sessions.count()).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private void awaitEnded(int expected) {
    long end = System.nanoTime() + BOUND.toNanos();
    while (relay.journal.events(Event.Disconnected.class).size() != expected) {
      assertThat(System.nanoTime()).as("sessions that ended").isLessThan(end);
      Thread.onSpinWait();
    }
    awaitCount(0);
  }

  @Test
  void whenAllSessionsAreTakenTheNextClientWaits() throws Exception {
    relay.sessions = 1;
    var listener = listener();
    var first = new Caller(listener);
    assertThat(first.line()).startsWith("220 ");
    var second = new Caller(listener);
    second.say("QUIT");

    first.say("NOOP");
    assertThat(first.line()).startsWith("250 ");
    assertThat(sessions.count()).isOne();
    assertThat(relay.journal.events(Event.Connected.class)).hasSize(1);
    first.say("QUIT");
    assertThat(first.line()).startsWith("221 ");
    // What it said in the backlog was early talk.
    assertThat(second.line()).startsWith("554 5.5.1 ");
  }

  @Test
  void strangersHavePlacesOfTheirOwn() throws Exception {
    relay.sessions = 1;
    relay.strangerSessions = 1;
    var listener = listener();
    relay.strangers = true;
    relay.reload();
    var stranger = new Caller(listener);
    assertThat(stranger.line()).startsWith("220 ");
    var another = new Caller(listener);
    assertThat(another.line())
        .isEqualTo("421 4.3.2 Too many connections just now: please try again later");
    assertThat(another.line()).isNull();
    assertThat(relay.journal.events(Event.Rejected.class))
        .singleElement()
        .satisfies(rejected -> assertThat(rejected.rule()).isEqualTo("limits.stranger-sessions"));

    relay.strangers = false;
    relay.reload();
    assertThat(new Caller(listener).line()).startsWith("220 ");
  }

  /// One who says `AUTH` and what follows it, if he is let in.
  private boolean asks(Listener listener, String command, String answer) throws Exception {
    var caller = new Caller(listener);
    if (!caller.line().startsWith("220 ")) {
      return false;
    }
    caller.say("STARTTLS");
    assertThat(caller.line()).startsWith("220 ");
    caller.connection.startTls(Wire.trustAll(null));
    caller.say("EHLO client.example");
    while (!caller.line().startsWith("250 ")) {
      // One of the extensions.
    }
    caller.say(command);
    assertThat(caller.line()).startsWith(answer);
    return true;
  }

  /// Whoever waits within AUTH, or lets us wait there, cannot be sent away.
  @Test
  void aFloodOfLoginsFromOneAddressLeavesRoomForOtherStrangers() throws Exception {
    relay.strangerSessions = 12;
    relay.strangers = true;
    relay.auth = ListenerSettings.Auth.OFFERED;
    var listener = listener();
    int let = 0;
    for (int i = 0; i < 15; i++) {
      let += asks(listener, "AUTH LOGIN", "334 ") ? 1 : 0;
    }
    assertThat(let).as("half of all places").isEqualTo(6);
    for (int i = 2; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        var other = new Caller(listener, false, InetAddress.getByName("127.0.0." + i));
        assertThat(other.line()).as(i + ", " + j).startsWith(j < 3 ? "220 " : "421 ");
      }
    }
  }

  @Test
  void anOfficeWhoseUsersHaveLoggedInMayHaveAllPlaces() throws Exception {
    relay.strangerSessions = 12;
    relay.strangers = true;
    relay.auth = ListenerSettings.Auth.OFFERED;
    var listener = listener();
    String login = "AUTH PLAIN " + MemoryAccounts.base64("\0user\0pencil");
    for (int i = 0; i < 12; i++) {
      assertThat(asks(listener, login, "235 ")).as("the " + i + "th").isTrue();
    }
  }

  @Test
  void aStrangerThatMisbehavedIsNotLetInForAWhile() throws Exception {
    relay.strangers = true;
    var listener = listener();
    var caller = new Caller(listener);
    assertThat(caller.line()).startsWith("220 ");
    caller.say("NONSENSE\r\n".repeat(relay.errors + 1));
    for (int i = 0; i < relay.errors; i++) {
      assertThat(caller.line()).startsWith("500 5.5.1 ");
    }
    assertThat(caller.line()).startsWith("421 4.7.0 ");
    assertThat(caller.line()).isNull();
    caller.connection.close();
    awaitCount(0);
    var again = new Caller(listener);
    assertThat(again.line())
        .isEqualTo("421 4.7.0 Your last connection made too many errors: please try again later");
    assertThat(again.line()).isNull();
    assertThat(relay.journal.events(Event.Rejected.class).getLast().rule())
        .isEqualTo("limits.stranger-pause: the last connection made too many errors");

    relay.strangers = false; // It may relay now: that counts more.
    relay.reload();
    assertThat(new Caller(listener).line()).startsWith("220 ");
    relay.strangers = true;
    relay.strangerPause = Duration.ZERO;
    relay.reload();
    assertThat(new Caller(listener).line()).startsWith("220 ");
  }

  @Test
  void aCheckOfAPortWithTlsAndAProgramThatDislikesTheCertificateMayComeAgain() throws Exception {
    relay.strangers = true;
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    var listener = listener();
    new Caller(listener).connection.close();
    awaitEnded(1);
    var garbage = new Caller(listener);
    garbage.say("This is no TLS\r\n");
    awaitEnded(2);
    var quiet = new Caller(listener);
    quiet.connection.close();
    awaitEnded(3);
    assertThat(relay.journal.events(Event.Connected.class)).hasSize(3);
    assertThat(relay.journal.events(Event.Rejected.class)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"IMPLICIT", "OFFERED"})
  void aStrangerThatFailsHandshakeAfterHandshakeIsNotLetInForAWhile(ListenerSettings.Tls tls)
      throws Exception {
    relay.strangers = true;
    relay.tls = tls;
    var listener = listener();
    failAtTls(listener, Punished.HANDSHAKES_MOST - 1);
    var good = new Caller(listener);
    startTls(good);
    good.connection.startTls(Wire.trustAll(null));
    good.connection.close();
    awaitEnded(Punished.HANDSHAKES_MOST);
    failAtTls(listener, Punished.HANDSHAKES_MOST); // A good one makes good what was before.
    assertThat(relay.journal.events(Event.Rejected.class)).isEmpty();

    new Caller(listener).line();
    assertThat(relay.journal.events(Event.Rejected.class).getLast().rule())
        .isEqualTo(
            "limits.stranger-pause: the last connection failed at TLS, like those before it");
    relay.strangers = false;
    relay.reload();
    failAtTls(listener, 2 * Punished.HANDSHAKES_MOST); // Not a client that is known.
    assertThat(relay.journal.events(Event.Rejected.class)).hasSize(1);
  }

  private void startTls(Caller caller) throws IOException {
    if (relay.tls == ListenerSettings.Tls.OFFERED) {
      assertThat(caller.line()).startsWith("220 ");
      caller.say("STARTTLS");
      assertThat(caller.line()).startsWith("220 ");
    }
  }

  private void failAtTls(Listener listener, int times) throws IOException {
    int before = relay.journal.events(Event.Disconnected.class).size();
    for (int i = 1; i <= times; i++) {
      var caller = new Caller(listener);
      startTls(caller);
      caller.say("This is no TLS");
      caller.connection.close();
      awaitEnded(before + i);
    }
  }

  @Test
  void aCheckOfAPortWithTlsMayComeForEver() throws Exception {
    relay.strangers = true;
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    var listener = listener();
    for (int i = 1; i <= 3 * Punished.HANDSHAKES_MOST; i++) {
      new Caller(listener).connection.close();
      awaitEnded(i);
    }
    assertThat(relay.journal.events(Event.Rejected.class)).isEmpty();
  }

  @Test
  void aPortWithTlsThatIsOpenedAndResetOrLeftSilentIsNoFailureAtTls() throws Exception {
    relay.strangers = true;
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    relay.tlsTimeout = Duration.ofMillis(200);
    var listener = listener();
    for (int i = 1; i <= 2 * Punished.HANDSHAKES_MOST; i++) {
      try (var socket = new Socket(listener.address().getAddress(), listener.address().getPort())) {
        if (i % 2 == 0) {
          socket.setSoLinger(true, 0); // Closing it then is a reset.
        } else {
          assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
      }
      awaitEnded(i);
    }
    assertThat(relay.journal.events(Event.Rejected.class)).isEmpty();
  }

  @Test
  void ofFailuresAtTlsNotMoreAreRememberedThanFit() {
    var punished = new Punished();
    for (long client = 0; client < Punished.MOST + 100; client++) {
      punished.left(client, "", Handshake.FAILED, client);
    }
    assertThat(punished.size()).isEqualTo(Punished.MOST);
  }

  @Test
  void failuresAtTlsAreForgottenAfterAWhile() {
    var punished = new Punished();
    for (int i = 0; i < 3 * Punished.HANDSHAKES_MOST; i++) {
      long now = i * Punished.HANDSHAKES_KEPT.toNanos();
      punished.left(1, "", Handshake.FAILED, now);
      assertThat(punished.offence(1, Duration.ofMinutes(1), now)).isEmpty();
    }
  }

  @Test
  void whoOnlyComesAndGoesMayComeAgain() throws Exception {
    relay.strangers = true;
    var listener = listener();
    for (int i = 0; i < 3; i++) {
      var caller = new Caller(listener);
      assertThat(caller.line()).startsWith("220 ");
      caller.say("QUIT");
      assertThat(caller.line()).startsWith("221 ");
      awaitCount(0);
    }
  }

  @Test
  void notMoreOfThemAreRememberedThanFit() {
    var punished = new Punished();
    for (long client = 0; client < Punished.MOST + 100; client++) {
      punished.add(client, "spoke", client);
    }
    assertThat(punished.size()).isEqualTo(Punished.MOST);
    assertThat(punished.offence(99, BOUND, Punished.MOST)).isEmpty();
    assertThat(punished.offence(100, BOUND, Punished.MOST)).isEqualTo("spoke");
    assertThat(punished.offence(100, BOUND, 100 + BOUND.toNanos())).isEmpty();
    assertThat(punished.size()).isEqualTo(Punished.MOST - 1);
  }

  @Test
  void aSessionThatSaysNothingGivesWayWhenAllPlacesAreTaken() throws Exception {
    relay.sessions = 1;
    var time = new SimTime();
    var os = new Os(time, OS.network(), OS.tasks(), OS.chance(), OS.disk());
    var lazy = new Relay(time);
    lazy.sessions = 1;
    var shared = new Sessions(time);
    var listener = new Listener(lazy::current, shared, lazy.intake, lazy.logins, lazy.journal, os);
    open.add(listener);
    listener.start();
    var idle = new Caller(listener);
    assertThat(idle.line()).startsWith("220 ");
    idle.say("NOOP");
    assertThat(idle.line()).startsWith("250 ");
    var next = new Caller(listener);
    var advance =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (shared.count() < 2 && !Thread.currentThread().isInterrupted()) {
                    time.advance(Duration.ofSeconds(1));
                    LockSupport.parkNanos(1_000_000);
                  }
                });
    assertThat(idle.line())
        .isEqualTo("421 4.3.2 Too many connections just now: please try again later");
    assertThat(idle.line()).isNull();
    assertThat(next.line()).startsWith("220 ");
    advance.interrupt();
    assertThat(lazy.journal.events(Event.Rejected.class))
        .anySatisfy(
            rejected -> {
              assertThat(rejected.rule()).isEqualTo("limits.sessions");
              assertThat(rejected.stage()).isEqualTo("NOOP");
            });
    assertThat(lazy.journal.await(Event.Disconnected.class::isInstance, BOUND)).isTrue();
    assertThat(lazy.journal.events(Event.Disconnected.class).getFirst().how()).isEqualTo("limit");
  }

  @Test
  void listenersShareTheLimit() throws Exception {
    relay.sessionsPerClient = 1;
    var one = listener();
    var other = listener();
    assertThat(new Caller(one).line()).startsWith("220 ");
    assertThat(new Caller(other).line()).startsWith("421 4.7.0 ");
  }

  @Test
  void anIdleSessionIsToldOfTheShutdownAndTheListenerIsEmptyThen() throws Exception {
    var listener = listener();
    var idle = new Caller(listener);
    assertThat(idle.line()).startsWith("220 ");
    assertThat(listener.awaitSessions(Duration.ofMillis(1))).isFalse();

    listener.drain();
    assertThat(idle.line()).startsWith("421 4.3.2 ");
    assertThat(idle.line()).isNull();
    assertThat(listener.awaitSessions(BOUND)).isTrue();
    assertThatThrownBy(() -> new Caller(listener)).isInstanceOf(IOException.class);
    awaitCount(0);
  }

  @Test
  void closingEndsAMailThatIsComingIn() throws Exception {
    var listener = listener();
    var caller = new Caller(listener);
    caller.line();
    caller.say(
        "EHLO client.example\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.org>\r\nDATA");
    String line = caller.line();
    while (!line.startsWith("354 ")) {
      line = caller.line();
    }
    listener.drain();
    assertThat(listener.awaitSessions(Duration.ofMillis(20))).isFalse();
    listener.close();
    assertThat(listener.awaitSessions(BOUND)).isTrue();
    assertThat(relay.spool.incoming(QueueId.FIRST, 10)).isEmpty();
    assertThat(relay.spool.openDrafts()).isZero();
  }

  @Test
  void acceptingGoesOnAfterErrors() throws Exception {
    var failures = new AtomicInteger(3);
    var network = OS.network();
    var flaky =
        (Network)
            Proxy.newProxyInstance(
                Network.class.getClassLoader(),
                new Class<?>[] {Network.class},
                (_, method, arguments) -> {
                  var result = method.invoke(network, arguments);
                  return result instanceof Network.Acceptor acceptor
                      ? flaky(acceptor, failures)
                      : result;
                });
    var os = new Os(OS.time(), flaky, OS.tasks(), OS.chance(), OS.disk());
    assertThat(new Caller(listener(os, relay.intake)).line()).startsWith("220 ");
    assertThat(failures).hasValue(0);
  }

  private static Network.Acceptor flaky(Network.Acceptor acceptor, AtomicInteger failures) {
    return new Network.Acceptor() {
      @Override
      public InetSocketAddress local() {
        return acceptor.local();
      }

      @Override
      public Connection accept() throws IOException {
        if (failures.get() > 0) {
          failures.decrementAndGet();
          throw new IOException("Too many open files");
        }
        return acceptor.accept();
      }

      @Override
      public void close() {
        acceptor.close();
      }
    };
  }

  @Test
  void aFaultOfOursEndsOneSessionWith421() throws Exception {
    var broken = new MemorySpool(OS.time());
    broken.close();
    var listener = listener(OS, relay.intake(broken));
    var caller = new Caller(listener);
    caller.line();
    caller.say(
        "EHLO client.example\r\nMAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.org>\r\nDATA");
    String line = caller.line();
    while (line.startsWith("250") || line.startsWith("354")) {
      line = caller.line();
    }
    assertThat(line).startsWith("421 4.3.0 ");
    assertThat(caller.line()).isNull();
    assertThat(new Caller(listener).line()).startsWith("220 ");
  }

  @Test
  void aClientThatDoesNotShakeHandsIsReportedAndDropped() throws Exception {
    relay.tls = ListenerSettings.Tls.IMPLICIT;
    var listener = listener();
    var caller = new Caller(listener);
    caller.say("EHLO client.example");
    assertThat(relay.journal.await(Event.Disconnected.class::isInstance, BOUND)).isTrue();
    assertThat(relay.journal.events(Event.Secured.class))
        .singleElement()
        .satisfies(secured -> assertThat(secured.problem()).isNotNull());
  }

  @Test
  void manyClientsAtOnceAreAllServed() throws Exception {
    relay.sessionsPerClient = 100;
    var listener = listener();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      threads.add(Thread.ofVirtual().start(() -> sendTen(listener)));
    }
    for (Thread thread : threads) {
      thread.join(BOUND);
    }
    assertThat(relay.spool.incoming(QueueId.FIRST, 1000)).hasSize(400);
    listener.drain();
    assertThat(listener.awaitSessions(BOUND)).isTrue();
    assertThat(relay.journal.events(Event.Disconnected.class))
        .hasSize(40)
        .allSatisfy(gone -> assertThat(gone.mails()).isEqualTo(10));
  }

  private void sendTen(Listener listener) {
    try {
      var socket =
          OS.network().connect(listener.address(), InetAddress.getLoopbackAddress(), BOUND);
      try (socket) {
        socket.deadline(BOUND);
        String mail =
            "MAIL FROM:<a@client.example>\r\nRCPT TO:<b@example.org>\r\nBDAT 6 LAST\r\na: b\r\n";
        byte[] all =
            ("EHLO x.example\r\n" + mail.repeat(10) + "QUIT\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        byte[] buffer = new byte[4096];
        socket.read(buffer, 0, buffer.length); // The greeting.
        socket.write(all, 0, all.length);
        int count = 0;
        while (count >= 0) {
          count = socket.read(buffer, 0, buffer.length);
        }
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
