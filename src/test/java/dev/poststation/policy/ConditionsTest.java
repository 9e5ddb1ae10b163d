package dev.poststation.policy;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.os.TlsFacts;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each condition of an entry, alone and with others.
class ConditionsTest {
  private static final String FINGERPRINT = "sha256:" + "ab".repeat(32);
  private static final TlsFacts TLS = new TlsFacts("TLSv1.3", "", null, List.of());

  /// The real clock, which a test can put forward.
  private static final class ShiftedTime extends PassingTime {
    private final AtomicLong nanos = new AtomicLong();

    ShiftedTime() {
      super(Os.real().time());
    }

    void pass(Duration more) {
      nanos.addAndGet(more.toNanos());
    }

    @Override
    public long nanos() {
      return super.nanos() + nanos.get();
    }
  }

  private final ScriptedResolver resolver = new ScriptedResolver();

  private static boolean relays(Policy policy, Facts client) {
    return policy.decide(client) instanceof Verdict.Allowed;
  }

  private Policy policy(String clients) {
    return Configured.policy(clients, resolver, Os.real().time());
  }

  private static Facts user(Facts facts, String name) {
    return new Facts(
        facts.address(),
        facts.listener(),
        facts.zone(),
        facts.tls(),
        facts.certificate(),
        name,
        facts.hello());
  }

  private static Facts encrypted(Facts facts, String certificate) {
    return new Facts(
        facts.address(),
        facts.listener(),
        facts.zone(),
        TLS,
        certificate,
        facts.user(),
        facts.hello());
  }

  @Test
  void addressAndPasswordMustBothBeThere() {
    var policy = policy("{ name = erp, networks = [\"10.0.30.7\"], auth = required }");
    var erp = Configured.from("10.0.30.7");
    assertThat(relays(policy, erp)).isFalse();
    assertThat(relays(policy, user(erp, "erp"))).isTrue();
    assertThat(relays(policy, user(Configured.from("10.0.30.8"), "erp"))).isFalse();
  }

  @Test
  void usersAreNamedOrAnybodyWhoAuthenticated() {
    var some = policy("{ name = some, users = [\"anna\", \"ben\"] }");
    var client = Configured.from("203.0.113.9");
    assertThat(relays(some, client)).isFalse();
    assertThat(relays(some, user(client, "anna"))).isTrue();
    assertThat(relays(some, user(client, "Anna"))).isTrue(); // As the stores compare names.
    assertThat(relays(some, user(client, "*"))).isFalse();
    var all = policy("{ name = staff, users = [\"*\"] }");
    assertThat(relays(all, client)).isFalse();
    assertThat(relays(all, user(client, "carla"))).isTrue();
  }

  @Test
  void aCertificateIsKnownByItsFingerprint() {
    var policy =
        policy("{ name = partner, certificates = [\"SHA256:" + "AB:".repeat(31) + "AB\"] }");
    var client = Configured.from("203.0.113.9");
    assertThat(relays(policy, client)).isFalse();
    assertThat(relays(policy, encrypted(client, null))).isFalse();
    assertThat(relays(policy, encrypted(client, "sha256:" + "ac".repeat(32)))).isFalse();
    assertThat(relays(policy, encrypted(client, FINGERPRINT))).isTrue();
  }

  @Test
  void encryptionListenerAndZoneCanBeAskedFor() {
    var tls = policy("{ name = x, networks = [\"10.0.0.0/8\"], tls = required }");
    var client = Configured.from("10.0.0.1");
    assertThat(relays(tls, client)).isFalse();
    assertThat(relays(tls, encrypted(client, null))).isTrue();
    var listener = policy("{ name = x, networks = [\"10.0.0.0/8\"], listeners = [submission] }");
    assertThat(relays(listener, client)).isFalse();
    assertThat(relays(listener, Facts.connected(client.address(), "submission", ""))).isTrue();
    var zone = policy("{ name = x, networks = [\"10.0.0.0/8\"], zone = [lan] }");
    assertThat(relays(zone, client)).isTrue();
    assertThat(relays(zone, Facts.connected(client.address(), "submission", ""))).isFalse();
  }

