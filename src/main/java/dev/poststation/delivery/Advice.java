package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// What an administrator can do about a next hop that does not take mail: a table by stage and
/// words, of whose fitting rows the first two are given, the most telling first. Pure functions.
public final class Advice {
  private static final int MOST = 2;
  private static final int SMTP = 25;

  private static final Set<Stage> OPENING = EnumSet.range(Stage.ROUTE, Stage.AUTH);
  private static final Set<Stage> TALK = EnumSet.range(Stage.GREETING, Stage.END);
  private static final Set<Stage> MAIL = EnumSet.range(Stage.MAIL, Stage.END);

  /// @param words of which one is in what was said, without regard to case; empty: whatever
  /// @param port of the host; 0: any
  private record Row(Set<Stage> stages, Pattern words, int port, String text) {
    boolean fits(Stage stage, int at, String said) {
      return stages.contains(stage) && (port == 0 || port == at) && words.matcher(said).find();
    }
  }

  private static final String BLOCKED =
      "port 25 is blocked on the way, most likely by the provider of this line: send by a smarthost"
          + " at port 587 or 465, go through a proxy (proxy = in the connector), or ask the"
          + " provider to open it; poststation connector reach says which ports get out";

  private static final List<Row> TABLE =
      List.of(
          // The way.
          row(
              Stage.ROUTE,
              "does not exist",
              "the name of the host is wrong, or not known to the"
                  + " DNS that is asked here: look at hosts"),
          row(Stage.ROUTE, "has no address of the family", "write another prefer or source"),
          row(
              Stage.ROUTE,
              "looked up now",
              "the DNS does not answer: look at dns.servers and" + " /etc/resolv.conf"),
          row(
              OPENING,
              "my own name",
              0,
              "the connector leads back to this relay: look at hosts, or" + " at hostname"),
          // TLS.
          row(
              Stage.TLS,
              "offers no TLS",
              "another port may (587, or smtps:// at 465); else tls ="
                  + " opportunistic lets mail go in clear, and no login is sent then"),
          row(
              Stage.TLS,
              "no name matching|no subject alternative|names? .* (does|do) not",
              "the certificate is for another name (the dialogue shows which): write that name in"
                  + " hosts, or tls-name ="),
          row(
              Stage.TLS,
              "no authority that this machine trusts",
              "pin it, if it is the right one: tls = pinned, pin = [\"sha256:…\"], with the"
                  + " fingerprint that the dialogue shows"),
          row(
              Stage.TLS,
              "is pinned",
              "if the host has a new certificate or key, put its fingerprint, which the dialogue"
                  + " shows, into pin beside the old one; ask who runs it first whether that is"
                  + " his: a pin is there to tell a stranger from him"),
          row(
              Stage.TLS,
              "has expired",
              "who runs the host has to renew it; nothing is sent until" + " then"),
          row(
              Stage.TLS,
              "unrecognized|unsupported or|plaintext",
              "the port does not begin with TLS:" + " leave out smtps://, or write the port 465"),
          row(
              EnumSet.of(Stage.GREETING),
              "timed out|lost connection",
              465,
              "port 465 begins with" + " TLS: write smtps:// before the host"),
          row(
              EnumSet.of(Stage.GREETING, Stage.HELLO),
              "",
              0,
              "the host does not want to talk to this address: a blocklist, a wrong hello, or an"
                  + " address without a name in the DNS"),
          // The login, as the large providers refuse it.
          row(
              TALK,
              "5\\.7\\.139|basic authentication is disabled|smtpclientauthentication is"
                  + " disabled",
              0,
              "Microsoft takes no passwords from this mailbox: log in by OAuth 2 (preset ="
                  + " microsoft365 with client-id and client-secret), or have an administrator of"
                  + " the tenant allow SMTP AUTH for it; security defaults forbid it as well"),
          row(
              TALK,
              "5\\.7\\.57|client not authenticated",
              0,
              "Microsoft wants a login before MAIL:"
                  + " write auth in the connector, or use the tenant's own mail exchanger (preset ="
                  + " microsoft365-relay)"),
          row(
              TALK,
              "5\\.7\\.60|sendasdenied|send as|not allowed to send",
              0,
              "the account may not send as this sender: give it that right (Send As), send as the"
                  + " account, or write replace-sender in the connector"),
          row(
              Stage.AUTH,
              "535 5\\.7\\.3",
              "Exchange refused the login: a wrong user or password, or the method is switched off;"
                  + " with OAuth 2 the app lacks SMTP.SendAsApp, is not registered as a service"
                  + " principal in Exchange, or has no right to the mailbox"),
          row(
              Stage.AUTH,
              "534 |5\\.7\\.9|application-specific",
              "Google wants an app password, or"
                  + " OAuth 2 (preset = google): the password of the account is not taken"),
          row(
              Stage.AUTH,
              "badcredentials|gsmtp",
              "Google knows no such user and password: it takes"
                  + " app passwords only, without blanks, or OAuth 2 (preset = google)"),
          row(
              Stage.AUTH,
              "no token for",
              "poststation oauth login gets one where somebody has to log in; the relay that runs"
                  + " keeps it, and poststation oauth list says there why there is none"),
          row(
              Stage.AUTH,
              "offers no login",
              "it may offer a login at another port (587 or 465), or"
                  + " only over TLS; else it lets this relay in by its address, and auth is to be"
                  + " removed"),
          row(Stage.AUTH, "cannot be read", "mend the file or command that auth names"),
          row(
              Stage.AUTH,
              "-plus( \\([a-z-]+\\))?: 4",
              "it offers to bind the login to TLS, and does so otherwise than RFC 9266 says (Exim"
                  + " with gsasl, over TLS 1.3), or cannot now: mechanism = scram-sha-256 in auth"
                  + " does without"),
          row(
              Stage.AUTH,
              "535|refused the login",
              "a wrong user or password: poststation credential rotate tries a new one before it is"
                  + " used; an account may be locked after too many attempts"),
          row(Stage.AUTH, "sent over TLS only", "write tls = verify"),
          // The mail.
          row(
              MAIL,
              "\\bspf\\b|5\\.7\\.23",
              0,
              "the domain of the sender does not name this way in its SPF record: add the"
                  + " provider's include: there, or send as an address of the provider"),
          row(
              MAIL,
              "5\\.7\\.26|dmarc|unauthenticated",
              0,
              "the domain of the sender demands DKIM or"
                  + " SPF that fits (DMARC): have the provider sign for it"),
          row(
              MAIL,
              "530|authentication required|must authenticate",
              0,
              "it wants a login: write" + " auth in the connector"),
          row(
              EnumSet.of(Stage.RCPT),
              "relay",
              0,
              "it does not relay for us: it knows this relay neither by a login nor by its address;"
                  + " write auth, or have the address let in"),
          row(
              EnumSet.of(Stage.MAIL, Stage.RCPT),
              "sender|5\\.1\\.[78]|553|not owned",
              0,
              "it does not take this sender: use one that belongs to the account, or replace-sender"
                  + " in the connector"),
          row(
              MAIL,
              "blocklist|blacklist|spamhaus|listed",
              0,
              "the address of this relay is on a"
                  + " blocklist: look it up there, find out why, and ask to be removed"),
          row(MAIL, "5\\.3\\.4|size|too large", 0, "the mail is larger than the host takes"),
          row(
              MAIL,
              "\\b4[0-9][0-9] ",
              0,
              "it may take it later (greylisting, or a limit of the"
                  + " provider): mail in the queue is tried again by itself"));

