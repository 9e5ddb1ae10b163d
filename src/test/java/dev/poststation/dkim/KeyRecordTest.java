package dev.poststation.dkim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.ScriptedResolver;
import org.junit.jupiter.api.Test;

/// The record of a key, and what the DNS may have in its place.
final class KeyRecordTest {
  private static final SigningKey KEY =
      new SigningKey("example.com", "s1", KeyPairOf.make(Algorithm.RSA_SHA256, 2048));
  private static final KeyRecord RECORD = KeyRecord.of(KEY);

  private final ScriptedResolver dns = new ScriptedResolver();

  private KeyRecord.Found found(String... texts) {
    return RECORD.look(dns.text("s1._domainkey.example.com", texts));
  }

  private static KeyRecord.Found different(String why) {
    return new KeyRecord.Found.Different(why);
  }

  @Test
  void itIsSplitIntoStringsThatARecordCanHold() {
    assertThat(RECORD.text()).startsWith("v=DKIM1; k=rsa; p=MII").hasSizeGreaterThan(400);
    assertThat(RECORD.strings()).hasSize(2).allMatch(each -> each.length() <= 255);
    assertThat(String.join("", RECORD.strings())).isEqualTo(RECORD.text());
    assertThat(RECORD.zone())
        .startsWith("s1._domainkey.example.com. IN TXT (\n    \"v=DKIM1; k=rsa; p=")
        .endsWith("\" )");
  }

  @Test
  void aShortOneStandsInOneLine() {
    var key = KeyPairOf.make(Algorithm.ED25519_SHA256, 0);
    assertThat(KeyRecord.of(new SigningKey("example.com", "s2", key)).zone())
        .matches("s2\\._domainkey\\.example\\.com\\. IN TXT \"v=DKIM1; k=ed25519; p=[^\"]{44}\"");
  }

  @Test
  void theSameKeyIsFoundHoweverItIsWritten() {
    assertThat(found(RECORD.text())).isEqualTo(new KeyRecord.Found.Same());
    String open = RECORD.text().substring(RECORD.text().indexOf("p=") + 2);
    assertThat(found("p=" + open.substring(0, 70) + " " + open.substring(70) + " ; t=s; n=note"))
        .isEqualTo(new KeyRecord.Found.Same());
    assertThat(found("v=DKIM1;h=sha1:sha256;s=*;k=rsa;p=" + open + ";"))
        .isEqualTo(new KeyRecord.Found.Same());
  }

  @Test
  void whatVerifiersWouldNotTakeIsToldWithTheReason() {
    String text = RECORD.text();
    assertThat(found(text.substring(0, 255))).isEqualTo(different("its p= is cut off"));
    assertThat(found(text.replace("p=MII", "p=MIJ"))).isEqualTo(different("its p= is another key"));
    assertThat(found(text.replace("k=rsa", "k=ed25519"))).isEqualTo(different("its k= is not rsa"));
    assertThat(found(text + "; t=y"))
        .isEqualTo(different("its t=y tells verifiers that it is only a test"));
    assertThat(found(text + "; h=sha1")).isEqualTo(different("its h= does not allow sha256"));
    assertThat(found(text + "; s=tlsrpt")).isEqualTo(different("its s= does not allow email"));
    assertThat(found(text, text)).isEqualTo(different("there are 2 records, of which one may be"));
    assertThat(found("v=spf1 -all")).isEqualTo(different("what is there is no record of a key"));
  }

  @Test
  void noneAndOneThatWasTakenBackAreMissing() {
    assertThat(found("v=DKIM1; p=")).isEqualTo(new KeyRecord.Found.Missing());
    assertThat(RECORD.look(new ScriptedResolver())).isEqualTo(new KeyRecord.Found.Missing());
    assertThat(RECORD.look(new ScriptedResolver().exists("s1._domainkey.example.com")))
        .isEqualTo(new KeyRecord.Found.Missing());
    assertThat(RECORD.look(new ScriptedResolver().fail("s1._domainkey.example.com", "no answer")))
        .isEqualTo(new KeyRecord.Found.Unknown("no answer"));
  }
}
