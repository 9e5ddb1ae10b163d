package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.hostile.Hop.Fault;
import dev.poststation.hostile.Hop.Step;
import dev.poststation.log.Event;
import dev.poststation.message.QueueId;
import dev.poststation.queue.QueueEntry;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Everything that a next hop can do wrong, at every step of the dialogue, however we talk to it,
/// at the first mail of a connection and at a later one: nothing is lost, nothing is doubled but
/// after a lost reply to the content, another mail is not disturbed, and what waits has a reason
/// and a next time.
class NextHopFaultsTest {
  private static final String FIRST = "first@bad.example";
  private static final String LAST = "last@bad.example";
  private static final String OTHER = "other@good.example";

  /// Each step has 30 s, a mail as a whole 10 minutes; the first wait is a minute.
  private static final String CONFIGURATION =
      """
      connectors {
        bad { hosts = ["192.0.2.1:25"], tls = off, max-connections = 1, idle = "10 s", timeouts {
          connect = "30 s", greeting = "30 s", hello = "30 s", mail = "30 s", rcpt = "30 s"
          data-init = "30 s", data-block = "30 s", data-end = "30 s", quit = "5 s" } }
        good { hosts = ["192.0.2.2:25"], tls = off }
      }
      routes = [ { to = ["bad.example"], via = [bad] }, { via = [good] } ]
      queue { retry = ["1 minute"], warn-after = "0 s" }
      limits { transaction-time = "10 minutes" }
      """;

  private enum Way {
    PLAIN,
    PIPELINED,
    CHUNKED,
    CHUNKED_IN_ONE_GROUP;

    List<String> extensions() {
      return switch (this) {
        case PLAIN -> List.of("SIZE 10000000");
        case PIPELINED -> List.of("PIPELINING", "SIZE 10000000");
        case CHUNKED -> List.of("CHUNKING");
        case CHUNKED_IN_ONE_GROUP -> List.of("PIPELINING", "CHUNKING");
      };
    }

    boolean chunked() {
      return compareTo(CHUNKED) >= 0;
    }
  }

  private record Case(Way way, Step step, Fault fault, int faultyMail, int times) {
    @Override
    public String toString() {
      return "%s at %s, %s, mail %d%s"
          .formatted(fault, step, way, faultyMail, times > 1 ? ", again and again" : "")
          .toLowerCase(java.util.Locale.ROOT);
    }

    /// Whether the reply means that the mail, or a recipient, is never to be sent there.
    boolean refuses() {
      return fault == Fault.SAY_550 && step.compareTo(Step.MAIL) >= 0;
    }

    boolean isAboutOne() {
      return step == Step.RCPT || step == Step.RCPT_LAST;
    }

    boolean makesSense() {
      boolean opening = step.compareTo(Step.MAIL) < 0;
      return (!opening || faultyMail == 1)
          && (step == Step.END || !fault.onlyAfterContent())
          && !(step == Step.DATA && way.chunked())
          && !(step == Step.CONTENT && (fault.odd() || fault == Fault.NOTHING))
          && !(step == Step.DATA && fault == Fault.SAY_354)
          && !(fault == Fault.SAY_250 && step != Step.DATA);
    }
  }

