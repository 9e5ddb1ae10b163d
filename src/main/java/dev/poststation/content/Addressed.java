package dev.poststation.content;

import dev.poststation.message.HeaderFields;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/// The fields of a header that say to whom a mail is. Pure functions.
final class Addressed {
  static final Set<String> FIELDS =
      Set.of("to", "cc", "bcc", "resent-to", "resent-cc", "resent-bcc");

  private Addressed() {}

  /// What stands behind the colon.
  static String text(Message message, HeaderFields.Field field) {
    return new String(
        message.header(), field.value(), field.end() - field.value(), StandardCharsets.UTF_8);
  }
}
