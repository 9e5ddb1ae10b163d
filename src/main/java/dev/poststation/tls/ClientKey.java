package dev.poststation.tls;

import dev.poststation.config.CertificateFiles;
import dev.poststation.config.Origin;
import dev.poststation.os.Disk;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.Optional;

/// A key by which this relay proves who it is, with its certificate where it has one. Immutable.
public record ClientKey(Optional<X509Certificate> certificate, PrivateKey key) {
  /// Reads PEM files, and proves that they belong together.
  ///
  /// @throws TlsException with one sentence, when a file cannot be read or used
  public static ClientKey of(Path certificate, Path key, Disk disk) throws TlsException {
    var files = new CertificateFiles(certificate, key, Origin.DEFAULT);
    try {
      var loaded = new CertificateLoader(disk).load(files);
      return new ClientKey(Optional.of(loaded.chain().getFirst()), loaded.key());
    } catch (TlsException e) {
      throw plain(files, e);
    }
  }

  /// The certificate of such files, as those who look after it see it.
  ///
  /// @throws TlsException with one sentence, when a file cannot be read or used
  static Certificates.InUse inUse(Path certificate, Path key, Disk disk) throws TlsException {
    var files = new CertificateFiles(certificate, key, Origin.DEFAULT);
    try {
      return Certificates.InUse.of(new CertificateLoader(disk).load(files), Optional.empty());
    } catch (TlsException e) {
      throw plain(files, e);
    }
  }

  /// Reads a PEM file with a key alone.
  ///
  /// @throws TlsException with one sentence, when the file cannot be read or used
  public static ClientKey of(Path key, Disk disk) throws TlsException {
    var files = new CertificateFiles(key, key, Origin.DEFAULT);
    try {
      return new ClientKey(Optional.empty(), new CertificateLoader(disk).key(files));
    } catch (TlsException e) {
      throw plain(files, e);
    }
  }

  /// Without the words for `certificates` of the configuration.
  private static TlsException plain(CertificateFiles files, TlsException e) {
    String prefix = "certificates (" + files.origin() + "): ";
    String message = String.valueOf(e.getMessage());
    return new TlsException(
        message.startsWith(prefix) ? message.substring(prefix.length()) : message, e);
  }
}
