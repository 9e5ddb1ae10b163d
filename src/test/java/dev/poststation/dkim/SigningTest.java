package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DkimDomain;
import dev.poststation.config.Origin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Which key signs which mail.
final class SigningTest {
  private static final DkimDomain DOMAIN = DkimBench.domain("example.com");

  private final DkimBench bench = new DkimBench();

  @Test
  void theDomainOfTheAuthorSignsByAllItsActiveKeys() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    assertThat(bench.signedBy("A Person <a@Example.COM>"))
        .isEqualTo(
            "ps20260101.example.com (rsa-sha256), ps20260101-ed25519.example.com (ed25519-sha256)");
    assertThat(bench.signedBy("a@example.org"))
        .isEqualTo("unsigned: dkim has no domain for example.org");
    assertThat(bench.signedBy("a@notexample.com"))
        .isEqualTo("unsigned: dkim has no domain for notexample.com");
  }

  @Test
  void whatItSignsVerifiesByThePublishedRecords() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    var mail =
        new RandomMails.Mail(
            "From: a@example.com\r\nSubject: x\r\n".getBytes(StandardCharsets.US_ASCII),
            "text\r\n".getBytes(StandardCharsets.US_ASCII));
    var result = (Signing.Result.Signed) bench.sign("a@example.com");
    var rsa = DomainKeys.read(bench.disk, DkimBench.DATA, DOMAIN).keys().getFirst().key();
    assertThat(rsa).isNotNull();
    assertThat(StrictVerifier.verify(mail.with(result.fields()), KeyRecord.of(rsa))).isEmpty();
  }

  @Test
  void theNearestDomainAboveSignsForSubdomains() {
    var news = DkimBench.domain("news.example.com");
    var only = DkimBench.domain("only.example.com", false, List.of());
    bench.configure(DOMAIN, news, only);
    bench.signed(DOMAIN);
    bench.signed(news);
    bench.signed(only);
    assertThat(bench.signedBy("a@mail.example.com")).contains(".example.com (rsa");
    assertThat(bench.signedBy("a@mail.example.com")).doesNotContain("news", "only");
    assertThat(bench.signedBy("a@x.news.example.com")).startsWith("ps20260101.news.example.com (");
    assertThat(bench.signedBy("a@only.example.com")).startsWith("ps20260101.only.example.com (");
    assertThat(bench.signedBy("a@x.only.example.com")).startsWith("ps20260101.example.com (");
  }

  @Test
  void withoutSubdomainsADomainSignsItsOwnMailAlone() {
    var only = DkimBench.domain("example.com", false, List.of());
    bench.configure(only);
    bench.signed(only);
    assertThat(bench.signedBy("a@example.com")).startsWith("ps");
    assertThat(bench.signedBy("a@x.example.com"))
        .isEqualTo("unsigned: dkim has no domain for x.example.com");
  }

  @Test
  void aProviderSignsBesideTheDomainOfTheAuthor() {
    var provider =
        DkimBench.domain("provider.example", true, List.of("@example.com", "x@b.example"));
    bench.configure(DOMAIN, provider);
    bench.signed(DOMAIN);
    bench.signed(provider);
    assertThat(bench.signedBy("a@example.com"))
        .matches("ps20260101\\.example\\.com .*, ps20260101\\.provider\\.example .*");
    assertThat(bench.signedBy("x@b.example")).startsWith("ps20260101.provider.example (");
    assertThat(bench.signedBy("y@b.example")).startsWith("unsigned");
    var all = DkimBench.domain("provider.example", true, List.of(DkimDomain.ANY));
    bench.configure(all);
    assertThat(bench.signedBy("y@b.example")).startsWith("ps20260101.provider.example (");
  }

  @Test
  void anInternationalDomainSignsUnderItsAscii() {
    var umlaut = DkimBench.domain("bücher.example");
    bench.configure(umlaut);
    bench.signed(umlaut);
    assertThat(bench.signedBy("jürgen@bücher.example"))
        .startsWith("ps20260101.xn--bcher-kva.example (");
    var signed = (Signing.Result.Signed) bench.sign("jürgen@mail.BÜCHER.example");
    assertThat(new String(signed.fields(), StandardCharsets.US_ASCII))
        .contains("d=xn--bcher-kva.example;");
  }

  @Test
  void theFirstOfSeveralAuthorsCounts() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    assertThat(bench.signedBy("a@example.com, b@example.org")).startsWith("ps");
    assertThat(bench.signedBy("b@example.org, a@example.com")).startsWith("unsigned");
  }

  @Test
  void whatIsNoProperMailIsNotSigned() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    assertThat(bench.sign("Subject: x\r\n", ""))
        .isEqualTo(new Signing.Result.Unsigned("the mail has no From"));
    assertThat(bench.sign("From: a@example.com\r\nFrom: b@example.com\r\n", ""))
        .isEqualTo(new Signing.Result.Unsigned("the mail has 2 fields From"));
    assertThat(bench.signedBy("nobody at all"))
        .isEqualTo("unsigned: the address in From cannot be understood");
  }

  @Test
  void noKeyIsNoFaultAndALostKeyIsOne() {
    bench.configure(DOMAIN);
    assertThat(bench.signedBy("a@example.com"))
        .isEqualTo("unsigned: no key of example.com is active");
    bench.signed(DOMAIN);
    bench.disk.vanish("data/dkim/example.com/ps20260101.pem");
    bench.configure(DkimBench.domain("example.com"));
    assertThat(bench.signedBy("a@example.com"))
        .isEqualTo(
            "failed: the key ps20260101 of example.com: data/dkim/example.com/ps20260101.pem is not"
                + " there; bring it back from a backup");
  }

  @Test
  void aKeyThatOthersCanReadDoesNotSign() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    String file = "data/dkim/example.com/ps20260101.pem";
    bench.disk.withReadable(file, "-");
    bench.configure(DkimBench.domain("example.com"));
    assertThat(bench.signedBy("a@example.com"))
        .endsWith("can be read by others; run: chmod 600 " + file);
  }

  @Test
  void aKeyThatIsMendedSignsAgainByItself() throws IOException {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    Path file = Path.of("data/dkim/example.com/ps20260101.pem");
    byte[] pem = bench.disk.read(file);
    bench.disk.withReadable(file.toString(), new String(pem, StandardCharsets.US_ASCII));
    bench.configure(DkimBench.domain("example.com"));
    assertThat(bench.signedBy("a@example.com")).startsWith("failed");
    bench.disk.replace(file, pem, true);
    assertThat(bench.signedBy("a@example.com")).startsWith("failed");
    bench.time.advance(Duration.ofSeconds(20));
    assertThat(bench.signedBy("a@example.com")).startsWith("ps20260101.");
  }

  @Test
  void whatACommandChangesIsTakenOverWithoutAReload() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
    assertThat(bench.signedBy("a@example.com")).startsWith("ps20260101.");
    bench.time.advance(Duration.ofDays(1));
    bench.signed(DOMAIN);
    assertThat(bench.signedBy("a@example.com")).startsWith("ps20260102.");
  }

  @Test
  void aKeyOfTheConfigurationSigns() {
    var keys = KeyPairOf.make(Algorithm.RSA_SHA256, 1024);
    bench.configure(DkimBench.domain("example.com", DkimBench.foreign("mail", keys)));
    assertThat(bench.signedBy("a@example.com")).isEqualTo("mail.example.com (rsa-sha256)");
    bench.configure(
        DkimBench.domain(
            "example.com",
            new DkimDomain.Selector("mail", new DkimBench.Given(null), Origin.DEFAULT)));
    assertThat(bench.signedBy("a@example.com"))
        .isEqualTo("failed: the key mail of example.com: the secret is gone");
  }
}
