package dev.poststation.openpgp;

import dev.poststation.config.WebKeyDirectories;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.seal.SealWork;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keys that the domains of others publish (Web Key Directory), and what was said of them lately.
/// Safe for any thread; blocks the calling one while a site is asked.
public final class WebKeys {
  private static final Logger LOG = LoggerFactory.getLogger(WebKeys.class);

  /// Their answers are in memory.
  private static final int AT_ONCE = 32;

  private static final int NOTES_MAX = 20_000;
  private static final int OCTETS_MAX = 8 * 1024 * 1024;

  /// A site that does not answer is left alone.
  private static final Duration PAUSE = Duration.ofMinutes(5);

  /// So is one that is no such directory, as most sites are.
  private static final Duration UNFIT = Duration.ofHours(1);

  /// A key counts while nobody says otherwise, lest an outage have mail go in the clear.
  private static final Duration HELD = Duration.ofDays(7);

  /// When so many in a row fail, it is our end of the line.
  private static final int ROW = 5;

  private final Os os;
  private final Resolver resolver;
  private final Supplier<WebKeyDirectories> settings;
  private final SealWork work;
  private final Semaphore room = new Semaphore(AT_ONCE);
  private final Map<String, CompletableFuture<Note>> underWay = new ConcurrentHashMap<>();
  private final LongAdder answered = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final AtomicInteger row = new AtomicInteger();
  private volatile String lastWhy = "";

  // Guarded by itself; those that were used last are the last ones.
  private final LinkedHashMap<String, Note> notes = new LinkedHashMap<>(16, 0.75f, true);
  private long octets;

  /// What is known of an address, or of all of its domain.
  ///
  /// @param keys what came; empty: there is none
  /// @param came when, by the clock that never goes back
  /// @param why there is none, a clause
  /// @param later whether there may be one later
  /// @param sure whether the domain has said so
  /// @param asked whether anybody was asked for long enough; if not, it is no answer
  /// @param until when it is to be asked anew
  private record Note(
      byte[] keys, long came, String why, boolean later, boolean sure, boolean asked, long until) {
    private boolean isFresh(long now) {
      return until - now > 0;
    }

    private boolean isHeld(long now) {
      return keys.length > 0 && now - came < HELD.toNanos();
    }
  }

  /// A key, or why there is none.
  ///
  /// @param why a clause; empty: there is one
  /// @param later whether there may be one later: nobody knows now
  public record Answer(Optional<Key> key, String why, boolean later) {
    private static Answer none(String why, boolean later) {
      return new Answer(Optional.empty(), why, later);
    }
  }

  WebKeys(Os os, Resolver resolver, Supplier<WebKeyDirectories> settings, SealWork work) {
    this.os = os;
    this.resolver = resolver;
    this.settings = settings;
    this.work = work;
  }

  /// Whether anybody is asked.
  public boolean isOn() {
    return settings.get().on();
  }

  /// The key that the domain of an address has for it.
  ///
  /// @param keystore what is known of a key here is never less than what its domain says
  /// @param end until when others may be asked, by the clock that never goes back
  /// @throws IOException when nobody could be asked, or what came not be looked at, in time; the
  ///   message is a clause
  public Answer look(Address address, Keystore keystore, long end) throws IOException {
    var place = WebKeyPlace.of(address);
    if (place.isEmpty()) {
      return Answer.none("no site can have the name " + address.domain(), false);
    }
    var note = note(address, place.get(), end);
    if (!note.asked) { // Mail must not go in the clear for want of time.
      throw new IOException(note.why);
    }
    if (note.keys.length == 0) {
      return Answer.none(note.why, note.later);
    }
    var left = Duration.ofNanos(Math.max(0, end - os.time().nanos()));
    return work.work(note.keys.length, () -> chosen(note, Names.of(address), keystore), left);
  }

  /// The newest one that can be used.
  private static Answer chosen(Note note, String name, Keystore keystore) {
    try {
      var found =
          Hostile.read(
              "it cannot be used",
              () -> PublishedKeys.newest(KeyFile.read(note.keys), name, Kept.Origin.WKD, keystore));
      return found.key().isPresent()
          ? new Answer(found.key(), "", false)
          : Answer.none(note.why + " for him: " + found.why(), false);
    } catch (IOException e) {
      return Answer.none(note.why + ": " + e.getMessage(), false);
    }
  }

  /// What is asked about, which is not always what people take for the same: the draft has another
  /// file for each spelling but of ASCII.
  private static String name(WebKeyPlace place) {
    return place.hash() + "@" + place.domain();
  }

