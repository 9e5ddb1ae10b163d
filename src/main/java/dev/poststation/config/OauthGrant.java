package dev.poststation.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// How access tokens of OAuth 2 for an account at a next hop are got (RFC 6749): keys of `auth`.
/// Immutable.
///
/// @param clientId what the token server knows us as
/// @param clientSecret its password, or null
/// @param certificate what we prove with instead of a secret that we are the client (RFC 7523), or
///   null
/// @param key of the certificate, or with `JWT_BEARER` alone; or null
/// @param deviceUrl where a login with a code begins (RFC 8628), or null
/// @param authorizeUrl where a login with a browser begins, or null
/// @param scope what a token shall allow; null: what the server thinks
/// @param refreshToken the one to begin with, or null
/// @param authorities who vouches for the certificate of the token server; null: those of the
///   machine
/// @param timeout how long it may take to answer
public record OauthGrant(
    Type type,
    String clientId,
    @Nullable Secret clientSecret,
    @Nullable Path certificate,
    @Nullable Path key,
    URI tokenUrl,
    @Nullable URI deviceUrl,
    @Nullable URI authorizeUrl,
    @Nullable String scope,
    @Nullable Secret refreshToken,
    @Nullable Path authorities,
    Duration timeout,
    Origin origin) {
  /// By what right a token is given.
  public enum Type {
    /// That of the client itself (RFC 6749 4.4).
    CLIENT_CREDENTIALS,
    /// Somebody has logged in by a browser, or a refresh token was given to us (RFC 6749 6).
    REFRESH_TOKEN,
    /// Somebody has logged in with a code (RFC 8628); from then on a refresh token.
    DEVICE,
    /// A service account speaks for the user (RFC 7523 2.1).
    JWT_BEARER;

    /// Whether somebody has to log in once.
    public boolean byLogin() {
      return this == REFRESH_TOKEN || this == DEVICE;
    }
  }

  /// The same with another secret.
  public OauthGrant with(Secret secret) {
    return with(secret, certificate, key);
  }

  /// The same with another key of the service account.
  OauthGrant with(Path another) {
    return with(clientSecret, certificate, another);
  }

  /// The same with another certificate and its key.
  OauthGrant with(CertificateFiles proof) {
    return with(clientSecret, proof.chain(), proof.key());
  }

  /// The same, as if it stood somewhere else.
  OauthGrant at(Origin place) {
    return new OauthGrant(
        type,
        clientId,
        clientSecret,
        certificate,
        key,
        tokenUrl,
        deviceUrl,
        authorizeUrl,
        scope,
        refreshToken,
        authorities,
        timeout,
        place);
  }

  private OauthGrant with(
      @Nullable Secret secret, @Nullable Path otherCertificate, @Nullable Path otherKey) {
    return new OauthGrant(
        type,
        clientId,
        secret,
        otherCertificate,
        otherKey,
        tokenUrl,
        deviceUrl,
        authorizeUrl,
        scope,
        refreshToken,
        authorities,
        timeout,
        origin);
  }

  /// What to do where a mechanism wants tokens, and nothing says how to get them.
  static final String REMEDY =
      "write, for example, client-id = \"…\" with preset = microsoft365 or google in the connector";

  private static final String TENANT = "{tenant}";
  private static final URI NOWHERE = URI.create("https://nowhere.invalid");

  /// Who writes one of these wants tokens; the others may come from a preset.
  private static final List<String> TELLING =
      List.of(
          "client-id",
          "tenant",
          "client-secret",
          "client-certificate",
          "client-key",
          "refresh-token");

  private static final List<String> OTHERS =
      List.of(
          "grant",
          "token-url",
          "device-url",
          "authorize-url",
          "scope",
          "token-authorities",
          "token-timeout");

  private static final Kind<String> URL =
      new Kind<>(
          "https URL",
          Kind.Form.QUOTED,
          (text, _) ->
              switch (OauthSettings.address(text.replace(TENANT, "tenant"))) {
                case Parsed.Good<URI> _ -> Parsed.good(text);
                case Parsed.Bad<URI>(String fault, String remedy) -> Parsed.bad(fault, remedy);
              });

  /// Reads what stands in `auth` beside `user`, `password` and `mechanism`; empty when nothing of
  /// it does: the account has a password then.
  static Optional<OauthGrant> read(Section in) {
    var written = Stream.concat(TELLING.stream(), OTHERS.stream());
    if (!in.reading().documenting() && written.noneMatch(in::has)) {
      // Accounts with passwords need not show them; but a word that is nearly one of them is told.
      TELLING.forEach(in::later);
      OTHERS.forEach(in::later);
      return Optional.empty();
    }
    Optional<String> tenant =
        in.optional(
            "tenant",
            Kinds.TEXT,
            Standard.none("none", "example.onmicrosoft.com"),
            """
            The directory at Microsoft: its ID or one of its domains. It stands for `{tenant}` in
            the URLs.
            """);
    Type type = type(in);
    Optional<String> clientId =
        in.optional(
            "client-id",
            Kinds.TEXT,
            Standard.none(
                "none; a login by tokens needs it", "11112222-3333-4444-5555-666677778888"),
            """
            What the token server knows this relay as: the application (client) ID at Microsoft, the
            OAuth client ID at Google, with `jwt-bearer` the address of the service account.
            """);
    Optional<Secret> secret =
        in.optional(
            "client-secret",
            in.secret(),
            Standard.none("none", "file:/etc/poststation/oauth.secret"),
            """
            Its secret. At Microsoft that is the value of the secret, not its ID.
            """);
    Optional<Path> certificate =
        in.optional(
            "client-certificate",
            in.file(),
            Standard.none("none", "/etc/poststation/oauth.pem"),
            """
            A PEM file with a certificate that the token server knows this relay by, in place of a
            secret: an assertion is signed with its key (RFC 7523).
            """);
    Optional<Path> key =
        in.optional(
            "client-key",
            in.file(),
            Standard.none("none", "/etc/poststation/oauth.key"),
            """
            A PEM file with the key of `client-certificate`. With `jwt-bearer`, the key of the
            service account: PEM, or the JSON file as Google gives it.
            """);
    Optional<String> tokenUrl = urls(in, "token-url", "token", "Where access tokens are given.");
    Optional<String> deviceUrl =
        urls(in, "device-url", "devicecode", "Where a login with a code begins (RFC 8628).");
    Optional<String> authorizeUrl =
        urls(in, "authorize-url", "authorize", "Where a login with a browser begins.");
    Optional<String> scope =
        in.optional(
            "scope",
            Kinds.TEXT,
            Standard.none("what the token server thinks, or the preset", "smtp offline_access"),
            """
            What a token shall allow; several words have spaces between them.
            """);
    Optional<Secret> refreshToken =
        in.optional(
            "refresh-token",
            in.secret(),
            Standard.none("the one that `poststation oauth login` got", "file:/run/refresh.token"),
            """
            A refresh token to begin with, where it was got elsewhere. Where the token server gives
            a new one with each use, the newest is kept in `data`, and this one is only looked at
            again when it is another.
            """);
    Optional<Path> authorities =
        in.optional(
            "token-authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/issuer-ca.pem"),
            """
            A PEM file with the authorities that vouch for the certificate of the token server, and
            no others do.
            """);
    CertificateFiles.check(in, "token-authorities", authorities.orElse(Path.of("?")));
    CertificateFiles.check(in, "client-certificate", certificate.orElse(Path.of("?")));
    CertificateFiles.check(in, "client-key", key.orElse(Path.of("?")));
    Duration timeout =
        in.read(
            "token-timeout",
            Kinds.duration("100 ms", "1 minute"),
            "10 s",
            """
            How long the token server may take to answer.
            """);
    if (in.reading().documenting()) {
      return Optional.empty();
    }
    boolean wanted = TELLING.stream().anyMatch(in::has);
    if (!wanted && (in.has("password") || !in.has("token-url"))) {
      return Optional.empty();
    }
    if (clientId.isEmpty() && !in.refused("client-id")) {
      in.error(
          "client-id",
          in.where() + " has no client-id",
          "write the ID under which the token server knows this relay");
    }
    checkProof(in, type, certificate.isPresent(), key.isPresent());
    var token = url(in, "token-url", tokenUrl, tenant);
    if (tokenUrl.isEmpty() && !in.refused("token-url")) {
      in.error(
          "token-url",
          in.where() + " has no token-url",
          "write where tokens are given, or preset = microsoft365 or google in the connector");
    }
    if (type == Type.DEVICE && deviceUrl.isEmpty()) {
      in.error(
          "grant",
          in.where() + " has grant = device and no device-url",
          "write device-url, or grant = refresh-token to log in with a browser");
    }
    var device = url(in, "device-url", deviceUrl, tenant);
    var authorize = url(in, "authorize-url", authorizeUrl, tenant);
    // Whatever is missing was told: nothing comes of such a configuration.
    return Optional.of(
        new OauthGrant(
            type,
            clientId.orElse("?"),
            secret.orElse(null),
            certificate.orElse(null),
            key.orElse(null),
            token.orElse(NOWHERE),
            device.orElse(null),
            authorize.orElse(null),
            scope.orElse(null),
            refreshToken.orElse(null),
            authorities.orElse(null),
            timeout,
            in.origin()));
  }

  private static Type type(Section in) {
    return in.read(
        "grant",
        Kinds.choice(Type.class),
        "client-credentials",
        """
        By what right tokens are given: `client-credentials`, that of this relay itself, by secret
        or certificate; `device` and `refresh-token`, that of somebody who logs in once with
        `poststation oauth login`, by a code that is typed in on any device or by a browser;
        `jwt-bearer`, that of a service account that speaks for the `user` (Google). A preset has
        its own default.
        """);
  }

  private static Optional<String> urls(Section in, String key, String last, String doc) {
    return in.optional(
        key, URL, Standard.none("none", "https://login.example.com/" + last), doc + "\n");
  }

  private static Optional<URI> url(
      Section in, String key, Optional<String> template, Optional<String> tenant) {
    if (template.isEmpty()) {
      return Optional.empty();
    }
    if (template.get().contains(TENANT) && tenant.isEmpty()) {
      if (key.equals("token-url") && !in.refused("tenant")) {
        in.error(
            "tenant",
            in.where() + " has no tenant, which is part of the URLs",
            "write the ID of your directory or one of its domains, for example tenant ="
                + " \"example.onmicrosoft.com\"");
      }
      return Optional.empty();
    }
    String full = template.get().replace(TENANT, tenant.orElse(""));
    return switch (OauthSettings.address(full)) {
      case Parsed.Good<URI>(URI address) -> Optional.of(address);
      case Parsed.Bad<URI> _ -> {
        in.error(
            "tenant",
            in.where() + ".tenant: " + Kind.quoted(tenant.orElse("")) + " does not fit into a URL",
            "write the ID of your directory or one of its domains");
        yield Optional.empty();
      }
    };
  }

  private static void checkProof(Section in, Type type, boolean certificate, boolean key) {
    if (certificate && !key) {
      in.error(
          "client-certificate",
          in.where() + " has a client-certificate without its client-key",
          "write client-key = \"FILE\"");
    } else if (type == Type.CLIENT_CREDENTIALS
        && !in.has("client-secret")
        && !in.has("client-certificate")) {
      in.error(
          "client-secret",
          in.where() + " has neither client-secret nor client-certificate",
          "write, for example, client-secret = \"file:/etc/poststation/oauth.secret\"");
    } else if (type == Type.JWT_BEARER && !key) {
      in.error(
          "client-key",
          in.where() + " has grant = jwt-bearer and no client-key",
          "name the key of the service account");
    } else if (key && !certificate && type != Type.JWT_BEARER) {
      in.error(
          "client-key",
          in.where() + " has a client-key without client-certificate",
          "write client-certificate = \"FILE\"");
    }
  }
}
