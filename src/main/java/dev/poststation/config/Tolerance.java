package dev.poststation.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// Something that is refused to everybody, but for old devices that cannot do better: named in an
/// entry of `clients` by `tolerate`.
public enum Tolerance {
  /// TLS 1.0 (RFC 8996 forbids it).
  TLS_1_0("tls-1.0"),
  /// TLS 1.1 (RFC 8996 forbids it).
  TLS_1_1("tls-1.1"),
  /// AUTH before TLS, by which everybody on the way reads the password (RFC 4954 4 forbids it).
  CLEAR_TEXT_PASSWORD("clear-text-password");

  private static final List<String> WORDS = Arrays.stream(values()).map(Tolerance::word).toList();

  static final Kind<Tolerance> KIND =
      new Kind<>(
          "one of `" + String.join("`, `", WORDS) + "`",
          Kind.Form.WORD,
          (text, _) -> {
            int index = WORDS.indexOf(text.toLowerCase(Locale.ROOT));
            return index >= 0
                ? Parsed.good(values()[index])
                : Parsed.bad(
                    "is none of the exceptions known here",
                    Nearest.remedy(text, WORDS, "write " + String.join(", ", WORDS)));
          });

  private final String word;

  Tolerance(String word) {
    this.word = word;
  }

  /// How it is written in the file, the log and the metrics.
  public String word() {
    return word;
  }
}
