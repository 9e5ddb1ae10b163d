package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.PolicyReplies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What the clients of an entry may send.
class PermitTest {
  private static final Address SENDER = address("a@example.com");

  private final ManualTime time = new ManualTime();
  private final Facts client = Configured.from("10.0.20.5");

  private Permit permit(String terms) {
    var rule =
        Configured.rules("{ name = printers, networks = [\"10.0.20.0/24\"], " + terms + " }")
            .getFirst();
    return new Permit(
        rule, Configured.HOSTNAME, new ClientMemory(new ScriptedResolver(), Configured.os(time)));
  }

  private static Facts user(String name) {
    var client = Configured.from("10.0.20.5");
    return new Facts(client.address(), "relay", "lan", null, null, name, "");
  }

  private static Address address(String text) {
    return AddressParser.parse(text).orElseThrow();
  }

  private static Optional<String> refusal(Optional<Objection> objection) {
    return objection.map(each -> each.reply().toString());
  }

  @Test
  void onlyListedSendersAreTakenAndTheLineIsNamed() {
    var permit = permit("senders = [\"scanner@example.com\", \"@prints.example\"]");
    assertThat(permit.sender(client, address("Scanner@EXAMPLE.com"))).isEmpty();
    assertThat(permit.sender(client, address("any@prints.example"))).isEmpty();
    assertThat(permit.sender(client, address("boss@example.com")))
        .contains(
            Objection.refusal(
                PolicyReplies.SENDER_NOT_ALLOWED,
                "senders of client rule \"printers\" (test.conf:1): boss@example.com is none of"
                    + " scanner@example.com, @prints.example"));
  }

  @Test
  void whileNobodyCanTellWhoseAnAddressIsTheClientIsToComeAgain() {
    var rule =
        Configured.rules("{ name = p, users = [\"*\"], senders = own, header-senders = own }")
            .getFirst();
    var silent =
        new ClientMemory(new ScriptedResolver(), Configured.os(time), _ -> Optional.empty());
    var permit = new Permit(rule, Configured.HOSTNAME, silent);
    assertThat(refusal(permit.sender(user("anna"), address("anna@example.com"))))
        .contains(PolicyReplies.OWN_UNKNOWN.toString());
    assertThat(refusal(permit.header(user("anna"), List.of("Anna <anna@example.com>"))))
        .contains(PolicyReplies.OWN_UNKNOWN.toString());
  }

  @Test
  void theNullSenderMustBeListedLikeOthers() {
    assertThat(permit("senders = [\"@example.com\"]").sender(client, Address.NULL)).isPresent();
    assertThat(permit("senders = [\"@example.com\", \"<>\"]").sender(client, Address.NULL))
        .isEmpty();
    assertThat(permit("senders = any").sender(client, Address.NULL)).isEmpty();
  }

  @Test
  void ownIsTheAddressThatTheUserIsCalledByOrHisNameInOurDomain() {
    var permit = permit("senders = own");
    assertThat(permit.sender(user("anna"), address("Anna@example.com"))).isEmpty();
    assertThat(permit.sender(user("anna@sub.example"), address("anna@sub.example"))).isEmpty();
    assertThat(permit.sender(user("anna"), address("ben@example.com"))).isPresent();
    assertThat(permit.sender(user("anna@sub.example"), address("anna@example.com"))).isPresent();
    assertThat(permit.sender(client, address("anna@example.com"))).isPresent();
    assertThat(permit.sender(user("anna"), Address.NULL)).isPresent();
  }

