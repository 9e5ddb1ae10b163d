package dev.poststation.policy;

import dev.poststation.config.Cidr;
import dev.poststation.config.ClientConditions;
import dev.poststation.config.Gateways;
import dev.poststation.config.Hours;
import dev.poststation.config.Peer;
import dev.poststation.dns.DomainName;
import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import dev.poststation.sasl.UserNames;
import java.net.InetAddress;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.TextStyle;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Something that must hold for an entry of `clients` to match. Immutable; safe for any thread.
sealed interface Condition {
  /// How a condition stands.
  enum Standing {
    /// It holds.
    HOLDS,
    /// It does not hold now.
    FAILS,
    /// The DNS has not said yet.
    OPEN
  }

  /// More networks, users and the like are only counted.
  int NAMED_MOST = 5;

  /// Its key in the configuration.
  String key();

  /// How it stands. Never waits.
  Standing standing(Facts client);

  /// Waits until it is not open any more, where that takes a question to the DNS.
  default void await(Facts client, Duration atMost) {}

  /// Why it stands so: what it found, and what it wants.
  String why(Facts client);

  /// All of an entry, those that cost least first.
  static List<Condition> of(ClientConditions when, ClientMemory memory) {
    List<Condition> all = new ArrayList<>();
    if (!when.listeners().isEmpty()) {
      all.add(new OnListener(Set.copyOf(when.listeners())));
    }
    if (!when.zones().isEmpty()) {
      all.add(new InZone(Set.copyOf(when.zones())));
    }
    if (!when.networks().isEmpty()) {
      all.add(new FromNetwork(when.networks(), when.gateways()));
    }
    Peer peer = when.peer();
    if (peer != null) {
      memory.peers().want(peer.provider());
      all.add(new FromPeer(peer.provider(), memory.peers()));
    }
    LocalDate last = when.expires();
    if (last != null) {
      all.add(new NotExpired(last, memory.os().time()));
    }
    if (!when.hours().isEmpty()) {
      all.add(new Within(when.hours(), memory.os().time()));
    }
    if (when.tls()) {
      all.add(new Encrypted());
    }
    if (when.auth()) {
      all.add(new Authenticated());
    }
    if (!when.users().isEmpty()) {
      all.add(ByUser.of(when.users()));
    }
    if (!when.certificates().isEmpty()) {
      all.add(
          new ByCertificate(
              when.certificates().stream()
                  .map(each -> new CertificateCheck(each, memory.os().time()))
                  .toList()));
    }
    if (!when.hosts().isEmpty()) {
      all.add(new FromHost(when.hosts(), memory.addresses()));
    }
    if (!when.reverse().isEmpty()) {
      all.add(ByName.of(when.reverse(), memory.names()));
    }
    return List.copyOf(all);
  }

  private static Standing standing(boolean holds) {
    return holds ? Standing.HOLDS : Standing.FAILS;
  }

  /// `listeners`.
  record OnListener(Set<String> names) implements Condition {
    @Override
    public String key() {
      return "listeners";
    }

    @Override
    public Standing standing(Facts client) {
      return Condition.standing(names.contains(client.listener()));
    }

    @Override
    public String why(Facts client) {
      return client.listener().isEmpty()
          ? "no listener was named (--listener " + String.join(" or ", sorted(names)) + ")"
          : "it came to listener " + client.listener() + Condition.notTo(names, client.listener());
    }
  }

  /// `zone`.
  record InZone(Set<String> names) implements Condition {
    @Override
    public String key() {
      return "zone";
    }

    @Override
    public Standing standing(Facts client) {
      return Condition.standing(names.contains(client.zone()));
    }

    @Override
    public String why(Facts client) {
      if (client.listener().isEmpty()) {
        return "no listener was named (--listener)";
      }
      return client.zone().isEmpty()
          ? "its listener is in no zone" + Condition.notTo(names, "")
          : "its zone is " + client.zone() + Condition.notTo(names, client.zone());
    }
  }

  /// `networks`.
  record FromNetwork(List<Cidr> networks, Gateways gateways) implements Condition {
    @Override
    public String key() {
      return "networks";
    }

    @Override
    public Standing standing(Facts client) {
      for (int i = 0; i < networks.size(); i++) {
        if (networks.get(i).contains(client.address()) && !Clients.isUnknown(client.address())) {
          return hides(client) ? Standing.FAILS : Standing.HOLDS;
        }
      }
      return Standing.FAILS;
    }

