package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// A relay under load, between a client that records each 250 and a sink that keeps each mail,
/// while faults happen to it. At its end there is a row for the table in `docs/faults.md`.
final class Campaign implements AutoCloseable {
  /// How much longer than in a run of all tests.
  static final int SCALE = Integer.getInteger("faults.scale", 1);

  private static final Path TABLE = Path.of("target", "faults.md");
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final int SESSIONS = 10;
  private static final int SIZE = 3000;

  /// Among all tests, others need the processors, too.
  private static final Duration PAUSE = SCALE == 1 ? Duration.ofMillis(10) : Duration.ZERO;

  private final String fault;
  private final SmtpSinkPeer sink;
  private final RunningRelay relay;
  private final RecordingClient client;
  private final Ledger ledger = new Ledger();
  private int undecided;

  private Campaign(String fault, SmtpSinkPeer sink, RunningRelay relay) {
    this.fault = fault;
    this.sink = sink;
    this.relay = relay;
    client = RecordingClient.persevere("mail", relay.port(), SESSIONS, SIZE, PAUSE);
  }

  /// Begins one; the fault is what its row is called.
  static Campaign of(String fault) {
    return of(fault, "", List.of());
  }

  /// The same with more configuration, and run by another program.
  static Campaign of(String fault, String configuration, List<String> runner) {
    var sink = SmtpSinkPeer.start();
    try {
      String all = RunningRelay.towards(sink.port()) + configuration;
      return new Campaign(fault, sink, RunningRelay.start(all, runner, List.of()));
    } catch (RuntimeException | Error e) {
      sink.close();
      throw e;
    }
  }

  SmtpSinkPeer sink() {
    return sink;
  }

  RunningRelay relay() {
    return relay;
  }

  RecordingClient client() {
    return client;
  }

  /// Waits until so many mails more were acknowledged.
  void takes(int mails) {
    int wanted = client.acknowledged().size() + mails;
    await(mails + " mails more", () -> client.acknowledged().size() >= wanted);
  }

  /// Waits until so many refusals more with this code were seen.
  void refuses(String code, int times) {
    int wanted = refusals(code) + times;
    await(times + " times " + code, () -> refusals(code) >= wanted);
  }

  /// Waits; when it is in vain, says what client and relay have to say.
  void await(String what, BooleanSupplier condition) {
    int before = client.acknowledged().size();
    try {
      Until.holds(what, LONG, condition);
    } catch (AssertionError e) {
      throw new AssertionError(
          "%s: meanwhile %d acknowledged, in all refused: %s%n%s%n%s"
              .formatted(
                  what,
                  client.acknowledged().size() - before,
                  client.refused(),
                  relay.output(),
                  state()),
          e);
    }
  }

  /// What an administrator would look at.
  private String state() {
    String file = relay.home().resolve("poststation.conf").toString();
    var text = new StringBuilder();
    for (String words : List.of("status", "queue list --by destination", "queue list")) {
      List<String> command = new ArrayList<>(List.of(words.split(" ")));
      command.addAll(List.of("--config", file));
      String said = Ran.command(command.toArray(String[]::new)).text();
      text.append(words).append(":\n").append(said, 0, Math.min(3000, said.length())).append('\n');
    }
    String log = relay.log();
    return text + "log:\n" + log.substring(Math.max(0, log.length() - 3000));
  }

  int refusals(String code) {
    return client.refused().getOrDefault(code, 0);
  }

  /// `kill -9`; then what is given, which brings it back.
  void kill(Runnable back) {
    kill(() -> {}, back);
  }

  /// The same, begun by what is given first.
  void kill(Runnable first, Runnable back) {
    int inFlight = sink.connections();
    Instant from = Instant.now();
    first.run();
    relay.kill();
    back.run();
    ledger.crash(new Ledger.Crash(from, Instant.now(), inFlight));
  }

  /// `kill -9`, and a restart.
  void kill() {
    kill(relay::restart);
  }

  /// Notes what happened otherwise and may have made the relay forget what it has just done.
  void crash(Instant from, Instant back, int inFlight) {
    ledger.crash(new Ledger.Crash(from, back, inFlight));
  }

  /// Notes that the mails of one batch may have become durable although they had to be refused, as
  /// the disk did not let anything be taken back.
  void undecided() {
    undecided += SESSIONS;
  }

  /// Ends the load, waits until the queue is empty, and judges.
  void end(int faults) {
    client.close();
    await("the queue is empty", () -> relay.metric("poststation_spool_mails") == 0);
    ledger.arrived(sink.files(), client::isEndOf);
    var acknowledged = client.acknowledged().keySet();
    var lost = ledger.missing(acknowledged);
    write(
        "| %s | %d | %,d | %d | %,d | %,d |%n"
            .formatted(
                fault,
                faults,
                acknowledged.size(),
                lost.size(),
                ledger.duplicates(),
                ledger.bound()));
    assertThat(lost).as("lost").isEmpty();
    assertThat(client.offered()).as("made up").containsAll(ledger.arrived());
    Set<String> resurrected = new HashSet<>(client.refusedAtTheEnd());
    resurrected.retainAll(ledger.arrived());
    assertThat(resurrected.size()).as("refused, and sent").isLessThanOrEqualTo(undecided);
    assertThat(ledger.excess()).as("duplicates").isEmpty();
    assertThat(relay.metric("poststation_spool_corrupt")).isZero();
  }

  /// Adds to the table of this run.
  static void write(String row) {
    System.out.print(row);
    try {
      Files.writeString(TABLE, row, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    client.close();
    relay.close();
    sink.close();
  }
}
