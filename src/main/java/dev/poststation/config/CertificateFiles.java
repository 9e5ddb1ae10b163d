package dev.poststation.config;

import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/// A certificate chain and its key, PEM: an entry of `certificates`.
///
/// @param chain the certificate, followed by those between it and a root
public record CertificateFiles(Path chain, Path key, Origin origin) {
  /// Reads an entry; empty when its files cannot be read, which is told.
  static Optional<CertificateFiles> read(Section in) {
    int mark = in.reading().problems().count();
    Path chain =
        in.required(
            "chain",
            in.file(),
            Path.of("?"),
            "/etc/letsencrypt/live/relay.example.com/fullchain.pem",
            """
            A PEM file with the certificate, followed by those between it and a root. Read anew when
            it changes.
            """);
    Path key =
        in.required(
            "key",
            in.file(),
            Path.of("?"),
            "/etc/letsencrypt/live/relay.example.com/privkey.pem",
            """
            A PEM file with the private key, not encrypted; only its owner should be able to read
            it.
            """);
    check(in, "chain", chain);
    check(in, "key", key);
    return in.reading().problems().haveErrorsSince(mark)
        ? Optional.empty()
        : Optional.of(new CertificateFiles(chain, key, in.origin()));
  }

  /// Tells what is wrong with a file that a key names.
  static void check(Section in, String which, Path file) {
    if (!in.has(which) || in.reading().documenting()) {
      return;
    }
    Disk disk = in.reading().os().disk();
    try {
      disk.read(file);
      if (which.endsWith("key")) {
        exposed(in, which, file);
      }
    } catch (NoSuchFileException _) {
      in.error(which, "file " + file + " does not exist", "name a file in PEM format");
    } catch (AccessDeniedException _) {
      in.error(
          which,
          "file " + file + " may not be read by this user",
          "give it to the user that runs Poststation");
    } catch (IOException e) {
      in.error(
          which,
          "file " + file + " cannot be read: " + FileFault.why(e),
          FileFault.remedy(e, "name another one"));
    }
  }

  private static void exposed(Section in, String which, Path file) {
    var problems = in.reading().problems();
    var exposure = new Exposure(in.reading().os().disk());
    String what = "the private key " + file;
    exposure.readable(in.origin(which), what, file).ifPresent(problems::once);
    exposure.writable(in.origin(which), what, file).ifPresent(problems::once);
    exposure.replaceable(in.origin(which), file).ifPresent(problems::once);
  }
}
