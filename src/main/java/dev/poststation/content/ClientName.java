package dev.poststation.content;

import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.message.Envelope;
import dev.poststation.os.InTime;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;

/// The name of a client by the DNS, for services that judge by it. Safe for any thread.
///
/// @param resolver is asked
/// @param lookUps of which a few may be under way
record ClientName(Resolver resolver, Os os, LookUps lookUps) {
  /// More names than these nobody needs.
  private static final int NAMES_MAX = 5;

  /// What of the time of a service goes into it at most: whoever sends from an address decides how
  /// slowly its names are told.
  private static final int SHARE = 4;

  /// Look-ups under way, also those for which nobody waits any more: who decides how slowly names
  /// are told decides how long they are.
  static final int LOOKUPS_MAX = 500;

  /// The same for the clients of one network: a zone whose servers are silent takes few of them.
  static final int NETWORK_LOOKUPS_MAX = 10;

  ClientName(Resolver resolver, Os os) {
    this(resolver, os, new LookUps(LOOKUPS_MAX, NETWORK_LOOKUPS_MAX));
  }

  /// The name of its address, if that leads back to it; else, and for whoever has authenticated,
  /// nothing.
  ///
  /// @param atMost what the service may take; behind a part of that nobody waits for a name
  String of(Envelope.Source source, Duration atMost) {
    long end = os.time().nanos() + atMost.toNanos() / SHARE;
    if (source.address().isEmpty() || !source.user().isEmpty() || !isLeft(end)) {
      return "";
    }
    var address = InetAddress.ofLiteral(source.address());
    if (!lookUps.takeUntil(address, end, os.time())) {
      return "";
    }
    try {
      return InTime.ask(os, "client-name", end, () -> lookUp(address, end)).orElse("");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private String lookUp(InetAddress address, long end) {
    try {
      return found(address, end);
    } finally {
      lookUps.give(address);
    }
  }

  private String found(InetAddress address, long end) {
    if (resolver.names(address) instanceof Answer.Found<String>(List<String> names)) {
      for (String name : names.subList(0, Math.min(NAMES_MAX, names.size()))) {
        if (isLeft(end)
            && resolver.addresses(name)
                instanceof Answer.Found<InetAddress>(List<InetAddress> found)
            && found.contains(address)) {
          return name;
        }
      }
    }
    return "";
  }

  private boolean isLeft(long end) {
    return os.time().nanos() - end < 0;
  }
}
