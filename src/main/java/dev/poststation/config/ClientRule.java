package dev.poststation.config;

import java.util.List;

/// Who may relay: an entry of `clients`.
///
/// @param networks it applies to clients from here
/// @param bareNewlines what to do about CR or LF alone in DATA
/// @param straySpace whether `MAIL FROM: <…>` with a space, as old devices send it, is understood
/// @param hideAddress whether Received leaves out the client's name and address
/// @param addMissingHeaders whether missing Date and Message-ID are added
public record ClientRule(
    String name,
    List<Cidr> networks,
    BareNewlines bareNewlines,
    boolean straySpace,
    boolean hideAddress,
    boolean addMissingHeaders,
    Origin origin) {
  public ClientRule {
    networks = List.copyOf(networks);
  }

  /// What to do about CR or LF alone in DATA.
  public enum BareNewlines {
    /// Refuse the mail with 5.6.11.
    REFUSE,
    /// Make CRLF of them.
    NORMALISE
  }
}
