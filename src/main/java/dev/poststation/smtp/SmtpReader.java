package dev.poststation.smtp;

import dev.poststation.os.Connection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The server's reading end of a connection: command lines, DATA and BDAT. Confined to the
/// session's thread.
///
/// Deadlines are the caller's business: `beforeRead` is called each time before the connection is
/// read, which is the moment to send the replies that wait (RFC 2920 3.2) and to renew the time
/// limit.
///
/// It reads ahead into one buffer, which is small until the first mail comes, so that a thousand
/// idle sessions cost little.
public final class SmtpReader {
  private static final int SMALL_BUFFER = 1024;
  private static final int MAIL_BUFFER = 16 * 1024;
  private static final int SKIPPED_MAX = 64 * 1024;

  /// RFC 4954 4: lines of an authentication may have so many octets of BASE64.
  private static final int AUTH_LINE_MAX = 12_288 + 64;

  private final Connection connection;
  private final int commandLineMax;
  private final ControlFinder finder = new ControlFinder();
  private final Line.Text text = new Line.Text();
  private BeforeRead beforeRead = () -> {};
  private byte[] buffer;
  private int position;
  private int limit;

  /// Whether LF alone ends a command line, too.
  private boolean tolerant;

  /// Whether AUTH is understood.
  private boolean authenticates;

  /// Within a line that is too long.
  private boolean skipping;

  private String opening = "";

  /// Octets that came of `opening`; -1: others did.
  private int opened;

  /// What is to be done before the connection is read, which may block.
  @FunctionalInterface
  public interface BeforeRead {
    /// Called by the reading thread.
    ///
    /// @throws IOException passes through to the caller of the reader
    void run() throws IOException;
  }

  /// A reader of `connection`; command lines are at most `commandLineMax` octets with CRLF.
  public SmtpReader(Connection connection, int commandLineMax) {
    this.connection = connection;
    this.commandLineMax = commandLineMax;
    this.buffer = new byte[Math.min(SMALL_BUFFER, commandLineMax)];
  }

  /// Sets what is called before each read of the connection.
  public void beforeRead(BeforeRead hook) {
    beforeRead = hook;
  }

  /// Says what is to be known at once if the connection begins so, though it is no command. To be
  /// said before anything was read.
  public void opening(String text) {
    opening = text;
  }

  /// How many octets of `opening` came, and nothing else before them; -1 when something else came.
  public int opened() {
    return opened;
  }

  /// Says whether from now on LF alone ends a command line, too: the end of a mail stays CRLF.CRLF.
  public void tolerateLineFeeds(boolean tolerant) {
    this.tolerant = tolerant;
  }

  /// Says whether from now on a command line with AUTH may be as long as RFC 4954 has it.
  public void authenticates(boolean offered) {
    authenticates = offered;
  }

  /// Reads a command line.
  public Line readLine() throws IOException {
    return readLine(false);
  }

  /// Reads a line in the middle of an authentication, which may be longer than a command.
  public Line readAnswer() throws IOException {
    return readLine(true);
  }

  private boolean isAuth() {
    return authenticates && Octets.startsWith(buffer, position, limit, "AUTH ");
  }

  private Line readLine(boolean answer) throws IOException {
    if (skipping) {
      return skipLine();
    }
    boolean bare = false;
    int seen = 0; // Octets of the line that were looked at.
    while (true) {
      int at = finder.next(buffer, position + seen, limit);
      seen = at - position;
      if (seen >= commandLineMax && (seen >= AUTH_LINE_MAX || !(answer || isAuth()))) {
        position = at;
        skipping = true;
        return skipLine();
      }
      if (at == limit || (buffer[at] == '\r' && at + 1 == limit)) {
        if (!fill()) {
          position = limit;
          return new Line.End();
        }
      } else if (buffer[at] == '\n') {
        return endLine(at, bare);
      } else {
        bare |= buffer[at] == '\r' && buffer[at + 1] != '\n';
        seen++;
      }
    }
  }

  /// The line ends with the LF at `at`.
  private Line endLine(int at, boolean bare) {
    int begin = position;
    position = at + 1;
    boolean afterCr = at > begin && buffer[at - 1] == '\r';
    if (bare || !(afterCr || tolerant)) {
      return new Line.BareNewline();
    }
    return text.at(buffer, begin, (afterCr ? at - 1 : at) - begin);
  }

  /// Throws away the rest of a line that is too long, or as much of it as may be thrown away at
  /// once.
  private Line skipLine() throws IOException {
    for (int skipped = 0; skipped < SKIPPED_MAX; ) {
      if (position == limit && !fill()) {
        return new Line.End();
      }
      int begin = position;
      while (position < limit) {
        if (buffer[position++] == '\n') {
          skipping = false;
          return new Line.TooLong();
        }
      }
      skipped += position - begin;
    }
    return new Line.TooLong();
  }

  /// Whether octets were read ahead.
  public boolean buffered() {
    return position < limit;
  }

  /// Whether octets were read ahead or wait in the connection: an early talker, or commands
  /// smuggled in after STARTTLS.
  public boolean waiting() throws IOException {
    return buffered() || connection.available() > 0;
  }

  /// Whether what waits begins so, or is the beginning of it; false when nothing waits.
  public boolean begins(String text) throws IOException {
    if (!buffered() && (connection.available() == 0 || !fill())) {
      return false;
    }
    int both = Math.min(limit - position, text.length());
    return text.startsWith(new String(buffer, position, both, StandardCharsets.ISO_8859_1));
  }

  /// Reads the content after 354 up to CRLF.CRLF, removes dot-stuffing, hands it to `sink` in large
  /// pieces.
  public DataResult readData(DataMode mode, ContentSink sink) throws IOException {
    grow(MAIL_BUFFER);
    var decoder = new DataDecoder(mode, sink);
    while (true) {
      position = decoder.decode(buffer, position, limit);
      if (decoder.ended()) {
        return decoder.result();
      }
      if (!fill()) {
        position = limit;
        return new DataResult.End();
      }
    }
  }

  /// Reads the `size` octets of a BDAT chunk and hands them to `sink` in large pieces.
  ///
  /// @return false when the client went away before
  public boolean readChunk(long size, ContentSink sink) throws IOException {
    grow(MAIL_BUFFER);
    for (long rest = size; rest > 0; ) {
      if (position == limit && !fill()) {
        return false;
      }
      int piece = (int) Math.min(rest, limit - position);
      int begin = position;
      position += piece;
      rest -= piece;
      sink.accept(buffer, begin, piece);
    }
    return true;
  }

  /// Reads the octets of a refused BDAT chunk and throws them away (RFC 3030 2).
  ///
  /// @return false when the client went away before
  public boolean swallow(long size) throws IOException {
    return readChunk(size, (octets, offset, length) -> {});
  }

  /// Reads more behind what is there; false at the end of the stream.
  private boolean fill() throws IOException {
    if (position > 0) {
      System.arraycopy(buffer, position, buffer, 0, limit - position);
      limit -= position;
      position = 0;
    }
    if (limit == buffer.length) {
      grow(buffer.length * 2);
    }
    beforeRead.run();
    int count = connection.read(buffer, limit, buffer.length - limit);
    if (count < 0) {
      return false;
    }
    for (int i = limit; i < limit + count && opened >= 0 && opened < opening.length(); i++) {
      opened = buffer[i] == opening.charAt(opened) ? opened + 1 : -1;
    }
    limit += count;
    return true;
  }

  private void grow(int capacity) {
    if (buffer.length < capacity) {
      buffer = Arrays.copyOf(buffer, capacity);
    }
  }
}
