package dev.poststation.dkim;

import dev.poststation.config.DkimDomain;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Takes the keys of a domain one step further, the one that is due: a new key is made; once the
/// DNS has it, it signs, and the one before is retired; once that is neither needed nor published
/// any more, it is gone. Each call does one step or says what it waits for, so that it can be
/// called again at any time (docs/adr/0019-rotation-of-keys.md). Confined to one thread.
public final class Rotation {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("'ps'yyyyMMdd", Locale.ROOT);

  /// Of one day.
  private static final int GENERATIONS_MOST = 26;

  private final Os os;
  private final Path data;
  private final Resolver resolver;

  /// @param data that of the relay
  public Rotation(Os os, Path data, Resolver resolver) {
    this.os = os;
    this.data = data;
    this.resolver = resolver;
  }

  /// A record, and what the DNS has in its place.
  public record Checked(KeyRecord record, KeyRecord.Found found) {}

  /// What was done.
  public sealed interface Step {
    /// Keys were made: these records are to be published.
    record Made(List<KeyRecord> records) implements Step {}

    /// Nothing: what was made is not published.
    record Waiting(List<Checked> records) implements Step {}

    /// What was made signs from now on.
    ///
    /// @param selectors of it
    /// @param retired what signed until now
    /// @param until for so long it is to stay published
    record Activated(List<String> selectors, List<KeyRecord> retired, Instant until)
        implements Step {}

    /// Nothing is due.
    record Nothing(String why) implements Step {}
  }

  /// All that was done and is to do.
  ///
  /// @param gone keys that were forgotten
  /// @param unneeded records that can be taken out of the DNS
  public record Outcome(Step step, List<String> gone, List<KeyRecord> unneeded) {
    public Outcome {
      gone = List.copyOf(gone);
      unneeded = List.copyOf(unneeded);
    }
  }

  /// Why a step cannot be done, for the administrator: a sentence.
  public static final class RefusedException extends Exception {
    RefusedException(String message) {
      super(message);
    }
  }

  /// Does the next step.
  ///
  /// @param due a key is made only where the one that signs is older than `rotate-after`
  /// @param unseen what was made signs though the DNS that we ask does not have it
  /// @throws RefusedException when it cannot be
  /// @throws IOException when the disk fails
  public Outcome rotate(DkimDomain settings, boolean due, boolean unseen)
      throws RefusedException, IOException {
    var shelf = shelf(settings);
    try (var _ = shelf.lock().orElseThrow(() -> busy(settings))) {
      var work = new Work(settings, shelf, DomainKeys.read(os.disk(), data, settings));
      work.forget();
      var step = work.pending().isEmpty() ? work.make(due) : work.activate(unseen);
      return new Outcome(step, work.gone, work.unneeded);
    }
  }

  /// Makes the first key.
  ///
  /// @throws RefusedException when there is one
  /// @throws IOException when the disk fails
  public Outcome create(DkimDomain settings) throws RefusedException, IOException {
    var shelf = shelf(settings);
    try (var _ = shelf.lock().orElseThrow(() -> busy(settings))) {
      var keys = DomainKeys.read(os.disk(), data, settings);
      if (!keys.keys().isEmpty()) {
        throw new RefusedException(
            keys.domain()
                + " has keys: see poststation dkim list; poststation dkim rotate "
                + keys.domain()
                + " makes the next one.");
      }
      var work = new Work(settings, shelf, keys);
      return new Outcome(work.make(false), work.gone, work.unneeded);
    }
  }

  private KeyShelf shelf(DkimDomain settings) {
    return new KeyShelf(os.disk(), data, DomainKeys.nameOf(settings));
  }

  private static RefusedException busy(DkimDomain settings) {
    return new RefusedException(
        "Another command is changing the keys of "
            + settings.name()
            + " just now: run this one again.");
  }

  /// One call.
  private final class Work {
    private final DkimDomain settings;
    private final KeyShelf shelf;
    private final DomainKeys keys;
    private final List<KeyEntry> entries;
    private final Instant now = os.time().now();
    private final List<String> gone = new ArrayList<>();
    private final List<KeyRecord> unneeded = new ArrayList<>();

    private Work(DkimDomain settings, KeyShelf shelf, DomainKeys keys)
        throws RefusedException, IOException {
      this.settings = settings;
      this.shelf = shelf;
      this.keys = keys;
      var content = shelf.read();
      if (!content.flaw().isEmpty()) {
        throw new RefusedException(
            "The keys cannot be changed: " + content.flaw() + "; mend it, or remove it.");
      }
      this.entries = new ArrayList<>(content.entries());
      // Keys that stand in the configuration alone.
      keys.entries().stream().filter(each -> !entries.contains(each)).forEach(entries::add);
    }

    private List<DomainKeys.Held> pending() {
      return keys.in(KeyEntry.State.MADE);
    }