    /// Whether it comes from where everybody seems to come from.
    boolean hides(Facts client) {
      return gateways.include(client.address());
    }

    @Override
    public String why(Facts client) {
      String address = IpText.of(client.address());
      if (Clients.isUnknown(client.address())) {
        return address + " stands for an address that is not known";
      }
      for (Cidr network : networks) {
        if (network.contains(client.address())) {
          return address
              + " is in "
              + network
              + (hides(client)
                  ? ", but is the "
                      + gateways.kind(client.address())
                      + ", from where everybody's connections may seem to come (trust-gateway)"
                  : "");
        }
      }
      return networks.size() == 1
          ? address + " is not in " + networks.getFirst()
          : address + " is in none of " + Condition.named(networks, "networks");
    }
  }

  /// `peer`.
  record FromPeer(Peer.Provider provider, PeerRanges ranges) implements Condition {
    @Override
    public String key() {
      return "peer";
    }

    @Override
    public Standing standing(Facts client) {
      return Condition.standing(ranges.of(provider).of(client.address()).isPresent());
    }

    @Override
    public String why(Facts client) {
      var known = ranges.of(provider);
      String address = IpText.of(client.address());
      String whose = " of " + provider.word() + " (" + known.age() + ")";
      return known
          .of(client.address())
          .map(network -> address + " is in " + network + whose)
          .orElse(address + " is in no network" + whose);
    }
  }

  /// `expires`.
  record NotExpired(LocalDate last, Time time) implements Condition {
    @Override
    public String key() {
      return "expires";
    }

    @Override
    public Standing standing(Facts client) {
      return Condition.standing(!client.local(time).toLocalDate().isAfter(last));
    }

    @Override
    public String why(Facts client) {
      var today = client.local(time).toLocalDate();
      return "its last day is " + last + (today.isAfter(last) ? ", and it is " + today : "");
    }
  }

  /// `hours`.
  record Within(List<Hours> hours, Time time) implements Condition {
    @Override
    public String key() {
      return "hours";
    }

    @Override
    public Standing standing(Facts client) {
      LocalDateTime now = client.local(time);
      return Condition.standing(hours.stream().anyMatch(some -> some.include(now)));
    }

    @Override
    public String why(Facts client) {
      LocalDateTime now = client.local(time);
      String day = now.getDayOfWeek().getDisplayName(TextStyle.SHORT, Locale.ENGLISH);
      String is = "it is " + day + " " + now.toLocalTime().truncatedTo(ChronoUnit.MINUTES);
      return hours.stream().anyMatch(some -> some.include(now))
          ? is
          : is + ", which is not in " + Condition.named(hours, "hours");
    }
  }

  /// `tls = required`.
  record Encrypted() implements Condition {
    @Override
    public String key() {
      return "tls";
    }

    @Override
    public Standing standing(Facts client) {
      return Condition.standing(client.tls() != null);
    }

    @Override
    public String why(Facts client) {
      return client.tls() == null ? "the session is not encrypted" : "the session is encrypted";
    }
  }

  /// `auth = required`.
  record Authenticated() implements Condition {
    @Override
    public String key() {
      return "auth";
    }

    @Override
    public Standing standing(Facts client) {
      return Condition.standing(client.user() != null);
    }

    @Override
    public String why(Facts client) {
      return Condition.login(client);
    }
  }

  /// `users`.
  ///
  /// @param names as they are written
  /// @param folded by which they are compared, as the stores of users do it
  record ByUser(Set<String> names, Set<String> folded) implements Condition {
    static ByUser of(Collection<String> names) {
      return new ByUser(
          Set.copyOf(names),
          names.stream().map(UserNames::folded).collect(Collectors.toUnmodifiableSet()));
    }

    @Override
    public String key() {
      return "users";
    }

    @Override
    public Standing standing(Facts client) {
      String user = client.user();
      return Condition.standing(
          user != null && (names.contains("*") || folded.contains(UserNames.folded(user))));
    }

    @Override
    public String why(Facts client) {
      String login = Condition.login(client);
      return client.user() == null || standing(client) == Standing.HOLDS
          ? login
          : login + ", who is none of " + Condition.named(sorted(names), "users");
    }
  }

