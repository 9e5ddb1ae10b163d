package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// The replies to AUTH, and to who should have said it (RFC 4954). They are part of the catalogue
/// of [Replies]. Constants and pure functions, safe for any thread.
public final class AuthReplies {
  private static final List<Replies.Entry> CATALOGUE = new ArrayList<>();

  private AuthReplies() {}

  static List<Replies.Entry> all() {
    return CATALOGUE;
  }

  /// Makes an entry; `codes` are reply code and enhanced status.
  private static Reply reply(String when, String codes, String text) {
    var made = Reply.of(Integer.parseInt(codes, 0, 3, 10), codes.substring(4), text);
    CATALOGUE.add(new Replies.Entry(when, made));
    return made;
  }

  /// RFC 5321 4.2.4.
  public static final Reply NOT_OFFERED =
      reply("AUTH where nobody can log in", "502 5.5.1", "Authentication is not offered here");

  /// RFC 4954 4: what the mechanism asks, in BASE64.
  public static Reply challenge(byte[] octets) {
    return Reply.plain(334, Base64.getEncoder().encodeToString(octets));
  }

  static {
    var example = challenge("Username:".getBytes(StandardCharsets.US_ASCII));
    CATALOGUE.add(new Replies.Entry("AUTH, the mechanism asks further", example));
  }

  /// RFC 4954 6.
  public static final Reply SUCCEEDED =
      reply("AUTH succeeded", "235 2.7.0", "Authentication succeeded");

  /// RFC 4954 4.
  public static final Reply TWICE =
      reply("AUTH after AUTH", "503 5.5.1", "You are authenticated already");

  /// RFC 4954 4.
  public static final Reply WITHIN_MAIL =
      reply(
          "AUTH within a mail", "503 5.5.1", "AUTH is not possible within a mail: send RSET first");

  /// RFC 4954 4.
  public static final Reply AFTER_EHLO =
      reply("AUTH before EHLO", "503 5.5.1", "Say EHLO before AUTH");

  /// RFC 4954 4, 6.
  public static final Reply IN_CLEAR =
      reply(
          "AUTH in clear",
          "538 5.7.11",
          "Passwords are taken only in an encrypted connection: use STARTTLS");

  /// RFC 4954 6: whoever guesses learns nothing.
  public static final Reply BLOCKED =
      reply(
          "AUTH after too many failed logins",
          "454 4.7.0",
          "Too many failed logins: try again later");

  /// RFC 4954 4.
  public static final Reply MECHANISM =
      reply(
          "AUTH with a mechanism that is not offered",
          "504 5.5.4",
          "This mechanism of authentication is not offered here");

  /// RFC 4954 4: not BASE64, or not what the mechanism wants.
  public static final Reply SYNTAX =
      reply(
          "AUTH with data that make no sense",
          "501 5.5.2",
          "The data for the authentication are malformed");

  /// RFC 4954 4.
  public static final Reply CANCELLED =
      reply("AUTH, cancelled with *", "501 5.7.0", "Authentication cancelled");

  /// RFC 4954 6.
  public static final Reply LINE_TOO_LONG =
      reply("AUTH with a line that is too long", "500 5.5.6", "The line is too long");

  /// RFC 4954 6.
  public static final Reply FAILED =
      reply(
          "AUTH with a wrong name or password",
          "535 5.7.8",
          "Authentication failed: name or password is wrong");

  /// RFC 4954 6.
  public static final Reply UNAVAILABLE =
      reply(
          "AUTH, or MAIL of a user whom XCLIENT names, but the users cannot be looked up",
          "454 4.7.0",
          "Authentication is not possible at the moment: please try again later");

  /// RFC 5321 3.8, RFC 3463 X.7.0.
  public static final Reply TOO_MANY_FAILURES =
      reply(
          "limits.auth-failures is reached",
          "421 4.7.0",
          "Authentication failed too often: goodbye");

  /// RFC 5321 3.8: temporary, for a client that has the new password may come again with it.
  public static final Reply NO_LONGER =
      reply(
          "MAIL of a user who was disabled or deleted, or whose password was changed, since AUTH",
          "421 4.7.0",
          "Your login is not valid any more: connect and log in again");

  /// RFC 3463 X.7.13 (RFC 5248): permanent, for whoever vouches for him would do so again.
  public static final Reply DISABLED =
      reply(
          "MAIL of a user whom XCLIENT names and the users file has disabled",
          "525 5.7.13",
          "This user is disabled");

  /// RFC 4954 6.
  public static final Reply REQUIRED =
      reply(
          "MAIL without AUTH where the listener has auth = required",
          "530 5.7.0",
          "Authentication required");
}
