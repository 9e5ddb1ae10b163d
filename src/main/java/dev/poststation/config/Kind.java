package dev.poststation.config;

/// What a value may be: how that is called in the manual, how it is written, and how it is read.
/// Immutable.
///
/// @param name what the manual calls it: `duration`, `whole number from 1 to 100`
record Kind<T>(String name, Form form, Reader<T> reader) {
  /// How a value of this kind is written in the file and in JSON.
  enum Form {
    /// As it is; a number in JSON.
    NUMBER,
    /// As it is; true or false in JSON.
    FLAG,
    /// Without quotes where it has only letters, digits and hyphens.
    WORD,
    /// In double quotes.
    QUOTED,
    /// In double quotes, and never shown.
    SECRET
  }

  /// How a value is read.
  @FunctionalInterface
  interface Reader<T> {
    /// Reads a text.
    ///
    /// @param origin where it stands, for values that remember it
    Parsed<T> read(String text, Origin origin);
  }

  Parsed<T> read(String text, Origin origin) {
    return reader.read(text, origin);
  }

  boolean fits(String text) {
    return read(text, Origin.DEFAULT) instanceof Parsed.Good<T>;
  }

  /// Reads a default of ours.
  T standard(String text) {
    return switch (read(text, Origin.DEFAULT)) {
      case Parsed.Good<T>(T value) -> value;
      case Parsed.Bad<T>(String fault, _) ->
          throw new IllegalStateException("default " + text + " " + fault);
    };
  }

  /// The text as it is to be written in the file.
  String written(String text) {
    return switch (form) {
      case NUMBER, FLAG -> text;
      case WORD -> isSimple(text) ? text : quoted(text);
      case QUOTED -> quoted(text);
      case SECRET -> "\"***\"";
    };
  }

  static boolean isSimple(String text) {
    return !text.isEmpty()
        && text.chars().allMatch(c -> c < 128 && (Character.isLetterOrDigit(c) || c == '-'));
  }

  static String quoted(String text) {
    return '"'
        + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n").replace("\t", "\\t")
        + '"';
  }
}
