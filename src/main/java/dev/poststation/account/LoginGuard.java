package dev.poststation.account;

import dev.poststation.account.Failures.Added;
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

/// Counts failed logins for each address, each user, and each user at each address, in the same way
/// for all names (docs/adr/0011-guessing.md). Safe for any thread.
///
/// What everybody can find out, by the reply and by the time that it takes, goes by these three
/// alone, which no success of somebody else changes. Who is at home decides only whether a password
/// is looked at while there is a block, and only whoever knows it learns that.
///
/// Limits: logins that are tried at the same moment are all let through before the first one has
/// failed, so that there may be as many more guesses as one client may have sessions.
public final class LoginGuard implements Guard {
  /// A user is blocked after so many times `block-after`: if it took no more than at one address, a
  /// single mistyping robot would keep the user from new places for good.
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

  /// Of users where they are at home, since they logged in there last.
  private final Failures homes = new Failures();

  /// @param settings those in force
  /// @param lastUse where users are at home
  public LoginGuard(Os os, Supplier<UsersSettings> settings, LastUse lastUse, Journal journal) {
    this.os = os;
    this.settings = settings;
    this.lastUse = lastUse;
    this.journal = journal;
  }

  /// A user at an address.
  private record Place(String network, String user) {
    static Place of(InetAddress address, String user) {
      return new Place(Networks.of(address), UserNames.folded(user));
    }

    static Place of(Passage passage) {
      return of(passage.address(), passage.user());
    }

    private String pair() {
      return network + " " + user;
    }
  }

  private boolean isAtHome(Place place) {
    return lastUse.isUsual(place.user, place.network);
  }

  @Override
  public Passage passage(InetAddress address, String user) {
    var passage = standing(address, user);
    if (passage.blocked() && passage.looked()) {
      // Before it is known whether it is wrong: of many at once no more are looked at either.
      var now = settings.get();
      count(homes, Place.of(passage).pair(), now.blockAfter(), now);
    }
    return passage;
  }

  /// How this address stands that would log in as this user now.
  Passage standing(InetAddress address, String user) {
    var place = Place.of(address, user);
    long now = os.time().nanos();
    var left = pairs.blocked(place.pair(), now);
    left = longer(left, addresses.blocked(place.network, now));
    left = longer(left, users.blocked(place.user, now));
    boolean spared = isAtHome(place) && homes.blocked(place.pair(), now).isZero();
    return new Passage(address, user, now, left, left.isZero() || spared);
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /// How long this address may not log in as this user yet, with the right password either; empty
  /// when it may.
  ///
  /// @param user the name as the client says it; empty: somebody who is not at home there
  public Optional<Duration> blocked(InetAddress address, String user) {
    var passage = standing(address, user);
    return passage.looked() ? Optional.empty() : Optional.of(passage.left());
  }

  @Override
  public Duration delay(Passage passage) {
    if (passage.blocked()) {
      return DELAY_MAX;
    }
    var place = Place.of(passage);
    long now = os.time().nanos();
    var memory = settings.get().blockFor();
    int failures =
        Math.max(pairs.of(place.pair(), memory, now), addresses.of(place.network, memory, now));
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
  public Mistake failed(Passage passage) {
    var place = Place.of(passage);
    var now = settings.get();
    int most = now.blockAfter();
    var pair = count(pairs, place.pair(), most, now);
    if (pair.blocks()) {
      tell(passage.address(), passage.user(), most, now);
    }
    if (passage.blocked()) {
      return new Mistake(passage, () -> pairs.undo(pair));
    }
    if (isAtHome(place)) {
      count(homes, place.pair(), most, now);
    }
    Optional<Added> ofAddress =
        pair.failures() <= share(most)
            ? Optional.of(count(addresses, place.network, most, now))
            : Optional.empty();
    if (ofAddress.filter(Added::blocks).isPresent()) {
      tell(passage.address(), null, most, now);
    }
    int mostOfUser = (int) Math.min(Integer.MAX_VALUE, (long) most * USER_FACTOR);
    // Who said no name (EXTERNAL, tokens) is nobody whom strangers could lock out.
    Optional<Added> ofUser =
        place.user.isEmpty()
            ? Optional.empty()
            : Optional.of(count(users, place.user, mostOfUser, now));
    if (ofUser.filter(Added::blocks).isPresent()) {
      tell(null, passage.user(), mostOfUser, now);
    }
    return new Mistake(
        passage,
        () -> {
          pairs.undo(pair);
          ofAddress.ifPresent(addresses::undo);
          ofUser.ifPresent(users::undo);
        });
  }

  /// So often one name counts for an address: an old password in one telephone shall not block
  /// newcomers at an office.
  private static int share(int most) {
    return Math.max(1, most / 2);
  }

  private Added count(Failures failures, String key, int most, UsersSettings now) {
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
  ///   there; with both, that user at that address, unless he has logged in there meanwhile
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
    homes.forget(pair, now);
    return addresses.forget(address, now) + users.forget(user, now) + pairs.forget(pair, now);
  }

  @Override
  public void succeeded(Passage passage, Login login, List<Mistake> before) {
    var place = Place.of(passage);
    // What this user mistyped in this session was not guessed; what others failed at remains.
    for (Mistake mistake : before) {
      if (Place.of(mistake.passage()).equals(place)) {
        mistake.undo().run();
      }
    }
    homes.forget(place.pair());
    lastUse.used(login, passage.user(), place.network);
  }
}
