package dev.poststation.content;

import dev.poststation.os.Networks;
import dev.poststation.os.Permits;
import dev.poststation.os.Time;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/// Look-ups of names of clients that are under way: so many in all, and so many for the clients of
/// one network, who decide how long theirs take. Safe for any thread.
final class LookUps {
  /// Who announces a network of IPv4 to the Internet has no smaller one.
  private static final long IPV4_HOST = 0xff;

  private final Permits all;
  private final int ofNetworkMost;
  private final Map<Long, Network> networks = new HashMap<>();

  /// A network whose clients have look-ups under way, or wait for one.
  private static final class Network {
    private final Permits turns;
    private int users;

    Network(int most) {
      this.turns = new Permits(most);
    }
  }

  /// @param most of all clients together
  /// @param ofNetworkMost of those in one /24 of IPv4, or one /64 of IPv6
  LookUps(int most, int ofNetworkMost) {
    this.all = new Permits(most);
    this.ofNetworkMost = ofNetworkMost;
  }

  /// Waits for a turn until the clock shows `nanos`. Who gets it gives it back.
  ///
  /// @return whether there was one
  boolean takeUntil(InetAddress client, long nanos, Time time) {
    long key = key(client);
    var network = enter(key);
    if (network.turns.takeUntil(nanos, time)) {
      if (all.takeUntil(nanos, time)) {
        return true;
      }
      network.turns.give();
    }
    leave(key, network);
    return false;
  }

  /// Gives one back.
  void give(InetAddress client) {
    long key = key(client);
    all.give();
    var network = taken(key);
    network.turns.give();
    leave(key, network);
  }

  private synchronized Network enter(long key) {
    var network = networks.computeIfAbsent(key, _ -> new Network(ofNetworkMost));
    network.users++;
    return network;
  }

  private synchronized Network taken(long key) {
    var network = networks.get(key);
    if (network == null) {
      throw new IllegalStateException("nobody of that network has a turn");
    }
    return network;
  }

  private synchronized void leave(long key, Network network) {
    if (--network.users == 0) {
      networks.remove(key);
    }
  }

  private static long key(InetAddress client) {
    long key = Networks.key(client);
    return client.getAddress().length == 4 ? key & ~IPV4_HOST : key;
  }
}
