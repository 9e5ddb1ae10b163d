package dev.poststation.content;

import static dev.poststation.milter.ToyMilter.packet;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.MilterService;
import dev.poststation.message.Envelope;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.milter.ToyMilter;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.DsnReturn;
import dev.poststation.smtp.Replies;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Milters that hear of a mail while its envelope comes, over real sockets.
@Timeout(30)
class VisitTest {
  private static final Address ANNA = new Address("anna", "here.test");
  private static final Address BERT = new Address("bert", "there.test");
  private static final Address CARL = new Address("carl", "there.test");
  private static final Envelope.Source SOURCE =
      new Envelope.Source("lan", "relay", "192.0.2.7", "client.test", "ESMTP", "anna");
  private static final Message MAIL =
      new Message(
          "Received: ours\r\nSubject: s\r\n".getBytes(US_ASCII),
          "\r\n".getBytes(US_ASCII),
          Octets.of("body\r\n".getBytes(US_ASCII)));

  private final ToyMilter milter = new ToyMilter();
  private final ToyMilter second = new ToyMilter();

  @AfterEach
  void closeMilters() {
    milter.close();
    second.close();
  }

  private String entry(ToyMilter at, String name, String more) {
    return "{ use = milter, name = %s, at = \"127.0.0.1:%d\", %s }\n"
        .formatted(name, at.port(), more);
  }

  private static @Nullable Visit visit(MadeUpServices services) {
    return visit(services, "anna", ANNA);
  }

  private static @Nullable Visit visit(MadeUpServices services, String user, Address sender) {
    var source = new Envelope.Source("lan", "relay", "192.0.2.7", "client.test", "ESMTP", user);
    var caller =
        new Caller(
            source,
            "relay.example.com",
            null,
            4711,
            new InetSocketAddress("192.0.2.1", 25),
            "PLAIN");
    return services.pipeline.visit(source, sender, () -> caller);
  }

  private static Visit begun(MadeUpServices services) {
    var visit = visit(services);
    assertThat(visit).isNotNull();
    assertThat(mail(visit)).isNull();
    return visit;
  }

  private static Visit.@Nullable Refusal mail(Visit visit) {
    return visit.mail(
        ANNA,
        new Command.Mail(ANNA, 500, BodyType.EIGHT_BIT_MIME, false, DsnReturn.HDRS, "id1", false));
  }

  private static Visit.@Nullable Refusal rcpt(Visit visit, Address to) {
    return visit.rcpt(to, new Command.Rcpt(to, Set.of(DsnNotify.NEVER), null));
  }

  private static Treatment treat(MadeUpServices services, Visit visit, Address... to) {
    List<Recipient> recipients = new ArrayList<>();
    for (Address each : to) {
      recipients.add(new Recipient(recipients.size(), each, Set.of(DsnNotify.NEVER), null));
    }
    return services.pipeline.treat(
        MAIL,
        new Facts(
            new QueueId(1),
            SOURCE,
            ANNA,
            recipients,
            "relay.example.com",
            null,
            false,
            false,
            false,
            null,
            visit));
  }

