package dev.poststation.account;

import dev.poststation.account.Directory.Person;
import dev.poststation.config.LdapSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.ldap.Recent;
import dev.poststation.ldap.Searches;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Accounts.Lease;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Those who log in with the password that they have in the directory. Whether they are still there
/// is asked now and then while they send mail; a changed password is noticed by the next login, at
/// the latest after an hour. What was good is remembered for a moment, so that a program that logs
/// in for each mail does not ask the directory each time: of a password only its HMAC, whose key is
/// this process's own. Safe for any thread.
final class DirectoryAccounts implements AutoCloseable {
  private static final String MAC = "HmacSHA256";

  /// So long the reason of a refusal is kept for who writes the log.
  private static final Duration REASON = Duration.ofMinutes(1);

  /// So long a login is good: a password cannot be tried again, for it is not kept.
  static final Duration LONGEST = Duration.ofHours(1);

  private final Os os;
  private final LdapSettings settings;
  private final Directory directory;
  private final SecretKeySpec key;
  private final Recent<Good> passwords = new Recent<>();
  private final Recent<Optional<Person>> people = new Recent<>();
  private final Recent<String> refusals = new Recent<>();
  private final Pace pace;
  private volatile boolean closed;

  /// A password that was good.
  private record Good(byte[] mac, Person person) {}

  /// Lets somebody stay as long as the directory still finds him by the name that he said, for an
  /// hour at most, and not after another directory was configured.
  private final class Stay implements Lease {
    private final String said;
    private final String folded;
    private final String dn;
    private final long since = os.time().nanos();

    private Stay(String said, String folded, Person person) {
      this.said = said;
      this.folded = folded;
      this.dn = person.dn();
    }

    @Override
    public boolean holds() {
      if (closed || os.time().nanos() - since >= LONGEST.toNanos()) {
        return false;
      }
      try {
        return person(said, folded).filter(now -> Searches.isSame(now.dn(), dn)).isPresent();
      } catch (UnavailableException _) {
        return true; // It could say so when he logged in.
      }
    }
  }

  DirectoryAccounts(Os os, LdapSettings settings, Resolver resolver) {
    this.os = os;
    this.settings = settings;
    this.directory = new Directory(os, settings, resolver);
    this.pace = Pace.ofDirectory(os.time());
    byte[] secret = new byte[32];
    os.chance().fill(secret);
    this.key = new SecretKeySpec(secret, MAC);
  }

  /// What it was made from.
  LdapSettings settings() {
    return settings;
  }

  /// How long every failed login waits at least, as far as it goes by the directory.
  Duration leastWait() {
    return pace.least();
  }

  /// A wrong password was answered so late.
  void late(Duration took) {
    pace.late(took);
  }

  /// Asks all that a wrong password costs, about nobody.
  ///
  /// @throws UnavailableException when the directory does not answer
  void askAboutNobody(String password) throws UnavailableException {
    directory.askAboutNobody(password);
  }

  /// Whose password it was a moment ago; nobody asks the directory.
  Optional<Login> remembered(String user, String password) {
    String folded = UserNames.folded(user);
    var known = passwords.get(folded);
    return known != null
            && known.isYoung(settings.remember(), os.time().nanos())
            && MessageDigest.isEqual(known.value().mac, mac(folded, password))
        ? Optional.of(login(user, folded, known.value().person))
        : Optional.empty();
  }

  /// Whose password it is; what is remembered is not looked at.
  ///
  /// @throws UnavailableException when the directory does not answer
  Optional<Login> password(String user, String password) throws UnavailableException {
    if (password.isEmpty()) {
      return Optional.empty(); // With none, a bind succeeds as nobody (RFC 4513 5.1.2).
    }
    String folded = UserNames.folded(user);
    byte[] mac = mac(folded, password);
    long since = os.time().nanos();
    var person = looked(user, password);
    if (person.isEmpty()) {
      return Optional.empty();
    }
    pace.right(since);
    long now = os.time().nanos();
    passwords.put(folded, new Good(mac, person.get()), now);
    people.put(folded, person, now);
    people.put(UserNames.folded(person.get().name()), person, now);
    return Optional.of(login(user, folded, person.get()));
  }

  private Optional<Person> looked(String user, String password) throws UnavailableException {
    var found = directory.look(user);
    var person = Optional.ofNullable(found.person());
    if (person.isEmpty()) {
      directory.refuse(password);
      refused(user, found.flaw());
      return Optional.empty();
    }
    if (!directory.isPassword(person.get(), password)) {
      refused(user, Accounts.WRONG);
      return Optional.empty();
    }
    if (found.unsure()) {
      throw directory.unsure();
    }
    return person;
  }

  /// Keeps why somebody was refused.
  void refused(String user, String why) {
    refusals.put(UserNames.folded(user), why, os.time().nanos());
  }

  /// Why he was refused just now.
  String refusal(String user) {
    var known = refusals.get(UserNames.folded(user));
    return known != null && known.isYoung(REASON, os.time().nanos())
        ? known.value()
        : Accounts.WRONG;
  }

  private Login login(String said, String folded, Person person) {
    return new Login(person.name(), "", new Stay(said, folded, person));
  }

  private byte[] mac(String folded, String password) {
    try {
      var mac = Mac.getInstance(MAC);
      mac.init(key);
      mac.update(folded.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0); // No name has one in it.
      return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Who that is, as the directory had it lately; while it does not answer, as it had it last.
  ///
  /// @throws UnavailableException when it does not answer and was never asked
  Optional<Person> person(String user) throws UnavailableException {
    return person(user, UserNames.folded(user));
  }

  private Optional<Person> person(String user, String folded) throws UnavailableException {
    var known = people.get(folded);
    if (known != null && known.isYoung(settings.remember(), os.time().nanos())) {
      return known.value();
    }
    try {
      var person = directory.find(user);
      people.put(folded, person, os.time().nanos());
      return person;
    } catch (UnavailableException e) {
      if (known == null) {
        throw e;
      }
      people.put(folded, known.value(), os.time().nanos()); // The next ones do not wait for it.
      return known.value();
    }
  }

  /// What an administrator should know of it.
  List<String> concerns() {
    var concerns = new ArrayList<>(directory.concerns());
    var latest = pace.latest();
    if (latest.isPositive()) {
      concerns.add(
          "A wrong password was refused after %d s only, for so long users.ldap took: who tried it has seen that; since then all failed logins wait %d s"
              .formatted(latest.toSeconds(), pace.least().toSeconds()));
    }
    pace.concern("users.ldap").ifPresent(concerns::add);
    return concerns;
  }

  /// Nobody whom it let in stays.
  @Override
  public void close() {
    closed = true;
    directory.close();
  }
}
