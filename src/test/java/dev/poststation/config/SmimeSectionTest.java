package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What `check` says of the services of S/MIME.
final class SmimeSectionTest {
  private final Bench bench = new Bench();

  private List<String> problems(String... services) {
    return bench.problems(
        Bench.BASE
            + "smime { password = \"file:provider.secret\" }\ncontent = [\n"
            + String.join("\n", services)
            + "\n]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "use = smime-verify | use = smime-decrypt"
            + " | smime-decrypt decrypts mail behind smime-verify (poststation.conf:3), which does"
            + " not see the signatures in it; put smime-decrypt in front of smime-verify",
        "use = list-unsubscribe, mailto = \"u@x.example\", secrets = [\"file:provider.secret\"]"
            + " | use = smime-verify | smime-verify looks at signatures behind list-unsubscribe"
            + " (poststation.conf:3), which breaks those that came; put smime-verify in front of"
            + " list-unsubscribe",
        "use = smime-sign | use = smime-verify"
            + " | smime-verify looks at signatures behind smime-sign (poststation.conf:3), which"
            + " breaks those that came; put smime-verify in front of smime-sign",
        "use = smime-encrypt | use = smime-sign"
            + " | smime-sign would sign what is encrypted by smime-encrypt (poststation.conf:3),"
            + " which breaks how programs read it; put smime-sign in front of smime-encrypt",
        "use = openpgp-verify | use = openpgp-decrypt"
            + " | openpgp-decrypt decrypts mail behind openpgp-verify (poststation.conf:3), which"
            + " does not see the signatures in it; put openpgp-decrypt in front of openpgp-verify",
        "use = smime-encrypt | use = openpgp-sign"
            + " | openpgp-sign would sign what is encrypted by smime-encrypt (poststation.conf:3),"
            + " which breaks how programs read it; put openpgp-sign in front of smime-encrypt",
        "use = smime-sign | use = smime-decrypt"
            + " | smime-decrypt changes mail behind smime-sign (poststation.conf:3), which breaks"
            + " what that signed or encrypted; put smime-decrypt in front of smime-sign"
      })
  void aServiceInAPlaceWhereItIsOfNoUseIsRefused(String first, String second, String problem) {
    assertThat(problems("{ " + first + " }", "{ " + second + " }"))
        .containsExactly("poststation.conf:4: " + problem);
  }

  @ParameterizedTest
  @ValueSource(strings = {"smime-decrypt", "smime-verify", "openpgp-decrypt", "openpgp-verify"})
  void whatTellsOfSignaturesMayNotLetForgedFieldsPassWhenItFails(String use) {
    assertThat(problems("{ use = " + use + ", on-error = pass }"))
        .containsExactly(
            "poststation.conf:3: on-error = pass of a service that decrypts or verifies would let"
                + " mail go on with what it claims itself, in our name, of encryption and"
                + " signatures; write defer, reject, or hold");
  }

  @ParameterizedTest
  @CsvSource({
    "policy = always",
    "tag = \"[secure]\"",
    "'policy = never, tag-header = \"X-Secure: yes\"'"
  })
  void whatMustBeEncryptedMayNotPassWhenThatFails(String wish) {
    for (String use : List.of("smime-encrypt", "openpgp-encrypt")) {
      assertThat(problems("{ use = " + use + ", on-error = pass, " + wish + " }"))
          .containsExactly(
              "poststation.conf:3: on-error = pass of a service by which mail must be encrypted"
                  + " (policy = always, tag, tag-header) would let it go on in the clear; write"
                  + " defer, reject, or hold");
    }
    assertThat(problems("{ use = smime-encrypt, on-error = pass }")).isEmpty();
  }

  @Test
  void theOrderOfTheManualIsGood() {
    assertThat(
            problems(
                "{ use = smime-decrypt }",
                "{ use = smime-verify }",
                "{ use = header, add = [\"X-A: b\"] }",
                "{ use = smime-sign }",
                "{ use = smime-encrypt }",
                "{ use = header, name = late, add = [\"X-C: d\"] }"))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "smime-sign, policy = sometimes | write never, if-possible, always",
        "smime-sign, tag = \"x\" | is no tag; write 3 to 60 characters, as in \"[secure]\"",
        "smime-sign, tag-header = \"x y\" | tag-header",
        "smime-sign, any-author = perhaps | any-author",
        "smime-sign, padding = oaep | write pss, pkcs1",
        "smime-sign, digest = sha1 | digest: \"sha1\" is none of the words known here",
        "smime-sign, cipher = aes-256-gcm | cipher is of no effect with use = smime-sign",
        "smime-encrypt, any-author = on | any-author is of no effect with use = smime-encrypt",
        "smime-encrypt, cipher = des | write aes-256-gcm, aes-128-gcm, aes-256-cbc, aes-128-cbc",
        "smime-encrypt, key-transport = pss | write oaep, pkcs1",
        "smime-encrypt, on-missing = pass | write reject, hold",
        "smime-encrypt, prefer = none | write address, domain",
        "smime-encrypt, directory = staff | there is no directory \"staff\"",
        "smime-sign, directory = staff | directory is of no effect with use = smime-sign",
        "smime-decrypt, policy = always | policy is of no effect with use = smime-decrypt",
        "smime-verify, on-broken = defer | write pass, reject, hold"
      })
  void aWrongValueIsToldWithItsLineAndItsRemedy(String service, String problem) {
    assertThat(problems("{ use = " + service + " }"))
        .singleElement()
        .asString()
        .startsWith("poststation.conf:3: ")
        .contains(problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "password = \"file:/no/such/file\" | smime.password",
        "warn-before = \"1 s\" | smime.warn-before",
        "harvest = perhaps | smime.harvest",
        "harvest-keep = \"1 h\" | smime.harvest-keep",
        "harvest-most = 0 | smime.harvest-most",
        "revocation = on | write off, if-reachable, require",
        "revocation-timeout = \"1 h\" | smime.revocation-timeout",
        "revocation-networks = [\"here\"] | smime.revocation-networks",
        "pasword = x | did you mean"
      })
  void aWrongValueOfTheSectionIsToldWithItsLine(String key, String problem) {
    assertThat(bench.problems(Bench.BASE + "smime { " + key + " }"))
        .singleElement()
        .asString()
        .startsWith("poststation.conf:1: ")
        .contains(problem);
  }
}
