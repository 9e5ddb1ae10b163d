package dev.poststation.account;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// When each password was last used, and from where: kept in `data`, apart from the users file. No
/// login waits for it, and no more is kept than there are passwords. Safe for any thread.
public final class LastUse implements AutoCloseable {
  /// So many addresses are remembered of each password, the latest first.
  static final int ADDRESSES_MAX = 4;

  private static final String FILE = "users.used";
  private static final String NO_LABEL = "-";

  /// Nobody tells who has left a directory.
  private static final Duration STRANGERS_KEPT = Duration.ofDays(90);

  private final Os os;
  private final Known known;
  private final Map<String, List<Use>> uses;
  private final Ledger ledger;

  /// Who has passwords now.
  @FunctionalInterface
  public interface Known {
    /// All users of the file.
    ///
    /// @throws UnavailableException when nobody can tell now
    Users now() throws UnavailableException;

    /// Whether there may be others, of whom there is no list.
    default boolean others() {
      return false;
    }
  }

  /// One password in use.
  ///
  /// @param label of the password; `-` for what is none
  /// @param addresses from where, as [dev.poststation.os.Networks] writes them, the latest first
  public record Use(String label, Instant when, List<String> addresses) {
    public Use {
      addresses = List.copyOf(addresses);
    }
  }

  /// @param data the data directory
  /// @param known whose uses are worth to be kept
  public LastUse(Os os, Path data, Known known) {
    this.os = os;
    this.known = known;
    this.uses = new ConcurrentHashMap<>();
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines);
    ledger.read(Long.MAX_VALUE, line -> readLine(line, uses));
  }

  /// What was written last, by folded names; what cannot be read is forgotten.
  static Map<String, List<Use>> read(Disk disk, Path data) {
    Map<String, List<Use>> uses = new ConcurrentHashMap<>();
    Ledger.read(disk, data.resolve(FILE)).forEach(line -> readLine(line, uses));
    return uses;
  }

  /// @return whether it was understood
  private static boolean readLine(String line, Map<String, List<Use>> uses) {
    String[] words = line.split(" ", -1);
    if (words.length < 3 || words.length > 3 + ADDRESSES_MAX) {
      return false;
    }
    try {
      var use = new Use(words[1], Instant.parse(words[2]), List.of(words).subList(3, words.length));
      uses.merge(words[0], List.of(use), LastUse::both);
      return true;
    } catch (DateTimeException _) {
      return false; // Another line may be whole.
    }
  }

  private static List<Use> both(List<Use> some, List<Use> more) {
    List<Use> all = new ArrayList<>(some);
    all.addAll(more);
    return List.copyOf(all);
  }

  /// When the passwords of a user were used, by what was written last: for commands.
  public static List<Use> of(Disk disk, Path data, User user) {
    return read(disk, data).getOrDefault(UserNames.folded(user.name()), List.of());
  }

  /// The same for all users, by a function from their names.
  public static Function<User, List<Use>> all(Disk disk, Path data) {
    var uses = read(disk, data);
    return user -> uses.getOrDefault(UserNames.folded(user.name()), List.of());
  }

  /// Somebody logged in.
  ///
  /// @param said the name by which he did, or empty. A directory may call him otherwise (she says
  ///   her address, and is `anna`): she is at home by both, since the next login begins with the
  ///   one that is said
  void used(Login login, String said, String network) {
    String user = UserNames.folded(login.user());
    note(user, login.label().isEmpty() ? NO_LABEL : login.label(), network);
    String other = UserNames.folded(said);
    if (!other.isEmpty() && !other.equals(user)) {
      note(other, NO_LABEL, network);
    }
    ledger.changed();
  }

  private void note(String folded, String label, String network) {
    var now = os.time().now().truncatedTo(ChronoUnit.SECONDS);
    uses.compute(
        folded, (_, before) -> with(before == null ? List.of() : before, label, now, network));
  }

  private static List<Use> with(List<Use> before, String label, Instant now, String network) {
    List<Use> after = new ArrayList<>();
    List<String> addresses = new ArrayList<>();
    addresses.add(network);
    for (var use : before) {
      if (use.label().equals(label)) {
        use.addresses().stream().filter(other -> !other.equals(network)).forEach(addresses::add);
      } else {
        after.add(use);
      }
    }
    int most = Math.min(addresses.size(), ADDRESSES_MAX);
    after.addFirst(new Use(label, now, addresses.subList(0, most)));
    return List.copyOf(after);
  }

  /// Whether somebody has logged in as this user from there lately.
  boolean isUsual(String folded, String network) {
    return uses.getOrDefault(folded, List.of()).stream()
        .anyMatch(use -> use.addresses().contains(network));
  }

  /// Whether anybody has logged in from there lately. Looks at all that is remembered.
  boolean isUsual(String network) {
    return uses.values().stream()
        .flatMap(List::stream)
        .anyMatch(use -> use.addresses().contains(network));
  }

  private List<String> lines() {
    forgetThoseGone();
    List<String> lines = new ArrayList<>();
    uses.forEach((user, each) -> each.forEach(use -> lines.add(line(user, use))));
    return lines;
  }

  private static String line(String user, Use use) {
    var line = new StringBuilder(user);
    line.append(' ').append(use.label()).append(' ').append(use.when());
    use.addresses().forEach(address -> line.append(' ').append(address));
    return line.toString();
  }

  /// Writes what has changed.
  void write() {
    ledger.write();
  }

  private void forgetThoseGone() {
    try {
      var users = known.now();
      boolean others = known.others();
      uses.replaceAll(
          (user, each) -> {
            var found = users.find(user);
            return found.isEmpty() && others ? young(each) : left(each, found);
          });
      uses.values().removeIf(List::isEmpty);
    } catch (UnavailableException _) {
      // Nobody can tell now who is gone.
    }
  }

  private static List<Use> left(List<Use> uses, Optional<User> user) {
    return uses.stream().filter(use -> user.isPresent() && has(user.get(), use.label())).toList();
  }

  /// Of somebody whom another store may have.
  private List<Use> young(List<Use> uses) {
    var since = os.time().now().minus(STRANGERS_KEPT);
    return uses.stream()
        .filter(use -> use.label().equals(NO_LABEL) && use.when().isAfter(since))
        .toList();
  }

  private static boolean has(User user, String label) {
    return label.equals(NO_LABEL)
        || user.passwords().stream().anyMatch(each -> each.label().equals(label));
  }

  /// Writes what is left.
  @Override
  public void close() {
    ledger.close();
  }
}
