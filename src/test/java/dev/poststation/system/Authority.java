package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// An authority of a test that signs certificates of hosts, by OpenSSL.
///
/// @param home where its files are
record Authority(Home home) {
  private static final List<String> KEY =
      List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes");

  static Authority in(Home home) {
    var authority = new Authority(home);
    authority.request("authority", "-x509", "-days", "30", "-out", authority.certificate());
    return authority;
  }

  /// Its own certificate, PEM.
  String certificate() {
    return file("authority.pem");
  }

  private String file(String name) {
    return home.path().resolve(name).toString();
  }

  private void request(String name, String... more) {
    List<String> words = new java.util.ArrayList<>(List.of("req"));
    words.addAll(KEY);
    words.addAll(List.of("-subj", "/CN=" + name, "-keyout", file(name + ".key")));
    words.addAll(List.of(more));
    OpenSsl.run(words.toArray(String[]::new));
  }

  /// A certificate for these names.
  ///
  /// @param runner under which OpenSSL makes it, for one of another time; empty: none
  Certificate issue(String name, String names, List<String> runner) {
    request(name, "-out", file(name + ".csr"));
    Path extensions =
        home.write(
            name + ".ext", "subjectAltName=" + names + "\nextendedKeyUsage=serverAuth\n", Map.of());
    OpenSsl.run(
        runner,
        "x509",
        "-req",
        "-days",
        "30",
        "-in",
        file(name + ".csr"),
        "-CA",
        certificate(),
        "-CAkey",
        file("authority.key"),
        "-CAcreateserial",
        "-extfile",
        extensions.toString(),
        "-out",
        file(name + ".pem"));
    String chain =
        Home.readFile(Path.of(file(name + ".pem"))) + Home.readFile(Path.of(certificate()));
    Path both = home.path().resolve(name + ".both.pem");
    try {
      Files.writeString(both, Home.readFile(Path.of(file(name + ".key"))) + chain);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Certificate(Path.of(file(name + ".pem")), Path.of(file(name + ".key")), both);
  }
}
