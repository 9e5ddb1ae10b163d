package dev.poststation.server;

import dev.poststation.config.ListenerSettings;
import dev.poststation.os.Connection;
import dev.poststation.os.SilentPeerException;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.SmtpReader;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/// From clear to encrypted: STARTTLS (RFC 3207), or at once where the listener says so. Confined to
/// the session's thread.
final class TlsUpgrade {
  private static final String WENT = "the client went away";

  private final Connection connection;
  private final Client client;
  private final SmtpReader reader;
  private final Patience patience;
  private final SessionReport report;
  private boolean failed;
  private Handshake handshake = Handshake.NONE;

  TlsUpgrade(
      Connection connection,
      Client client,
      SmtpReader reader,
      Patience patience,
      SessionReport report) {
    this.connection = connection;
    this.client = client;
    this.reader = reader;
    this.patience = patience;
    this.report = report;
  }

  /// Why STARTTLS is not carried out, or null when the handshake may begin.
  @Nullable Answer refusal() throws IOException {
    if (client.tls() != null) {
      return Answer.refused(Replies.TLS_ALREADY, "STARTTLS", "sequence of commands");
    }
    if (client.tlsMode() == ListenerSettings.Tls.OFF) {
      return Answer.refused(Replies.TLS_NOT_OFFERED, "STARTTLS", "tls = off");
    }
    if (!client.settings().certificates().present()) {
      return Answer.refused(Replies.TLS_UNAVAILABLE, "STARTTLS", "certificates is empty");
    }
    if (reader.waiting()) {
      // Sent in clear, they would be taken for encrypted ones afterwards: somebody in the middle
      // may have put them there.
      return Answer.last(
          Replies.TLS_INJECTION, "STARTTLS", "octets behind STARTTLS", Ending.BROKEN);
    }
    return null;
  }

  /// Whether a handshake has failed.
  boolean failed() {
    return failed;
  }

  /// How the last one went.
  Handshake last() {
    return handshake;
  }

  /// Shakes hands.
  ///
  /// @return how the session ends when that fails, or null
  @Nullable Ending start() {
    var ending = handshake();
    failed = ending != null;
    return ending;
  }

  private @Nullable Ending handshake() {
    var settings = client.settings();
    var asked = settings.listener().clientCertificates();
    var how = settings.certificates().serverStart(asked, client.oldTls());
    if (how.isEmpty()) {
      report.notSecured("certificates is empty");
      return Ending.BROKEN;
    }
    patience.handshake();
    handshake = Handshake.NONE;
    try {
      var facts = connection.startTls(how.get());
      client.secured(facts);
      report.secured(facts);
      handshake = Handshake.DONE;
      var old = client.oldTlsUsed();
      if (old != null) {
        report.tolerated(old.entry(), old.what());
      }
      return null;
    } catch (EOFException _) {
      report.notSecured(WENT); // Somebody has looked whether the port is open.
      return Ending.BROKEN;
    } catch (SocketTimeoutException e) {
      handshake = e instanceof SilentPeerException ? Handshake.NONE : Handshake.FAILED;
      report.notSecured("limits.tls-timeout");
      return Ending.TIMEOUT;
    } catch (IOException e) {
      // The usual case is a client that does not like the certificate: no reply would reach it.
      handshake = Handshake.FAILED;
      String message = e.getMessage();
      report.notSecured(message == null ? WENT : message);
      return Ending.BROKEN;
    }
  }
}
