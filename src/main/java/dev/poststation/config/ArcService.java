package dev.poststation.config;

import java.util.List;

/// Seals mail that goes on to somebody else (ARC, RFC 8617), with its settings. Immutable.
///
/// @param domain by whose key; one of `dkim`
public record ArcService(String domain) implements ContentService {
  static final List<String> KEYS = List.of("domain");

  static ArcService read(Section in) {
    return new ArcService(
        in.required(
            "domain",
            DkimKeys.DOMAIN,
            "example.com",
            "example.com",
            """
            Of `arc-seal`: the domain by whose key is sealed, the one of this relay rather than that of
            any author. It must stand in `dkim`.
            """));
  }

  @Override
  public Effect effect() {
    return Effect.SIGNS;
  }
}
