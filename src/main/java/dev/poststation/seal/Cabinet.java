package dev.poststation.seal;

import static java.util.stream.Collectors.toSet;

import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The keys on disk, as long as nothing has changed: commands change them while the relay runs,
/// which takes it over within ten seconds, without a reload. Private keys stay open once they were
/// opened, until they change. Safe for any thread.
///
/// @param <E> a key that is kept
/// @param <K> a private key that is open
/// @param <X> what is looked up besides names
public final class Cabinet<E extends Kept, K, X> {
  private static final Duration BETWEEN_GLANCES = Duration.ofSeconds(10);
  private static final Duration BETWEEN_OPENINGS = Duration.ofMinutes(1);
  private static final long NEVER = Long.MIN_VALUE;

  private final Os os;
  private final Shelf<E> shelf;
  private final Form<E> form;
  private final Opener<E, K> opener;
  private final Function<List<E>, X> indexing;
  private final Map<String, Open<E, K>> opened = new ConcurrentHashMap<>();

  /// Why keys could not be opened when it was last tried, by their fingerprint.
  private final Map<String, String> locked = new ConcurrentHashMap<>();

  private volatile @Nullable Seen<E, X> seen;

  /// When all keys were opened, by the clock that never goes back.
  private final AtomicLong triedAll = new AtomicLong(NEVER);

  /// Opens private keys. Slow.
  @FunctionalInterface
  public interface Opener<E, K> {
    /// Opens one.
    ///
    /// @throws IOException when it cannot; the message is a clause
    K open(E entry) throws IOException;
  }

  /// @param entry of which it was opened
  private record Open<E extends Kept, K>(E entry, K key) {}

  /// @param at when it was looked at
  private record Seen<E extends Kept, X>(Index<E, X> index, String mark, long at) {}

  /// @param own by the names that they are for
  /// @param partners by the names that they are for
  /// @param unread of which nobody knows now whose they are, a sentence each
  private record Index<E extends Kept, X>(
      List<E> all,
      Map<String, List<E>> own,
      Map<String, List<E>> partners,
      X more,
      List<String> flaws,
      List<String> unread) {
    static <E extends Kept, X> Index<E, X> of(
        Shelf.Content<E> content, Function<List<E>, X> indexing) {
      Map<String, List<E>> own = new HashMap<>();
      Map<String, List<E>> partners = new HashMap<>();
      for (var entry : content.entries()) {
        for (String name : entry.names()) {
          (entry.isOwn() ? own : partners)
              .computeIfAbsent(name, _ -> new ArrayList<>(1))
              .add(entry);
        }
      }
      var more = indexing.apply(content.entries());
      return new Index<>(content.entries(), own, partners, more, content.flaws(), content.unread());
    }
  }

  /// @param data that of the relay
  /// @param indexing makes what is looked up besides names, of all that is kept
  public Cabinet(
      Os os, Path data, Form<E> form, Opener<E, K> opener, Function<List<E>, X> indexing) {
    this.os = os;
    this.shelf = new Shelf<>(os.disk(), data, form);
    this.form = form;
    this.opener = opener;
    this.indexing = indexing;
  }

  private Index<E, X> index() {
    long now = os.time().nanos();
    var before = seen;
    if (before != null && now - before.at < BETWEEN_GLANCES.toNanos()) {
      return before.index;
    }
    if (before != null) {
      seen = new Seen<>(before.index, before.mark, now); // One looks; the others go on.
    }
    String mark = shelf.mark();
    // What could not be read may be mended without a mark, by chmod.
    if (before != null && before.mark.equals(mark) && before.index.flaws.isEmpty()) {
      return before.index;
    }
    var fresh = Index.of(shelf.read(), indexing);
    seen = new Seen<>(fresh, mark, now);
    opened.keySet().retainAll(fresh.all.stream().map(Kept::fingerprint).collect(toSet()));
    return fresh;
  }

  /// All that is kept, those of ours first.
  public List<E> all() {
    return index().all;
  }

  /// Those of ours.
  public List<E> own() {
    return all().stream().filter(Kept::isOwn).toList();
  }

  /// What is looked up besides names.
  public X more() {
    return index().more;
  }

  /// Those of ours that are for a name.
  public List<E> own(String name) {
    return index().own.getOrDefault(name, List.of());
  }

  /// Those of others that are for a name.
  public List<E> partners(String name) {
    return index().partners.getOrDefault(name, List.of());
  }

