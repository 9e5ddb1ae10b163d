package dev.poststation.account;

import dev.poststation.account.Directory.Person;
import dev.poststation.config.LdapSettings;
import dev.poststation.config.OauthSettings;
import dev.poststation.config.Problem;
import dev.poststation.config.UsersSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.UnavailableException;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The accounts of all stores: of the users file, of a directory, and of the issuer of tokens. A
/// name that the file has is the file's alone: whoever is disabled there cannot log in by another
/// store. Safe for any thread.
///
/// Passwords of the file are hashed on a few threads of their own, those of who is spared while
/// there is a block on another one; the directory and the issuer are waited for on the thread that
/// asks, so that a slow one delays nobody but who needs it. The issuer's name is looked up by the
/// JDK, in the machine's own code, which would hold the processor of whoever asks while the DNS is
/// silent: so its client has a few threads of its own, too.
public final class AllAccounts implements Accounts, AutoCloseable {
  private static final int HASHING = 2;
  private static final int FETCHING = 2;

  /// Whoever comes then is told to come later.
  private static final int WAITING_MOST = 100;

  private final Os os;
  private final FileAccounts file;
  private final Supplier<UsersSettings> settings;
  private final Resolver resolver;
  private final Pace pace;
  private final Workers workers;
  private final Workers apart;
  private final Workers fetching;
  private volatile Stores stores = new Stores(null, null);
  private boolean closed;

  /// The stores beside the file.
  private record Stores(@Nullable DirectoryAccounts directory, @Nullable TokenAccounts tokens) {
    private boolean isOf(UsersSettings settings) {
      return same(ldap(), settings.ldap()) && same(oauth(), settings.oauth());
    }

    private @Nullable LdapSettings ldap() {
      return directory == null ? null : directory.settings();
    }

    private @Nullable OauthSettings oauth() {
      return tokens == null ? null : tokens.settings();
    }
  }

  /// @param data the data directory
  /// @param settings those in force
  /// @param resolver knows where the directory is
  public AllAccounts(Os os, Path data, Supplier<UsersSettings> settings, Resolver resolver) {
    this.os = os;
    this.file = new FileAccounts(os, data, settings);
    this.settings = settings;
    this.resolver = resolver;
    this.pace = Pace.ofFile(os.time());
    this.workers = new Workers(os.tasks(), "login", HASHING, WAITING_MOST);
    this.apart = new Workers(os.tasks(), "login-spared", 1, WAITING_MOST);
    this.fetching = new Workers(os.tasks(), "issuer", FETCHING, WAITING_MOST);
  }

  /// Lines above it in the file make no other directory.
  private static boolean same(@Nullable LdapSettings one, @Nullable LdapSettings other) {
    return Objects.equals(one, other)
        || (one != null && other != null && one.equals(other.at(one.origin())));
  }

  private static boolean same(@Nullable OauthSettings one, @Nullable OauthSettings other) {
    return Objects.equals(one, other)
        || (one != null && other != null && one.equals(other.at(one.origin())));
  }

  /// Those that the settings in force name.
  private Stores stores() {
    var now = stores;
    return now.isOf(settings.get()) ? now : renewed();
  }

  private synchronized Stores renewed() {
    var wanted = settings.get();
    var before = stores;
    if (before.isOf(wanted) || closed) {
      return before;
    }
    var directory = before.directory;
    var ldap = wanted.ldap();
    if (!same(before.ldap(), ldap)) {
      if (directory != null) {
        directory.close();
      }
      directory = ldap == null ? null : new DirectoryAccounts(os, ldap, resolver);
    }
    var tokens = before.tokens;
    var oauth = wanted.oauth();
    if (!same(before.oauth(), oauth)) {
      if (tokens != null) {
        tokens.close();
      }
      tokens = oauth == null ? null : new TokenAccounts(os, oauth, fetching);
    }
    var after = new Stores(directory, tokens);
    stores = after;
    return after;
  }

  /// The users of the file now.
  ///
  /// @throws UnavailableException when the file cannot be used and never could
  public Users users() throws UnavailableException {
    return file.users();
  }

  /// The users of the file whose keys are of before ([Salts#isOld]).
  ///
  /// @throws UnavailableException when the file cannot be used and never could
  public List<User> oldKeys() throws UnavailableException {
    return file.old();
  }

  /// Whose last use is worth to be kept.
  public LastUse.Known known() {
    return new LastUse.Known() {
      @Override
      public Users now() throws UnavailableException {
        return file.lately();
      }

      @Override
      public boolean others() {
        var now = stores();
        return now.directory != null || now.tokens != null;
      }
    };
  }

  /// Why the users file as it is now cannot be used; empty when it can.
  public Optional<Problem> problem() {
    return file.problem();
  }