    /// Retired keys whose time is over.
    private void forget() throws IOException {
      for (var held : keys.in(KeyEntry.State.RETIRED)) {
        var retired = held.entry().retired();
        if (retired == null || retired.plus(settings.keep()).isAfter(now)) {
          continue;
        }
        var key = held.key();
        if (key != null && !(KeyRecord.of(key).look(resolver) instanceof KeyRecord.Found.Missing)) {
          unneeded.add(KeyRecord.of(key));
        } else if (!held.entry().foreign()) { // One of the configuration would sign again.
          entries.remove(held.entry());
          shelf.write(entries);
          shelf.remove(held.entry().selector());
          gone.add(held.entry().selector());
        }
      }
    }

    private Step activate(boolean unseen) throws RefusedException, IOException {
      List<Checked> checked = new ArrayList<>();
      for (var held : pending()) {
        var key = held.key();
        if (key == null) {
          throw new RefusedException("The new key cannot be used: " + held.problem() + ".");
        }
        var record = KeyRecord.of(key);
        checked.add(
            new Checked(record, unseen ? new KeyRecord.Found.Same() : record.look(resolver)));
      }
      if (!checked.stream().allMatch(each -> each.found() instanceof KeyRecord.Found.Same)) {
        return new Step.Waiting(List.copyOf(checked));
      }
      List<KeyRecord> retired = new ArrayList<>();
      for (var held : keys.in(KeyEntry.State.ACTIVE)) {
        entries.replaceAll(each -> each.equals(held.entry()) ? each.retired(now) : each);
        var key = held.key();
        if (key != null) {
          retired.add(KeyRecord.of(key));
        }
      }
      var selectors = pending().stream().map(each -> each.entry().selector()).toList();
      entries.replaceAll(each -> each.state() == KeyEntry.State.MADE ? each.activated(now) : each);
      shelf.write(entries); // One file, replaced as a whole: at no time two sign, or none.
      return new Step.Activated(selectors, retired, now.plus(settings.keep()));
    }

    private Step make(boolean due) throws RefusedException, IOException {
      var active = keys.in(KeyEntry.State.ACTIVE);
      var after = settings.rotateAfter();
      if (due && active.isEmpty()) {
        return new Step.Nothing("no key is active: poststation dkim create makes the first");
      }
      if (due && (after == null || active.stream().noneMatch(held -> isOlder(held, after)))) {
        return new Step.Nothing("the key that signs is not older than rotate-after");
      }
      String generation = generation();
      List<KeyRecord> records = new ArrayList<>();
      for (var algorithm : algorithms(settings)) {
        String selector = selector(generation, algorithm);
        var made = KeyPairOf.make(algorithm, settings.keySize());
        shelf.put(selector, made);
        entries.add(
            new KeyEntry(
                selector, algorithm, generation, false, KeyEntry.State.MADE, now, null, null));
        records.add(KeyRecord.of(new SigningKey(keys.domain(), selector, made)));
      }
      shelf.write(entries);
      return new Step.Made(List.copyOf(records));
    }

    private boolean isOlder(DomainKeys.Held held, Duration age) {
      return held.entry().since().filter(since -> since.plus(age).isBefore(now)).isPresent();
    }

    private String selector(String generation, Algorithm algorithm) {
      boolean first = algorithms(settings).getFirst() == algorithm;
      return first ? generation : generation + "-" + algorithm.key();
    }

    /// A name none of whose selectors is in use.
    private String generation() throws RefusedException {
      Set<String> used = new HashSet<>();
      entries.forEach(each -> used.add(each.selector().toLowerCase(Locale.ROOT)));
      settings.selectors().stream()
          .filter(each -> each.key() != null)
          .forEach(each -> used.add(each.name().toLowerCase(Locale.ROOT)));
      Predicate<String> free =
          name ->
              algorithms(settings).stream()
                  .noneMatch(each -> used.contains(selector(name, each).toLowerCase(Locale.ROOT)));
      var names =
          settings.selectors().stream()
              .filter(each -> each.key() == null)
              .map(DkimDomain.Selector::name)
              .toList();
      String day = DAY.format(LocalDate.ofInstant(now, ZoneOffset.UTC));
      var days =
          Stream.concat(
              Stream.of(day),
              IntStream.range(1, GENERATIONS_MOST).mapToObj(i -> day + (char) ('a' + i)));
      return (names.isEmpty() ? days : inTurn(names).stream())
          .filter(free)
          .findFirst()
          .orElseThrow(
              () ->
                  new RefusedException(
                      "All names in selectors of "
                          + keys.domain()
                          + " are in use: a retired one is free once keep is over and its record"
                          + " is taken out of the DNS; or add a name."));
    }

    /// Those behind the one that signs come first.
    private List<String> inTurn(List<String> names) {
      int at =
          keys.in(KeyEntry.State.ACTIVE).stream()
              .mapToInt(held -> names.indexOf(held.entry().generation()))
              .max()
              .orElse(-1);
      List<String> turned = new ArrayList<>(names.subList(at + 1, names.size()));
      turned.addAll(names.subList(0, at + 1));
      return turned;
    }
  }

  /// Those of the configuration.
  static List<Algorithm> algorithms(DkimDomain settings) {
    return settings.algorithms().stream()
        .map(
            each ->
                switch (each) {
                  case RSA_SHA256 -> Algorithm.RSA_SHA256;
                  case ED25519_SHA256 -> Algorithm.ED25519_SHA256;
                })
        .toList();
  }
}
