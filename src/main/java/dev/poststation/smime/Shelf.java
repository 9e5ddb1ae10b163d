package dev.poststation.smime;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import dev.poststation.tls.Pem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Certificates and keys on disk: `smime/own` and `smime/partners` in `data`, a file for each,
/// named by its fingerprint. A file has some lines that say whom it is for, and what follows is
/// PEM, the private key encrypted; only its owner may read it. Each change is a file that is
/// replaced in one step. Safe for any thread.
final class Shelf {
  /// In `data`.
  static final String DIRECTORY = "smime";

  /// Certificates with their keys.
  static final String OWN = "own";

  /// Certificates of others.
  static final String PARTNERS = "partners";

  /// Changes with each change, so that a relay that runs sees it.
  private static final String MARK = "changed";

  private static final String FORMAT = "poststation-smime 1";
  private static final String SUFFIX = ".pem";
  private static final long FILE_MOST = 1_000_000;

  private final Disk disk;
  private final Path directory;

  /// @param data that of the relay
  Shelf(Disk disk, Path data) {
    this.disk = disk;
    this.directory = data.resolve(DIRECTORY);
  }

  /// What is on it.
  ///
  /// @param flaws files that cannot be read, a sentence each
  record Content(List<Entry> entries, List<String> flaws) {
    Content {
      entries = List.copyOf(entries);
      flaws = List.copyOf(flaws);
    }
  }

  /// What differs when something was changed.
  String mark() {
    Path file = directory.resolve(MARK);
    try {
      return disk.identity(file) + " " + disk.modified(file);
    } catch (IOException e) {
      return String.valueOf(e);
    }
  }

  /// Whether this user may not see what is on it.
  boolean isHidden() {
    try {
      for (String kind : List.of(OWN, PARTNERS)) {
        disk.list(directory.resolve(kind));
      }
      return false;
    } catch (AccessDeniedException _) {
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /// What is on it.
  Content read() {
    List<Entry> entries = new ArrayList<>();
    List<String> flaws = new ArrayList<>();
    for (String kind : List.of(OWN, PARTNERS)) {
      try {
        for (Path file : disk.list(directory.resolve(kind))) {
          if (file.toString().endsWith(SUFFIX)) {
            try {
              entries.add(read(file, kind.equals(OWN)));
            } catch (IOException e) {
              flaws.add(file + " cannot be used: " + e.getMessage());
            }
          }
        }
      } catch (IOException e) {
        flaws.add(directory.resolve(kind) + " cannot be read: " + FileFault.why(e));
      }
    }
    return new Content(entries, flaws);
  }

  private Entry read(Path file, boolean own) throws IOException {
    if (disk.size(file) > FILE_MOST) {
      throw new IOException("it is too large");
    }
    if (own && disk.readableByOthers(file)) {
      throw new IOException("others can read it; run: chmod 600 " + file);
    }
    return parse(disk.read(file), own);
  }

  static Entry parse(byte[] octets, boolean own) throws IOException {
    var lines = new String(octets, UTF_8).lines().takeWhile(each -> !each.isBlank()).toList();
    if (lines.isEmpty() || !lines.getFirst().equals(FORMAT)) {
      throw new IOException("it does not begin with \"" + FORMAT + "\"");
    }
    List<X509Certificate> certificates = new ArrayList<>();
    byte[] secret = null;
    for (var block : Certificates.blocks(octets)) {
      switch (block.label()) {
        case Pem.CERTIFICATE -> certificates.add(Certificates.read(block.der()));
        case Pem.ENCRYPTED_KEY -> secret = block.der();
        default -> throw new IOException("it has a block of " + block.label());
      }
    }
    if (certificates.isEmpty() || own == (secret == null)) {
      throw new IOException("a certificate or key is missing in it");
    }
    try {
      return new Entry(
          List.of(value(lines, "names").split(", *")),
          Entry.Origin.valueOf(value(lines, "origin").toUpperCase(Locale.ROOT)),
          Instant.parse(value(lines, "added")),
          certificates.getFirst(),
          certificates.subList(1, certificates.size()),
          secret);
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new IOException("its first lines are damaged", e);
    }
  }

  private static String value(List<String> lines, String key) throws IOException {
    for (String line : lines) {
      if (line.startsWith(key + " = ")) {
        return line.substring(key.length() + 3).strip();
      }
    }
    throw new IOException("it has no line \"" + key + " = …\"");
  }

  static String text(Entry entry) {
    var text = new StringBuilder(FORMAT).append('\n');
    text.append("names = ").append(String.join(", ", entry.names())).append('\n');
    text.append("origin = ").append(entry.origin().word()).append('\n');
    text.append("added = ").append(entry.added()).append("\n\n");
    text.append(entry.pem());
    byte[] secret = entry.secret();
    if (secret != null) {
      text.append(Pem.of(Pem.ENCRYPTED_KEY, secret));
    }
    return text.toString();
  }

  /// Where an entry stands.
  Path file(Entry entry) {
    return directory.resolve(entry.isOwn() ? OWN : PARTNERS).resolve(entry.fingerprint() + SUFFIX);
  }

  /// Puts an entry on it, in the place of the one of that certificate.
  void put(Entry entry) throws IOException {
    Path file = file(entry);
    disk.makeDirectory(Optional.ofNullable(file.getParent()).orElse(directory));
    disk.replace(file, text(entry).getBytes(UTF_8), true);
    changed();
  }

  /// Takes one away.
  void remove(Entry entry) throws IOException {
    disk.remove(file(entry));
    changed();
  }

  private void changed() throws IOException {
    disk.replace(directory.resolve(MARK), new byte[0], true);
  }
}
