package dev.poststation.config;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Tells of entries of `clients` that undo what one before them asks for: an entry that does not
/// match leaves the decision to those behind it, so that `users`, `certificates`, `tls` and `hours`
/// bind nobody whom one of these lets in without, and grants as much. Pure functions.
final class LooserEntries {
  private LooserEntries() {}

  /// An entry that is for whoever comes from its networks.
  private record Loose(ClientRule rule, AddressSet four, AddressSet six) {
    /// Null: it asks for more than that.
    static @Nullable Loose of(ClientRule rule, Predicate<ClientRule> isOver) {
      var when = rule.when();
      boolean anybody =
          !when.proveSomebody()
              && when.peer() == null
              && when.listeners().isEmpty()
              && when.zones().isEmpty()
              && !isOver.test(rule);
      return anybody
          ? new Loose(
              rule,
              new AddressSet(4).with(rule.networks()),
              new AddressSet(16).with(rule.networks()))
          : null;
    }

    boolean covers(ClientRule other) {
      return other.networks().stream().allMatch(each -> four.covers(each) || six.covers(each));
    }
  }

  /// @param isOver whether the last day of an entry is over
  static void tell(List<ClientRule> rules, Predicate<ClientRule> isOver, Problems problems) {
    List<Loose> behind = new ArrayList<>();
    for (var strict : rules.reversed()) {
      if (!strict.networks().isEmpty() && !isOver.test(strict)) {
        behind.reversed().stream()
            .filter(loose -> !how(strict.when(), loose.rule.when()).isEmpty())
            .filter(loose -> grants(loose.rule, strict))
            .filter(loose -> loose.covers(strict))
            .findFirst()
            .ifPresent(loose -> tell(strict, loose.rule, problems));
      }
      var loose = Loose.of(strict, isOver);
      if (loose != null) {
        behind.add(loose);
      }
    }
  }

  private static void tell(ClientRule strict, ClientRule loose, Problems problems) {
    problems.warning(
        loose.origin(),
        "client \""
            + loose.name()
            + "\" lets the clients of client \""
            + strict.name()
            + "\" in "
            + how(strict.when(), loose.when())
            + ", too, though that one ("
            + strict.origin()
            + ") does not",
        "write the same in it, networks without theirs, or terms of its own, as recipients or"
            + " rate");
  }

  /// Whether it grants the same, or that without its limits: where it grants something else, for
  /// whom the other one is not is meant to have that.
  private static boolean grants(ClientRule loose, ClientRule strict) {
    var terms = strict.terms();
    return (loose.terms().equals(terms) || loose.terms().equals(terms.withoutLimits()))
        && (loose.profile() == strict.profile() || loose.profile() == ClientRule.Profile.OFF)
        && loose.precedence().equals(strict.precedence())
        && loose.exchange().equals(strict.exchange())
        && loose.zone().equals(strict.zone());
  }

  /// When or how it lets in whom the other one does not; empty: it asks for as much.
  private static String how(ClientConditions strict, ClientConditions loose) {
    List<String> all = new ArrayList<>(4);
    if (strict.asksForLogin()) {
      all.add("without a login");
    }
    if (!strict.certificates().isEmpty()) {
      all.add("without a certificate");
    }
    if (!strict.hours().isEmpty() && loose.hours().isEmpty()) {
      all.add("at other hours");
    }
    if (strict.tls() && !loose.tls()) {
      all.add("without TLS");
    }
    return String.join(" and ", all);
  }
}
