package dev.poststation.account;

import dev.poststation.config.UsersSettings;
import dev.poststation.os.Networks;
import dev.poststation.sasl.UserNames;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Failed logins of each address, each user, and each user at each address, and whom they block.
/// Safe for any thread.
final class FailureBook {
  /// A user is blocked after so many times `block-after`: if it took no more than at one address, a
  /// single mistyping robot would keep the user from new places for good.
  private static final int USER_FACTOR = 10;

  private final Failures addresses = new Failures();
  private final Failures users = new Failures();
  private final Failures pairs = new Failures();

  /// Of users where they are at home, since they logged in there last.
  private final Failures homes = new Failures();

  /// A user at an address.
  ///
  /// @param user folded
  record Place(String network, String user) {
    static Place of(InetAddress address, String user) {
      return new Place(Networks.of(address), UserNames.folded(user));
    }

    String pair() {
      return network + " " + user;
    }

    /// Of what there are turns; who says no name is nobody.
    List<String> keys() {
      return user.isEmpty() ? List.of("from " + network) : List.of("from " + network, "as " + user);
    }
  }

  /// A block: of a user at an address, or of one of them for all others.
  ///
  /// @param address whether it is one of the address
  /// @param user whether it is one of the user
  record Block(boolean address, boolean user, int failures) {}

  /// How long the user is blocked there.
  Duration left(Place place, long now) {
    var left = pairs.blocked(place.pair(), now);
    left = longer(left, addresses.blocked(place.network, now));
    return longer(left, users.blocked(place.user, now));
  }

  static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }

  /// Whether he has not failed too often where he is at home.
  boolean spares(Place place, long now) {
    return homes.blocked(place.pair(), now).isZero();
  }

  /// How often it failed, as far as it delays the next one.
  int failures(Place place, Duration memory, long now) {
    return Math.max(pairs.of(place.pair(), memory, now), addresses.of(place.network, memory, now));
  }

  /// A password is looked at where the user is at home, though he is blocked.
  void looked(Place place, UsersSettings settings, long now) {
    homes.add(place.pair(), settings.blockAfter(), settings.blockFor(), now);
  }

  /// A login failed.
  ///
  /// @param atHome whether the user is at home there, and it was not counted for that yet
  /// @return the blocks that it brings
  List<Block> failed(Place place, boolean atHome, UsersSettings settings, long now) {
    List<Block> begun = new ArrayList<>();
    int most = settings.blockAfter();
    var pair = failedWhileBlocked(place, settings, now, begun);
    if (atHome) {
      looked(place, settings, now);
    }
    if (pair.failures() <= share(most)
        && addresses.add(place.network, most, settings.blockFor(), now).blocks()) {
      begun.add(new Block(true, false, most));
    }
    int mostOfUser = (int) Math.min(Integer.MAX_VALUE, (long) most * USER_FACTOR);
    // Who said no name (EXTERNAL, tokens) is nobody whom strangers could lock out.
    if (!place.user.isEmpty()
        && users.add(place.user, mostOfUser, settings.blockFor(), now).blocks()) {
      begun.add(new Block(false, true, mostOfUser));
    }
    return begun;
  }

  /// The same of a login that was blocked: it counts for this user at this address alone.
  ///
  /// @param begun where blocks that it brings are added
  Failures.Added failedWhileBlocked(
      Place place, UsersSettings settings, long now, List<Block> begun) {
    int most = settings.blockAfter();
    var pair = pairs.add(place.pair(), most, settings.blockFor(), now);
    if (pair.blocks()) {
      begun.add(new Block(true, true, most));
    }
    return pair;
  }

  /// So often one name counts for an address: an old password in one telephone shall not block
  /// newcomers at an office.
  private static int share(int most) {
    return Math.max(1, most / 2);
  }

  /// Whoever cannot log in now.
  ///
  /// @param address empty: the user at all addresses
  /// @param user empty: all users at the address
  record Blocked(String address, String user, int failures, Duration left) {}

  List<Blocked> blocked(long now) {
    List<Blocked> all = new ArrayList<>();
    addresses
        .blocked(now)
        .forEach(each -> all.add(new Blocked(each.key(), "", each.failures(), each.left())));
    users
        .blocked(now)
        .forEach(each -> all.add(new Blocked("", each.key(), each.failures(), each.left())));
    for (var each : pairs.blocked(now)) {
      int gap = each.key().indexOf(' ');
      String address = each.key().substring(0, gap);
      String user = each.key().substring(gap + 1);
      all.add(new Blocked(address, user, each.failures(), each.left()));
    }
    return all;
  }

  /// The user has logged in where he is at home.
  void cameHome(Place place) {
    homes.forget(place.pair());
  }

  /// Forgets what is meant, of addresses, users, and users at addresses (`address user`).
  ///
  /// @return how many blocks there were
  int forget(Predicate<String> address, Predicate<String> user, Predicate<String> pair, long now) {
    homes.forget(pair, now);
    return addresses.forget(address, now) + users.forget(user, now) + pairs.forget(pair, now);
  }

  /// Whether nothing is counted.
  boolean isEmpty() {
    return pairs.size() == 0 && addresses.size() == 0 && users.size() == 0;
  }
}
