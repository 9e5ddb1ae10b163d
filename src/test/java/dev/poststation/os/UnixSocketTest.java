package dev.poststation.os;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Unix sockets through the door, as TCP: from virtual threads, with deadlines.
@Timeout(60)
class UnixSocketTest {
  @TempDir Path directory;

  private ServerSocketChannel server;
  private SocketChannel peer;
  private Connection connection;

  @BeforeEach
  void connect() throws Exception {
    Path path = directory.resolve("s");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(path));
    connection = virtually(() -> Os.real().network().connect(path.toString()));
    peer = server.accept();
    connection.deadline(Duration.ofSeconds(30));
  }

  @AfterEach
  void close() throws IOException {
    connection.close();
    peer.close();
    server.close();
  }

  private interface Body<T> {
    T run() throws Exception;
  }

  private static <T> T virtually(Body<T> body) throws Exception {
    var task = new FutureTask<>(body::run);
    Thread.startVirtualThread(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private String read(int length) throws Exception {
    byte[] octets = new byte[length];
    int count = virtually(() -> connection.read(octets, 0, length));
    return count < 0 ? "end" : new String(octets, 0, count, US_ASCII);
  }

  private void say(String text) throws IOException {
    peer.write(ByteBuffer.wrap(text.getBytes(US_ASCII)));
  }

  @Test
  void octetsGoBothWays() throws Exception {
    byte[] octets = new byte[1 << 20];
    var writing =
        new FutureTask<>(
            () -> {
              connection.write(octets, 0, octets.length);
              return true;
            });
    Thread.startVirtualThread(writing);
    var all = ByteBuffer.allocate(octets.length);
    while (all.hasRemaining()) {
      peer.read(all);
    }
    assertThat(writing.get()).isTrue();
    say("220 here\r\n");
    assertThat(read(100)).isEqualTo("220 here\r\n");
    peer.close();
    assertThat(read(100)).isEqualTo("end");
  }

  @Test
  void whatHasComeIsSeenWithoutWaitingAndReadAfterwards() throws Exception {
    assertThat(virtually(connection::available)).isZero();
    say("unasked");
    assertThat(virtually(connection::available)).isEqualTo(7);
    assertThat(virtually(connection::available)).isEqualTo(7);
    assertThat(read(2)).isEqualTo("un");
    assertThat(read(100)).isEqualTo("asked");
    assertThat(virtually(connection::available)).isZero();
    say("more");
    assertThat(read(100)).isEqualTo("more");
    peer.close();
    assertThat(virtually(connection::available)).isZero();
    assertThat(read(100)).isEqualTo("end");
  }

  @Test
  void aPeerThatSaysNothingMissesTheDeadline() {
    connection.deadline(Duration.ofMillis(50));
    assertThatThrownBy(() -> read(100)).isInstanceOf(SocketTimeoutException.class);
  }

  /// As a socket of TCP says it.
  @Test
  void whoWritesToAPeerThatHasHungUpHearsThatOfTheSocket() throws IOException {
    peer.close();
    byte[] octets = new byte[1 << 20];
    assertThatThrownBy(() -> virtually(() -> written(octets))).isInstanceOf(SocketException.class);
  }

  private boolean written(byte[] octets) throws IOException {
    connection.write(octets, 0, octets.length);
    return true;
  }

  @Test
  void whereNobodyListensItFailsAtOnce() {
    assertThatThrownBy(() -> Os.real().network().connect(directory.resolve("none").toString()))
        .isInstanceOf(IOException.class);
  }
}