  private static Verdict.Refused refused(Policy policy, Facts client) {
    return (Verdict.Refused) policy.decide(client);
  }

  /// 2026-12-05 is a Saturday.
  private static Facts at(Facts client, String time) {
    var local = LocalDateTime.parse(time);
    return client.at(local.atZone(ZoneId.systemDefault()).toInstant());
  }

  @Test
  void whomOnlyTheHourKeepsOutIsToldSoAndComesBack() {
    var policy =
        policy("{ name = night, networks = [\"10.0.0.0/8\"], hours = [\"mon-fri 07:00-19:00\"] }");
    var refused = refused(policy, at(Configured.from("10.0.0.1"), "2026-12-05T23:30"));
    assertThat(refused.reply()).isEqualTo(PolicyReplies.OUTSIDE_HOURS);
    assertThat(refused.reason())
        .isEqualTo(
            "no rule in clients matches 10.0.0.1; client rule \"night\" (test.conf:1) would, but"
                + " for hours: it is Sat 23:30, which is not in mon-fri 07:00-19:00");
    assertThat(relays(policy, at(Configured.from("10.0.0.1"), "2026-12-04T12:00"))).isTrue();
    assertThat(refused(policy, at(Configured.from("192.0.2.1"), "2026-12-05T23:30")).reply())
        .as("who comes from elsewhere is told nothing of hours")
        .isEqualTo(Replies.RELAY_DENIED);
  }

  @Test
  void whomOnlyTheLackOfEncryptionKeepsOutIsToldSo() {
    var policy =
        policy(
            "{ name = erp, networks = [\"10.0.0.0/8\"], auth = required, tls = required }\n"
                + "{ name = late, networks = [\"10.0.20.0/24\"], tls = required"
                + ", hours = [\"mon-fri 07:00-19:00\"] }");
    var client = at(Configured.from("10.0.20.1"), "2026-12-05T23:30");
    var both = refused(policy, client);
    assertThat(both.reply()).isEqualTo(PolicyReplies.CLIENT_IN_CLEAR);
    assertThat(both.reason()).contains("\"late\"", "hours: it is Sat", "; tls: the session is not");
    assertThat(refused(policy, at(encrypted(client, null), "2026-12-05T23:30")).reply())
        .isEqualTo(PolicyReplies.OUTSIDE_HOURS);
    var user = refused(policy, at(user(client, "anna"), "2026-12-05T23:30"));
    assertThat(user.reply()).isEqualTo(PolicyReplies.CLIENT_IN_CLEAR);
    assertThat(user.reason()).contains("\"erp\"").doesNotContain("hours");
    assertThat(refused(policy, at(Configured.from("10.0.30.1"), "2026-12-05T23:30")).reply())
        .as("who has not authenticated where he must is told as before")
        .isEqualTo(Replies.RELAY_DENIED);
  }

  @Test
  void whomTheHourKeepsOutIsToldSoAlsoWhereHisNameMustBeAskedForFirst() {
    resolver.address("branch.dyn.test", "203.0.113.7");
    var policy =
        policy("{ name = branch, host = \"branch.dyn.test\", hours = [\"mon-fri 07:00-19:00\"] }");
    assertThat(refused(policy, at(Configured.from("203.0.113.7"), "2026-12-05T23:30")).reply())
        .isEqualTo(PolicyReplies.OUTSIDE_HOURS);
    assertThat(refused(policy, at(Configured.from("192.0.2.1"), "2026-12-05T23:30")).reply())
        .isEqualTo(Replies.RELAY_DENIED);
  }

