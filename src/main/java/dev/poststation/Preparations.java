package dev.poststation;

import dev.poststation.Poststation.StartException;
import dev.poststation.config.Configuration;
import dev.poststation.config.LogSettings;
import dev.poststation.log.MailJournal;
import dev.poststation.log.Metrics;
import dev.poststation.os.Os;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import dev.poststation.tls.Certificates;
import dev.poststation.tls.TlsException;
import java.io.IOException;

/// Opens what a start or a reload needs, and says in a sentence why it cannot. Pure functions.
final class Preparations {
  private Preparations() {}

  static MailJournal journal(Configuration configuration, Os os, Metrics metrics)
      throws StartException {
    try {
      return MailJournal.open(
          os, configuration.hostname(), configuration.log(), configuration.trace(), metrics);
    } catch (IOException e) {
      throw unwritable(configuration.log(), e);
    }
  }

  /// How many notices may leave.
  ///
  /// @param otherwise what is done when the spool fails
  static byte[] pace(Spool spool, Runnable otherwise) throws StartException {
    try {
      return spool.pace();
    } catch (SpoolException e) {
      otherwise.run();
      throw new StartException(e);
    }
  }

  static StartException unwritable(LogSettings log, IOException e) {
    return new StartException(
        "The mail log "
            + log.file()
            + " (log.file) cannot be written: "
            + e.getMessage()
            + "; its directory must be there and belong to the relay's user",
        e);
  }

  static Certificates certificates(Configuration configuration, Os os) throws StartException {
    try {
      return Certificates.load(configuration.certificates(), os.disk(), os.time());
    } catch (TlsException e) {
      throw new StartException(e);
    }
  }
}
