package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.cli.Ran;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import java.util.List;

/// Keys that GnuPG makes, services of OpenPGP that have them, and GnuPG as the judge. Confined to
/// one thread.
final class PgpBench implements AutoCloseable {
  /// A pair that every program has known for twenty years.
  static final String RSA =
      """
      Key-Type: RSA
      Key-Length: 2048
      Key-Usage: sign
      Subkey-Type: RSA
      Subkey-Length: 2048
      Subkey-Usage: encrypt
      """;

  /// What GnuPG makes today.
  static final String CURVE =
      """
      Key-Type: EDDSA
      Key-Curve: ed25519
      Key-Usage: sign
      Subkey-Type: ECDH
      Subkey-Curve: cv25519
      Subkey-Usage: encrypt
      """;

  static final String NO_END = "0";

  final SmimeBench bench = new SmimeBench();

  PgpBench() {
    bench.sh("mkdir -m 700 gpg");
  }

  /// Runs GnuPG.
  ///
  /// @return what it prints; what it says of it stands in `said`
  String gpg(String arguments) {
    return bench.sh("{ " + line(arguments) + " 2>said || { cat said; exit 1; }; }");
  }

  private static String line(String arguments) {
    return Peers.program("gpg")
        + " --homedir gpg --agent-program "
        + Peers.program("gpg-agent")
        + " --batch --no-tty --yes --pinentry-mode loopback --passphrase secret --trust-model"
        + " always "
        + arguments;
  }

  /// Runs GnuPG, which must fail; what it says of it.
  String refused(String arguments) {
    bench.sh("! { " + line(arguments) + " >/dev/null 2>said; }");
    return bench.text("said");
  }

  /// Makes a key for an address, that of RSA with the password "secret": `NAME.asc`, and `NAME.key`
  /// with all of it.
  ///
  /// @param ends as GnuPG takes it, such as 1d
  /// @param more options
  void person(String name, String address, String kind, String ends, String more) {
    bench.write(
        "wish",
        kind
            + "Name-Real: "
            + name
            + "\nName-Email: "
            + address
            + "\nExpire-Date: "
            + ends
            + "\n"
            + (kind.equals(RSA) ? "Passphrase: secret" : "%no-protection")
            + "\n%commit\n");
    gpg(more + " --generate-key wish");
    gpg("--armor --output " + name + ".asc --export " + address);
    gpg("--armor --output " + name + ".key --export-secret-keys " + address);
    bench.write("pass", "secret\n");
  }

  void person(String name, String address, String kind) {
    person(name, address, kind, NO_END, "");
  }

  /// The fingerprint of somebody's key.
  String print(String address) {
    return gpg("--with-colons --list-keys " + address)
        .lines()
        .filter(each -> each.startsWith("fpr:"))
        .findFirst()
        .orElseThrow()
        .split(":")[9];
  }

  /// Revokes a key; `NAME.asc` says so.
  void revoke(String name, String address) {
    bench.sh("sed 's/^:---/---/' gpg/openpgp-revocs.d/" + print(address) + ".rev > revoking");
    gpg("--import revoking");
    gpg("--armor --output " + name + ".asc --export " + address);
  }

  /// Keeps the key of somebody here.
  Ran own(String name, String... more) {
    return bench.done(
        ("pgp import "
                + bench.file(name + ".key")
                + " --password-file "
                + bench.file("pass")
                + " "
                + String.join(" ", more))
            .strip());
  }

  /// Keeps the key of somebody else.
  Ran partner(String name, String... more) {
    return bench.done(
        ("pgp import " + bench.file(name + ".asc") + " " + String.join(" ", more)).strip());
  }

  /// What services make of a mail.
  Treatment treat(String services, String mail, String from, String... to) {
    return bench.treat(services, "", mail.getBytes(ISO_8859_1), from, to);
  }

  /// Those of a mail that passes.
  List<Variant> variants(String services, String mail, String from, String... to) {
    var treatment = treat(services, mail, from, to);
    assertThat(treatment).as(treatment.toString()).isInstanceOf(Treatment.Passed.class);
    return ((Treatment.Passed) treatment).variants();
  }

  /// The parts of a multipart, each from behind its delimiter to in front of the next one.
  static List<String> parts(String mail) {
    String boundary = mail.replaceAll("(?s).*?boundary=\"([^\"]+)\".*", "$1");
    var parts =
        List.of(mail.split("\r\n--" + java.util.regex.Pattern.quote(boundary) + "(--)?\r\n"));
    return parts.subList(1, parts.size());
  }

  /// What is behind the header of a part.
  static String body(String part) {
    return part.substring(part.indexOf("\r\n\r\n") + 4);
  }

  static String text(Variant variant) {
    return new String(SmimeBench.octets(variant), ISO_8859_1);
  }

  @Override
  public void close() {
    bench.sh(Peers.program("gpgconf") + " --homedir gpg --kill all");
    bench.close();
  }
}