  /// The one that signs for an author: his own, else that of his domain.
  ///
  /// @param may whether one can be used for it now
  public Optional<E> signer(Address author, Predicate<E> may) {
    return newest(own(Names.of(author)), may).or(() -> newest(own(Names.ofDomain(author)), may));
  }

  /// The one that mail to somebody is encrypted for: his own, or that of his domain.
  ///
  /// @param domainFirst which of them where there are both
  /// @param may whether one can be used for it now
  /// @throws IOException when there is none among those that the disk gives, and there are others:
  ///   one of them may be his; the message is a clause
  public Optional<E> recipient(Address address, boolean domainFirst, Predicate<E> may)
      throws IOException {
    String one = domainFirst ? Names.ofDomain(address) : Names.of(address);
    String other = domainFirst ? Names.of(address) : Names.ofDomain(address);
    var found = recipient(one, may).or(() -> recipient(other, may));
    var unread = index().unread;
    if (found.isEmpty() && !unread.isEmpty()) {
      throw new IOException(unread.getFirst());
    }
    return found;
  }

  private Optional<E> recipient(String name, Predicate<E> may) {
    // Mail between our own users may be encrypted, too.
    return newest(partners(name), may).or(() -> newest(own(name), may));
  }

  private Optional<E> newest(List<E> among, Predicate<E> may) {
    return among.stream()
        .filter(may)
        .max(Comparator.<E, Instant>comparing(Kept::begins).thenComparing(Kept::added));
  }

  /// The names of those of ours that can be used for something.
  public Set<String> names(Predicate<E> may) {
    return own().stream().filter(may).flatMap(each -> each.names().stream()).collect(toSet());
  }

  /// Where one stands.
  public Path file(E entry) {
    return shelf.file(entry);
  }

  /// Whether this user may not see it.
  public boolean isHidden() {
    return shelf.isHidden();
  }

  /// What cannot be read, a sentence each.
  public List<String> flaws() {
    return index().flaws;
  }

  /// A private key. Slow when it is used for the first time.
  ///
  /// @throws IOException when it cannot be had; the message is a clause that says why
  public K key(E entry) throws IOException {
    String print = entry.fingerprint();
    var known = opened.get(print);
    if (known != null && isSame(known.entry, entry)) {
      return known.key;
    }
    if (!entry.isOwn()) {
      throw new IOException("there is no private key of " + entry);
    }
    try {
      var key = opener.open(entry);
      opened.put(print, new Open<>(entry, key));
      locked.remove(print);
      return key;
    } catch (IOException e) {
      opened.remove(print);
      locked.put(print, String.valueOf(e.getMessage()));
      throw new IOException("the key of " + entry + " cannot be used: " + e.getMessage(), e);
    }
  }

  /// It may have been read anew, and may say then that it was revoked, or have another private key.
  private boolean isSame(E one, E other) {
    return one.equals(other) || form.text(one).equals(form.text(other));
  }

  /// Opens all keys that are not open yet. Slow.
  public void openAll() {
    for (var each : own()) {
      try {
        key(each);
      } catch (IOException _) {
        // It is noted.
      }
    }
  }

  /// Tries keys that are not open in the background, again and again: somebody may mend it.
  public void openSoon() {
    long before = triedAll.get();
    long now = os.time().nanos();
    boolean due = before == NEVER || now - before > BETWEEN_OPENINGS.toNanos();
    if (due && isAnyShut() && triedAll.compareAndSet(before, now)) {
      os.tasks().platform("seal-keys", this::openAll);
    }
  }

  private boolean isAnyShut() {
    return own().stream().anyMatch(each -> !opened.containsKey(each.fingerprint()));
  }

  /// The names of keys that could not be opened, by the reason: a clause.
  public Map<String, List<String>> locked() {
    Map<String, List<String>> all = new TreeMap<>();
    for (var each : own()) {
      String why = locked.get(each.fingerprint());
      if (why != null) {
        all.computeIfAbsent(why, _ -> new ArrayList<>()).addAll(each.names());
      }
    }
    return all;
  }

  /// Keeps one.
  public void put(E entry) throws IOException {
    shelf.put(entry);
    opened.remove(entry.fingerprint());
    locked.remove(entry.fingerprint());
    seen = null;
  }

  /// Forgets one.
  public void remove(E entry) throws IOException {
    shelf.remove(entry);
    opened.remove(entry.fingerprint());
    locked.remove(entry.fingerprint());
    seen = null;
  }
}
