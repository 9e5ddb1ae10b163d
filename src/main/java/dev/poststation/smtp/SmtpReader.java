package dev.poststation.smtp;

import dev.poststation.os.Connection;
import java.io.IOException;

/// The server's reading end of a connection: command lines, DATA and BDAT. Confined to the
/// session's thread.
///
/// Deadlines are the caller's business: `beforeRead` is called each time before the connection is
/// read, which is the moment to send the replies that wait and to renew the time limit.
public final class SmtpReader {
  private final Connection connection;
  private BeforeRead beforeRead = () -> {};

  /// What is to be done before the connection is read (it may block).
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
  }

  /// Sets what is called before each read of the connection.
  public void beforeRead(BeforeRead hook) {
    beforeRead = hook;
  }

  /// Reads a command line.
  public Line readLine() throws IOException {
    beforeRead.run();
    return new Line.End();
  }

  /// Whether octets were read ahead.
  public boolean buffered() {
    return bufferedOctets() > 0;
  }

  /// How many octets were read ahead.
  public int bufferedOctets() {
    return 0;
  }

  /// Whether octets were read ahead or wait in the connection: an early talker, or commands
  /// smuggled in after STARTTLS.
  public boolean waiting() throws IOException {
    return buffered() || connection.available() > 0;
  }

  /// Throws away what was read ahead.
  public void discardBuffered() {}

  /// Reads the content after 354 up to CRLF.CRLF, removes dot-stuffing, hands it to `sink` in large
  /// pieces.
  public DataResult readData(DataMode mode, ContentSink sink) throws IOException {
    return new DataResult.End();
  }

  /// Reads the `size` octets of a BDAT chunk and hands them to `sink` in large pieces.
  ///
  /// @return false when the client went away before
  public boolean readChunk(long size, ContentSink sink) throws IOException {
    return false;
  }

  /// Reads the octets of a refused BDAT chunk and throws them away (RFC 3030 2).
  ///
  /// @return false when the client went away before
  public boolean swallow(long size) throws IOException {
    return readChunk(size, (octets, offset, length) -> {});
  }
}
