package dev.poststation.content;

import dev.poststation.message.AddressPatterns;
import dev.poststation.message.Recipient;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;

/// To whom our people have written: their answers are welcome. Kept in `data` over restarts,
/// bounded in number, length and age. Safe for any thread.
public final class Correspondents implements AutoCloseable {
  /// Its name in `data`.
  static final String FILE = "correspondents";

  /// What a service is told of an author who is known, in what is shown to it.
  static final String FIELD = "X-Known-Correspondent";

  private static final int PAIRS_MAX = 200_000;

  /// Of all pairs together; an address may have 254 (RFC 5321 4.5.3.1.3), most have a tenth.
  private static final long CHARACTERS_MAX = 16_000_000;

  private static final long KEPT_DAYS = 180;

  private final Time time;
  private final Ledger ledger;

  /// The day since 1970 on which somebody of us wrote last, by both addresses; the eldest first.
  private final LinkedHashMap<String, Long> pairs = new LinkedHashMap<>();

  private long characters;

  /// @param data where they are kept
  public Correspondents(Os os, Path data) {
    this(os, data, List.of());
    ledger.read(PAIRS_MAX, this::readLine);
  }

  private Correspondents(Os os, Path data, List<String> known) {
    this.time = os.time();
    this.ledger = new Ledger(os, data.resolve(FILE), this::lines);
    known.forEach(this::readLine);
  }

  /// As they were written last: for commands, which learn nothing.
  public static Correspondents asWritten(Os os, Path data) {
    return new Correspondents(os, data, Ledger.read(os.disk(), data.resolve(FILE)));
  }

  private synchronized List<String> lines() {
    forget();
    return pairs.entrySet().stream().map(pair -> pair.getValue() + "\t" + pair.getKey()).toList();
  }

  /// @return whether it was understood
  private synchronized boolean readLine(String line) {
    String[] parts = line.split("\t", -1);
    if (parts.length != 3 || !parts[0].matches("[0-9]{1,6}")) {
      return false;
    }
    // A clock that was wrong once makes nobody younger than now.
    put(parts[1] + "\t" + parts[2], Math.min(today(), Long.parseLong(parts[0])));
    return true;
  }

  private void put(String pair, long day) {
    if (pairs.remove(pair) == null) {
      characters += pair.length();
    }
    pairs.put(pair, day);
    forget();
  }

  /// The eldest go, when there are too many, and when they are too old: who wrote to whom is
  /// nobody's business for longer than it is of use.
  private void forget() {
    for (var eldest = pairs.firstEntry();
        eldest != null
            && (pairs.size() > PAIRS_MAX
                || characters > CHARACTERS_MAX
                || isOld(eldest.getValue()));
        eldest = pairs.firstEntry()) {
      characters -= eldest.getKey().length();
      pairs.pollFirstEntry();
    }
  }

  private boolean isOld(long day) {
    return today() - day > KEPT_DAYS;
  }

  /// Somebody of us has written to somebody.
  void remember(Address ours, Address theirs) {
    String pair = pair(ours, theirs);
    if (Ledger.fits(pair.replace('\t', ' '))) {
      synchronized (this) {
        put(pair, today());
      }
      ledger.changed();
    }
  }

  /// Whether somebody of us has written to him not too long ago.
  synchronized boolean knows(Address ours, Address theirs) {
    Long day = pairs.get(pair(ours, theirs));
    return day != null && !isOld(day);
  }

  /// A mail as a service is to see it that judges by that. Nobody else can say so: fields of this
  /// name that came with it are not shown.
  Message shown(Message message, List<Recipient> recipients) {
    var edits = new FieldEdits(message);
    edits.remove(FIELD);
    if (knowsAuthor(message, recipients)) {
      edits.add(FIELD, "yes", 0);
    }
    return edits.apply();
  }

  /// Whether all recipients have written to the author, who is one alone.
  private boolean knowsAuthor(Message message, List<Recipient> recipients) {
    var author = Author.of(message).address();
    return author.isPresent()
        && recipients.stream().allMatch(each -> knows(each.address(), author.get()));
  }

  private long today() {
    return Duration.ofMillis(time.now().toEpochMilli()).toDays();
  }

  private static String pair(Address ours, Address theirs) {
    return AddressPatterns.mailboxKey(ours) + "\t" + AddressPatterns.mailboxKey(theirs);
  }

  @Override
  public void close() {
    ledger.close();
  }
}