  @Test
  void whoMayHaveTheNameThatTheDnsDoesNotTellComesBackAlsoOutsideItsHours() {
    resolver.fail("branch.dyn.test", "SERVFAIL");
    resolver.fail("203.0.113.7", "SERVFAIL");
    for (String named : List.of("host = \"branch.dyn.test\"", "reverse = [\".dyn.test\"]")) {
      var policy = policy("{ name = branch, " + named + ", hours = [\"mon-fri 07:00-19:00\"] }");
      var client = Configured.from("203.0.113.7");
      var refused = refused(policy, at(client, "2026-12-05T23:30"));
      assertThat(refused.reply()).as(named).isEqualTo(PolicyReplies.RELAY_UNKNOWN);
      assertThat(refused.reason())
          .isEqualTo(
              "the DNS does not say now whether client rule \"branch\" (test.conf:1) matches"
                  + " 203.0.113.7");
    }
    var over = policy("{ name = old, host = \"branch.dyn.test\", expires = \"2026-12-04\" }");
    assertThat(refused(over, at(Configured.from("203.0.113.7"), "2026-12-05T12:00")).reply())
        .as("what is over for good needs no name")
        .isEqualTo(Replies.RELAY_DENIED);
  }

  @Test
  void whatIsKnownToBeMissingIsToldBeforeWhatTheDnsMayTellAndThatBeforeWhatIsOver() {
    resolver.fail("branch.dyn.test", "SERVFAIL");
    String old = "{ name = old, networks = [\"203.0.113.0/24\"], expires = \"2026-12-04\" }\n";
    String unknown =
        "{ name = branch, host = \"branch.dyn.test\", hours = [\"mon-fri 07:00-19:00\"] }\n";
    String clear = "{ name = erp, networks = [\"203.0.113.0/24\"], tls = required }\n";
    var client = at(Configured.from("203.0.113.7"), "2026-12-05T23:30");
    assertThat(refused(policy(old + unknown), client).reply())
        .isEqualTo(refused(policy(unknown + old), client).reply())
        .isEqualTo(PolicyReplies.RELAY_UNKNOWN);
    assertThat(refused(policy(old + unknown + clear), client).reply())
        .isEqualTo(refused(policy(clear + unknown + old), client).reply())
        .isEqualTo(PolicyReplies.CLIENT_IN_CLEAR);
  }

  @Test
  void thatAnEntryHasExpiredIsToldToTheAdministratorAlone() {
    var policy =
        policy(
            "{ name = old, networks = [\"10.0.0.0/8\"], expires = \"2026-12-04\", tls = required"
                + " }");
    var refused = refused(policy, at(Configured.from("10.0.0.1"), "2026-12-05T12:00"));
    assertThat(refused.reply()).isEqualTo(Replies.RELAY_DENIED);
    assertThat(refused.reason())
        .contains("would, but for expires: its last day is 2026-12-04, and it is 2026-12-05; tls");
  }

  @Test
  void whoIsAtThePlaceOfAnEntryAndProvesNothingIsNamedWithItInTheLogAlone() {
    var policy =
        policy(
            "{ name = far, networks = [\"10.9.0.0/16\"], users = [\"x\"] }\n"
                + "{ name = erp, networks = [\"10.0.0.0/8\"], users = [\"erp\"], tls = required }\n"
                + "{ name = partner, networks = [\"10.0.0.0/8\"], certificates = [\""
                + FINGERPRINT
                + "\"] }");
    var client = Configured.from("10.0.0.1");
    String none = "no rule in clients matches 10.0.0.1; client rule ";
    var clear = refused(policy, client);
    assertThat(clear.reply()).isEqualTo(Replies.RELAY_DENIED);
    assertThat(clear.reason())
        .as("the entry of which least is missing")
        .isEqualTo(
            none
                + "\"partner\" (test.conf:3) would, but for certificates: it showed no"
                + " certificate");
    var wrong = refused(policy, encrypted(client, "sha256:" + "ac".repeat(32)));
    assertThat(wrong.reply()).isEqualTo(Replies.RELAY_DENIED);
    assertThat(wrong.reason())
        .as("the first of two of which as much is missing")
        .isEqualTo(none + "\"erp\" (test.conf:2) would, but for users: it has not authenticated");
    assertThat(refused(policy, user(client, "x")).reason())
        .isEqualTo(
            none
                + "\"partner\" (test.conf:3) would, but for certificates: it showed no"
                + " certificate");
    var both = policy("{ name = a, networks = [\"10.0.0.0/8\"], users = [\"a\"], tls = required }");
    assertThat(refused(both, user(client, "x")).reason())
        .endsWith(
            "but for tls: the session is not encrypted; users: it authenticated as \"x\", who is"
                + " none of a");
  }