  private static final String NOTHING_LISTENS =
      "nothing listens there, or a firewall says no: usual ports are 587 (STARTTLS), 465 (TLS at"
          + " once, smtps://) and 25";

  private Advice() {}

  private static Row row(Stage stage, String words, String text) {
    return row(EnumSet.of(stage), words, 0, text);
  }

  private static Row row(Set<Stage> stages, String words, int port, String text) {
    return new Row(stages, Pattern.compile(words, Pattern.CASE_INSENSITIVE), port, text);
  }

  /// What to do where a host was not reached.
  ///
  /// @param port of the host
  public static List<String> on(Opening.Failed failed, int port, Connector connector) {
    return switch (failed.obstacle()) {
      case PROXY ->
          List.of(
              "it is the proxy that does not work: look at proxy and proxy-password of the"
                  + " connector");
      case BEYOND_PROXY ->
          List.of(
              "the proxy works, and does not get there: look at hosts, and whether its rules allow"
                  + " that port (many allow 443 only)");
      case SILENCE ->
          port != SMTP
              ? List.of(
                  "a firewall drops it, or host and port are wrong: poststation connector reach"
                      + " says which ports get out")
              : connector.type() == Connector.Type.MX
                  ? List.of(BLOCKED, "or route mail to a smarthost: type = mx needs port 25")
                  : List.of(BLOCKED);
      case REFUSAL -> List.of(NOTHING_LISTENS);
      case NO_WAY ->
          List.of("this machine has no way there: where it has no IPv6, write prefer = only-ipv4");
      case NAME, SOURCE, ACCOUNT, HOST -> on(failed.outcome(), port);
    };
  }

  /// What to do; empty where nobody can say more than what happened.
  ///
  /// @param port of the host
  public static List<String> on(Outcome outcome, int port) {
    var stage = stage(outcome);
    if (stage.isEmpty()) {
      return List.of();
    }
    String said = outcome.text().toLowerCase(Locale.ROOT);
    List<String> all = new ArrayList<>();
    for (Row row : TABLE) {
      if (all.size() < MOST && row.fits(stage.get(), port, said)) {
        all.add(row.text);
      }
    }
    return List.copyOf(all);
  }

  private static Optional<Stage> stage(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Deferred deferred -> Optional.of(deferred.stage());
      case Outcome.Bounced bounced -> Optional.of(bounced.stage());
      case Outcome.Delivered _, Outcome.Held _, Outcome.Discarded _ -> Optional.empty();
    };
  }
}
