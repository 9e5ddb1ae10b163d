package dev.poststation.account;

import dev.poststation.config.UsersSettings;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.os.Networks;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.UserNames;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Counts failed logins for each address, each user, and each user at each address
/// (docs/adr/0011-guessing.md). Safe for any thread.
///
/// Limits: logins that are tried at the same moment are all let through before the first one has
/// failed, so that there may be as many more guesses as one client may have sessions.
public final class LoginGuard implements Guard {
  /// A user is blocked for strangers after so many times `block-after`: if it took no more than at
  /// one address, a single mistyping robot would keep the user from new places for good.
  private static final int USER_FACTOR = 10;

  private static final Duration FIRST_DELAY = Duration.ofMillis(250);
  private static final Duration DELAY_MAX = Duration.ofSeconds(8);

  private final Os os;
  private final Supplier<UsersSettings> settings;
  private final LastUse lastUse;
  private final Journal journal;
  private final Failures addresses = new Failures();
  private final Failures users = new Failures();
  private final Failures pairs = new Failures();

  /// @param settings those in force
  /// @param lastUse where users are at home
  public LoginGuard(Os os, Supplier<UsersSettings> settings, LastUse lastUse, Journal journal) {
    this.os = os;
    this.settings = settings;
    this.lastUse = lastUse;
    this.journal = journal;
  }

  /// A user at an address.
  private record Place(String network, String user, boolean usual) {
    private String pair() {
      return network + " " + user;
    }
  }

  private Place place(InetAddress address, String user) {
    String network = Networks.of(address);
    String folded = UserNames.folded(user);
    return new Place(network, folded, lastUse.isUsual(folded, network));
  }

  @Override
  public Optional<Duration> blocked(InetAddress address, String user) {
    var place = place(address, user);
    long now = os.time().nanos();
    var left = pairs.blocked(place.pair(), now);
    if (!place.usual) {
      left = longer(left, addresses.blocked(place.network, now));
      left = longer(left, users.blocked(place.user, now));
    }
    return left.isZero() ? Optional.empty() : Optional.of(left);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  @Override
  public Duration delay(InetAddress address, String user) {
    var place = place(address, user);
    long now = os.time().nanos();
    var memory = settings.get().blockFor();
    int failures = pairs.of(place.pair(), memory, now);
    if (!place.usual) {
      failures = Math.max(failures, addresses.of(place.network, memory, now));
    }
    if (failures == 0) {
      return Duration.ZERO;
    }
    // No more doublings than it takes to come to the longest one.
    var delay = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 5));
    return delay.compareTo(DELAY_MAX) < 0 ? delay : DELAY_MAX;
  }

  @Override
  public boolean atHome(InetAddress address) {
    return lastUse.isUsual(Networks.of(address));
  }

  @Override
  public void failed(InetAddress address, String user) {
    var place = place(address, user);
    var now = settings.get();
    int most = now.blockAfter();
    boolean pair = count(pairs, place.pair(), most, now);
    if (place.usual) {
      if (pair) {
        tell(address, user, most, now);
      }
      return;
    }
    if (count(addresses, place.network, most, now)) {
      tell(address, null, most, now);
    }
    int ofUser = (int) Math.min(Integer.MAX_VALUE, (long) most * USER_FACTOR);
    // Who said no name (EXTERNAL, tokens) is nobody whom strangers could lock out.
    if (!place.user.isEmpty() && count(users, place.user, ofUser, now)) {
      tell(null, user, ofUser, now);
    }
  }

  /// @return whether this one was one too many
  private boolean count(Failures failures, String key, int most, UsersSettings now) {
    return failures.add(key, most, now.blockFor(), os.time().nanos());
  }

  private void tell(
      @Nullable InetAddress address, @Nullable String user, int failures, UsersSettings now) {
    var until = os.time().now().plus(now.blockFor());
    journal.tell(new Event.LoginsBlocked(address, user, failures, until));
  }

  /// Whoever cannot log in now.
  ///
  /// @param address as [Networks] writes it; empty: the user is blocked, at all addresses where he
  ///   is not at home
  /// @param user by his folded name; empty: the address is blocked, for all who are not at home
  ///   there
  public record Block(String address, String user, int failures, Instant until) {}

  /// All blocks, the one that ends first at the beginning.
  public List<Block> blocks() {
    long nanos = os.time().nanos();
    var now = os.time().now();
    List<Block> all = new ArrayList<>();
    for (var each : addresses.blocked(nanos)) {
      all.add(new Block(each.key(), "", each.failures(), now.plus(each.left())));
    }
    for (var each : users.blocked(nanos)) {
      all.add(new Block("", each.key(), each.failures(), now.plus(each.left())));
    }
    for (var each : pairs.blocked(nanos)) {
      int gap = each.key().indexOf(' ');
      String address = each.key().substring(0, gap);
      String user = each.key().substring(gap + 1);
      all.add(new Block(address, user, each.failures(), now.plus(each.left())));
    }
    all.sort(Comparator.comparing(Block::until));
    return all;
  }

  /// Lifts the blocks of an address (of IPv6 its /64) and of users there, and forgets what failed
  /// there.
  ///
  /// @return how many blocks there were
  public int unblock(InetAddress address) {
    String network = Networks.of(address);
    return forget(network::equals, _ -> false, pair -> pair.startsWith(network + " "));
  }

  /// Lifts the blocks of a user, at all addresses, and forgets what failed for him.
  ///
  /// @return how many blocks there were
  public int unblock(String user) {
    String folded = UserNames.folded(user);
    return forget(
        _ -> false, folded::equals, pair -> pair.substring(pair.indexOf(' ') + 1).equals(folded));
  }

  /// Lifts all blocks, and forgets whatever failed.
  ///
  /// @return how many blocks there were
  public int unblockAll() {
    return forget(_ -> true, _ -> true, _ -> true);
  }

  private int forget(Predicate<String> address, Predicate<String> user, Predicate<String> pair) {
    long now = os.time().nanos();
    return addresses.forget(address, now) + users.forget(user, now) + pairs.forget(pair, now);
  }

  @Override
  public void succeeded(InetAddress address, String user, Login login) {
    var place = place(address, user);
    // What this user mistyped here was not guessed; what others failed at remains.
    int mistyped = pairs.forget(place.pair());
    if (!place.usual) {
      addresses.subtract(place.network, mistyped);
      users.subtract(place.user, mistyped);
    }
    lastUse.used(login, user, place.network);
  }
}
