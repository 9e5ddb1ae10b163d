package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.TlsWish;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Who is not tried any more, and when that is over.
class SuppressionTest {
  private static final Path DATA = Path.of("data");
  private static final Address BERT = address("bert@example.net");
  private static final Outcome TAKEN =
      new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok"), null, false);
  private static final Outcome UNKNOWN = refused(Reply.of(550, "5.1.1", "User unknown"));
  private static final Outcome SPAM = refused(Reply.of(550, "5.7.1", "spam"));

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
  private final List<Event> events = new ArrayList<>();
  private Configuration configuration = configured("for = bulk");
  private Suppression list = start();

  private static Configuration configured(String terms) {
    return Configured.configuration(
        """
        { name = news, networks = ["10.0.0.10"], priority = bulk }
        { name = lan, networks = ["10.0.0.11"] }
        """,
        "suppression { " + terms + " }");
  }

  private Suppression start() {
    return new Suppression(
        Configured.os(time, disk), DATA, () -> configuration.suppression(), events::add);
  }

  private static Address address(String text) {
    return AddressParser.parse(text).orElseThrow();
  }

  private static Outcome refused(Reply reply) {
    var status = reply.status();
    return new Outcome.Bounced(
        Outcome.Stage.RCPT,
        status == null ? new EnhancedStatus(5, 0, 0) : status,
        "host mx said: " + reply,
        reply);
  }

  private Envelope mail(String client, int priority) {
    return new Envelope(
        new QueueId(1),
        time.now(),
        address("news@example.com"),
        BodyType.SEVEN_BIT,
        false,
        null,
        null,
        new Envelope.Source(client, "relay", "10.0.0.10", "helo", "ESMTP", ""),
        new Envelope.Traits(10, false, false, false, false, true),
        null,
        priority,
        TlsWish.NONE,
        null);
  }

  private static Recipient recipient(Address address) {
    return new Recipient(0, address, Set.of(), null);
  }

  private void answered(String client, Address to, Outcome outcome) {
    list.concluded(
        mail(client, Priority.NORMAL), "internet:mx", List.of(recipient(to)), List.of(outcome));
  }

  private boolean refusesBulk(String client, Address to) {
    return list.objection(client, to, true, time.now()).isPresent();
  }

  private List<String> told() {
    return events.stream()
        .map(Event.Suppressed.class::cast)
        .map(each -> each.action() + " " + each.address() + " for " + each.client())
        .toList();
  }

  @Test
  void aRecipientThatIsNotThereGetsNoBulkOfTheClientThatFoundOut() {
    answered("news", BERT, UNKNOWN);

    var objection =
        list.objection("news", address("Bert@EXAMPLE.net"), true, time.now()).orElseThrow();
    assertThat(objection.reply().toString())
        .startsWith("550 5.1.1 This recipient was refused on ")
        .contains("(invalid-recipient)", "is not tried until ", "poststation suppress remove");
    assertThat(objection.reason())
        .contains("host mx said: 550 5.1.1 User unknown", "suppress remove bert@example.net");
    var nextMonth = time.now().plus(Duration.ofDays(30));
    assertThat(list.objection("news", BERT, true, nextMonth)).as("asked for then").isEmpty();
    assertThat(list.objection("news", BERT, false, time.now()))
        .as("a single mail may try")
        .isEmpty();
    assertThat(refusesBulk("lan", BERT)).as("it is another's").isFalse();
    assertThat(told()).containsExactly("added bert@example.net for news");
  }

  @Test
  void bulkThatIsOnlySeenToBeBulkLaterEndsBeforeItIsTried() {
    answered("news", BERT, UNKNOWN);

    var bounced = list.foreseen(mail("news", Priority.BULK), recipient(BERT)).orElseThrow();
    assertThat(bounced).isInstanceOf(Outcome.Bounced.class);
    assertThat(bounced.status()).hasToString("5.1.1");
    assertThat(list.foreseen(mail("news", Priority.NORMAL), recipient(BERT))).isEmpty();
    var carl = recipient(address("carl@example.net"));
    assertThat(list.foreseen(mail("news", Priority.BULK), carl)).isEmpty();
  }

  @Test
  void whatWasBouncedByTheListItselfDoesNotKeepItThere() {
    answered("news", BERT, UNKNOWN);
    time.advance(Duration.ofDays(29));
    var bounced = list.foreseen(mail("news", Priority.BULK), recipient(BERT)).orElseThrow();
    answered("news", BERT, bounced);
    time.advance(Duration.ofDays(1));

    assertThat(refusesBulk("news", BERT)).isFalse();
  }

  @Test
  void allMailOfAllClientsIsKeptFromItWhereTheFileSaysSo() {
    configuration = configured("for = all, per = relay");
    answered("news", BERT, UNKNOWN);

    assertThat(list.objection("lan", BERT, false, time.now())).isPresent();
    var notice =
        new Envelope(
            new QueueId(1),
            time.now(),
            Address.NULL,
            BodyType.SEVEN_BIT,
            false,
            null,
            null,
            Envelope.Source.SELF,
            new Envelope.Traits(10, false, false, false, false, true));
    assertThat(list.foreseen(notice, recipient(BERT))).as("our own notices go").isEmpty();
  }

