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
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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
  /// @throws IOException when the directory does not say; the message is a clause
  public Choice choose(Address address) throws IOException {
    var keystore = smime.keystore();
    boolean domain = settings.prefer() == SealService.Prefer.DOMAIN;
    var brought = keystore.recipient(address, domain);
    if (brought.isPresent()) {
      return new Choice(brought, "");
    }
    String flaw = keystore.unusable(address).orElse("");
    var directory = settings.directory();
    if (directory != null) {
      var has = has(directory, address);
      var best = has.stream().filter(keystore::isUsable).max(Comparator.comparing(Entry::begins));
      if (best.isPresent()) {
        return new Choice(best, "");
      }
      if (!has.isEmpty() && flaw.isEmpty()) {
        flaw = "none of those in directories." + directory.name() + " can be used";
      }
    }
    return new Choice(keystore.harvested(address), flaw);
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
    } catch (IOException _) {
      return List.of(); // Others may do.
    }
  }
}
