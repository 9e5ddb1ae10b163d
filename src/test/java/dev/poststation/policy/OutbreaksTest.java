package dev.poststation.policy;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.SimTime;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// When somebody is not itself any more, and what becomes of its mail.
class OutbreaksTest {
  private static final Path DATA = Path.of("data");
  private static final Address ANNA = address("anna@example.com");
  private static final Address BEN = address("ben@example.com");

  private static final String HOP = "provider:smtp.provider.example";

  private static final Outcome TAKEN =
      new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok"), null, false);
  private static final Outcome UNKNOWN = bounced(5, 1, 1);
  private static final Outcome SPAM = bounced(5, 7, 1);
  private static final EnhancedStatus GONE = new EnhancedStatus(5, 1, 1);

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
  private final List<Event> events = new CopyOnWriteArrayList<>();
  private final Facts printer = Configured.from("10.0.20.5");
  private Configuration configuration = configured("hold");
  private Outbreaks outbreaks = start();
  private long mails;

  private static Configuration configured(String action) {
    return Configured.configuration(
        """
        { name = exchange, networks = ["10.0.0.10"] }
        { name = quiet, networks = ["10.0.0.11"], outbreak = off }
        { name = printers, networks = ["10.0.20.0/24"] }
        { name = staff, users = ["*"] }
        """,
        "limits { outbreak { action = "
            + action
            + ", failures = \"50% of 20\", within = \"1 hour\", sudden = 10, sudden-from = 100,"
            + " pause = \"2 hours\" } }");
  }

  private Outbreaks start() {
    var os = Configured.os(time, disk);
    var real = new Os(os.time(), os.network(), atOnce(os.tasks()), os.chance(), os.disk());
    return new Outbreaks(real, DATA, () -> configuration, events::add);
  }

  /// What an outbreak has led to is written on a thread of its own, which has its turn at once; all
  /// else never is.
  private static Tasks atOnce(Tasks never) {
    return new Tasks() {
      @Override
      public Thread virtual(String name, Runnable body) {
        return never.virtual(name, body);
      }

      @Override
      public Thread platform(String name, Runnable body) {
        if (name.equals("outbreaks")) {
          body.run();
        }
        return never.platform(name, body);
      }
    };
  }

  /// Nothing is closed, and nothing more is written.
  private void crash() {
    outbreaks = start();
  }

  /// Runs what is started, in virtual time.
  private Outbreaks startAlive(SimTime simTime) {
    var real = Os.real();
    var os = new Os(simTime, real.network(), real.tasks(), real.chance(), disk);
    return new Outbreaks(os, DATA, () -> configuration, events::add);
  }

  private void restart() {
    outbreaks.close();
    outbreaks = start();
  }

  private static Address address(String text) {
    return AddressParser.parse(text).orElseThrow();
  }

  private static Outcome bounced(int klass, int subject, int detail) {
    return new Outcome.Bounced(
        Outcome.Stage.RCPT,
        new EnhancedStatus(klass, subject, detail),
        "no",
        Reply.of(550, klass + "." + subject + "." + detail, "no"));
  }

  private Envelope envelope(String client, String address, String user, Address sender) {
    var source = new Envelope.Source(client, "relay", address, "helo", "ESMTP", user);
    return envelope(source, sender);
  }

  /// Of a mail that is taken now.
  private Envelope envelope(Envelope.Source source, Address sender) {
    return new Envelope(
        new QueueId(1),
        time.now(),
        sender,
        BodyType.SEVEN_BIT,
        false,
        null,
        null,
        source,
        new Envelope.Traits(10, false, false, false, false, true));
  }

  private void answered(int times, Outcome outcome, Envelope envelope) {
    for (int i = 0; i < times; i++) {
      outbreaks.concluded(envelope, HOP, List.of(), List.of(outcome));
    }
  }

  /// Bounces that come in now, each of a mail of its own.
  private void returned(int times, EnhancedStatus status, Instant queued) {
    for (int i = 0; i < times; i++) {
      mails++;
      returned(new QueueId(mails), address("bob@there.example"), status, queued);
    }
  }

