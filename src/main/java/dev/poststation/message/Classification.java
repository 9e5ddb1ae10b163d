package dev.poststation.message;

import static dev.poststation.message.Outcome.Stage.AUTH;
import static dev.poststation.message.Outcome.Stage.END;
import static dev.poststation.message.Outcome.Stage.MAIL;
import static dev.poststation.message.Outcome.Stage.QUOTA;
import static dev.poststation.message.Outcome.Stage.RCPT;
import static dev.poststation.smtp.Category.AUTHENTICATION;
import static dev.poststation.smtp.Category.BAD_CONNECTION;
import static dev.poststation.smtp.Category.BAD_DOMAIN;
import static dev.poststation.smtp.Category.CONTENT;
import static dev.poststation.smtp.Category.DNS_FAILURE;
import static dev.poststation.smtp.Category.EXPIRED;
import static dev.poststation.smtp.Category.GREYLISTING;
import static dev.poststation.smtp.Category.INACTIVE_MAILBOX;
import static dev.poststation.smtp.Category.INVALID_RECIPIENT;
import static dev.poststation.smtp.Category.INVALID_SENDER;
import static dev.poststation.smtp.Category.LOCAL;
import static dev.poststation.smtp.Category.LOGIN;
import static dev.poststation.smtp.Category.MAILBOX_FULL;
import static dev.poststation.smtp.Category.NO_ANSWER;
import static dev.poststation.smtp.Category.OTHER;
import static dev.poststation.smtp.Category.POLICY;
import static dev.poststation.smtp.Category.PROTOCOL;
import static dev.poststation.smtp.Category.RATE_LIMIT;
import static dev.poststation.smtp.Category.RELAY_DENIED;
import static dev.poststation.smtp.Category.ROUTING;
import static dev.poststation.smtp.Category.SPAM_BLOCK;
import static dev.poststation.smtp.Category.SPAM_CONTENT;
import static dev.poststation.smtp.Category.SYSTEM;
import static dev.poststation.smtp.Category.TOO_LARGE;
import static dev.poststation.smtp.Category.TRANSIENT;
import static dev.poststation.smtp.Category.VIRUS;

import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.Category;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The table by which replies and failures have a category. The first row that fits decides. What
/// an enhanced status (RFC 3463, RFC 5248) says counts most; the words of a reply count where the
/// status says little or nothing, for nobody has laid them down; the reply code alone says least.
/// Pure functions.
public final class Classification {
  /// A category, and how it was found.
  ///
  /// @param by what it was found by, for people
  /// @param said whether it was the words of the reply
  public record Found(Category category, String by, boolean said) {}

  /// @param stages where; all by default
  /// @param codes reply codes, or 4 or 5 for all that begin so; empty: any
  /// @param statuses subject and detail; `7.*` is any detail, `7.606-7.649` a span; `""`: none is
  ///   given; the list is empty: whatever is given
  /// @param words one of them must be there, in lower case; empty: whatever is said
  record Row(
      Category category,
      Set<Stage> stages,
      List<Integer> codes,
      List<String> statuses,
      List<String> words) {
    boolean fits(Stage stage, int given, @Nullable EnhancedStatus status, String text) {
      return stages.contains(stage)
          && (codes.isEmpty() || codes.contains(given) || codes.contains(given / 100))
          && (statuses.isEmpty() || statuses.stream().anyMatch(each -> covers(each, status)))
          && (words.isEmpty() || words.stream().anyMatch(text::contains));
    }

    String by(Stage stage, int given, @Nullable EnhancedStatus status, String text) {
      var said = words.stream().filter(text::contains).findFirst();
      if (said.isPresent()) {
        return "the words \"" + said.get().strip() + '"';
      }
      if (!statuses.isEmpty() && status != null) {
        return "the status " + status;
      }
      return stages.size() == 1 && codes.isEmpty()
          ? "the stage, " + stage
          : "the reply code " + given;
    }
  }

  private static final Set<Stage> ANY = EnumSet.allOf(Stage.class);

  /// They say so little that the words of the reply may know better.
  private static final List<String> VAGUE =
      List.of("", "0.*", "1.0", "2.0", "3.0", "3.2", "4.0", "5.0", "6.0", "7.0", "7.1");

  private static final List<String> NONE = List.of("", "0.*", "1.0", "2.0");

