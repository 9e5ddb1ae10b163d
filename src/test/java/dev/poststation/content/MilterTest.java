package dev.poststation.content;

import static dev.poststation.milter.ToyMilter.packet;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Octets;
import dev.poststation.milter.ToyMilter;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What becomes of a mail that a milter has, over a real socket.
@Timeout(30)
class MilterTest {
  private static final Message MAIL =
      new Message(
          "Received: ours\r\nReceived: theirs\r\nX-A: 1\r\nSubject: s\r\nX-A: 2\r\n"
              .getBytes(US_ASCII),
          "\r\n".getBytes(US_ASCII),
          Octets.of("body\r\n".getBytes(US_ASCII)));

  private final ToyMilter milter = new ToyMilter();

  @AfterEach
  void closeMilter() {
    milter.close();
  }

  private MadeUpServices bench(String more) {
    return new MadeUpServices(
        "{ use = milter, at = \"inet:" + milter.port() + "@127.0.0.1\", " + more + " }");
  }

  private static String header(Variant variant) {
    return new String(variant.message().header(), US_ASCII);
  }

  private static List<String> to(Variant variant) {
    return variant.recipients().stream().map(each -> each.address().toString()).toList();
  }

  private Variant changed(byte[]... changes) {
    byte[][] all = Arrays.copyOf(changes, changes.length + 1);
    all[changes.length] = packet('a', "");
    milter.says('E', all);
    return bench("").one(MAIL);
  }

  @Test
  void aMilterHearsOfTheMailAndItGoesOnAsItWas() {
    var variant = bench("").one(MAIL);
    assertThat(variant.message()).isSameAs(MAIL);
    assertThat(variant.notes().getFirst().reason()).isEqualTo("the milter has nothing against it");
    assertThat(milter.heard())
        .contains(
            "Clocalhost|U",
            "M<a@here.test>|SIZE=70|",
            "R<b@there.test>|",
            "LReceived|theirs|",
            "LX-A|2|",
            "Bbody\r\n")
        .doesNotContain("LReceived|ours|");
  }

  @Test
  void fieldsAreAddedWhereTheMilterSays() {
    var variant =
        changed(
            packet('h', "X-End|e|"),
            packet('i', 0, "X-Top|t|"),
            packet('i', 2, "X-First|f|"),
            packet('i', 99, "X-Far|9|"));
    assertThat(header(variant))
        .isEqualTo(
            "X-Top: t\r\nReceived: ours\r\nX-First: f\r\nReceived: theirs\r\nX-A: 1\r\n"
                + "Subject: s\r\nX-A: 2\r\nX-End: e\r\nX-Far: 9\r\n");
    assertThat(variant.notes().getFirst().reason()).isEqualTo("+X-End, +X-Top, +X-First, +X-Far");
  }

  @Test
  void fieldsAreChangedAndRemovedByTheirNumber() {
    var variant =
        changed(
            packet('m', 2, "x-a|two|"),
            packet('m', 1, "X-A||"),
            packet('m', 1, "Received|none|"),
            packet('m', 1, "X-New|n|"),
            packet('m', 5, "X-None||"));
    assertThat(header(variant))
        .isEqualTo("Received: ours\r\nReceived: none\r\nSubject: s\r\nx-a: two\r\nX-New: n\r\n");
  }

  @Test
  void noTextOfAFieldBeginsAnotherOne() {
    var variant =
        changed(
            packet('h', "X-B|one\nTo: all\r\n\r\nBody\rX\n\ttab|"), packet('h', "X-C|\r\nY: z|"));
    assertThat(header(variant))
        .endsWith("X-B: one\r\n\tTo: all\r\n\tBody\r\n\tX\r\n\ttab\r\nX-C: Y: z\r\n");
  }

  @Test
  void theBodyIsReplacedAndItsLinesEndWithCrLf() throws IOException {
    var variant = changed(packet('b', "new\n"), packet('b', "body\rend\r"), packet('b', "\n.\n"));
    assertThat(new String(variant.message().body().bytes(), US_ASCII))
        .isEqualTo("new\r\nbody\r\nend\r\n.\r\n");
  }

