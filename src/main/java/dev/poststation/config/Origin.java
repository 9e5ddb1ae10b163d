package dev.poststation.config;

/// Where a value of the configuration stands: `poststation.conf:12`, or `default`. Immutable.
///
/// @param source the file as it was named, or words for what is no file
/// @param line its line, from 1; 0: the source as a whole
public record Origin(String source, int line) implements Comparable<Origin> {
  /// Not in the file.
  public static final Origin DEFAULT = new Origin("default");

  /// A source as a whole.
  public Origin(String source) {
    this(source, 0);
  }

  /// As shown to people.
  public String text() {
    return line == 0 ? source : source + ":" + line;
  }

  /// By source, then by line: the order in which problems are shown.
  @Override
  public int compareTo(Origin other) {
    int order = source.compareTo(other.source);
    return order != 0 ? order : Integer.compare(line, other.line);
  }

  @Override
  public String toString() {
    return text();
  }
}
