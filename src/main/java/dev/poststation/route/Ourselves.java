package dev.poststation.route;

import dev.poststation.config.Configuration;
import dev.poststation.config.ListenerSettings;
import dev.poststation.dns.DomainName;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who we are on the network, to notice that a way leads back to us (RFC 5321 5.1). Safe for any
/// thread.
///
/// A host is us when it has our name or one of our addresses, and we listen on the port that would
/// be called: another mail server on this machine is not us. Limits: a port or address that a
/// firewall translates to ours is not recognised; such a loop ends at the hop count.
public final class Ourselves {
  private static final Logger LOG = LoggerFactory.getLogger(Ourselves.class);
  private static final Duration BETWEEN_LOOKS = Duration.ofMinutes(1);

  private final Os os;
  private final String hostname;
  private final List<InetSocketAddress> listening;
  private volatile Seen local;

  /// A relay of that name, listening there; an unspecified address (`0.0.0.0`, `::`) means all of
  /// this machine.
  public Ourselves(String hostname, List<InetSocketAddress> listening, Os os) {
    this.os = os;
    this.hostname = DomainName.ascii(hostname).orElse(hostname);
    this.listening = List.copyOf(listening);
    this.local = new Seen(Set.of(), os.time().nanos() - BETWEEN_LOOKS.toNanos());
  }

  /// What the configuration says that we are.
  public static Ourselves of(Configuration configuration, Os os) {
    var bound = configuration.listeners().stream().map(ListenerSettings::bind).toList();
    return new Ourselves(configuration.hostname(), bound, os);
  }

  /// Whether we listen on this port at all; if not, no host is us.
  boolean listenOn(int port) {
    for (var bound : listening) {
      if (bound.getPort() == port) {
        return true;
      }
    }
    return false;
  }

  /// Whether a host of this name, called on this port, is us.
  ///
  /// @param host as [DomainName#ascii] spells it
  boolean isUs(String host, int port) {
    return host.equals(hostname) && listenOn(port);
  }

  /// Whether calling this address and port calls us.
  public boolean isUs(InetAddress address, int port) {
    for (var bound : listening) {
      if (bound.getPort() == port && reaches(address, bound.getAddress())) {
        return true;
      }
    }
    return false;
  }

  private boolean reaches(InetAddress address, InetAddress bound) {
    if (address.equals(bound)) {
      return true;
    }
    if (address.isAnyLocalAddress()) {
      return bound.isAnyLocalAddress()
          || bound.isLoopbackAddress(); // Calling 0.0.0.0 calls this machine.
    }
    // All of 127/8 is this machine, though an interface has only one address of it.
    return bound.isAnyLocalAddress()
        && (address.isLoopbackAddress() || localAddresses().contains(address));
  }

  private Set<InetAddress> localAddresses() {
    var seen = local;
    long now = os.time().nanos();
    if (now - seen.lookedAt < BETWEEN_LOOKS.toNanos()) {
      return seen.addresses;
    }
    try {
      var fresh = new Seen(os.network().localAddresses(), now);
      local = fresh;
      return fresh.addresses;
    } catch (IOException e) {
      LOG.warn("the addresses of this machine cannot be listed: {}", e.toString());
      return seen.addresses;
    }
  }

  private record Seen(Set<InetAddress> addresses, long lookedAt) {}
}
