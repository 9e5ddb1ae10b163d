package dev.poststation.oauth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.poststation.config.OauthGrant;
import dev.poststation.os.Os;
import dev.poststation.tls.ClientKey;
import dev.poststation.tls.TlsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;

/// Assertions that we sign (RFC 7521, RFC 7523): that we are the client, or that a service account
/// speaks for a user. The files are read each time, so that a new certificate needs no restart.
/// Safe for any thread.
record Assertion(Os os) {
  private static final Duration LASTS = Duration.ofMinutes(10);

  /// Clocks differ.
  private static final Duration LEEWAY = Duration.ofMinutes(1);

  /// A key, with what the token server finds its other half by.
  private record Key(PrivateKey key, Optional<Base64URL> thumbprint, Optional<String> id) {}

  /// That we are the client (RFC 7523 2.2), as Microsoft wants it: PS256 with `x5t#S256`.
  String ofClient(OauthGrant grant, Path certificate, Path key) throws NoTokenException {
    var signing = certified(certificate, key);
    var now = os.time().now();
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(grant.clientId())
            .subject(grant.clientId())
            .audience(grant.tokenUrl().toString())
            .jwtID(unique())
            .issueTime(Date.from(now))
            .notBeforeTime(Date.from(now.minus(LEEWAY)))
            .expirationTime(Date.from(now.plus(LASTS)))
            .build();
    return signed(signing, claims, JWSAlgorithm.PS256);
  }

  /// That a service account speaks for the user (RFC 7523 2.1), as Google wants it: RS256.
  String ofServiceAccount(OauthGrant grant, String user, Path key) throws NoTokenException {
    var now = os.time().now();
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(grant.clientId())
            .subject(user)
            .audience(grant.tokenUrl().toString())
            .claim("scope", grant.scope())
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(LASTS)))
            .build();
    return signed(alone(key), claims, JWSAlgorithm.RS256);
  }

  private static String signed(Key key, JWTClaimsSet claims, JWSAlgorithm ofRsa)
      throws NoTokenException {
    try {
      boolean curve = key.key instanceof ECPrivateKey;
      JWSSigner signer =
          key.key instanceof ECPrivateKey ec
              ? new ECDSASigner(ec, Curve.P_256)
              : new RSASSASigner(key.key);
      var header =
          new JWSHeader.Builder(curve ? JWSAlgorithm.ES256 : ofRsa).type(JOSEObjectType.JWT);
      key.thumbprint.ifPresent(header::x509CertSHA256Thumbprint);
      key.id.ifPresent(header::keyID);
      var jwt = new SignedJWT(header.build(), claims);
      jwt.sign(signer);
      return jwt.serialize();
    } catch (JOSEException | IllegalArgumentException e) {
      throw NoTokenException.ours("client-key cannot sign: " + e.getMessage());
    }
  }

  private Key certified(Path certificate, Path key) throws NoTokenException {
    try {
      var loaded = ClientKey.of(certificate, key, os.disk());
      var shown = loaded.certificate().orElseThrow();
      var ends = shown.getNotAfter().toInstant();
      if (!os.time().now().isBefore(ends)) {
        throw NoTokenException.ours("the certificate " + certificate + " has expired on " + ends);
      }
      var digest = MessageDigest.getInstance("SHA-256").digest(shown.getEncoded());
      return new Key(loaded.key(), Optional.of(Base64URL.encode(digest)), Optional.empty());
    } catch (TlsException e) {
      throw NoTokenException.ours(String.valueOf(e.getMessage()));
    } catch (GeneralSecurityException e) {
      throw NoTokenException.ours("client-certificate cannot be used: " + e.getMessage());
    }
  }

  /// PEM, or the JSON file that Google gives.
  private Key alone(Path key) throws NoTokenException {
    try {
      String text = new String(os.disk().read(key), StandardCharsets.UTF_8).strip();
      return text.startsWith("{")
          ? ofGoogle(key, text)
          : new Key(ClientKey.of(key, os.disk()).key(), Optional.empty(), Optional.empty());
    } catch (IOException e) {
      throw NoTokenException.ours(key + " cannot be read: " + e.getMessage());
    } catch (TlsException e) {
      throw NoTokenException.ours(String.valueOf(e.getMessage()));
    }
  }

  private static Key ofGoogle(Path file, String text) throws NoTokenException {
    try {
      var json = JSONObjectUtils.parse(text);
      String pem = String.valueOf(json.get("private_key")).replaceAll("-----[A-Z ]+-----", "");
      byte[] der = Base64.getMimeDecoder().decode(pem);
      var key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
      return new Key(
          key,
          Optional.empty(),
          Optional.ofNullable(json.get("private_key_id")).map(String::valueOf));
    } catch (ParseException | IllegalArgumentException | GeneralSecurityException _) {
      throw NoTokenException.ours(file + " is no key file of a service account");
    }
  }

  private String unique() {
    return os.chance().hex(16);
  }
}
