package dev.poststation.server;

import dev.poststation.intake.Admission;
import dev.poststation.intake.Arrival;
import dev.poststation.smtp.ContentScanner;
import dev.poststation.smtp.ContentSink;
import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// The content of one mail that comes by BDAT (RFC 3030). Confined to the session's thread.
final class Chunks implements Closeable {
  private final Arrival arrival;
  private final ContentScanner scanner;
  private final @Nullable LineEnds lineEnds;

  /// @param normalise whether CR and LF alone become CRLF
  Chunks(Arrival arrival, boolean normalise) {
    this.arrival = arrival;
    this.scanner = new ContentScanner(arrival);
    this.lineEnds = normalise ? new LineEnds(scanner) : null;
  }

  /// Where chunks go.
  ContentSink sink() {
    return lineEnds == null ? scanner : lineEnds;
  }

  /// Why the mail will be refused, or null.
  Admission.@Nullable Refused refusal() {
    return arrival.refusal();
  }

  /// The last chunk has come.
  void finish() throws IOException {
    if (lineEnds != null) {
      lineEnds.finish();
      if (lineEnds.changed()) {
        arrival.decided("bare-newlines = normalise: CR or LF alone became CRLF");
      }
    }
  }

  /// Makes the mail durable, or says why not. To be called once, after `finish`.
  Admission commit() {
    return arrival.commit(scanner.traits());
  }

  /// Whether CR or LF alone became CRLF.
  boolean normalised() {
    return lineEnds != null && lineEnds.changed();
  }

  @Override
  public void close() {
    arrival.close();
  }
}
