package dev.poststation.dkim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DkimDomain;
import dev.poststation.dns.Resolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Seals of ARC, made and looked at.
final class ArcTest {
  private static final DkimDomain DOMAIN = DkimBench.domain("example.com");
  private static final String HEADER =
      "From: A Person <a@sender.example>\r\nTo: b@example.com\r\nSubject: Offer\r\n";
  private static final String BODY = "Good day\r\n";

  private final DkimBench bench = new DkimBench();
  private final ArcSealer sealer = new ArcSealer(bench.keyring, bench.dns, bench.time);

  @BeforeEach
  void keys() {
    bench.configure(DOMAIN);
    bench.signed(DOMAIN);
  }

  private static ArcSealer.Mail mail(String header, String body) {
    return new ArcSealer.Mail(
        header.getBytes(ISO_8859_1), () -> new ByteArrayInputStream(body.getBytes(ISO_8859_1)));
  }

  private Signing.Result seal(String came, String leaves, String bodyCame, String bodyLeaves) {
    return seal(came, leaves, bodyCame, bodyLeaves, Duration.ofMinutes(1));
  }

  private Signing.Result seal(
      String came, String leaves, String bodyCame, String bodyLeaves, Duration atMost) {
    try {
      return sealer.seal(
          mail(came, bodyCame),
          mail(leaves, bodyLeaves),
          "example.com",
          "relay.example.com",
          atMost);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /// The header with one set more.
  private String sealed(String header, String body) {
    var result = (Signing.Result.Signed) seal(header, header, body, body);
    return new String(result.fields(), ISO_8859_1) + header;
  }

  private String sealed(String header, String body, int times) {
    String all = header;
    for (int i = 0; i < times; i++) {
      all = sealed(all, body);
    }
    return all;
  }

  private ArcChain chain(String header, String body) {
    var mail = mail(header, body);
    try {
      return ArcChain.validate(
          new Verifier(mail.header(), mail.body(), bench.dns, bench.time.now(), () -> false));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private ArcChain.State state(String header, String body) {
    return chain(header, body).state();
  }

  @Test
  void aMailThatNobodyHasSealedHasNoChain() {
    assertThat(state(HEADER, BODY)).isEqualTo(ArcChain.State.NONE);
  }

  @Test
  void eachSealThatIsAddedKeepsTheChainWhole() {
    String header = HEADER;
    for (int i = 1; i <= 5; i++) {
      header = sealed(header, BODY);
      var chain = chain(header, BODY);
      assertThat(chain.why()).isEmpty();
      assertThat(chain.state()).isEqualTo(ArcChain.State.PASS);
      assertThat(chain.sets()).hasSize(i);
    }
    assertThat(header)
        .contains("ARC-Seal: i=5; a=rsa-sha256; cv=pass;", "ARC-Seal: i=1; a=rsa-sha256; cv=none;")
        .contains(
            "ARC-Authentication-Results: i=2; relay.example.com;\r\n\tarc=pass;\r\n\tdkim=none");
  }

  @Test
  void whatIsChangedHereIsSealedAsItCameAndAsItLeaves() {
    String first = sealed(HEADER, BODY);
    String changed = first.replace("Subject: Offer", "Subject: [list] Offer");
    var result = (Signing.Result.Signed) seal(first, changed, BODY, BODY + "-- \r\nlist\r\n");
    String header = new String(result.fields(), ISO_8859_1) + changed;
    assertThat(header).contains("arc=pass", "cv=pass");
    assertThat(state(header, BODY + "-- \r\nlist\r\n")).isEqualTo(ArcChain.State.PASS);
    assertThat(state(header, BODY)).isEqualTo(ArcChain.State.FAIL);
  }

  @Test
  void signaturesOfTheAuthorAreVerifiedAsTheyCameAndToldOfWithoutTheirText() {
    var author = DkimBench.domain("sender.example");
    bench.configure(DOMAIN, author);
    bench.signed(author);
    var signed = (Signing.Result.Signed) bench.sign(HEADER, BODY);
    String came =
        "DKIM-Signature: v=1; d=evil\" ; x=1\r\n"
            + new String(signed.fields(), ISO_8859_1)
            + HEADER;
    var result = (Signing.Result.Signed) seal(came, came, BODY, BODY);
    assertThat(new String(result.fields(), ISO_8859_1))
        .contains(
            "\tdkim=permerror;\r\n",
            "\tdkim=pass header.d=sender.example header.s=ps20260101;\r\n",
            "\tdkim=pass header.d=sender.example header.s=ps20260101-ed25519\r\n")
        .doesNotContain("evil");
  }

  @Test
  void aMailThatWasChangedSinceIsSealedAsBrokenAndThenByNobody() {
    String first = sealed(HEADER, BODY);
    var result = (Signing.Result.Signed) seal(first, first, "another", "another");
    String broken = new String(result.fields(), ISO_8859_1) + first;
    assertThat(broken).contains("cv=fail", "arc=fail");
    assertThat(result.by().getFirst()).contains("arc=fail (signature 1: the body was changed)");
    assertThat(state(broken, "another")).isEqualTo(ArcChain.State.FAIL);
    assertThat(seal(broken, broken, "another", "another"))
        .isEqualTo(
            new Signing.Result.Unsigned(
                "the chain of ARC is broken: it was broken before (cv=fail)"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "ARC-Seal: i=2            | X-Seal: i=2             | set 2 is not whole",
        "ARC-Message-Signature: i=1 | X-Was: i=1            | set 1 is not whole",
        "ARC-Authentication-Results: i=1; | ARC-Authentication-Results: | has no i= in front",
        "ARC-Authentication-Results: i=1; | ARC-Authentication-Results: i=0; | from 1 to 50",
        "ARC-Authentication-Results: i=2; | ARC-Authentication-Results: i=1; | have the same i=",
        "cv=pass                  | cv=none                 | cv= of seal 2 is not pass",
        "cv=none                  | cv=pass                 | cv= of seal 1 is not none",
        "cv=pass                  | cv=fail                 | it was broken before",
        "ARC-Seal: i=2;           | ARC-Seal: i=2; h=from;  | it has h=",
        "ARC-Seal: i=1;           | ARC-Seal: i=1; i=1;     | is no list of tags",
        "arc=none                 | arc=pass                | seal 2: what it seals was changed",
        "Subject: Offer           | Subject: Other          | signature 2: the header was changed",
        "From: A                  | From: X                 | signature 2: the header was changed",
        "d=example.com            | d=nobody.example        | does not exist",
        "a=rsa-sha256             | a=rsa-sha1              | its a= is not known",
        "t=17                     | t=x                     | its t= is no time",
      })
  void whoeverChangesAnythingOfItBreaksIt(String was, String is, String why) {
    String header = sealed(HEADER, BODY, 2);
    assertThat(header).contains(was);
    var chain = chain(header.replace(was, is), BODY);
    assertThat(chain.state()).isEqualTo(ArcChain.State.FAIL);
    assertThat(chain.why()).contains(why);
  }

  @Test
  void fiftySealsAreTheMost() {
    String header = sealed(HEADER, BODY, ArcChain.MOST);
    assertThat(state(header, BODY)).isEqualTo(ArcChain.State.PASS);
    assertThat(seal(header, header, BODY, BODY)).isInstanceOf(Signing.Result.Unsigned.class);
  }

  @Test
  void whenItsTimeIsOverNoKeyIsAskedForAndNoChainIsSealed() {
    String header = sealed(HEADER, BODY);
    assertThat(seal(header, header, BODY, BODY, Duration.ZERO))
        .isInstanceOfSatisfying(
            Signing.Result.Failed.class,
            failed -> assertThat(failed.why()).contains("no time is left to ask for its key"));
    assertThat(seal(HEADER, HEADER, BODY, BODY, Duration.ZERO))
        .isInstanceOf(Signing.Result.Signed.class);
  }

  @Test
  void whileTheDnsIsSilentNobodyKnowsAndNothingIsSealed() {
    String header = sealed(HEADER, BODY);
    bench.dns.fail("ps20260101._domainkey.example.com", "time-out");
    assertThat(state(header, BODY)).isEqualTo(ArcChain.State.TEMPERROR);
    assertThat(seal(header, header, BODY, BODY)).isInstanceOf(Signing.Result.Failed.class);
  }

  @Test
  void aMailWithTwoAuthorsIsNotSealed() {
    assertThat(seal("From: x@y.example\r\n" + HEADER, "From: x@y.example\r\n" + HEADER, BODY, BODY))
        .isEqualTo(new Signing.Result.Unsigned("the mail has 2 fields From"));
  }

  @Test
  void withoutAKeyNothingIsSealed() {
    bench.configure();
    assertThat(seal(HEADER, HEADER, BODY, BODY))
        .isEqualTo(new Signing.Result.Unsigned("no key of example.com is active"));
  }

  @Test
  void toSetsThatAreInNoOrderNothingIsAdded() {
    String header = "ARC-Seal: x\r\n" + HEADER;
    assertThat(seal(header, header, BODY, BODY))
        .isEqualTo(
            new Signing.Result.Unsigned("the chain of ARC is broken: ARC-Seal is no list of tags"));
  }

  @Test
  void aKeyThatForbidsSubdomainsSealsAllTheSame() {
    String name = "ps20260101._domainkey.example.com";
    String header = sealed(HEADER, BODY);
    var texts = (Resolver.Answer.Found<String>) bench.dns.texts(name).answer();
    bench.dns.forget(name).text(name, texts.records().getFirst() + "; t=s");
    assertThat(chain(header, BODY).why()).isEmpty();
    assertThat(state(header, BODY)).isEqualTo(ArcChain.State.PASS);
  }
}
