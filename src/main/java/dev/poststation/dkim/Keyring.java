package dev.poststation.dkim;

import dev.poststation.config.DkimDomain;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The keys of all domains, as long as nothing has changed: commands change them while the relay
/// runs, which takes it over within ten seconds, without a reload. Safe for any thread.
public final class Keyring {
  private static final Logger LOG = LoggerFactory.getLogger(Keyring.class);
  private static final Duration BETWEEN_GLANCES = Duration.ofSeconds(10);

  private final Os os;
  private final Path data;
  private final Supplier<Map<String, DkimDomain>> settings;
  private final Map<String, Seen> seen = new ConcurrentHashMap<>();
  private volatile Names names = new Names(Map.of(), Map.of());

  /// The sections of a configuration by their domains as the DNS has them.
  private record Names(Map<String, DkimDomain> from, Map<String, DkimDomain> sections) {}

  /// @param mark by which files that have changed are known
  /// @param at when they were looked at
  private record Seen(DomainKeys keys, List<String> mark, long at) {}

  /// @param data that of the relay
  /// @param settings `dkim` of the configuration in force
  public Keyring(Os os, Path data, Supplier<Map<String, DkimDomain>> settings) {
    this.os = os;
    this.data = data;
    this.settings = settings;
  }

  /// The domains that have a section.
  @SuppressWarnings("ReferenceEquality") // Each configuration has its own.
  Map<String, DkimDomain> sections() {
    var from = settings.get();
    var now = names;
    if (now.from != from) {
      Map<String, DkimDomain> sections = new LinkedHashMap<>();
      from.values().forEach(each -> sections.put(DomainKeys.nameOf(each), each));
      now = new Names(from, sections);
      names = now;
      seen.keySet().retainAll(sections.keySet());
    }
    return now.sections;
  }

  /// The keys of all domains.
  public List<DomainKeys> all() {
    List<DomainKeys> all = new ArrayList<>();
    sections().keySet().forEach(domain -> of(domain).ifPresent(all::add));
    return all;
  }

  /// The keys of a domain; empty when it has no section.
  ///
  /// @param domain with A-labels, in lower case
  @SuppressWarnings("ReferenceEquality") // Each configuration has its own.
  public Optional<DomainKeys> of(String domain) {
    var section = sections().get(domain);
    if (section == null) {
      return Optional.empty();
    }
    long now = os.time().nanos();
    var before = seen.get(domain);
    var same = before != null && before.keys.settings() == section ? before : null;
    if (same != null && now - same.at < BETWEEN_GLANCES.toNanos()) {
      return Optional.of(same.keys);
    }
    if (same != null) {
      seen.put(domain, new Seen(same.keys, same.mark, now)); // One looks; the others go on.
    }
    var mark = mark(domain, section);
    // What could not be used may be mended without a mark, by chmod or in a vault.
    if (same != null && same.mark.equals(mark) && same.keys.isWhole()) {
      return Optional.of(same.keys);
    }
    var fresh = DomainKeys.read(os.disk(), data, section);
    seen.put(domain, new Seen(fresh, mark, now));
    tell(before == null ? null : before.keys, fresh);
    return Optional.of(fresh);
  }

  private static void tell(@Nullable DomainKeys before, DomainKeys now) {
    var signing = now.in(KeyEntry.State.ACTIVE).stream().map(each -> each.entry().selector());
    var by = signing.toList();
    if (before != null
        && !by.equals(
            before.in(KeyEntry.State.ACTIVE).stream()
                .map(each -> each.entry().selector())
                .toList())) {
      LOG.info(
          "Mail of {} is signed by {} from now on", now.domain(), by.isEmpty() ? "no key" : by);
    }
    var was = before == null ? Optional.<String>empty() : before.fault();
    now.fault()
        .filter(why -> !Optional.of(why).equals(was))
        .ifPresent(why -> LOG.warn("Mail of {} cannot be signed: {}", now.domain(), why));
  }

  private List<String> mark(String domain, DkimDomain section) {
    List<Path> files = new ArrayList<>();
    files.add(new KeyShelf(os.disk(), data, domain).file());
    section.selectors().stream()
        .map(DkimDomain.Selector::key)
        .filter(Objects::nonNull)
        .flatMap(key -> key.file().stream())
        .forEach(files::add);
    List<String> mark = new ArrayList<>();
    for (Path file : files) {
      try {
        mark.add(os.disk().identity(file) + " " + os.disk().modified(file));
      } catch (IOException e) {
        mark.add(String.valueOf(e));
      }
    }
    return mark;
  }
}