  @Test
  void whatElseIsMissingOfSuchAnEntryChangesNoReply() {
    var policy =
        policy(
            "{ name = erp, networks = [\"10.0.0.0/8\"], auth = required"
                + ", hours = [\"mon-fri 07:00-19:00\"] }");
    var refused = refused(policy, at(Configured.from("10.0.0.1"), "2026-12-05T23:30"));
    assertThat(refused.reply()).isEqualTo(Replies.RELAY_DENIED);
    assertThat(refused.reason()).contains("but for hours: it is Sat", "; auth: it has not auth");
  }

  @Test
  void anEntryIsAtThePlaceOfAClientAlsoByItsName() {
    resolver
        .address("branch.dyn.test", "203.0.113.7")
        .pointer("203.0.113.8", "mx.partner.test")
        .address("mx.partner.test", "203.0.113.8");
    var host = policy("{ name = branch, host = \"branch.dyn.test\", auth = required }");
    eventually(
        "the address of the host is known",
        () -> refused(host, Configured.from("203.0.113.7")).reason().contains("\"branch\""));
    var reverse = policy("{ name = mx, reverse = [\".partner.test\"], auth = required }");
    eventually(
        "the name of the client is known",
        () -> refused(reverse, Configured.from("203.0.113.8")).reason().contains("\"mx\""));
    assertThat(refused(host, Configured.from("203.0.113.8")).reason()).doesNotContain("branch");
  }

  @Test
  void strangersAreNamedWithNoEntryThatIsForAGoodPartOfTheInternet() {
    var policy =
        policy(
            "{ name = staff, users = [\"*\"] }\n"
                + "{ name = wide, networks = [\"0.0.0.0/0\"], auth = required }\n"
                + "{ name = suffix, reverse = [\".co.uk\"], auth = required }");
    assertThat(refused(policy, Configured.from("203.0.113.7")).reason())
        .isEqualTo("no rule in clients matches 203.0.113.7");
  }

  @Test
  void anEntryThatDoesNotMatchYetLeavesTheDecisionToThoseBehindIt() {
    var policy =
        policy(
            "{ name = trusted, networks = [\"10.0.0.0/8\"], auth = required }\n"
                + "{ name = others, networks = [\"10.0.0.0/8\"] }");
    var client = Configured.from("10.0.0.1");
    assertThat(policy.decide(client).reason()).isEqualTo("client rule \"others\" (test.conf:2)");
    assertThat(policy.decide(user(client, "a")).reason()).contains("trusted");
  }

  @Test
  void aDynamicNameIsFollowedWhereverItGoes() {
    resolver.address("branch.dyn.test", "203.0.113.7");
    var time = new ShiftedTime();
    var policy = Configured.policy("{ name = branch, host = \"Branch.dyn.test\" }", resolver, time);
    var before = Configured.from("203.0.113.7");
    var after = Configured.from("198.51.100.20");
    assertThat(relays(policy, before)).isTrue();
    assertThat(relays(policy, after)).isFalse();
    resolver.forget("branch.dyn.test").address("branch.dyn.test", "198.51.100.20");
    time.pass(Remembered.FRESH.plusSeconds(1));
    relays(policy, after); // Asks in the background, and does not wait.
    eventually("the new address is known", () -> relays(policy, after));
    assertThat(relays(policy, before)).isFalse();
  }

