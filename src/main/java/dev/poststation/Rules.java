package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.config.ContentService;
import dev.poststation.content.Kept;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Seals;
import dev.poststation.content.Services;
import dev.poststation.delivery.SevenBitEntity;
import dev.poststation.dkim.SigningDomains;
import dev.poststation.dns.Resolver;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.queue.Directions;
import dev.poststation.sts.Policies;
import dev.poststation.tls.Certificates;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a reload replaces as a whole. Immutable.
///
/// @param exchange whether some clients are servers of Exchange: each mail asks, and there may be
///   thousands of clients
record Rules(
    Configuration configuration,
    Policy policy,
    Certificates certificates,
    Directions directions,
    Pipeline services,
    boolean exchange) {
  private static final Logger LOG = LoggerFactory.getLogger(Rules.class);

  static Rules of(
      Configuration configuration,
      Certificates certificates,
      Resolver resolver,
      Policies policies,
      ClientMemory memory,
      Supplier<SigningDomains> signing,
      Supplier<Seals> seals,
      Kept kept,
      Consumer<Event> tell,
      Os os) {
    return new Rules(
        configuration,
        new Policy(configuration, memory),
        certificates,
        Ways.of(configuration, memory.directories(), resolver, policies, os),
        Services.of(
            configuration,
            resolver,
            memory.directories(),
            signing,
            seals,
            SevenBitEntity::of,
            kept,
            os,
            (service, up, reason) -> changed(service, up, reason, tell)),
        configuration.clients().stream().anyMatch(each -> !each.exchange().isEmpty()));
  }

  /// The same in the place of others.
  Rules after(Rules before) {
    services.follow(before.services);
    return this;
  }

  /// Whether mail is signed, and so our own notices are, too.
  boolean signs() {
    return configuration.content().stream()
        .anyMatch(rule -> rule.service() instanceof ContentService.DkimSign);
  }

  private static void changed(String service, boolean up, String reason, Consumer<Event> tell) {
    if (up) {
      LOG.info("Service {} of content is back: {}", service, reason);
    } else {
      LOG.warn("Service {} of content does not answer: {}", service, reason);
    }
    tell.accept(new Event.ServiceChanged(service, up, reason));
  }
}