  /// How many users of the file go on to hold though it is gone.
  public int vanished() {
    return file.vanished();
  }

  /// Saves the users of a file that is gone in `data` ([FileAccounts#save()]).
  ///
  /// @return how many users; zero when it is not gone
  /// @throws IOException when it cannot be written
  public int save() throws IOException {
    return file.save();
  }

  /// What an administrator should know of the directory and the issuer, in one sentence each.
  public List<String> concerns() {
    var now = stores();
    List<String> concerns = new ArrayList<>();
    if (now.directory != null) {
      concerns.addAll(now.directory.concerns());
      pace.concern("users.file").ifPresent(concerns::add);
    }
    if (now.tokens != null) {
      now.tokens.concern().ifPresent(concerns::add);
    }
    return concerns;
  }

  /// A user's own addresses: `user@domain`, or `@domain` for all of a domain; none of somebody
  /// unknown.
  public List<String> own(String user) throws UnavailableException {
    var known = file.lately().find(user);
    var directory = stores().directory;
    if (known.isPresent() || directory == null) {
      return known.map(User::own).orElse(List.of());
    }
    return directory.person(user).map(Person::own).orElse(List.of());
  }

  /// The same, and empty while nobody can tell.
  public Optional<List<String>> ownIfKnown(String user) {
    try {
      return Optional.of(own(user));
    } catch (UnavailableException _) {
      return Optional.empty();
    }
  }

  /// Which store knows him, and what his own addresses are: what fits behind his name.
  public String describe(String user) {
    try {
      var known = file.users().find(user);
      if (known.isPresent()) {
        String how = known.get().disabled() ? ", disabled" : "";
        return "is in the users file" + how + addresses(known.get().own());
      }
      var directory = stores().directory;
      var person = directory == null ? Optional.<Person>empty() : directory.person(user);
      return person
          .map(each -> "is in the directory as " + each.dn() + addresses(each.own()))
          .orElseGet(
              () ->
                  "is in no store"
                      + (stores().tokens == null
                          ? ""
                          : ": a token of the issuer would have to name him"));
    } catch (UnavailableException e) {
      return "may be somebody: " + e.getMessage();
    }
  }

  /// What is known of somebody who would log in.
  public enum Somebody {
    /// There is somebody of that name, who is not disabled.
    KNOWN,
    /// No store knows him; a token of the issuer would have to name him.
    BY_TOKEN,
    /// Nobody can tell now.
    NOT_NOW,
    /// Nobody can log in by that name.
    NOBODY
  }

  /// Whether somebody of that name could log in.
  public Somebody whoIs(String user) {
    try {
      var known = file.users().find(user);
      if (known.isPresent()) {
        return known.get().disabled() ? Somebody.NOBODY : Somebody.KNOWN;
      }
      var directory = stores().directory;
      if (directory != null && directory.person(user).isPresent()) {
        return Somebody.KNOWN;
      }
      return stores().tokens == null ? Somebody.NOBODY : Somebody.BY_TOKEN;
    } catch (UnavailableException _) {
      return Somebody.NOT_NOW;
    }
  }

  /// As whom somebody who logs in by that name is known then: as a store spells it, and a directory
  /// may know people by other names, too; what was given where no store knows the name now.
  public String nameOf(String user) {
    if (user.isEmpty()) {
      return user;
    }
    try {
      var known = file.users().find(user);
      if (known.isPresent()) {
        return known.get().name();
      }
      var directory = stores().directory;
      var person = directory == null ? Optional.<Person>empty() : directory.person(user);
      return person.map(Person::name).orElse(user);
    } catch (UnavailableException _) {
      return user;
    }
  }

  private static String addresses(List<String> own) {
    return own.isEmpty() ? "; without own addresses" : "; own addresses: " + String.join(", ", own);
  }

  @Override
  public Set<Mechanism> mechanisms() {
    var now = stores();
    var possible = file.mechanisms();
    if (now.directory == null && now.tokens == null) {
      return possible;
    }
    Set<Mechanism> all = EnumSet.noneOf(Mechanism.class);
    all.addAll(possible);
    if (now.directory != null) {
      all.add(Mechanism.PLAIN);
      all.add(Mechanism.LOGIN);
    }
    if (now.tokens != null) {
      all.add(Mechanism.OAUTHBEARER);
      all.add(Mechanism.XOAUTH2);
    }
    return all;
  }

  @Override
  public Offer scram(String user, ScramKeys.Hash hash) throws UnavailableException {
    return file.scram(user, hash);
  }

  /// Beside a directory a wrong password costs the same for all names, in the same order, and
  /// nobody can say that it is wrong while the directory does not answer, or too many are hashed:
  /// else that would tell which names the file has.
  @Override
  public Optional<Login> password(String user, String password) throws UnavailableException {
    return password(user, password, workers);
  }

