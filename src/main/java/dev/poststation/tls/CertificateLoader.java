package dev.poststation.tls;

import dev.poststation.config.CertificateFiles;
import dev.poststation.os.DirectoryException;
import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;

/// Reads a certificate chain and its key from PEM files, and proves that they belong together. Safe
/// for any thread.
final class CertificateLoader {
  private static final List<String> KEY_TYPES = List.of("RSA", "EC", "EdDSA");

  private final Disk disk;

  CertificateLoader(Disk disk) {
    this.disk = disk;
  }

  /// @throws TlsException when a file cannot be read or used
  CertifiedKey load(CertificateFiles files) throws TlsException {
    List<X509Certificate> chain = chain(files);
    PrivateKey key = key(files);
    for (int i = 0; i < chain.size(); i++) {
      if (belong(key, chain.get(i).getPublicKey())) {
        if (i > 0) {
          throw problem(
              files, files.chain(), "the server's own certificate must stand first in it");
        }
        return CertifiedKey.of(files, chain, key);
      }
    }
    throw problem(
        files,
        files.key(),
        "it is not the key of the certificate in " + files.chain() + "; name the one that is");
  }

  private List<X509Certificate> chain(CertificateFiles files) throws TlsException {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      var factory = CertificateFactory.getInstance("X.509");
      for (Pem block : blocks(files, files.chain())) {
        if (block.label().equals(Pem.CERTIFICATE)) {
          var parsed = factory.generateCertificate(new ByteArrayInputStream(block.der()));
          chain.add((X509Certificate) parsed);
        }
      }
    } catch (CertificateException e) {
      throw problem(files, files.chain(), "a certificate in it is damaged; get it anew", e);
    }
    if (chain.isEmpty()) {
      throw problem(
          files, files.chain(), "there is no certificate in it; name a file in PEM format");
    }
    return chain;
  }

  PrivateKey key(CertificateFiles files) throws TlsException {
    for (Pem block : blocks(files, files.key())) {
      if (block.encrypted()) {
        throw problem(
            files,
            files.key(),
            "the key in it is encrypted; store it in clear, readable for the relay only");
      }
      try {
        switch (block.label()) {
          case Pem.KEY -> {
            return parse(files, block.der());
          }
          case "RSA PRIVATE KEY" -> {
            return parse(files, Der.pkcs8OfRsa(block.der()));
          }
          case "EC PRIVATE KEY" -> {
            return parse(files, Der.pkcs8OfEc(block.der()));
          }
          default -> {} // Certificates and curve parameters may stand beside the key.
        }
      } catch (IllegalArgumentException e) {
        throw problem(files, files.key(), String.valueOf(e.getMessage()), e);
      }
    }
    throw problem(files, files.key(), "there is no private key in it; name a file in PEM format");
  }

  private static PrivateKey parse(CertificateFiles files, byte[] pkcs8) throws TlsException {
    for (String type : KEY_TYPES) {
      try {
        return KeyFactory.getInstance(type).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
      } catch (InvalidKeySpecException _) {
        // Of another type.
      } catch (GeneralSecurityException e) {
        throw problem(files, files.key(), "this Java cannot read " + type + " keys", e);
      }
    }
    throw problem(
        files, files.key(), "its key is damaged, or neither RSA, EC nor EdDSA; make another one");
  }

  private List<Pem> blocks(CertificateFiles files, Path file) throws TlsException {
    try {
      return Pem.read(disk.read(file));
    } catch (NoSuchFileException e) {
      throw problem(files, file, "there is no such file; name one in PEM format", e);
    } catch (DirectoryException e) {
      throw problem(files, file, FileFault.why(e) + "; " + FileFault.NAME_A_FILE, e);
    } catch (AccessDeniedException e) {
      throw problem(
          files, file, FileFault.why(e) + "; give it to the user that runs Poststation", e);
    } catch (IOException e) {
      throw problem(files, file, "it cannot be read (" + FileFault.why(e) + ")", e);
    } catch (IllegalArgumentException e) {
      throw problem(files, file, String.valueOf(e.getMessage()), e);
    }
  }

  /// Whether what the one signs, the other verifies: true for every type of key, without looking
  /// inside.
  private static boolean belong(PrivateKey key, PublicKey certified) throws TlsException {
    String type = key.getAlgorithm();
    if (!type.equals(certified.getAlgorithm())) {
      return false;
    }
    byte[] sample = "poststation".getBytes(StandardCharsets.US_ASCII);
    try {
      var signature = Signature.getInstance(signatureOf(type));
      signature.initSign(key);
      signature.update(sample);
      byte[] signed = signature.sign();
      signature.initVerify(certified);
      signature.update(sample);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static String signatureOf(String type) {
    return switch (type) {
      case "EC" -> "SHA256withECDSA";
      case "RSA" -> "SHA256withRSA";
      default -> type;
    };
  }

  private static TlsException problem(CertificateFiles files, Path file, String what) {
    return new TlsException(sentence(files, file, what));
  }

  private static TlsException problem(
      CertificateFiles files, Path file, String what, Exception cause) {
    return new TlsException(sentence(files, file, what), cause);
  }

  /// One form for all: `poststation.conf:7: certificates: /etc/x.pem: there is no such file`.
  static String sentence(CertificateFiles files, Path file, String what) {
    return files.origin() + ": certificates: " + file + ": " + what;
  }
}
