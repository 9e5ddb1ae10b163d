package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.smime.CertificateFile;
import dev.poststation.smime.Certificates;
import dev.poststation.smime.Entry;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `smime import`.
@Command(
    name = "import",
    description = {
      "Keep the certificates that files have: PKCS #12 with a private key of ours, or PEM, DER and"
          + " PKCS #7 with certificates of those we write to.",
      "A certificate is for the addresses that it names, unless --for says for whom it is:"
          + " @example.com for a whole domain."
    })
final class SmimeImportCommand implements Callable<Integer> {
  @Mixin private final Common common;
  @Mixin private final KeyFileOptions given = new KeyFileOptions();

  @Option(
      names = "--password-file",
      paramLabel = "FILE",
      description =
          "Take the password of a PKCS #12 file from this file; - is standard input. Else it is"
              + " asked for.")
  private @Nullable Path passwordFile;

  SmimeImportCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var names = given.names();
    var disk = new SmimeOnDisk(common);
    List<Entry> kept = new ArrayList<>();
    for (Path file : given.files()) {
      for (var found : read(file)) {
        kept.add(keep(disk, file, found, names));
      }
    }
    if (common.json()) {
      common.print(Map.of("imported", kept.stream().map(SmimeText::json).toList()));
    } else {
      kept.forEach(each -> SmimeText.kept(each, common.out()));
    }
    return Exit.OK;
  }

  private List<CertificateFile.Found> read(Path file) {
    try {
      return CertificateFile.read(common.os().disk().read(file), () -> password(file));
    } catch (IOException e) {
      throw new Failure(Exit.NO, file + " cannot be imported: " + Words.why(e) + ".");
    }
  }

  private Entry keep(SmimeOnDisk disk, Path file, CertificateFile.Found found, List<String> given) {
    var entry =
        new Entry(
            given.isEmpty() ? names(file, found.certificate()) : given,
            Kept.Origin.IMPORTED,
            common.os().time().now().truncatedTo(ChronoUnit.SECONDS),
            found.certificate(),
            found.chain(),
            null);
    var key = found.key();
    if (key != null) {
      KeyFileOptions.require(disk.configuration().smime().password(), "smime");
      return disk.change(() -> disk.keystore().put(entry, key));
    }
    return disk.change(
        () -> {
          disk.keystore().put(entry);
          return entry;
        });
  }

  private static List<String> names(Path file, X509Certificate certificate) {
    var own = Certificates.addresses(certificate);
    if (own.isEmpty()) {
      throw new Failure(
          Exit.WRONG,
          file + " has a certificate that names no address: say with --for whom it is for.");
    }
    return own;
  }

  private String password(Path of) {
    return passwordFile == null
        ? PasswordOptions.typed("Password of " + of + ": ")
        : PasswordOptions.read(common.os(), passwordFile);
  }
}
