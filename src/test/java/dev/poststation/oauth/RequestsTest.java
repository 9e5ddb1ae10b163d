package dev.poststation.oauth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jwt.SignedJWT;
import dev.poststation.os.Os;
import dev.poststation.sim.ToyTokenServer;
import dev.poststation.tls.ClientKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.interfaces.RSAPublicKey;
import java.util.Base64;
import java.util.Date;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is sent to the token server.
class RequestsTest {
  private static final Path TLS = Path.of("src/test/resources/tls");
  private RSAPublicKey published;
  private byte[] thumbprint;

  @BeforeEach
  void read() throws Exception {
    var key = ClientKey.of(TLS.resolve("rsa.pem"), TLS.resolve("rsa.key"), Os.real().disk());
    var certificate = key.certificate().orElseThrow();
    published = (RSAPublicKey) certificate.getPublicKey();
    thumbprint = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
  }

  private static Map<String, String> files() throws IOException {
    return Map.of(
        "/etc/app.pem", Files.readString(TLS.resolve("rsa.pem")),
        "/etc/app.key", Files.readString(TLS.resolve("rsa.key")));
  }

  private static String withCertificate() {
    return """
    preset = microsoft365, auth { user = "scanner@example.com", tenant = "example.com"
      client-id = "app-1", client-certificate = "/etc/app.pem", client-key = "/etc/app.key" }
    """;
  }

  @Test
  void aCertificateStandsForTheSecretByAnAssertionAsMicrosoftWantsIt() throws Exception {
    var desk = new Desk(withCertificate(), files());
    desk.start().token();
    var form = desk.server.asked().getFirst();
    assertThat(form)
        .containsEntry(
            "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .doesNotContainKey("client_secret");
    var jwt = SignedJWT.parse(form.get("client_assertion"));
    assertThat(jwt.verify(new RSASSAVerifier(published))).isTrue();
    assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo("PS256");
    assertThat(jwt.getHeader().getX509CertSHA256Thumbprint().decode()).isEqualTo(thumbprint);
    var claims = jwt.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("app-1").isEqualTo(claims.getSubject());
    assertThat(claims.getAudience())
        .containsExactly("https://login.microsoftonline.com/example.com/oauth2/v2.0/token");
    assertThat(claims.getJWTID()).hasSize(32);
    assertThat(claims.getExpirationTime()).isEqualTo(Date.from(desk.time.now().plusSeconds(600)));
    assertThat(claims.getNotBeforeTime()).isBefore(Date.from(desk.time.now()));
  }

  @Test
  void aServiceAccountSpeaksForTheUserAsGoogleWantsIt() throws Exception {
    String pem = Files.readString(TLS.resolve("rsa.key")).replace("\n", "\\n");
    String json =
        "{\"type\":\"service_account\",\"private_key_id\":\"kid-1\",\"private_key\":\""
            + pem
            + "\"}";
    var desk =
        new Desk(
            """
            preset = google, auth { user = "scanner@example.com", grant = jwt-bearer
              client-id = "relay@project.iam.gserviceaccount.com", client-key = "/etc/google.json" }
            """,
            Map.of("/etc/google.json", json));
    desk.start().token();
    var form = desk.server.asked().getFirst();
    assertThat(form)
        .containsOnlyKeys("grant_type", "assertion")
        .containsEntry("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
    var jwt = SignedJWT.parse(form.get("assertion"));
    assertThat(jwt.verify(new RSASSAVerifier(published))).isTrue();
    assertThat(jwt.getHeader().getAlgorithm().getName()).isEqualTo("RS256");
    assertThat(jwt.getHeader().getKeyID()).isEqualTo("kid-1");
    var claims = jwt.getJWTClaimsSet();
    assertThat(claims.getIssuer()).isEqualTo("relay@project.iam.gserviceaccount.com");
    assertThat(claims.getSubject()).isEqualTo("scanner@example.com");
    assertThat(claims.getAudience()).containsExactly("https://oauth2.googleapis.com/token");
    assertThat(claims.getStringClaim("scope")).isEqualTo("https://mail.google.com/");
  }

  @Test
  void aKeyThatIsNoKeyPausesTheConnectorWithTheReason() {
    var desk =
        new Desk(
            """
            preset = google, auth { user = "scanner@example.com", grant = jwt-bearer
              client-id = "relay@project.iam.gserviceaccount.com", client-key = "/etc/google.json" }
            """,
            Map.of("/etc/google.json", "{}"));
    assertThat(desk.start().problem())
        .isEqualTo("/etc/google.json is no key file of a service account");
    assertThat(desk.events).hasSize(1);
  }

  @Test
  void challengesAreMadeAsTheStandardSays() {
    // RFC 7636, appendix B.
    assertThat(Wizard.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"))
        .isEqualTo("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    assertThat(Base64.getUrlDecoder().decode("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"))
        .hasSize(32);
  }

  @Test
  void aCodeIsRedeemedByWhoeverAskedForItAlone() throws Exception {
    var desk = new Desk(Desk.BY_LOGIN);
    var grant = Objects.requireNonNull(desk.account().grant());
    var name = new AccountName("m365", "scanner@example.com");
    var wizard = new Wizard(name, grant, desk.server, desk.os());
    var page = wizard.page("http://localhost:9/");
    var other = wizard.page("http://localhost:9/");
    var mixed = new Wizard.Page(page.page(), page.state(), other.verifier(), page.redirect());
    assertThatExceptionOfType(NoTokenException.class)
        .isThrownBy(() -> wizard.redeem(mixed, back(desk, page)))
        .withMessageContaining("invalid_grant");
    assertThat(wizard.redeem(page, back(desk, page))).isNotNull();
  }

  private static Map<String, String> back(Desk desk, Wizard.Page page) {
    String address = desk.server.loggedIn(page.page());
    return ToyTokenServer.parameters(address.substring(address.indexOf('?') + 1));
  }
}