  /// Few are named, of many it is said how many there are.
  private static String named(List<?> all, String what) {
    return all.size() > NAMED_MOST
        ? "its " + all.size() + " " + what
        : String.join(", ", all.stream().map(Object::toString).toList());
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  /// What it should have been; empty: it is.
  private static String notTo(Set<String> names, String is) {
    return names.contains(is) ? "" : ", not " + String.join(" or ", sorted(names));
  }

  private static String login(Facts client) {
    return client.user() == null
        ? "it has not authenticated"
        : "it authenticated as \"" + client.user() + "\"";
  }

  /// `certificates`.
  record ByCertificate(List<CertificateCheck> known) implements Condition {
    @Override
    public String key() {
      return "certificates";
    }

    @Override
    public Standing standing(Facts client) {
      return Condition.standing(
          client.certificate() != null && known.stream().anyMatch(each -> each.means(client)));
    }

    @Override
    public String why(Facts client) {
      if (client.certificate() == null) {
        return "it showed no certificate";
      }
      var tls = client.tls();
      String subject =
          tls == null || tls.peerChain().isEmpty()
              ? ""
              : " of " + tls.peerChain().getFirst().getSubjectX500Principal();
      String is = "its certificate is " + client.certificate() + subject;
      if (standing(client) == Standing.HOLDS) {
        return is;
      }
      return known.size() > NAMED_MOST
          ? is + ", which is none of its " + known.size() + " certificates"
          : is + ": " + String.join("; ", known.stream().map(each -> each.why(client)).toList());
    }
  }

  /// `host`.
  record FromHost(List<String> names, Remembered<String, Set<InetAddress>> addresses)
      implements Condition {
    @Override
    public String key() {
      return "host";
    }

    @Override
    public Standing standing(Facts client) {
      boolean open = false;
      for (String name : names) {
        Optional<Set<InetAddress>> known = addresses.now(name);
        if (known.isPresent() && known.get().contains(client.address())) {
          return Standing.HOLDS;
        }
        open |= known.isEmpty();
      }
      return open ? Standing.OPEN : Standing.FAILS;
    }

    @Override
    public void await(Facts client, Duration atMost) {
      Time time = addresses.time();
      long end = time.nanos() + atMost.toNanos();
      for (String name : names) {
        addresses.await(name, Duration.ofNanos(Math.max(1, end - time.nanos())));
      }
    }

    @Override
    public String why(Facts client) {
      List<String> all = new ArrayList<>();
      for (String name : names) {
        all.add(
            addresses
                .now(name)
                .map(known -> name + " has " + shown(known))
                .orElse("the DNS does not say now which addresses " + name + " has"));
      }
      return String.join(", ", all);
    }

    private static String shown(Set<InetAddress> known) {
      return known.isEmpty()
          ? "no address"
          : String.join(" and ", known.stream().map(IpText::of).sorted().toList());
    }
  }

  /// `reverse`.
  record ByName(Set<String> names, Remembered<InetAddress, Set<String>> found)
      implements Condition {
    static ByName of(List<String> patterns, Remembered<InetAddress, Set<String>> found) {
      Set<String> names = new HashSet<>();
      for (String pattern : patterns) {
        boolean below = pattern.startsWith(".");
        DomainName.ascii(below ? pattern.substring(1) : pattern)
            .ifPresent(name -> names.add(below ? "." + name : name));
      }
      return new ByName(Set.copyOf(names), found);
    }

    @Override
    public String key() {
      return "reverse";
    }

    @Override
    public Standing standing(Facts client) {
      Optional<Set<String>> known = found.now(client.address());
      if (known.isEmpty()) {
        return Standing.OPEN;
      }
      return Condition.standing(known.get().stream().anyMatch(this::means));
    }

    private boolean means(String name) {
      if (names.contains(name)) {
        return true;
      }
      for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        if (names.contains(name.substring(dot))) {
          return true;
        }
      }
      return false;
    }

    @Override
    public void await(Facts client, Duration atMost) {
      found.await(client.address(), atMost);
    }

    @Override
    public String why(Facts client) {
      return found
          .now(client.address())
          .map(
              known ->
                  known.isEmpty()
                      ? "its address has no name in the DNS that leads back to it"
                      : "its address is called "
                          + String.join(", ", sorted(known))
                          + (known.stream().anyMatch(this::means)
                              ? ""
                              : ", which is none of " + named(sorted(names), "names")))
          .orElse("the DNS does not say now what its address is called");
    }
  }
}