  static final List<Row> TABLE =
      List.of(
          // Before the mail itself comes to words.
          new Row(Category.LOGIN, EnumSet.of(AUTH), List.of(), List.of(), List.of()),
          new Row(Category.TLS, EnumSet.of(Stage.TLS), List.of(), List.of(), List.of()),

          // Words that say more than a status that is precise, but common for other things too.
          said(
              RATE_LIMIT,
              List.of("2.1", "3.2"),
              "receiving mail",
              "relay limit exceeded",
              "thread limit",
              "concurrent"),
          said(
              INVALID_RECIPIENT,
              List.of("1.10", "4.1"),
              "recipientnotfound",
              "recipient not found",
              "not found by smtp address lookup",
              "recipient address rejected: access denied"),

          // Words, where the status says little.
          said(
              GREYLISTING,
              4,
              List.of("", "0.*", "2.*", "3.*", "4.*", "7.*"),
              "greylist",
              "graylist",
              "grey-list",
              "gray-list",
              "grey list"),
          said(SPAM_BLOCK, 5, VAGUE, "your ip address has been blocked"),
          said(
              RATE_LIMIT,
              VAGUE,
              "too many connections",
              "too many concurrent",
              "too many simultaneous",
              "too many sessions",
              "too many messages",
              "too many mails",
              "too many emails",
              "too many errors",
              "too much mail",
              "too many recipients",
              "rate limit",
              "rate-limit",
              "ratelimit",
              "message rate",
              "unusual rate",
              "at a rate",
              "too quickly",
              "too fast",
              "throttl",
              "connection limit",
              "unexpected volume",
              "sending limit",
              "send limit",
              "relay limit exceeded",
              "sending quota",
              "daily limit",
              "hourly limit"),
          said(
              Category.TLS,
              VAGUE,
              "must issue a starttls",
              "starttls first",
              "tls required",
              "tls is required",
              "encryption required",
              "requires tls"),
          said(
              RELAY_DENIED,
              VAGUE,
              "relay access denied",
              "relaying denied",
              "relay denied",
              "relay not permitted",
              "relaying not permitted",
              "relay not allowed",
              "relaying not allowed",
              "relaying is not allowed",
              "relaying prohibited",
              "relay prohibited",
              "unable to relay",
              "do not relay",
              "does not relay",
              "not permitted to relay",
              "rcpthosts"),
          said(
              AUTHENTICATION,
              VAGUE,
              "dmarc",
              "dkim",
              " spf",
              "sender policy framework",
              "unauthenticated"),
          said(
              INVALID_SENDER,
              VAGUE,
              "sender address rejected",
              "sender denied",
              "sender rejected",
              "sender verify failed",
              "sender verification",
              "sender domain",
              "domain of sender",
              "invalid sender",
              "sender address is not"),
          said(
              SPAM_BLOCK,
              VAGUE,
              "spamhaus",
              "spamcop",
              "barracudacentral",
              "blocklist",
              "block list",
              "blacklist",
              "black list",
              "dnsbl",
              " rbl",
              "reputation",
              "banned sending ip",
              "client host blocked",
              "ipcheck.proofpoint.com",
              "a problem occurred. ask your postmaster",
              "blocked by vade",
              "blocked using"),
          said(VIRUS, VAGUE, "virus", "malware", "infected", "trojan"),
          said(SPAM_CONTENT, VAGUE, "spam", "unsolicited", "phish"),
          said(CONTENT, VAGUE, "attachment", "file type", "executable", "message content"),
          said(
              TOO_LARGE,
              VAGUE,
              "message too large",
              "message too big",
              "message size exceeds",
              "exceeds the maximum message size",
              "size limit"),
          said(
              MAILBOX_FULL,
              VAGUE,
              "mailbox full",
              "mailbox is full",
              "inbox is full",
              "mailbox has exceeded",
              "over quota",
              "overquota",
              "over-quota",
              "quota exceeded",
              "exceeded quota",
              "exceeded storage allocation",
              "out of storage space",
              "storage quota"),
          said(
              BAD_DOMAIN,
              VAGUE,
              "domain not found",
              "domain does not exist",
              "no such domain",
              "host unknown",
              "unknown host",
              "host not found",
              "unknown domain"),
          said(
              INACTIVE_MAILBOX,
              VAGUE,
              "account disabled",
              "account is disabled",
              "account has been disabled",
              "mailbox disabled",
              "mailbox is disabled",
              "inactive",
              "deactivated",
              "account suspended",
              "user suspended",
              "account closed",
              "account expired",
              "no longer active"),
          new Row(
              INVALID_RECIPIENT,
              EnumSet.of(RCPT, END),
              List.of(5),
              VAGUE,
              List.of(
                  "user unknown",
                  "unknown user",
                  "no such user",
                  "no such recipient",
                  "no such mailbox",
                  "no such address",
                  "user not found",
                  "recipient not found",
                  "recipientnotfound",
                  "unknown recipient",
                  "recipient unknown",
                  "invalid recipient",
                  "invalid mailbox",
                  "mailbox not found",
                  "no mailbox",
                  "unrouteable address",
                  "unknown local part",
                  "address unknown",
                  "not known here",
                  "user doesn't exist",
                  "account does not exist",
                  "address does not exist",
                  "user does not exist",
                  "mailbox does not exist",
                  "recipient does not exist",
                  "doesn't have a")),
          new Row(
              INVALID_RECIPIENT,
              EnumSet.of(RCPT),
              List.of(5),
              VAGUE,
              List.of("mailbox unavailable")),
          said(
              POLICY,
              NONE,
              "policy",
              "access denied",
              "not authorized",
              "not authorised",
              "not allowed",
              "administrative prohibition"),

          // The enhanced status.
          status(INVALID_RECIPIENT, "1.1", "1.3", "1.4", "1.6", "7.17"),
          new Row(INVALID_RECIPIENT, EnumSet.of(RCPT), List.of(5), List.of("1.0"), List.of()),
          status(BAD_DOMAIN, "1.2", "1.10"),
          status(INVALID_SENDER, "1.7", "1.8", "7.27"),
          status(INACTIVE_MAILBOX, "2.1", "7.13"),
          status(MAILBOX_FULL, "2.2"),
          status(TOO_LARGE, "2.3", "3.4"),
          new Row(RATE_LIMIT, ANY, List.of(4), List.of("7.500-7.699"), List.of()),
          status(RATE_LIMIT, "4.5", "5.3", "7.28", "7.705"),
          status(NO_ANSWER, "4.1"),
          status(BAD_CONNECTION, "4.2"),
          status(DNS_FAILURE, "4.3"),
          status(EXPIRED, "4.7"),
          status(ROUTING, "4.*"),
          new Row(TRANSIENT, ANY, List.of(4), List.of("3.0", "3.2"), List.of()),
          status(SYSTEM, "3.*"),
          status(PROTOCOL, "5.*"),
          status(CONTENT, "6.*"),
          status(AUTHENTICATION, "7.20-7.26", "7.29"),
          status(Category.TLS, "7.4", "7.5", "7.10", "7.30"),
          status(LOGIN, "7.8", "7.11"),
          status(SPAM_BLOCK, "7.501-7.503", "7.511", "7.606-7.649", "7.708"),
          status(POLICY, "7.*"),

          // The reply code alone.
          code(PROTOCOL, 500, 501, 502, 503, 504, 555),
          code(LOGIN, 530, 534, 535, 538),
          code(BAD_DOMAIN, 521, 556),
          new Row(INVALID_RECIPIENT, EnumSet.of(RCPT), List.of(551), List.of(), List.of()),
          new Row(INVALID_RECIPIENT, EnumSet.of(RCPT), List.of(553), List.of(), List.of()),
          new Row(INVALID_SENDER, EnumSet.of(MAIL), List.of(553), List.of(), List.of()),
          new Row(RATE_LIMIT, EnumSet.of(RCPT), List.of(452), NONE, List.of()),
          new Row(MAILBOX_FULL, EnumSet.of(RCPT), List.of(552), NONE, List.of()),
          new Row(TOO_LARGE, ANY, List.of(552), NONE, List.of()),
          new Row(SYSTEM, ANY, List.of(452), NONE, List.of()),
          code(TRANSIENT, 4),
          new Row(OTHER, ANY, List.of(), List.of(), List.of()));

