package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Treatment;
import dev.poststation.dkim.Algorithm;
import dev.poststation.dkim.Form;
import dev.poststation.dkim.KeyPairOf;
import dev.poststation.dkim.Signer;
import dev.poststation.dkim.SigningKey;
import dev.poststation.dkim.Terms;
import dev.poststation.message.Envelope;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Keys of GnuPG that come with mail (Autocrypt), signed by the domain of their authors, and
/// answers that GnuPG decrypts because of them.
@Tag("peer")
@Timeout(180)
final class OpenPgpHarvestedTest {
  private static final String VERIFY = "{ use = openpgp-verify }";
  private static final String ENCRYPT = "{ use = openpgp-encrypt }";
  private static final String BODY = "Hello\r\n";
  private static final SigningKey DKIM =
      new SigningKey("there.test", "s", KeyPairOf.make(Algorithm.ED25519_SHA256, 0));

  private static PgpBench pgp = new PgpBench();

  @BeforeAll
  static void keys() {
    pgp.bench.outside(
        Os.real(),
        new ScriptedResolver()
            .text(
                "s._domainkey.there.test",
                "v=DKIM1; k=ed25519; p=" + Base64.getEncoder().encodeToString(DKIM.keys().open())));
    pgp.bench.pgp("harvest = on");
    pgp.person("cleo", "cleo@there.test", PgpBench.CURVE);
    pgp.person("dora", "dora@there.test", PgpBench.CURVE);
  }

  @AfterAll
  static void end() {
    pgp.close();
  }

  /// As GnuPG exports it for this purpose.
  private static String keydata(String name) {
    pgp.gpg(
        "--output %1$s.min --export-options export-minimal,no-export-attributes --export %1$s@there.test"
            .formatted(name));
    return Base64.getMimeEncoder(76, "\r\n ".getBytes(US_ASCII))
        .encodeToString(pgp.bench.octets(name + ".min"));
  }

  private static String field(String address, String name) {
    return "Autocrypt: addr=%s; prefer-encrypt=mutual; _note=x;\r\n keydata=%s\r\n"
        .formatted(address, keydata(name));
  }

  private static String mail(String from, String fields) {
    return "From: " + from + "\r\nSubject: s\r\n" + fields;
  }

  /// With a signature of the domain.
  ///
  /// @param also what is signed besides
  private static String signed(String header, String... also) {
    var terms = new Terms(Form.RELAXED, Form.RELAXED, null, List.of(also), "");
    try {
      byte[] front =
          Signer.sign(
              header.getBytes(ISO_8859_1),
              () -> new ByteArrayInputStream(BODY.getBytes(ISO_8859_1)),
              List.of(new Signer.Order(DKIM, terms)),
              Os.real().time().now());
      return new String(front, ISO_8859_1) + header;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// What is said of a mail that comes from outside.
  private static String said(String header) {
    var treatment =
        pgp.bench.treat(
            new Envelope.Source("edge", "mx", "192.0.2.1", "there.test", "ESMTP"),
            VERIFY,
            "",
            (header + "\r\n" + BODY).getBytes(ISO_8859_1),
            "bounces@elsewhere.test",
            "anna@here.test");
    return reason(treatment);
  }

  private static String reason(Treatment treatment) {
    assertThat(treatment).isInstanceOf(Treatment.Passed.class);
    return ((Treatment.Passed) treatment).variants().getFirst().notes().getFirst().reason();
  }

  private static String answered(String to) {
    String mail = "From: anna@here.test\r\nTo: " + to + "\r\nSubject: s\r\n\r\n" + BODY;
    var variant = pgp.variants(ENCRYPT, mail, "anna@here.test", to).getFirst();
    String why = variant.notes().getFirst().reason();
    if (!why.startsWith("not encrypted")) {
      pgp.bench.write("closed", PgpBench.body(PgpBench.parts(PgpBench.text(variant)).get(1)));
      pgp.gpg("--output inner --decrypt closed");
      assertThat(pgp.bench.text("inner")).contains("Hello");
    }
    return why;
  }

  @Test
  void theAnswerIsEncryptedByTheKeyThatCameUnlessItIsSwitchedOffOrAnotherOneWasImported() {
    String came = signed(mail("Cleo@there.test", field("cleo@There.test", "cleo")), "autocrypt");
    assertThat(said(came)).startsWith("not verified: ").contains("; his key is kept: ");
    assertThat(said(came)).doesNotContain("key");
    assertThat(answered("cleo@there.test")).endsWith("(cleo@there.test, harvested)");
    assertThat(pgp.bench.done("pgp list").out()).contains("cleo@there.test", "harvested");

    pgp.bench.pgp("harvest = off");
    assertThat(answered("cleo@there.test")).startsWith("not encrypted");
    pgp.bench.pgp("harvest = on");
    pgp.person("next", "cleo@there.test", PgpBench.CURVE);
    pgp.gpg("--armor --output next.asc --export next");
    pgp.partner("next");
    pgp.bench.pgp("harvest = on, warn-before = 31 days");
    assertThat(answered("cleo@there.test")).endsWith("(cleo@there.test)");
    assertThat(said(came)).doesNotContain("key");
    pgp.bench.pgp("harvest = on");
  }

  @Test
  void forWhomHisDomainDoesNotVouchNothingIsKept() {
    String field = field("dora@there.test", "dora");
    String good = mail("dora@there.test", field);
    assertThat(said(good)).endsWith("is not kept: no signature (DKIM) is of there.test");
    assertThat(said(field + signed(mail("dora@there.test", ""))))
        .endsWith("the signature (DKIM) of there.test is not of it");
    assertThat(said(signed(good, "autocrypt").replace("Subject: s", "Subject: t")))
        .contains("the signature (DKIM) of there.test is not good: ");
    assertThat(said(signed(mail("boss@there.test", field), "autocrypt")))
        .endsWith("Autocrypt is of another address than From");
    assertThat(said(signed(mail("dora@there.test", field + field), "autocrypt")))
        .endsWith("there are 2 fields Autocrypt");
    assertThat(said(signed(mail("dora@there.test", field("dora@there.test", "cleo")), "autocrypt")))
        .endsWith("his key is not kept: it names another address");
    assertThat(said(signed(good.replace("_note", "note"), "autocrypt")))
        .endsWith("it has an attribute that nobody here knows");
    assertThat(said(mail("dora@there.test", ""))).doesNotContain("key");
    assertThat(answered("dora@there.test")).startsWith("not encrypted");
  }
}