  private void returned(QueueId mail, Address recipient, EnhancedStatus status, Instant queued) {
    var source = envelope("printers", "10.0.20.5", "", ANNA).source();
    outbreaks.returned(new LateBounce(mail, queued, source, ANNA, recipient, HOP, status));
  }

  private String objection(String client, Facts facts, Address sender) {
    return outbreaks.objection(client, facts, sender).map(Objection::reason).orElse("");
  }

  private static Facts user(String name) {
    var client = Configured.from("203.0.113.5");
    return new Facts(client.address(), "relay", "lan", null, null, name, "");
  }

  @Test
  void whoseRecipientsAreRefusedIsHeldAndNobodyElse() {
    var mail = envelope("printers", "10.0.20.5", "", ANNA);
    answered(10, TAKEN, mail);
    answered(9, UNKNOWN, mail);
    assertThat(objection("printers", printer, ANNA)).isEmpty();
    outbreaks.concluded(mail, HOP, List.of(), List.of(SPAM));

    var objection = outbreaks.objection("printers", printer, BEN).orElseThrow();
    assertThat(objection.hold().setting()).isEqualTo("outbreak");
    assertThat(objection.reason())
        .isEqualTo(
            "outbreak = hold: client 10.0.20.5 (client rule printers) since 2026-01-01T00:00:00Z:"
                + " next hops refused 10 of 20 recipients (9 unknown, 1 by policy, 0 else)");
    assertThat(objection("printers", Configured.from("10.0.20.6"), ANNA)).isEmpty();
    assertThat(objection("exchange", Configured.from("10.0.0.10"), ANNA)).isEmpty();
    assertThat(events)
        .containsExactly(
            new Event.Outbreak(
                "client",
                "printers",
                "10.0.20.5",
                "hold",
                null,
                "next hops refused 10 of 20 recipients (9 unknown, 1 by policy, 0 else)"));
  }

  @Test
  void aUserIsTheSameWhereverItComesFrom() {
    answered(20, UNKNOWN, envelope("staff", "203.0.113.5", "anna", ANNA));
    assertThat(objection("staff", user("anna"), BEN)).contains("user anna");
    assertThat(objection("staff", user("ben"), ANNA)).isEmpty();
  }

  @Test
  void ofIpv6TheNetworkIsMeant() {
    answered(20, UNKNOWN, envelope("printers", "2001:db8::1", "", ANNA));
    assertThat(objection("printers", Configured.from("2001:db8::2"), BEN))
        .contains("client 2001:db8::/64");
    assertThat(objection("printers", Configured.from("2001:db8:0:1::1"), BEN)).isEmpty();
  }

  @Test
  void oneSenderOfAMailServerDoesNotStopTheOthers() {
    answered(100, TAKEN, envelope("exchange", "10.0.0.10", "", BEN));
    answered(20, SPAM, envelope("exchange", "10.0.0.10", "", ANNA));
    answered(20, SPAM, envelope("exchange", "10.0.0.10", "", ANNA)); // From before.

    var exchange = Configured.from("10.0.0.10");
    assertThat(objection("exchange", exchange, address("Anna@Example.COM")))
        .contains("sender anna@example.com");
    assertThat(objection("exchange", exchange, BEN)).isEmpty();
    assertThat(objection("exchange", exchange, Address.NULL)).isEmpty();
    assertThat(events).hasSize(1);
  }

  @Test
  void whoTakesANewSenderForEachLotIsMeantItself() {
    answered(1000, TAKEN, envelope("exchange", "10.0.0.10", "", BEN));
    for (int i = 0; i < 3; i++) {
      answered(20, SPAM, envelope("exchange", "10.0.0.10", "", address("x" + i + "@y.example")));
    }
    assertThat(objection("exchange", Configured.from("10.0.0.10"), BEN))
        .contains("client 10.0.0.10 (client rule exchange)", "the mail of 3 of its senders");
  }

