package dev.poststation.account;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sasl.UserNames;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// When each password was last used, and from where: kept in `data`, apart from the users file. No
/// login waits for it, and little more is kept than there are passwords, and of people of other
/// stores so many. Safe for any thread.
public final class LastUse implements AutoCloseable {
  /// So many addresses are remembered of each password, the latest first.
  static final int ADDRESSES_MAX = 4;

  /// So many passwords are remembered of a user that were changed since, those used last.
  static final int CHANGED_MAX = 4;

  private static final String FILE = "users.used";
  private static final String NO_LABEL = "-";
  private static final String TOKEN = "token";

  /// He said this name, and is another user: whoever has it in the file has not logged in.
  private static final String SAID = "said";

  /// So many people of other stores are remembered, those who came last: of them there is no list.
  static final int OTHERS_MAX = 10_000;

  /// So long somebody is at home where he has logged in, also by a password that was changed since;
  /// and so long those are kept of whom nobody tells when they have left.
  private static final Duration AT_HOME = Duration.ofDays(90);

  /// Between an address and when it was seen, and a label and which password of that label it was.
  private static final char SEEN = '@';

  private final Os os;
  private final Known known;
  private final Map<String, List<Use>> uses;

  /// When anybody was last seen at an address. May have one for minutes longer than `uses`.
  private final Map<String, Instant> seen = new ConcurrentHashMap<>();

  private final Ledger ledger;

  /// With more names than that, it is time to forget some.
  private volatile int many = OTHERS_MAX;

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

  /// An address from which a password was used.
  ///
  /// @param address as [dev.poststation.os.Networks] writes it
  record Place(String address, Instant when) {}

  /// One password in use.
  ///
  /// @param label of the password; `-` for what is none
  /// @param what when the password was set, by which it is told from another of that label; the
  ///   certificates that the user had, `token`, or `said` of a name that is not the user's; empty
  ///   where nobody knew, or an older build wrote
  /// @param places from where, the latest first
  public record Use(String label, String what, Instant when, List<Place> places) {
    public Use {
      places = List.copyOf(places);
    }

    /// From where, as [dev.poststation.os.Networks] writes them, the latest first.
    public List<String> addresses() {
      return places.stream().map(Place::address).toList();
    }

    /// Whether that was used which has this label now: a password that is kept beside a new one has
    /// another label than before.
    private boolean isOf(String now, String nowWhat) {
      if (label.equals(NO_LABEL)) {
        return now.equals(NO_LABEL)
            && Stream.of(what.split(",")).anyMatch(List.of(nowWhat.split(","))::contains);
      }
      if (what.isEmpty() || nowWhat.isEmpty()) {
        return label.equals(now) && (nowWhat.isEmpty() || !when.isBefore(Instant.parse(nowWhat)));
      }
      return what.equals(nowWhat) && (label.equals(now) || (label + NewPassword.OLD).equals(now));
    }

    private boolean isOf(Password password) {
      return isOf(password.label(), password.created().toString());
    }

    private boolean isUnknown() {
      return label.equals(NO_LABEL) && what.isEmpty();
    }

    private boolean isByCertificate(User user) {
      return !user.certificates().isEmpty() && (isUnknown() || isOf(NO_LABEL, certificates(user)));
    }

    private boolean isByToken(User user) {
      return isUnknown() ? user.certificates().isEmpty() : isOf(NO_LABEL, TOKEN);
    }

    /// Whether the user still has what was used. Who issues tokens is not asked: they go on to be
    /// his.
    private boolean isOf(User user) {
      return isByToken(user)
          || isByCertificate(user)
          || user.passwords().stream().anyMatch(password -> isOf(password));
    }