  @Test
  void ownAddressesAreThoseThatHoldNow() {
    List<String> own = new ArrayList<>(List.of("anna@old.example"));
    var rule = Configured.rules("{ name = p, users = [\"*\"], senders = own }").getFirst();
    var memory =
        new ClientMemory(
            new ScriptedResolver(), Configured.os(time), _ -> Optional.of(List.copyOf(own)));
    var permit = new Permit(rule, Configured.HOSTNAME, memory);
    assertThat(permit.sender(user("anna"), address("Anna@old.example"))).isEmpty();
    own.set(0, "anna@new.example");
    assertThat(permit.sender(user("anna"), address("anna@new.example"))).isEmpty();
    assertThat(permit.sender(user("anna"), address("anna@old.example"))).isPresent();
    own.clear();
    assertThat(permit.sender(user("anna"), address("anna@example.com"))).isEmpty();
    var renamed = new Permit(rule, "relay.other.example", memory);
    assertThat(renamed.sender(user("anna"), address("anna@other.example"))).isEmpty();
    assertThat(renamed.sender(user("anna"), address("anna@example.com"))).isPresent();
  }

  @Test
  void ownAndOthersMayStandTogether() {
    var permit = permit("senders = [own, \"info@example.com\"]");
    assertThat(permit.sender(user("anna"), address("anna@example.com"))).isEmpty();
    assertThat(permit.sender(user("anna"), address("info@example.com"))).isEmpty();
    assertThat(permit.sender(user("anna"), address("ben@example.com"))).isPresent();
  }

  @Test
  void otherwiseHoldTakesTheMailForAnAdministrator() {
    var permit = permit("senders = [\"a@b.example\"], otherwise = hold");
    assertThat(permit.sender(client, address("x@b.example")))
        .hasValueSatisfying(
            objection -> assertThat(objection.hold().setting()).isEqualTo("otherwise"));
  }

  private static Optional<String> replacement(Optional<Objection> objection) {
    return objection.map(Objection::replacement).map(each -> each.by().toString());
  }

  @Test
  void otherwiseReplaceTakesTheUsersAddressElseTheFirstOfTheList() {
    var own = permit("senders = own, header-senders = own, otherwise = replace");
    assertThat(own.sender(user("anna"), address("anna@example.com"))).isEmpty();
    assertThat(replacement(own.sender(user("anna"), address("boss@x.example"))))
        .contains("anna@example.com");
    assertThat(replacement(own.sender(user("anna@sub.example"), address("boss@x.example"))))
        .contains("anna@sub.example");
    assertThat(replacement(own.header(user("anna"), List.of("boss@x.example"))))
        .contains("anna@example.com");
    assertThat(replacement(own.header(user("anna"), List.of()))).contains("anna@example.com");
    var list = permit("senders = [\"@a.example\", \"b@c.example\"], otherwise = replace");
    assertThat(replacement(list.sender(client, address("x@y.example")))).contains("b@c.example");
    var both = permit("senders = [own, \"b@c.example\"], otherwise = replace");
    assertThat(replacement(both.sender(client, address("x@y.example")))).contains("b@c.example");
    var written =
        permit("senders = own, otherwise = replace, replacement = \"noreply@example.com\"");
    assertThat(replacement(written.sender(user("anna"), address("x@y.example"))))
        .contains("noreply@example.com");
  }

  @Test
  void whatCannotBeReplacedIsRefused() {
    var own = permit("senders = own, header-senders = own, otherwise = replace");
    assertThat(own.sender(user("anna"), Address.NULL).orElseThrow().refuses()).isTrue();
    assertThat(own.sender(client, address("x@y.example")).orElseThrow().refuses()).isTrue();
    assertThat(own.header(user("anna"), null).orElseThrow().refuses()).isTrue();
    assertThat(own.sender(user("anna"), address("x@y.example")).orElseThrow().refuses()).isFalse();
  }

  @Test
  void allAuthorsOfAllFromFieldsMustBeAllowed() {
    var permit = permit("header-senders = [\"@example.com\"]");
    assertThat(permit.header(client, List.of("Anna <anna@example.com>"))).isEmpty();
    assertThat(permit.header(client, List.of("a@example.com, B <b@example.com>"))).isEmpty();
    for (List<String> wrong :
        List.of(
            List.<String>of(),
            List.of("a@example.com, evil@example.net"),
            List.of("a@example.com", "evil@example.net"),
            List.of("a@example.com <evil@example.net>"),
            List.of("<a@example.com> <evil@example.net>"),
            List.of("not an address"))) {
      assertThat(refusal(permit.header(client, wrong)))
          .as(wrong.toString())
          .contains(PolicyReplies.AUTHOR_NOT_ALLOWED.toString());
    }
    assertThat(permit.header(client, null)).isPresent();
    assertThat(permit("senders = any").header(client, null)).isEmpty();
  }

