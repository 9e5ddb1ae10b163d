package dev.poststation.milter;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A stage of a mail at which a milter is asked, with what it can wish of it.
enum Stage {
  CONNECT(
      'C',
      0,
      1,
      Terms.NO_CONNECT,
      Terms.NO_REPLY_CONNECT,
      "j _ {daemon_name} {daemon_addr} v {client_addr} {client_name} {client_port} {client_ptr}"),
  HELO(
      'H',
      1,
      1,
      Terms.NO_HELO,
      Terms.NO_REPLY_HELO,
      "{tls_version} {cipher} {cipher_bits} {cert_subject} {cert_issuer}"),
  MAIL(
      'M',
      2,
      1,
      Terms.NO_MAIL,
      Terms.NO_REPLY_MAIL,
      "i {auth_type} {auth_authen} {mail_addr} {mail_host} {mail_mailer}"),
  RCPT('R', 3, 1, Terms.NO_RCPT, Terms.NO_REPLY_RCPT, "i {rcpt_addr} {rcpt_host} {rcpt_mailer}"),
  DATA('T', 4, 4, Terms.NO_DATA, Terms.NO_REPLY_DATA, "i"),
  END_OF_HEADER('N', 6, 1, Terms.NO_END_OF_HEADER, Terms.NO_REPLY_END_OF_HEADER, "i"),
  END_OF_MESSAGE('E', 5, 1, 0, 0, "i"),
  HEADER('L', -1, 1, Terms.NO_HEADER, Terms.NO_REPLY_HEADER, ""),
  BODY('B', -1, 1, Terms.NO_BODY, Terms.NO_REPLY_BODY, ""),
  UNKNOWN('U', -1, 3, Terms.NO_UNKNOWN, Terms.NO_REPLY_UNKNOWN, "");

  /// The command's letter.
  final char command;

  /// By which a milter means it when it says which macros it wants; -1: it cannot.
  private final int number;

  /// The version that brought it.
  final int since;

  /// The milter does not want to hear of it.
  final int no;

  /// It does, and does not answer.
  final int noReply;

  /// What is told at it, unless the milter says otherwise: what Postfix tells, and whom Sendmail
  /// calls the client.
  private final String macros;

  Stage(char command, int number, int since, int no, int noReply, String macros) {
    this.command = command;
    this.number = number;
    this.since = since;
    this.no = no;
    this.noReply = noReply;
    this.macros = macros;
  }

  /// The one that a milter means when it says which macros it wants; null: there is none.
  static @Nullable Stage numbered(int number) {
    for (Stage stage : values()) {
      if (stage.number == number && number >= 0) {
        return stage;
      }
    }
    return null;
  }

  /// What is told at it.
  List<String> macros() {
    return macros.isEmpty() ? List.of() : List.of(macros.split(" "));
  }

  /// In a log: `end of message`.
  String words() {
    return switch (this) {
      case CONNECT -> "connect";
      case HELO -> "HELO";
      case MAIL -> "MAIL";
      case RCPT -> "RCPT";
      case DATA -> "DATA";
      case HEADER -> "header";
      case END_OF_HEADER -> "end of header";
      case BODY -> "body";
      case END_OF_MESSAGE -> "end of message";
      case UNKNOWN -> "unknown command";
    };
  }
}
