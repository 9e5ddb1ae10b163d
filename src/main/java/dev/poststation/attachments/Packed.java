package dev.poststation.attachments;

import dev.poststation.config.AttachmentsService;
import dev.poststation.mime.TooComplexException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.ZipEntry;
import org.apache.commons.compress.PasswordRequiredException;
import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.sevenz.SevenZFile;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.zip.UnsupportedZipFeatureException;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.compress.utils.SeekableInMemoryByteChannel;

/// Looks into one file that may have others in it: archives, and documents, which are archives too.
/// Confined to one thread.
final class Packed {
  /// The table of contents of a 7z stands at its end: it is in memory as a whole.
  private static final int SEVEN_Z_MAX = 16 * 1024 * 1024;

  /// What its compression may take.
  private static final int SEVEN_Z_KIB = 32 * 1024;

  private final Inspection inspection;
  private final AttachmentsService rules;
  private final Budget budget;
  private final String name;
  private final int depth;

  Packed(Inspection inspection, AttachmentsService rules, Budget budget, String name, int depth) {
    this.inspection = inspection;
    this.rules = rules;
    this.budget = budget;
    this.name = name;
    this.depth = depth;
  }

  /// @param types of the file, the most special one first
  Optional<String> looked(InputStream in, byte[] head, List<String> types)
      throws IOException, TooComplexException {
    for (String type : types) {
      switch (type) {
        case "application/zip" -> {
          return zip(in);
        }
        case "application/x-tar", "application/x-gtar" -> {
          return tar(in);
        }
        case "application/gzip" -> {
          return single(
              GzipCompressorInputStream.builder()
                  .setInputStream(in)
                  .setDecompressConcatenated(true)
                  .get());
        }
        case "application/x-bzip2" -> {
          return single(new BZip2CompressorInputStream(in, true));
        }
        case "application/x-7z-compressed" -> {
          return sevenZ(in);
        }
        case "application/x-rar-compressed" -> {
          return rules.encrypted() && Rar.isEncrypted(head) ? encrypted() : Optional.empty();
        }
        case "application/pdf" -> {
          return rules.encrypted() && Search.words(in, Search.PDF_ENCRYPTED)[0]
              ? encrypted()
              : Optional.empty();
        }
        case "application/x-tika-msoffice" -> {
          return office(in);
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  private Optional<String> encrypted() {
    return Optional.of(Inspection.quoted(name) + " is encrypted");
  }

  private Optional<String> macros() {
    return Optional.of(Inspection.quoted(name) + " has macros");
  }

  private Optional<String> office(InputStream in) throws IOException {
    if (!rules.encrypted() && !rules.macros()) {
      return Optional.empty();
    }
    boolean[] found = Search.words(in, Search.OLE_ENCRYPTED, Search.OLE_MACROS);
    if (rules.encrypted() && found[0]) {
      return encrypted();
    }
    return rules.macros() && found[1] ? macros() : Optional.empty();
  }

  private Optional<String> zip(InputStream in) throws IOException, TooComplexException {
    var feed = new Feed(in);
    var archive = new ZipArchiveInputStream(feed, "UTF-8", true, true);
    Budget.depth(depth + 1);
    try {
      for (var entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
        boolean endless =
            entry.getMethod() == ZipEntry.STORED
                && entry.getGeneralPurposeBit().usesDataDescriptor();
        feed.allow(endless ? Feed.STORED_MAX : Long.MAX_VALUE);
        var found = file(archive, entry);
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    } catch (UnsupportedZipFeatureException e) {
      if (e.getFeature().equals(UnsupportedZipFeatureException.Feature.ENCRYPTION)) {
        return Optional.empty(); // Where it ends is not known; that it may be there is.
      }
      throw e;
    }
  }

  private Optional<String> tar(InputStream in) throws IOException, TooComplexException {
    var feed = new Feed(in);
    var archive = new TarArchiveInputStream(feed);
    Budget.depth(depth + 1);
    while (true) {
      feed.allow(Feed.TAR_HEADER_MAX);
      var entry = archive.getNextEntry();
      if (entry == null) {
        return Optional.empty();
      }
      // Those of a global header hold for all files behind it: the library gathers them.
      long attributes = 0;
      for (var each : entry.getExtraPaxHeaders().entrySet()) {
        attributes += each.getKey().length() + each.getValue().length();
      }
      if (attributes > Feed.TAR_HEADER_MAX) {
        throw new TooComplexException(Inspection.quoted(name) + " has too large headers");
      }
      feed.allow(Long.MAX_VALUE);
      var found = file(archive, entry);
      if (found.isPresent()) {
        return found;
      }
    }
  }

  private <E extends ArchiveEntry> Optional<String> file(ArchiveInputStream<E> archive, E entry)
      throws IOException, TooComplexException {
    var found = entry(entry);
    return found.isPresent() || entry.isDirectory() || !archive.canReadEntryData(entry)
        ? found
        : content(budget.counted(archive), entry.getName());
  }

  /// What is known of a file in an archive without its octets.
  private Optional<String> entry(ArchiveEntry entry) throws IOException, TooComplexException {
    budget.entry();
    if (rules.encrypted()
        && entry instanceof ZipArchiveEntry zip
        && zip.getGeneralPurposeBit().usesEncryption()) {
      return encrypted();
    }
    String file = entry.getName().toLowerCase(Locale.ROOT);
    if (rules.macros() && (file.endsWith("vbaproject.bin") || file.contains("/macrosheets/"))) {
      return macros();
    }
    return inspection.named(entry.getName()).map(this::within);
  }

  private String within(String reason) {
    return reason + ", in " + Inspection.quoted(name);
  }

  private Optional<String> single(InputStream in) throws IOException, TooComplexException {
    Budget.depth(depth + 1);
    String inner =
        name.replaceAll("(?i)\\.(gz|bz2)$", "").replaceAll("(?i)\\.(tgz|tbz2?)$", ".tar");
    var found = inner.equals(name) ? Optional.<String>empty() : inspection.named(inner);
    return found.isPresent() ? found.map(this::within) : content(budget.counted(in), inner);
  }

  /// Looks at a file in it, and goes on to its end.
  private Optional<String> content(InputStream in, String inner)
      throws IOException, TooComplexException {
    var found = inspection.looked(new BufferedInputStream(in, Magic.HEAD), inner, depth + 1);
    in.transferTo(OutputStream.nullOutputStream());
    return found.map(this::within);
  }

  private Optional<String> sevenZ(InputStream in) throws IOException, TooComplexException {
    Budget.depth(depth + 1);
    budget.open(name);
    try {
      return openSevenZ(in);
    } finally {
      budget.close();
    }
  }

  private Optional<String> openSevenZ(InputStream in) throws IOException, TooComplexException {
    byte[] all = in.readNBytes(SEVEN_Z_MAX + 1);
    if (all.length > SEVEN_Z_MAX) {
      throw new TooComplexException(Inspection.quoted(name) + " is a 7z of more than 16 MiB");
    }
    Coders.check(all);
    try (var archive =
        SevenZFile.builder()
            .setSeekableByteChannel(new SeekableInMemoryByteChannel(all))
            .setMaxMemoryLimitKiB(SEVEN_Z_KIB)
            .get()) {
      for (var entry = archive.getNextEntry(); entry != null; entry = archive.getNextEntry()) {
        var found = entry(entry);
        if (found.isEmpty() && !entry.isDirectory() && entry.hasStream()) {
          found = content(budget.counted(archive.getInputStream(entry)), entry.getName());
        }
        if (found.isPresent()) {
          return found;
        }
      }
      return Optional.empty();
    } catch (PasswordRequiredException _) {
      return rules.encrypted() ? encrypted() : Optional.empty();
    }
  }
}
