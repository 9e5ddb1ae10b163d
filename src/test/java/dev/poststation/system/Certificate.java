package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A self-signed certificate for `localhost` and 127.0.0.1, made by OpenSSL.
///
/// @param chain the certificate, PEM
/// @param key its key, PEM
/// @param both key and certificate in one file, PEM
record Certificate(Path chain, Path key, Path both) {
  static Certificate in(Path directory) {
    Path chain = directory.resolve("chain.pem");
    Path key = directory.resolve("key.pem");
    Path both = directory.resolve("both.pem");
    Program.run(
        List.of(
            Peers.program("openssl"),
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost,IP:127.0.0.1",
            "-keyout",
            key.toString(),
            "-out",
            chain.toString()));
    try {
      Files.writeString(both, Files.readString(key) + Files.readString(chain));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Certificate(chain, key, both);
  }
}