  @Test
  void senderAndRecipientsBecomeOthers() {
    var variant =
        changed(
            packet('e', "<new@here.test>|RET=HDRS ENVID=x1|"),
            packet('+', "<c@there.test>|"),
            packet('2', "d@there.test|NOTIFY=NEVER|"),
            packet('+', "<c@THERE.test>|"),
            packet('-', "<b@there.test>|"),
            packet('-', "<nobody@there.test>|"));
    assertThat(to(variant)).containsExactly("c@there.test", "d@there.test");
    assertThat(variant.recipients().getLast().notifyOn()).containsExactly(DsnNotify.NEVER);
    var sender = variant.sender();
    assertThat(sender).isNotNull();
    assertThat(sender.address().toString()).isEqualTo("new@here.test");
    assertThat(sender.ret()).isEqualTo(DsnReturn.HDRS);
    assertThat(sender.envid()).isEqualTo("x1");
    assertThat(variant.message()).isSameAs(MAIL);
    assertThat(variant.notes().getFirst().result()).isEqualTo(Note.Result.CHANGED);
  }

  @Test
  void aLastLineWithoutItsEndGetsOneBeforeSomethingIsPutBehindIt() {
    milter.says('E', packet('h', "X|y|"), packet('c', ""));
    var cut =
        new Message(
            "Received: ours\r\nSubject: s".getBytes(US_ASCII), new byte[0], Octets.of(new byte[0]));
    assertThat(header(bench("").one(cut))).isEqualTo("Received: ours\r\nSubject: s\r\nX: y\r\n");
    milter.says('E', packet('b', "new\r\n"), packet('c', ""));
    assertThat(header(bench("").one(cut))).isEqualTo("Received: ours\r\nSubject: s\r\n");
  }

  @Test
  void thePostmasterWithoutADomainIsOurs() {
    var variant = changed(packet('+', "<postmaster>|"), packet('-', "<b@there.test>|"));
    assertThat(to(variant)).containsExactly("postmaster@relay.example.com");
  }

  @Test
  void theNextMilterSeesWhatThisOneHasChanged() {
    try (var second = new ToyMilter()) {
      milter.says(
          'E',
          packet('h', "X-By|one|"),
          packet('b', "other\r\n"),
          packet('e', "<>|"),
          packet('+', "<c@there.test>|"),
          packet('c', ""));
      var bench =
          new MadeUpServices(
              "{ use = milter, name = one, at = \"127.0.0.1:%d\" }\n{ use = milter, name = two, at = \"127.0.0.1:%d\" }"
                  .formatted(milter.port(), second.port()));
      bench.one(MAIL);
      assertThat(second.heard())
          .contains("LX-By|one|", "Bother\r\n", "R<b@there.test>|", "R<c@there.test>|")
          .anyMatch(line -> line.startsWith("M<>|"));
    }
  }

  @Test
  void aMailThatNobodyGetsAnyMoreIsDiscarded() {
    milter.says('E', packet('-', "<b@there.test>|"), packet('c', ""));
    assertDiscarded("-<b@there.test>");
    milter.says('E', "d");
    assertDiscarded("the milter has it discarded");
    milter.says('M', "d");
    assertDiscarded("the milter has it discarded");
  }

  private void assertDiscarded(String why) {
    var treatment =
        bench("").pipeline.treat(MAIL, MadeUpServices.facts("a@here.test", "b@there.test"));
    assertThat(treatment).isInstanceOf(Treatment.Discarded.class);
    assertThat(((Treatment.Discarded) treatment).rule()).endsWith(": " + why);
  }

  private static String quarantine(Variant variant) {
    var kept = Objects.requireNonNull(variant.quarantine());
    return kept.service() + ": " + kept.reason();
  }

