package dev.poststation.content;

import dev.poststation.conditions.Matching;
import dev.poststation.config.Configuration;
import dev.poststation.config.ContentRule;
import dev.poststation.config.ContentService;
import dev.poststation.config.Zones;
import dev.poststation.dns.Resolver;
import dev.poststation.ldap.Directories;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/// Makes the services of a configuration. A pure function but for what the services do later.
public final class Services {
  private Services() {}

  /// The pipeline of a configuration.
  ///
  /// @param tell is told when a service goes down or is back
  public static Pipeline of(
      Configuration configuration,
      Resolver resolver,
      Directories directories,
      Os os,
      Consumer<Event> tell) {
    var zones = new Zones(configuration.clients(), configuration.listeners());
    List<Step> steps = new ArrayList<>(configuration.content().size());
    for (ContentRule rule : configuration.content()) {
      steps.add(
          new Step(
              rule,
              new Matching(rule.when(), zones, directories),
              service(rule.service(), resolver, os),
              new Breaker(rule.retryAfter())));
    }
    return new Pipeline(
        steps,
        os.time(),
        (service, up, reason) -> tell.accept(new Event.ServiceChanged(service, up, reason)));
  }

  private static Service service(ContentService settings, Resolver resolver, Os os) {
    return switch (settings) {
      case ContentService.Clamav clamav -> new Clamav(clamav, resolver, os);
      case ContentService.HeaderEdits edits -> new HeaderEditing(edits);
    };
  }
}
