package dev.poststation.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Connection;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What every [Connection] promises: is the simulated one honest?
@Timeout(30)
public abstract class ConnectionContractTest {
  private static final Duration SOON = Duration.ofMillis(300);

  protected Connection client;
  protected Connection server;

  /// Lets the time pass that a deadline needs.
  protected abstract void pass(Duration time) throws InterruptedException;

  private static void write(Connection to, String text) throws IOException {
    byte[] octets = text.getBytes(StandardCharsets.US_ASCII);
    to.write(octets, 0, octets.length);
  }

  private static String read(Connection from) throws IOException {
    byte[] buffer = new byte[1000];
    int count = from.read(buffer, 0, buffer.length);
    return count < 0 ? null : new String(buffer, 0, count, StandardCharsets.US_ASCII);
  }

  /// Starts a thread that the connection knows how to wake.
  protected <T> FutureTask<T> start(Callable<T> body) {
    var task = new FutureTask<>(body);
    Thread.ofVirtual().start(task);
    return task;
  }

  /// Lets others go on.
  protected void pause() throws InterruptedException {
    Thread.onSpinWait();
  }

  @Test
  void bothEndsKnowEachOther() {
    assertThat(client.remote()).isEqualTo(server.local());
    assertThat(server.remote()).isEqualTo(client.local());
    assertThat(client.tls()).isNull();
  }

  @Test
  void whatOneWritesTheOtherReads() throws IOException {
    write(client, "abc");
    assertThat(read(server)).isEqualTo("abc");
    write(server, "def");
    assertThat(read(client)).isEqualTo("def");
  }

  @Test
  void availableTellsOfOctetsThatWait() throws Exception {
    assertThat(server.available()).isZero();
    write(client, "abc");
    while (server.available() < 3) {
      pause();
    }
    server.read(new byte[1], 0, 1);
    assertThat(server.available()).isEqualTo(2);
  }

  @Test
  void afterCloseTheOtherReadsTheRestAndThenTheEnd() throws IOException {
    write(client, "abc");
    client.close();
    assertThat(read(server)).isEqualTo("abc");
    assertThat(read(server)).isNull();
  }

  @Test
  void closingWakesTheOwnReader() throws Exception {
    var reader = start(() -> read(server));
    server.close();
    assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(IOException.class);
    assertThatThrownBy(() -> read(server)).isInstanceOf(IOException.class);
  }

  @Test
  void aReaderTimesOutAndMaySayFarewell() throws Exception {
    server.deadline(SOON);
    var reader = start(() -> read(server));
    pass(SOON);
    assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(SocketTimeoutException.class);
    assertThatThrownBy(() -> read(server)).isInstanceOf(SocketTimeoutException.class);
    write(server, "goodbye");
    assertThat(read(client)).isEqualTo("goodbye");
  }

  @Test
  void anotherThreadMayWakeTheReaderByTheDeadline() throws Exception {
    server.deadline(Duration.ofHours(1));
    var reader = start(() -> read(server));
    server.deadline(Duration.ZERO);
    assertThatThrownBy(() -> reader.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(SocketTimeoutException.class);
  }

  @Test
  void aLaterDeadlineReplacesTheOneBefore() throws Exception {
    server.deadline(SOON);
    server.deadline(Duration.ofHours(1));
    var reader = start(() -> read(server));
    pass(SOON);
    write(client, "abc");
    assertThat(reader.get(10, TimeUnit.SECONDS)).isEqualTo("abc");
  }

  @Test
  void closingTwiceDoesNoHarm() {
    client.close();
    client.close();
    server.close();
  }
}
