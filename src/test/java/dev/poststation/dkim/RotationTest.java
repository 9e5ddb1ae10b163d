package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.DkimDomain;
import dev.poststation.dkim.Rotation.Step;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The life of keys: made, published, active, retired, gone.
final class RotationTest {
  private static final DkimDomain DOMAIN = DkimBench.domain("example.com");

  private final DkimBench bench = new DkimBench();

  private static List<KeyRecord> made(Rotation.Outcome outcome) {
    assertThat(outcome.step()).isInstanceOf(Step.Made.class);
    return ((Step.Made) outcome.step()).records();
  }

  @Test
  void aKeySignsOnlyWhenTheDnsHasIt() {
    var records = made(bench.rotate(DOMAIN));
    assertThat(records)
        .extracting(KeyRecord::name)
        .containsExactly(
            "ps20260101._domainkey.example.com", "ps20260101-ed25519._domainkey.example.com");
    assertThat(bench.keys(DOMAIN)).containsExactly("ps20260101 made", "ps20260101-ed25519 made");

    assertThat(bench.rotate(DOMAIN).step())
        .isEqualTo(
            new Step.Waiting(
                List.of(
                    new Rotation.Checked(records.get(0), new KeyRecord.Found.Missing()),
                    new Rotation.Checked(records.get(1), new KeyRecord.Found.Missing()))));
    bench.publish(records.subList(0, 1));
    assertThat(bench.rotate(DOMAIN).step()).isInstanceOf(Step.Waiting.class);
    assertThat(bench.keys(DOMAIN)).containsExactly("ps20260101 made", "ps20260101-ed25519 made");

    bench.publish(records);
    assertThat(bench.rotate(DOMAIN).step())
        .isEqualTo(
            new Step.Activated(
                List.of("ps20260101", "ps20260101-ed25519"),
                List.of(),
                bench.time.now().plus(Duration.ofDays(7))));
    assertThat(bench.keys(DOMAIN))
        .containsExactly("ps20260101 active", "ps20260101-ed25519 active");
  }

  @Test
  void theOneBeforeStaysUntilNobodyNeedsItAndItsRecordIsTakenOut() {
    bench.signed(DOMAIN);
    bench.time.advance(Duration.ofDays(30));
    var next = made(bench.rotate(DOMAIN));
    bench.publish(next);
    bench.rotate(DOMAIN);
    assertThat(bench.keys(DOMAIN))
        .containsExactly(
            "ps20260101 retired",
            "ps20260101-ed25519 retired",
            "ps20260131 active",
            "ps20260131-ed25519 active");

    bench.time.advance(Duration.ofDays(6));
    assertThat(bench.rotate(DOMAIN, true).unneeded()).isEmpty();
    bench.time.advance(Duration.ofDays(2));
    var outcome = bench.rotate(DOMAIN, true);
    assertThat(outcome.unneeded())
        .extracting(KeyRecord::name)
        .containsExactly(
            "ps20260101._domainkey.example.com", "ps20260101-ed25519._domainkey.example.com");
    assertThat(outcome.gone()).isEmpty();

    bench.dns.forget("ps20260101._domainkey.example.com");
    bench.dns.text("ps20260101-ed25519._domainkey.example.com", "v=DKIM1; p=");
    assertThat(bench.rotate(DOMAIN, true).gone())
        .containsExactly("ps20260101", "ps20260101-ed25519");
    assertThat(bench.keys(DOMAIN))
        .containsExactly("ps20260131 active", "ps20260131-ed25519 active");
    assertThat(bench.disk.list(Path.of("data/dkim/example.com")))
        .extracting(file -> file.getFileName().toString())
        .containsExactlyInAnyOrder("keys", "lock", "ps20260131.pem", "ps20260131-ed25519.pem");
  }

  @Test
  void whatIsDueMakesNothingBeforeItsTime() {
    assertThat(bench.rotate(DOMAIN, true).step())
        .isEqualTo(new Step.Nothing("no key is active: poststation dkim create makes the first"));
    bench.signed(DOMAIN);
    bench.time.advance(Duration.ofDays(360));
    assertThat(bench.rotate(DOMAIN, true).step())
        .isEqualTo(new Step.Nothing("the key that signs is not older than rotate-after"));
    bench.time.advance(Duration.ofDays(10));
    assertThat(made(bench.rotate(DOMAIN, true))).hasSize(2);
    assertThat(bench.rotate(DOMAIN, true).step()).isInstanceOf(Step.Waiting.class);
  }

