package dev.poststation.smtp;

import java.util.List;

/// The replies to those who pass on the clients of others: balancers, and proxies that speak
/// Postfix' XCLIENT and XFORWARD. Part of the catalogue of [Replies]; constants, safe for any
/// thread.
public final class ForwardReplies {
  /// RFC 5321 3.8, RFC 3463 X.3.5.
  public static final Reply PROXY_HEADER =
      Reply.of(
          421,
          "4.3.5",
          "The balancer in front of us did not say who you are: please try again later");

  /// Postfix, XFORWARD_README.
  public static final Reply NOTED = Reply.of(250, "2.0.0", "Noted");

  /// Postfix, XCLIENT_README, XFORWARD_README.
  public static final Reply SYNTAX = Reply.of(501, "5.5.4", "Bad attribute or value");

  /// Postfix, XCLIENT_README, XFORWARD_README.
  public static final Reply IN_MAIL = Reply.of(503, "5.5.1", "Not within a mail");

  /// Postfix, XCLIENT_README, XFORWARD_README.
  public static final Reply DENIED = Reply.of(550, "5.7.0", "You may not speak for others");

  static final List<Replies.Entry> ALL =
      List.of(
          new Replies.Entry(
              "a balancer of proxy-protocol does not say who the client is", PROXY_HEADER),
          new Replies.Entry("XFORWARD", NOTED),
          new Replies.Entry("XCLIENT or XFORWARD with something that makes no sense", SYNTAX),
          new Replies.Entry("XCLIENT or XFORWARD within a mail", IN_MAIL),
          new Replies.Entry(
              "XCLIENT or XFORWARD of one that is not named in the listener's key", DENIED));

  private ForwardReplies() {}
}
