package dev.poststation.config;

import dev.poststation.config.Rewriting.Place;
import dev.poststation.smtp.Organisation;
import java.net.IDN;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// The guard of DMARC (RFC 7489): warns where the configuration parts the sender in the envelope
/// from the author in From, or lets mail leave under another sender by one connector than by the
/// next. Confined to one thread.
///
/// It is for mail that came with both of one organisation; of other mail nothing can be seen here.
final class AlignmentCheck {
  private static final String LOST =
      ": where MAIL FROM and From are of different domains, DMARC counts nothing but a DKIM"
          + " signature";

  private final Section in;
  private final Configuration configuration;

  AlignmentCheck(Section in, Configuration configuration) {
    this.in = in;
    this.configuration = configuration;
  }

  void check() {
    if (!everyConnectorReplacesBoth()) {
      configuration.clients().forEach(this::checkClient);
      checkMaps();
      checkMasquerade();
    }
    configuration.routes().forEach(this::checkRoute);
  }

  /// Then it does not matter what was done before.
  private boolean everyConnectorReplacesBoth() {
    var sending =
        configuration.connectors().values().stream().filter(each -> each.type().sends()).toList();
    return !sending.isEmpty()
        && sending.stream()
            .map(Connector::replacing)
            .allMatch(
                each ->
                    each != null
                        && each.where() == SenderReplacement.Where.BOTH
                        && each.senders().isEmpty());
  }

  private void checkClient(ClientRule rule) {
    boolean senders = !rule.terms().senders().any();
    if (rule.terms().otherwise() == ClientTerms.Otherwise.REPLACE
        && senders == rule.terms().headerSenders().any()) {
      String one = senders ? "senders" : "header-senders";
      String other = senders ? "header-senders" : "senders";
      warning(
          rule.origin(),
          "client \""
              + rule.name()
              + "\" has otherwise = replace for "
              + one
              + ", and not for "
              + other
              + LOST,
          "write " + other + " too, with the same addresses");
    }
  }

  /// The first address of each entry that becomes another one in one of both places only.
  private void checkMaps() {
    List<Rewriting.Rule> rules = configuration.rewriting().rules();
    var senders = new DomainAfter(in, configuration.rewriting(), Place.SENDER);
    var authors = new DomainAfter(in, configuration.rewriting(), Place.HEADER_SENDER);
    for (int i = 0; i < rules.size(); i++) {
      Rewriting.Rule rule = rules.get(i);
      if (rule.in().contains(Place.SENDER) == rule.in().contains(Place.HEADER_SENDER)) {
        continue;
      }
      boolean envelope = rule.in().contains(Place.SENDER);
      for (AddressMapping each : senders.mappings(i)) {
        var parted = parted(senders, authors, each, clients(rule));
        if (parted.isPresent()) {
          String one = envelope ? parted.get().sender : parted.get().author;
          String other = envelope ? parted.get().author : parted.get().sender;
          warning(
              each.origin(),
              "rewrite["
                  + (i + 1)
                  + "] takes \""
                  + each.old()
                  + "\" to "
                  + one
                  + " in "
                  + (envelope ? Place.SENDER : Place.HEADER_SENDER).word()
                  + ", and "
                  + (envelope ? Place.HEADER_SENDER : Place.SENDER).word()
                  + " has "
                  + other
                  + " then"
                  + LOST,
              "write in = [sender, header-sender]");
          break;
        }
      }
    }
  }

  /// The domains of a mail after it came in.
  private record Domains(String sender, String author) {}

  private Optional<Domains> parted(
      DomainAfter senders, DomainAfter authors, AddressMapping mapping, Set<String> clients) {
    for (String client : clients) {
      var sender = senders.of(mapping.old(), client);
      var author = authors.of(mapping.old(), client);
      if (sender.isPresent()
          && author.isPresent()
          && !aligned(sender.get(), author.get())
          && !isSigned(author.get())) {
        return Optional.of(new Domains(sender.get(), author.get()));
      }
    }
    return Optional.empty();
  }

  /// Those between which entries of `rewrite` make a difference.
  private Set<String> clients(Rewriting.Rule rule) {
    if (!rule.client().isEmpty()) {
      return Set.copyOf(rule.client());
    }
    Set<String> clients = new HashSet<>();
    configuration.rewriting().rules().forEach(each -> clients.addAll(each.client()));
    configuration.clients().stream()
        .map(ClientRule::name)
        .filter(each -> !clients.contains(each))
        .findFirst()
        .ifPresent(clients::add);
    return clients;
  }

