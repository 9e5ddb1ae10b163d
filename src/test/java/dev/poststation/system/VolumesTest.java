package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Many sessions and much mail, with the heap that the launcher gives.
@Tag("slow")
final class VolumesTest {
  private static final List<String> AS_LAUNCHED =
      List.of("-Xmx256m", "-XX:+ExitOnOutOfMemoryError", "-XX:TieredStopAtLevel=4");

  private static final int IDLE = 1000;
  private static final int BUSY = 200;

  /// `make faults` sets it to 100,000.
  private static final int DEFERRED = Integer.getInteger("faults.deferred", 2_000);

  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int ROUNDS = 4;

  @Test
  void aThousandIdleSessionsAndTwoHundredBusyOnesAreServed() throws IOException {
    List<Session> idle = new ArrayList<>();
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + "limits { sessions = 1300, sessions-per-client = 1300 }",
                List.of(),
                AS_LAUNCHED)) {
      for (int i = 0; i < IDLE; i++) {
        idle.add(Session.open(relay.port()));
      }
      int mails = 4000 * Campaign.SCALE;
      try (var client = RecordingClient.start("busy", relay.port(), BUSY, 3000)) {
        Until.holds("taken", LONG, () -> client.acknowledged().size() >= mails);
        assertThat(relay.metric("poststation_sessions")).isEqualTo(IDLE + BUSY);
        client.close();
        Until.holds("sent", LONG, () -> relay.metric("poststation_spool_mails") == 0);
        var ledger = new Ledger();
        ledger.arrived(sink.files(), client::isEndOf);
        assertThat(ledger.missing(client.acknowledged().keySet())).isEmpty();
        assertThat(ledger.duplicates()).isZero();
      }
      for (Session session : idle) {
        assertThat(session.command("NOOP")).startsWith("250");
      }
    } finally {
      for (Session session : idle) {
        session.close();
      }
    }
  }

  @Test
  void muchDeferredMailCostsNeitherTheStartNorTheAcceptance() throws IOException {
    try (var sink = SmtpSinkPeer.start();
        var refusing = SmtpSinkPeer.start("-r", "rcpt");
        var empty = RunningRelay.start(routes(sink, refusing), List.of(), AS_LAUNCHED);
        var full = RunningRelay.start(routes(sink, refusing), List.of(), AS_LAUNCHED)) {
      fill(full);
      full.kill();
      empty.kill();
      Duration startEmpty = start(empty);
      Duration start = start(full);
      assertThat(waiting(full)).isEqualTo(DEFERRED);
      assertThat(waiting(empty)).isZero();
      double of = ratio(full, empty);
      Campaign.write(
          "%n%,d deferred mails: 220 after %.1f s (%.1f s without); acceptance %.2f times as fast%n"
              .formatted(DEFERRED, seconds(start), seconds(startEmpty), of));
      // On a machine that is busy with other things also an empty relay takes long.
      assertThat(seconds(start)).isLessThan(Math.max(5, 3 * seconds(startEmpty)));
      assertThat(of).isGreaterThan(0.7);
    }
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  private static String routes(SmtpSinkPeer sink, SmtpSinkPeer refusing) {
    return """
    connectors {
      next { hosts = ["127.0.0.1:%d"] }
      refusing { hosts = ["127.0.0.1:%d"] }
    }
    routes = [ { to = ["later.test"], via = [refusing] }
               { via = [next] } ]
    queue { retry = ["6 h"] }
    """
        .formatted(sink.port(), refusing.port());
  }

  private static void fill(RunningRelay relay) {
    try (var source =
        Program.start(
            List.of(
                Peers.program("smtp-source"),
                "-s",
                "50",
                "-m",
                Integer.toString(DEFERRED),
                "-l",
                "1000",
                "-f",
                "sender@here.test",
                "-t",
                "recipient@later.test",
                "127.0.0.1:" + relay.port()))) {
      assertThat(source.awaitExit(LONG)).as(source.output()).isZero();
    }
    Until.holds("deferred", LONG, () -> waiting(relay) == DEFERRED);
  }

  private static long waiting(RunningRelay relay) {
    Until.holds("the HTTP API", LONG, () -> relay.metric("poststation_spool_mails") >= 0);
    return relay.metric("poststation_queue_mails{place=\"deferred\"}")
        + relay.metric("poststation_queue_mails{place=\"parked\"}");
  }

  /// Starts it, and gives how long it took until a client was greeted.
  private static Duration start(RunningRelay relay) throws IOException {
    long begun = System.nanoTime();
    relay.begin();
    relay.awaitListening();
    Session.open(relay.port()).close();
    return Duration.ofNanos(System.nanoTime() - begun);
  }

  /// The rate at which the one takes mail, of that of the other; in turns, the first ones not
  /// counted.
  private static double ratio(RunningRelay one, RunningRelay other) {
    long ofOne = 0;
    long ofOther = 0;
    for (int round = 0; round <= ROUNDS; round++) {
      long first = nanos(one, "one" + round);
      long second = nanos(other, "other" + round);
      ofOne += round == 0 ? 0 : first;
      ofOther += round == 0 ? 0 : second;
    }
    return (double) ofOther / ofOne;
  }

  private static long nanos(RunningRelay relay, String prefix) {
    long begun = System.nanoTime();
    try (var client = RecordingClient.start(prefix, relay.port(), 20, 3000)) {
      Until.holds("taken", LONG, () -> client.acknowledged().size() >= 2000);
    }
    long nanos = System.nanoTime() - begun;
    Until.holds("sent", LONG, () -> relay.metric("poststation_queue_mails{place=\"active\"}") == 0);
    return nanos;
  }

  /// A session that waits.
  private record Session(Socket socket, BufferedReader in) {
    static Session open(int port) throws IOException {
      var socket = new Socket();
      socket.connect(new InetSocketAddress("127.0.0.1", port), 30_000);
      socket.setSoTimeout(30_000);
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      assertThat(in.readLine()).startsWith("220");
      return new Session(socket, in);
    }

    String command(String command) throws IOException {
      socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
      return in.readLine();
    }

    void close() throws IOException {
      socket.close();
    }
  }
}
