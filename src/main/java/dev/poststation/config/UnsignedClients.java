package dev.poststation.config;

import dev.poststation.config.ContentConditions.Direction;
import java.util.List;
import java.util.Set;

/// Tells of entries of `clients` whose mail is not signed, though a service that signs is meant for
/// it: it counts as from outside (see [ClientTerms#answerForAuthors]). Pure functions.
final class UnsignedClients {
  private UnsignedClients() {}

  static void tell(Configuration configuration, Problems problems) {
    for (ClientRule rule : configuration.clients()) {
      List<ContentRule> signing =
          configuration.content().stream().filter(each -> isFor(each, rule)).toList();
      if (isOutside(rule) && !signing.isEmpty()) {
        boolean refused = signing.stream().anyMatch(UnsignedClients::mustSign);
        problems.warning(
            rule.origin(),
            "client \""
                + rule.name()
                + "\" may write only to its recipients, and nobody looks at its From: what it sends"
                + " is not signed by "
                + String.join(", ", signing.stream().map(ContentRule::name).toList())
                + (refused ? ", and refused (550) where it must be" : ""),
            "write header-senders in it; or, if this is mail from outside, for { client = [the"
                + " others] } there");
      }
    }
  }

  /// Whether its mail counts as from outside, and that is not plain: what has all the world as its
  /// networks is mail from the Internet. Who has written `header-senders` knows of it.
  private static boolean isOutside(ClientRule rule) {
    return !rule.terms().answerForAuthors()
        && rule.terms().headerSenders().any()
        && !rule.when().asksForLogin()
        && rule.networks().stream().noneMatch(RelayCheck::isWide);
  }

  private static boolean isFor(ContentRule service, ClientRule rule) {
    var mail = service.when().mail();
    return isSigning(service.service())
        && mail.isFor(rule.name())
        && mail.user().isEmpty()
        && meet(mail.listener(), rule.when().listeners())
        && !(service.when().direction().equals(Set.of(Direction.OUTBOUND))
            && service.when().own().containsAll(rule.terms().recipients()));
  }

  private static boolean isSigning(ContentService service) {
    return service instanceof ContentService.DkimSign || service instanceof SealService.Signs;
  }

  private static boolean mustSign(ContentRule rule) {
    return rule.service() instanceof SealService.Signs it && it.wish().must();
  }

  /// Whether both may hold; empty: whatever it is.
  private static boolean meet(List<String> some, List<String> others) {
    return some.isEmpty() || others.isEmpty() || some.stream().anyMatch(others::contains);
  }
}
