package dev.poststation.sasl;

import dev.poststation.os.Binding;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The mechanisms that we know, the best first: in this order they are offered.
public enum Mechanism {
  /// RFC 7677, bound to the TLS channel.
  SCRAM_SHA_256_PLUS("SCRAM-SHA-256-PLUS"),
  /// RFC 7677.
  SCRAM_SHA_256("SCRAM-SHA-256"),
  /// RFC 5802, bound to the TLS channel.
  SCRAM_SHA_1_PLUS("SCRAM-SHA-1-PLUS"),
  /// RFC 5802.
  SCRAM_SHA_1("SCRAM-SHA-1"),
  /// The certificate that the client showed in TLS (RFC 4422 A).
  EXTERNAL("EXTERNAL"),
  /// RFC 7628.
  OAUTHBEARER("OAUTHBEARER"),
  /// The same as Google and Microsoft had it first.
  XOAUTH2("XOAUTH2"),
  /// RFC 4616.
  PLAIN("PLAIN"),
  /// Never standardised; many devices know nothing else.
  LOGIN("LOGIN"),
  /// RFC 2195: the password must be kept as it is.
  CRAM_MD5("CRAM-MD5");

  /// With a password, for us at other servers: the strongest first.
  private static final List<Mechanism> BY_PASSWORD =
      List.of(
          SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS, SCRAM_SHA_256, SCRAM_SHA_1, CRAM_MD5, PLAIN, LOGIN);

  private static final List<Mechanism> BY_TOKEN = List.of(OAUTHBEARER, XOAUTH2);

  private final String word;

  Mechanism(String word) {
    this.word = word;
  }

  /// Its registered name.
  public String word() {
    return word;
  }

  /// Whether a token of OAuth 2 is what shows who the client is.
  public boolean byToken() {
    return this == OAUTHBEARER || this == XOAUTH2;
  }

  /// Whether it tells a secret as it is: to be used in an encrypted connection only.
  public boolean inClear() {
    return byToken() || this == PLAIN || this == LOGIN;
  }

  /// Whether it is bound to the TLS channel.
  public boolean bound() {
    return this == SCRAM_SHA_256_PLUS || this == SCRAM_SHA_1_PLUS;
  }

  /// Whether the server says how often the password is hashed.
  public boolean hashes() {
    return bound() || this == SCRAM_SHA_256 || this == SCRAM_SHA_1;
  }

  /// The strongest that we can use at a server.
  ///
  /// @param offered what it offers
  /// @param token whether we have a token; else a password
  /// @param encrypted whether the connection is; what tells a secret as it is needs that
  /// @param bindable whether it has a channel binding
  public static Optional<Mechanism> strongest(
      List<Mechanism> offered, boolean token, boolean encrypted, boolean bindable) {
    return (token ? BY_TOKEN : BY_PASSWORD)
        .stream()
            .filter(offered::contains)
            .filter(mechanism -> encrypted || !mechanism.inClear())
            .filter(mechanism -> bindable || !mechanism.bound())
            .findFirst();
  }

  /// Those of the names that we know.
  public static List<Mechanism> known(List<String> names) {
    return names.stream().flatMap(name -> of(name).stream()).toList();
  }

  /// Those of the mechanisms that can be used over this channel, the best first.
  public static List<Mechanism> offered(Set<Mechanism> possible, Channel channel) {
    List<Mechanism> offered = new ArrayList<>();
    for (Mechanism mechanism : values()) {
      if (possible.contains(mechanism) && mechanism.works(channel)) {
        offered.add(mechanism);
      }
    }
    return offered;
  }

  private boolean works(Channel channel) {
    return switch (this) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS -> bound(channel);
      case EXTERNAL -> !channel.peerChain().isEmpty();
      case SCRAM_SHA_256, SCRAM_SHA_1, PLAIN, LOGIN, CRAM_MD5, OAUTHBEARER, XOAUTH2 -> true;
    };
  }

  private static boolean bound(Channel channel) {
    for (Binding kind : Binding.values()) {
      if (channel.binding(kind) != null) {
        return true;
      }
    }
    return false;
  }

  /// The mechanism of that name, in any case (RFC 4954 4).
  public static Optional<Mechanism> of(String name) {
    for (Mechanism mechanism : values()) {
      if (mechanism.word.equalsIgnoreCase(name)) {
        return Optional.of(mechanism);
      }
    }
    return Optional.empty();
  }
}