  @Test
  void onlyListedRecipientsAreTaken() {
    var permit = permit("recipients = [\"helpdesk@example.com\", \"inside.example\"]");
    assertThat(permit.recipient(client, address("helpdesk@example.com"))).isEmpty();
    assertThat(permit.recipient(client, address("any@inside.example"))).isEmpty();
    assertThat(refusal(permit.recipient(client, address("x@example.com"))))
        .contains(PolicyReplies.RECIPIENT_NOT_ALLOWED.toString());
    assertThat(permit("recipients = any").recipient(client, address("x@example.com"))).isEmpty();
  }

  @Test
  void aRateLetsItsNumberThroughAndSaysWhenTheNextOneMayCome() {
    var permit = permit("rate = \"3/hour\"");
    for (int i = 0; i < 3; i++) {
      assertThat(permit.mail(client, SENDER)).isEmpty();
    }
    assertThat(permit.mail(client, SENDER))
        .contains(
            Objection.refusal(
                PolicyReplies.rateExceeded("mails", "3/hour", "20 minutes"),
                "rate of client rule \"printers\" (test.conf:1): 3/hour, free again in 20"
                    + " minutes"));
    time.advance(Duration.ofMinutes(19));
    assertThat(refusal(permit.mail(client, SENDER)).orElseThrow())
        .endsWith("try again in 1 minute");
    time.advance(Duration.ofMinutes(1));
    assertThat(permit.mail(client, SENDER)).isEmpty();
    assertThat(permit.mail(client, SENDER)).isPresent();
  }

  @Test
  void eachAddressAndEachUserHasARateOfItsOwn() {
    var permit = permit("rate = \"1/day\", recipients-rate = \"2/day\"");
    assertThat(permit.mail(client, SENDER)).isEmpty();
    assertThat(permit.mail(client, SENDER)).isPresent();
    assertThat(permit.mail(Configured.from("10.0.20.6"), SENDER)).isEmpty();
    assertThat(permit.mail(user("anna"), SENDER)).isEmpty();
    assertThat(permit.mail(user("anna"), SENDER)).isPresent();
    assertThat(permit.mail(user("ben"), SENDER)).isEmpty();
    assertThat(permit.oneMoreRecipient(client, SENDER)).isEmpty();
    assertThat(permit.oneMoreRecipient(client, SENDER)).isEmpty();
    assertThat(permit.oneMoreRecipient(client, SENDER)).isPresent();
    assertThat(permit.mail(Configured.from("2001:db8::1"), SENDER)).isEmpty();
    assertThat(permit.mail(Configured.from("2001:db8::ffff"), SENDER))
        .as("the same /64")
        .isPresent();
    assertThat(permit.mail(Configured.from("2001:db8:0:1::1"), SENDER)).isEmpty();
  }

