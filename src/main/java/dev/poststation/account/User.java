package dev.poststation.account;

import dev.poststation.tls.Fingerprint;
import java.util.List;

/// A user as the users file has him. Immutable.
///
/// @param name as he is called in logs and rules
/// @param own his own addresses: `user@domain`, or `@domain` for all of a domain
/// @param disabled whether he may not log in
/// @param cramMd5 whether his passwords are kept as they are too, since CRAM-MD5 needs them
/// @param certificates fingerprints by which he can log in, as `tls/Fingerprint` writes them
/// @param passwords each is good by itself; all have the same salt and iterations
public record User(
    String name,
    List<String> own,
    boolean disabled,
    boolean cramMd5,
    List<String> certificates,
    List<Password> passwords) {
  public User {
    own = List.copyOf(own);
    // What is no fingerprint is told by who reads the file.
    certificates = certificates.stream().map(text -> Fingerprint.parse(text).orElse(text)).toList();
    passwords = List.copyOf(passwords);
  }

  /// A new one, without passwords.
  public static User named(String name) {
    return new User(name, List.of(), false, false, List.of(), List.of());
  }

  /// With other addresses of his own.
  public User withOwn(List<String> addresses) {
    return new User(name, addresses, disabled, cramMd5, certificates, passwords);
  }

  /// With other certificates.
  public User withCertificates(List<String> fingerprints) {
    return new User(name, own, disabled, cramMd5, fingerprints, passwords);
  }

  /// Disabled, or enabled.
  public User disabled(boolean now) {
    return new User(name, own, now, cramMd5, certificates, passwords);
  }

  /// With CRAM-MD5 switched on for passwords that are set from now on.
  public User withCramMd5() {
    return new User(name, own, disabled, true, certificates, passwords);
  }

  /// With other passwords.
  public User withPasswords(List<Password> now) {
    return new User(name, own, disabled, cramMd5, certificates, now);
  }
}
