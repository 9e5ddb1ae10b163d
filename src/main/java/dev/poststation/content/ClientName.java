package dev.poststation.content;

import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.message.Envelope;
import dev.poststation.os.Time;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/// The name of a client by the DNS, for services that judge by it. Safe for any thread.
///
/// @param resolver is asked
record ClientName(Resolver resolver, Time time) {
  /// More names than these nobody needs.
  private static final int NAMES_MAX = 5;

  /// What of the time of a service goes into it at most: whoever sends from an address decides how
  /// slowly its names are told.
  private static final int SHARE = 4;

  /// The name of its address, if that leads back to it; else, and for whoever has authenticated,
  /// nothing.
  ///
  /// @param atMost what the service may take; behind a part of that nothing more is asked
  String of(Envelope.Source source, Duration atMost) {
    long end = time.nanos() + atMost.toNanos() / SHARE;
    if (source.address().isEmpty() || !source.user().isEmpty()) {
      return "";
    }
    var address = InetAddress.ofLiteral(source.address());
    if (isLeft(end)
        && resolver.names(address) instanceof Answer.Found<String>(List<String> names)) {
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
    return time.nanos() - end < 0;
  }
}
