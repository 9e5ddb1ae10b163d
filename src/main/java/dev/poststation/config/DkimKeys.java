package dev.poststation.config;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Pattern;

/// Reads `dkim`. Pure functions.
final class DkimKeys {
  /// Domains that there may be.
  private static final int MOST = 10_000;

  private static final Pattern SELECTOR =
      Pattern.compile(
          "[A-Za-z0-9](?:[A-Za-z0-9-]{0,48}[A-Za-z0-9])?(?:\\.[A-Za-z0-9-]{1,50}){0,2}");

  private static final Pattern FIELD = Pattern.compile("[!-9;-~]{1,70}");

  /// What changes on the way by rule (RFC 6376 5.4, RFC 8617), so that a signature would break.
  private static final Set<String> CHANGING =
      Set.of(
          "received",
          "return-path",
          "dkim-signature",
          "authentication-results",
          "arc-seal",
          "arc-message-signature",
          "arc-authentication-results",
          "bcc",
          "resent-bcc",
          "delivered-to");

  static final Kind<String> DOMAIN =
      new Kind<>(
          "domain",
          Kind.Form.QUOTED,
          (text, _) ->
              Names.isDomain(text) && text.contains(".")
                  ? Parsed.good(text)
                  : Parsed.bad("is no domain", "write one as in \"example.com\" { … }"));

  private static final Kind<String> SELECTOR_NAME =
      new Kind<>(
          "selector",
          Kind.Form.WORD,
          (text, _) ->
              SELECTOR.matcher(text).matches()
                  ? Parsed.good(text)
                  : Parsed.bad(
                      "is no selector", "use letters, digits and hyphens, at most 50 of them"));

  private static final Kind<String> FIELD_NAME =
      new Kind<>(
          "name of a header field",
          Kind.Form.QUOTED,
          (text, _) -> {
            if (!FIELD.matcher(text).matches()) {
              return Parsed.bad(
                  "is no name of a header field", "write one like \"X-Mailer\", without colon");
            }
            return CHANGING.contains(text.toLowerCase(Locale.ROOT))
                ? Parsed.bad("changes on the way, so that the signature would break", "remove it")
                : Parsed.good(text);
          });

  private static final Kind<String> WHOM =
      new Kind<>(
          "address pattern, or `any`",
          Kind.Form.QUOTED,
          (text, _) -> text.equals(DkimDomain.ANY) ? Parsed.good(text) : Names.pattern(text));

  /// How much white space counts, as OpenDKIM's users write it.
  private enum Form {
    RELAXED_RELAXED,
    RELAXED_SIMPLE,
    SIMPLE_RELAXED,
    SIMPLE_SIMPLE;

