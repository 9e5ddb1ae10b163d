package dev.poststation.content;

import dev.poststation.message.Recipient;
import dev.poststation.seal.Kept;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Opens an encrypted mail for those of its recipients whose key it is for, and for nobody else:
/// whoever has got hold of a mail to somebody could have it read to himself otherwise. Confined to
/// one thread.
final class Opening<K extends Kept> {
  /// Keys by which one mail is opened.
  private static final int KEYS_MAX = 100;

  /// Octets that are decrypted of one mail, by all keys: this many of the largest one.
  private static final int DECRYPTED_MAX = 16;

  /// Different texts in one mail. An honest one has a single text.
  private static final int TEXTS_MAX = 2;

  private final Letter<K> letter;
  private final Message message;
  private final long largest;

  /// What a key made of the mail, by its fingerprint; empty: nothing.
  private final Map<String, Optional<Share<K>>> tried = new LinkedHashMap<>();

  private final List<Inside> texts = new ArrayList<>(1);

  /// An encrypted mail. Implementations are confined to one thread.
  interface Letter<K extends Kept> {
    /// The keys of somebody by which it may be opened.
    List<K> keys(Recipient recipient);

    /// Decrypts it; empty: it is not for this key.
    ///
    /// @throws IOException when that fails; the message is a clause
    Optional<Text> open(K key) throws IOException;

    /// The mail with what was in it.
    ///
    /// @throws IOException when that is no entity of MIME; the message is a clause
    Message plain(byte[] content) throws IOException;

    /// The field of the header that says by which key it was opened, with CRLF.
    String field(K key, Text text);
  }

  /// What was in a mail.
  ///
  /// @param cipher for people
  /// @param signature what the field says of one within, or empty
  /// @param verdict what the trace says of it, or empty
  record Text(byte[] content, String cipher, String signature, String verdict) {
    /// Whether it is of the same content; what is said of that is the same then, too.
    private boolean isSame(Text other) {
      return Arrays.equals(content, other.content) && signature.equals(other.signature);
    }
  }

  /// @param plain the mail with it
  private record Inside(Text text, Message plain) {}

  /// @param to those who have the key
  private record Share<K>(K key, Text text, Message plain, List<Recipient> to) {}

  Opening(Letter<K> letter, Message message, long largest) {
    this.letter = letter;
    this.message = message;
    this.largest = largest;
  }

  /// Each gets it opened by his own key, or that of his domain, or closed.
  ///
  /// @param closed what those get whom it is not for
  Finding of(List<Recipient> recipients, Finding closed) throws IOException {
    List<Recipient> others = new ArrayList<>(0);
    for (var each : recipients) {
      var share = share(each);
      if (share.isPresent()) {
        share.get().to.add(each);
      } else {
        others.add(each);
      }
    }
    List<Finding.Share> shares = new ArrayList<>();
    for (var each : tried.values()) {
      each.filter(share -> !share.to.isEmpty()).ifPresent(share -> shares.add(told(share)));
    }
    if (shares.isEmpty()) {
      return closed;
    }
    if (!others.isEmpty()) {
      shares.add(
          switch (closed) {
            case Finding.Changed(var changed, var reason) ->
                new Finding.Share(changed, others, reason);
            case Finding.Unchanged(var reason) -> new Finding.Share(null, others, reason);
            default -> throw new IllegalArgumentException("it goes on closed");
          });
    }
    return new Finding.Divided(shares);
  }

  private Finding.Share told(Share<K> share) {
    var text = share.text;
    String verdict = text.verdict.isEmpty() ? "" : "; " + text.verdict;
    return Finding.Share.secret(
        Claims.with(share.plain, letter.field(share.key, text)),
        share.to,
        "decrypted by the key of " + share.key + ", " + text.cipher + verdict);
  }

  private Optional<Share<K>> share(Recipient recipient) throws IOException {
    for (var key : letter.keys(recipient)) {
      String print = key.fingerprint();
      var known = tried.get(print);
      if (known == null) {
        known = mayTry() ? open(key) : Optional.empty();
        tried.put(print, known);
      }
      if (known.isPresent()) {
        return known;
      }
    }
    return Optional.empty();
  }

  private boolean mayTry() {
    return tried.size() < KEYS_MAX && tried.size() * message.size() < largest * DECRYPTED_MAX;
  }

  /// Each key opens the mail by itself: what another one opened may be another text, and says
  /// nothing of whether this one can.
  private Optional<Share<K>> open(K key) throws IOException {
    var opened = letter.open(key);
    if (opened.isEmpty()) {
      return Optional.empty();
    }
    var text = opened.get();
    var inside = texts.stream().filter(each -> each.text.isSame(text)).findFirst();
    if (inside.isEmpty() && texts.size() == TEXTS_MAX) {
      return Optional.empty();
    }
    var known = inside.isPresent() ? inside.get() : new Inside(text, letter.plain(text.content));
    if (inside.isEmpty()) {
      texts.add(known);
    }
    return Optional.of(new Share<>(key, known.text, known.plain, new ArrayList<>(1)));
  }
}
