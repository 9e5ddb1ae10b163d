package dev.poststation.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A domain in `dkim`: whose mail it signs, and how. Immutable.
///
/// @param name as it is written
/// @param selectors names for keys that are made here, and keys that others have made
/// @param algorithms a mail is signed by each of them; at least one
/// @param keySize bits of new RSA keys
/// @param subdomains whether mail from below the domain is signed by it
/// @param alsoFor patterns of authors elsewhere whose mail it signs, too; `any` is one of them
/// @param relaxedHeader whether white space in fields does not count
/// @param relaxedBody whether white space in the body does not count
/// @param expires after that a signature does not count any more; null: it always does
/// @param headers names of fields that are signed besides the usual ones
/// @param rotateAfter an older key is told of; null: none is
/// @param keep how long a key stays published after it signed last
public record DkimDomain(
    String name,
    List<Selector> selectors,
    List<Algorithm> algorithms,
    int keySize,
    boolean subdomains,
    List<String> alsoFor,
    boolean relaxedHeader,
    boolean relaxedBody,
    @Nullable Duration expires,
    List<String> headers,
    @Nullable Duration rotateAfter,
    Duration keep,
    Origin origin) {
  /// Stands in `also-for` for every author.
  public static final String ANY = "any";

  public DkimDomain {
    selectors = List.copyOf(selectors);
    algorithms = List.copyOf(algorithms);
    alsoFor = List.copyOf(alsoFor);
    headers = List.copyOf(headers);
  }

  /// How is signed.
  public enum Algorithm {
    /// `rsa-sha256`
    RSA_SHA256,
    /// `ed25519-sha256`
    ED25519_SHA256
  }

  /// A name in the DNS under which a key is found.
  ///
  /// @param key one that others have made; null: the name is for keys that are made here
  public record Selector(String name, @Nullable Secret key, Origin origin) {}
}
