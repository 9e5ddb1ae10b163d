package dev.poststation.delivery;

import dev.poststation.config.Configuration;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.log.Event;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.smtp.PeerText;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks blocklists of the DNS (RFC 5782) every quarter of an hour whether they have addresses of
/// ours. A list that does not answer as one is not believed, nor what it said before; of one that
/// cannot be asked that counts for a day. Safe for any thread.
final class Blocklists implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Blocklists.class);
  static final Duration PERIOD = Duration.ofMinutes(15);

  /// An answer of the resolver's memory may be as old as this.
  private static final Duration FRESH = Duration.ofMinutes(1);

  /// What a list said last holds so long while it cannot be asked.
  private static final Duration REMEMBERED = Duration.ofDays(1);

  /// RFC 5782 5: the address that each list has, and the one that none has.
  private static final InetAddress LISTED_4 = InetAddress.ofLiteral("127.0.0.2");

  private static final InetAddress UNLISTED_4 = InetAddress.ofLiteral("127.0.0.1");

  private static final String UNLISTED = " does not list it any more";

  private final Os os;
  private final Consumer<Event> events;

  /// Raised when there is something new to ask, or nothing any more.
  private final Time.Signal wake;

  private volatile Map<String, List<InetAddress>> questions = Map.of();
  private volatile @Nullable Resolver resolver;
  private volatile boolean closed;

  /// By list: what is wrong with it.
  private final Map<String, String> faults = new ConcurrentHashMap<>();

  // Guarded by this.
  private final Map<InetAddress, Map<String, Listed>> all = new HashMap<>();
  private boolean asking;

  /// @param why what the list says
  /// @param said when it said so last
  /// @param pardoned whether an administrator wants it to be used all the same
  private record Listed(String why, Instant said, boolean pardoned) {}

  /// Why a list is not believed.
  ///
  /// @param silent whether it only cannot be asked now
  private record Fault(String why, boolean silent) {
    static Fault unasked(String reason) {
      return new Fault("it cannot be asked: " + reason, true);
    }

    static Fault of(String why) {
      return new Fault(why, false);
    }
  }

  Blocklists(Os os, Consumer<Event> events) {
    this.os = os;
    this.events = events;
    this.wake = os.time().signal();
  }

  /// From now on these are asked about the addresses of a configuration.
  void use(Configuration configuration, Resolver by) {
    Map<String, List<InetAddress>> wanted = new TreeMap<>();
    for (var connector : configuration.departing()) {
      for (String list : connector.egress().blocklists()) {
        var about = wanted.computeIfAbsent(list, _ -> new ArrayList<>());
        connector.egress().sources().stream()
            .map(each -> each.outside())
            .filter(each -> !about.contains(each))
            .forEach(about::add);
      }
    }
    boolean begin;
    boolean news;
    synchronized (this) {
      news = !wanted.equals(questions);
      resolver = by;
      questions = wanted;
      faults.keySet().retainAll(wanted.keySet());
      all.forEach((address, lists) -> lists.keySet().removeIf(list -> !asks(list, address)));
      begin = !wanted.isEmpty() && !asking && !closed;
      asking |= begin;
    }
    if (begin) {
      os.tasks().virtual("blocklists", this::run);
    } else if (news) {
      wake.raise();
    }
  }

  /// Whether a list is still asked about an address: what nobody asks any more nobody takes back.
  private boolean asks(String list, InetAddress address) {
    return questions.getOrDefault(list, List.of()).contains(address);
  }

  private void run() {
    try {
      while (!closed) {
        try {
          ask();
        } catch (RuntimeException e) {
          LOG.error("Our own fault while blocklists were asked; it goes on", e);
        }
        wake.await(PERIOD);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void ask() {
    var by = resolver;
    if (by == null) {
      return;
    }
    questions.forEach(
        (list, addresses) -> {
          var fault = fault(by, list);
          if (fault.isPresent()) {
            distrust(list, fault.get(), addresses);
            return;
          }
          faults.remove(list);
          for (var address : addresses) {
            if (!closed) {
              ask(by, list, address);
            }
          }
        });
  }

  /// Why a list is not believed; empty: it is.
  private static Optional<Fault> fault(Resolver by, String list) {
    return switch (by.addresses(name(LISTED_4, list), FRESH)) {
      case Answer.Failed<InetAddress>(var reason) -> Optional.of(Fault.unasked(reason));
      case Answer.NoName<InetAddress> _, Answer.NoRecord<InetAddress> _ ->
          Optional.of(
              Fault.of(
                  "it does not have 127.0.0.2, as every list does: is the name right, and may this"
                      + " resolver ask it?"));
      case Answer.Found<InetAddress>(var codes) when codes.stream().noneMatch(Blocklists::says) ->
          Optional.of(
              Fault.of(
                  "it answers "
                      + IpText.of(codes.getFirst())
                      + ", which means that it does not want to be asked by this resolver"));
      case Answer.Found<InetAddress> _ ->
          by.addresses(name(UNLISTED_4, list), FRESH) instanceof Answer.Found<InetAddress>
              ? Optional.of(Fault.of("it has 127.0.0.1, which no list has: it lists everything"))
              : Optional.empty();
    };
  }

  private void ask(Resolver by, String list, InetAddress address) {
    String name = name(address, list);
    switch (by.addresses(name, FRESH)) {
      case Answer.Failed<InetAddress>(var reason) ->
          distrust(list, Fault.unasked(reason), List.of(address));
      case Answer.NoName<InetAddress> _, Answer.NoRecord<InetAddress> _ ->
          gone(list, address, UNLISTED);
      case Answer.Found<InetAddress>(var codes) -> {
        var code = codes.stream().filter(Blocklists::says).findFirst();
        if (code.isEmpty()) {
          gone(list, address, UNLISTED);
        } else {
          found(list, address, IpText.of(code.get()) + reason(by, name));
        }
      }
    }
  }

  /// @param about the addresses of which it would have been asked
  private void distrust(String list, Fault fault, List<InetAddress> about) {
    synchronized (this) {
      if (questions.containsKey(list)) {
        faults.put(list, fault.why);
      }
    }
    for (var address : about) {
      if (!fault.silent || isOld(list, address)) {
        gone(list, address, " is not believed any more: " + fault.why);
      }
    }
  }

  private synchronized boolean isOld(String list, InetAddress address) {
    var listed = all.getOrDefault(address, Map.of()).get(list);
    return listed != null && os.time().now().isAfter(listed.said.plus(REMEMBERED));
  }

  private static String reason(Resolver by, String name) {
    return by.texts(name).answer() instanceof Answer.Found<String>(var texts)
        ? ": " + PeerText.of(texts.getFirst())
        : "";
  }

  /// RFC 5782 2.3: what a list says is within 127.0.0.0/8. The last network of it is how those of
  /// today say that they do not answer, and 127.0.0.1 what a broken resolver says.
  private static boolean says(InetAddress code) {
    byte[] octets = code.getAddress();
    return octets.length == 4
        && octets[0] == 127
        && !(octets[1] == -1 && octets[2] == -1)
        && !code.equals(UNLISTED_4);
  }

  private void found(String list, InetAddress address, String why) {
    boolean news;
    synchronized (this) {
      if (!asks(list, address)) {
        return; // Meanwhile the configuration has changed.
      }
      var lists = all.computeIfAbsent(address, _ -> new TreeMap<>());
      var before = lists.get(list);
      news = before == null;
      lists.put(list, new Listed(why, os.time().now(), before != null && before.pardoned));
    }
    if (news) {
      String text = "everywhere: " + list + " lists it (" + why + "); not used while it does";
      events.accept(new Event.SourceChanged(address, "listed", text));
    }
  }

  /// @param how why it counts no more, after the name of the list
  private void gone(String list, InetAddress address, String how) {
    boolean news;
    synchronized (this) {
      var lists = all.get(address);
      news = lists != null && lists.remove(list) != null;
    }
    if (news) {
      events.accept(new Event.SourceChanged(address, "returned", "everywhere: " + list + how));
    }
  }

  /// Which lists have an address, and what they say; those that an administrator disregards are
  /// left out.
  synchronized List<String> of(InetAddress address) {
    List<String> found = new ArrayList<>();
    all.getOrDefault(address, Map.of())
        .forEach(
            (list, listed) -> {
              if (!listed.pardoned) {
                found.add(list + " lists it (" + listed.why + ")");
              }
            });
    return found;
  }

  /// It is used though it is listed, until it is no more.
  ///
  /// @return whether it was listed
  synchronized boolean pardon(InetAddress address) {
    var lists = all.getOrDefault(address, new TreeMap<>());
    boolean some = lists.values().stream().anyMatch(each -> !each.pardoned);
    lists.replaceAll((_, listed) -> new Listed(listed.why, listed.said, true));
    return some;
  }

  /// What is wrong with the lists themselves, one sentence each.
  List<String> concerns() {
    List<String> concerns = new ArrayList<>();
    new TreeMap<>(faults)
        .forEach(
            (list, fault) ->
                concerns.add(
                    "Blocklist "
                        + list
                        + " is not believed: "
                        + fault
                        + "; remove it from blocklists if that stays so"));
    return concerns;
  }

  /// RFC 5782 2.1, 2.4: the octets of an address, or the hexadecimal digits, in reverse.
  static String name(InetAddress address, String list) {
    byte[] octets = address.getAddress();
    var name = new StringBuilder();
    for (int i = octets.length - 1; i >= 0; i--) {
      int octet = octets[i] & 0xff;
      if (octets.length == 4) {
        name.append(octet).append('.');
      } else {
        name.append(Integer.toHexString(octet & 0xf))
            .append('.')
            .append(Integer.toHexString(octet >> 4))
            .append('.');
      }
    }
    return name + list;
  }

  /// Asks nobody any more.
  @Override
  public void close() {
    closed = true;
    wake.raise();
  }
}