  /// Where nobody said anything: what we found out ourselves.
  private static final List<Row> OWN =
      List.of(
          new Row(LOCAL, EnumSet.of(QUOTA, Stage.BUSY), List.of(), List.of(), List.of()),
          new Row(LOGIN, EnumSet.of(AUTH), List.of(), List.of(), List.of()),
          new Row(Category.TLS, EnumSet.of(Stage.TLS), List.of(), List.of(), List.of()),
          status(INVALID_RECIPIENT, "1.1"),
          status(BAD_DOMAIN, "1.*"),
          status(TOO_LARGE, "3.4"),
          status(NO_ANSWER, "4.1"),
          status(BAD_CONNECTION, "4.2"),
          status(DNS_FAILURE, "4.3"),
          status(LOCAL, "4.5"),
          status(EXPIRED, "4.7"),
          status(ROUTING, "4.*"),
          status(PROTOCOL, "5.*"),
          status(CONTENT, "6.*"),
          status(Category.TLS, "7.4", "7.5", "7.10", "7.30"),
          new Row(LOCAL, ANY, List.of(), List.of(), List.of()));

  private static final Found PAUSE = new Found(LOCAL, "a pause", false);

  /// What peers repeat of what they were told: an address may be called anything.
  private static final Pattern REPEATED = Pattern.compile("<[^<>]{0,400}>|\\S{1,400}@\\S{1,300}");