  @Test
  void whatIsOnlyDeferredOrOurOwnOrSwitchedOffCountsAgainstNobody() {
    var later =
        new Outcome.Deferred(
            Outcome.Stage.RCPT, new EnhancedStatus(4, 7, 1), "later", Reply.of(451, "4.7.1", "x"));
    answered(100, later, envelope("printers", "10.0.20.5", "", ANNA));
    answered(100, UNKNOWN, envelope(Envelope.Source.SELF, Address.NULL));
    answered(100, UNKNOWN, envelope("quiet", "10.0.0.11", "", ANNA));
    answered(100, UNKNOWN, envelope("gone", "10.0.0.12", "", ANNA));
    assertThat(events).isEmpty();
    assertThat(outbreaks.now()).isEmpty();
  }

  @Test
  void whatWasLongAgoIsForgotten() {
    var mail = envelope("printers", "10.0.20.5", "", ANNA);
    for (int i = 0; i < 30; i++) {
      answered(9, UNKNOWN, mail);
      time.advance(Duration.ofMinutes(30));
    }
    assertThat(events).isEmpty();
    answered(11, UNKNOWN, mail);
    assertThat(events).hasSize(1);
  }

  @Test
  void aThrottleSaysUntilWhenAndEndsByItself() {
    configuration = configured("throttle");
    answered(20, UNKNOWN, envelope("printers", "10.0.20.5", "", ANNA));
    var objection = outbreaks.objection("printers", printer, ANNA).orElseThrow();
    assertThat(objection.hold()).isNull();
    assertThat(objection.reply().toString())
        .isEqualTo(
            "451 4.7.1 Your mail looks like an outbreak: none is taken until 2026-01-01T02:00:00Z");
    for (int minutes : new int[] {-1, 0, 119, 120}) {
      var then = printer.at(time.now().plus(Duration.ofMinutes(minutes)));
      assertThat(objection("printers", then, ANNA).isEmpty())
          .as("asked about %d minutes from now", minutes)
          .isEqualTo(minutes < 0 || minutes >= 120);
    }
    time.advance(Duration.ofHours(2));
    assertThat(objection("printers", printer, ANNA)).isEmpty();
    assertThat(outbreaks.now()).isEmpty();
    assertThat(events).hasSize(2).last().isEqualTo(over("10.0.20.5"));
  }

  private static Event over(String address) {
    return new Event.Outbreak(
        "client", "printers", address, "over", null, "its mail is taken again");
  }

  @Test
  void theEndOfAThrottleIsToldThoughTheClientNeverComesAgain() {
    configuration = configured("throttle");
    var simTime = new SimTime(time.now());
    var alive = startAlive(simTime);
    for (int i = 0; i < 20; i++) {
      alive.concluded(
          envelope("printers", "10.0.20.5", "", ANNA), HOP, List.of(), List.of(UNKNOWN));
    }
    eventually("its threads wait", () -> simTime.sleepers() == 2);
    simTime.advance(Duration.ofMinutes(119));
    alive.close();
    assertThat(events).hasSize(1);

    var again = startAlive(simTime);
    eventually("its thread waits", () -> simTime.sleepers() == 1);
    simTime.advance(Duration.ofMinutes(2));
    eventually("it is told", () -> events.size() >= 2);
    assertThat(events).hasSize(2);
    assertThat(events.getLast()).isEqualTo(over("10.0.20.5"));
    assertThat(again.now()).isEmpty();
    again.close();
  }

  @Test
  void whatEndedWhileTheRelayWasDownIsToldOnce() {
    disk.with(
        "data/outbreaks",
        "client\tprinters\tthrottle\t2026-01-01T00:00:00Z\t2026-01-01T01:00:00Z\t10.0.20.5\twhy\n");
    var simTime = new SimTime();
    var first = startAlive(simTime);
    eventually("it is told", () -> !events.isEmpty());
    first.close();
    startAlive(simTime).close();
    assertThat(events).containsExactly(over("10.0.20.5"));
    assertThat(Ledger.read(disk, DATA.resolve("outbreaks"))).isEmpty();
  }

