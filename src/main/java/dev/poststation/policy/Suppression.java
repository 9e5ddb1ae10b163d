package dev.poststation.policy;

import dev.poststation.config.SuppressionSettings;
import dev.poststation.config.SuppressionSettings.Per;
import dev.poststation.config.SuppressionSettings.Reach;
import dev.poststation.log.Event;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Classification;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.Priority;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.Witness;
import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Reply;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/// The recipients that are not tried any more for a while, because next hops have said that there
/// is no such mailbox, or because an administrator says so (docs/manual/suppression.md). Kept in
/// `data`. Bounded. Safe for any thread.
public final class Suppression implements Witness, AutoCloseable {
  /// So many that are on the list are thrown out at once when it is full, of a hundred.
  private static final int PERCENT = 1;

  /// Lines that are read, whatever the configuration says now.
  private static final int LINES_MAX = 1_100_000;

  private static final String FILE = "suppressed";
  private static final Pattern CODE = Pattern.compile("5[0-9]{2}(?=[ -])");
  private static final EnhancedStatus NO_MAILBOX = new EnhancedStatus(5, 1, 1);

  private final Os os;
  private final Supplier<SuppressionSettings> settings;
  private final Consumer<Event> events;
  private final Ledger ledger;
  private final Map<Suppressed.Key, Suppressed> listed = new ConcurrentHashMap<>();

