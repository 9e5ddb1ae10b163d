package dev.poststation.cli;

import dev.poststation.os.Os;
import dev.poststation.seal.Kept;
import dev.poststation.seal.Names;
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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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
  private static final Pattern NAME = Pattern.compile("[^@\\s,]*@[^@\\s,]+");

  @Mixin private final Common common;

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "The files.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--for",
      paramLabel = "NAME",
      description = "Whom it is for: an address, or @domain. May be given several times.")
  private List<String> names = new ArrayList<>();

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
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new Failure(
            Exit.WRONG, "--for: " + Words.shown(name) + " is no address, and no @domain.");
      }
    }
    var disk = new SmimeOnDisk(common);
    List<Entry> kept = new ArrayList<>();
    for (Path file : files) {
      for (var found : read(file)) {
        kept.add(keep(disk, file, found));
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

  private Entry keep(SmimeOnDisk disk, Path file, CertificateFile.Found found) {
    var entry =
        new Entry(
            names(file, found.certificate()),
            Kept.Origin.IMPORTED,
            common.os().time().now().truncatedTo(ChronoUnit.SECONDS),
            found.certificate(),
            found.chain(),
            null);
    List<Entry> done = new ArrayList<>(List.of(entry));
    var key = found.key();
    if (key == null) {
      disk.change(() -> disk.keystore().put(entry));
    } else {
      if (disk.configuration().smime().password() == null) {
        throw new Failure(
            Exit.WRONG,
            "Private keys are kept encrypted: write smime { password = \"file:PATH\" } into the"
                + " configuration, with a long password in that file.");
      }
      disk.change(() -> done.set(0, disk.keystore().put(entry, key)));
    }
    return done.getFirst();
  }

  private List<String> names(Path file, X509Certificate certificate) {
    if (!names.isEmpty()) {
      return names.stream().map(Names::written).distinct().toList();
    }
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
