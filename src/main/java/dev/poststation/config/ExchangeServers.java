package dev.poststation.config;

import java.util.List;
import java.util.Set;

/// Entries of `clients` for servers of an Exchange organisation: what is read of them, and whether
/// nobody else can be taken for one. Pure functions.
final class ExchangeServers {
  private static final Set<String> NO_DOMAINS = Set.of("any", "<>", "on", "off");

  private static final Kind<String> PATTERN =
      new Kind<>(
          "address pattern",
          Kind.Form.WORD,
          (text, _) ->
              NO_DOMAINS.contains(text)
                  ? Parsed.bad("is no domain of an organisation", "write its domains")
                  : Names.pattern(text));

  /// Of networks that one house has for its mail servers.
  private static final int BITS_LEAST_4 = 24;

  private static final int BITS_LEAST_6 = 64;

  private ExchangeServers() {}

  static List<String> read(Section in) {
    List<String> words =
        in.list(
            "exchange",
            PATTERN,
            Standard.emptyList(
                "its clients are no servers of Exchange",
                "example.com",
                "example.mail.onmicrosoft.com"),
            """
            The clients of the entry are servers of an Exchange organisation, which has these domains.
            Mail from one of its servers to another, which is to these domains alone and has what
            Exchange writes for itself, is left alone: neither `rewrite`, `masquerade`, `srs` and
            `replace-sender` nor `add-missing-headers` change it, and no service of `content` sees it,
            be it a scanner or an archive. What comes from the same side to the
            same recipient again is refused as a loop. From everybody else's mail the fields
            X-MS-Exchange-Organization-…, X-MS-Exchange-CrossPremises-… and X-MS-Exchange-Forest-… are
            removed, as soon as one entry has this key. See docs/manual/exchange.md.
            """);
    in.refuseEmpty("exchange", words, "write its domains, or remove it");
    return words;
  }

  static void check(Problems problems, ClientRule rule) {
    if (rule.exchange().isEmpty()) {
      return;
    }
    String name = "client \"" + rule.name() + "\"";
    Peer peer = rule.when().peer();
    if (peer != null && peer.tenant().isEmpty()) {
      problems.error(
          rule.origin(),
          name + " has exchange, and does not say of which tenant: others could write the same",
          peer.provider() == Peer.Provider.MICROSOFT365
              ? "write tenant = \"…\""
              : "remove exchange: " + peer.provider().word() + " has no Exchange");
    }
    if (rule.terms().otherwise() == ClientTerms.Otherwise.REPLACE) {
      problems.error(
          rule.origin(),
          name + " has exchange, which leaves senders as they are, and otherwise = replace",
          "remove one of them");
    }
    if (peer == null && !rule.when().proveSomebody()) {
      rule.networks().stream()
          .filter(ExchangeServers::isWide)
          .findFirst()
          .ifPresent(
              network ->
                  problems.warning(
                      rule.origin(),
                      name + " takes every machine of " + network + " for a server of Exchange",
                      "write the addresses of the servers"));
    }
  }

  /// What Exchange passes on within the house nobody looks at here.
  static void checkContent(Configuration configuration, Problems problems) {
    for (ClientRule rule : configuration.clients()) {
      List<String> blind =
          configuration.content().stream()
              .filter(each -> isToSeeAll(each.service()) && each.when().mail().isFor(rule.name()))
              .map(ContentRule::name)
              .toList();
      if (!rule.exchange().isEmpty() && !blind.isEmpty()) {
        problems.warning(
            rule.origin(),
            "client \""
                + rule.name()
                + "\" has exchange: mail from one server of Exchange to another, which may be of"
                + " strangers, passes by "
                + String.join(", ", blind),
            "have Exchange look at it and keep it, and write for { client = [the others] } there");
        return; // Once.
      }
    }
  }

  /// Whether it looks for what is unwanted, or keeps what there was.
  private static boolean isToSeeAll(ContentService service) {
    return switch (service) {
      case MilterService it -> it.effect() != ContentService.Effect.SIGNS;
      case ContentService.Clamav _,
          RspamdService _,
          SpamdService _,
          IcapService _,
          AttachmentsService _,
          ArchiveService _,
          JournalService _,
          MaildirService _,
          MboxService _,
          S3Service _ ->
          true;
      case ListUnsubscribe _,
          ContentService.HeaderEdits _,
          SealService _,
          ContentService.DkimSign _,
          ArcService _,
          ContentService.Remember _,
          MirrorService _,
          DisclaimerService _ ->
          false;
    };
  }

  private static boolean isWide(Cidr network) {
    int least = network.network().getAddress().length == 4 ? BITS_LEAST_4 : BITS_LEAST_6;
    return network.bits() < least;
  }
}
