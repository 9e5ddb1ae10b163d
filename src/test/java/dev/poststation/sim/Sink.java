package dev.poststation.sim;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.os.TlsStart;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A next hop on a real socket of the loopback interface that takes every mail, but knows no
/// recipient whose name begins with `unknown`. Keeps contents on wish. Safe for any thread.
public final class Sink implements Closeable {
  private final Network.Acceptor acceptor;
  private final List<String> extensions;
  private final @Nullable SSLContext tls;
  private final boolean implicitTls;
  private final boolean keep;
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private final List<byte[]> contents = new CopyOnWriteArrayList<>();
  private final List<String> requestedNames = new CopyOnWriteArrayList<>();
  private final AtomicLong mails = new AtomicLong();

  /// @param extensions for EHLO; STARTTLS is added where there is `tls`
  /// @param keep whether contents are kept
  public Sink(
      Os os, List<String> extensions, @Nullable SSLContext tls, boolean implicitTls, boolean keep)
      throws IOException {
    this.extensions = List.copyOf(extensions);
    this.tls = tls;
    this.implicitTls = implicitTls;
    this.keep = keep;
    this.acceptor =
        os.network().listen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    os.tasks().platform("sink", () -> accept(os));
  }

  public int port() {
    return acceptor.local().getPort();
  }

  public long mails() {
    return mails.get();
  }

  /// The contents as sent, dots undoubled.
  public List<byte[]> contents() {
    return contents;
  }

  /// What clients asked for by SNI, one for each handshake; empty: no name.
  public List<String> requestedNames() {
    return requestedNames;
  }

  public int connections() {
    return connections.size();
  }

  private void accept(Os os) {
    try {
      while (true) {
        var connection = acceptor.accept();
        connections.add(connection);
        os.tasks().virtual("sink", () -> new Session(connection).run());
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  @Override
  public void close() {
    acceptor.close();
    connections.forEach(Connection::close);
  }

  private final class Session {
    private final Connection connection;
    private final byte[] buffer = new byte[64 * 1024];
    private int from;
    private int to;
    private final ByteArrayOutputStream replies = new ByteArrayOutputStream();

    Session(Connection connection) {
      this.connection = connection;
    }

    void run() {
      try {
        if (implicitTls) {
          secure();
        }
        say("220 sink.example ESMTP");
        while (serve(line())) {}
      } catch (IOException _) {
        // Gone.
      } finally {
        connection.close();
        connections.remove(connection);
      }
    }

    private boolean serve(String line) throws IOException {
      String verb = line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
      switch (verb) {
        case "EHLO" -> hello();
        case "DATA" -> {
          say("354 go");
          data();
          say("250 2.0.0 Ok: queued as " + mails.incrementAndGet());
        }
        case "BDAT" -> {
          byte[] chunk = octets(Integer.parseInt(line.split(" ", -1)[1]));
          if (keep) {
            contents.add(chunk);
          }
          say("250 2.0.0 Ok: queued as " + mails.incrementAndGet());
        }
        case "STAR" -> {
          say("220 go");
          flush();
          secure();
        }
        case "QUIT" -> {
          say("221 bye");
          flush();
          return false;
        }
        case "RCPT" -> say(line.contains("<unknown") ? "550 5.1.1 No such user" : "250 2.1.5 Ok");
        default -> say("250 2.1.0 Ok");
      }
      return true;
    }

    private void hello() throws IOException {
      say("250-sink.example");
      for (String extension : extensions) {
        say("250-" + extension);
      }
      say(tls != null && connection.tls() == null ? "250 STARTTLS" : "250 HELP");
    }

    private void secure() throws IOException {
      var start = new TlsStart(tls, true, null, false, List.of("TLSv1.3", "TLSv1.2"));
      String name = connection.startTls(start).requestedName();
      requestedNames.add(name == null ? "" : name);
    }

    private void say(String reply) {
      replies.writeBytes((reply + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    private void flush() throws IOException {
      if (replies.size() > 0) {
        connection.write(replies.toByteArray(), 0, replies.size());
        replies.reset();
      }
    }

    private void fill() throws IOException {
      flush();
      if (from > 0 && from == to) {
        from = 0;
        to = 0;
      } else if (to == buffer.length) {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
      }
      int count = connection.read(buffer, to, buffer.length - to);
      if (count < 0) {
        throw new EOFException();
      }
      to += count;
    }

    private String line() throws IOException {
      int scan = from;
      while (true) {
        for (; scan < to; scan++) {
          if (buffer[scan] == '\n') {
            String line = new String(buffer, from, scan - 1 - from, StandardCharsets.UTF_8);
            from = scan + 1;
            return line;
          }
        }
        int read = scan - from;
        fill();
        scan = from + read;
      }
    }

    private byte[] octets(int count) throws IOException {
      byte[] octets = new byte[count];
      for (int at = 0; at < count; ) {
        if (from == to) {
          fill();
        }
        int piece = Math.min(count - at, to - from);
        System.arraycopy(buffer, from, octets, at, piece);
        from += piece;
        at += piece;
      }
      return octets;
    }

    private void data() throws IOException {
      var content = new ByteArrayOutputStream();
      while (true) {
        int start = from;
        int scan = from;
        int end = -1;
        while (end < 0) {
          for (; scan < to && end < 0; scan++) {
            if (buffer[scan] == '\n') {
              end = scan;
            }
          }
          if (end < 0) {
            int read = scan - from;
            fill();
            start = from;
            scan = from + read;
          }
        }
        from = end + 1;
        boolean dotted = buffer[start] == '.';
        if (dotted && end - start == 2) {
          break;
        }
        if (keep) {
          content.write(buffer, dotted ? start + 1 : start, end + 1 - start - (dotted ? 1 : 0));
        }
      }
      if (keep) {
        contents.add(content.toByteArray());
      }
    }
  }
}