  private static final Pattern BETWEEN = Pattern.compile("[\\s()\\[\\],\"]+");

  private Classification() {}

  private static Row said(Category category, List<String> statuses, String... words) {
    return new Row(category, ANY, List.of(), statuses, List.of(words));
  }

  private static Row said(Category category, int code, List<String> statuses, String... words) {
    return new Row(category, ANY, List.of(code), statuses, List.of(words));
  }

  private static Row status(Category category, String... statuses) {
    return new Row(category, ANY, List.of(), List.of(statuses), List.of());
  }

  private static Row code(Category category, Integer... codes) {
    return new Row(category, ANY, List.of(codes), List.of(), List.of());
  }

  /// The category of what became of a recipient; empty where that was no failure.
  public static Optional<Category> category(Outcome outcome) {
    return of(outcome).map(Found::category);
  }

  /// The same, where it was the words of a reply that said so; else empty.
  public static Optional<Category> said(Outcome outcome) {
    return of(outcome).filter(Found::said).map(Found::category);
  }

  private static Optional<Found> of(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered _, Outcome.Held _, Outcome.Discarded _ -> Optional.empty();
      case Outcome.Deferred(var stage, var status, _, var reply, boolean paused) ->
          Optional.of(paused ? PAUSE : of(stage, status, reply));
      case Outcome.Bounced(var stage, var status, _, var reply) ->
          Optional.of(of(stage, status, reply));
    };
  }

  private static Found of(Stage stage, EnhancedStatus status, @Nullable Reply reply) {
    return reply == null ? of(stage, status) : of(stage, reply);
  }

  /// What a reply says of itself: without what it repeats of what it was told.
  public static String said(Reply reply) {
    return REPEATED.matcher(String.join(" ", reply.lines())).replaceAll(" ");
  }

  /// Of a reply that was not the one hoped for.
  public static Found of(Stage stage, Reply reply) {
    String text = ' ' + BETWEEN.matcher(said(reply)).replaceAll(" ").toLowerCase(Locale.ROOT) + ' ';
    return find(TABLE, stage, reply.code(), reply.status(), text);
  }

  /// Of a failure that we found out ourselves.
  static Found of(Stage stage, EnhancedStatus status) {
    return find(OWN, stage, 0, status, "");
  }

  private static Found find(
      List<Row> table, Stage stage, int code, @Nullable EnhancedStatus status, String text) {
    for (var row : table) {
      if (row.fits(stage, code, status, text)) {
        return new Found(row.category, row.by(stage, code, status, text), !row.words.isEmpty());
      }
    }
    throw new IllegalStateException("the last row fits all");
  }

  private static boolean covers(String pattern, @Nullable EnhancedStatus status) {
    if (status == null || pattern.isEmpty()) {
      return status == null && pattern.isEmpty();
    }
    int dot = pattern.indexOf('.');
    if (Integer.parseInt(pattern.substring(0, dot)) != status.subject()) {
      return false;
    }
    String detail = pattern.substring(dot + 1);
    int span = detail.indexOf('-');
    if (span < 0) {
      return detail.equals("*") || Integer.parseInt(detail) == status.detail();
    }
    int last = Integer.parseInt(detail.substring(detail.lastIndexOf('.') + 1));
    return status.detail() >= Integer.parseInt(detail.substring(0, span))
        && status.detail() <= last;
  }
}