  @Test
  void aMilterHearsOfEachCommandAsItComesAndOfTheContentInTheSameConnection() {
    var services = new MadeUpServices(entry(milter, "one", ""));
    try (var visit = begun(services)) {
      assertThat(rcpt(visit, BERT)).isNull();
      assertThat(milter.heard())
          .containsExactly(
              "O",
              "DCj|relay.example.com|_|[192.0.2.7] [192.0.2.7]|{daemon_name}|relay"
                  + "|{daemon_addr}|192.0.2.1|v|Poststation|{client_addr}|192.0.2.7"
                  + "|{client_name}|[192.0.2.7]|{client_port}|4711|{client_ptr}|[192.0.2.7]|",
              "C[192.0.2.7]|4\u0012g192.0.2.7|",
              "Hclient.test|",
              "DM{auth_type}|PLAIN|{auth_authen}|anna|{mail_addr}|anna@here.test"
                  + "|{mail_host}|here.test|{mail_mailer}|smtp|",
              "M<anna@here.test>|SIZE=500|BODY=8BITMIME|RET=HDRS|ENVID=id1|",
              "DR{rcpt_addr}|bert@there.test|{rcpt_host}|there.test|{rcpt_mailer}|smtp|",
              "R<bert@there.test>|NOTIFY=NEVER|");
      assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Passed.class);
    }
    assertThat(milter.heard()).containsOnlyOnce("O").contains("E", "LSubject|s|");
  }

  @Test
  void oneRecipientIsRefusedInTheMiltersWordsAndTheOthersGetTheMail() {
    var services = new MadeUpServices(entry(milter, "one", ""));
    try (var visit = begun(services)) {
      milter.says('R', packet('y', "550 5.1.1 Not here|"));
      var refusal = rcpt(visit, BERT);
      assertThat(refusal).isNotNull();
      assertThat(refusal.reply().toString()).isEqualTo("550 5.1.1 Not here");
      assertThat(refusal.rule()).matches("one \\(test.conf:\\d\\): the milter says: 550 .*");
      milter.says('R', "c");
      assertThat(rcpt(visit, CARL)).isNull();
      assertThat(treat(services, visit, CARL)).isInstanceOf(Treatment.Passed.class);
    }
    assertThat(milter.heard()).containsOnlyOnce("O");
  }

  @Test
  void whatAMilterSaysOfTheClientIsTheAnswerToMail() {
    milter.says('C', "r");
    try (var visit = visit(new MadeUpServices(entry(milter, "one", "")))) {
      assertThat(visit).isNotNull();
      var refusal = mail(visit);
      assertThat(refusal).isNotNull();
      assertThat(refusal.reply()).isEqualTo(ContentReplies.MILTER_REFUSES);
    }
    milter.says('C', "c").says('H', "4");
    try (var visit = visit(new MadeUpServices(entry(milter, "one", "")))) {
      assertThat(visit).isNotNull();
      var refusal = mail(visit);
      assertThat(refusal).isNotNull();
      assertThat(refusal.closes()).isTrue();
    }
  }

  @Test
  void aMilterThatHeardOfARecipientThatIsNoneIsToldAnew() {
    var services = new MadeUpServices(entry(milter, "one", "") + entry(second, "two", ""));
    try (var visit = begun(services)) {
      second.says('R', "r");
      assertThat(rcpt(visit, BERT)).isNotNull();
      second.says('R', "c");
      assertThat(rcpt(visit, CARL)).isNull();
      assertThat(treat(services, visit, CARL)).isInstanceOf(Treatment.Passed.class);
    }
    assertThat(milter.heard().stream().filter("O"::equals)).hasSize(2);
    assertThat(second.heard().stream().filter("O"::equals)).hasSize(1);
  }

  @Test
  void aMilterHearsAnewWhenOneBeforeItHasChangedTheEnvelope() {
    milter.says('E', packet('+', "<carl@there.test>|"), packet('c', ""));
    var services = new MadeUpServices(entry(milter, "one", "") + entry(second, "two", ""));
    try (var visit = begun(services)) {
      rcpt(visit, BERT);
      treat(services, visit, BERT);
    }
    assertThat(second.heard().stream().filter(line -> line.startsWith("R")))
        .containsExactly(
            "R<bert@there.test>|NOTIFY=NEVER|",
            "R<bert@there.test>|NOTIFY=NEVER|",
            "R<carl@there.test>|");
  }

  @Test
  void whoWantsToHearsOfRefusedRecipients() {
    milter.agreeing(6, 0x1FF, 0x800);
    var services = new MadeUpServices(entry(milter, "one", "") + entry(second, "two", ""));
    try (var visit = begun(services)) {
      visit.refused(BERT, Replies.NO_RECIPIENTS);
    }
    assertThat(milter.heard())
        .contains("R<bert@there.test>|")
        .anyMatch(line -> line.contains("{rcpt_mailer}|error|"));
    assertThat(second.heard()).noneMatch(line -> line.startsWith("R"));
  }

  @Test
  void anUnknownCommandIsAnsweredByTheMilter() {
    milter.says('U', packet('y', "502 5.5.1 No such thing|"));
    try (var visit = begun(new MadeUpServices(entry(milter, "one", "")))) {
      var refusal = visit.unknown("XYZZY");
      assertThat(refusal).isNotNull();
      assertThat(refusal.reply().code()).isEqualTo(502);
    }
  }

  @Test
  void conditionsThatAreNotKnownYetHaveAMilterAskedAfterTheContent() {
    for (String when :
        List.of(
            "to = [\"there.test\"]",
            "header = [\"X: y\"]",
            "part-type = [\"image/*\"]",
            "larger-than = \"1 kB\"",
            "smaller-than = \"9 MB\"")) {
      assertThat(visit(new MadeUpServices(entry(milter, "one", "for { " + when + " }")))).isNull();
    }
    assertThat(visit(new MadeUpServices(entry(milter, "one", "for { from = [\"else.test\"] }"))))
        .isNull();
    begun(new MadeUpServices(entry(milter, "one", "for { from = [\"here.test\"] }"))).close();
  }

  @Test
  void aDeadMilterIsToldAtOnceWhereItsMailCannotGoOn() {
    milter.close();
    try (var visit = visit(new MadeUpServices(entry(milter, "one", "on-error = reject")))) {
      assertThat(visit).isNotNull();
      var refusal = mail(visit);
      assertThat(refusal).isNotNull();
      assertThat(refusal.reply()).isEqualTo(ContentReplies.NOT_EXAMINED);
      assertThat(refusal.rule()).contains("on-error = reject");
    }
    var services = new MadeUpServices(entry(milter, "one", "on-error = hold"));
    try (var visit = begun(services)) {
      rcpt(visit, BERT);
      var passed = (Treatment.Passed) treat(services, visit, BERT);
      assertThat(passed.variants().getFirst().hold().reason()).startsWith("on-error = hold: one: ");
    }
    assertThat(services.told).hasSize(1);
  }

  @Test
  void aMilterThatDiesBeforeTheContentIsAskedAtAnotherPlaceFromTheBeginning() {
    var services =
        new MadeUpServices(
            "{ use = milter, at = [\"127.0.0.1:%d\", \"127.0.0.1:%d\"] }"
                .formatted(milter.port(), second.port()));
    try (var visit = begun(services)) {
      rcpt(visit, BERT);
      milter.close();
      second.says('E', packet('h', "X|y|"), packet('c', ""));
      var passed = (Treatment.Passed) treat(services, visit, BERT);
      assertThat(new String(passed.variants().getFirst().message().header(), US_ASCII))
          .endsWith("X: y\r\n");
    }
    assertThat(second.heard()).contains("R<bert@there.test>|NOTIFY=NEVER|", "E");
  }

  @Test
  void aMilterIsNotHurriedByAClientThatIsSlowerThanItsTimeLimit() throws IOException {
    var services = new MadeUpServices(entry(milter, "one", "time-limit = 1 s"));
    try (var visit = begun(services)) {
      outlast(Duration.ofMillis(1600));
      assertThat(rcpt(visit, BERT)).isNull();
      outlast(Duration.ofMillis(1600));
      assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Passed.class);
    }
    assertThat(milter.heard()).containsOnlyOnce("O").contains("E");
    assertThat(services.told).isEmpty();
  }

  /// Until another connection with such a deadline is over.
  private void outlast(Duration deadline) throws IOException {
    var to = new InetSocketAddress(InetAddress.getLoopbackAddress(), second.port());
    try (var witness = Os.real().network().connect(to, null, Duration.ofSeconds(5))) {
      witness.deadline(deadline);
      assertThatThrownBy(() -> witness.read(new byte[1], 0, 1))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void aMilterThatHasHungUpMeanwhileHearsAllFromTheBeginning() {
    var services = new MadeUpServices(entry(milter, "one", ""));
    try (var visit = begun(services)) {
      assertThat(rcpt(visit, BERT)).isNull();
      milter.hangUp();
      milter.says('R', packet('y', "550 5.1.1 Not here|"));
      var refusal = rcpt(visit, CARL);
      assertThat(refusal).isNotNull();
      assertThat(refusal.reply().code()).isEqualTo(550);
      milter.says('R', "c");
      milter.hangUp();
      assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Passed.class);
    }
    assertThat(milter.heard().stream().filter("O"::equals)).hasSize(3);
    assertThat(milter.heard().stream().filter(line -> line.startsWith("M<"))).hasSize(3);
    assertThat(services.told).isEmpty();
  }

  @Test
  void aMilterThatAcceptedOrDiscardedEarlyHearsNoMore() {
    milter.says('M', "a");
    second.says('R', "d");
    var services = new MadeUpServices(entry(milter, "one", "") + entry(second, "two", ""));
    try (var visit = begun(services)) {
      assertThat(rcpt(visit, BERT)).isNull();
      assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Discarded.class);
    }
    assertThat(milter.heard()).noneMatch(line -> "RTLE".indexOf(line.charAt(0)) >= 0);
    assertThat(second.heard()).noneMatch(line -> "TLE".indexOf(line.charAt(0)) >= 0);
  }

  @Test
  void aMilterThatIsGoneInMidSessionIsDownWithinOneTimeLimit() {
    var services = new MadeUpServices(entry(milter, "one", "time-limit = 1 s, on-error = pass"));
    try (var visit = begun(services)) {
      milter.freeze();
      assertThat(rcpt(visit, BERT)).isNull();
      assertThat(services.pipeline.down()).hasSize(1);
      assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Passed.class);
    }
    assertThat(services.told).hasSize(1);
  }

  @Test
  void aMilterThatSaysNothingAboutContentIsDownThoughItAnswersCommands() {
    milter.hangsUpAt('E');
    var services = new MadeUpServices(entry(milter, "one", "on-error = pass"));
    for (String user : List.of("anna", "bert", "carl")) {
      assertThat(services.pipeline.down()).isEmpty();
      var sender = new Address(user, "here.test");
      try (var visit = visit(services, user, sender)) {
        assertThat(visit).isNotNull();
        assertThat(mail(visit)).isNull();
        assertThat(rcpt(visit, BERT)).isNull();
        assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Passed.class);
      }
    }
    assertThat(services.pipeline.down()).hasSize(1);
    milter.says('M', "a"); // It needs no content.
    int heard = milter.heard().size();
    try (var visit = begun(services)) {
      assertThat(rcpt(visit, BERT)).isNull();
    }
    assertThat(milter.heard()).hasSize(heard);
  }

  @Test
  void whoSendsNoContentKeepsNoMilterDownThatHasRecovered() {
    var time = new ManualTime();
    String entry = entry(milter, "one", "retry-after = 30 s");
    var settings =
        (MilterService) MadeUpServices.configuration(entry).content().getFirst().service();
    var service = new Milter(settings, new ScriptedResolver(), Os.real());
    var services = new MadeUpServices(entry, time, Map.of("one", service));
    milter.hangsUpAt('E');
    for (String user : List.of("anna", "bert", "carl")) {
      try (var visit = visit(services, user, new Address(user, "here.test"))) {
        assertThat(visit).isNotNull();
        assertThat(mail(visit)).isNull();
        assertThat(rcpt(visit, BERT)).isNull();
        assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Refused.class);
      }
    }
    assertThat(services.pipeline.down()).hasSize(1);
    milter.hangsUpAt('-'); // It has recovered.
    time.advance(Duration.ofSeconds(31));
    try (var hanging = begun(services)) { // Its client says no more.
      begun(services).close(); // RSET
      milter.says('M', "a");
      try (var early = begun(services)) {
        assertThat(rcpt(early, BERT)).isNull();
        assertThat(treat(services, early, BERT)).isInstanceOf(Treatment.Passed.class);
      }
      milter.says('M', "c");
      try (var visit = begun(services)) {
        assertThat(rcpt(visit, BERT)).isNull();
        assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Passed.class);
      }
      assertThat(services.pipeline.down()).isEmpty();
      assertThat(rcpt(hanging, BERT)).isNull();
    }
    assertThat(services.told).hasSize(2);
  }

  @Test
  void whatAMilterHasSaidWithoutTheContentIsNoAnswerAboutIt() {
    milter.hangsUpAt('E');
    var services = new MadeUpServices(entry(milter, "one", "on-error = pass"));
    for (String user : List.of("anna", "bert", "carl")) {
      for (String answer : List.of("a", "c")) {
        milter.says('M', answer);
        try (var visit = visit(services, user, new Address(user, "here.test"))) {
          assertThat(visit).isNotNull();
          assertThat(mail(visit)).isNull();
          assertThat(rcpt(visit, BERT)).isNull();
          assertThat(treat(services, visit, BERT)).isInstanceOf(Treatment.Passed.class);
        }
      }
    }
    assertThat(services.pipeline.down()).hasSize(1);
  }
}
