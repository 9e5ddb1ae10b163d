package dev.poststation.delivery;

import static dev.poststation.delivery.Diagnosis.Sense.BOUNCE;
import static dev.poststation.delivery.Diagnosis.Sense.DEFER;
import static dev.poststation.message.Outcome.Stage.AUTH;
import static dev.poststation.message.Outcome.Stage.CONNECT;
import static dev.poststation.message.Outcome.Stage.CONTENT;
import static dev.poststation.message.Outcome.Stage.DATA;
import static dev.poststation.message.Outcome.Stage.END;
import static dev.poststation.message.Outcome.Stage.GREETING;
import static dev.poststation.message.Outcome.Stage.HELLO;
import static dev.poststation.message.Outcome.Stage.MAIL;
import static dev.poststation.message.Outcome.Stage.RCPT;
import static dev.poststation.message.Outcome.Stage.ROUTE;
import static dev.poststation.message.Outcome.Stage.TLS;

import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.MalformedReplyException;
import dev.poststation.smtp.PeerText;
import dev.poststation.smtp.Reply;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.PKIXReason;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;

/// The only place that turns what a next hop said, or that it said nothing, into an outcome: a
/// table by stage and code, whose first fitting row decides. Unknown means deferred. Immutable;
/// safe for any thread.
///
/// @param relay the next hop, as people shall see it
/// @param hello the verb of our introduction: EHLO, or LHLO (RFC 2033)
public record Diagnosis(String relay, String hello) {
  private static final int TEXT_LENGTH = 1000;

  /// What is kept of a reply for each recipient: as much as a notice shows.
  private static final int REPLY_LENGTH = 2000;

  enum Sense {
    DEFER,
    BOUNCE
  }

  /// @param code a reply code, or 4 or 5 for all that begin so
  /// @param status when the reply has none of its own
  private record Row(Set<Stage> stages, int code, Sense sense, EnhancedStatus status) {
    boolean fits(Stage stage, int given) {
      return stages.contains(stage) && (code < 10 ? given / 100 == code : given == code);
    }
  }

  private static final Set<Stage> ANY = EnumSet.allOf(Stage.class);
  // Before MAIL the next hop knows nothing of the mail: whatever it refuses, it is not the mail
  // (RFC 5321 3.1, 4.2.4.2).
  private static final Set<Stage> OPENING = EnumSet.range(ROUTE, AUTH);

  private static final List<Row> TABLE =
      List.of(
          row(ANY, 421, DEFER, "4.3.2"),
          row(EnumSet.of(GREETING), 5, DEFER, "4.3.2"),
          row(EnumSet.of(TLS), 5, DEFER, "4.7.4"),
          row(OPENING, 5, DEFER, "4.0.0"),
          // It wants something else of us first (order of commands, TLS, login): our fault or the
          // configuration's.
          row(ANY, 503, DEFER, "4.5.1"),
          row(ANY, 530, DEFER, "4.7.0"),
          row(ANY, 534, DEFER, "4.7.9"),
          row(ANY, 535, DEFER, "4.7.8"),
          row(ANY, 538, DEFER, "4.7.11"),
          // RFC 5321 4.5.3.1.10: "too many recipients" was 552 once.
          row(EnumSet.of(RCPT), 552, DEFER, "4.5.3"),
          row(ANY, 450, DEFER, "4.2.0"),
          row(ANY, 451, DEFER, "4.3.0"),
          row(ANY, 452, DEFER, "4.3.1"),
          row(ANY, 4, DEFER, "4.0.0"),
          row(EnumSet.of(RCPT), 550, BOUNCE, "5.1.1"),
          row(EnumSet.of(RCPT), 551, BOUNCE, "5.1.6"),
          row(EnumSet.of(RCPT), 553, BOUNCE, "5.1.3"),
          row(EnumSet.of(MAIL), 553, BOUNCE, "5.1.7"),
          row(ANY, 552, BOUNCE, "5.3.4"),
          // RFC 7504.
          row(ANY, 521, BOUNCE, "5.3.2"),
          row(ANY, 556, BOUNCE, "5.1.10"),
          row(ANY, 500, BOUNCE, "5.5.2"),
          row(ANY, 501, BOUNCE, "5.5.4"),
          row(ANY, 502, BOUNCE, "5.5.1"),
          row(ANY, 504, BOUNCE, "5.5.4"),
          row(ANY, 555, BOUNCE, "5.5.4"),
          row(ANY, 5, BOUNCE, "5.0.0"));

  /// As the system has them, so that it is one list for all programs.
  private static final String UNTRUSTED =
      "its certificate is from no authority that this machine trusts (one of your own is added with"
          + " /usr/local/share/ca-certificates and update-ca-certificates)";

  /// RFC 1047: nobody can know.
  static final String DOUBT =
      "; it may have taken the mail all the same, then it will get it twice";

  private static final EnhancedStatus UNEXPECTED = status("4.5.0");

  /// What would become of a recipient after such a reply.
  ///
  /// @param reply one that was not hoped for
  public static Outcome meaning(Stage stage, Reply reply) {
    return new Diagnosis("", "EHLO").of(stage, reply);
  }

  private static Row row(Set<Stage> stages, int code, Sense sense, String status) {
    return new Row(stages, code, sense, status(status));
  }

  private static EnhancedStatus status(String text) {
    return EnhancedStatus.parse(text).orElseThrow();
  }

  /// What a reply means that is not the one hoped for.
  Outcome of(Stage stage, Reply reply) {
    for (Row row : TABLE) {
      if (row.fits(stage, reply.code())) {
        var given = reply.status() == null ? row.status : reply.status();
        return decide(row.sense, stage, given, said(stage, reply), reply.cut(REPLY_LENGTH));
      }
    }
    return new Outcome.Deferred(
        stage, UNEXPECTED, said(stage, reply) + " (unexpected)", reply.cut(REPLY_LENGTH));
  }

