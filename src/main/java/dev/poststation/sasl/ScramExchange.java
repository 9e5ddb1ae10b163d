package dev.poststation.sasl;

import dev.poststation.os.Binding;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// SCRAM (RFC 5802, 7677), with or without channel binding: each side shows the other that it knows
/// the password, and nobody who listens learns it.
///
/// A failure is not told in SCRAM's own words (`e=`), for SMTP has a reply for it.
final class ScramExchange implements Exchange {
  private static final Pattern FIRST =
      Pattern.compile("n=([^,]+),r=([!-+\\--~]{1,512})(?:,[A-Za-z]=[^,]+){0,9}");
  private static final Pattern LAST =
      Pattern.compile(
          "(c=([A-Za-z0-9+/=]+),r=([!-+\\--~]+)(?:,[A-Za-z]=[^,]+){0,9}),p=([A-Za-z0-9+/=]+)");

  private final Mechanism mechanism;
  private final ScramKeys.Hash hash;
  private final Accounts accounts;
  private final Channel channel;
  private final String nonce;
  private @Nullable Opening opening;
  private Step.@Nullable Success proved;

  /// @param nonce ours: printable, without comma, never there before
  ScramExchange(Mechanism mechanism, Accounts accounts, Channel channel, String nonce) {
    this.mechanism = mechanism;
    this.hash =
        switch (mechanism) {
          case SCRAM_SHA_1, SCRAM_SHA_1_PLUS -> ScramKeys.Hash.SHA_1;
          default -> ScramKeys.Hash.SHA_256;
        };
    this.accounts = accounts;
    this.channel = channel;
    this.nonce = nonce;
  }

  /// The first message of the client and our answer.
  ///
  /// @param bound what the client must give as channel binding: its header and the channel's octets
  /// @param user as the client said it
  /// @param nonce both nonces
  /// @param said both messages, for the signatures
  private record Opening(
      byte[] bound,
      String authorize,
      String user,
      String nonce,
      String said,
      Accounts.Offer offer) {}

  @Override
  public Step begin(byte @Nullable [] initial) throws UnavailableException {
    return initial == null ? new Step.Challenge(new byte[0]) : answer(initial);
  }

  @Override
  public Step answer(byte[] said) throws UnavailableException {
    if (proved != null) {
      // Our proof was additional data of the success, which SMTP sends as a challenge (RFC 4954 4).
      return said.length == 0 ? proved : Step.Failure.malformed("an answer to the last message");
    }
    String text = Words.text(said);
    if (text == null) {
      return Step.Failure.malformed("not UTF-8");
    }
    var begun = opening;
    return begun == null ? first(text) : last(begun, text);
  }

  private Step first(String text) throws UnavailableException {
    var header = Gs2Header.parse(text);
    if (header == null) {
      return Step.Failure.malformed("no GS2 header");
    }
    String message = text.substring(header.length());
    Matcher found = FIRST.matcher(message);
    if (!found.matches()) {
      return Step.Failure.malformed("not a first message of SCRAM"); // Or it begins with m=.
    }
    String said = Gs2Header.name(found.group(1));
    var user = said == null ? null : Words.name(said);
    if (said == null || user == null || user.isEmpty()) {
      return Step.Failure.malformed("not a name");
    }
    byte[] binding = binding(header);
    if (binding == null) {
      return Step.Failure.refused(user.get(), "channel binding does not fit");
    }
    var offer = accounts.scram(user.get(), hash);
    String both = found.group(2) + nonce;
    String salt = Base64.getEncoder().encodeToString(offer.salt());
    String ours = "r=" + both + ",s=" + salt + ",i=" + offer.iterations();
    var bound = new ByteArrayOutputStream();
    bound.writeBytes(Words.octets(text.substring(0, header.length())));
    bound.writeBytes(binding);
    opening =
        new Opening(
            bound.toByteArray(), header.authorize(), said, both, message + "," + ours, offer);
    return new Step.Challenge(Words.octets(ours));
  }

  /// The octets that the client must know of the channel: none when it does not bind. Null when
  /// what it wants does not fit the mechanism (RFC 5802 6): a client that could bind but believes
  /// that we cannot has been lied to about what we offer.
  private byte @Nullable [] binding(Gs2Header header) {
    boolean plus =
        mechanism == Mechanism.SCRAM_SHA_1_PLUS || mechanism == Mechanism.SCRAM_SHA_256_PLUS;
    if (plus != (header.binding() != null)) {
      return null;
    }
    if (plus) {
      for (Binding kind : Binding.values()) {
        if (kind.word().equals(header.binding())) {
          return channel.binding(kind);
        }
      }
      return null;
    }
    return header.couldBind() && offersBinding() ? null : new byte[0];
  }

  private boolean offersBinding() {
    var offered = Mechanism.offered(accounts.mechanisms(), channel);
    return offered.contains(Mechanism.SCRAM_SHA_1_PLUS)
        || offered.contains(Mechanism.SCRAM_SHA_256_PLUS);
  }

  private Step last(Opening begun, String text) {
    Matcher found = LAST.matcher(text);
    byte[] bound = found.matches() ? decoded(found.group(2)) : null;
    byte[] proof = bound == null ? null : decoded(found.group(4));
    if (bound == null || proof == null || proof.length != hash.octets()) {
      return Step.Failure.malformed("not a last message of SCRAM");
    }
    String user = begun.offer.user();
    if (!MessageDigest.isEqual(bound, begun.bound)) {
      return Step.Failure.refused(user, "channel binding does not fit");
    }
    if (!MessageDigest.isEqual(Words.octets(found.group(3)), Words.octets(begun.nonce))) {
      return Step.Failure.refused(user, "another nonce");
    }
    String said = begun.said + "," + found.group(1);
    List<Accounts.Offer.Labelled> keys = accounts.looks(user) ? begun.offer.keys() : List.of();
    if (keys.isEmpty()) {
      var _ = proves(proof, ScramKeys.nobody(hash), said); // It shall take no less time.
    }
    for (Accounts.Offer.Labelled each : keys) {
      if (proves(proof, each.keys(), said)) {
        return proved(begun, each, said);
      }
    }
    return Step.Failure.refused(user, accounts.refusal(user));
  }

  private boolean proves(byte[] proof, ScramKeys keys, String said) {
    byte[] clientKey = hash.hmac(keys.storedKey(), said);
    for (int i = 0; i < clientKey.length; i++) {
      clientKey[i] ^= proof[i];
    }
    return MessageDigest.isEqual(hash.of(clientKey), keys.storedKey());
  }

  private Step proved(Opening begun, Accounts.Offer.Labelled with, String said) {
    var who = new Accounts.Login(begun.offer.user(), with.label());
    var step = Words.success(who, who.user(), begun.user, begun.authorize);
    if (step instanceof Step.Success success) {
      proved = success;
      byte[] signature = hash.hmac(with.keys().serverKey(), said);
      step = new Step.Challenge(Words.octets("v=" + Base64.getEncoder().encodeToString(signature)));
    }
    return step;
  }

  private static byte @Nullable [] decoded(String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
