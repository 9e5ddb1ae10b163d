package dev.poststation;

import dev.poststation.config.Configuration;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Services;
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

/// What a reload replaces as a whole. Immutable.
record Rules(
    Configuration configuration,
    Policy policy,
    Certificates certificates,
    Directions directions,
    Pipeline services) {

  static Rules of(
      Configuration configuration,
      Certificates certificates,
      Resolver resolver,
      Policies policies,
      ClientMemory memory,
      Supplier<SigningDomains> signing,
      Consumer<Event> tell,
      Os os) {
    return new Rules(
        configuration,
        new Policy(configuration, memory),
        certificates,
        Ways.of(configuration, memory.directories(), resolver, policies, os),
        Services.of(configuration, resolver, memory.directories(), signing, os, tell));
  }
}
