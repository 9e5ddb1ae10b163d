package dev.poststation.account;

import dev.poststation.os.Time;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.ScramKeys.Hash;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A password that is to be set. Immutable.
///
/// @param label of the one that it takes the place of, if there is one
/// @param good how long it is good; null: for ever
/// @param keepOld how long the one in whose place it comes stays good; null: not at all
public record NewPassword(
    String label,
    Password.Kind kind,
    String password,
    @Nullable Duration good,
    @Nullable Duration keepOld) {
  /// What the label of the one before gets behind it.
  public static final String OLD = "-old";

  /// The user with this password. Those that are over are removed. It takes the salt and the
  /// iterations of those that stay, since a client learns only one of each; else the salt of the
  /// name, by which nobody sees that there is a new password, or a new user.
  ///
  /// @param iterations where none stays
  public User of(User user, int iterations, Salts salts, Time time) {
    var now = time.now().truncatedTo(ChronoUnit.SECONDS);
    List<Password> rest = new ArrayList<>(user.passwords());
    var before = rest.stream().filter(each -> each.label().equals(label)).findFirst();
    rest.removeIf(each -> each.label().equals(label) || !each.isGood(now));
    var old = before.filter(each -> each.isGood(now)).flatMap(each -> kept(each, now));
    if (old.isPresent()) {
      rest.removeIf(each -> each.label().equals(old.get().label()));
      rest.addFirst(old.get());
    }
    var fresh = made(now, basis(user, rest, iterations, salts), user.cramMd5());
    if (kind == Password.Kind.MAIN) {
      rest.addFirst(fresh);
    } else {
      rest.addLast(fresh);
    }
    return user.withPasswords(rest);
  }

  private Optional<Password> kept(Password before, Instant now) {
    return keepOld == null
        ? Optional.empty()
        : Optional.of(before.until(label + OLD, now.plus(keepOld)));
  }

  private record Basis(byte[] salt, int iterations) {}

  private static Basis basis(User user, List<Password> stay, int iterations, Salts salts) {
    if (stay.isEmpty()) {
      return new Basis(salts.of(user.name()), iterations);
    }
    var keys = stay.getFirst().sha256();
    return new Basis(keys.salt(), keys.iterations());
  }

  private Password made(Instant now, Basis basis, boolean clear) {
    return new Password(
        label,
        kind,
        now,
        good == null ? null : now.plus(good),
        ScramKeys.derive(Hash.SHA_256, password, basis.salt, basis.iterations),
        ScramKeys.derive(Hash.SHA_1, password, basis.salt, basis.iterations),
        clear ? password : null);
  }

  /// Says nothing that would help a thief.
  @Override
  public String toString() {
    return label + " ***";
  }
}