  @Test
  void afterAQuietTimeNobodyIsLetInByTheAddressThatANameHadBefore() {
    resolver.address("branch.dyn.test", "203.0.113.7");
    var time = new ShiftedTime();
    var policy = Configured.policy("{ name = branch, host = \"branch.dyn.test\" }", resolver, time);
    var before = Configured.from("203.0.113.7");
    assertThat(relays(policy, before)).isTrue();
    resolver.forget("branch.dyn.test").address("branch.dyn.test", "198.51.100.20");
    time.pass(Duration.ofMinutes(10));
    assertThat(relays(policy, before)).isFalse();
    resolver.forget("branch.dyn.test").address("branch.dyn.test", "203.0.113.7");
    time.pass(Duration.ofMinutes(10));
    assertThat(relays(policy, before)).isTrue();
  }

  @Test
  void whileTheDnsIsSilentTheLastAddressHoldsForAnHour() {
    resolver.address("branch.dyn.test", "203.0.113.7");
    var time = new ShiftedTime();
    var policy = Configured.policy("{ name = branch, host = \"branch.dyn.test\" }", resolver, time);
    var client = Configured.from("203.0.113.7");
    assertThat(relays(policy, client)).isTrue();
    resolver.fail("branch.dyn.test", "SERVFAIL");
    time.pass(Remembered.GRACE.minusSeconds(5));
    assertThat(relays(policy, client)).isTrue();
    time.pass(Duration.ofSeconds(10));
    assertThat(policy.decide(client))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> {
              assertThat(refused.reply()).isEqualTo(PolicyReplies.RELAY_UNKNOWN);
              assertThat(refused.reason())
                  .isEqualTo(
                      "the DNS does not say now whether client rule \"branch\" (test.conf:1)"
                          + " matches 203.0.113.7");
            });
  }

  @Test
  void aNameThatIsGoneLetsNobodyIn() {
    var policy = policy("{ name = branch, host = \"gone.dyn.test\" }");
    assertThat(policy.decide(Configured.from("203.0.113.7")))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            refused -> assertThat(refused.reply()).isEqualTo(Replies.RELAY_DENIED));
  }

  /// Some services give it to a name that is away.
  @Test
  void theAddressOfNobodyIsNotThatOfAName() {
    resolver.address("away.dyn.test", "0.0.0.0", "::");
    var policy = policy("{ name = branch, host = \"away.dyn.test\" }");
    assertThat(relays(policy, Configured.from("0.0.0.0"))).isFalse();
    assertThat(relays(policy, Configured.from("::"))).isFalse();
  }

  @Test
  void aReverseNameCountsOnlyWhenItLeadsBack() {
    resolver
        .pointer("203.0.113.7", "MX1.partner.test")
        .address("mx1.partner.test", "203.0.113.7")
        .pointer("203.0.113.8", "mx2.partner.test")
        .address("mx2.partner.test", "192.0.2.99")
        .pointer("203.0.113.9", "mx.notpartner.test")
        .address("mx.notpartner.test", "203.0.113.9");
    var policy = policy("{ name = partner, reverse = [\".partner.test\"] }");
    assertThat(relays(policy, Configured.from("203.0.113.7"))).isTrue();
    assertThat(relays(policy, Configured.from("203.0.113.8"))).isFalse();
    assertThat(relays(policy, Configured.from("203.0.113.9"))).isFalse();
    assertThat(relays(policy, Configured.from("203.0.113.10"))).isFalse();
  }

  @Test
  void nobodyIsAskedForANameWhenAnotherConditionFailsAnyhow() {
    var policy =
        policy(
            "{ name = partner, networks = [\"203.0.113.0/24\"], reverse = [\".partner.test\"] }");
    assertThat(relays(policy, Configured.from("192.0.2.1"))).isFalse();
    assertThat(resolver.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "08:00-18:00, 2026-11-24T08:00:00, true",
    "08:00-18:00, 2026-11-24T17:59:59, true",
    "08:00-18:00, 2026-11-24T18:00:00, false",
    "22:00-06:00, 2026-11-24T23:00:00, true",
    "22:00-06:00, 2026-11-24T05:59:00, true",
    "22:00-06:00, 2026-11-24T06:00:00, false",
    "mon-fri 00:00-24:00, 2026-11-27T23:59:59, true",
    "mon-fri 00:00-24:00, 2026-11-28T00:00:00, false",
    "sat 22:00-06:00, 2026-11-29T03:00:00, true",
    "sat 22:00-06:00, 2026-11-28T03:00:00, false",
    "fri-mon 10:00-11:00, 2026-11-29T10:30:00, true",
    "fri-mon 10:00-11:00, 2026-11-24T10:30:00, false"
  })
  void hoursHoldOnTheirDays(String hours, String when, boolean holds) {
    var rules =
        Configured.rules("{ name = x, networks = [\"10.0.0.0/8\"], hours = [\"" + hours + "\"] }");
    assertThat(rules.getFirst().when().hours().getFirst().include(LocalDateTime.parse(when)))
        .isEqualTo(holds);
  }

  @Test
  void anEntryMatchesNobodyAfterItsLastDay() {
    var before = policy("{ name = x, networks = [\"10.0.0.0/8\"], expires = \"2999-12-31\" }");
    assertThat(relays(before, Configured.from("10.0.0.1"))).isTrue();
    var after = policy("{ name = x, networks = [\"10.0.0.0/8\"], expires = \"2020-12-31\" }");
    assertThat(relays(after, Configured.from("10.0.0.1"))).isFalse();
  }

  @Test
  void whoHasToProveSomethingIsAStrangerUntilHeHas() {
    resolver.address("branch.dyn.test", "203.0.113.7");
    var policy =
        policy(
            "{ name = lan, networks = [\"10.0.0.0/8\"], auth = required }\n"
                + "{ name = staff, users = [\"*\"] }\n"
                + "{ name = branch, host = \"branch.dyn.test\" }");
    policy.decide(Configured.from("203.0.113.7"));
    assertThat(policy.isStranger(Configured.from("10.0.0.1"))).isFalse();
    assertThat(policy.isStranger(Configured.from("203.0.113.7"))).isFalse();
    assertThat(policy.isStranger(Configured.from("192.0.2.1"))).isTrue();
  }

  @Test
  void eachEntryBeforeTheOneThatMatchesSaysWhatFailed() {
    var policy =
        policy(
            "{ name = printers, networks = [\"10.0.20.0/24\"] }\n"
                + "{ name = erp, networks = [\"10.0.0.0/16\"], auth = required, tls = required }\n"
                + "{ name = lan, networks = [\"10.0.0.0/8\"] }\n"
                + "{ name = never, networks = [\"192.0.2.0/24\"] }");
    var considered = policy.consider(Configured.from("10.0.0.5"));
    assertThat(considered)
        .extracting(each -> each.rule().name())
        .containsExactly("printers", "erp", "lan");
    assertThat(considered.get(0).conditions())
        .containsExactly(new Policy.Found("networks", false, "10.0.0.5 is not in 10.0.20.0/24"));
    assertThat(considered.get(1).conditions())
        .containsExactly(
            new Policy.Found("networks", true, "10.0.0.5 is in 10.0.0.0/16"),
            new Policy.Found("tls", false, "the session is not encrypted"),
            new Policy.Found("auth", false, "it has not authenticated"));
    assertThat(considered.get(2).matches()).isTrue();
  }
}