  /// What was learned for all stays in force for each, and is lifted by a mail of any.
  @Test
  void whatWasLearnedUnderAnotherPerIsLiftedAllTheSame() {
    configuration = configured("for = bulk, per = relay");
    answered("news", BERT, UNKNOWN);
    configuration = configured("for = bulk, per = client");
    assertThat(refusesBulk("lan", BERT)).isTrue();
    answered("lan", BERT, TAKEN);
    assertThat(refusesBulk("lan", BERT)).isFalse();

    answered("news", BERT, UNKNOWN);
    configuration = configured("for = bulk, per = relay");
    answered("news", BERT, TAKEN);
    assertThat(refusesBulk("news", BERT)).isFalse();
  }

  @Test
  void otherBouncesDeferralsAndAListThatIsOffTeachNothing() {
    answered("news", BERT, SPAM);
    answered("news", BERT, refused(Reply.plain(550, "no")));
    answered("news", BERT, new Outcome.Held("x"));
    configuration = configured("for = off");
    answered("news", BERT, UNKNOWN);
    configuration = configured("for = all");

    assertThat(list.count()).isZero();
    assertThat(events).isEmpty();
  }

  @Test
  void aMailThatIsTakenLiftsItButNotWhatAnAdministratorSaid() {
    answered("news", BERT, UNKNOWN);
    answered("news", BERT, TAKEN);
    assertThat(refusesBulk("news", BERT)).isFalse();

    list.add(List.of(new Suppressed("news", "bert@example.net", time.now(), null, "", "left")));
    answered("news", BERT, TAKEN);
    answered("news", BERT, UNKNOWN);
    assertThat(list.objection("news", BERT, true, time.now()).orElseThrow().reply().toString())
        .contains("The administrator of this relay has had", "until it is lifted");
    assertThat(told())
        .containsExactly(
            "added bert@example.net for news",
            "delivered bert@example.net for news",
            "added bert@example.net for news");
  }

  @Test
  void itEndsAfterItsTimeAndBeginsAnewWithTheNextBounce() {
    answered("news", BERT, UNKNOWN);
    time.advance(Duration.ofDays(30).minusSeconds(1));
    assertThat(refusesBulk("news", BERT)).isTrue();
    time.advance(Duration.ofSeconds(1));
    assertThat(refusesBulk("news", BERT)).isFalse();

    answered("news", BERT, UNKNOWN);
    assertThat(refusesBulk("news", BERT)).isTrue();
  }

  @Test
  void whatAnAdministratorOrderedIsOnTheDiskAndWhatWasLearnedAfterAnEnd() {
    list.add(List.of(new Suppressed("*", "carl@example.net", time.now(), null, "", "")));
    answered("news", BERT, UNKNOWN);
    list = start(); // As after a crash.
    assertThat(refusesBulk("lan", address("carl@example.net"))).isTrue();
    assertThat(refusesBulk("news", BERT)).as("a bounce is told again").isFalse();

    answered("news", BERT, UNKNOWN);
    list.close();
    list = start();
    assertThat(refusesBulk("news", BERT)).isTrue();
    assertThat(Suppression.read(disk, DATA, time.now()))
        .extracting(Suppressed::address)
        .containsExactlyInAnyOrder("bert@example.net", "carl@example.net");

    assertThat(list.remove(each -> each.address().startsWith("carl"))).hasSize(1);
    list = start();
    assertThat(refusesBulk("lan", address("carl@example.net"))).isFalse();
  }

  @Test
  void aFullListLetsGoOfWhatWouldLeaveItNextAndOfNothingThatWasOrdered() {
    configuration = configured("for = bulk, entries = 100");
    List<Suppressed> ordered = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      ordered.add(new Suppressed("news", "o" + i + "@x.example", time.now(), null, "", ""));
    }
    assertThat(list.add(ordered)).isEmpty();
    for (int i = 0; i < 200; i++) {
      answered("news", address("a" + i + "@x.example"), UNKNOWN);
      time.advance(Duration.ofSeconds(1));
      assertThat(list.count()).isLessThanOrEqualTo(100);
    }
    assertThat(refusesBulk("news", address("a199@x.example"))).isTrue();
    assertThat(refusesBulk("news", address("a0@x.example"))).isFalse();
    assertThat(refusesBulk("news", address("o0@x.example"))).isTrue();

    ordered.replaceAll(
        each -> new Suppressed("news", "p" + each.address(), each.since(), null, "", ""));
    ordered.add(new Suppressed("news", "last@x.example", time.now(), null, "", ""));
    assertThat(list.add(ordered)).extracting(Suppressed::address).containsExactly("last@x.example");
  }

  @Test
  void aNameOrAReplyWithStrangeCharactersCannotSpoilTheFile() {
    answered("news", BERT, refused(Reply.plain(550, "User unknown\tand\nmore")));
    list.close();
    list = start();
    assertThat(refusesBulk("news", BERT)).isTrue();
    assertThat(Ledger.concerns(disk, DATA)).isEmpty();
  }
}
