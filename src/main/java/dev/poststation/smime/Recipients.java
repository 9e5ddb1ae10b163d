package dev.poststation.smime;

import dev.poststation.config.DirectorySettings;
import dev.poststation.config.SealService;
import dev.poststation.config.SmimeService;
import dev.poststation.ldap.Directories;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.security.cert.TrustAnchor;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// By which certificate mail to somebody is encrypted: the one that an administrator has brought,
/// else the one of a directory, else the one that came with his mail. Safe for any thread; a
/// directory may have to be asked.
public final class Recipients {
  private final SmimeService.Encrypt settings;
  private final Smime smime;
  private final Directories directories;

  /// What was chosen.
  ///
  /// @param flaw why there is none that can be used, where there is one; a clause, or empty
  public record Choice(Optional<Entry> entry, String flaw) {}

  public Recipients(SmimeService.Encrypt settings, Smime smime, Directories directories) {
    this.settings = settings;
    this.smime = smime;
    this.directories = directories;
  }

  /// Chooses.
  ///
  /// @param end until when others may be asked, by the clock that never goes back
  /// @throws IOException when they do not say what has to be known; the message is a clause
  public Choice choose(Address address, long end) throws IOException {
    var keystore = smime.keystore();
    boolean domain = settings.prefer() == SealService.Prefer.DOMAIN;
    List<String> flaws = new ArrayList<>();
    var brought = holding(keystore.recipient(address, domain).stream().toList(), flaws, end);
    if (brought.isPresent()) {
      return new Choice(brought, "");
    }
    keystore.unusable(address).ifPresent(flaws::add);
    var directory = settings.directory();
    if (directory != null) {
      var has = has(directory, address);
      var usable =
          has.stream()
              .filter(keystore::isUsable)
              .sorted(Comparator.comparing(Entry::begins).reversed())
              .toList();
      var best = holding(usable, flaws, end);
      if (best.isPresent()) {
        return new Choice(best, "");
      }
      if (!has.isEmpty()) {
        flaws.add("none of those in directories." + directory.name() + " can be used");
      }
    }
    var harvested = holding(keystore.harvested(address).stream().toList(), flaws, end);
    return new Choice(harvested, flaws.isEmpty() ? "" : flaws.getFirst());
  }

  /// The first one that was not revoked.
  ///
  /// @param flaws takes why others were
  private Optional<Entry> holding(List<Entry> among, List<String> flaws, long end)
      throws IOException {
    for (var each : among) {
      var objection = smime.revocation().objection(each, trusted(), end);
      if (objection.isEmpty()) {
        return Optional.of(each);
      }
      flaws.add(objection.get());
    }
    return Optional.empty();
  }

  /// For who has issued a certificate; what was imported need not be of them.
  private Set<TrustAnchor> trusted() {
    try {
      return smime.trusted();
    } catch (IOException _) {
      return Set.of(); // `status` tells of it.
    }
  }

  private List<Entry> has(DirectorySettings directory, Address address) throws IOException {
    List<byte[]> values;
    try {
      values = directories.certificates(directory, address);
    } catch (UnavailableException e) {
      throw new IOException(e.getMessage(), e);
    }
    String name = Names.of(address);
    List<Entry> all = new ArrayList<>();
    for (byte[] value : values) {
      for (var found : read(value)) {
        var names = Certificates.addresses(found.certificate());
        // One without any name is his because the directory says so.
        if (names.isEmpty() || names.contains(name)) {
          var now = smime.now().truncatedTo(ChronoUnit.SECONDS);
          all.add(
              new Entry(
                  List.of(name),
                  Kept.Origin.DIRECTORY,
                  now,
                  found.certificate(),
                  found.chain(),
                  null));
        }
      }
    }
    return all;
  }

  private static List<CertificateFile.Found> read(byte[] value) {
    try {
      return CertificateFile.read(value, () -> "");
    } catch (IOException | RuntimeException _) { // Whatever it is.
      return List.of(); // Others may do.
    }
  }
}
