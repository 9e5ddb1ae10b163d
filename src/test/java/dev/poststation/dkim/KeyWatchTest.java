package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DkimDomain;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What an administrator is told of keys.
final class KeyWatchTest {
  private static final DkimDomain DOMAIN = DkimBench.domain("example.com");

  private final DkimBench bench = new DkimBench();

  private List<String> concerns() {
    bench.watch.look(true);
    return bench.watch.concerns();
  }

  @Test
  void nothingIsToldWhileAllIsWell() {
    assertThat(concerns()).isEmpty();
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    assertThat(concerns()).isEmpty();
    assertThat(bench.watch.standings()).hasSize(2).allMatch(each -> each.published().orElse(false));
  }

  @Test
  void aDomainWithoutAKeyIsTold() {
    bench.configure(DOMAIN);
    assertThat(concerns())
        .containsExactly(
            "Mail of example.com is not signed: it has no DKIM key that is active; poststation dkim"
                + " create example.com");
    bench.rotate(DOMAIN);
    bench.time.advance(Duration.ofSeconds(20));
    assertThat(concerns()).singleElement().asString().endsWith("dkim rotate example.com");
  }

  @Test
  void aKeyThatSignsAndIsNotPublishedIsTold() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    bench.dns.forget("ps20260101._domainkey.example.com");
    bench.dns.text("ps20260101-ed25519._domainkey.example.com", "v=DKIM1; k=ed25519; p=AAAA");
    assertThat(concerns())
        .containsExactly(
            "The DKIM key ps20260101 of example.com signs, and the DNS does not have it; see"
                + " poststation dkim dns example.com",
            "The DKIM key ps20260101-ed25519 of example.com signs, and the DNS has something else:"
                + " its p= is another key; see poststation dkim dns example.com");
  }

  @Test
  void aSilentDnsIsNoReasonToCry() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    bench.dns.fail("ps20260101._domainkey.example.com", "no answer");
    assertThat(concerns()).isEmpty();
    assertThat(bench.watch.standings().getFirst().published()).isEmpty();
  }

  @Test
  void anOldKeyIsTold() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    bench.time.advance(Duration.ofDays(400));
    assertThat(concerns())
        .hasSize(2)
        .first()
        .isEqualTo(
            "The DKIM key ps20260101 of example.com has signed for 400 days (rotate-after);"
                + " poststation dkim rotate example.com makes the next one");
  }

  @Test
  void aKeyThatIsPublishedAndDoesNotSignIsTold() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    if (bench.rotate(DOMAIN).step() instanceof Rotation.Step.Made(var records)) {
      bench.time.advance(Duration.ofSeconds(20));
      assertThat(concerns()).isEmpty();
      bench.publish(records);
    }
    assertThat(concerns())
        .hasSize(2)
        .first()
        .isEqualTo(
            "The DKIM key ps20260101b of example.com is published and does not sign yet;"
                + " poststation dkim rotate example.com");
  }

  @Test
  void aRetiredKeyIsToldOfWhenItIsMissingTooEarlyOrThereTooLong() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    bench.signed(DOMAIN);
    assertThat(concerns()).isEmpty();
    bench.dns.forget("ps20260101._domainkey.example.com");
    assertThat(concerns())
        .containsExactly(
            "The DKIM key ps20260101 of example.com is retired, and the DNS does not have it any"
                + " more: mail that it signed and is still under way does not verify");
    bench.time.advance(Duration.ofDays(8));
    assertThat(concerns())
        .containsExactly(
            "The DKIM key ps20260101-ed25519 of example.com is not needed any more: take its record"
                + " out of the DNS; poststation dkim rotate example.com");
  }

  @Test
  void aDamagedFileIsToldAndTheOtherKeysSignOn() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    bench.disk.with(
        "data/dkim/example.com/keys",
        "poststation-dkim 1\nps20260101 rsa-sha256 ps20260101 own active - - -\nrubbish\n");
    bench.configure(DkimBench.domain("example.com"));
    assertThat(bench.signedBy("a@example.com")).isEqualTo("ps20260101.example.com (rsa-sha256)");
    assertThat(concerns())
        .containsExactly("DKIM of example.com: line 3 of data/dkim/example.com/keys is damaged");
  }

  @Test
  void whatWasFoundIsAskedAgainOnlyAfterAnHour() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    bench.watch.look(true);
    int asked = bench.dns.asked().size();
    bench.watch.look(false);
    assertThat(bench.dns.asked()).hasSize(asked);
    bench.watch.look(true);
    assertThat(bench.dns.asked()).hasSize(asked + 2);
  }
}
