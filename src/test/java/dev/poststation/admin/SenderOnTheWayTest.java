package dev.poststation.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Under which sender a mail goes by the connectors of a route, as `explain` says it.
class SenderOnTheWayTest {
  private static final String TEXT =
      """
      clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors {
        provider { hosts = ["smtp.provider.test:587"], replace-sender = "account@provider.test" }
        half { hosts = ["192.0.2.8"], replace-sender = "account@provider.test", replace-in = envelope }
        spare { hosts = ["192.0.2.7"] }
        signs { hosts = ["192.0.2.6"], srs = on }
      }
      srs { domain = "srs.test", secrets = ["exec:echo x"], own = ["@own.test"] }
      routes = [ { via = [provider] } ]
      """;

  private static List<ObjectNode> said(Address envelope, String from, String... connectors) {
    var loaded = new Loader(Os.real(), Map.of()).parse(TEXT, Path.of("test.conf"));
    var configuration = ((Loaded.Good) loaded).configuration();
    var sender = new SenderOnTheWay(envelope, from, false);
    return List.of(connectors).stream()
        .map(
            name -> {
              var entry = Json.object();
              sender.add(configuration.connectors().get(name), List.of(), entry);
              return entry;
            })
        .toList();
  }

  @Test
  void whoBecomesTheSenderIsNamedAndWhatDmarcMakesOfAFallback() {
    var anna = new Address("a", "sub.example");
    var said = said(anna, "Anna <a@sub.example>", "provider", "spare");
    assertThat(said.getFirst().path("sender").asText())
        .isEqualTo("account@provider.test in place of a@sub.example (replace-sender, test.conf:3)");
    assertThat(said.getFirst().path("author").asText())
        .startsWith("account@provider.test in place of a@sub.example");
    assertThat(said.getFirst().has("alignment")).isFalse();
    assertThat(said.get(1).has("sender")).isFalse();
    assertThat(said.get(1).path("alignment").asText())
        .isEqualTo(
            "the sender is not replaced here, as it is before: SPF and DMARC of sub.example must"
                + " allow mail from there");

    assertThat(said(anna, "a@sub.example", "spare").getFirst()).isEmpty();
    assertThat(said(new Address("account", "provider.test"), "", "provider").getFirst()).isEmpty();
  }

  @Test
  void anEnvelopeThatIsPartedFromItsAuthorIsNamed() {
    var said = said(new Address("a", "sub.example"), "a@sub.example", "half").getFirst();
    assertThat(said.path("alignment").asText())
        .isEqualTo(
            "envelope of provider.test, From of sub.example: to DMARC only a DKIM signature of the"
                + " latter counts");
  }

  @Test
  void aSenderThatIsSignedNoLongerVouchesForItsAuthor() {
    var said = said(new Address("a", "sub.example"), "a@sub.example", "signs").getFirst();
    assertThat(said.path("sender").asText())
        .isEqualTo("SRS0=…@srs.test in place of a@sub.example (srs, test.conf:8)");
    assertThat(said.path("alignment").asText())
        .startsWith("envelope of srs.test, From of sub.example: to DMARC only a DKIM signature");
    assertThat(said(new Address("a", "own.test"), "a@own.test", "signs").getFirst()).isEmpty();
  }

  @Test
  void theNullSenderStaysAndItsAuthorDoesNot() {
    var said = said(Address.NULL, "MAILER-DAEMON@x.example", "provider").getFirst();
    assertThat(said.has("sender")).isFalse();
    assertThat(said.has("author")).isTrue();
    assertThat(said.has("alignment")).isFalse();
  }

  private static String alignment(SenderOnTheWay sender, String connector, String... sharing) {
    var loaded = new Loader(Os.real(), Map.of()).parse(TEXT, Path.of("test.conf"));
    var all = ((Loaded.Good) loaded).configuration().connectors();
    var entry = Json.object();
    sender.add(all.get(connector), List.of(sharing).stream().map(all::get).toList(), entry);
    return entry.path("alignment").asText();
  }

  @Test
  void whoSharesMailWithAConnectorThatReplacesIsToldWhicheverStandsFirst() {
    var anna = new Address("a", "sub.example");
    assertThat(
            alignment(
                new SenderOnTheWay(anna, "a@sub.example", false), "spare", "spare", "provider"))
        .isEqualTo(
            "the sender is not replaced here, as it is by provider, which shares the mail: SPF and"
                + " DMARC of sub.example must allow mail from there");
    assertThat(alignment(new SenderOnTheWay(anna, "", false), "spare", "spare")).isEmpty();
  }

  @Test
  void anotherSenderOfTheSameOrganisationTakesNothingFromAFallback() {
    var info = new Address("info", "provider.test");
    assertThat(said(info, "info@provider.test", "provider", "spare").get(1)).isEmpty();
  }

  @Test
  void whatWasPartedWhenTheMailCameInIsNamedAtEachConnectorThatLeavesItSo() {
    var came = new Address("a", "old.example");
    var fresh = new Address("a", "new.example");
    var sender = new SenderOnTheWay(fresh, "a@old.example", came, "a@old.example", false);
    assertThat(alignment(sender, "spare"))
        .isEqualTo(
            "envelope of new.example, From of old.example: to DMARC only a DKIM signature of the"
                + " latter counts");
    assertThat(alignment(sender, "provider")).isEmpty();
    var before = new SenderOnTheWay(fresh, "a@old.example", fresh, "a@old.example", false);
    assertThat(alignment(before, "spare")).isEmpty();
  }
}
