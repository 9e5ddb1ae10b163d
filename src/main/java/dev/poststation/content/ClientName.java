package dev.poststation.content;

import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.message.Envelope;
import java.net.InetAddress;
import java.util.List;

/// The name of a client by the DNS, for services that judge by it. Safe for any thread.
///
/// @param resolver is asked
record ClientName(Resolver resolver) {
  /// More names than these nobody needs.
  private static final int NAMES_MAX = 5;

  /// The name of its address, if that leads back to it; else, and for whoever has authenticated,
  /// nothing.
  String of(Envelope.Source source) {
    if (source.address().isEmpty() || !source.user().isEmpty()) {
      return "";
    }
    var address = InetAddress.ofLiteral(source.address());
    if (resolver.names(address) instanceof Answer.Found<String>(List<String> names)) {
      for (String name : names.subList(0, Math.min(NAMES_MAX, names.size()))) {
        if (resolver.addresses(name) instanceof Answer.Found<InetAddress>(List<InetAddress> found)
            && found.contains(address)) {
          return name;
        }
      }
    }
    return "";
  }
}
