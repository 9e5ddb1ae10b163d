package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.os.Binding;
import dev.poststation.sim.MemoryAccounts;
import dev.poststation.sim.PickedChance;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The mechanisms at our end, as the client of a server.
class ProofTest {
  private static final Path FILE = Path.of("src/test/resources/sasl/vectors.json");
  private static final Proof.Identity USER = new Proof.Identity("user", "pencil");
  private static final Proof.Server SERVER = new Proof.Server("server.example.com", 587, null);
  private static final Proof.Bound BOUND = new Proof.Bound(Binding.EXPORTER, Attempt.SHARED);

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String answer(Proof proof, String challenge) {
    var answer = proof.answer(octets(challenge));
    assertThat(answer).isInstanceOf(Proof.Answer.Octets.class);
    return text(((Proof.Answer.Octets) answer).octets());
  }

  private static String cancelled(Proof proof, String challenge) {
    var answer = proof.answer(octets(challenge));
    assertThat(answer).isInstanceOf(Proof.Answer.Cancel.class);
    return ((Proof.Answer.Cancel) answer).why();
  }

  @TestFactory
  Stream<DynamicTest> eachExampleOfTheRfcsIsSaidAsItStandsThere() throws Exception {
    return new ObjectMapper()
        .readTree(FILE.toFile())
        .get("vectors")
        .valueStream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("source").asText(),
                    () -> {
                      if (vector.has("challenge")) {
                        cram(vector);
                      } else {
                        scram(vector);
                      }
                    }));
  }

  private static String of(JsonNode vector, String key) {
    return vector.get(key).asText();
  }

  private static void cram(JsonNode vector) {
    var proof = new CramProof(new Proof.Identity(of(vector, "user"), of(vector, "password")));
    assertThat(proof.initial()).isNull();
    assertThat(answer(proof, of(vector, "challenge"))).isEqualTo(of(vector, "response"));
    assertThat(proof.doubt()).isNull();
  }

  private static ScramProof scram(JsonNode vector, String... said) {
    var mechanism = Mechanism.of(of(vector, "mech")).orElseThrow();
    var who = new Proof.Identity(of(vector, "user"), of(vector, "password"));
    String nonce = of(vector, "client_first").replaceAll(".*,r=", "");
    var proof = new ScramProof(mechanism, who, null, false, nonce);
    assertThat(text(proof.initial())).isEqualTo(of(vector, "client_first"));
    assertThat(answer(proof, of(vector, "server_first"))).isEqualTo(of(vector, "client_final"));
    for (String each : said) {
      assertThat(answer(proof, each)).isEmpty();
    }
    return proof;
  }

  private static void scram(JsonNode vector) {
    assertThat(scram(vector, new String[0]).doubt()).contains("without showing");
    assertThat(scram(vector, of(vector, "server_final")).doubt()).isNull();
    var deceived = scram(vector, "e=other-error");
    assertThat(deceived.told()).isEqualTo("other-error");
    assertThat(deceived.doubt()).isNotNull();
    String wrong = of(vector, "server_final").replace("v=r", "v=s").replace("v=6", "v=7");
    assertThat(cancelled(scram(vector, new String[0]), wrong)).contains("not to be trusted");
    assertThat(scram(vector, new String[0]).secrets())
        .contains(of(vector, "client_final").replaceAll(".*,p=", ""), of(vector, "password"));
  }

  /// RFC 7628 4.1 and 4.3.
  @Test
  void aTokenIsBorneAsRfc7628SaysIt() {
    var who = new Proof.Identity("user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==");
    var proof = TokenProof.bearer(who, new Proof.Server("server.example.com", 143, null));
    assertThat(text(proof.initial()))
        .isEqualTo(
            "n,a=user@example.com,\1host=server.example.com\1port=143\1auth=Bearer"
                + " vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1");
    String refusal =
        """
        {"status":"invalid_token","scope":"example_scope",\
        "openid-configuration":"https://example.com/.well-known/openid-configuration"}\
        """;
    assertThat(answer(proof, refusal)).isEqualTo("\1");
    assertThat(proof.told())
        .isEqualTo(
            "the token has expired, was revoked, or is for something else (invalid_token), scope"
                + " example_scope");
    assertThat(cancelled(proof, "")).isNotEmpty();
  }

  /// As Google documents it.
  @Test
  void aTokenIsBorneAsXoauth2HasIt() {
    var who =
        new Proof.Identity("someuser@example.com", "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
    var proof = TokenProof.xoauth2(who);
    assertThat(Base64.getEncoder().encodeToString(proof.initial()))
        .isEqualTo(
            "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQm"
                + "hkSFJoZG1semRHRXVZMjl0Q2cBAQ==");
    String refusal =
        text(
            Base64.getDecoder()
                .decode(
                    "eyJzdGF0dXMiOiI0MDEiLCJzY2hlbWVzIjoiYmVhcmVyIiwic2NvcGUiOiJodHRwczovL21haWwuZ29"
                        + "vZ2xlLmNvbS8ifQo="));
    assertThat(answer(proof, refusal)).isEmpty();
    assertThat(proof.told())
        .isEqualTo(
            "the token has expired, was revoked, or is for something else (401), scope"
                + " https://mail.google.com/");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|no reason given",
        "oh no|oh no",
        "[]|[]",
        "{}|status not given",
        "{\"status\":\"402\"}|status 402",
      })
  void whateverTheServerSaysOfATokenIsSaidInWords(String challenge, String words) {
    var proof = TokenProof.xoauth2(USER);
    answer(proof, challenge);
    assertThat(proof.told()).isEqualTo(words);
  }

  /// Both ends are ours: a mistake that both make is found by the peers.
  @ParameterizedTest
  @EnumSource(value = Mechanism.class, names = "EXTERNAL", mode = EnumSource.Mode.EXCLUDE)
  void ourServerBelievesUs(Mechanism mechanism) throws Exception {
    var accounts = MemoryAccounts.ofTheRfcs().withToken("pencil", "user");
    var attempt = new Attempt(mechanism, accounts, Attempt.TLS);
    var server = new Proof.Server("server.example.com", 587, BOUND);
    var offered = List.of(Mechanism.values());
    var proof = Proof.of(mechanism, USER, server, offered, new PickedChance(1, 2, 3));
    byte[] initial = proof.initial();
    attempt = initial == null ? attempt.begin() : attempt.begin(initial);
    while (attempt.step instanceof Step.Challenge(byte[] challenge)) {
      attempt = attempt.say(((Proof.Answer.Octets) proof.answer(challenge)).octets());
    }
    assertThat(attempt.step)
        .isInstanceOfSatisfying(
            Step.Success.class, it -> assertThat(it.login().user()).isEqualTo("user"));
    assertThat(proof.doubt()).isNull();
    assertThat(proof.secrets()).contains("pencil");
  }

  private static ScramProof scram() {
    return new ScramProof(Mechanism.SCRAM_SHA_256, USER, null, false, "abc");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "r=abd1,s=QQ==,i=4096|answers another login than this one",
        "r=abc,s=QQ==,i=4096|answers another login than this one",
        "m=x,r=abc1,s=QQ==,i=4096|does not speak SCRAM",
        "r=abc1,s=,i=4096|does not speak SCRAM",
        "r=abc1,s=Q,i=4096|does not speak SCRAM",
        "r=abc1,s=QQ==,i=0|does not speak SCRAM",
        "r=abc1,s=QQ==,i=1|wants the password hashed 1 times only, so that it could be guessed:"
            + " less than 4096 are refused",
        "r=abc1,s=QQ==,i=99999999|wants the password hashed 99999999 times: more than 600000 are"
            + " refused, for they would keep this machine busy",
        "''|does not speak SCRAM",
      })
  void aServerThatDoesNotSpeakAsScramWantsItIsLeft(String first, String why) {
    assertThat(cancelled(scram(), first)).isEqualTo(why);
  }

  @Test
  void whatIsNotUtf8IsNoChallenge() {
    assertThat(scram().answer(new byte[] {(byte) 0xff})).isInstanceOf(Proof.Answer.Cancel.class);
  }

  @Test
  void aServerThatWasRobbedOfItsBindingIsTold() {
    var plus = Mechanism.SCRAM_SHA_256_PLUS;
    var plain = Mechanism.SCRAM_SHA_256;
    assertThat(text(new ScramProof(plus, USER, BOUND, true, "abc").initial()))
        .isEqualTo("p=tls-exporter,,n=user,r=abc");
    assertThat(text(new ScramProof(plain, USER, BOUND, false, "abc").initial()))
        .isEqualTo("y,,n=user,r=abc");
    assertThat(text(new ScramProof(plain, USER, BOUND, true, "abc").initial()))
        .isEqualTo("n,,n=user,r=abc");
    assertThat(text(new ScramProof(plain, USER, null, false, "abc").initial()))
        .isEqualTo("n,,n=user,r=abc");
  }

  @Test
  void namesWithCommasAreWrittenAsScramWantsThem() {
    var who = new Proof.Identity("a,b=c", "x");
    assertThat(text(new ScramProof(Mechanism.SCRAM_SHA_1, who, null, false, "abc").initial()))
        .isEqualTo("n,,n=a=2Cb=3Dc,r=abc");
    assertThat(text(TokenProof.bearer(who, SERVER).initial())).startsWith("n,a=a=2Cb=3Dc,\1");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theStrongestIsTaken(boolean bindable) {
    var all = List.of(Mechanism.values()).reversed();
    assertThat(Mechanism.strongest(all, false, true, bindable))
        .contains(bindable ? Mechanism.SCRAM_SHA_256_PLUS : Mechanism.SCRAM_SHA_256);
    assertThat(Mechanism.strongest(all, true, true, bindable)).contains(Mechanism.OAUTHBEARER);
    assertThat(
            Mechanism.strongest(
                Mechanism.known(List.of("LOGIN", "NTLM", "PLAIN", "CRAM-MD5")),
                false,
                true,
                bindable))
        .contains(Mechanism.CRAM_MD5);
    var clear = Mechanism.known(List.of("LOGIN", "PLAIN"));
    assertThat(Mechanism.strongest(clear, false, true, bindable)).contains(Mechanism.PLAIN);
    assertThat(Mechanism.strongest(clear, false, false, bindable)).isEqualTo(Optional.empty());
    assertThat(Mechanism.strongest(all, true, false, bindable)).isEqualTo(Optional.empty());
  }

  @Test
  void noneOfThemPrintsItsSecrets() {
    assertThat(USER.toString() + new Proof.Answer.Octets(octets("pencil")))
        .doesNotContain("pencil");
  }
}
