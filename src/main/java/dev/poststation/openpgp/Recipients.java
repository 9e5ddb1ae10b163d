package dev.poststation.openpgp;

import dev.poststation.smtp.Address;
import java.io.IOException;
import java.util.Optional;

/// By which key mail to somebody is encrypted: the one that an administrator has brought, else the
/// one that his domain publishes, else the one that came with his mail. Safe for any thread; a site
/// may have to be asked.
///
/// @param domainFirst whose key counts where an address and its domain have one
public record Recipients(OpenPgp openPgp, boolean domainFirst) {
  /// What was chosen.
  ///
  /// @param flaw why there is none that can be used; a clause, or empty
  /// @param later whether there may be one later: nobody knows now
  public record Choice(Optional<Key> key, String flaw, boolean later) {}

  /// Chooses.
  ///
  /// @param end until when others may be asked, by the clock that never goes back
  /// @throws IOException when the disk does not say what has to be known, or there was no time; the
  ///   message is a clause
  public Choice choose(Address address, long end) throws IOException {
    var keystore = openPgp.keystore();
    var brought = keystore.recipient(address, domainFirst);
    if (brought.isPresent()) {
      return new Choice(brought, "", false);
    }
    String flaw = keystore.unusable(address).orElse("");
    var webKeys = openPgp.webKeys();
    boolean later = false;
    if (webKeys.isOn()) {
      var answer = webKeys.look(address, keystore, end);
      if (answer.key().isPresent()) {
        return new Choice(answer.key(), "", false);
      }
      flaw = flaw.isEmpty() ? answer.why() : flaw;
      later = answer.later();
    }
    var harvested = keystore.harvested().of(address);
    return harvested.isPresent()
        ? new Choice(harvested, "", false)
        : new Choice(harvested, flaw, later);
  }
}
