package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.config.SealService;
import dev.poststation.message.Edit;
import dev.poststation.message.Hold;
import dev.poststation.smtp.ContentReplies;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What a mail that came says in our name, and what we say instead: fields of the header that tell
/// of encryption and signatures. Pure functions.
final class Claims {
  private static final String RESULTS = "authentication-results";

  private Claims() {}

  /// The mail without fields of a name that only we may write.
  static Message without(Message message, String field) {
    var edits = new FieldEdits(message);
    edits.remove(field);
    return edits.apply();
  }

  /// The mail without results of a method that somebody says we have found (RFC 8601 5).
  static Message withoutResults(Message message, String hostname, String method) {
    List<Edit> edits = new ArrayList<>(0);
    for (var field : message.fields().fields()) {
      if (field.name().equals(RESULTS)) {
        String value = field.raw(message.header()).strip().toLowerCase(Locale.ROOT);
        if (ResultsOf.name(value).equals(hostname.toLowerCase(Locale.ROOT))
            && value.contains(method)) {
          edits.add(new Edit(field.start(), field.end(), new byte[0]));
        }
      }
    }
    return edits.isEmpty() ? message : message.withHeader(Edit.apply(edits, message.header(), 0));
  }

  /// The mail with a field of ours in front.
  ///
  /// @param field with CRLF
  static Message with(Message message, String field) {
    return message.withFront(field.replaceAll("[^\\r\\n -~]", "?").getBytes(US_ASCII));
  }

  /// What becomes of a mail that says now what is to be thought of its signature.
  static Finding judged(
      Message told, boolean isBroken, SealService.Verifies settings, String reason) {
    if (!isBroken) {
      return new Finding.Changed(told, reason);
    }
    return switch (settings.onBroken()) {
      case PASS -> new Finding.Changed(told, reason);
      case REJECT -> new Finding.Refused(ContentReplies.BROKEN_SIGNATURE, reason);
      case HOLD -> new Finding.Held(Hold.by("on-broken", reason), told);
    };
  }

  /// A clause as a comment of a field.
  static String comment(String why) {
    return why.replaceAll("[^ -'*-\\[\\]-~]", "?");
  }

  /// A mail to which nothing more was done than that claims were removed.
  ///
  /// @param done such as "not verified"
  @SuppressWarnings("ReferenceEquality") // What nobody changed is the same one.
  static Finding left(Message came, Message message, String forged, String done, String why) {
    return message == came
        ? new Finding.Unchanged(done + ": " + why)
        : new Finding.Changed(message, "a forged " + forged + " removed; " + done + ": " + why);
  }
}
