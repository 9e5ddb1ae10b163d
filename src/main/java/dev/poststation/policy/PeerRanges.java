package dev.poststation.policy;

import dev.poststation.config.Cidr;
import dev.poststation.config.Peer;
import dev.poststation.config.Units;
import dev.poststation.os.Networks;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.store.Ledger;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From which networks the mail servers of providers come. Fetched every day while an entry of
/// `clients` asks for one; the last good set is kept in `data`, and before there is one, a set that
/// is built in holds. A set that is much wider than a provider's is not taken. Safe for any thread.
public final class PeerRanges implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerRanges.class);
  private static final String FILE = "peers.ranges";
  private static final int MOST = 100;

  /// They are fetched anew after that.
  static final Duration FRESH = Duration.ofDays(1);

  /// So often it is looked whether they are due.
  static final Duration LOOK = Duration.ofHours(1);

  /// Older ones are told of.
  private static final Duration OLD = Duration.ofDays(7);

  /// In networks that are no one's in the Internet and may lie within a network of a provider's
  /// size (RFC 1918, RFC 3927).
  private static final List<InetAddress> SMALL =
      List.of(InetAddress.ofLiteral("192.168.0.0"), InetAddress.ofLiteral("169.254.0.0"));

  private static final int NETWORKS_MAX = 500;
  private static final int BITS_LEAST_4 = 12;
  private static final int BITS_LEAST_6 = 32;

  /// Of IPv4, in all: a thousandth of the Internet.
  private static final BigInteger ADDRESSES_MAX = BigInteger.ONE.shiftLeft(22);

  /// As the providers published them by that day: Microsoft as endpoints of Exchange Online, number
  /// 10; Google in `_netblocks.google.com` and `_netblocks2.google.com`, for `_spf.google.com` does
  /// not include a third one any more.
  private static final Instant BUILT_IN_ON = Instant.parse("2026-08-14T00:00:00Z");

  private static final Map<Peer.Provider, String> BUILT_IN =
      Map.of(
          Peer.Provider.MICROSOFT365,
          "40.92.0.0/15 40.107.0.0/16 52.100.0.0/14 104.47.0.0/17"
              + " 2a01:111:f400::/48 2a01:111:f403::/48",
          Peer.Provider.GOOGLE,
          "35.190.247.0/24 64.233.160.0/19 66.102.0.0/20 66.249.80.0/20 72.14.192.0/18"
              + " 74.125.0.0/16 108.177.8.0/21 173.194.0.0/16 209.85.128.0/17 216.58.192.0/19"
              + " 216.239.32.0/19"
              + " 2001:4860:4000::/36 2404:6800:4000::/36 2607:f8b0:4000::/36 2800:3f0:4000::/36"
              + " 2a00:1450:4000::/36 2c0f:fb50:4000::/36");

  private final Os os;
  private final PeerSite site;
  private final @Nullable Ledger ledger;
  private final Time.Signal closing;
  private volatile boolean closed;

  // Guarded by this.
  private final Map<Peer.Provider, Known> known = new EnumMap<>(Peer.Provider.class);
  private final Set<Peer.Provider> wanted = EnumSet.noneOf(Peer.Provider.class);
  private boolean looking;

  /// What holds of a provider.
  ///
  /// @param at when it was fetched
  /// @param builtIn whether it never was
  /// @param problem why it could not be fetched anew when that was tried last; empty: it could
  public record Known(List<Cidr> networks, Instant at, boolean builtIn, String problem) {
    public Known {
      networks = List.copyOf(networks);
    }

    /// Which one an address is in; empty: none.
    public Optional<Cidr> of(InetAddress address) {
      return networks.stream().filter(each -> each.contains(address)).findFirst();
    }

    /// For people: of which day they are.
    public String age() {
      return (builtIn ? "built in, of " : "of ") + at.toString().substring(0, 10);
    }
  }

  /// Those that are built in, and never others.
  PeerRanges(Os os) {
    this(os, null, _ -> List.of());
  }

  /// @param data where they are kept; null: nowhere, and they are not fetched
  PeerRanges(Os os, @Nullable Path data, PeerSite site) {
    this.os = os;
    this.site = site;
    this.closing = os.time().signal();
    BUILT_IN.forEach(
        (provider, text) ->
            known.put(
                provider, new Known(parsed(List.of(text.split(" ", -1))), BUILT_IN_ON, true, "")));
    this.ledger = data == null ? null : new Ledger(os, data.resolve(FILE), this::lines);
    if (ledger != null) {
      ledger.read(MOST, this::readLine);
    }
  }

  /// @return whether it was understood
  private synchronized boolean readLine(String line) {
    String[] words = line.split(" ", -1);
    for (var provider : Peer.Provider.values()) {
      if (words.length > 2 && words[0].equals(provider.word())) {
        try {
          var networks = good(List.of(words).subList(2, words.length));
          known.put(provider, new Known(networks, Instant.parse(words[1]), false, ""));
          return true;
        } catch (IOException | DateTimeException _) {
          return false;
        }
      }
    }
    return false;
  }

  private synchronized List<String> lines() {
    List<String> lines = new ArrayList<>();
    known.forEach(
        (provider, now) -> {
          if (!now.builtIn) {
            var line = new StringBuilder(provider.word() + " " + now.at);
            now.networks.forEach(each -> line.append(' ').append(each));
            lines.add(line.toString());
          }
        });
    return lines;
  }

  /// What holds now of a provider.
  public synchronized Known of(Peer.Provider provider) {
    var now = known.get(provider);
    if (now == null) {
      throw new IllegalStateException("nothing is built in of " + provider);
    }
    return now;
  }

  /// An entry asks for this one: from now on it is kept in sync.
  synchronized void want(Peer.Provider provider) {
    wanted.add(provider);
    if (ledger != null && !looking && !closed) {
      looking = true;
      os.tasks().virtual("peer-ranges", this::run);
    }
  }

  private void run() {
    try {
      while (!closed) {
        look();
        closing.await(LOOK);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Fetches those that are due.
  void look() {
    for (var provider : wanted()) {
      var now = of(provider);
      if (!closed && (now.builtIn || !os.time().now().isBefore(now.at.plus(FRESH)))) {
        fetch(provider, now);
      }
    }
  }

  private synchronized List<Peer.Provider> wanted() {
    return List.copyOf(wanted);
  }

  private void fetch(Peer.Provider provider, Known before) {
    Known after;
    try {
      after = new Known(good(site.fetch(provider)), os.time().now(), false, "");
      if (!after.networks.equals(before.networks)) {
        LOG.info("{} has {} networks now", provider.word(), after.networks.size());
      }
    } catch (IOException | RuntimeException e) {
      after = new Known(before.networks, before.at, before.builtIn, String.valueOf(e.getMessage()));
      if (before.problem.isEmpty()) {
        LOG.warn(
            "The networks of {} cannot be fetched: {}; those {} hold",
            provider.word(),
            e.getMessage(),
            before.age());
      }
    }
    synchronized (this) {
      known.put(provider, after);
    }
    if (ledger != null && after.problem.isEmpty()) {
      ledger.changed();
    }
  }

  private static List<Cidr> parsed(List<String> texts) {
    return texts.stream().flatMap(text -> Cidr.parse(text).stream()).toList();
  }

  /// What a provider may have: whoever can change what we fetch shall not open the relay to the
  /// Internet.
  private static List<Cidr> good(List<String> texts) throws IOException {
    var networks = parsed(texts);
    if (networks.isEmpty() || networks.size() != texts.size() || networks.size() > NETWORKS_MAX) {
      throw new IOException("it is no list of networks");
    }
    var sum = BigInteger.ZERO;
    for (var network : networks) {
      boolean four = network.network().getAddress().length == 4;
      if (network.bits() < (four ? BITS_LEAST_4 : BITS_LEAST_6) || isElsewhere(network)) {
        throw new IOException(network + " is no network of a provider");
      }
      sum = four ? sum.add(BigInteger.ONE.shiftLeft(32 - network.bits())) : sum;
    }
    if (sum.compareTo(ADDRESSES_MAX) > 0) {
      throw new IOException("the networks are much of the Internet");
    }
    return networks;
  }

  /// Whether addresses of it are seen in no Internet: there clients of ours may be. Other networks
  /// of that kind are larger than one of a provider, so that its first address tells.
  private static boolean isElsewhere(Cidr network) {
    var first = network.network();
    return Networks.isPrivate(first)
        || first.isAnyLocalAddress()
        || first.isMulticastAddress()
        || SMALL.stream().anyMatch(network::contains);
  }

  /// What an administrator should know of them, a sentence each.
  public List<String> concerns() {
    List<String> concerns = new ArrayList<>();
    for (var provider : wanted()) {
      var now = of(provider);
      var age = Duration.between(now.at, os.time().now());
      if (!now.problem.isEmpty() && (now.builtIn || age.compareTo(OLD) > 0)) {
        concerns.add(
            "The networks of "
                + provider.word()
                + " are "
                + now.age()
                + " ("
                + Units.show(Duration.ofDays(age.toDays()))
                + " old) and cannot be fetched anew: "
                + now.problem);
      }
    }
    return concerns;
  }

  /// Writes what is left.
  @Override
  public void close() {
    closed = true;
    closing.raise();
    if (ledger != null) {
      ledger.close();
    }
  }
}
