package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.backup.Inventory;
import dev.poststation.backup.Manifest;
import dev.poststation.backup.Parcel;
import dev.poststation.os.Os;
import dev.poststation.spool.Format;
import dev.poststation.spool.SpoolException;
import dev.poststation.spool.Upkeep;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the API that is about the spool itself: backup and check. Safe for any thread.
final class UpkeepRoutes {
  /// Octets of all files of a backup: says whether there is room for it before it comes.
  static final String OCTETS = "Poststation-Octets";

  private static final Logger LOG = LoggerFactory.getLogger(UpkeepRoutes.class);

  private final Os os;
  private final Poststation relay;
  private Check check = Check.NONE;

  /// A check that runs, has ended, or was never begun.
  ///
  /// @param mails read so far
  /// @param ended with this; null as long as it runs
  private record Check(@Nullable Instant started, long mails, @Nullable ObjectNode ended) {
    private static final Check NONE = new Check(null, 0, null);

    private boolean running() {
      return started != null && ended == null;
    }
  }

  UpkeepRoutes(Os os, Poststation relay) {
    this.os = os;
    this.relay = relay;
  }

  /// Sends a backup. The files that it is made of go with the connection.
  void backup(Context ctx) throws IOException {
    var data = relay.configuration().data();
    try (var checkpoint = checkpoint()) {
      var about =
          new Manifest.About(
              StatusReport.version(),
              Format.KNOWN,
              os.time().now(),
              data.toAbsolutePath().normalize().toString(),
              true,
              checkpoint.mails());
      var inventory = Inventory.of(os, data, checkpoint.directory());
      ctx.contentType("application/zip");
      ctx.header(OCTETS, Long.toString(inventory.octets()));
      ctx.header("Content-Disposition", "attachment; filename=\"poststation-backup.zip\"");
      var out = new Receiver(ctx.outputStream());
      try {
        Parcel.pack(os, inventory, about, out);
      } catch (IOException e) {
        if (!out.gone) {
          throw e;
        }
        LOG.info("A backup was not taken to its end: {}", e.getMessage());
      }
    }
  }

  private Upkeep.Checkpoint checkpoint() {
    try {
      return relay.spool().upkeep().checkpoint();
    } catch (SpoolException e) {
      LOG.warn("No backup is made: {}", e.getMessage());
      throw new Refusal(503, e.getMessage() + ".");
    }
  }

  /// Whoever receives a backup may go away: that is no fault of ours.
  private static final class Receiver extends OutputStream {
    private final OutputStream out;
    private boolean gone;

    Receiver(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] octets, int offset, int length) throws IOException {
      try {
        out.write(octets, offset, length);
      } catch (IOException e) {
        gone = true;
        throw e;
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (IOException e) {
        gone = true;
        throw e;
      }
    }
  }

  /// Begins a check, unless one runs.
  ObjectNode beginCheck() {
    synchronized (this) {
      if (check.running()) {
        return state();
      }
      check = new Check(os.time().now(), 0, null);
    }
    os.tasks().virtual("spool-check", this::run);
    return state();
  }

  private void run() {
    ObjectNode result;
    try {
      result = CheckReport.of(relay.spool().upkeep().check(this::progress));
    } catch (SpoolException e) {
      result = Json.object().put("error", "The spool cannot be checked: " + e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("Our own fault while checking the spool", e);
      result = Json.object().put("error", "Internal error; the server log has it.");
    }
    synchronized (this) {
      check = new Check(check.started, check.mails, result);
    }
  }

  private synchronized void progress(long mails) {
    check = new Check(check.started, mails, null);
  }

  /// The check that runs, or the last one.
  synchronized ObjectNode state() {
    if (check.started == null) {
      throw Refusal.notFound("No check was begun since the relay was started.");
    }
    var state = Json.object();
    state.put("running", check.running());
    Json.time(state, "started", check.started);
    state.put("mailsRead", check.mails);
    state.put("mailsInAll", relay.spool().usage().mails());
    var ended = check.ended;
    if (ended != null) {
      state.setAll(ended);
    }
    return state;
  }
}