  @Test
  void whatIsQuarantinedWaitsWithItsChanges() {
    var variant = changed(packet('q', "looks\nodd|"), packet('h', "X-B|b|"));
    assertThat(quarantine(variant)).isEqualTo("milter: the milter says quarantine: looks?odd");
    assertThat(header(variant)).endsWith("X-B: b\r\n");
    var rerouted = changed(packet('q', "odd|"), packet('+', "<c@there.test>|"));
    assertThat(quarantine(rerouted)).isEqualTo("milter: the milter says quarantine: odd");
    assertThat(to(rerouted)).containsExactly("b@there.test", "c@there.test");
  }

  @Test
  void aMilterThatAcceptsIsAskedNoMore() {
    milter.says('M', "a");
    bench("").one(MAIL);
    assertThat(milter.heard()).noneMatch(line -> "RTLNBE".indexOf(line.charAt(0)) >= 0);
  }

  @Test
  void aMilterThatHasSeenEnoughOfTheBodyHearsItsEnd() {
    milter.agreeing(6, 0x1FF, 0x400).says('B', "s").says('E', packet('h', "X|y|"), packet('c', ""));
    var large = MAIL.withBody(Octets.of(new byte[200_000]));
    assertThat(header(bench("").one(large))).endsWith("X: y\r\n");
    assertThat(milter.heard().stream().filter(line -> line.startsWith("B"))).hasSize(1);
  }

  @Test
  void aRefusalIsInTheMiltersWords() {
    milter.says('R', packet('y', "550 5.1.1 No such user|"));
    assertThat(bench("").refused(MAIL, "b@there.test").reply().toString())
        .isEqualTo("550 5.1.1 No such user");
    milter.says('R', "c").says('E', "4");
    var closes = bench("").refused(MAIL, "b@there.test").reply();
    assertThat(closes.code()).isEqualTo(451);
    milter.says('C', "t");
    assertThat(bench("").refused(MAIL, "b@there.test").reply())
        .isEqualTo(ContentReplies.MILTER_DEFERS);
  }

  @Test
  void whatCannotBeIsAFailureAndOnErrorDecides() {
    fails("names a field \"X Y\"", packet('h', "X Y|z|"));
    fails("names a field \"\"", packet('h', "|z|"));
    fails("names a sender <a b>", packet('e', "<a b>|"));
    fails("names a sender", packet('e', "<a@b.test>|EVIL=1|"));
    fails("names a sender", packet('e', "<\u00c3\u00bc@b.test>|"));
    fails("names a recipient", packet('+', "<>|"));
    fails("names a recipient", packet('+', "<a@b.test>\r\nRCPT TO:<c@d.test>|"));
    fails("answers end of message with '?'", packet('?', ""));
  }

  private void fails(String why, byte[]... packets) {
    byte[][] all = Arrays.copyOf(packets, packets.length + 1);
    all[packets.length] = packet('c', "");
    milter.says('E', all);
    var refused = bench("").refused(MAIL, "b@there.test");
    assertThat(refused.reply()).isEqualTo(ContentReplies.NOT_EXAMINED_NOW);
    assertThat(refused.rule()).contains("on-error = defer").contains(why);
  }

  @Test
  void aMilterThatOnlyLooksChangesNothing() {
    milter.says('E', packet('h', "X|y|"), packet('b', "z"), packet('c', ""));
    var variant = bench("effect = looks").one(MAIL);
    assertThat(variant.message()).isSameAs(MAIL);
    assertThat(variant.notes().getFirst().reason())
        .isEqualTo("the milter has nothing against it; not done, for effect = looks: 2 changes");
  }

  @Test
  void anotherPlaceIsAskedWhenOneIsDeadOrNoMilter() {
    try (var dead = new ToyMilter();
        var nonsense = new ToyMilter().agreeing(9, 0, 0)) {
      dead.close();
      var bench =
          new MadeUpServices(
              "{ use = milter, at = [\"127.0.0.1:%d\", \"127.0.0.1:%d\", \"127.0.0.1:%d\"] }"
                  .formatted(dead.port(), nonsense.port(), milter.port()));
      for (int i = 0; i < 3; i++) {
        assertThat(bench.one(MAIL).notes().getFirst().result()).isEqualTo(Note.Result.UNCHANGED);
      }
    }
  }
}
