package dev.poststation.delivery;

import dev.poststation.config.Limits;
import dev.poststation.os.Binding;
import dev.poststation.os.Connection;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.TlsStart;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.ReplyReader;
import dev.poststation.smtp.WireBuffer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The talk with a next hop: commands out, collected into few writes; replies in, each with its
/// time-out; all of it written down. Confined to one thread, except for `hangUp`.
final class Dialogue {
  /// What goes out in one write at most; a content that fits takes one write.
  static final int WRITE_MAX = 64 * 1024;

  /// Nobody waits that long for his turn; the sweeper is not to end a connection meanwhile.
  private static final Duration PACE_MAX = Duration.ofDays(1);

  private static final byte[] CRLF = {'\r', '\n'};

  private final Connection connection;
  private final Time time;
  private final ReplyReader replies;
  private final WireBuffer out;
  private Transcript transcript;
  private Duration writePatience;
  private final Set<String> secrets = new LinkedHashSet<>();
  private boolean bounded;
  private long end;
  private @Nullable Pace pace;
  private boolean bulk;

  /// @param writePatience how long one write may take
  Dialogue(
      Connection connection,
      Time time,
      Limits limits,
      Duration writePatience,
      Transcript transcript) {
    this.connection = connection;
    this.time = time;
    this.replies = new ReplyReader(connection, limits.replyLine(), limits.replyLines());
    this.out = new WireBuffer(this::write, WRITE_MAX);
    this.writePatience = writePatience;
    this.transcript = transcript;
  }

  /// Goes on with a fresh transcript and a bound for all that is said until the next one.
  void begin(Transcript fresh, Duration atMost) {
    transcript = fresh;
    end = time.nanos() + atMost.toNanos();
    bounded = true;
  }

  /// From now on what is written keeps to this pace; null: it need not. Waiting for it does not
  /// count as time that the mail takes.
  ///
  /// @param yields whether it is bulk, which leaves the line to other mail
  void keep(@Nullable Pace kept, boolean yields) {
    pace = kept;
    bulk = yields;
  }

  /// Lifts or moves the bound set by `begin`: some steps have their own.
  void extend(Duration fromNow) {
    end = time.nanos() + fromNow.toNanos();
  }

  /// Nothing is to be read or written for a while, at most so long.
  void rest(Duration atMost) {
    connection.deadline(atMost);
  }

  Transcript transcript() {
    return transcript;
  }

  /// Collects a command; nothing goes out yet.
  void say(String command) throws IOException {
    say(command, command);
  }

  private void say(String command, String shown) throws IOException {
    if (command.indexOf('\n') >= 0 || command.indexOf('\r') >= 0) {
      // Addresses and parameters were parsed when they came in: this is a bug, and must not become
      // a second command.
      throw new IllegalStateException("a line end inside a command: " + PeerText.of(shown));
    }
    transcript.client(shown);
    out.put(command);
    out.put(CRLF, 0, CRLF.length);
  }

  /// Where content is collected.
  WireBuffer out() {
    return out;
  }

  /// Sends what was collected.
  void flush() throws IOException {
    out.flush();
  }

  /// Sends what was collected and waits for the next reply.
  Reply reply(Duration atMost) throws IOException {
    out.flush();
    connection.deadline(within(atMost));
    Reply reply = replies.read();
    if (reply.code() >= 400 && !secrets.isEmpty()) {
      reply = masked(reply);
    }
    transcript.server(reply);
    return reply;
  }

  /// Says a command and waits for its reply.
  Reply ask(String command, Duration atMost) throws IOException {
    say(command);
    return reply(atMost);
  }

  /// From now on no refusal is written down, or given back, with one of these in it.
  void hush(Collection<String> more) {
    secrets.addAll(more);
  }

  private Reply masked(Reply reply) {
    var lines = reply.lines().stream().map(line -> Masking.of(line, secrets)).toList();
    String all = String.join(" ", lines);
    return new Reply(
        reply.code(),
        reply.status(),
        Masking.of(all, secrets).equals(all) ? lines : List.of(Masking.MASK));
  }

  /// The same with a secret in the command; a reply that shows one of the secrets is not written
  /// down as it is, nor given back so. What an intermediate one says is not written down at all.
  Reply askSecretly(String command, String shown, Duration atMost) throws IOException {
    say(command, shown);
    out.flush();
    connection.deadline(within(atMost));
    Reply reply = replies.read();
    if (reply.intermediate()) {
      boolean nothing = reply.lines().equals(List.of(""));
      transcript.server(nothing ? reply : new Reply(reply.code(), null, List.of("***")));
      return reply;
    }
    reply = masked(reply);
    transcript.server(reply);
    return reply;
  }

  private void write(byte[] octets, int offset, int length) throws IOException {
    var kept = pace;
    int most = kept == null ? WRITE_MAX : kept.piece();
    for (int done = 0; done < length; ) {
      int piece = Math.min(most, length - done);
      if (kept != null) {
        wait(kept, piece);
      }
      connection.deadline(within(writePatience));
      connection.write(octets, offset + done, piece);
      done += piece;
    }
  }

  private void wait(Pace kept, int octets) throws IOException {
    try {
      connection.deadline(PACE_MAX);
      end += kept.take(octets, bulk);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while it kept to the bandwidth");
    }
  }

  private Duration within(Duration atMost) throws SocketTimeoutException {
    if (!bounded) {
      return atMost;
    }
    long left = end - time.nanos();
    if (left <= 0) {
      throw new SocketTimeoutException("the mail takes too long");
    }
    return left < atMost.toNanos() ? Duration.ofNanos(left) : atMost;
  }

  /// Whether the peer said something that it was not asked for.
  boolean unasked() throws IOException {
    return replies.buffered() || connection.available() > 0;
  }

  /// Whether more replies have come than were asked for, as far as is known without looking.
  boolean ahead() {
    return replies.buffered();
  }

  /// Starts TLS.
  TlsFacts secure(TlsStart how, Duration atMost) throws IOException {
    connection.deadline(atMost);
    return connection.startTls(how);
  }

  @Nullable TlsFacts tls() {
    return connection.tls();
  }

  byte @Nullable [] binding(Binding kind) {
    return connection.binding(kind);
  }

  /// Says QUIT without waiting for the answer, and closes: nothing that it could say would change
  /// anything.
  void farewell(Duration atMost) {
    try {
      out.clear();
      out.put("QUIT\r\n");
      bounded = false;
      writePatience = atMost;
      out.flush();
    } catch (IOException _) {
      // It is gone already.
    }
    connection.close();
  }

  /// Closes at once. From any thread.
  void hangUp() {
    connection.close();
  }
}
