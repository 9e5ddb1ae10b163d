package dev.poststation.dkim;

import dev.poststation.config.DkimDomain;
import dev.poststation.dns.DomainName;
import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A domain with all its keys, as they were when they were read. Immutable.
///
/// @param domain with A-labels, in lower case
/// @param keys those that are not gone, in the order of their making
/// @param problem why what is kept of them cannot be read, or not as a whole; empty: it can
public record DomainKeys(DkimDomain settings, String domain, List<Held> keys, String problem) {
  public DomainKeys {
    keys = List.copyOf(keys);
  }

  /// A key.
  ///
  /// @param key null: it cannot be used
  /// @param problem why it cannot be used: a clause; empty: it can
  public record Held(KeyEntry entry, @Nullable SigningKey key, String problem) {}

  /// The domain of a section of the configuration, as the DNS has it.
  public static String nameOf(DkimDomain settings) {
    return DomainName.ascii(settings.name())
        .orElseGet(() -> settings.name().toLowerCase(Locale.ROOT));
  }

  /// Reads them.
  public static DomainKeys read(Disk disk, Path data, DkimDomain settings) {
    String domain = nameOf(settings);
    var shelf = new KeyShelf(disk, data, domain);
    KeyShelf.Content content;
    try {
      content = shelf.read();
    } catch (IOException e) {
      content = new KeyShelf.Content(List.of(), "the keys cannot be read: " + FileFault.why(e));
    }
    Map<String, DkimDomain.Selector> foreign = new HashMap<>();
    settings.selectors().stream()
        .filter(each -> each.key() != null)
        .forEach(each -> foreign.put(each.name(), each));
    List<Held> keys = new ArrayList<>();
    for (var entry : content.entries()) {
      if (!entry.foreign()) {
        keys.add(held(entry, domain, () -> shelf.key(entry.selector())));
      } else if (foreign.containsKey(entry.selector())) {
        keys.add(held(entry, domain, () -> read(foreign.remove(entry.selector()))));
      } // Else it stands in the configuration no more, and is not ours to speak of.
    }
    List<Held> unknown = new ArrayList<>();
    for (var selector : settings.selectors()) {
      if (foreign.containsKey(selector.name())) {
        unknown.add(unknown(selector, domain));
      }
    }
    keys.addAll(0, unknown);
    return new DomainKeys(settings, domain, keys, content.flaw());
  }

  private interface Source {
    KeyPairOf read() throws IOException;
  }

  private static Held held(KeyEntry entry, String domain, Source source) {
    try {
      var keys = source.read();
      return new Held(entry, new SigningKey(domain, entry.selector(), keys), "");
    } catch (IOException e) {
      return new Held(entry, null, String.valueOf(e.getMessage()));
    }
  }

  private static KeyPairOf read(DkimDomain.@Nullable Selector selector) throws IOException {
    var key = selector == null ? null : selector.key();
    if (key == null) {
      throw new IOException("it is not in the configuration");
    }
    return KeyPairOf.read(key.reveal().getBytes(StandardCharsets.ISO_8859_1));
  }

  /// One that stands in the configuration alone signs.
  private static Held unknown(DkimDomain.Selector selector, String domain) {
    KeyPairOf keys = null;
    String problem = "";
    try {
      keys = read(selector);
    } catch (IOException e) {
      problem = String.valueOf(e.getMessage());
    }
    var entry =
        new KeyEntry(
            selector.name(),
            keys == null ? Algorithm.RSA_SHA256 : keys.algorithm(),
            selector.name(),
            true,
            KeyEntry.State.ACTIVE,
            null,
            null,
            null);
    return new Held(
        entry, keys == null ? null : new SigningKey(domain, selector.name(), keys), problem);
  }

  /// Those in a state.
  public List<Held> in(KeyEntry.State state) {
    return keys.stream().filter(each -> each.entry().state() == state).toList();
  }

  /// Their entries.
  List<KeyEntry> entries() {
    return keys.stream().map(Held::entry).toList();
  }

  /// Whether all of it could be read.
  boolean isWhole() {
    return problem.isEmpty() && keys.stream().allMatch(held -> held.problem().isEmpty());
  }

  /// Why mail cannot be signed though it should be; empty: it can, or no key signs yet.
  Optional<String> fault() {
    for (var held : in(KeyEntry.State.ACTIVE)) {
      if (held.key() == null) {
        return Optional.of(
            "the key " + held.entry().selector() + " of " + domain + ": " + held.problem());
      }
    }
    return in(KeyEntry.State.ACTIVE).isEmpty() && !problem.isEmpty()
        ? Optional.of(problem)
        : Optional.empty();
  }

  /// How its mail is signed.
  public Terms terms() {
    return new Terms(
        settings.relaxedHeader() ? Form.RELAXED : Form.SIMPLE,
        settings.relaxedBody() ? Form.RELAXED : Form.SIMPLE,
        settings.expires(),
        settings.headers(),
        "");
  }
}
