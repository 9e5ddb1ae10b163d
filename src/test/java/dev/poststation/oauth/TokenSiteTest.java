package dev.poststation.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.OauthGrant;
import dev.poststation.os.Os;
import dev.poststation.sim.ToyTokenServer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A token server over real HTTPS, with a certificate for 127.0.0.1 of an authority of ours.
@Timeout(60)
class TokenSiteTest {
  private ToyTokenServer server;

  @BeforeEach
  void start() throws Exception {
    server = new ToyTokenServer().start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static TokenSite site(@Nullable Path authorities) {
    var some = Objects.requireNonNull(new Desk(Desk.MICROSOFT).account().grant());
    var grant =
        new OauthGrant(
            some.type(),
            some.clientId(),
            some.clientSecret(),
            null,
            null,
            some.tokenUrl(),
            null,
            null,
            null,
            null,
            authorities,
            Duration.ofSeconds(5),
            some.origin());
    return TokenSite.of(grant, Os.real());
  }

  private URI place() {
    return URI.create(server.url() + "/token");
  }

  @Test
  void aFormGoesOverTlsAndTheAnswerComesWithTheClockOfTheServer() throws Exception {
    var answer =
        site(ToyTokenServer.AUTHORITY)
            .post(place(), Map.of("grant_type", "client_credentials", "scope", "a b&c=ü"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains("\"access_token\":\"access-1\"");
    assertThat(answer.date()).isPresent();
    assertThat(server.asked().getFirst()).containsEntry("scope", "a b&c=ü");
  }

  @Test
  void anErrorIsAnAnswer() throws Exception {
    server.answers(Optional.of(ToyTokenServer.error(401, "invalid_client", "AADSTS7000215: no")));
    var answer = site(ToyTokenServer.AUTHORITY).post(place(), Map.of("a", "b"));
    assertThat(answer.status()).isEqualTo(401);
    assertThat(answer.body()).contains("AADSTS7000215");
  }

  @Test
  void aServerThatNobodyVouchesForIsToldNothing() {
    assertThatThrownBy(() -> site(null).post(place(), Map.of("client_secret", "s")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("unable to find valid certification path");
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void whereNobodyListensAndWhatIsTooLargeIsToldInAClause() {
    server.answers(Optional.of(ToyTokenServer.answer(200, " ".repeat(200_000))));
    assertThatThrownBy(() -> site(ToyTokenServer.AUTHORITY).post(place(), Map.of("a", "b")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(place() + ": ");
    var gone = place();
    server.close();
    assertThatThrownBy(() -> site(ToyTokenServer.AUTHORITY).post(gone, Map.of("a", "b")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(gone + ": ");
  }
}