    String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '/');
    }
  }

  private static final Kind<Form> FORM =
      new Kind<>(
          "one of `relaxed/relaxed`, `relaxed/simple`, `simple/relaxed`, `simple/simple`",
          Kind.Form.QUOTED,
          (text, _) -> {
            for (Form form : Form.values()) {
              if (form.word().equals(text)) {
                return Parsed.good(form);
              }
            }
            return Parsed.bad(
                "is none of the words known here",
                "write header and body, as in \"relaxed/relaxed\"");
          });

  private DkimKeys() {}

  static SortedMap<String, DkimDomain> read(Section in) {
    SortedMap<String, DkimDomain> domains =
        in.sections(
            "dkim",
            "example.com",
            DOMAIN,
            "none; no mail is signed",
            """
            Domains whose mail is signed (DKIM, RFC 6376), by name. `poststation dkim` makes their
            keys and looks after them. See docs/manual/dkim.md.
            """,
            DkimKeys::domain);
    if (domains.size() > MOST) {
      in.error("dkim", "dkim has more than " + MOST + " domains", "remove those without mail");
    }
    return domains;
  }

  private static DkimDomain domain(Section in) {
    List<DkimDomain.Selector> selectors = selectors(in);
    List<DkimDomain.Algorithm> algorithms =
        in.list(
            "algorithms",
            Kinds.choice(DkimDomain.Algorithm.class),
            Standard.list(Kinds.choice(DkimDomain.Algorithm.class), "rsa-sha256", "ed25519-sha256"),
            """
            What a mail is signed by, and what keys are made for: by each of them once (RFC 8463).
            All verifiers know the first; those that do not know the second ignore it.
            """);
    if (algorithms.isEmpty() && in.has("algorithms") && !in.refused("algorithms")) {
      in.error("algorithms", in.path("algorithms") + " is empty", "write rsa-sha256");
    }
    int keySize =
        in.read(
            "key-size",
            Kinds.integer(2048, 4096),
            "2048",
            """
            Bits of new RSA keys. Verifiers must take 2048 (RFC 8301), and larger ones may be
            ignored; their records do not fit into every web form.
            """);
    boolean subdomains =
        in.read(
            "subdomains",
            Kinds.FLAG,
            "on",
            """
            Whether mail whose From is below the domain, as in `news.example.com`, is signed by it,
            too, unless a nearer domain stands here. To DMARC that counts, unless the subdomain
            says `adkim=s`.
            """);
    List<String> alsoFor =
        in.list(
            "also-for",
            WHOM,
            Standard.emptyList("nobody else", "@customer.example"),
            """
            Authors elsewhere whose mail it signs, too, as patterns; `any` means all. It says who
            has sent the mail; to DMARC it does not count.
            """);
    if (alsoFor.contains("all")) {
      in.warning(
          "also-for",
          in.path("also-for") + ": \"all\" is the domain with the name all",
          "write any for all authors");
    }
    Form form =
        in.read(
            "canonicalization",
            FORM,
            "relaxed/relaxed",
            """
            What white space counts, in header and body. With `simple`, mail does not survive
            relays that touch it.
            """);
    Optional<Duration> expires =
        in.optional(
            "expires",
            Kinds.duration("1 day", "365 days"),
            Standard.none("never", "14 days"),
            """
            After that a signature does not count any more (`x=`), which hinders those who send a
            mail of yours again and again. Longer than mail is under way.
            """);
    List<String> headers =
        in.list(
            "headers",
            FIELD_NAME,
            Standard.emptyList("the usual ones alone", "X-Mailer"),
            """
            Header fields that are signed besides the usual ones, if they are there.
            """);
    Optional<Duration> rotateAfter =
        in.optional(
            "rotate-after",
            Kinds.duration("1 day", "3650 days"),
            Standard.of(Kinds.duration("1 day", "3650 days"), "365 days"),
            """
            `status` tells of a key that has signed for longer, and `dkim rotate --due` makes the
            next one.
            """);
    Duration keep =
        in.read(
            "keep",
            Kinds.duration("1 day", "365 days"),
            "7 days",
            """
            How long a key stays published after it signed last: mail under way is verified by it.
            Longer than `queue.lifetime`.
            """);
    return new DkimDomain(
        in.name(),
        selectors,
        algorithms.stream().distinct().toList(),
        keySize,
        subdomains,
        alsoFor,
        form == Form.RELAXED_RELAXED || form == Form.RELAXED_SIMPLE,
        form == Form.RELAXED_RELAXED || form == Form.SIMPLE_RELAXED,
        expires.orElse(null),
        headers,
        rotateAfter.orElse(null),
        keep,
        in.origin());
  }

  private static List<DkimDomain.Selector> selectors(Section in) {
    List<DkimDomain.Selector> selectors =
        in.entries(
            "selectors",
            "name",
            "keys are named after the day on which they are made",
            """
            Names that keys get in turn, `[s1, s2]`, where the DNS has fixed ones (CNAME). And keys
            that another program has made, which sign until `dkim rotate` puts one of ours in their
            place.
            """,
            DkimKeys::selector);
    Set<String> seen = new HashSet<>();
    for (var selector : selectors) {
      if (!seen.add(selector.name().toLowerCase(Locale.ROOT)) && !selector.name().isEmpty()) {
        in.reading()
            .problems()
            .error(
                selector.origin(),
                in.path("selectors") + " has " + selector.name() + " twice",
                "a selector names one key: remove one of them");
      }
    }
    if (selectors.stream().filter(each -> each.key() == null).count() == 1) {
      in.warning(
          "selectors",
          in.path("selectors") + " has one name: the next key would have none",
          "write two, as in [s1, s2], or leave selectors out");
    }
    return selectors;
  }

  private static DkimDomain.Selector selector(Section in) {
    String name =
        in.required(
            "name",
            SELECTOR_NAME,
            "",
            "s1",
            """
            The selector: its record stands at `NAME._domainkey.DOMAIN`.
            """);
    Optional<Secret> key =
        in.optional(
            "key",
            in.secretLines(),
            Standard.none(
                "the name is for keys that are made here", "file:/etc/dkimkeys/mail.private"),
            """
            A private key that another program has made (OpenDKIM, rspamd, OpenSSL): RSA or
            Ed25519, PEM with PKCS #8 or PKCS #1. A file that others can read is refused.
            """);
    return new DkimDomain.Selector(name, key.orElse(null), in.origin());
  }
}