  @Test
  void aReloadDoesNotGiveTheRateAnew() {
    var rules = Configured.rules("{ name = p, networks = [\"10.0.0.0/8\"], rate = \"1/hour\" }");
    var memory = new ClientMemory(new ScriptedResolver(), Configured.os(time));
    List<Verdict> verdicts = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      verdicts.add(new Policy(rules, Configured.HOSTNAME, memory).decide(client));
    }
    assertThat(((Verdict.Allowed) verdicts.get(0)).permit().mail(client, SENDER)).isEmpty();
    assertThat(((Verdict.Allowed) verdicts.get(1)).permit().mail(client, SENDER)).isPresent();
  }

  @Test
  void sessionsAreCountedUntilTheyEnd() {
    var permit = permit("connections = 2");
    var one = permit.enter(client).orElseThrow();
    var two = permit.enter(client).orElseThrow();
    assertThat(permit.enter(client)).isEmpty();
    assertThat(permit.enter(Configured.from("10.0.20.6"))).isPresent();
    one.close();
    assertThat(permit.enter(client)).isPresent();
    two.close();
  }

  @Test
  void aSenderHasARateOfItsOwnOverAllClientsOfTheEntry() {
    var permit = permit("sender-rate = \"2/hour\", sender-recipients-rate = \"1/day\"");
    assertThat(permit.mail(client, SENDER)).isEmpty();
    assertThat(permit.mail(user("anna"), SENDER)).isEmpty();
    assertThat(permit.mail(Configured.from("10.0.20.6"), address("A@example.com")))
        .hasValueSatisfying(
            objection -> {
              assertThat(objection.reply().toString())
                  .startsWith("450 4.7.1 Too many mails of this sender: 2/hour are allowed");
              assertThat(objection.reason())
                  .startsWith(
                      "sender-rate of client rule \"printers\" (test.conf:1): A@example.com");
            });
    assertThat(permit.mail(client, address("\"a\"@example.com"))).isPresent();
    assertThat(permit.mail(client, address("\"\\a\"@EXAMPLE.com"))).isPresent();
    assertThat(permit.mail(client, address("b@example.com"))).isEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(permit.mail(client, Address.NULL)).isEmpty();
    }
    assertThat(permit.oneMoreRecipient(client, SENDER)).isEmpty();
    assertThat(refusal(permit.oneMoreRecipient(client, SENDER)))
        .hasValueSatisfying(
            text -> assertThat(text).contains("Too many recipients of this sender"));
  }

  @Test
  void aSenderLosesNothingWhereItsClientMayNotSend() {
    var permit = permit("rate = \"1/hour\", sender-rate = \"1/day\"");
    assertThat(permit.mail(client, address("b@example.com"))).isEmpty();
    assertThat(refusal(permit.mail(client, SENDER)).orElseThrow())
        .contains("Too many mails: 1/hour");
    time.advance(Duration.ofHours(1));
    assertThat(permit.mail(client, SENDER)).isEmpty();
  }

  @Test
  void ofSeveralRatesTheOneThatRefusesIsNamedAndTheOthersLoseNothing() {
    var permit = permit("rate = [\"2/minute\", \"3/day\"], sender-rate = \"2/hour\"");
    assertThat(permit.mail(client, SENDER)).isEmpty();
    assertThat(permit.mail(client, Address.NULL)).isEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(permit.mail(client, SENDER))
          .contains(
              Objection.refusal(
                  PolicyReplies.rateExceeded("mails", "2/minute", "30 s"),
                  "rate of client rule \"printers\" (test.conf:1): 2/minute, free again in 30 s"));
    }
    time.advance(Duration.ofMinutes(1));
    assertThat(permit.mail(client, SENDER)).isEmpty();
    assertThat(refusal(permit.mail(client, address("b@example.com"))).orElseThrow())
        .contains("Too many mails: 3/day are allowed, try again in 8 hours");
    assertThat(refusal(permit.mail(user("anna"), SENDER)).orElseThrow())
        .contains("Too many mails of this sender: 2/hour are allowed, try again in 29 minutes");
  }

  @Test
  void aReloadKeepsWhatWasUsedOfTheRatesThatStay() {
    var memory = new ClientMemory(new ScriptedResolver(), Configured.os(time));
    assertThat(reloaded(memory, "[\"5/minute\", \"1/hour\"]").mail(client, SENDER)).isEmpty();
    assertThat(refusal(reloaded(memory, "[\"1/hour\", \"9/day\"]").mail(client, SENDER)))
        .hasValueSatisfying(reply -> assertThat(reply).contains("1/hour are allowed"));
    assertThat(reloaded(memory, "[\"2/hour\", \"9/day\"]").mail(client, SENDER))
        .as("it was changed")
        .isEmpty();
  }

  private static Permit reloaded(ClientMemory memory, String rate) {
    var rule =
        Configured.rules("{ name = p, networks = [\"10.0.0.0/8\"], rate = " + rate + " }")
            .getFirst();
    return new Permit(rule, Configured.HOSTNAME, memory);
  }
}
