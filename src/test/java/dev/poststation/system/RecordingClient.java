package dev.poststation.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/// Sends mail over several sessions, each mail with a token of its own, and records which ones the
/// relay has acknowledged. Sessions whose connection breaks end, or come back if they were told to;
/// `close` ends all. Safe for any thread.
final class RecordingClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;
  private static final long COME_BACK_NANOS = 20_000_000;
  private static final String USUAL =
      "0123456789012345678901234567890123456789012345678901234567890123456789";

  private final String prefix;
  private final int port;
  private final String line;
  private final int lines;
  private final boolean persevering;
  private final Duration pause;
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
  private final Set<String> offered = ConcurrentHashMap.newKeySet();
  private final Map<String, Integer> refused = new ConcurrentHashMap<>();
  private final Set<String> refusedAtTheEnd = ConcurrentHashMap.newKeySet();
  private final AtomicInteger next = new AtomicInteger();
  private final List<Thread> sessions = new ArrayList<>();
  private volatile boolean ending;

  private RecordingClient(
      String prefix, int port, String line, int size, boolean persevering, Duration pause) {
    this.prefix = prefix;
    this.port = port;
    this.line = line;
    lines = size / (line.length() + 2) + 1;
    this.persevering = persevering;
    this.pause = pause;
  }

  /// Starts sending mails of that size, as fast as the relay takes them.
  static RecordingClient start(String prefix, int port, int sessions, int size) {
    return new RecordingClient(prefix, port, USUAL, size, false, Duration.ZERO).start(sessions);
  }

  /// The same, but nothing ends it before `close`: a session whose connection breaks connects anew,
  /// and one whose mail is refused for now sends another one.
  ///
  /// @param pause of a session after each mail
  static RecordingClient persevere(
      String prefix, int port, int sessions, int size, Duration pause) {
    return new RecordingClient(prefix, port, USUAL, size, true, pause).start(sessions);
  }

  /// The same with mails that have nothing in them but this line; one that is refused for good is
  /// followed by another one, too.
  static RecordingClient insist(String prefix, int port, int sessions, String line) {
    return new RecordingClient(prefix, port, line, 0, true, Duration.ofMillis(10)).start(sessions);
  }

  private RecordingClient start(int count) {
    for (int i = 0; i < count; i++) {
      sessions.add(Thread.ofPlatform().daemon().name("client " + i).start(this::come));
    }
    return this;
  }

  /// The mails for which a 250 came after the final dot: the queue id that stood in it, by the
  /// token of the mail, which is its subject and its recipient.
  Map<String, String> acknowledged() {
    return Map.copyOf(acknowledged);
  }

  /// The tokens of all mails of which the final dot was sent.
  Set<String> offered() {
    return Set.copyOf(offered);
  }

  /// The tokens of the mails that were refused after the final dot.
  Set<String> refusedAtTheEnd() {
    return Set.copyOf(refusedAtTheEnd);
  }

  /// How often it was refused, by reply code.
  Map<String, Integer> refused() {
    return Map.copyOf(refused);
  }

  /// Whether this is the end of one of its mails as it came over the wire, LF at the end of a line.
  boolean isEndOf(String mail) {
    return mail.endsWith("\n\n" + (line + "\n").repeat(lines));
  }

  /// Waits until every session has ended, because the relay is gone or after `close`.
  void awaitEnd() {
    for (Thread session : sessions) {
      try {
        session.join(TIMEOUT_MILLIS);
      } catch (InterruptedException e) {
        throw new AssertionError("interrupted", e);
      }
    }
  }

  @Override
  public void close() {
    ending = true;
    awaitEnd();
  }

  private void come() {
    session();
    while (persevering && !ending) {
      LockSupport.parkNanos(COME_BACK_NANOS);
      session();
    }
  }

  private void session() {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
      socket.setSoTimeout(TIMEOUT_MILLIS);
      var in =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      expect(in, "220");
      command(socket, in, "EHLO client.here.test", "250");
      while (!ending) {
        mailOrRefusal(socket, in, prefix + "-" + next.incrementAndGet() + "-x");
        LockSupport.parkNanos(pause.toNanos());
      }
      command(socket, in, "QUIT", "221");
    } catch (IOException e) {
      // The relay is gone: what it acknowledged until now is recorded.
    }
  }

  private void mailOrRefusal(Socket socket, BufferedReader in, String token) throws IOException {
    try {
      mail(socket, in, token);
    } catch (Refusal refusal) {
      refused.merge(refusal.code, 1, Integer::sum);
      if (offered.contains(token)) {
        refusedAtTheEnd.add(token);
      }
      if (!persevering || !refusal.code.startsWith("45")) {
        throw refusal;
      }
      LockSupport.parkNanos(COME_BACK_NANOS);
      command(socket, in, "RSET", "250");
    }
  }

  private void mail(Socket socket, BufferedReader in, String token) throws IOException {
    command(socket, in, "MAIL FROM:<sender@here.test>", "250");
    command(socket, in, "RCPT TO:<" + token + "@there.test>", "250");
    command(socket, in, "DATA", "354");
    String mail = "Subject: " + token + "\r\n\r\n" + (line + "\r\n").repeat(lines) + ".\r\n";
    offered.add(token);
    socket.getOutputStream().write(mail.getBytes(StandardCharsets.US_ASCII));
    String reply = expect(in, "250");
    acknowledged.put(token, reply.substring(reply.lastIndexOf(' ') + 1));
  }

  private static void command(Socket socket, BufferedReader in, String command, String code)
      throws IOException {
    socket.getOutputStream().write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
    expect(in, code);
  }

  private static String expect(BufferedReader in, String code) throws IOException {
    String line;
    do {
      line = in.readLine();
      if (line == null) {
        throw new IOException("closed");
      }
    } while (line.startsWith(code + "-"));
    if (!line.startsWith(code)) {
      throw new Refusal(line);
    }
    return line;
  }

  /// Another reply than the one that leads on.
  private static final class Refusal extends IOException {
    private static final long serialVersionUID = 1;
    private final String code;

    Refusal(String line) {
      super(line);
      code = line.substring(0, Math.min(3, line.length()));
    }
  }
}
