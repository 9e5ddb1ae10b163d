package dev.poststation.system;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// Sends mail over several sessions, each mail with a token of its own, and records which ones the
/// relay has acknowledged. Sessions whose connection breaks end; `close` ends all. Safe for any
/// thread.
final class RecordingClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 30_000;

  private final String prefix;
  private final int port;
  private final int size;
  private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
  private final Set<String> offered = ConcurrentHashMap.newKeySet();
  private final AtomicInteger next = new AtomicInteger();
  private final List<Thread> sessions = new ArrayList<>();
  private volatile boolean ending;

  private RecordingClient(String prefix, int port, int size) {
    this.prefix = prefix;
    this.port = port;
    this.size = size;
  }

  /// Starts sending mails of that size, as fast as the relay takes them.
  static RecordingClient start(String prefix, int port, int sessions, int size) {
    var client = new RecordingClient(prefix, port, size);
    for (int i = 0; i < sessions; i++) {
      client.sessions.add(Thread.ofPlatform().daemon().name("client " + i).start(client::session));
    }
    return client;
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
        mail(socket, in, prefix + "-" + next.incrementAndGet() + "-x");
      }
      command(socket, in, "QUIT", "221");
    } catch (IOException e) {
      // The relay is gone: what it acknowledged until now is recorded.
    }
  }

  private void mail(Socket socket, BufferedReader in, String token) throws IOException {
    command(socket, in, "MAIL FROM:<sender@here.test>", "250");
    command(socket, in, "RCPT TO:<" + token + "@there.test>", "250");
    command(socket, in, "DATA", "354");
    String line = "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
    String mail =
        "Subject: " + token + "\r\n\r\n" + line.repeat(size / line.length() + 1) + ".\r\n";
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
      throw new IOException("expected " + code + ": " + line);
    }
    return line;
  }
}
