package dev.poststation.content;

import dev.poststation.message.Recipient;
import dev.poststation.seal.Attempt;
import dev.poststation.seal.Kept;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

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
  private final BooleanSupplier inTime;

  /// Octets that were decrypted so far, by all keys.
  private long decrypted;

  /// What a key made of the mail, by its fingerprint.
  private final Map<String, Attempt<Share<K>>> tried = new LinkedHashMap<>();

  /// For whose key it is damaged.
  private final List<Recipient> damaged = new ArrayList<>(0);

  private final List<Inside> texts = new ArrayList<>(1);

  /// An encrypted mail. Implementations are confined to one thread.
  interface Letter<K extends Kept> {
    /// The keys of somebody by which it may be opened.
    List<K> keys(Recipient recipient);

    /// Decrypts it.
    ///
    /// @throws IOException when the key cannot be had; the message is a clause
    Attempt<Text> open(K key) throws IOException;

    /// The mail with what was in it.
    ///
    /// @throws IOException when that is no entity of MIME; the message is a clause
    Message plain(byte[] content) throws IOException;

    /// The field of the header that says by which key it was opened, with CRLF.
    String field(K key, Text text);

    /// The field of the header that says that it could not be opened, with CRLF.
    String damaged();
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

  /// @param inTime whether somebody still waits for it
  Opening(Letter<K> letter, Message message, long largest, BooleanSupplier inTime) {
    this.letter = letter;
    this.message = message;
    this.largest = largest;
    this.inTime = inTime;
  }

  /// Each gets it opened by his own key, or that of his domain, or closed.
  ///
  /// @param closed what those get whom it is not for
  Finding of(List<Recipient> recipients, Finding closed) throws IOException {
    List<Recipient> others = new ArrayList<>(0);
    String why = "";
    for (var each : recipients) {
      switch (attempt(each)) {
        case Attempt.Opened<Share<K>>(var share) -> share.to.add(each);
        case Attempt.Foreign<Share<K>>() -> others.add(each);
        case Attempt.Damaged<Share<K>>(var flaw, _) -> {
          damaged.add(each);
          why = flaw;
        }
      }
    }
    List<Finding.Share> shares = new ArrayList<>();
    for (var each : tried.values()) {
      if (each instanceof Attempt.Opened<Share<K>>(var share) && !share.to.isEmpty()) {
        shares.add(told(share));
      }
    }
    if (!damaged.isEmpty()) {
      // As what was opened, as far as who sent it can see.
      var told = Claims.with(message, letter.damaged());
      shares.add(Finding.Share.secret(told, damaged, "not decrypted: " + why));
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

  private Attempt<Share<K>> attempt(Recipient recipient) throws IOException {
    Attempt<Share<K>> last = new Attempt.Foreign<>();
    for (var key : letter.keys(recipient)) {
      String print = key.fingerprint();
      var known = tried.get(print);
      if (known == null) {
        known = mayTry() ? open(key) : new Attempt.Foreign<>();
        tried.put(print, known);
      }
      if (known instanceof Attempt.Opened) {
        return known;
      }
      last = known instanceof Attempt.Damaged ? known : last;
    }
    return last;
  }

  private boolean mayTry() throws IOException {
    if (!inTime.getAsBoolean()) {
      throw new IOException("its keys took longer than time-limit");
    }
    return tried.size() < KEYS_MAX && decrypted < largest * DECRYPTED_MAX;
  }

  /// Each key opens the mail by itself: what another one opened may be another text, and says
  /// nothing of whether this one can.
  private Attempt<Share<K>> open(K key) throws IOException {
    decrypted += message.size();
    return switch (letter.open(key)) {
      case Attempt.Opened<Text>(var text) -> {
        unpacked(text.content.length);
        yield share(key, text);
      }
      case Attempt.Foreign<Text>() -> new Attempt.Foreign<>();
      case Attempt.Damaged<Text>(var why, long octets) -> {
        unpacked(octets);
        yield new Attempt.Damaged<>(why);
      }
    };
  }

  /// What was compressed is more than was decrypted.
  private void unpacked(long octets) {
    decrypted += Math.max(0, octets - message.size());
  }

  private Attempt<Share<K>> share(K key, Text text) {
    for (var each : texts) {
      if (each.text.isSame(text)) {
        return new Attempt.Opened<>(new Share<>(key, each.text, each.plain, new ArrayList<>(1)));
      }
    }
    if (texts.size() == TEXTS_MAX) {
      return new Attempt.Damaged<>("it is another text for each key");
    }
    Message plain;
    try {
      plain = letter.plain(text.content);
    } catch (IOException e) { // It is in memory: nothing of ours fails here.
      return new Attempt.Damaged<>("what is in it cannot be read: " + e.getMessage());
    }
    texts.add(new Inside(text, plain));
    return new Attempt.Opened<>(new Share<>(key, text, plain, new ArrayList<>(1)));
  }
}
