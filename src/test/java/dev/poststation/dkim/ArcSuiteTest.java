package dev.poststation.dkim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/// The published test suite of ARC (`src/test/resources/arc`): each mail is found as it says, each
/// of its sets is sealed over what we seal, and each of its mails is sealed by us as it wants.
final class ArcSuiteTest {
  private static final Path SUITE = Path.of("src/test/resources/arc");

  /// Who seals in the suite. His sets are not compared with ours octet by octet: he chooses `h=`
  /// and the order of tags himself, and his results are those `Authentication-Results` that stand
  /// in the mail, which anybody may have written; ours tell what we found.
  private static final String SEALER = "example.org";

  /// Where the suite gives no result, for drafts left it open who comes behind `cv=fail`: RFC 8617
  /// 5.2 (steps 2 and 3) says that the chain has failed.
  private static final Map<String, String> UNSAID =
      Map.of(
          "cv_fail_i1_as_cv_fail", "fail",
          "cv_fail_i2_as1_fail", "fail",
          "cv_fail_i2_as2_fail", "fail");

  /// A case of the suite, with the DNS that belongs to it.
  private record Case(String name, JsonNode test, JsonNode group) {
    String text(String key) {
      return test.get(key).asText();
    }

    DkimBench bench() {
      var bench = new DkimBench();
      group
          .get("txt-records")
          .properties()
          .forEach(each -> bench.dns.text(each.getKey(), each.getValue().asText()));
      return bench;
    }

    /// Of the seal that it wants.
    String tag(String name) {
      return Tags.parse(text("AS").strip()).orElseThrow().get(name);
    }

    String state() {
      return tag("cv");
    }
  }

  private static Stream<Case> cases(String file) throws IOException {
    var groups = new ObjectMapper().readTree(SUITE.resolve(file).toFile());
    return StreamSupport.stream(groups.spliterator(), false)
        .flatMap(
            group ->
                group.get("tests").properties().stream()
                    .map(each -> new Case(each.getKey(), each.getValue(), group)));
  }

  /// As the mail is on the wire.
  private static ArcSealer.Mail mail(String text) {
    String wire =
        "\r\n" + text.replace("\n", "\r\n"); // So the empty line is found where it is first.
    int end = wire.indexOf("\r\n\r\n");
    String header = end < 0 ? wire.substring(2) : wire.substring(2, end + 2);
    String body = end < 0 ? "" : wire.substring(end + 4);
    return new ArcSealer.Mail(
        header.getBytes(ISO_8859_1), () -> new ByteArrayInputStream(body.getBytes(ISO_8859_1)));
  }

  private static ArcChain chain(DkimBench bench, ArcSealer.Mail mail) throws IOException {
    return ArcChain.validate(
        new Verifier(mail.header(), mail.body(), bench.dns, bench.time.now(), () -> false));
  }

  @Test
  void eachMailOfTheSuiteIsFoundAsItSays() throws IOException {
    var otherwise = new TreeMap<String, String>();
    var all = cases("validation.json").toList();
    for (var each : all) {
      var chain = chain(each.bench(), mail(each.text("message")));
      String wanted = each.text("cv").toLowerCase(Locale.ROOT);
      if (!chain.state().word().equals(wanted.isEmpty() ? UNSAID.get(each.name()) : wanted)) {
        otherwise.put(each.name(), chain.state() + " " + chain.why() + ", not " + wanted);
      }
    }
    assertThat(all).hasSize(171);
    assertThat(otherwise).isEmpty();
  }

  @Test
  void eachSetOfTheSuiteIsSealedOverWhatWeSeal() throws IOException {
    int count = 0;
    for (var each : sealed()) {
      var bench = each.bench();
      var mail = mail(set(each) + each.text("message"));
      if (each.state().equals("fail")) {
        assertThat(ofItsSetAlone(bench, mail)).as(each.name()).isEqualTo(Verifier.Result.PASS);
      } else {
        var chain = chain(bench, mail);
        assertThat(chain.state()).as(each.name() + chain.why()).isEqualTo(ArcChain.State.PASS);
      }
      count++;
    }
    assertThat(count).isEqualTo(16);
  }

  /// Of a chain that is broken the last set alone is sealed (RFC 8617 5.1.2).
  private static Verifier.Result ofItsSetAlone(DkimBench bench, ArcSealer.Mail mail) {
    var verifier =
        new Verifier(mail.header(), mail.body(), bench.dns, bench.time.now(), () -> false);
    var fields = verifier.fields().fields();
    var seal = fields.getFirst();
    var tags = Tags.parse(verifier.value(seal)).orElseThrow();
    return verifier.seal(seal, tags, List.of(fields.get(2), fields.get(1))).result();
  }

  private static List<Case> sealed() throws IOException {
    return cases("sealing.json").filter(each -> !each.text("AS").isEmpty()).toList();
  }

  /// The set that the suite wants. What it has in `b=` it has folded after it was sealed.
  private static String set(Case each) {
    return field("ARC-Seal", each.text("AS"))
        + field("ARC-Message-Signature", each.text("AMS").replaceAll("(?<!;)\n(?=.)", ""))
        + field("ARC-Authentication-Results", each.text("AAR"));
  }

  private static String field(String name, String value) {
    return name + ": " + value.strip().replace("\n", "\n  ") + "\n";
  }

  @Test
  void eachMailOfTheSuiteIsSealedByUsInTheStateThatItWants() throws IOException {
    var all = cases("sealing.json").toList();
    for (var each : all) {
      var bench = each.bench();
      var key = KeyPairOf.read(each.group().get("privatekey").asText().getBytes(US_ASCII));
      bench.configure(DkimBench.domain(SEALER, DkimBench.foreign("dummy", key)));
      var mail = mail(each.text("message"));
      var result =
          new ArcSealer(bench.keyring, bench.dns, bench.time)
              .seal(mail, mail, SEALER, "lists.example.org", Duration.ofMinutes(1));
      if (each.text("AS").isEmpty()) {
        assertThat(result).as(each.name()).isInstanceOf(Signing.Result.Unsigned.class);
        continue;
      }
      var signed = (Signing.Result.Signed) result;
      String set = new String(signed.fields(), ISO_8859_1);
      assertThat(set)
          .as(each.name())
          .contains("ARC-Seal: i=" + each.tag("i") + "; a=rsa-sha256; cv=" + each.state() + ";");
      if (!each.state().equals("fail")) {
        var sealed = mail(set.replace("\r\n", "\n") + each.text("message"));
        assertThat(chain(bench, sealed).state()).as(each.name()).isEqualTo(ArcChain.State.PASS);
      }
    }
    assertThat(all).hasSize(17);
  }
}