  @Test
  void namesOfTheConfigurationAreTakenInTurnAndNeverWhileInUse() {
    var domain =
        DkimBench.domain("example.com", DkimBench.selector("s1"), DkimBench.selector("s2"));
    bench.signed(domain);
    assertThat(bench.keys(domain)).containsExactly("s1 active", "s1-ed25519 active");
    var next = made(bench.rotate(domain));
    assertThat(next).extracting(KeyRecord::name).contains("s2._domainkey.example.com");
    bench.publish(next);
    bench.rotate(domain);
    assertThatThrownBy(() -> bench.rotation.rotate(domain, false, false))
        .hasMessageStartingWith("All names in selectors of example.com are in use");
    bench.time.advance(Duration.ofDays(8));
    bench.dns.forget("s1._domainkey.example.com").forget("s1-ed25519._domainkey.example.com");
    assertThat(made(bench.rotate(domain)))
        .extracting(KeyRecord::name)
        .contains("s1._domainkey.example.com");
  }

  @Test
  void aSecondKeyOfOneDayHasANameOfItsOwn() {
    bench.signed(DOMAIN);
    assertThat(made(bench.rotate(DOMAIN)).getFirst().name())
        .isEqualTo("ps20260101b._domainkey.example.com");
  }

  @Test
  void aKeyOfAnotherProgramSignsUntilOneOfOursTakesItsPlaceAndNeverAgain() {
    var keys = KeyPairOf.make(Algorithm.RSA_SHA256, 1024);
    var domain = DkimBench.domain("example.com", DkimBench.foreign("mail", keys));
    assertThat(bench.keys(domain)).containsExactly("mail active");
    var next = made(bench.rotate(domain));
    bench.publish(next);
    assertThat(bench.rotate(domain).step()).isInstanceOf(Step.Activated.class);
    assertThat(bench.keys(domain)).contains("mail retired", "ps20260101 active");
    bench.time.advance(Duration.ofDays(8));
    bench.rotate(domain, true);
    assertThat(bench.keys(domain)).contains("mail retired", "ps20260101 active");
    // Taken out of the configuration, and put back by mistake.
    bench.rotate(DOMAIN, true);
    assertThat(bench.keys(domain)).contains("mail retired");
  }

  @Test
  void createIsForTheFirstKeyAlone() throws Exception {
    assertThat(made(bench.rotation.create(DOMAIN))).hasSize(2);
    assertThatThrownBy(() -> bench.rotation.create(DOMAIN))
        .hasMessageStartingWith("example.com has keys: see poststation dkim list");
  }

  @Test
  void aDamagedLineHindersChangesAndIsNotLost() {
    bench.signed(DOMAIN);
    String file = "data/dkim/example.com/keys";
    String before = text(file).replace("-ed25519 ed25519-sha256", "-ed25519 ???");
    bench.disk.with(file, before);
    assertThatThrownBy(() -> bench.rotation.rotate(DOMAIN, false, false))
        .hasMessage(
            "The keys cannot be changed: line 3 of data/dkim/example.com/keys is damaged; mend it,"
                + " or remove it.");
    assertThat(text(file)).isEqualTo(before);
    assertThat(bench.keys(DOMAIN)).containsExactly("ps20260101 active");
  }

  private String text(String file) {
    try {
      return new String(bench.disk.read(Path.of(file)), StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFileOfALaterVersionIsNotTouched() {
    bench.disk.with("data/dkim/example.com/keys", "poststation-dkim 2\nwhatever\n");
    assertThatThrownBy(() -> bench.rotation.rotate(DOMAIN, false, false))
        .hasMessage("data/dkim/example.com/keys does not begin with \"poststation-dkim 1\"");
    assertThatThrownBy(() -> bench.rotation.create(DOMAIN))
        .hasMessage("data/dkim/example.com/keys does not begin with \"poststation-dkim 1\"");
  }

  @Test
  void twoCommandsDoNotChangeTheKeysAtTheSameTime() throws Exception {
    try (var _ = new KeyShelf(bench.disk, DkimBench.DATA, "example.com").lock().orElseThrow()) {
      assertThatThrownBy(() -> bench.rotation.rotate(DOMAIN, false, false))
          .hasMessageStartingWith("Another command is changing the keys of example.com");
    }
    assertThat(made(bench.rotate(DOMAIN))).hasSize(2);
  }
}
