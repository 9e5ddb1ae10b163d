package dev.poststation.sasl;

import dev.poststation.os.Binding;
import dev.poststation.os.Chance;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One attempt of ours to show a server who we are, by one mechanism. Used once, by one thread at a
/// time; what a server says never makes it throw anything.
public interface Proof {
  /// What we say along with the name of the mechanism; null: nothing, for the server speaks first.
  byte @Nullable [] initial();

  /// What we say to a challenge of the server.
  Answer answer(byte[] challenge);

  /// Why a server that says it knows us now is not to be believed; null: it is. Asked at the end.
  default @Nullable String doubt() {
    return null;
  }

  /// What a server that refuses us said of it within the exchange, as it said it; may be empty.
  default String told() {
    return "";
  }

  /// What the server is not to be quoted with, however it says it.
  List<String> secrets();

  /// What we do about a challenge.
  sealed interface Answer {
    /// We say this.
    record Octets(byte[] octets) implements Answer {
      @Override
      public String toString() {
        return "Octets[***]";
      }
    }

    /// We say nothing more: what it said is not what the mechanism wants, or shows that it is not
    /// who it should be.
    ///
    /// @param why goes on after the name of the server; without secrets
    record Cancel(String why) implements Answer {}
  }

  /// As whom.
  ///
  /// @param secret the password or the token; empty for EXTERNAL
  record Identity(String user, String secret) {
    @Override
    public String toString() {
      return user + " ***";
    }
  }

  /// To whom.
  ///
  /// @param bound what this TLS connection has of its own; null where that is not to be had
  record Server(String host, int port, @Nullable Bound bound) {}

  /// Octets that only the two ends of a connection have in common (RFC 5056).
  record Bound(Binding kind, byte[] octets) {}

  /// A new attempt.
  ///
  /// @param offered the mechanisms that the server says it has
  static Proof of(
      Mechanism mechanism, Identity who, Server server, List<Mechanism> offered, Chance chance) {
    return switch (mechanism) {
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_256, SCRAM_SHA_1_PLUS, SCRAM_SHA_1 ->
          new ScramProof(
              mechanism,
              who,
              server.bound,
              offered.stream().anyMatch(Mechanism::bound),
              Words.nonce(chance));
      case EXTERNAL -> new SimpleProof(List.of(Words.octets(who.user)), true, List.of());
      case PLAIN -> {
        byte[] all = Words.octets("\0" + who.user + "\0" + who.secret);
        yield new SimpleProof(List.of(all), true, List.of(who.secret));
      }
      case LOGIN -> {
        var answers = List.of(Words.octets(who.user), Words.octets(who.secret));
        yield new SimpleProof(answers, false, List.of(who.secret));
      }
      case CRAM_MD5 -> new CramProof(who);
      case OAUTHBEARER -> TokenProof.bearer(who, server);
      case XOAUTH2 -> TokenProof.xoauth2(who);
    };
  }
}
