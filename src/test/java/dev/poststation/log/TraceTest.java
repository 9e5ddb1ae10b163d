package dev.poststation.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.message.Hold;
import dev.poststation.sim.Golden;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TraceTest {
  private static byte[] entry(Event event, JsonText.Depth depth) {
    var out = new StringBuilder();
    var fields = new JsonText(out, Timestamps.iso(), depth);
    Keys.write(fields, event, MailJournal.when(event));
    fields.end();
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static List<byte[]> entries(Event... events) {
    var all = new ArrayList<byte[]>();
    for (var event : events) {
      all.add(entry(event, JsonText.Depth.DIALOGUE));
    }
    return all;
  }

  @Test
  void byWhatAMailIsHeldIsNotReadOutOfTheReason() {
    var held =
        Event.Administered.heldOnArrival(
            Samples.ID, Samples.TIME, Hold.otherwise("on-found = hold: as it were"));
    assertThat(held.by()).isEqualTo("otherwise");
    assertThat(held.text()).isEqualTo("otherwise = hold: on-found = hold: as it were");
  }

  @Test
  void theStoryOfAMailIsToldInPlainWords() throws IOException {
    var sameDialogue =
        new Event.Attempted(
            Samples.ID,
            Samples.TIME.plusMillis(340),
            new Address("dora", "example.net"),
            1,
            "sent",
            Samples.sent().route(),
            Samples.sent().destination(),
            Samples.sent().relay(),
            Samples.sent().delay(),
            Samples.sent().delays(),
            Samples.sent().dsn(),
            Samples.TLS,
            Samples.sent().text(),
            "4XyZ12",
            null,
            Samples.sent().dialogue());
    Golden.check(
        "trace.txt",
        Trace.text(
            entries(
                Samples.queued(),
                Samples.sent(),
                sameDialogue,
                Samples.deferred(),
                new Event.Noticed(
                    Samples.ID,
                    Samples.TIME.plusSeconds(60),
                    "delay",
                    Samples.NOTICE,
                    Samples.ANNA,
                    "1 recipient waits"),
                new Event.Administered(
                    Samples.ID, Samples.TIME.plusSeconds(61), "retry", "by root: line is back"),
                Samples.bounced(),
                new Event.Noticed(
                    Samples.ID,
                    Samples.TIME.plusSeconds(66),
                    "bounce",
                    Samples.NOTICE,
                    Samples.ANNA,
                    "1 recipient failed"),
                new Event.Removed(Samples.ID, Samples.TIME.plusSeconds(66)))));
  }

  @Test
  void aMailThatWasDeletedSaysSoInItsHead() {
    String text =
        Trace.text(
            entries(
                Samples.queued(),
                Samples.sent(),
                Samples.deferred(),
                new Event.Administered(
                    Samples.ID, Samples.TIME.plusSeconds(61), "delete", "by root: spam"),
                new Event.Removed(Samples.ID, Samples.TIME.plusSeconds(61))));
    String head = text.substring(0, text.indexOf("It is done"));
    assertThat(head)
        .contains("delivered 2026", "deleted by an administrator")
        .doesNotContain("deferred", "waiting for");
  }

  @Test
  void aMailThatIsHeldSaysSoInItsHead() {
    var held =
        Event.Administered.heldOnArrival(
            Samples.ID, Samples.TIME.plusSeconds(1), Hold.otherwise("sender"));
    assertThat(Trace.text(entries(Samples.queued(), held)))
        .contains("<bert@example.net>  held; ")
        .doesNotContain("waiting for the first");
    var released =
        new Event.Administered(Samples.ID, Samples.TIME.plusSeconds(2), "release", "by root");
    assertThat(Trace.text(entries(Samples.queued(), held, released)))
        .contains("<bert@example.net>  waiting for the first attempt");
  }

  @Test
  void aMailThatWaitsSaysForWhatAndUntilWhen() {
    var text = Trace.text(entries(Samples.queued(), Samples.deferred()));
    assertThat(text)
        .contains("<bert@example.net>  waiting for the first attempt")
        .contains(
            "<chris@example.org>  deferred after 1 attempt, next 2026-11-04 04:11:26.123: connect")
        .contains("It is still in the queue.");
  }

  @Test
  void anEntryThatCountsNoAttemptIsToldAsNone() {
    var deferred = Samples.deferred();
    var waiting =
        new Event.Attempted(
            deferred.id(),
            deferred.when(),
            deferred.to(),
            0,
            "deferred",
            deferred.route(),
            "",
            "none",
            deferred.delay(),
            deferred.delays(),
            deferred.dsn(),
            null,
            "delivery temporarily suspended",
            null,
            deferred.next(),
            List.of());

    assertThat(Trace.text(entries(Samples.queued(), waiting)))
        .contains("No attempt for <chris@example.org>: deferred")
        .contains("<chris@example.org>  not tried yet, next 2026-11-04 04:11:26.123: delivery")
        .doesNotContain("relay ", "destination \n");
    assertThat(Trace.text(entries(deferred, deferred)))
        .containsOnlyOnce("Attempt 1 for <chris@example.org>")
        .containsOnlyOnce("No attempt for <chris@example.org>");
  }

  /// It counts none, for the mail is tried on at once; but somebody was called.
  @Test
  void whatWasPassedOnIsToldAsAnAttemptWhereThereWasOne() {
    var tried = Samples.passedOn();
    var suspended =
        new Event.Attempted(
            tried.id(),
            tried.when(),
            tried.to(),
            0,
            "passed-on",
            tried.route(),
            tried.destination(),
            "none",
            tried.delay(),
            tried.delays(),
            tried.dsn(),
            null,
            "delivery temporarily suspended",
            null,
            tried.next(),
            List.of());

    assertThat(Trace.text(entries(Samples.queued(), tried, Samples.deferred())))
        .containsSubsequence(
            "Attempt for <chris@example.org>: passed on to the next connector",
            "Attempt 1 for <chris@example.org>: deferred")
        .doesNotContain("No attempt");
    assertThat(Trace.text(entries(Samples.queued(), suspended, Samples.deferred())))
        .containsSubsequence(
            "No attempt for <chris@example.org>: passed on to the next connector",
            "Attempt 1 for <chris@example.org>: deferred");
  }

  @Test
  void theJsonHasAllKeysOfTheReferenceTraceOnlyOnesIncluded() throws IOException {
    var json = new ObjectMapper().readTree(Trace.json(entries(Samples.queued(), Samples.sent())));
    assertThat(json).hasSize(2);
    assertThat(json.get(0).path("to").get(1).asText()).isEqualTo("chris@example.org");
    assertThat(json.get(0).path("decisions")).hasSize(1);
    assertThat(json.get(1).path("dialogue")).hasSize(12);
    assertThat(json.get(1).path("delays").path("transfer").asDouble()).isEqualTo(0.218);
    assertThat(new ObjectMapper().readTree(Trace.json(List.of()))).isEmpty();
  }

  @Test
  void theDialogueIsLeftOutWhereItIsNotWanted() throws IOException {
    var entry = new ObjectMapper().readTree(entry(Samples.sent(), JsonText.Depth.FACTS));
    assertThat(entry.has("dialogue")).isFalse();
    assertThat(entry.path("reply").asText()).contains("4XyZ12");
  }

  /// What was done to a mail is no talk: it stays.
  @Test
  void whatHappenedBesidesIsKeptWithoutTheDialogue() throws IOException {
    var sent = Samples.sent();
    var noted =
        new Event.Attempted(
            sent.id(),
            sent.when(),
            sent.to(),
            sent.attempt(),
            sent.status(),
            sent.route(),
            sent.destination(),
            sent.relay(),
            sent.delay(),
            sent.delays(),
            sent.dsn(),
            null,
            sent.text(),
            null,
            null,
            List.of("* TLS failed", "S: 220 mx", "* converted to base64", "C: QUIT"));

    var entry = new ObjectMapper().readTree(entry(noted, JsonText.Depth.FACTS));

    assertThat(entry.path("dialogue"))
        .extracting(JsonNode::asText)
        .containsExactly("* TLS failed", "* converted to base64");
  }

  @Test
  void aDamagedEntryIsToldAndTheRestIsReadable() {
    var all = new ArrayList<>(entries(Samples.queued()));
    all.add(new byte[] {'{', (byte) 0xff});
    all.add("[1]".getBytes(StandardCharsets.UTF_8));
    all.add(new byte[0]);
    all.add(
        "{\"event\":\"attempt\",\"delays\":7,\"dialogue\":\"x\"}".getBytes(StandardCharsets.UTF_8));
    all.addAll(entries(Samples.sent()));
    assertThat(Trace.text(all))
        .contains("cannot be read")
        .contains("<bert@example.net>  delivered");
  }

  @Test
  void whatAPeerSentDoesNotReachTheTerminal() {
    var evil =
        new Event.Noticed(
            Samples.ID, Samples.TIME, "bounce", null, Samples.ANNA, "\u001b[2J\nRemoved\u202e");
    var text = Trace.text(entries(evil));
    assertThat(text).contains("?[2J?Removed?").doesNotContain("\u001b");
  }

  @Test
  void aCopyThatAFilterDidNotTakeIsLost() {
    var lost =
        new Event.Noticed(
            Samples.ID, Samples.TIME, "mirror", null, Samples.BERT, "the copy is lost: 550 no");
    assertThat(Trace.text(entries(lost)))
        .contains("Lost: a copy for <bert@example.net>\n    because     the copy is lost: 550 no");
  }

  @Test
  void nothingIsSaidOfAMailWithoutTrace() {
    assertThat(Trace.text(List.of())).isEqualTo("Nothing is known of this mail.\n");
  }
}
