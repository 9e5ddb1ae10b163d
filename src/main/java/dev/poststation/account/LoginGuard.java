package dev.poststation.account;

import dev.poststation.account.FailureBook.Place;
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
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// Counts failed logins for each address, each user, and each user at each address, in the same way
/// for all names (docs/adr/0011-guessing.md). Safe for any thread.
///
/// What everybody can find out, by the reply and by the time that it takes, goes by these three
/// alone, which no success of somebody else changes. Who is at home decides only whether a password
/// is looked at while there is a block, and only whoever knows it learns that.
///
/// A failure that counts goes on to count. One by a mechanism that not every user can use counts
/// some seconds later, unless he logs in by then in the same session.
///
/// Limits: logins that have a turn, or need none, at the same moment are all let through before the
/// first one has failed.
public final class LoginGuard implements Guard {
  private static final Duration FIRST_DELAY = Duration.ofMillis(250);

  /// So long a device has to log in after a mechanism was in vain.
  private static final Duration SETTLED_AFTER = Duration.ofSeconds(10);

  /// So long somebody waits for a turn. Those of wrong passwords often last longer, so that of many
  /// at once few are looked at.
  public static final Duration IN_LINE = Duration.ofSeconds(4);

  /// Without a directory. Beside one there are as many as connections to it, but for one: no name,
  /// and no address, takes them all.
  private static final int TURNS = 4;

  private final Os os;
  private final Supplier<UsersSettings> settings;
  private final LastUse lastUse;
  private final Journal journal;
  private final FailureBook book = new FailureBook();
  private final Outage outage;
  private final Unsettled unsettled = new Unsettled();
  private final Turns turns;

  /// @param settings those in force
  /// @param lastUse where users are at home
  /// @param answers whether all passwords can be looked at now; may wait
  public LoginGuard(
      Os os,
      Supplier<UsersSettings> settings,
      LastUse lastUse,
      Journal journal,
      BooleanSupplier answers) {
    this.os = os;
    this.settings = settings;
    this.lastUse = lastUse;
    this.journal = journal;
    this.outage = new Outage(os, answers);
    this.turns = new Turns(os.time());
  }

  private static Place place(Passage passage) {
    return Place.of(passage.address(), passage.user());
  }

  private boolean isAtHome(Place place) {
    return lastUse.isUsual(place.user(), place.network());
  }

  /// Those by which somebody is blocked.
  private List<FailureBook> blocking(Place place, long now) {
    return Stream.of(book, outage.book())
        .filter(each -> each.left(place, now).isPositive())
        .toList();
  }

  @Override
  public Passage passage(InetAddress address, String user) {
    var now = settings.get();
    outage.look(now.blockFor());
    var passage = standing(address, user);
    if (passage.blocked() && passage.looked()) {
      // Before it is known whether it is wrong: of many at once no more are looked at either.
      var place = place(passage);
      long nanos = passage.since();
      blocking(place, nanos).forEach(each -> each.looked(place, now, nanos));
    }
    return passage;
  }

  /// How this address stands that would log in as this user now.
  Passage standing(InetAddress address, String user) {
    var place = Place.of(address, user);
    long now = os.time().nanos();
    settle(now, _ -> false);
    var left = FailureBook.longer(book.left(place, now), outage.book().left(place, now));
    boolean spared =
        isAtHome(place) && blocking(place, now).stream().allMatch(each -> each.spares(place, now));
    return new Passage(address, user, now, left, left.isZero() || spared);
  }

  @Override
  public Turn turn(Passage said) {
    return new InLine(said);
  }

  private int turnsAtOnce() {
    var ldap = settings.get().ldap();
    return ldap == null ? TURNS : ldap.connections() - 1;
  }

  /// A password that waits for its turn.
  private final class InLine implements Turn {
    private final Passage said;
    private final Place place;
    private final long until;
    private final Turns.Turn turn;
    private final boolean atOnce;
    private boolean early;
    private boolean judged;

    private InLine(Passage said) {
      this.said = said;
      this.place = place(said);
      this.until = said.since() + IN_LINE.toNanos();
      this.turn = turns.enter(place.keys(), turnsAtOnce(), until);
      this.atOnce = turn.had();
    }

    @Override
    public boolean had() {
      return atOnce;
    }

    @Override
    public boolean isAtHome() {
      return LoginGuard.this.isAtHome(place);
    }

    @Override
    public Optional<Login> meanwhile(Callable<Optional<Login>> look) throws Exception {
      var home = turns.enter(List.of("at home " + place.pair()), 1, until);
      try {
        var login = home.await() != null && begins() ? look.call() : Optional.<Login>empty();
        if (login.isPresent()) {
          turn.needless();
        }
        return login;
      } finally {
        home.over();
      }
    }

    /// It counts before it is known whether it is wrong: else of many, one after the other, more
    /// would be looked at.
    private synchronized boolean begins() {
      long now = os.time().nanos();
      early = !judged && book.spares(place, now);
      if (early) {
        book.looked(place, settings.get(), now);
      }
      return early;
    }

    private synchronized boolean judge() {
      judged = true;
      return early;
    }