  /// What it means that there are more replies than commands.
  Outcome outOfStep(Stage stage) {
    return new Outcome.Deferred(
        stage, UNEXPECTED, "host " + relay + " said more than it was asked for", null);
  }

  private static Outcome decide(
      Sense sense, Stage stage, EnhancedStatus status, String text, Reply reply) {
    // The class says what we do, not what the next hop wished.
    return switch (sense) {
      case DEFER ->
          new Outcome.Deferred(
              stage, new EnhancedStatus(4, status.subject(), status.detail()), text, reply);
      case BOUNCE ->
          new Outcome.Bounced(
              stage, new EnhancedStatus(5, status.subject(), status.detail()), text, reply);
    };
  }

  private String said(Stage stage, Reply reply) {
    String words = shown(reply);
    String command =
        switch (stage) {
          case ROUTE, QUOTA, BUSY, CONNECT, GREETING -> "";
          case HELLO -> hello;
          case TLS -> "STARTTLS";
          case AUTH -> "AUTH";
          case MAIL -> "MAIL FROM";
          case RCPT -> "RCPT TO";
          case DATA -> "DATA";
          case CONTENT -> "the content";
          case END -> "the end of the content";
        };
    return command.isEmpty()
        ? "host " + relay + " refused to talk to us: " + words
        : "host " + relay + " said: " + words + " (in reply to " + command + ")";
  }

  private static String shown(Reply reply) {
    String words = reply.toString();
    return words.length() > TEXT_LENGTH ? words.substring(0, TEXT_LENGTH) + "…" : words;
  }

  /// What it means that no reply came. Never anything but deferred.
  Outcome of(Stage stage, IOException failure) {
    return switch (failure) {
      case UnreadableContentException _ ->
          deferred(stage, "4.3.0", "our spool cannot read the content");
      case SenderThere.UnsignedException _ ->
          deferred(stage, "4.3.5", String.valueOf(failure.getMessage()));
      case SocketTimeoutException _ when stage == CONNECT ->
          deferred(stage, "4.4.1", "connect to " + relay + ": no answer in time");
      case SocketTimeoutException _ ->
          deferred(
              stage, "4.4.2", "host " + relay + ": timed out while " + doing(stage) + doubt(stage));
      case SSLException _ ->
          deferred(
              stage,
              stage == TLS ? "4.7.5" : "4.4.2",
              "host "
                  + relay
                  + ": TLS failed while "
                  + doing(stage)
                  + ": "
                  + cause(failure)
                  + doubt(stage));
      case MalformedReplyException _ ->
          deferred(
              stage,
              "4.5.0",
              "host "
                  + relay
                  + " sent "
                  + failure.getMessage()
                  + " while "
                  + doing(stage)
                  + doubt(stage));
      case EOFException _ ->
          deferred(
              stage,
              "4.4.2",
              "host " + relay + ": lost connection while " + doing(stage) + doubt(stage));
      default -> {
        if (stage == CONNECT) {
          yield deferred(stage, "4.4.1", "connect to " + relay + ": " + cause(failure));
        }
        yield deferred(
            stage,
            "4.4.2",
            "host "
                + relay
                + ": lost connection while "
                + doing(stage)
                + " ("
                + cause(failure)
                + ")"
                + doubt(stage));
      }
    };
  }

  /// Something else that makes us try later.
  static Outcome.Deferred deferred(Stage stage, String status, String text) {
    return new Outcome.Deferred(stage, status(status), text, null);
  }

  /// Something else that can never work.
  static Outcome bounced(Stage stage, String status, String text) {
    return new Outcome.Bounced(stage, status(status), text, null);
  }

  private static String cause(IOException failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String certificate =
          switch (each) {
            case CertPathBuilderException _ -> UNTRUSTED;
            // By one that has the name of one that is trusted, and not its key.
            case CertPathValidatorException path when isOfAnother(path) -> UNTRUSTED;
            case CertificateExpiredException _ -> "its certificate has expired";
            case CertificateNotYetValidException _ ->
                "its certificate is not valid yet; is the clock of this machine right?";
            default -> "";
          };
      if (!certificate.isEmpty()) {
        return certificate;
      }
    }
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : PeerText.of(message);
  }

  private static boolean isOfAnother(CertPathValidatorException path) {
    return path.getReason() == PKIXReason.NO_TRUST_ANCHOR
        || path.getReason() == BasicReason.INVALID_SIGNATURE;
  }

  private static String doubt(Stage stage) {
    return stage == END ? DOUBT : "";
  }

  private String doing(Stage stage) {
    return switch (stage) {
      case ROUTE, QUOTA, BUSY -> "choosing a host";
      case CONNECT -> "connecting";
      case GREETING -> "waiting for the greeting";
      case HELLO -> "saying " + hello;
      case TLS -> "starting TLS";
      case AUTH -> "logging in";
      case MAIL -> "sending MAIL FROM";
      case RCPT -> "sending RCPT TO";
      case DATA -> "sending DATA";
      case CONTENT -> "sending the content";
      case END -> "waiting for the reply to the end of the content";
    };
  }

  /// Whether a refused recipient only says that this transaction has enough of them (RFC 5321
  /// 4.5.3.1.10): it may be taken in another one.
  public static boolean isTooMany(Reply reply) {
    var status = reply.status();
    if (status != null) {
      return reply.code() >= 400 && status.subject() == 5 && status.detail() == 3;
    }
    return reply.code() == 452 || reply.code() == 552;
  }
}
