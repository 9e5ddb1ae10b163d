package dev.poststation.dns;

import dev.poststation.config.DnsSettings;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Whom to ask: the configured servers, or those of resolv.conf(5). One that did not answer is
/// asked last for a while, so that a dead first server does not slow every question down. With
/// `dnssec = trust` those of this machine only: what another one says of a bogus answer is that it
/// is unsigned. Safe for any thread.
final class NameServers {
  static final int PORT = 53;
  private static final Duration REST = Duration.ofSeconds(30);

  private final Os os;
  private final boolean hereOnly;
  private final List<InetSocketAddress> configured;
  private final WatchedFile<List<InetSocketAddress>> system;
  private final Map<InetSocketAddress, Long> restUntil = new ConcurrentHashMap<>();

  NameServers(DnsSettings settings, Os os, Path resolvConf) {
    this.os = os;
    this.hereOnly = settings.dnssec() == DnsSettings.Dnssec.TRUST;
    this.configured = settings.servers();
    this.system = new WatchedFile<>(os, resolvConf, NameServers::parse);
  }

  private List<InetSocketAddress> named() {
    return configured.isEmpty() ? system.value() : configured;
  }

  private boolean counts(InetSocketAddress server) {
    return !hereOnly || (server.getAddress() != null && server.getAddress().isLoopbackAddress());
  }

  /// Those that are named and not asked.
  List<InetSocketAddress> unheeded() {
    return named().stream().filter(server -> !counts(server)).toList();
  }

  /// In the order to ask.
  List<InetSocketAddress> inOrder() {
    var all = named().stream().filter(this::counts).toList();
    if (restUntil.isEmpty()) {
      return all;
    }
    long now = os.time().nanos();
    List<InetSocketAddress> order = new ArrayList<>(all.size());
    List<InetSocketAddress> resting = new ArrayList<>();
    for (var server : all) {
      Long until = restUntil.get(server);
      (until != null && until - now > 0 ? resting : order).add(server);
    }
    order.addAll(resting);
    return order;
  }

  /// It did not answer.
  void silent(InetSocketAddress server) {
    restUntil.put(server, os.time().nanos() + REST.toNanos());
  }

  /// It answered.
  void heard(InetSocketAddress server) {
    restUntil.remove(server);
  }

  /// The lines `nameserver ADDRESS`; without any, this machine (as resolv.conf(5) says).
  private static List<InetSocketAddress> parse(String text) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : (Iterable<String>) text.lines()::iterator) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length > 1 && words[0].equals("nameserver")) {
        NumericAddress.parse(words[1])
            .ifPresent(address -> servers.add(new InetSocketAddress(address, PORT)));
      }
    }
    if (servers.isEmpty()) {
      servers.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
    }
    return List.copyOf(servers);
  }
}