    @Override
    public Passage await() {
      var since = turn.await();
      boolean looked = judge();
      var left = since == null ? Duration.ZERO : standing(said.address(), said.user()).left();
      if (since != null && left.isZero()) {
        return new Passage(said.address(), said.user(), since, Duration.ZERO, true, false, looked);
      }
      turn.over(); // He is blocked by those who were before him, or has none.
      return new Passage(
          said.address(), said.user(), said.since(), left, looked, since == null, looked);
    }

    @Override
    public void over() {
      turn.over();
    }
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
      return WHILE_BLOCKED;
    }
    var place = place(passage);
    long now = os.time().nanos();
    settle(now, each -> isNear(each, place));
    var memory = settings.get().blockFor();
    int failures =
        Math.max(book.failures(place, memory, now), outage.book().failures(place, memory, now));
    if (failures == 0) {
      return Duration.ZERO;
    }
    // No more doublings than it takes to come to the longest one.
    var delay = FIRST_DELAY.multipliedBy(1L << Math.min(failures - 1, 5));
    return delay.compareTo(WHILE_BLOCKED) < 0 ? delay : WHILE_BLOCKED;
  }

  @Override
  public boolean atHome(InetAddress address) {
    return lastUse.isUsual(Networks.of(address));
  }

  @Override
  public void failed(Passage passage) {
    var place = place(passage);
    settle(os.time().nanos(), each -> isNear(each, place));
    count(book, passage, os.time().nanos());
  }

  @Override
  public Mistake failedSoFar(Passage passage) {
    var place = place(passage);
    long now = os.time().nanos();
    settle(now, each -> isNear(each, place));
    var mistake = new Mistake(passage, now + SETTLED_AFTER.toNanos());
    unsettled.add(mistake);
    return mistake;
  }

  @Override
  public void unanswered(Passage passage) {
    var place = place(passage);
    settle(os.time().nanos(), each -> isNear(each, place));
    count(outage.book(), passage, os.time().nanos());
  }

  /// Counts those whose time has come, and those that are meant: of one address and of one user no
  /// more than one waits, lest many at once are guesses that do not count yet.
  private void settle(long now, Predicate<Place> meant) {
    for (var each : unsettled.take(now, meant)) {
      count(book, each.passage(), now - each.due() < 0 ? now : each.due());
    }
  }

  private static boolean isNear(Place other, Place place) {
    return other.network().equals(place.network())
        || (!place.user().isEmpty() && other.user().equals(place.user()));
  }

  /// @param in where it counts, if it was not blocked
  /// @param nanos when it counts, which may be a while ago: nobody came since
  private void count(FailureBook in, Passage passage, long nanos) {
    var place = place(passage);
    var now = settings.get();
    if (passage.crowded()) {
      return; // Many of his own, most likely, and the right one.
    }
    if (!passage.blocked()) {
      boolean counts = isAtHome(place) && !(passage.early() && in == book);
      in.failed(place, counts, now, nanos).forEach(each -> tell(each, passage, in != book, nanos));
      return;
    }
    for (var by : blocking(place, passage.since())) {
      List<FailureBook.Block> begun = new ArrayList<>();
      by.failedWhileBlocked(place, now, nanos, begun);
      begun.forEach(each -> tell(each, passage, by != book, nanos));
    }
  }

  /// @param since when it began
  private void tell(FailureBook.Block block, Passage passage, boolean down, long since) {
    var left = settings.get().blockFor().minusNanos(os.time().nanos() - since);
    if (!left.isPositive()) {
      return; // It is over.
    }
    var address = block.address() ? passage.address() : null;
    var user = block.user() ? passage.user() : null;
    var until = os.time().now().plus(left);
    journal.tell(new Event.LoginsBlocked(address, user, block.failures(), until, down));
  }

  /// Whoever cannot log in now.
  ///
  /// @param address as [Networks] writes it; empty: the user is blocked, at all addresses where he
  ///   is not at home
  /// @param user by his folded name; empty: the address is blocked, for all who are not at home
  ///   there; with both, that user at that address, unless he has logged in there meanwhile
  /// @param down it comes of passwords that nobody could look at, since a directory is down
  public record Block(String address, String user, int failures, Instant until, boolean down) {}

  /// All blocks, the one that ends first at the beginning.
  public List<Block> blocks() {
    long nanos = os.time().nanos();
    settle(nanos, _ -> false);
    var now = os.time().now();
    List<Block> all = new ArrayList<>();
    for (var from : List.of(book, outage.book())) {
      for (var each : from.blocked(nanos)) {
        var until = now.plus(each.left());
        all.add(new Block(each.address(), each.user(), each.failures(), until, from != book));
      }
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
    return book.forget(address, user, pair, now) + outage.book().forget(address, user, pair, now);
  }

  @Override
  public void succeeded(Passage passage, Login login, List<Mistake> before) {
    var place = place(passage);
    before.stream().filter(each -> isExplained(each, place)).forEach(unsettled::drop);
    book.cameHome(place);
    outage.book().cameHome(place);
    lastUse.used(login, passage.user(), place.network());
  }

  /// Whether it was the same user at the same address, or nobody.
  private static boolean isExplained(Mistake mistake, Place by) {
    var place = place(mistake.passage());
    return place.network().equals(by.network())
        && (place.user().equals(by.user()) || place.user().isEmpty());
  }
}