  private boolean isSigned(String author) {
    return configuration.content().stream()
            .anyMatch(rule -> rule.service() instanceof ContentService.DkimSign)
        && configuration.dkim().values().stream().anyMatch(each -> aligned(each.name(), author));
  }

  /// A host and the domain above it are of one organisation, which most domains ask for only.
  private void checkMasquerade() {
    var masquerade = configuration.rewriting().masquerade();
    if (masquerade == null
        || masquerade.in().contains(Place.SENDER)
            == masquerade.in().contains(Place.HEADER_SENDER)) {
      return;
    }
    boolean envelope = masquerade.in().contains(Place.SENDER);
    String one = (envelope ? Place.SENDER : Place.HEADER_SENDER).word();
    String other = (envelope ? Place.HEADER_SENDER : Place.SENDER).word();
    warning(
        masquerade.origin(),
        "masquerade.in has "
            + one
            + ", and not "
            + other
            + ": where a domain has aspf=s in its DMARC record, MAIL FROM of the domain and From of"
            + " a host below it count as different",
        "write in = [sender, header-sender]");
  }

  private void checkRoute(RouteRule route) {
    List<Via> ways = route.ways();
    for (Via way : ways) {
      Connector next = configuration.connectors().get(way.connector());
      if (next == null || !next.type().sends()) {
        return; // Mail goes no further.
      }
      if (!leavesAsItCame(next)) {
        continue;
      }
      Connector replaces = null;
      boolean shares = false;
      for (Via other : ways) {
        Connector one = configuration.connectors().get(other.connector());
        boolean equal = other.priority() == way.priority();
        boolean before = other.priority() < way.priority() && !route.fallback().isEmpty();
        if (one != null && (equal || before) && !one.equals(next) && replaces(one, route)) {
          replaces = one;
          shares = equal;
        }
      }
      if (replaces != null) {
        otherSender(route, replaces, next, shares);
      }
    }
  }

  private void otherSender(RouteRule route, Connector one, Connector next, boolean shares) {
    warning(
        route.origin(),
        "this route "
            + (shares ? "shares mail between " : "falls back from ")
            + one.name()
            + (shares ? " and " : " to ")
            + next.name()
            + ", which has no replace-sender: SPF and DMARC of each sender's own domain must then"
            + " allow mail from there",
        "give "
            + next.name()
            + " a replace-sender too, or the senders that "
            + one.name()
            + " replaces a route of their own");
  }

  private static boolean leavesAsItCame(Connector connector) {
    return connector.replacing() == null
        && (connector.type() == Connector.Type.SMARTHOST || connector.type() == Connector.Type.MX);
  }

  /// Whether it puts another organisation's sender in the place of one that the route is for.
  private static boolean replaces(Connector connector, RouteRule route) {
    SenderReplacement replacing = connector.replacing();
    if (replacing == null || !connector.type().sends()) {
      return false;
    }
    List<String> from = route.when().from();
    return from.isEmpty() || !from.stream().allMatch(each -> stays(each, connector, replacing));
  }

  private static boolean stays(String pattern, Connector connector, SenderReplacement replacing) {
    if (pattern.equals("<>") || replacing.senders().contains(pattern)) {
      return true;
    }
    Auth auth = connector.auth();
    List<Account> accounts = auth == null ? List.of() : auth.accounts();
    String domain = pattern.substring(pattern.startsWith(".") ? 1 : pattern.lastIndexOf('@') + 1);
    return replacing.by() != null
        ? aligned(domain, replacing.by().domain())
        : accounts.stream()
            .map(each -> replacing.by(each).orElse(null))
            .filter(Objects::nonNull)
            .allMatch(by -> aligned(domain, by.domain()));
  }

  private static boolean aligned(String domain, String other) {
    return organisation(domain).equals(organisation(other));
  }

  private static String organisation(String domain) {
    String name = domain.toLowerCase(Locale.ROOT);
    try {
      return Organisation.of(IDN.toASCII(name, IDN.ALLOW_UNASSIGNED));
    } catch (IllegalArgumentException _) {
      return Organisation.of(name); // It has a label that is too long, or an empty one.
    }
  }

  private void warning(Origin origin, String message, String remedy) {
    in.reading().problems().warning(origin, message, remedy);
  }
}