    /// Whether he has another password in its place now, which not all of his devices know yet.
    private boolean wasChanged(User user) {
      return user.passwords().stream().anyMatch(now -> now.label().equals(label));
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
    seen.putAll(places());
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
      var when = Instant.parse(words[2]);
      List<Place> places = new ArrayList<>();
      for (String word : List.of(words).subList(3, words.length)) {
        places.add(place(word, when));
      }
      int at = words[1].indexOf(SEEN);
      String label = at < 0 ? words[1] : words[1].substring(0, at);
      var use = new Use(label, at < 0 ? "" : words[1].substring(at + 1), when, places);
      uses.merge(words[0], List.of(use), LastUse::both);
      return true;
    } catch (DateTimeException _) {
      return false; // Another line may be whole.
    }
  }

  /// @param otherwise when it was seen, where that does not stand there
  private static Place place(String word, Instant otherwise) {
    int at = word.indexOf(SEEN);
    return at < 0
        ? new Place(word, otherwise)
        : new Place(word.substring(0, at), Instant.parse(word.substring(at + 1)));
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

  /// The last use of a password, of those that its user has.
  public static Optional<Use> of(Password password, List<Use> uses) {
    return latest(uses, use -> use.isOf(password));
  }

  /// The last one of any of his certificates.
  public static Optional<Use> ofCertificate(User user, List<Use> uses) {
    return latest(uses, use -> use.isByCertificate(user));
  }

  /// The last one of a token.
  public static Optional<Use> ofToken(User user, List<Use> uses) {
    return latest(uses, use -> use.isByToken(user));
  }

  private static Optional<Use> latest(List<Use> uses, Predicate<Use> which) {
    return uses.stream().filter(which).max(Comparator.comparing(Use::when));
  }

  private static String certificates(User user) {
    return String.join(",", user.certificates());
  }

  /// Somebody logged in.
  ///
  /// @param said the name by which he did, or empty. A directory may call him otherwise (she says
  ///   her address, and is `anna`): she is at home by both, since the next login begins with the
  ///   one that is said
  void used(Login login, String said, String network) {
    String user = UserNames.folded(login.user());
    note(user, login.label().isEmpty() ? NO_LABEL : login.label(), what(user, login), network);
    String other = UserNames.folded(said);
    if (!other.isEmpty() && !other.equals(user)) {
      note(other, NO_LABEL, SAID, network);
    }
    ledger.changed();
  }

  private Optional<User> find(String folded) {
    try {
      return known.now().find(folded);
    } catch (UnavailableException _) {
      return Optional.empty();
    }
  }

  private String what(String folded, Login login) {
    return find(folded).map(user -> what(user, login)).orElse("");
  }

  private static String what(User user, Login login) {
    if (login.label().isEmpty()) {
      return login.lease() == null ? certificates(user) : TOKEN;
    }
    return user.passwords().stream()
        .filter(password -> password.label().equals(login.label()))
        .findFirst()
        .map(password -> password.created().toString())
        .orElse("");
  }

  private void note(String folded, String label, String what, String network) {
    var now = os.time().now().truncatedTo(ChronoUnit.SECONDS);
    var here = new Use(label, what, now, List.of(new Place(network, now)));
    uses.compute(folded, (_, before) -> with(before == null ? List.of() : before, here));
    seen.put(network, now);
    if (uses.size() > many) {
      forgetThoseGone();
    }
  }

  private static List<Use> with(List<Use> before, Use here) {
    List<Use> after = new ArrayList<>();
    List<Place> places = new ArrayList<>(here.places());
    for (var use : before) {
      if (use.isOf(here.label(), here.what())) {
        use.places().stream()
            .filter(other -> !here.addresses().contains(other.address()))
            .forEach(places::add);
      } else {
        after.add(use);
      }
    }
    int most = Math.min(places.size(), ADDRESSES_MAX);
    after.addFirst(new Use(here.label(), here.what(), here.when(), places.subList(0, most)));
    return List.copyOf(after);
  }

  private Instant lately() {
    return os.time().now().minus(AT_HOME);
  }

  /// Whether somebody has logged in as this user from there lately, by what the user still has or
  /// has changed since: one who was deleted is nowhere at home, nor is one by a password whose
  /// label was revoked. That a password was kept beside a new one, and then revoked, cannot be told
  /// from a change.
  boolean isUsual(String folded, String network) {
    var known = uses.get(folded);
    if (known == null) {
      return false;
    }
    var since = lately();
    var user = find(folded);
    return known.stream()
        .filter(use -> user.map(his -> use.isOf(his) || use.wasChanged(his)).orElse(true))
        .flatMap(use -> use.places().stream())
        .anyMatch(place -> place.address().equals(network) && place.when().isAfter(since));
  }

  /// Whether anybody has logged in from there lately.
  boolean isUsual(String network) {
    var when = seen.get(network);
    return when != null && when.isAfter(lately());
  }

  /// When anybody was last at each address.
  private Map<String, Instant> places() {
    Map<String, Instant> places = new HashMap<>();
    for (var each : uses.values()) {
      for (var use : each) {
        for (var place : use.places()) {
          places.merge(place.address(), place.when(), (a, b) -> a.isAfter(b) ? a : b);
        }
      }
    }
    return places;
  }

  private List<String> lines() {
    forgetThoseGone();
    List<String> lines = new ArrayList<>();
    uses.forEach((user, each) -> each.forEach(use -> lines.add(line(user, use))));
    return lines;
  }

  private static String line(String user, Use use) {
    var line = new StringBuilder(user);
    line.append(' ').append(use.label());
    if (!use.what().isEmpty()) {
      line.append(SEEN).append(use.what());
    }
    line.append(' ').append(use.when());
    for (var place : use.places()) {
      line.append(' ').append(place.address());
      if (!place.when().equals(use.when())) {
        line.append(SEEN).append(place.when());
      }
    }
    return line.toString();
  }

  /// Writes what has changed.
  void write() {
    ledger.write();
  }

  private synchronized void forgetThoseGone() {
    try {
      var users = known.now();
      boolean others = known.others();
      uses.replaceAll(
          (user, each) -> {
            var found = users.find(user);
            return found.isPresent() ? left(each, found.get()) : others ? young(each) : List.of();
          });
      uses.values().removeIf(List::isEmpty);
      forgetTooMany(users);
      forgetPlaces();
      many = Math.max(OTHERS_MAX, uses.size()) / 4 * 5;
    } catch (UnavailableException _) {
      // Nobody can tell now who is gone.
    }
  }

  private void forgetTooMany(Users users) {
    var others = uses.keySet().stream().filter(user -> users.find(user).isEmpty()).toList();
    if (others.size() <= OTHERS_MAX) {
      return;
    }
    Map<String, Instant> last = new HashMap<>();
    others.forEach(user -> last.put(user, uses.getOrDefault(user, List.of()).getFirst().when()));
    others.stream()
        .sorted(Comparator.comparing(last::get))
        .limit(others.size() - OTHERS_MAX)
        .forEach(uses::remove);
  }

  /// Leaves what is noted meanwhile.
  private void forgetPlaces() {
    var begin = os.time().now().truncatedTo(ChronoUnit.SECONDS);
    var left = places();
    for (String address : seen.keySet()) {
      seen.computeIfPresent(address, (_, when) -> when.isBefore(begin) ? left.get(address) : when);
    }
  }

  /// What the user has, and what he has changed lately; of that so many.
  private List<Use> left(List<Use> uses, User user) {
    var since = lately();
    var changed =
        uses.stream()
            .filter(use -> !use.isOf(user) && use.wasChanged(user) && use.when().isAfter(since))
            .sorted(Comparator.comparing(Use::when).reversed())
            .limit(CHANGED_MAX)
            .toList();
    return uses.stream().filter(use -> use.isOf(user) || changed.contains(use)).toList();
  }

  /// Of somebody whom another store may have.
  private List<Use> young(List<Use> uses) {
    var since = lately();
    return uses.stream()
        .filter(use -> use.label().equals(NO_LABEL) && use.when().isAfter(since))
        .toList();
  }

  /// Names that are remembered.
  int size() {
    return uses.size();
  }

  /// Writes what is left.
  @Override
  public void close() {
    ledger.close();
  }
}
