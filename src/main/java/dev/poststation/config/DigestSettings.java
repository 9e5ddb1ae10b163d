package dev.poststation.config;

import dev.poststation.smtp.Address;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// `quarantine.digest`: recipients are told by mail what was kept from them. Immutable.
///
/// @param at the times of day when it is sent; none: `every`
/// @param every how often; null: `at`
/// @param recipients patterns of those who get one
/// @param services whose mail is shown: names of entries of `content`
/// @param actions what a recipient may do by a link
/// @param valid how long a link is good
/// @param bind where the page of the links is served
/// @param url where recipients reach that page, without a slash at its end; null: there are no
///   links
/// @param origin where it stands
public record DigestSettings(
    List<LocalTime> at,
    @Nullable Duration every,
    List<String> recipients,
    Set<String> services,
    Address from,
    String subject,
    Language language,
    List<Action> actions,
    Duration valid,
    InetSocketAddress bind,
    @Nullable String url,
    Origin origin) {
  /// Stands in the subject for the number of mails.
  public static final String COUNT = "{count}";

  private static final int PORT = 8026;
  private static final String BIND = "127.0.0.1:" + PORT;
  private static final int URL_MAX = 200;

  private static final Kind<LocalTime> TIME =
      new Kind<>("time of day", Kind.Form.QUOTED, (text, _) -> time(text));

  private static final Kind<String> URL =
      new Kind<>("URL", Kind.Form.QUOTED, (text, _) -> url(text));

  public DigestSettings {
    at = List.copyOf(at);
    recipients = List.copyOf(recipients);
    services = Set.copyOf(services);
    actions = List.copyOf(actions);
  }

  /// What a recipient may do about a mail.
  public enum Action {
    /// He gets it.
    RELEASE,
    /// It is deleted for him.
    DELETE,
    /// The service learns that it is good, and he gets it.
    GOOD;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  /// The languages that a digest can have.
  public enum Language {
    /// English.
    EN,
    /// German.
    DE
  }

  /// Whether there are links, and a page to serve.
  public boolean hasLinks() {
    return url != null && !actions.isEmpty();
  }

  /// The same where the page is, or is not, served as it was at the start.
  DigestSettings asStarted(@Nullable DigestSettings start) {
    return start == null || !start.hasLinks() ? with(bind, null) : with(start.bind, url);
  }

  private DigestSettings with(InetSocketAddress where, @Nullable String reached) {
    return new DigestSettings(
        at,
        every,
        recipients,
        services,
        from,
        subject,
        language,
        actions,
        valid,
        where,
        reached,
        origin);
  }

  private static Parsed<LocalTime> time(String text) {
    try {
      return Parsed.good(LocalTime.parse(text.strip()));
    } catch (DateTimeParseException _) {
      return Parsed.bad("is no time of day", "write it as in \"07:30\"");
    }
  }

  private static Parsed<String> url(String text) {
    String remedy = "write one like \"https://relay.example.com/quarantine\"";
    if (text.length() > URL_MAX || text.chars().anyMatch(c -> c <= ' ' || c > 126)) {
      return Parsed.bad("is no URL", remedy);
    }
    try {
      var uri = URI.create(text);
      boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
      return http
              && uri.getHost() != null
              && uri.getUserInfo() == null
              && uri.getQuery() == null
              && uri.getFragment() == null
          ? Parsed.good(text.replaceFirst("/+$", ""))
          : Parsed.bad("is no URL of a page", remedy);
    } catch (IllegalArgumentException _) {
      return Parsed.bad("is no URL", remedy);
    }
  }

  static Optional<DigestSettings> read(Section in, List<ContentRule> content, List<String> own) {
    return in.optionalSection(
        "digest",
        """
        Mail to recipients about what was kept from them since the last one, with links by which
        each lets his mail go on, or deletes it. When this is not written, nobody gets one. See
        docs/manual/quarantine.md#telling-the-recipients.
        """,
        section -> section(section, content, own));
  }

  private static DigestSettings section(Section in, List<ContentRule> content, List<String> own) {
    Optional<Duration> every =
        in.optional(
            "every",
            Kinds.duration("15 minutes", "31 days"),
            Standard.none("at the times of `at`", "4 hours"),
            """
            How often a digest is sent, instead of at times of day.
            """);
    List<LocalTime> at =
        in.list(
            "at",
            TIME,
            Standard.list(TIME, "07:00"),
            """
            The times of day when a digest is sent, by the clock of this machine. What was missed
            while the relay was down is made up for when it is back.
            """);
    if (every.isPresent() && in.has("at")) {
      in.warning("at", in.path("at") + " is of no effect with every", "remove one of them");
    }
    in.refuseEmpty("at", at, "write a time, or leave the key out");
    List<String> recipients = recipients(in, own);
    Set<String> services = services(in, content);
    Address from =
        in.required(
            "from",
            ClientKinds.ADDRESS,
            new Address("?", "invalid"),
            "quarantine@example.com",
            """
            From of a digest: an address that somebody reads. The sender in the envelope is the null
            one, so that nothing comes back.
            """);
    String subject =
        in.read(
            "subject",
            Kinds.TEXT,
            Standard.computed(
                "",
                "Kept from you: {count}",
                "`Kept from you: {count}`, in the language",
                "Spam kept from you: {count}"),
            """
            Subject of a digest, where `{count}` is the number of new mails.
            """);
    Language language =
        in.read(
            "language",
            Kinds.choice(Language.class),
            "en",
            """
            The language of digest and page: `en` or `de`.
            """);
    return links(
        in,
        new DigestSettings(
            every.isPresent() ? List.of() : at,
            every.orElse(null),
            recipients,
            services,
            from,
            subject,
            language,
            List.of(),
            Duration.ZERO,
            new InetSocketAddress(0),
            null,
            in.origin()),
        content.stream()
            .anyMatch(each -> services.contains(each.name()) && learns(each.service())));
  }

  private static boolean learns(ContentService service) {
    return switch (service) {
      case RspamdService rspamd -> !rspamd.learnAt().isEmpty();
      case SpamdService spamd -> spamd.learn();
      default -> false;
    };
  }

  private static List<String> recipients(Section in, List<String> own) {
    List<String> recipients =
        in.list(
            "for",
            Kinds.PATTERN,
            Standard.computed(own, "", "`own-domains`", "example.com"),
            """
            Who gets one: domains and addresses of yours, written as in `routes`. Whoever is not
            among them is told nothing, and no sender ever is.
            """);
    if (recipients.contains("<>")) {
      in.error("for", in.path("for") + ": <> is no recipient", "name your domains");
    }
    if (recipients.isEmpty() && !in.refused("for") && !in.reading().documenting()) {
      in.warning(
          "for",
          in.where() + " has no for, and there are no own-domains: nobody gets a digest",
          "write for = [\"YOUR.DOMAIN\"]");
    }
    return recipients;
  }

  private static Set<String> services(Section in, List<ContentRule> content) {
    var spam =
        content.stream()
            .filter(each -> each.service() instanceof RspamdService || isSpamd(each))
            .map(ContentRule::name)
            .toList();
    List<String> services =
        in.list(
            "services",
            Kinds.TEXT,
            Standard.computed(
                spam, "", "all with `use = rspamd` or `use = spamd`", "outbound-scan"),
            """
            Whose mail is shown: names of entries of `content`. What another one keeps besides is
            not shown. Malware scanners are not among them unless they are written: whoever releases
            what they found gets it.
            """);
    if (in.reading().documenting()) {
      return Set.of();
    }
    var names =
        content.stream().map(ContentRule::name).collect(Collectors.toCollection(TreeSet::new));
    for (String service : services) {
      if (!names.contains(service)) {
        in.error(
            "services",
            in.path("services") + ": there is no entry \"" + service + "\" in content",
            names.isEmpty() ? "content is empty" : "there are " + String.join(", ", names));
      }
    }
    if (services.isEmpty() && !in.refused("services")) {
      in.warning(
          "services",
          in.where()
              + " has no services, and content has neither rspamd nor spamd: no mail is shown",
          "write services = [NAME], or remove digest");
    }
    return Set.copyOf(services);
  }

  private static boolean isSpamd(ContentRule rule) {
    return rule.service() instanceof SpamdService;
  }

  /// @param learns whether any of its services does
  private static DigestSettings links(Section in, DigestSettings so, boolean learns) {
    List<Action> actions =
        in.list(
            "actions",
            Kinds.choice(Action.class),
            Standard.list(Kinds.choice(Action.class), "release", "delete"),
            """
            What a recipient may do by a link: `release` has the mail go on to him, `delete` deletes
            it for him, `good` has the service learn that it is good, too (`learn-at`, `learn`), and
            releases it.
            """);
    Duration valid =
        in.read(
            "valid",
            Kinds.duration("1 hour", "400 days"),
            "14 days",
            """
            How long a link is good, at most until the mail leaves the quarantine.
            """);
    Optional<String> url =
        in.optional(
            "url",
            URL,
            Standard.none("no links", "https://relay.example.com/quarantine"),
            """
            Where recipients reach the page of the links: what a proxy with TLS hands on to `bind`.
            Without it a digest has no links.
            """);
    InetSocketAddress bind =
        in.read(
            "bind",
            Kinds.local(PORT),
            BIND,
            """
            Where the page of the links is served, by HTTP without TLS: put a proxy with TLS in
            front. Nothing else is served there. Taken at the next start.
            """);
    if (!in.reading().documenting()) {
      warn(in, actions, url, bind);
      if (actions.contains(Action.GOOD) && !in.refused("services") && !learns) {
        in.warning(
            "actions",
            in.path("actions") + " has good, and none of its services learns",
            "write learn-at at rspamd, learn = on at spamd, or take it out");
      }
    }
    return new DigestSettings(
        so.at,
        so.every,
        so.recipients,
        so.services,
        so.from,
        so.subject,
        so.language,
        actions,
        valid,
        bind,
        url.orElse(null),
        so.origin);
  }

  private static void warn(
      Section in, List<Action> actions, Optional<String> url, InetSocketAddress bind) {
    if (url.isEmpty() && !actions.isEmpty() && !in.refused("url")) {
      in.warning(
          "url",
          in.where() + " has no url: recipients are told, and can do nothing themselves",
          "write url = \"https://HOST/quarantine\", or actions = []");
    }
    if (url.isPresent() && !url.get().startsWith("https:")) {
      in.warning(
          "url",
          in.path("url") + ": whoever sees the traffic can use the links",
          "write https:, and put a proxy with TLS in front");
    }
    if (url.isPresent() && !bind.getAddress().isLoopbackAddress()) {
      in.warning(
          "bind",
          in.path("bind") + ": the page, which speaks HTTP without TLS, can be reached from others",
          "write \"127.0.0.1:" + bind.getPort() + "\" and put a proxy with TLS in front");
    }
  }
}
