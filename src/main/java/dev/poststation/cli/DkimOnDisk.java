package dev.poststation.cli;

import dev.poststation.config.Configuration;
import dev.poststation.config.DkimDomain;
import dev.poststation.dkim.DomainKeys;
import dev.poststation.dkim.Rotation;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.DomainName;
import dev.poststation.dns.Resolver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The keys of DKIM in the hands of a command: it works on the files, and a relay that runs takes
/// them over. Whatever hinders that is a [Failure] with the remedy. Confined to the main thread.
final class DkimOnDisk {
  private final Common common;
  private final Configuration configuration;
  private final Resolver resolver;

  DkimOnDisk(Common common) {
    this.common = common;
    this.configuration = common.configuration();
    this.resolver = new DnsResolver(configuration.dns(), common.os());
  }

  /// That of the relay's settings.
  Resolver resolver() {
    return resolver;
  }

  /// The domains to work on.
  ///
  /// @param named null: all
  List<DkimDomain> domains(@Nullable String named) {
    var all = List.copyOf(configuration.dkim().values());
    if (all.isEmpty()) {
      throw new Failure(
          Exit.WRONG,
          "The configuration has no dkim: write, for example, dkim { \""
              + (named == null ? "example.com" : Words.shown(named))
              + "\" { } }.");
    }
    if (named == null) {
      return all;
    }
    String name = DomainName.ascii(named).orElse(named);
    var found = all.stream().filter(each -> DomainKeys.nameOf(each).equals(name)).toList();
    if (found.isEmpty()) {
      var names = all.stream().map(DkimDomain::name).toList();
      throw new Failure(
          Exit.WRONG,
          "dkim of the configuration has no domain \""
              + Words.shown(named)
              + "\": it has "
              + String.join(", ", names.subList(0, Math.min(names.size(), 10)))
              + (names.size() > 10 ? ", and more." : "."));
    }
    return found;
  }

  /// The keys of a domain.
  DomainKeys keys(DkimDomain settings) {
    return DomainKeys.read(common.os().disk(), configuration.data(), settings);
  }

  /// What is done to the keys.
  @FunctionalInterface
  interface Change {
    Rotation.Outcome by(Rotation rotation) throws Rotation.RefusedException, IOException;
  }

  /// Changes keys; where nothing stands against it.
  Rotation.Outcome change(Change change) {
    Offline.refuseOthers(common.os(), configuration.data());
    try {
      return change.by(new Rotation(common.os(), configuration.data(), resolver));
    } catch (Rotation.RefusedException e) {
      throw new Failure(Exit.NO, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new Failure(Exit.NO, "The keys cannot be written: " + Words.why(e) + ".");
    }
  }

  /// Each domain, and what came of it.
  record Done(DkimDomain domain, Rotation.Outcome outcome) {}

  /// Does the next step of each.
  List<Done> rotate(List<DkimDomain> domains, boolean due, boolean unseen) {
    List<Done> all = new ArrayList<>();
    List<String> refused = new ArrayList<>();
    for (var domain : domains) {
      try {
        all.add(new Done(domain, change(rotation -> rotation.rotate(domain, due, unseen))));
      } catch (Failure e) {
        if (domains.size() == 1) {
          throw e;
        }
        refused.add(domain.name() + ": " + e.message()); // The others have their turn.
      }
    }
    refused.forEach(common.err()::println);
    failed = refused.isEmpty() ? Optional.empty() : Optional.of(refused.getFirst());
    return all;
  }

  private Optional<String> failed = Optional.empty();

  /// Whether a domain of several was refused, which was told.
  boolean failed() {
    return failed.isPresent();
  }
}