  @Override
  public Optional<Login> spared(String user, String password) throws UnavailableException {
    return password(user, password, apart);
  }

  private Optional<Login> password(String user, String password, Workers hashing)
      throws UnavailableException {
    var directory = stores().directory;
    boolean ofFile = file.users().find(user).isPresent();
    if (directory == null) {
      return hashed(user, password, hashing);
    }
    if (!ofFile) {
      var known = directory.remembered(user, password);
      if (known.isPresent() && isOfDirectory(known.get())) {
        return known; // It was right a moment ago.
      }
    }
    long since = os.time().nanos();
    UnavailableException busy = null;
    try {
      var login = hashed(user, password, hashing);
      if (login.isPresent()) {
        pace.right(since);
        return login;
      }
    } catch (UnavailableException e) {
      busy = e; // The directory may know him all the same.
    }
    var login = asked(directory, ofFile, user, password);
    if (login.isEmpty() && busy != null) {
      throw busy;
    }
    return login;
  }

  private boolean isOfDirectory(Login login) throws UnavailableException {
    return file.users().find(login.user()).isEmpty();
  }

  private Optional<Login> asked(
      DirectoryAccounts directory, boolean ofFile, String user, String password)
      throws UnavailableException {
    if (ofFile) {
      directory.askAboutNobody(password);
      return Optional.empty();
    }
    var login = directory.password(user, password);
    if (login.isPresent() && !isOfDirectory(login.get())) {
      // It may call him by another name, which the file has.
      directory.refused(user, "the directory names a user whom the users file has");
      return Optional.empty();
    }
    return login;
  }

  /// Whether all stores answer now, so that it can be said of a password that it is wrong; may wait
  /// for them.
  public boolean answer() {
    try {
      var _ = file.users();
      var directory = stores().directory;
      if (directory != null) {
        directory.askAboutNobody("-");
      }
      return true;
    } catch (UnavailableException _) {
      return false;
    }
  }

  @Override
  public void late(Duration took) {
    var directory = stores().directory;
    if (directory != null) {
      directory.late(took);
    }
  }

  /// Without a directory all names are the file's, and hashed alike; beside one a name of the file
  /// must not be told from others by the time either.
  @Override
  public Duration leastWait() {
    var directory = stores().directory;
    if (directory == null) {
      return LEAST_WAIT;
    }
    var ofFile = pace.least();
    var ofDirectory = directory.leastWait();
    return ofFile.compareTo(ofDirectory) > 0 ? ofFile : ofDirectory;
  }

  private Optional<Login> hashed(String user, String password, Workers hashing)
      throws UnavailableException {
    try {
      return hashing
          .ask(() -> file.password(user, password))
          .orElseThrow(() -> new UnavailableException("too many clients log in at once"));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof UnavailableException cause) {
        throw cause;
      }
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Optional<ClearText> clearText(String user) throws UnavailableException {
    return file.clearText(user);
  }

  @Override
  public Optional<Login> certificate(List<X509Certificate> chain, String user)
      throws UnavailableException {
    return file.certificate(chain, user);
  }

  @Override
  public TokenAnswer token(String user, String token) throws UnavailableException {
    var tokens = stores().tokens;
    if (tokens == null) {
      return file.token(user, token);
    }
    return switch (tokens.token(user, token)) {
      case TokenAnswer.Refused refused -> refused;
      case TokenAnswer.Known(var login) -> {
        var known = file.users().find(login.user());
        yield known.filter(User::disabled).isPresent()
            ? new TokenAnswer.Refused("invalid_token", "", "", "the user is disabled")
            : new TokenAnswer.Known(
                known
                    .map(each -> new Login(each.name(), login.label(), login.lease()))
                    .orElse(login));
      }
    };
  }

  @Override
  public String refusal(String user) {
    try {
      var directory = stores().directory;
      return directory == null || file.users().find(user).isPresent()
          ? file.refusal(user)
          : directory.refusal(user);
    } catch (UnavailableException _) {
      return WRONG;
    }
  }

  @Override
  public boolean disabled(String user) throws UnavailableException {
    return file.disabled(user);
  }

  @Override
  public Standing standing() {
    var ofFile = file.standing();
    return login -> ofFile.holds(login) && isLeased(login);
  }

  private boolean isLeased(Login login) {
    var lease = login.lease();
    if (lease == null) {
      return true;
    }
    stores(); // What was configured otherwise meanwhile ends the leases of before.
    return lease.holds();
  }

  /// Closes what is open towards the directory.
  @Override
  public synchronized void close() {
    closed = true;
    var directory = stores.directory;
    if (directory != null) {
      directory.close();
    }
  }
}