  @Test
  void aNextHopThatRefusesEverybodyCountsAgainstNobody() {
    for (int i = 0; i < 1000; i++) {
      answered(1, SPAM, envelope("printers", "10.0.20.5", "", ANNA));
      answered(1, SPAM, envelope("exchange", "10.0.0.10", "", BEN));
      answered(1, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
    }
    assertThat(events).isEmpty();

    outbreaks.concluded(envelope("exchange", "10.0.0.10", "", BEN), HOP, List.of(), List.of(TAKEN));
    answered(20, SPAM, envelope("printers", "10.0.20.5", "", ANNA));
    assertThat(events).as("it takes something again, but not of this one").hasSize(1);
  }

  @Test
  void twoClientsThatWereBothTakenOverDoNotExcuseEachOther() {
    for (int i = 0; i < 20; i++) {
      answered(1, SPAM, envelope("printers", "10.0.20.5", "", ANNA));
      answered(1, SPAM, envelope("exchange", "10.0.0.10", "", BEN));
    }
    answered(1, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
    assertThat(events).as("one mistake of a third one does not either").hasSize(2);
  }

  @Test
  void recipientsThatThereAreNotCountHoweverManyClientsTryThem() {
    for (int i = 0; i < 20; i++) {
      answered(1, UNKNOWN, envelope("printers", "10.0.20.5", "", ANNA));
      answered(1, UNKNOWN, envelope("exchange", "10.0.0.10", "", BEN));
      answered(1, UNKNOWN, envelope("staff", "203.0.113.5", "anna", ANNA));
    }
    assertThat(events).hasSize(3);
  }

  @Test
  void whereOthersAreTakenARefusalCountsHoweverManyThereAre() {
    for (int i = 0; i < 20; i++) {
      answered(5, SPAM, envelope("printers", "10.0.20.5", "", ANNA));
      answered(1, TAKEN, envelope("exchange", "10.0.0.10", "", BEN));
    }
    assertThat(objection("printers", printer, ANNA)).contains("client 10.0.20.5");
  }

  @Test
  void whoeverAloneIsRefusedAtEachOfManyPlacesIsNotItself() {
    for (int i = 0; i < 20; i++) {
      outbreaks.concluded(
          envelope("printers", "10.0.20.5", "", ANNA), "internet:mx" + i, List.of(), List.of(SPAM));
    }
    assertThat(objection("printers", printer, ANNA)).contains("client 10.0.20.5");
  }

  @Test
  void whatANextHopRefusedLongAgoIsNoRowAnyMore() {
    for (int i = 0; i < 20; i++) {
      answered(1, SPAM, envelope("exchange", "10.0.0.10", "", BEN));
      answered(1, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
      answered(1, SPAM, envelope("printers", "10.0.20.6", "", ANNA));
    }
    time.advance(Duration.ofHours(2));
    answered(20, SPAM, envelope("printers", "10.0.20.5", "", ANNA));
    assertThat(objection("printers", printer, ANNA)).contains("client 10.0.20.5");
  }

  @Test
  void aReportLetsTheMailGoAndIsTheOnlyOneForAWhile() {
    configuration = configured("report");
    var mail = envelope("printers", "10.0.20.5", "", ANNA);
    answered(100, UNKNOWN, mail);
    assertThat(objection("printers", printer, ANNA)).isEmpty();
    assertThat(events).hasSize(1);
    assertThat(outbreaks.now().getFirst().sentence())
        .startsWith(
            "Outbreak since 2026-01-01T00:00:00Z: mail of client 10.0.20.5 (client rule printers)"
                + " is told of: next hops refused 20 of 20");
    time.advance(Duration.ofHours(2));
    answered(20, UNKNOWN, mail);
    assertThat(events).as("of what was taken meanwhile").hasSize(1);
    answered(20, UNKNOWN, envelope("printers", "10.0.20.5", "", ANNA));
    assertThat(events).hasSize(2);
  }

  /// What a provider that takes everything sends back on Saturday says nothing of Saturday.
  @Test
  void aBounceOfMailFromLongAgoCountsForNothing() {
    var monday = time.now();
    time.advance(Duration.ofDays(5));
    answered(10, TAKEN, envelope("printers", "10.0.20.5", "", ANNA));
    returned(30, GONE, monday);
    returned(30, new EnhancedStatus(5, 4, 7), time.now());
    returned(9, GONE, time.now().minus(Duration.ofMinutes(59)));
    assertThat(events).isEmpty();
    returned(1, GONE, time.now());
    assertThat(objection("printers", printer, ANNA)).contains("next hops refused 10 of 20 ");
  }

  @Test
  void bouncesOfWhatMadeAnOutbreakMakeNoOtherOneWhenItIsOver() {
    var before = time.now();
    returned(20, GONE, before);
    assertThat(events).hasSize(1);
    time.advance(Duration.ofMinutes(1));
    outbreaks.lift("printers");
    returned(30, GONE, before);
    assertThat(outbreaks.now()).as("lifted").isEmpty();

    configuration = configured("report"); // The mail goes meanwhile.
    returned(20, GONE, time.now());
    time.advance(Duration.ofMinutes(90));
    var meanwhile = time.now();
    time.advance(Duration.ofMinutes(30));
    returned(30, GONE, meanwhile);
    assertThat(outbreaks.now()).as("over by itself").isEmpty();
    restart();
    returned(30, GONE, time.now().minusSeconds(1));
    assertThat(outbreaks.now()).as("counted from zero").isEmpty();
    returned(20, GONE, time.now());
    assertThat(outbreaks.now()).hasSize(1);
  }

  /// Whoever got a mail knows its id, and can write a bounce that names all who got it.
  @Test
  void oneMailMakesNoOutbreakWhateverBouncesSayOfIt() {
    answered(10, TAKEN, envelope("printers", "10.0.20.5", "", ANNA));
    for (int i = 0; i < 60; i++) {
      returned(new QueueId(1000), address("b" + i + "@there.example"), GONE, time.now());
      returned(new QueueId(1001), address("bob@there.example"), GONE, time.now());
    }
    returned(6, GONE, time.now());
    assertThat(events).as("two of the first and one of the second").isEmpty();
    returned(1, GONE, time.now());
    assertThat(objection("printers", printer, ANNA)).contains("next hops refused 10 of 20 ");
  }

  @Test
  void recipientsOfAMailThatWereRefusedFirstAreSeenTogetherWithThoseThatWereTaken() {
    var outcomes = new ArrayList<Outcome>(Collections.nCopies(20, UNKNOWN));
    outcomes.addAll(Collections.nCopies(180, TAKEN));
    outbreaks.concluded(envelope("printers", "10.0.20.5", "", ANNA), HOP, List.of(), outcomes);
    assertThat(events).isEmpty();

    var refused = Collections.<Outcome>nCopies(20, UNKNOWN);
    outbreaks.concluded(
        envelope("exchange", "10.0.0.10", "", BEN), "elsewhere", List.of(), refused);
    assertThat(events).hasSize(1);
  }

  @Test
  void aHoldOutlivesARestartAndACrashUntilItIsLifted() {
    answered(20, UNKNOWN, envelope("printers", "10.0.20.5", "", ANNA));
    answered(1, TAKEN, envelope("exchange", "10.0.0.10", "", BEN));
    answered(20, UNKNOWN, envelope("staff", "203.0.113.5", "anna b", ANNA));
    crash();
    time.advance(Duration.ofDays(30));
    assertThat(objection("printers", printer, ANNA)).contains("outbreak = hold");
    assertThat(objection("staff", user("anna b"), ANNA)).contains("user anna b");

    assertThat(outbreaks.lift("nobody")).isEmpty();
    assertThat(outbreaks.lift("10.0.20.5")).hasSize(1);
    restart();
    assertThat(objection("staff", user("anna b"), ANNA)).contains("user anna b");
    assertThat(outbreaks.lift("staff")).hasSize(1);
    assertThat(objection("printers", printer, ANNA)).isEmpty();
    crash();
    assertThat(outbreaks.now()).isEmpty();
    assertThat(events.getLast())
        .isEqualTo(
            new Event.Outbreak("user", "staff", "anna b", "lifted", null, "by an administrator"));
  }

  @Test
  void whatWasHeldMakesNoOtherOutbreakWhenItIsReleased() {
    answered(5, TAKEN, envelope("staff", "203.0.113.5", "anna", ANNA));
    answered(20, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
    var held = envelope("staff", "203.0.113.5", "anna", ANNA);
    var other = envelope("staff", "203.0.113.5", "anna", BEN);
    assertThat(objection("staff", user("anna"), ANNA)).contains("user anna");
    time.advance(Duration.ofMinutes(1));
    assertThat(outbreaks.lift("anna")).hasSize(1);

    answered(100, UNKNOWN, held);
    answered(100, SPAM, other);
    assertThat(outbreaks.now()).isEmpty();
    answered(20, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
    assertThat(objection("staff", user("anna"), ANNA)).contains("user anna", "20 of 20");
  }

  @Test
  void whatWasHeldMakesNoOtherOutbreakWhenItIsReleasedAfterARestart() {
    var held = envelope("staff", "203.0.113.5", "anna", ANNA);
    answered(20, SPAM, held);
    time.advance(Duration.ofMinutes(1));
    assertThat(outbreaks.lift("anna")).hasSize(1);
    restart();
    answered(100, SPAM, held);
    assertThat(outbreaks.now()).isEmpty();
  }

  @Test
  void whatWasTakenBeforeARestartCountsNotThoughAnOutbreakWasOverLongBeforeIt() {
    configuration = configured("throttle");
    disk.with(
        "data/outbreaks",
        "client\tprinters\tthrottle\t2026-01-01T00:00:00Z\t2026-01-01T01:00:00Z\t10.0.20.5\twhy\n");
    time.advance(Duration.ofHours(3));
    var waiting = envelope("printers", "10.0.20.5", "", Address.NULL);
    time.advance(Duration.ofMinutes(1));
    crash();
    assertThat(objection("printers", printer, ANNA)).isEmpty();
    assertThat(outbreaks.now()).isEmpty();
    answered(100, UNKNOWN, waiting);
    assertThat(outbreaks.now()).isEmpty();
  }

  /// Neither of what it has sent before, nor of what its senders have.
  @Test
  void aLiftOutlivesACrash() {
    answered(5, TAKEN, envelope("staff", "203.0.113.5", "anna", ANNA));
    answered(20, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
    var held = envelope("staff", "203.0.113.5", "anna", ANNA);
    assertThat(outbreaks.lift("anna")).hasSize(1);
    time.advance(Duration.ofMinutes(1));
    crash();

    answered(100, UNKNOWN, held);
    assertThat(outbreaks.now()).isEmpty();
    answered(5, TAKEN, envelope("staff", "203.0.113.5", "anna", ANNA));
    answered(20, UNKNOWN, envelope("staff", "203.0.113.5", "anna", ANNA));
    assertThat(outbreaks.now()).hasSize(1);
  }

  @Test
  void asManyAsWereLiftedAreUsualAfterACrashToo() {
    for (int day = 0; day < 3; day++) {
      outbreaks.taken("printers", printer, Address.NULL, 40);
      time.advance(Duration.ofDays(1));
    }
    restart();
    outbreaks.taken("printers", printer, Address.NULL, 500);
    assertThat(outbreaks.now()).hasSize(1);
    outbreaks.lift("printers");
    crash();

    outbreaks.taken("printers", printer, Address.NULL, 500);
    assertThat(outbreaks.now()).isEmpty();
  }

  @Test
  void whoIsMeantBeginsAnewWithTheSenderThatWasAPartOfIt() {
    answered(20, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
    time.advance(Duration.ofMinutes(1));
    assertThat(outbreaks.lift("anna")).hasSize(1);
    answered(5, SPAM, envelope("staff", "203.0.113.5", "anna", ANNA));
    assertThat(outbreaks.now()).isEmpty();
  }

  @Test
  void whereTheActionIsSwitchedOffNothingIsHeldAnyMore() {
    answered(20, UNKNOWN, envelope("printers", "10.0.20.5", "", ANNA));
    configuration = configured("off");
    assertThat(objection("printers", printer, ANNA)).isEmpty();
  }

  @Test
  void aDamagedFileCostsOnlyItsDamagedLines() {
    disk.with(
        "data/outbreaks",
        "x\nclient\tprinters\thold\tnever\t-\t10.0.20.5\twhy\n"
            + "client\tprinters\tburn\t2026-01-01T00:00:00Z\t-\t10.0.20.5\twhy\n"
            + "client\tprinters\thold\t2026-01-01T00:00:00Z\t-\t10.0.20.6\twhy\n");
    assertThat(start().now()).extracting(Outbreak::name).containsExactly("10.0.20.6");
  }

  @Test
  void moreThanUsualIsNoticedOnceItIsKnownWhatIsUsual() {
    for (int day = 0; day < 3; day++) {
      for (int hour = 0; hour < 24; hour++) {
        outbreaks.taken("printers", printer, ANNA, 15);
        time.advance(Duration.ofHours(1));
      }
      restart();
    }
    outbreaks.taken("printers", printer, ANNA, 1);
    for (int i = 0; i < 149; i++) {
      outbreaks.taken("printers", printer, ANNA, 1);
    }
    assertThat(events).isEmpty();
    outbreaks.taken("printers", printer, ANNA, 1);
    assertThat(events).hasSize(1);
    assertThat(objection("printers", printer, ANNA))
        .contains(
            "mail to 151 recipients in this hour, where 15 are usual in the busiest hour of a day");
    outbreaks.lift("printers");
    outbreaks.taken("printers", printer, ANNA, 1);
    assertThat(objection("printers", printer, ANNA)).as("not again in this hour").isEmpty();
  }

  @Test
  void aQuietClientMaySendAHandfulAndANewOneIsNotJudged() {
    outbreaks.taken("printers", printer, ANNA, 100_000);
    var quiet = Configured.from("10.0.20.6");
    for (int day = 0; day < 5; day++) {
      outbreaks.taken("printers", quiet, BEN, 1);
      time.advance(Duration.ofDays(1));
    }
    outbreaks.taken("printers", quiet, BEN, 100);
    assertThat(events).isEmpty();
    outbreaks.taken("printers", quiet, BEN, 1);
    assertThat(events).hasSize(1);
  }

  @Test
  void notMoreAreRememberedThanFit() {
    for (int i = 0; i <= Outbreaks.MOST; i++) {
      var sender = address("s" + i + "@example.com");
      outbreaks.concluded(
          envelope("printers", "10.1." + i / 256 + "." + i % 256, "", sender),
          "mx" + i,
          List.of(),
          List.of(SPAM));
      outbreaks.taken("printers", printer, sender, 1);
    }
    answered(19, SPAM, envelope("printers", "10.1.0.0", "", address("other@example.com")));
    assertThat(events).as("the first was forgotten").isEmpty();
    answered(1, SPAM, envelope("printers", "10.1.0.0", "", address("other@example.com")));
    assertThat(events).hasSize(1);
    outbreaks.close();
    assertThat(Ledger.read(disk, DATA.resolve("clients.usual")))
        .as("many senders make no client unknown")
        .hasSize(Habits.MOST + 1)
        .filteredOn(line -> line.contains(" client "))
        .hasSize(1);
  }
}
