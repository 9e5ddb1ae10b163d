package dev.poststation.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `users.oauth`: who issues tokens by which users can log in.
///
/// @param issuer as it stands in the tokens
/// @param audience for whom a token must be: one of these
/// @param keys where the keys are; null: where the configuration of the issuer says
/// @param authorities who vouches for its certificate; null: those of the machine
/// @param userClaim in which claim the name of the user stands
/// @param scope what a token must allow; null: anything
/// @param timeout how long the issuer may take to answer
public record OauthSettings(
    String issuer,
    List<String> audience,
    @Nullable URI keys,
    @Nullable Path authorities,
    String userClaim,
    @Nullable String scope,
    Duration timeout,
    Origin origin) {
  private static final Kind<URI> ADDRESS =
      new Kind<>("https URL", Kind.Form.QUOTED, (text, _) -> address(text));

  /// The same, kept as it is written: tokens have it so, to the last slash.
  private static final Kind<String> ISSUER =
      new Kind<>(
          ADDRESS.name(),
          ADDRESS.form(),
          (text, _) ->
              switch (address(text)) {
                case Parsed.Good<URI> _ -> Parsed.good(text);
                case Parsed.Bad<URI>(String fault, String remedy) -> Parsed.bad(fault, remedy);
              });

  public OauthSettings {
    audience = List.copyOf(audience);
  }

  /// The same, as if it stood elsewhere in the configuration.
  public OauthSettings at(Origin place) {
    return new OauthSettings(issuer, audience, keys, authorities, userClaim, scope, timeout, place);
  }

  /// Where the issuer says of itself where its keys are (OpenID Connect Discovery 1.0, 4).
  public String configuration() {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    return base + "/.well-known/openid-configuration";
  }

  static OauthSettings read(Section in) {
    String issuer =
        in.required(
            "issuer",
            ISSUER,
            "https://?",
            "https://login.example.com",
            """
            Who issues the tokens, exactly as `iss` has it in them.
            """);
    List<String> audience = audience(in);
    Optional<URI> keys =
        in.optional(
            "jwks",
            ADDRESS,
            Standard.none(
                "what the issuer says at `/.well-known/openid-configuration`",
                "https://login.example.com/keys"),
            """
            Where the keys of the issuer are. They are fetched when the first token comes, anew
            every hour, and when a token names an unknown one, at most once a minute. While the
            issuer is down, those that are there are good for a day.
            """);
    Optional<Path> authorities =
        in.optional(
            "authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/issuer-ca.pem"),
            """
            A PEM file with the authorities that vouch for the certificate of the issuer, and no
            others do.
            """);
    CertificateFiles.check(in, "authorities", authorities.orElse(Path.of("?")));
    String userClaim =
        in.read(
            "user-claim",
            Kinds.TEXT,
            "email",
            """
            The claim that has the name of the user; a client that says a name must say this one.
            Only one that the issuer alone decides about: whoever can write there what he wants
            becomes whom he wants. With `email`, a token whose `email_verified` is false is refused.
            """);
    Optional<String> scope =
        in.optional(
            "scope",
            Kinds.TEXT,
            Standard.none("anything", "smtp"),
            """
            What a token must allow, in its claim `scope` or `scp`. Where tokens of the same
            audience are issued for other purposes, too, write it.
            """);
    Duration timeout =
        in.read(
            "timeout",
            Kinds.duration("100 ms", "1 minute"),
            "5 s",
            """
            How long the issuer may take to give its keys. When it does not and there are none, the
            client gets 454 4.7.0 and tries again later.
            """);
    return new OauthSettings(
        issuer,
        audience,
        keys.orElse(null),
        authorities.orElse(null),
        userClaim,
        scope.orElse(null),
        timeout,
        in.origin());
  }

  private static List<String> audience(Section in) {
    List<String> audience =
        in.list(
            "audience",
            Kinds.TEXT,
            Standard.emptyList("none; it must be written", "poststation"),
            """
            For whom the tokens are: `aud` must have one of these. It must be written, since a
            token that was given to another program would else do here, too.
            """);
    if (audience.isEmpty() && !in.refused("audience") && !in.reading().documenting()) {
      in.error(
          "audience",
          in.where() + " has no audience",
          "write what aud has in the tokens, for example audience = \"poststation\"");
    }
    return audience;
  }

  static Parsed<URI> address(String text) {
    String remedy = "write one like \"https://login.example.com\"";
    try {
      var address = new URI(text);
      if (!"https".equalsIgnoreCase(address.getScheme())) {
        return Parsed.bad("does not begin with https://", remedy);
      }
      return address.getHost() == null || address.getRawUserInfo() != null
          ? Parsed.bad("names no host", remedy)
          : Parsed.good(address);
    } catch (URISyntaxException _) {
      return Parsed.bad("is no URL", remedy);
    }
  }
}
