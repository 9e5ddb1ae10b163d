package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.delivery.Diagnosis;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.sim.Golden;
import dev.poststation.smtp.Category;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClassificationTest {
  private static final Pattern REPLY =
      Pattern.compile("(\\d{3}) (?:(\\d\\.\\d+\\.\\d+) )?(.*)", Pattern.DOTALL);

  private static Reply reply(String text) {
    var found = REPLY.matcher(text);
    assertThat(found.matches()).as(text).isTrue();
    var status = found.group(2) == null ? null : EnhancedStatus.parse(found.group(2)).orElseThrow();
    return new Reply(Integer.parseInt(found.group(1)), status, List.of(found.group(3)));
  }

  /// In the manner of servers that are common; the words that matter are theirs.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "RCPT | 550 5.1.1 <x@y.example>: Recipient address rejected: User unknown |"
            + " invalid-recipient",
        "RCPT | 550 5.1.1 The email account does not exist | invalid-recipient",
        "RCPT | 550 User unknown                    | invalid-recipient",
        "RCPT | 550 Unrouteable address             | invalid-recipient",
        "RCPT | 550 5.5.0 Requested action not taken: mailbox unavailable | invalid-recipient",
        "RCPT | 550 5.4.1 Recipient address rejected: Access denied. | invalid-recipient",
        "END  | 550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found by SMTP address lookup |"
            + " invalid-recipient",
        "RCPT | 550 5.7.1 no such user here         | invalid-recipient",
        "RCPT | 553 5.1.3 bad syntax                | invalid-recipient",
        "RCPT | 551 user not local                  | invalid-recipient",
        "RCPT | 550 5.2.1 The account is disabled   | inactive-mailbox",
        "RCPT | 554 account suspended               | inactive-mailbox",
        "RCPT | 452 4.2.2 out of storage space      | mailbox-full",
        "RCPT | 552 mailbox full                    | mailbox-full",
        "END  | 552 5.3.4 too big                   | too-large",
        "END  | 552 over                            | too-large",
        "RCPT | 556 5.1.10 takes no mail            | bad-domain",
        "MAIL | 553 5.1.8 domain of sender          | invalid-sender",
        "RCPT | 450 4.1.8 <a@b.example>: Sender address rejected: Domain not found |"
            + " invalid-sender",
        "RCPT | 550 <a@b.example>: Sender address rejected: Domain not found | invalid-sender",
        "RCPT | 554 5.7.1 <x@y.example>: Relay access denied | relay-denied",
        "RCPT | 550 relay not permitted             | relay-denied",
        "RCPT | 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1) |"
            + " relay-denied",
        "RCPT | 554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using"
            + " zen.spamhaus.org | spam-block",
        "RCPT | 550 blocked using zen.spamhaus.org  | spam-block",
        "GREETING | 554 your reputation is low      | spam-block",
        "MAIL | 550 5.7.606 Access denied, banned sending IP [192.0.2.1] | spam-block",
        "END  | 550 5.7.1 likely unsolicited mail   | spam-content",
        "END  | 554 rejected as spam                | spam-content",
        "END  | 550 5.7.1 Virus found               | virus",
        "END  | 552 5.7.0 a dangerous attachment    | content",
        "END  | 550 5.6.0 bad MIME                  | content",
        "END  | 550 5.7.26 not authenticated        | authentication",
        "END  | 550 rejected due to DMARC           | authentication",
        "RCPT | 550 5.7.25 no PTR                   | authentication",
        "END  | 554 5.7.9 Message not accepted for policy reasons | policy",
        "RCPT | 550 Administrative prohibition      | policy",
        "RCPT | 450 4.2.0 Greylisted, see a page    | greylisting",
        "RCPT | 451 4.7.1 Greylisting in action     | greylisting",
        "GREETING | 421 4.7.0 mx Error: too many connections from 192.0.2.1 | rate-limit",
        "CONNECT | 421 Too many concurrent SMTP connections from this IP address | rate-limit",
        "RCPT | 450 4.2.1 The user is receiving mail too quickly | rate-limit",
        "RCPT | 450 4.2.1 Peak SMTP relay limit exceeded for customer. | rate-limit",
        "RCPT | 450 Requested mail action not taken: mailbox unavailable Mail send limit exceeded."
            + " | rate-limit",
        "RCPT | 550 5.7.1 Daily SMTP relay limit exceeded for customer | rate-limit",
        "RCPT | 452 4.5.3 too many recipients       | rate-limit",
        "RCPT | 452 Too many recipients             | rate-limit",
        "MAIL | 451 4.7.500 Server busy             | rate-limit",
        "MAIL | 421 4.4.5 Server busy               | rate-limit",
        "END  | 432 4.3.2 recipient thread limit exceeded | rate-limit",
        "MAIL | 421 4.3.2 closed for maintenance    | transient",
        "MAIL | 452 4.3.1 no space                  | system",
        "MAIL | 452 no space                        | system",
        "RCPT | 451 4.3.5 configuration error       | system",
        "RCPT | 451 come back                       | transient",
        "MAIL | 530 5.7.0 Must issue a STARTTLS command first | tls",
        "TLS  | 454 4.7.0 TLS not available         | tls",
        "AUTH | 535 5.7.8 bad credentials           | login",
        "MAIL | 530 log in first                    | login",
        "MAIL | 503 5.5.1 sequence                  | protocol",
        "MAIL | 501 eh                              | protocol",
        "END  | 554 5.4.6 too many hops             | routing",
        "RCPT | 451 4.4.3 cannot look up            | dns-failure",
        "RCPT | 550 no                              | other",
        "END  | 554 transaction failed              | other",
      })
  void aReplyHasItsCategory(Stage stage, String text, String category) {
    assertThat(Classification.of(stage, reply(text)).category().word()).isEqualTo(category);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "550 <spam@virus.example>: user unknown       | invalid-recipient",
        "550 spam@spamhaus.example... User unknown    | invalid-recipient",
        "550 5.1.1 blocked using spamhaus             | invalid-recipient",
        "550 <user.unknown@greylist.example>: no      | other",
      })
  void whatAnAddressIsCalledOrAPreciseStatusRulesOutDoesNotCount(String text, String category) {
    assertThat(Classification.of(Stage.RCPT, reply(text)).category().word()).isEqualTo(category);
  }

  @ParameterizedTest
  @CsvSource({
    "CONNECT, 4.4.1, no-answer",
    "CONTENT, 4.4.2, bad-connection",
    "ROUTE,   4.4.3, dns-failure",
    "ROUTE,   5.4.4, routing",
    "ROUTE,   5.1.2, bad-domain",
    "ROUTE,   4.3.5, local",
    "QUOTA,   4.7.0, local",
    "TLS,     4.7.5, tls",
    "AUTH,    4.7.4, login",
    "MAIL,    5.3.4, too-large",
    "ROUTE,   5.4.7, expired",
    "ROUTE,   5.7.0, local",
    "MAIL,    5.6.7, content",
  })
  void whatWeFoundOutOurselvesHasItsCategory(Stage stage, String status, String category) {
    var ours = EnhancedStatus.parse(status).orElseThrow();
    Outcome outcome =
        ours.klass() == 5
            ? new Outcome.Bounced(stage, ours, "x", null)
            : new Outcome.Deferred(stage, ours, "x", null);
    assertThat(Classification.category(outcome).map(Category::word)).contains(category);
  }

  @Test
  void aPauseIsOurOwnAndWhatWentWellHasNoCategory() {
    var status = new EnhancedStatus(4, 4, 1);
    var deferred = new Outcome.Deferred(Stage.CONNECT, status, "x", reply("421 no"));
    assertThat(Classification.category(deferred.inPause())).contains(Category.LOCAL);
    assertThat(Classification.category(new Outcome.Delivered(reply("250 ok"), null, false)))
        .isEmpty();
    assertThat(Classification.category(new Outcome.Held("x"))).isEmpty();
  }

  @Test
  void everyReplyHasACategoryAndSaysByWhat() {
    for (var stage : Stage.values()) {
      for (int code = 400; code < 600; code++) {
        for (String status : List.of("", "%d.0.0 ", "%d.1.1 ", "%d.7.1 ", "%d.9.9 ", "%d.7.999 ")) {
          var reply = reply(code + " " + status.formatted(code / 100) + "x");
          assertThat(Classification.of(stage, reply).by()).as("%s %s", stage, reply).isNotEmpty();
          assertThat(Classification.category(Diagnosis.meaning(stage, reply))).isPresent();
        }
      }
    }
  }

  @Test
  void aVeryLongReplyIsReadQuickly() {
    String long1 = "550 " + "<".repeat(8000) + "@".repeat(8000);
    String long2 = "550 " + "a@".repeat(8000);
    assertThat(Classification.of(Stage.RCPT, reply(long1)).category()).isEqualTo(Category.OTHER);
    assertThat(Classification.of(Stage.RCPT, reply(long2)).category()).isEqualTo(Category.OTHER);
  }

  @Test
  void thePageOfTheManualIsTheTable() throws IOException {
    Golden.check(Path.of("docs/reference/bounce-categories.md"), page());
  }

  private static String page() {
    var out = new StringBuilder(HEAD);
    for (var category : Category.values()) {
      out.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(category.word(), category.meaning(), category.kumo(), category.power()));
    }
    out.append(TABLE_HEAD);
    int number = 1;
    for (var row : Classification.TABLE) {
      out.append(
          "| %d | `%s` | %s | %s | %s | %s |\n"
              .formatted(
                  number++,
                  row.category().word(),
                  row.stages().equals(EnumSet.allOf(Stage.class))
                      ? ""
                      : row.stages().stream()
                          .map(each -> each.name().toLowerCase(Locale.ROOT))
                          .sorted()
                          .collect(Collectors.joining(", ")),
                  row.codes().stream()
                      .map(code -> code < 10 ? code + "yz" : String.valueOf(code))
                      .collect(Collectors.joining(", ")),
                  row.statuses().stream()
                      .map(each -> each.isEmpty() ? "none" : each)
                      .collect(Collectors.joining(", ")),
                  row.words().stream()
                      .map(each -> "`" + each.strip() + "`")
                      .collect(Collectors.joining(", "))));
    }
    return out.append(TAIL).toString();
  }

  private static final String HEAD =
      """
      # Categories of bounces

      Each attempt that failed has a category: in the [mail log](mail-log.md#attempt) and the trace (`category`), in the
      metric `poststation_failures_total`, and, where the next hop gave no status that says more, in the words of a
      bounce. Statuses and words mean different things to different mail systems; a category is what
      one can count and act upon. This page is made from the table in the code (`make golden`).

      What becomes of the recipient is decided by the reply code, not by the category: 4yz is tried again, 5yz bounces.
      To ask what would be made of a reply, alone or in a line of the log:

      ```sh
      poststation explain --reply "550 5.1.1 <bert@example.net>: User unknown"
      ```

      | category | meaning | KumoMTA | PowerMTA |
      |---|---|---|---|
      """;

  private static final String TABLE_HEAD =
      """

      ## How it is found

      The first row that fits decides. An enhanced status that is precise counts most. The words of a reply count where
      the status is missing or says little (and in rows 3 and 4, where large providers use one in a sense of
      their own); addresses in it do not count, for they may be called anything. The reply code alone says least.

      | | category | in reply to | code | status (`x.` before it) | words |
      |---|---|---|---|---|---|
      """;

  private static final String TAIL =
      """

      What the relay finds out itself (no answer, a broken connection, the DNS, TLS, its own limits) has the category that
      its own status says; `expired` is what ran out of a time that was asked for. Mail whose lifetime is over has the
      category of its last failure.

      Sources: RFC 3463, RFC 5248 and the registry of enhanced statuses at IANA; the names of
      [KumoMTA](https://docs.kumomta.com/rustapi/bounce_classify/enum.PreDefinedBounceClass.html) and PowerMTA's bounce
      categories; replies as [Google](https://support.google.com/a/answer/3726730),
      [Microsoft](https://learn.microsoft.com/exchange/troubleshoot/email-delivery/ndr/non-delivery-reports-in-exchange-online),
      [IONOS](https://www.ionos.co.uk/help/index.php?id=17026), Postfix, Exim and qmail give them.
      """;

  @Test
  void noTwoCategoriesHaveTheSameWord() {
    assertThat(Arrays.stream(Category.values()).map(Category::word)).doesNotHaveDuplicates();
  }
}
