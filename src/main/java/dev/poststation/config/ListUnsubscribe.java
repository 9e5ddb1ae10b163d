package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `use = list-unsubscribe`: the fields by which a recipient gets rid of bulk mail (RFC 2369 3.2,
/// RFC 8058). Immutable.
///
/// @param mailto whom he may write to; null: nobody
/// @param url what he may call, with [#TOKEN] in it; null: nothing
/// @param secrets the first makes tokens, all of them read them
public record ListUnsubscribe(@Nullable Address mailto, @Nullable String url, List<Secret> secrets)
    implements ContentService {
  /// Stands in the URL for what tells the recipient and the mail.
  public static final String TOKEN = "{token}";

  static final List<String> KEYS = List.of("mailto", "url", "secrets");

  private static final int URL_MAX = 300;

  private static final Kind<String> URL =
      new Kind<>("URL", Kind.Form.QUOTED, (text, _) -> url(text));

  public ListUnsubscribe {
    secrets = List.copyOf(secrets);
  }

  @Override
  public Effect effect() {
    return Effect.CHANGES;
  }

  private static Parsed<String> url(String text) {
    int token = text.indexOf(TOKEN);
    if (token < 0 || text.indexOf(TOKEN, token + 1) >= 0) {
      return Parsed.bad(
          "does not have " + TOKEN + " in it once",
          "write \"https://www.example.com/unsubscribe/" + TOKEN + "\"");
    }
    if (text.length() > URL_MAX || text.chars().anyMatch(c -> c <= ' ' || c > 126 || c == '>')) {
      return Parsed.bad("is no URL", "write printable ASCII, at most " + URL_MAX + " characters");
    }
    try {
      var uri = URI.create(text.replace(TOKEN, "x"));
      return "https".equals(uri.getScheme()) && uri.getHost() != null && uri.getFragment() == null
          ? Parsed.good(text)
          : Parsed.bad(
              "is no URL of HTTPS", "RFC 8058 wants https://HOST/…, and no part behind a #");
    } catch (IllegalArgumentException _) {
      return Parsed.bad("is no URL", "write \"https://www.example.com/unsubscribe/" + TOKEN + "\"");
    }
  }

  static ListUnsubscribe read(Section in) {
    Optional<Address> mailto =
        in.optional(
            "mailto",
            ClientKinds.ADDRESS,
            Standard.none("nobody", "unsubscribe@example.com"),
            """
            To whom a recipient writes who wants no more of it: the subject is `unsubscribe` and the
            token.
            """);
    Optional<String> url =
        in.optional(
            "url",
            URL,
            Standard.none("nothing", "https://www.example.com/unsubscribe/{token}"),
            """
            What his program calls (POST, one click, RFC 8058), where `{token}` is the token. For it
            there is `List-Unsubscribe-Post` as well.
            """);
    List<Secret> secrets =
        in.list(
            "secrets",
            in.secret(),
            Standard.emptyList(
                "none; one must be written", "file:/etc/poststation/unsubscribe.secret"),
            """
            What tokens are encrypted with, so that nobody can read one or make one up: `openssl rand
            -hex 32` makes a good one. The first makes tokens, all of them are tried by `poststation
            unsubscribe`: put a new one in front, and leave the old one as long as mail may be read.
            """);
    if (!in.reading().documenting()) {
      if (mailto.isEmpty() && url.isEmpty() && !in.refused("mailto") && !in.refused("url")) {
        in.error(
            "use",
            in.where() + " has neither mailto nor url",
            "write, for example, mailto = \"unsubscribe@example.com\"");
      }
      if (secrets.isEmpty() && !in.refused("secrets")) {
        in.error(
            "use",
            in.where() + " has no secrets",
            "write, for example, secrets = [\"file:/etc/poststation/unsubscribe.secret\"]");
      }
    }
    return new ListUnsubscribe(mailto.orElse(null), url.orElse(null), secrets);
  }
}