  private static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (var way : Way.values()) {
      for (var step : Step.values()) {
        for (var fault : Fault.values()) {
          cases.add(new Case(way, step, fault, 1, 1));
          cases.add(new Case(way, step, fault, 2, 1));
          cases.add(new Case(way, step, fault, 1, 3));
        }
      }
    }
    return cases.stream().filter(Case::makesSense);
  }

  @TestFactory
  Stream<DynamicTest> everyFaultAtEveryStep() {
    return cases().map(each -> DynamicTest.dynamicTest(each.toString(), () -> play(each)));
  }

  private static void play(Case it) throws SpoolException {
    try (var world = new World(CONFIGURATION)) {
      var bad =
          new Hop(
              world,
              "192.0.2.1:25",
              it.way.extensions(),
              it.step,
              it.fault,
              it.faultyMail,
              it.times);
      var good = Hop.good(world, "192.0.2.2:25");
      List<String> ids = new ArrayList<>();
      for (int i = 0; i < it.faultyMail; i++) {
        ids.add(world.send("10.0.0.1", content(it), FIRST, LAST));
        world.settle();
      }
      String other = world.send("10.0.0.2", "Subject: other\r\n\r\nbody\r\n", OTHER);
      world.settle();
      assertThat(world.removed(other)).as("the other mail is gone at once").isTrue();

      var took =
          world.until(
              "the attempt ends",
              Duration.ofMinutes(15),
              () -> bad.faults() > 0 && ids.stream().allMatch(id -> told(world, id)));
      assertThat(took).isLessThanOrEqualTo(Duration.ofMinutes(12));
      for (String id : ids) {
        waitsWithReasonAndTime(world, id);
      }
      world.until(
          "all is done",
          Duration.ofHours(3),
          () -> ids.stream().allMatch(world::removed) && world.spool.usage().mails() == 0);
      judge(it, world, bad, ids);
      assertThat(good.taken(OTHER)).isEqualTo(1);
      world.until("no connection stays", Duration.ofMinutes(2), () -> world.streets.open() == 0);
    }
  }

  private static String content(Case it) {
    // So much that it does not fit what is on the way when nobody reads.
    int lines = it.step == Step.CONTENT ? 5000 : 5;
    return "Subject: test\r\n\r\n"
        + "..It is a long way to Tipperary, it is a long way to go, to the end.\r\n".repeat(lines);
  }

  /// Whether log and trace say something of each recipient, or of its end.
  private static boolean told(World world, String id) {
    var attempts = world.attempts(id);
    return Stream.of(FIRST, LAST)
        .allMatch(to -> attempts.stream().anyMatch(event -> event.to().toString().equals(to)));
  }

  private static void waitsWithReasonAndTime(World world, String id) throws SpoolException {
    for (var event : world.attempts(id)) {
      assertThat(event.text()).as("reason in the log").isNotBlank();
      assertThat(event.next() != null).isEqualTo(event.status().equals("deferred"));
    }
    var entry = world.control.entry(QueueId.parse(id).orElseThrow());
    for (var line : entry.map(QueueEntry::recipients).orElse(List.of())) {
      if (line.phase().equals("waiting")) {
        assertThat(line.reason()).as("reason").isNotBlank().isNotEqualTo("not tried yet");
        assertThat(line.next()).as("next time").isNotNull();
      }
    }
  }

  private static void judge(Case it, World world, Hop bad, List<String> ids) {
    int bounced = 0;
    for (String id : ids) {
      for (String to : List.of(FIRST, LAST)) {
        List<String> ends =
            world.attempts(id).stream()
                .filter(event -> event.to().toString().equals(to))
                .map(Event.Attempted::status)
                .filter(status -> !status.equals("deferred"))
                .toList();
        assertThat(ends).as("ends of " + to).hasSize(1).isSubsetOf("sent", "bounced");
        bounced += ends.contains("bounced") ? 1 : 0;
      }
    }
    int expected = !it.refuses() ? 0 : it.isAboutOne() ? 1 : 2;
    assertThat(bounced).as("bounced").isEqualTo(expected);
    if (it.fault.odd()) {
      assertThat(ids).allSatisfy(id -> assertThat(world.attempts(id)).hasSize(2));
    }
    int all = 2 * ids.size();
    int arrived = bad.taken(FIRST) + bad.taken(LAST);
    assertThat(arrived).as("nothing is lost").isGreaterThanOrEqualTo(all - bounced);
    assertThat(arrived)
        .as("nothing is doubled, but what we were not told of")
        .isLessThanOrEqualTo(all - bounced + 2 * bad.unsaid());
    if (it.step.compareTo(Step.DATA) < 0 && it.way != Way.CHUNKED_IN_ONE_GROUP) {
      assertThat(bad.unsaid()).as("taken though it broke before the content").isZero();
    }
  }
}
