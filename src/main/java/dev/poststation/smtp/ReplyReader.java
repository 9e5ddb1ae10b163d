package dev.poststation.smtp;

import dev.poststation.os.Connection;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads the replies of a next hop (RFC 5321 4.2) as hostile input: lines are kept up to a limit
/// and cut there, the lines of a reply are counted, codes must agree, text is made harmless, an
/// enhanced status counts only where its class fits the code. A line may end with a bare LF, as
/// some peers do. Confined to one thread; time is bounded by the deadline of the connection.
public final class ReplyReader {
  private static final int BUFFER = 4096;
  private static final int THROWN_AWAY = 64 * 1024;

  /// Characters of a reply that are kept; its further lines are only counted. A reply is kept for
  /// each recipient, and a hostile one must not fill the memory.
  static final int KEPT_MAX = 16 * 1024;

  private static final int RECENT = 8;
  private static final int RECENT_LENGTH_MAX = 80;

  private final Connection in;
  private final int lineMax;
  private final int linesMax;
  private final byte[] buffer;
  private int from;
  private int to;

  // The line at hand: octets `from` to `end` of the buffer, the next one begins at `next`; `cut`:
  // the rest of
  // it is still to be thrown away.
  private int end;
  private int next;
  private boolean cut;

  /// A next hop says the same few replies for every mail: they are made only once.
  private final @Nullable Recent[] recent = new Recent[RECENT];

  private record Recent(byte[] octets, Reply reply) {}

  private final ReplyLine line = new ReplyLine();

  /// @param lineMax octets of a line that are kept; more are thrown away
  /// @param linesMax lines of a reply; one more is malformed
  public ReplyReader(Connection in, int lineMax, int linesMax) {
    this.in = in;
    this.lineMax = lineMax;
    this.linesMax = linesMax;
    this.buffer = new byte[Math.max(BUFFER, lineMax + 2)];
  }

  /// Whether octets were received that belong to no reply asked for so far.
  public boolean buffered() {
    return from < to;
  }

  /// Reads the next reply.
  ///
  /// @throws MalformedReplyException when it is none
  /// @throws EOFException when the peer closed the connection
  /// @throws java.net.SocketTimeoutException when the deadline of the connection has passed
  public Reply read() throws IOException {
    findLine();
    if (!cut && end - from <= RECENT_LENGTH_MAX && end - from > 3 && buffer[from + 3] != '-') {
      return readUsual();
    }
    line.parse(buffer, from, end);
    if (line.last()) {
      Reply reply = new Reply(line.code(), line.status(), List.of(line.text(buffer, end)));
      passLine();
      return reply;
    }
    return readLines();
  }

  private Reply readUsual() throws MalformedReplyException {
    int hash = 0;
    for (int i = from; i < end; i++) {
      hash = 31 * hash + buffer[i];
    }
    int slot = (hash ^ hash >>> 16) & (RECENT - 1);
    Recent known = recent[slot];
    Reply reply;
    if (known != null && Arrays.equals(known.octets, 0, known.octets.length, buffer, from, end)) {
      reply = known.reply;
    } else {
      line.parse(buffer, from, end);
      reply = new Reply(line.code(), line.status(), List.of(line.text(buffer, end)));
      recent[slot] = new Recent(Arrays.copyOfRange(buffer, from, end), reply);
    }
    from = next;
    return reply;
  }

  private Reply readLines() throws IOException {
    int code = line.code();
    EnhancedStatus status = line.status();
    List<String> text = new ArrayList<>();
    text.add(line.text(buffer, end));
    int lines = 1;
    int kept = text.getFirst().length();
    while (!line.last()) {
      passLine();
      if (lines++ == linesMax) {
        throw new MalformedReplyException("a reply of more than " + linesMax + " lines");
      }
      findLine();
      line.parse(buffer, from, end);
      if (line.code() != code) {
        // RFC 5321 4.2.1: the code must be the same on each line.
        throw new MalformedReplyException("a reply with code " + code + " and " + line.code());
      }
      String words = line.text(buffer, end, status);
      kept += words.length();
      if (kept <= KEPT_MAX) {
        text.add(words);
      }
    }
    passLine();
    return new Reply(code, status, text);
  }

  /// Waits until a whole line, or as much of it as is kept, is in the buffer.
  private void findLine() throws IOException {
    cut = false;
    if (from == to) {
      from = 0;
      to = 0;
    }
    int scan = from;
    while (true) {
      for (; scan < to; scan++) {
        if (buffer[scan] == '\n') {
          int before = scan > from && buffer[scan - 1] == '\r' ? scan - 1 : scan;
          end = Math.min(before, from + lineMax);
          next = scan + 1;
          return;
        }
      }
      if (to - from > lineMax + 1) {
        end = from + lineMax;
        next = to;
        cut = true;
        return;
      }
      if (to == buffer.length) {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        scan -= from;
        from = 0;
      }
      fill();
    }
  }

  private void passLine() throws IOException {
    from = next;
    long left = Math.max(THROWN_AWAY, (long) lineMax * linesMax);
    while (cut) {
      for (; from < to && cut; from++) {
        cut = buffer[from] != '\n';
      }
      if (cut) {
        left -= to;
        if (left < 0) {
          throw new MalformedReplyException("a reply line without end");
        }
        from = 0;
        to = 0;
        fill();
      }
    }
  }

  private void fill() throws IOException {
    int count = in.read(buffer, to, buffer.length - to);
    if (count < 0) {
      throw new EOFException("the peer closed the connection");
    }
    to += count;
  }
}
