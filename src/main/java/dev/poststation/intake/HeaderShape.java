package dev.poststation.intake;

import dev.poststation.profile.HeaderFacts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What [HeaderScan] sees of the way in which a header is made, where somebody wants to know.
/// Bounded. Confined to the session's thread.
final class HeaderShape {
  private static final int NAMES_MAX = 40;
  private static final int NAME_MAX = 40;

  private final List<String> names = new ArrayList<>(12);
  private final byte[] name = new byte[NAME_MAX];
  private int length;
  private String mailer = "";
  private String date = "";
  private String contentType = "";

  /// Fields whose text is kept.
  enum Field {
    MAILER,
    DATE,
    CONTENT_TYPE
  }

  /// A line begins, and maybe a field.
  void begin() {
    length = 0;
  }

  /// The next octet of its name, as it is written.
  void octet(byte octet) {
    if (length < NAME_MAX) {
      name[length++] = octet;
    }
  }

  /// It was the name of a field.
  void field() {
    if (names.size() < NAMES_MAX) {
      names.add(new String(name, 0, length, StandardCharsets.US_ASCII));
    }
  }

  /// The text of a field; the first one of a kind counts.
  void value(Field field, byte[] text, int length) {
    String value = new String(text, 0, length, StandardCharsets.UTF_8).replace("\r", "").strip();
    switch (field) {
      case MAILER -> mailer = mailer.isEmpty() ? value : mailer;
      case DATE -> date = date.isEmpty() ? value : date;
      case CONTENT_TYPE -> contentType = contentType.isEmpty() ? value : contentType;
    }
  }

  HeaderFacts facts(String messageId) {
    return new HeaderFacts(names, mailer, date, messageId, contentType);
  }
}
