package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.poststation.config.ServicePoint;
import dev.poststation.os.FreePort;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A service with several places, one of which takes connections and says nothing.
@Timeout(60)
final class CallTest {
  private final List<Socket> hanging = new ArrayList<>();
  private ServerSocket silent;
  private ServerSocket good;
  private ServerSocket resting;

  @BeforeEach
  void start() throws IOException {
    silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    good = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    resting = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(() -> serve(silent, false));
    Thread.ofVirtual().start(() -> serve(good, true));
  }

  @AfterEach
  void stop() throws IOException {
    silent.close();
    good.close();
    resting.close();
    synchronized (hanging) {
      for (var socket : hanging) {
        socket.close();
      }
    }
  }

  private void serve(ServerSocket at, boolean answers) {
    try {
      while (true) {
        var socket = at.accept();
        if (answers) {
          socket.getOutputStream().write('!');
          socket.close();
        } else {
          synchronized (hanging) {
            hanging.add(socket);
          }
        }
      }
    } catch (IOException _) {
      // The test is over.
    }
  }

  private static Call call(int... ports) {
    List<ServicePoint> at = new ArrayList<>();
    for (int port : ports) {
      at.add(new ServicePoint("127.0.0.1", port));
    }
    return new Call(at, new ScriptedResolver().address("127.0.0.1", "127.0.0.1"), Os.real());
  }

  private static int ask(Call call, Duration atMost) throws ServiceException {
    byte[] octet = new byte[1];
    return call.make(
        atMost,
        (connection, _) -> {
          if (connection.read(octet, 0, 1) < 1) {
            throw new IOException("nothing came");
          }
          return (int) octet[0];
        });
  }

  private int asked() {
    synchronized (hanging) {
      return hanging.size();
    }
  }

  @Test
  void aPlaceThatIsSilentLeavesTimeForTheOtherAndIsAskedAfterItThen() throws Exception {
    var call = call(silent.getLocalPort(), good.getLocalPort());
    assertThat(ask(call, Duration.ofSeconds(2))).isEqualTo('!');
    assertThat(asked()).isEqualTo(1);
    for (int i = 0; i < 6; i++) {
      assertThat(ask(call, Duration.ofSeconds(20))).isEqualTo('!');
    }
    assertThat(asked()).isEqualTo(1);
  }

