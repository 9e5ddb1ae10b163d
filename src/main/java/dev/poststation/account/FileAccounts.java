package dev.poststation.account;

import dev.poststation.config.Problem;
import dev.poststation.config.UsersSettings;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.ScramKeys.Hash;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import dev.poststation.tls.Fingerprint;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// The accounts of the users file. Somebody who is unknown or disabled is answered as somebody
/// whose password is wrong: with the same work, and with a salt and iterations that look like those
/// of others. Safe for any thread.
public final class FileAccounts implements Accounts {
  /// Where users are saved whose file is gone, within `data`.
  public static final String SAVED = "users.saved";

  private final Os os;
  private final Path data;
  private final WatchedUsers users;
  private final Salts salts;
  private final Supplier<UsersSettings> settings;

  /// Looked for once for each state of the file: there may be many users.
  private volatile Old old = new Old(Users.NONE, 0, List.of());

  /// What there is to check against.
  ///
  /// @param good the passwords that are good now; none of somebody unknown or disabled
  private record Basis(String name, byte[] salt, int iterations, List<Password> good) {}

  /// Whose keys are of before.
  ///
  /// @param users among whom
  private record Old(Users users, int iterations, List<User> found) {}

  /// @param data the data directory
  /// @param settings those in force
  public FileAccounts(Os os, Path data, Supplier<UsersSettings> settings) {
    this.os = os;
    this.data = data;
    this.settings = settings;
    this.users = new WatchedUsers(os, () -> settings.get().file());
    this.salts = new Salts(os, data);
  }

  /// The users now.
  ///
  /// @throws UnavailableException when the file cannot be used and never could
  public Users users() throws UnavailableException {
    return users.now();
  }

  /// The users as they were a moment ago at most: for what is asked with each mail.
  ///
  /// @throws UnavailableException when the file cannot be used and never could
  Users lately() throws UnavailableException {
    return users.lately();
  }

  /// The users whose keys are of before ([Salts#isOld]).
  List<User> old() throws UnavailableException {
    var now = users.lately();
    int iterations = settings.get().iterations();
    var known = old;
    if (known.users != now || known.iterations != iterations) {
      var found = now.all().stream().filter(user -> salts.isOld(user, iterations)).toList();
      known = new Old(now, iterations, found);
      old = known;
    }
    return known.found;
  }

  /// Why the file as it is now cannot be used; empty when it can.
  public Optional<Problem> problem() {
    return users.problem();
  }

  /// How many users go on to hold though their file is gone.
  public int vanished() {
    return users.vanished().map(all -> all.all().size()).orElse(0);
  }

  /// Saves those that go on to hold though their file is gone in [#SAVED] of `data`, for where the
  /// file was the relay may have no right to write; remarks that were in it are lost.
  ///
  /// @return how many users; zero when the file is not gone
  /// @throws IOException when it cannot be written
  public int save() throws IOException {
    var held = users.vanished();
    if (held.isEmpty()) {
      return 0;
    }
    UsersFile.of(data.resolve(SAVED), held.get()).write(os.disk());
    return held.get().all().size();
  }

  @Override
  public Set<Mechanism> mechanisms() {
    try {
      return users.lately().mechanisms();
    } catch (UnavailableException _) {
      // Whoever tries shall learn that it is not his fault.
      return EnumSet.of(Mechanism.SCRAM_SHA_256, Mechanism.PLAIN, Mechanism.LOGIN);
    }
  }

  private Basis basis(String user) throws UnavailableException {
    var all = users.now();
    var found = all.find(user);
    // Of everybody, also of users, who have theirs in their keys: it shall take no less time.
    var own = salts.own(user);
    int iterations = all.iterationsOfNobody(own.place(), settings.get().iterations());
    var passwords = found.map(User::passwords).orElse(List.of());
    if (passwords.isEmpty()) {
      return new Basis(user, own.salt(), iterations, List.of());
    }
    var known = found.orElseThrow();
    var keys = passwords.getFirst().sha256();
    var now = os.time().now();
    return new Basis(
        known.name(),
        keys.salt(),
        keys.iterations(),
        known.disabled()
            ? List.of()
            : passwords.stream().filter(password -> password.isGood(now)).toList());
  }

  @Override
  public Offer scram(String user, Hash hash) throws UnavailableException {
    var basis = basis(user);
    List<Offer.Labelled> keys =
        basis.good.stream()
            .flatMap(
                password ->
                    Optional.ofNullable(password.keys(hash)).stream()
                        .map(each -> new Offer.Labelled(password.label(), each)))
            .toList();
    return new Offer(basis.name, basis.salt, basis.iterations, keys);
  }

  @Override
  public Optional<Login> password(String user, String password) throws UnavailableException {
    var basis = basis(user);
    // One derivation, however many passwords there are, and even if there are none.
    var theirs = derive(password, basis);
    Optional<Login> login = Optional.empty();
    for (var mine : basis.good) {
      if (theirs.isPresent() && mine.sha256().equals(theirs.get()) && login.isEmpty()) {
        login = Optional.of(new Login(basis.name, mine.label()));
      }
    }
    return login;
  }

  private static Optional<ScramKeys> derive(String password, Basis basis) {
    try {
      return Optional.of(ScramKeys.derive(Hash.SHA_256, password, basis.salt, basis.iterations));
    } catch (IllegalArgumentException _) {
      // No such password can have been set; but that shall take no less time.
      ScramKeys.derive(Hash.SHA_256, "-", basis.salt, basis.iterations);
      return Optional.empty();
    }
  }

  @Override
  public Optional<ClearText> clearText(String user) throws UnavailableException {
    var basis = basis(user);
    for (var password : basis.good) {
      if (password.clear() != null) {
        return Optional.of(
            new ClearText(new Login(basis.name, password.label()), password.clear()));
      }
    }
    return Optional.empty();
  }

  @Override
  public Optional<Login> certificate(List<X509Certificate> chain, String user)
      throws UnavailableException {
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    return users
        .now()
        .ofCertificate(Fingerprint.of(chain.getFirst()))
        .filter(known -> !known.disabled())
        .filter(known -> user.isEmpty() || sameName(known.name(), user))
        .map(known -> new Login(known.name(), ""));
  }

  @Override
  public String refusal(String user) {
    Optional<User> found;
    try {
      found = users.now().find(user);
    } catch (UnavailableException _) {
      return WRONG;
    }
    if (found.filter(User::disabled).isPresent()) {
      return "the user is disabled";
    }
    var now = os.time().now();
    return found.isPresent()
            && !found.get().passwords().isEmpty()
            && found.get().passwords().stream().noneMatch(password -> password.isGood(now))
        ? "all passwords of the user have expired"
        : WRONG;
  }

  @Override
  public boolean disabled(String user) throws UnavailableException {
    return users.lately().find(user).filter(User::disabled).isPresent();
  }

  @Override
  public Standing standing() {
    try {
      return new FileStanding(users, os.time(), users.now());
    } catch (UnavailableException _) {
      return _ -> true; // Nobody comes in by it.
    }
  }

  private static boolean sameName(String one, String other) {
    return UserNames.folded(one).equals(UserNames.folded(other));
  }

  @Override
  public TokenAnswer token(String user, String token) {
    return new TokenAnswer.Refused("invalid_token", "", "", "tokens are not taken here");
  }
}
