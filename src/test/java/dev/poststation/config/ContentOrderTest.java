package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which orders of services are refused, and why.
final class ContentOrderTest {
  private static List<String> problems(List<String> services) {
    String text =
        "dkim { \"example.com\" { } }\nsmime { password = \"env:SECRET\" }\ncontent = [\n"
            + String.join("\n", services)
            + "\n]";
    return new Bench()
        .problems(Bench.BASE + text).stream().filter(each -> each.contains(", which ")).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          clamav         | smime-decrypt  | smime-decrypt decrypts mail behind clamav (poststation.conf:4), which has not seen what is in it; put smime-decrypt in front of clamav
          strip          | openpgp-decrypt | which has not seen what is in it; put openpgp-decrypt in front of strip
          smime-encrypt  | attachments    | attachments looks at mail behind smime-encrypt (poststation.conf:4), which leaves nothing to see; put attachments in front of smime-encrypt
          smime-encrypt  | spamd          | which leaves nothing to see; put spamd in front of smime-encrypt
          plain          | smime-decrypt  | smime-decrypt decrypts mail behind plain (poststation.conf:4), which keeps what nobody can read; put smime-decrypt in front of plain
          smime-sign     | content-type   | content-type changes what the mail is (Content-*, MIME-Version) behind smime-sign (poststation.conf:4), which breaks what that signed or encrypted; put content-type in front of smime-sign
          smime-encrypt  | mime-version   | put mime-version in front of smime-encrypt
          """)
  void anOrderInWhichSomethingPassesUnseenIsRefused(String first, String second, String why) {
    assertThat(problems(List.of(entry(first), entry(second))))
        .singleElement()
        .asString()
        .startsWith("poststation.conf:5: ")
        .contains(why);
  }

  /// In front of it they verify DKIM; behind, what the sender signed is not there any more.
  @ParameterizedTest
  @CsvSource({"milter, smime-decrypt", "looks, smime-decrypt", "rspamd, openpgp-decrypt"})
  void whatMayVerifySignaturesInFrontOfWhatDecryptsIsOnlyWarnedOf(String first, String second) {
    assertThat(problems(List.of(entry(first), entry(second))))
        .containsExactly(
            "poststation.conf:5: warning: %2$s decrypts mail behind %1$s (poststation.conf:4), which has not seen what is in it; put a scanner behind it, or put %2$s in front of %1$s: then DKIM of that mail cannot be verified there"
                .formatted(first, second));
  }

  @ParameterizedTest
  @CsvSource({
    "smime-decrypt, clamav, smime-encrypt",
    "milter, smime-decrypt, rspamd", // As opendmarc does, which looks at the signatures.
    "rspamd, smime-decrypt, milter",
    "rspamd, smime-decrypt, spamd",
    "clamav, smime-decrypt, icap", // What it has seen is the mail as it came.
    "rspamd, smime-decrypt, clamav",
    "smime-decrypt, plain, smime-sign",
    "smime-sign, header, dkim-sign",
    "content-type, smime-sign, smime-encrypt",
  })
  void anOrderInWhichAllIsSeenIsNot(String first, String second, String third) {
    assertThat(problems(List.of(entry(first), entry(second), entry(third)))).isEmpty();
  }

  private static List<String> all(String... services) {
    return new Bench()
        .problems(
            Bench.BASE
                + "own-domains = [\"example.com\"]\ncontent = [\n"
                + String.join("\n", services)
                + "\n]");
  }

  @Test
  void whatRemembersInFrontOfWhatMayRefuseIsWarnedOf() {
    for (String scanner : List.of("clamav", "attachments", "strip", "milter", "rspamd", "spamd")) {
      assertThat(all("{ use = remember }", entry(scanner)))
          .containsExactly(
              "poststation.conf:3: warning: remember stands in front of %1$s (poststation.conf:4): mail that is refused or kept there has taught it all the same to whom is written; put remember behind %1$s"
                  .formatted(scanner));
      assertThat(all(entry(scanner), "{ use = remember }")).isEmpty();
    }
    assertThat(all("{ use = remember }", entry("clamav"), entry("header"), entry("spamd")))
        .singleElement()
        .asString()
        .contains("clamav (poststation.conf:4)", "put remember behind spamd");
    assertThat(all("{ use = remember }", entry("header"), entry("signing-milter"))).isEmpty();
    assertThat(
            all(
                "{ use = remember, for { direction = [outbound] } }",
                "{ use = rspamd, for { direction = [inbound, internal] } }"))
        .isEmpty();
  }

  // --- The rules, said in another way
  // ----------------------------------------------------------------

  private static final List<String> SCANS =
      List.of("clamav", "icap", "attachments", "strip", "milter", "looks");
  private static final List<String> JUDGES = List.of("rspamd", "spamd");
  private static final List<String> FIELDS =
      List.of("header", "content-type", "mime-version", "rspamd", "spamd");
  private static final List<String> VERIFIES = List.of("smime-verify", "openpgp-verify");
  private static final List<String> DECRYPTS = List.of("smime-decrypt", "openpgp-decrypt");
  private static final List<String> SIGNS = List.of("smime-sign", "openpgp-sign");
  private static final List<String> ENCRYPTS = List.of("smime-encrypt", "openpgp-encrypt");
  private static final List<String> BODY =
      List.of("disclaimer", "strip", "milter", "list-unsubscribe");
  private static final List<String> LAST = List.of("dkim-sign", "arc-seal", "signing-milter");
  private static final List<String> OTHERS = List.of("remember", "plain", "sent");

  private static String entry(String name) {
    String settings =
        switch (name) {
          case "attachments" -> "use = attachments, macros = on";
          case "strip" -> "use = attachments, macros = on, on-found = strip";
          case "looks" -> "use = milter, effect = looks";
          case "signing-milter" -> "use = milter, effect = signs";
          case "header" -> "use = header, add = [\"X-A: b\"]";
          case "content-type" -> "use = header, replace = [\"Content-Type: text/plain\"]";
          case "mime-version" -> "use = header, remove = [MIME-Version]";
          case "list-unsubscribe" -> "use = list-unsubscribe, mailto = \"a@example.com\"";
          case "disclaimer" -> "use = disclaimer, text = Hello";
          case "arc-seal" -> "use = arc-seal, domain = \"example.com\"";
          case "plain" -> "use = archive, to = files, directory = \"/p\"";
          case "sent" -> "use = archive, to = files, directory = \"/s\", copy = sent";
          default -> "use = " + name;
        };
    return "{ name = " + name + ", " + settings + " }";
  }

  @Provide
  static Arbitrary<List<String>> orders() {
    List<String> all = new ArrayList<>();
    List.of(SCANS, JUDGES, FIELDS, VERIFIES, DECRYPTS, SIGNS, ENCRYPTS, BODY, LAST, OTHERS)
        .forEach(all::addAll);
    return Arbitraries.of(all.stream().distinct().toList())
        .list()
        .uniqueElements()
        .ofMinSize(2)
        .ofMaxSize(6);
  }

  @Property(tries = 250)
  void checkRefusesAnOrderExactlyWhenTwoOfItMustNotFollow(@ForAll("orders") List<String> order) {
    boolean wrong = false;
    for (int i = 0; i < order.size(); i++) {
      for (int j = i + 1; j < order.size(); j++) {
        var behind = order.subList(j + 1, order.size());
        wrong |= mustNotFollow(order.get(i), order.get(j), behind);
      }
    }
    var problems = problems(order.stream().map(ContentOrderTest::entry).toList());
    assertThat(problems.stream().anyMatch(each -> !each.contains(": warning: ")))
        .as(order.toString())
        .isEqualTo(wrong);
    assertThat(problems.stream().anyMatch(each -> each.contains(": warning: ")))
        .as(order.toString())
        .isEqualTo(order.stream().anyMatch(each -> isOnlyJudged(order, each)));
  }

  /// Whether what comes out of a service has been shown, still encrypted, to what judges alone.
  private static boolean isOnlyJudged(List<String> order, String decrypts) {
    int at = order.indexOf(decrypts);
    var before = order.subList(0, at);
    var behind = order.subList(at + 1, order.size());
    return DECRYPTS.contains(decrypts)
        && before.stream().anyMatch(ContentOrderTest::mayVerify)
        && before.stream().allMatch(each -> mayVerify(each) || !SCANS.contains(each))
        && behind.stream().noneMatch(each -> SCANS.contains(each) || JUDGES.contains(each));
  }

  private static boolean mayVerify(String name) {
    return JUDGES.contains(name) || name.equals("milter") || name.equals("looks");
  }

  /// What a person would say of two services.
  private static boolean mustNotFollow(String one, String next, List<String> behind) {
    boolean seals = SIGNS.contains(next) || ENCRYPTS.contains(next);
    boolean body = BODY.contains(next) || DECRYPTS.contains(next) || seals;
    boolean changes = body || FIELDS.contains(next) || VERIFIES.contains(next);
    boolean scannedLater = behind.stream().anyMatch(SCANS::contains);
    if (LAST.contains(one)) {
      return changes;
    }
    if (one.equals("sent")) {
      return changes || LAST.contains(next);
    }
    if (one.equals("plain")) {
      return DECRYPTS.contains(next);
    }
    if (ENCRYPTS.contains(one)
        && (SCANS.contains(next)
            || JUDGES.contains(next)
            || SIGNS.contains(next)
            || next.equals("plain"))) {
      return true;
    }
    if (SIGNS.contains(one) || ENCRYPTS.contains(one)) {
      return (body && !seals)
          || VERIFIES.contains(next)
          || next.equals("content-type")
          || next.equals("mime-version");
    }
    if (BODY.contains(one) && VERIFIES.contains(next)) {
      return true;
    }
    return DECRYPTS.contains(next)
        && (VERIFIES.contains(one) || (SCANS.contains(one) && !mayVerify(one) && !scannedLater));
  }
}