  @Test
  void whenNoPlaceAnswersEachIsNamedWithItsReason() {
    int nobody = FreePort.find();
    var call = call(silent.getLocalPort(), nobody);
    assertThatThrownBy(() -> ask(call, Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            ServiceException.class,
            e -> {
              assertThat(e.isDown()).isTrue();
              assertThat(e.reason())
                  .contains("127.0.0.1:" + silent.getLocalPort() + ": ", "127.0.0.1:" + nobody);
            });
  }

  /// Says a word to who asks for one, and hangs, or hangs up, at everything else.
  private static void sign(ServerSocket at, boolean hangs, List<Socket> hanging) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  var socket = at.accept();
                  int asked = socket.getInputStream().read();
                  if (asked == 'P') {
                    socket.getOutputStream().write('!');
                  }
                  if (asked == 'P' || !hangs) {
                    socket.close();
                  } else {
                    synchronized (hanging) {
                      hanging.add(socket);
                    }
                  }
                }
              } catch (IOException _) {
                // The test is over.
              }
            });
  }

  private static Call signing(int port) {
    return new Call(
        List.of(new ServicePoint("127.0.0.1", port)),
        new ScriptedResolver().address("127.0.0.1", "127.0.0.1"),
        Os.real(),
        _ -> new byte[] {'P'});
  }

  private static ServiceException asked(int port) {
    var call = signing(port);
    return assertThrows(
        ServiceException.class,
        () ->
            call.make(
                Duration.ofSeconds(2),
                (connection, _) -> {
                  connection.write(new byte[] {'?'}, 0, 1);
                  if (connection.read(new byte[1], 0, 1) < 1) {
                    throw new EOFException("nothing came");
                  }
                  return "";
                }));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aMailThatMakesAServiceHangOrHangUpDoesNotMakeItDown(boolean hangs) {
    sign(resting, hangs, hanging);
    var fault = asked(resting.getLocalPort());
    assertThat(fault.isDown()).as(fault.reason()).isFalse();
    assertThat(fault.reason()).contains("it does answer when it is asked for a sign");
  }

  @Test
  void aMailAtWhichAServiceAnswersWhatNobodyUnderstandsDoesNotMakeItDown() {
    sign(resting, true, hanging);
    var call = signing(resting.getLocalPort());
    Call.Talk<String> odd =
        (connection, _) -> {
          throw new IOException("its answer is too long");
        };
    Call.Talk<String> busy =
        (connection, _) -> {
          throw new UnableException("it answers 503");
        };
    var limit = Duration.ofSeconds(2);
    assertThat(assertThrows(ServiceException.class, () -> call.make(limit, odd)).isDown())
        .isFalse();
    assertThat(assertThrows(ServiceException.class, () -> call.make(limit, busy)).isDown())
        .as("that it cannot now is believed")
        .isTrue();
  }

  @Test
  void aServiceThatGivesNoSignEitherIsDown() {
    assertThat(asked(silent.getLocalPort()).isDown()).isTrue();
    assertThat(asked(FreePort.find()).isDown()).isTrue();
  }

  /// Answers requests of one octet each, and closes where it has no answer.
  ///
  /// @return how many requests have come
  private AtomicInteger answering(String... answers) {
    var asked = new AtomicInteger();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  try (var socket = resting.accept()) {
                    while (socket.getInputStream().read() >= 0) {
                      String answer = answers[asked.getAndIncrement()];
                      socket.getOutputStream().write(answer.getBytes(US_ASCII));
                      if (!answer.endsWith("\n")) {
                        break;
                      }
                    }
                  }
                }
              } catch (IOException _) {
                // The test is over.
              }
            });
    return asked;
  }

  private static String ask(Call call, Resting resting) throws ServiceException {
    return ask(call, resting, Duration.ofSeconds(20));
  }

  private static String ask(Call call, Resting resting, Duration atMost) throws ServiceException {
    return call.make(
        atMost,
        resting,
        (_, wire) -> {
          wire.write("?");
          String line = wire.line();
          if (line.startsWith("503")) {
            throw new IOException(line);
          }
          return new Call.Kept<>(line, true);
        });
  }

  @Test
  void aConnectionThatEndedWhileItRestedGivesWayToANewOne() throws Exception {
    var asked = answering("one\n", "", "two\n");
    var rested = new Resting();
    var call = call(resting.getLocalPort());
    assertThat(ask(call, rested)).isEqualTo("one");
    assertThat(ask(call, rested)).isEqualTo("two");
    assertThat(asked).hasValue(3);
  }

  /// Answers the first request of a connection, says nothing to others, and gives signs.
  private void hangsAtTheSecond() {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                while (true) {
                  var socket = resting.accept();
                  Thread.ofVirtual().start(() -> answerOnce(socket));
                }
              } catch (IOException _) {
                // The test is over.
              }
            });
  }

  private static void answerOnce(Socket socket) {
    try (socket) {
      int asked = socket.getInputStream().read();
      socket.getOutputStream().write((asked == 'P' ? "!" : "one\n").getBytes(US_ASCII));
      while (socket.getInputStream().read() >= 0) {
        // It hangs.
      }
    } catch (IOException _) {
      // It has been closed.
    }
  }

  @Test
  void aMailAtWhichAConnectionHangsThatRestedDoesNotMakeTheServiceDown() throws Exception {
    hangsAtTheSecond();
    var rested = new Resting();
    var call = signing(resting.getLocalPort());
    assertThat(ask(call, rested)).isEqualTo("one");
    assertThatThrownBy(() -> ask(call, rested, Duration.ofSeconds(1)))
        .isInstanceOfSatisfying(
            ServiceException.class, e -> assertThat(e.isDown()).as(e.reason()).isFalse());
  }

  @Test
  void aConnectionThatRestedForTooLongGivesWayToANewOne() throws Exception {
    hangsAtTheSecond();
    var rested = new Resting();
    var call = signing(resting.getLocalPort());
    var place = new ServicePoint("127.0.0.1", resting.getLocalPort());
    assertThat(ask(call, rested)).isEqualTo("one");
    var over = rested.take(place);
    assertThat(over).isNotNull();
    over.deadline(Duration.ofMillis(1));
    assertThrows(SocketTimeoutException.class, () -> over.read(new byte[1], 0, 1));
    rested.put(place, over);
    assertThat(ask(call, rested)).isEqualTo("one");
  }

  @ParameterizedTest
  @ValueSource(strings = {"503 too much to do\n", "hal"})
  void whatWasAnsweredOverAConnectionThatRestedIsNotAskedTwice(String answer) throws Exception {
    var asked = answering("one\n", answer, "two\n");
    var rested = new Resting();
    var call = call(resting.getLocalPort());
    assertThat(ask(call, rested)).isEqualTo("one");
    assertThatThrownBy(() -> ask(call, rested)).isInstanceOf(ServiceException.class);
    assertThat(asked).hasValue(2);
  }
}