  /// @param settings those in force
  /// @param events is told who comes on the list and leaves it
  Suppression(Os os, Path data, Supplier<SuppressionSettings> settings, Consumer<Event> events) {
    this.os = os;
    this.settings = settings;
    this.events = events;
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines);
    ledger.read(
        LINES_MAX,
        line -> {
          var read = Suppressed.parse(line);
          read.ifPresent(each -> listed.put(each.key(), each));
          return read.isPresent();
        });
  }

  private List<String> lines() {
    sweep();
    return listed.values().stream().map(Suppressed::line).toList();
  }

  /// What was written last: for commands.
  public static List<Suppressed> read(Disk disk, Path data, Instant now) {
    return Ledger.read(disk, data.resolve(FILE)).stream()
        .flatMap(line -> Suppressed.parse(line).stream())
        .filter(each -> !each.isOver(now))
        .sorted(Comparator.comparing(Suppressed::since).reversed())
        .toList();
  }

  /// What is to be said against a recipient in RCPT.
  ///
  /// @param bulk whether it is known already that the mail is bulk
  /// @param now the moment that is asked about
  Optional<Objection> objection(String client, Address to, boolean bulk, Instant now) {
    return listed.isEmpty() || !reaches(bulk)
        ? Optional.empty()
        : find(client, to, now)
            .map(
                found ->
                    Objection.refusal(
                        found.byHand()
                            ? PolicyReplies.suppressedByHand(found.day(), found.end())
                            : PolicyReplies.suppressed(found.category(), found.day(), found.end()),
                        "suppression.for = "
                            + settings.get().reach().word()
                            + ": "
                            + found.sentence()));
  }

  @Override
  public Optional<Outcome> foreseen(Envelope envelope, Recipient recipient) {
    if (listed.isEmpty()
        || envelope.source().isOurs()
        || !reaches(Priority.isBulk(envelope.priority()))) {
      return Optional.empty();
    }
    return find(envelope.source().client(), recipient.address(), os.time().now())
        .map(found -> new Outcome.Bounced(Outcome.Stage.ROUTE, NO_MAILBOX, found.sentence(), null));
  }

  /// Whether it is looked at for such mail.
  boolean reaches(boolean bulk) {
    return switch (settings.get().reach()) {
      case OFF -> false;
      case BULK -> bulk;
      case ALL -> true;
    };
  }

  /// An entry that keeps mail of a client from an address is its own, or one for all, whatever
  /// `per` is now: it may have been something else when that was learned.
  private static List<Suppressed.Key> keys(String client, Address to) {
    String address = AddressPatterns.mailboxKey(to);
    return List.of(
        new Suppressed.Key(client, address), new Suppressed.Key(Suppressed.ALL, address));
  }

  private Optional<Suppressed> find(String client, Address to, Instant now) {
    for (var key : keys(client, to)) {
      var found = listed.get(key);
      if (found != null && !found.isOver(now)) {
        return Optional.of(found);
      }
    }
    return Optional.empty();
  }

  @Override
  public void concluded(
      Envelope envelope, String destination, List<Recipient> recipients, List<Outcome> outcomes) {
    if (!learns()) {
      return;
    }
    String client = envelope.source().client();
    for (int i = 0; i < outcomes.size(); i++) {
      var address = recipients.get(i).address();
      switch (outcomes.get(i)) {
        case Outcome.Bounced bounced when bounced.reply() != null ->
            learn(client, address, bounced);
        case Outcome.Delivered _ when !listed.isEmpty() -> works(client, address);
        default -> {} // It tells nothing about the mailbox.
      }
    }
  }

  /// Whether anything is learned.
  public boolean learns() {
    return settings.get().reach() != Reach.OFF;
  }

  /// A bounce that came in says that a recipient was refused after a next hop had taken the mail.
  ///
  /// @param client whose mail it was
  /// @param said what a host said to it, or empty
  /// @param bounce the queue id of the bounce
  public void returned(
      String client, Address to, EnhancedStatus status, String said, QueueId bounce) {
    if (!learns()) {
      return;
    }
    var code = CODE.matcher(said);
    int number = code.lookingAt() ? Integer.parseInt(code.group()) : 550;
    String words = said.isEmpty() ? status.toString() : said;
    learn(
        client,
        to,
        new Outcome.Bounced(
            Outcome.Stage.RCPT,
            status,
            "bounce " + bounce + " said: " + words,
            new Reply(number, status, List.of(words))));
  }

  private void learn(String client, Address to, Outcome.Bounced bounced) {
    var terms = settings.get();
    var category = Classification.category(bounced).filter(terms.categories()::contains);
    if (category.isEmpty()) {
      return;
    }
    var now = os.time().now();
    String address = AddressPatterns.mailboxKey(to);
    var key = new Suppressed.Key(whose(client), address);
    var before = listed.get(key);
    if ((before != null && before.byHand() && !before.isOver(now)) || !Ledger.fits(address)) {
      return;
    }
    if (before == null) {
      makeRoom(terms.most());
    }
    var until = now.plus(terms.keep());
    var entry =
        new Suppressed(key.client(), address, now, until, category.get().word(), bounced.text());
    if (listed.size() < terms.most() || before != null) {
      listed.put(key, entry);
      ledger.changed();
      tell(entry, "added");
    }
  }

  private String whose(String client) {
    return settings.get().per() == Per.RELAY ? Suppressed.ALL : client;
  }

  /// A mail was taken for it: whatever was wrong is over.
  private void works(String client, Address to) {
    for (var key : keys(client, to)) {
      var found = listed.get(key);
      if (found != null && !found.byHand() && listed.remove(key, found)) {
        ledger.changed();
        tell(found, "delivered");
      }
    }
  }

  private synchronized void makeRoom(int most) {
    if (listed.size() < most) {
      return;
    }
    sweep();
    int surplus = listed.size() - most + Math.max(1, most * PERCENT / 100);
    if (listed.size() >= most) {
      listed.values().stream()
          .filter(each -> each.until() != null)
          .sorted(Comparator.comparing(each -> String.valueOf(each.until())))
          .limit(surplus)
          .toList()
          .forEach(each -> listed.remove(each.key(), each));
    }
  }

  private void sweep() {
    var now = os.time().now();
    listed.values().removeIf(each -> each.isOver(now));
  }

  private void tell(Suppressed entry, String action) {
    String category = entry.category();
    events.accept(
        new Event.Suppressed(
            entry.client(),
            entry.address(),
            action,
            category.isEmpty() ? null : category,
            action.equals("added") ? entry.until() : null,
            entry.text()));
  }

  /// How many are on the list.
  public int count() {
    return listed.size();
  }

  /// Those on the list that are meant, the latest first.
  public List<Suppressed> now(Predicate<Suppressed> meant) {
    var now = os.time().now();
    return listed.values().stream()
        .filter(each -> !each.isOver(now))
        .filter(meant)
        .sorted(
            Comparator.comparing(Suppressed::since)
                .reversed()
                .thenComparing(Suppressed::address)
                .thenComparing(Suppressed::client))
        .toList();
  }

  /// An administrator puts some on the list, or says something else of those who are there. Returns
  /// when the disk has it.
  ///
  /// @return those that were not put there, because it is full of others that an administrator did
  public List<Suppressed> add(List<Suppressed> entries) {
    int most = settings.get().most();
    List<Suppressed> left = new ArrayList<>(0);
    for (var entry : entries) {
      if (!listed.containsKey(entry.key())) {
        makeRoom(most);
        if (listed.size() >= most) {
          left.add(entry);
          continue;
        }
      }
      listed.put(entry.key(), entry);
      tell(entry, "added");
    }
    written();
    return left;
  }

  /// An administrator takes those that are meant off the list. Returns when the disk has it.
  ///
  /// @return those that were there
  public List<Suppressed> remove(Predicate<Suppressed> meant) {
    List<Suppressed> gone = new ArrayList<>();
    for (var entry : now(meant)) {
      if (listed.remove(entry.key(), entry)) {
        gone.add(entry);
        tell(entry, "removed");
      }
    }
    written();
    return gone;
  }

  private void written() {
    ledger.changed();
    ledger.write();
  }

  /// Writes what is left.
  @Override
  public void close() {
    ledger.close();
  }
}
