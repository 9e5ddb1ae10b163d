package dev.poststation.bounce;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.bounce.NoticeRequest.Kind;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.sim.Golden;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NoticesGoldenTest {
  private static void check(String file, Asked asked) throws IOException {
    Golden.check("notice-" + file + ".txt", asked.text().replace("\r\n", "\n"));
  }

  @Test
  void failedWithTheWholeMessage() throws IOException {
    check("failed", new Asked());
  }

  @Test
  void failedForSeveralWithWhatTheSenderAskedFor() throws IOException {
    var severalLines =
        new Reply(
            552,
            new EnhancedStatus(5, 3, 4),
            List.of("The message is too big", "See https://example.org/limits for what we take"));
    check(
        "failed-for-several",
        new Asked()
            .ret(DsnReturn.HDRS)
            .envid("QQ+2B314159")
            .about(
                Asked.BERT,
                Asked.REFUSED,
                "mx1.example.net[192.0.2.25]:25",
                "rfc822;Bert.Old+40example.net@example.org")
            .about(
                new Address("chris", "example.org"),
                new Outcome.Bounced(
                    Outcome.Stage.MAIL,
                    new EnhancedStatus(5, 3, 4),
                    severalLines.toString(),
                    severalLines),
                "[2001:db8::25]:25",
                null)
            .about(
                new Address("dora", "no-such-domain.example"),
                new Outcome.Bounced(
                    Outcome.Stage.ROUTE,
                    new EnhancedStatus(5, 1, 2),
                    "no-such-domain.example: no such domain (NXDOMAIN)",
                    null),
                "none",
                null)
            .more(2));
  }

  @Test
  void returnedByAnAdministratorWhoSaysWhy() throws IOException {
    check(
        "returned",
        new Asked().about(Asked.BERT, returned("Bert has left the company"), "none", null));
  }

  @Test
  void anAdministratorWhoDoesNotSayWhyIsNotQuoted() {
    assertThat(new Asked().about(Asked.BERT, returned(Outcome.RETURNED), "none", null).text())
        .contains("Why: An administrator of this mail system ended its delivery.")
        .contains("What you can do: Ask your administrator or provider")
        .doesNotContain("The administrator says", "In technical words");
  }

  private static Outcome returned(String text) {
    return new Outcome.Bounced(Outcome.Stage.ROUTE, new EnhancedStatus(5, 7, 0), text, null);
  }

  @Test
  void expired() throws IOException {
    check(
        "expired",
        new Asked()
            .kind(Kind.EXPIRED)
            .when(Asked.ARRIVED.plus(Duration.ofDays(5)))
            .settings(false, 100_000)
            .about(
                Asked.BERT,
                Asked.deferred(
                    "4.4.1", "connect to mx1.example.net[192.0.2.25]:25: connection refused"),
                "none",
                null));
  }

  @Test
  void delayed() throws IOException {
    check(
        "delayed",
        new Asked()
            .kind(Kind.DELAYED)
            .when(Asked.ARRIVED.plus(Duration.ofHours(4)))
            .retryUntil(Asked.ARRIVED.plus(Duration.ofDays(5)))
            .about(
                Asked.BERT,
                new Outcome.Deferred(
                    Outcome.Stage.RCPT,
                    new EnhancedStatus(4, 2, 2),
                    "452 4.2.2 mailbox full",
                    Reply.of(452, "4.2.2", "mailbox full")),
                "mx1.example.net[192.0.2.25]:25",
                null));
  }

  @Test
  void relayed() throws IOException {
    check(
        "relayed",
        new Asked()
            .kind(Kind.RELAYED)
            .about(Asked.BERT, Asked.delivered(false), "mx1.example.net[192.0.2.25]:25", null));
  }

  @Test
  void expiredByItsOwnDeadline() throws IOException {
    var by = Asked.ARRIVED.plus(Duration.ofMinutes(10));
    check(
        "expired-by-deadline",
        new Asked()
            .kind(Kind.EXPIRED)
            .deadline(new Envelope.Deadline(by, true, false))
            .when(by)
            .about(
                Asked.BERT,
                new Outcome.Bounced(
                    Outcome.Stage.ROUTE,
                    new EnhancedStatus(5, 4, 7),
                    "delivery time expired: it was to be delivered by " + by + "; not tried yet",
                    null),
                "none",
                null));
  }

  @Test
  void relayedToOneThatDoesNotMindTheTime() throws IOException {
    var by = Asked.ARRIVED.plus(Duration.ofMinutes(10));
    check(
        "relayed-without-deadline",
        new Asked()
            .kind(Kind.RELAYED)
            .deadline(new Envelope.Deadline(by, false, false))
            .about(Asked.BERT, Asked.delivered(true), "mx1.example.net[192.0.2.25]:25", null));
  }

  @Test
  void failedForAnInternationalSender() throws IOException {
    check(
        "failed-international",
        new Asked()
            .sender("änne", "exämple.com")
            .smtputf8()
            .content(
                Asked.crlf(
                    """
                    From: Änne <änne@exämple.com>
                    To: bärt@exämple.net
                    Subject: Grüße
                    Message-ID: <1@x>

                    Hallo Bärt
                    """))
            .about(
                new Address("bärt", "exämple.net"),
                Asked.bounced("5.1.1", 550, "<bärt@exämple.net>: unbekannt"),
                "mx1.xn--exmple-cua.net[192.0.2.25]:25",
                "utf-8;b\\x{E4}rt@ex\\x{E4}mple.net"));
  }

  @Test
  void failedForAnInternationalRecipientOfAnOrdinarySender() throws IOException {
    check(
        "failed-international-recipient",
        new Asked()
            .ret(DsnReturn.HDRS)
            .smtputf8()
            .about(
                new Address("bärt", "exämple.net"),
                Asked.bounced("5.6.7", 550, "bärt: SMTPUTF8 is not supported"),
                "mx1.xn--exmple-cua.net[192.0.2.25]:25",
                "utf-8;b\\x{E4}rt@ex\\x{E4}mple.net"));
  }
}
