package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Configuration;
import dev.poststation.dns.DomainName;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.ldap.Directories;
import dev.poststation.log.Event;
import dev.poststation.message.Witness;
import dev.poststation.os.Os;
import dev.poststation.profile.Profiles;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What is remembered of clients over reloads: their names and addresses, how much of their rates
/// they used, and their sessions. Safe for any thread.
public final class ClientMemory implements AutoCloseable {
  /// Names of one address that are looked at.
  private static final int NAMES_MAX = 5;

  /// Names stand in the configuration, which bounds them; addresses are whoever comes.
  private static final int HOSTS_MAX = 10_000;

  private static final int ADDRESSES_MAX = 10_000;

  private final Resolver resolver;
  private final Os os;
  private final Remembered<String, Set<InetAddress>> addresses;
  private final Remembered<InetAddress, Set<String>> names;
  private final Function<String, Optional<List<String>>> own;
  private final OwnAddresses ownAddresses = new OwnAddresses();
  private final Profiles profiles;
  private final Rates rates;
  private final @Nullable Outbreaks outbreaks;
  private final @Nullable Suppression suppression;
  private final ClientUse uses;
  private final Occupancy sessions = new Occupancy();
  private final Directories directories;
  private final PeerRanges peers;

  /// One that knows nothing yet, where users have no addresses but their names.
  public ClientMemory(Resolver resolver, Os os) {
    this(resolver, os, _ -> Optional.of(List.of()));
  }

  /// One that knows nothing yet, and keeps nothing.
  ///
  /// @param own the addresses of a user, as `user@domain` or `@domain`; none of somebody unknown,
  ///   empty while nobody can tell
  public ClientMemory(Resolver resolver, Os os, Function<String, Optional<List<String>>> own) {
    this(
        resolver,
        os,
        own,
        new Profiles(os),
        new Rates(os.time()),
        null,
        null,
        new ClientUse(os),
        new PeerRanges(os));
  }

  /// That of a relay, which keeps in `data` what should outlive it.
  ///
  /// @param configuration that in force
  /// @param events is told of outbreaks and of recipients on the suppression list
  /// @param peerSite where the networks of providers are published
  public ClientMemory(
      Resolver resolver,
      Os os,
      Function<String, Optional<List<String>>> own,
      Path data,
      Supplier<Configuration> configuration,
      Consumer<Event> events,
      PeerSite peerSite) {
    this(
        resolver,
        os,
        own,
        new Profiles(os, data),
        new Rates(os, data),
        new Outbreaks(os, data, configuration, events),
        new Suppression(os, data, () -> configuration.get().suppression(), events),
        new ClientUse(os, data, () -> names(configuration.get())),
        new PeerRanges(os, data, peerSite));
  }

  private ClientMemory(
      Resolver resolver,
      Os os,
      Function<String, Optional<List<String>>> own,
      Profiles profiles,
      Rates rates,
      @Nullable Outbreaks outbreaks,
      @Nullable Suppression suppression,
      ClientUse uses,
      PeerRanges peers) {
    this.peers = peers;
    this.own = own;
    this.profiles = profiles;
    this.uses = uses;
    this.resolver = resolver;
    this.os = os;
    this.directories = new Directories(os, resolver);
    this.addresses = new Remembered<>("client-host", HOSTS_MAX, os, this::addressesOf);
    this.names = new Remembered<>("client-name", ADDRESSES_MAX, os, this::namesOf);
    this.rates = rates;
    this.outbreaks = outbreaks;
    this.suppression = suppression;
  }

  /// Without 0.0.0.0 and `::`, which some services give to a name that is away: they stand for all
  /// clients whose address is not known.
  private Optional<Set<InetAddress>> addressesOf(String host) {
    return switch (resolver.addresses(host, Duration.ofSeconds(1))) {
      case Answer.Found<InetAddress>(List<InetAddress> found) ->
          Optional.of(
              found.stream()
                  .filter(address -> !Clients.isUnknown(address))
                  .collect(Collectors.toUnmodifiableSet()));
      case Answer.NoRecord<InetAddress> _, Answer.NoName<InetAddress> _ -> Optional.of(Set.of());
      case Answer.Failed<InetAddress> _ -> Optional.empty();
    };
  }

  /// Only names that lead back to the address: whoever has it may claim any.
  private Optional<Set<String>> namesOf(InetAddress address) {
    if (Clients.isUnknown(address)) {
      return Optional.of(Set.of());
    }
    return switch (resolver.names(address)) {
      case Answer.NoRecord<String> _, Answer.NoName<String> _ -> Optional.of(Set.of());
      case Answer.Failed<String> _ -> Optional.empty();
      case Answer.Found<String>(List<String> claimed) -> {
        Set<String> confirmed = new HashSet<>();
        boolean failed = false;
        for (String name : claimed.subList(0, Math.min(claimed.size(), NAMES_MAX))) {
          switch (resolver.addresses(name)) {
            case Answer.Found<InetAddress>(List<InetAddress> found) when found.contains(address) ->
                DomainName.ascii(name).ifPresent(confirmed::add);
            case Answer.Failed<InetAddress> _ -> failed = true;
            default -> {} // It leads elsewhere.
          }
        }
        yield confirmed.isEmpty() && failed ? Optional.empty() : Optional.of(confirmed);
      }
    };
  }

  /// The addresses of a user; empty while nobody can tell.
  Optional<List<String>> own(String user) {
    return own.apply(user);
  }

  OwnAddresses ownAddresses() {
    return ownAddresses;
  }

  Resolver resolver() {
    return resolver;
  }

  Os os() {
    return os;
  }

  Remembered<String, Set<InetAddress>> addresses() {
    return addresses;
  }

  Remembered<InetAddress, Set<String>> names() {
    return names;
  }

  /// What devices have always done.
  public Profiles profiles() {
    return profiles;
  }

  Rates rates() {
    return rates;
  }

  Occupancy sessions() {
    return sessions;
  }

  /// Who is not itself any more; empty where nobody looks.
  public Optional<Outbreaks> outbreaks() {
    return Optional.ofNullable(outbreaks);
  }

  /// Recipients that are not tried; empty where nobody keeps a list.
  public Optional<Suppression> suppression() {
    return Optional.ofNullable(suppression);
  }

  /// When entries were of use.
  public ClientUse uses() {
    return uses;
  }

  private static Set<String> names(Configuration configuration) {
    return configuration.clients().stream().map(ClientRule::name).collect(Collectors.toSet());
  }

  /// Learns what becomes of mail.
  public Witness witness() {
    var first = outbreaks;
    var second = suppression;
    return first == null || second == null ? Witness.NOBODY : first.and(second);
  }

  /// From which networks the servers of providers come.
  public PeerRanges peers() {
    return peers;
  }

  /// The directories that are asked about mail addresses.
  public Directories directories() {
    return directories;
  }

  /// Writes what is left.
  @Override
  public void close() {
    profiles.close();
    rates.close();
    uses.close();
    directories.close();
    peers.close();
    if (outbreaks != null) {
      outbreaks.close();
    }
    if (suppression != null) {
      suppression.close();
    }
  }
}