  private Note note(Address address, WebKeyPlace place, long end) {
    String name = name(place);
    long now = os.time().nanos();
    var before = get(name);
    if (before != null && before.isFresh(now)) {
      return before;
    }
    var domain = get(Names.ofDomain(address));
    var fresh =
        domain != null && domain.isFresh(now)
            ? domain
            : once(name, () -> asked(address, place, end));
    return !fresh.sure && before != null && before.isHeld(now) ? before : fresh;
  }

  private Note once(String name, Supplier<Note> asking) {
    var mine = new CompletableFuture<Note>();
    var theirs = underWay.putIfAbsent(name, mine);
    if (theirs != null) {
      return theirs.join();
    }
    try {
      var note = asking.get();
      mine.complete(note);
      return note;
    } finally {
      underWay.remove(name, mine);
      mine.completeExceptionally(new IllegalStateException("asking failed"));
    }
  }

  private Note asked(Address address, WebKeyPlace place, long end) {
    var now = settings.get();
    var left = Duration.ofNanos(end - os.time().nanos());
    boolean hasTime = left.compareTo(now.timeout()) >= 0;
    var atMost = hasTime ? now.timeout() : left;
    if (!atMost.isPositive() || !room.tryAcquire()) {
      String why = atMost.isPositive() ? "too many sites are asked at once" : "no time is left";
      return unknown(place.domain() + ": " + why, Duration.ZERO, false);
    }
    try {
      var said = new WebKeyCall(os, resolver, now).ask(place, atMost);
      return noted(said, place, Names.ofDomain(address), now.remember(), hasTime);
    } finally {
      room.release();
    }
  }

  private Note noted(
      WebKeyCall.Said said, WebKeyPlace place, String domain, Duration remember, boolean hadTime) {
    return switch (said) {
      case WebKeyCall.Said.Keys(var keys, var from) when isOpenPgp(keys) ->
          answer(name(place), keys, from + " has no key", true, remember);
      case WebKeyCall.Said.Keys(_, var from) ->
          answer(name(place), new byte[0], from + " has no key", false, UNFIT);
      case WebKeyCall.Said.None(var why, var sure) ->
          answer(name(place), new byte[0], why, sure, sure ? remember : UNFIT);
      case WebKeyCall.Said.NoDirectory(var why) -> answer(domain, new byte[0], why, true, remember);
      case WebKeyCall.Said.Unfit(var why) -> answer(domain, new byte[0], why, false, UNFIT);
      case WebKeyCall.Said.Silent(var why) -> {
        failed.increment();
        LOG.warn("Whether {} has a key by WKD cannot be found out: {}", domain, why);
        lastWhy = why;
        row.incrementAndGet();
        var note = unknown(why, PAUSE, hadTime);
        if (hadTime) {
          put(domain, note);
        }
        yield note;
      }
    };
  }

  /// Many sites have a page for whatever is asked.
  private static boolean isOpenPgp(byte[] octets) {
    try {
      return !Hostile.read("", () -> KeyFile.read(octets)).isEmpty();
    } catch (IOException _) {
      return false;
    }
  }

  private Note answer(String name, byte[] keys, String why, boolean sure, Duration counts) {
    answered.increment();
    row.set(0);
    long now = os.time().nanos();
    long until = now + counts.toNanos();
    var before = get(name);
    var note =
        !sure && before != null && before.isHeld(now) // Not forgotten for a fault of a site.
            ? new Note(before.keys, before.came, before.why, false, true, true, until)
            : new Note(keys, now, why, false, sure, true, until);
    put(name, note);
    return note;
  }

  private Note unknown(String why, Duration pause, boolean asked) {
    long now = os.time().nanos();
    return new Note(new byte[0], now, why, true, false, asked, now + pause.toNanos());
  }

  private @Nullable Note get(String name) {
    synchronized (notes) {
      return notes.get(name);
    }
  }

  private void put(String name, Note note) {
    synchronized (notes) {
      var before = notes.put(name, note);
      octets += note.keys.length - (before == null ? 0 : before.keys.length);
      while (notes.size() > NOTES_MAX || octets > OCTETS_MAX) {
        octets -= notes.pollFirstEntry().getValue().keys.length;
      }
    }
  }

  /// What an administrator should know, a sentence each.
  List<String> concerns() {
    return isOn() && row.get() >= ROW
        ? List.of(
            "openpgp: none of the last "
                + row.get()
                + " sites that were asked for keys (WKD) has answered; let HTTPS out, or remove"
                + " openpgp.wkd; the last one: "
                + lastWhy)
        : List.of();
  }

  /// How often a site said something since the start.
  public long answered() {
    return answered.sum();
  }

  /// How often one did not.
  public long failed() {
    return failed.sum();
  }
}
