package dev.poststation.sasl;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// CRAM-MD5 (RFC 2195) at our end: the server learns that we know the password, and nobody learns
/// the password.
final class CramProof implements Proof {
  private final Identity who;
  private String digest = "";

  CramProof(Identity who) {
    this.who = who;
  }

  @Override
  public byte @Nullable [] initial() {
    return null;
  }

  @Override
  public Answer answer(byte[] challenge) {
    if (!digest.isEmpty() || challenge.length == 0) {
      return new Answer.Cancel("does not speak CRAM-MD5");
    }
    digest = CramExchange.digest(who.secret(), challenge);
    return new Answer.Octets(Words.octets(who.user() + " " + digest));
  }

  @Override
  public List<String> secrets() {
    return digest.isEmpty() ? List.of(who.secret()) : List.of(who.secret(), digest);
  }
}
