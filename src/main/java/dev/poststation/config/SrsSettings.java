package dev.poststation.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// `srs`: how senders of forwarded mail are rewritten. Immutable.
///
/// @param domain where rewritten senders are: its mail comes back to this relay
/// @param secrets the first signs, all of them verify
/// @param keep how long a rewritten sender is put back
/// @param own patterns of senders that stay: their domains allow our addresses
/// @param origin where it stands
public record SrsSettings(
    String domain, List<Secret> secrets, Duration keep, List<String> own, Origin origin) {
  public SrsSettings {
    secrets = List.copyOf(secrets);
    own = List.copyOf(own);
  }

  static Optional<SrsSettings> read(Section in) {
    return in.optionalSection(
        "srs",
        """
        Senders of forwarded mail, rewritten so that SPF of their domains does not fail at the next
        hop, and notices find their way back (SRS): connectors with `srs = on` do so, and recipients
        at `domain` are put back. See docs/manual/rewriting.md.
        """,
        SrsSettings::section);
  }

  private static SrsSettings section(Section in) {
    String domain =
        in.required(
            "domain",
            Kinds.HOSTNAME,
            "?",
            "srs.example.com",
            """
            The domain of rewritten senders. Its mail must come back to this relay (MX), and its SPF
            must allow the addresses that the connectors send from.
            """);
    List<Secret> secrets =
        in.list(
            "secrets",
            in.secret(),
            Standard.emptyList("none; one must be written", "file:/etc/poststation/srs.secret"),
            """
            What rewritten senders are signed with, so that nobody can have mail sent on by making
            one up: `openssl rand -hex 32` makes a good one. The first signs, all of them verify: a
            new one is put in front, and the old one is taken away after `keep`.
            """);
    if (secrets.isEmpty() && !in.refused("secrets") && !in.reading().documenting()) {
      in.error(
          "secrets",
          in.where() + " has no secrets",
          "write, for example, secrets = [\"file:/etc/poststation/srs.secret\"]");
    }
    Duration keep =
        in.read(
            "keep",
            Kinds.duration("1 day", "900 days"),
            "21 days",
            """
            How long a rewritten sender is put back; then mail to it is refused with 550 5.1.1.
            Notices come within a week mostly, read receipts later.
            """);
    List<String> own =
        in.list(
            "own",
            Kinds.PATTERN,
            Standard.emptyList("none; every sender is rewritten", "@example.com"),
            """
            Senders that stay, for they are ours and SPF of their domains allows us: addresses and
            domains, written as in `routes`.
            """);
    if (own.isEmpty() && !in.refused("own") && !in.reading().documenting()) {
      in.warning(
          "own",
          in.where()
              + " has no own: the senders of the house are rewritten, too, and to DMARC nothing but"
              + " a DKIM signature vouches for them then",
          "write, for example, own = [\"@example.com\"]");
    }
    return new SrsSettings(domain, secrets, keep, own, in.origin());
  }
}
