package dev.poststation.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.oauth.TokenSite.Answer;
import dev.poststation.sim.ToyTokenServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What a token server refuses, in words.
class RefusalsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T09:34:00Z");

  private static NoTokenException refusal(Answer answer, boolean byLogin) {
    return Refusals.of(answer, List.of(), "m365", byLogin, NOW);
  }

  private static String words(String error, String description, boolean byLogin) {
    return refusal(ToyTokenServer.error(400, error, description), byLogin).clause();
  }

  @Test
  void theCodeOfMicrosoftIsKeptWithItsTextAndSaysWhatToDo() {
    assertThat(
            words(
                "invalid_client",
                "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the"
                    + " request is the client secret value, not the client secret ID, for a secret"
                    + " added to app 'app-1'.",
                false))
        .isEqualTo(
            "the token server says invalid_client (AADSTS7000215: Invalid client secret provided."
                + " Ensure the secret being sent in the request is the client secret value, not the"
                + " client secret ID, for a secret added to app 'app-1'): write the value of the"
                + " secret, not its ID");
  }

  @Test
  void aTextWithoutEndMakesNoEndlessLineOfTheLog() {
    var why = refusal(ToyTokenServer.error(400, "invalid_client", "no! ".repeat(20_000)), false);
    assertThat(why.full()).hasSizeLessThan(2_100).endsWith("…");
  }

  @ParameterizedTest
  @CsvSource({
    "invalid_client,AADSTS7000222: expired keys,the secret has expired: make a new secret",
    "unauthorized_client,AADSTS700016: no application,look at client-id and tenant",
    "invalid_request,AADSTS90002: Tenant not found,look at tenant",
    "invalid_grant,AADSTS65001: has not consented,must consent to the permissions",
    "invalid_client,AADSTS700027: certificate not registered,upload the certificate",
    "invalid_client,AADSTS700024: not within its valid time range,set the clock",
    "invalid_grant,AADSTS50173: grant revoked,log in anew: poststation oauth login m365",
    "invalid_grant,AADSTS700082: expired due to inactivity,poststation oauth login m365",
    "invalid_grant,AADSTS50076: you must use multi-factor,a second factor is asked for",
    "access_denied,AADSTS53003: blocked by Conditional Access,conditional access forbids it",
    "invalid_scope,AADSTS70011: The provided value is not valid,look at scope",
    "invalid_grant,Token has been expired or revoked.,poststation oauth login m365",
    "invalid_grant,AADSTS99999: something new,poststation oauth login m365",
    "invalid_client,The OAuth client was not found.,look at client-id",
    "unauthorized_client,Client is unauthorized,may not ask by this grant",
  })
  void eachReasonHasARemedy(String error, String description, String remedy) {
    assertThat(words(error, description, true)).contains(error).contains(remedy);
  }

  @Test
  void theWordsAreTheSameAsLongAsTheReasonIsAndTheNumbersAreForTheLog() throws Exception {
    var answer =
        ToyTokenServer.error(400, "invalid_grant", "AADSTS50057: The account is disabled.");
    var later =
        new Answer(
            400,
            answer.body().replaceAll("Trace ID: [^\\\\]*", "Trace ID: other"),
            Optional.empty(),
            Optional.empty());
    assertThat(refusal(later, true).clause()).isEqualTo(refusal(answer, true).clause());
    assertThat(refusal(answer, true).clause()).doesNotContain("Trace ID", "Timestamp");
    assertThat(refusal(answer, true).full()).contains("Trace ID", "Timestamp");
  }

  @Test
  void aServiceAccountThatMayNotSpeakForTheUserIsNoLoginThatHasExpired() {
    assertThat(words("invalid_grant", "Invalid email or User ID", false))
        .endsWith(": look at user, client-id and client-key")
        .doesNotContain("oauth login");
    assertThat(
            words(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable"
                    + " timeframe.",
                false))
        .endsWith(": set the clock of this machine");
  }

  @Test
  void aClockThatIsOffIsNamedWhateverTheServerComplainsOf() {
    var answer =
        new Answer(
            401,
            "{\"error\":\"invalid_client\"}",
            Optional.of(NOW.minus(Duration.ofMinutes(7))),
            Optional.empty());
    assertThat(refusal(answer, false).clause())
        .endsWith("; the clock of this machine is 7 minutes ahead of that of the token server");
  }

  @Test
  void whatTheServerMayGetOverByItselfIsNothingForAPerson() {
    assertThat(refusal(ToyTokenServer.answer(503, "<html>"), false).lasting()).isFalse();
    assertThat(refusal(ToyTokenServer.error(400, "temporarily_unavailable", "x"), false).lasting())
        .isFalse();
    assertThat(refusal(ToyTokenServer.answer(404, "<html>"), false).lasting()).isTrue();
    assertThat(refusal(ToyTokenServer.answer(404, "<html>"), false).clause())
        .isEqualTo("the token server answers 404 without a reason");
  }

  @Test
  void whatTheServerWritesCannotSteerATerminalNorFillALog() {
    assertThat(words("bad\\u001b[31m", "x".repeat(5000), false))
        .hasSizeLessThan(500)
        .doesNotContain("\u001b");
  }
}
