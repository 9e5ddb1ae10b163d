package dev.poststation.smime;

import dev.poststation.config.DirectorySettings;
import dev.poststation.config.SealService;
import dev.poststation.config.SmimeService;
import dev.poststation.ldap.Directories;
import dev.poststation.os.FileFault;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
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

  /// Until when others may be asked, by the clock that never goes back.
  ///
  /// @param all of them
  /// @param revocation those who say whether one was revoked: after that, nobody says so
  record Ends(long all, long revocation) {}

  /// Chooses.
  ///
  /// @param end until when others may be asked, by the clock that never goes back
  /// @param revocationEnd the same of those who say whether one was revoked: after that, nobody
  ///   says so
  /// @throws IOException when others, or the disk, do not say what has to be known; the message is
  ///   a clause
  public Choice choose(Address address, long end, long revocationEnd) throws IOException {
    var ends = new Ends(end, revocationEnd);
    var keystore = smime.keystore();
    boolean domain = settings.prefer() == SealService.Prefer.DOMAIN;
    List<String> flaws = new ArrayList<>();
    var brought = holding(keystore.recipient(address, domain).stream().toList(), flaws, ends);
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
      var best = holding(usable, flaws, ends);
      if (best.isPresent()) {
        return new Choice(best, "");
      }
      if (!has.isEmpty()) {
        flaws.add("none of those in directories." + directory.name() + " can be used");
      }
    }
    var harvested = holding(keystore.harvested(address).stream().toList(), flaws, ends);
    return new Choice(harvested, flaws.isEmpty() ? "" : flaws.getFirst());
  }

  /// The first one against which nothing stands.
  ///
  /// @param flaws takes what does against others
  private Optional<Entry> holding(List<Entry> among, List<String> flaws, Ends ends)
      throws IOException {
    for (var each : among) {
      var objection = objection(each, ends);
      if (objection.isEmpty()) {
        return Optional.of(each);
      }
      flaws.add(objection.get());
    }
    return Optional.empty();
  }

  /// Why one does not count: it was revoked, or came with mail and nobody trusts its authority any
  /// more. What was imported or is of a directory need not be of one.
  Optional<String> objection(Entry entry, Ends ends) throws IOException {
    boolean came = entry.origin() == Kept.Origin.HARVESTED;
    var revocation = smime.revocation();
    if (!came && !revocation.isOn()) {
      return Optional.empty();
    }
    if (entry.origin() == Kept.Origin.IMPORTED) {
      return revocation.objection(entry, Optional.of(above(entry)), ends.revocation);
    }
    var found = smime.chain(entry, came ? authorities() : trusted(), ends.all);
    if (found.objection().isEmpty()) {
      var path = new Trusted(entry.certificate(), found.authorities());
      return revocation.objection(entry, Optional.of(path), ends.revocation);
    }
    return came
        ? Optional.of(
            "the certificate of "
                + entry.names().getFirst()
                + " that came with mail counts no more: "
                + found.objection())
        : revocation.objection(entry, Optional.empty(), ends.revocation);
  }

  private Trusted above(Entry entry) {
    List<X509Certificate> known = new ArrayList<>(entry.chain());
    trusted().stream()
        .map(TrustAnchor::getTrustedCert)
        .filter(Objects::nonNull)
        .forEach(known::add);
    return new Trusted(entry.certificate(), Chain.above(entry.certificate(), known));
  }

  private Set<TrustAnchor> authorities() throws IOException {
    try {
      return smime.trusted();
    } catch (IOException e) {
      throw new IOException("smime.authorities cannot be read: " + FileFault.why(e), e);
    }
  }

  /// For who has issued a certificate that need not be of them.
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
