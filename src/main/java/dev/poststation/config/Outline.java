package dev.poststation.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What the text of a file shows and the library hides: objects that it merges because they stand
/// side by side, values that are written twice, where files are included and variables used, what
/// is never closed. It only goes by brackets, quotes and line ends; whether the text is sound, the
/// library says. Confined to one thread.
final class Outline {
  /// Something in a line.
  record Mark(int line, String text) {}

  /// `${path}`, or `${?path}`, which may be missing.
  record Reference(int line, String path, boolean optional) {}

  /// A key that is written a second time.
  ///
  /// @param named whether it is the name of a connector or listener, of which the library makes one
  record Again(int line, String path, int firstLine, boolean named) {}

  /// A key that gets a value outside of lists, or a file that is included, where it stands.
  ///
  /// @param path of the key; of an include that of the object which it is in
  /// @param list whether the value is a list
  /// @param computed whether it is built upon a variable, or the value before
  record Written(int line, String path, boolean include, boolean list, boolean computed) {}

  /// A bracket that something shows to be unclosed.
  ///
  /// @param noticed the line of what shows it: a setting that begins within a list, or a bracket of
  ///   the other kind
  record Unmatched(int line, String text, int noticed) {}

  private enum Last {
    NOTHING,
    OBJECT,
    STRING,
    OTHER
  }

  /// An object or a list that is open.
  private static final class Frame {
    private final boolean list;
    private final String path;
    private final int line;
    private final List<String> key = new ArrayList<>();
    private boolean inValue;
    private boolean computed;
    private boolean hasList;
    private int keyLine;
    private Last last = Last.NOTHING;

    private Frame(boolean list, String path, int line) {
      this.list = list;
      this.path = path;
      this.line = line;
    }
  }

  private static final String SPECIAL = "\"{}[]:=,+#$\n";

  private final String text;
  private int at;
  private int line = 1;
  private int lists;
  private final Deque<Frame> open = new ArrayDeque<>();
  private final Map<String, Integer> keyLines = new HashMap<>();
  private final List<Mark> merged = new ArrayList<>();
  private final List<Mark> includes = new ArrayList<>();
  private final List<Reference> references = new ArrayList<>();
  private final List<Again> again = new ArrayList<>();
  private final List<Written> written = new ArrayList<>();
  private Optional<Unmatched> unmatched = Optional.empty();

  private Outline(String text) {
    this.text = text;
    open.push(new Frame(false, "", 0));
  }

  static Outline of(String text) {
    var outline = new Outline(text);
    while (outline.at < text.length()) {
      outline.step();
    }
    outline.endOfValue();
    return outline;
  }

  /// Objects, or quoted texts, of a list that follow each other without comma or newline.
  List<Mark> merged() {
    return merged;
  }

  /// Included files, in order.
  List<Mark> includes() {
    return includes;
  }

  List<Reference> references() {
    return references;
  }

  /// Keys that are written twice; of a connector that is there twice only its name.
  List<Again> again() {
    return again.stream()
        .filter(
            each ->
                again.stream()
                    .noneMatch(name -> name.named && each.path.startsWith(name.path + ".")))
        .toList();
  }

  /// Keys and includes in the order of the text.
  List<Written> written() {
    return written;
  }

  /// The innermost bracket that is never closed.
  Optional<Mark> unclosed() {
    Frame frame = open.element();
    return frame.line == 0
        ? Optional.empty()
        : Optional.of(new Mark(frame.line, frame.list ? "[" : "{"));
  }

  /// The first bracket that is not closed where the text shows that it should be; of use only where
  /// the library says that the text is broken.
  Optional<Unmatched> unmatched() {
    return unmatched;
  }

  private Frame frame() {
    return open.element();
  }

  private void notice(Frame frame) {
    if (unmatched.isEmpty() && frame.line > 0) {
      unmatched = Optional.of(new Unmatched(frame.line, frame.list ? "[" : "{", line));
    }
  }

  /// Within a list nothing is set: it should have ended before.
  private void noticeSetting() {
    Frame frame = frame();
    if (frame.list && frame.last == Last.OTHER && frame.line < line) {
      notice(frame);
    }
  }

  private void step() {
    char c = text.charAt(at);
    if (c == '#' || text.startsWith("//", at)) {
      int end = text.indexOf('\n', at);
      at = end < 0 ? text.length() : end;
      return;
    }
    switch (c) {
      case '\n' -> {
        newline();
        at++;
        line++;
      }
      case ',' -> {
        endOfValue();
        at++;
      }
      case '{', '[' -> open(c == '[');
      case '}', ']' -> close();
      case '=', ':', '+' -> separator();
      case '"' -> string();
      case '$' -> reference();
      default -> {
        if (Character.isWhitespace(c)) {
          at++;
        } else {
          unquoted();
        }
      }
    }
  }

  private void newline() {
    Frame frame = frame();
    // Between key and value, and after the separator, a newline is nothing.
    if (frame.list || (frame.inValue && frame.last != Last.NOTHING)) {
      endOfValue();
    }
  }

  private void endOfValue() {
    Frame frame = frame();
    if (!frame.list && !frame.key.isEmpty() && frame.inValue) {
      String path = path(frame);
      Integer first = keyLines.get(path);
      // A second value from a variable, or built upon the first, is meant: `port = 25`, `port =
      // ${?PORT}`.
      boolean named = path.matches("(?:connectors|listeners)\\.[^.]+");
      // Objects may be written in parts; but a connector that is there twice is a slip.
      if (first != null && !frame.computed && (named || frame.last != Last.OBJECT)) {
        again.add(new Again(frame.keyLine, path, first, named));
      }
      keyLines.putIfAbsent(path, frame.keyLine);
      if (path.indexOf('[') < 0 && frame.last != Last.OBJECT) {
        written.add(new Written(frame.keyLine, path, false, frame.hasList, frame.computed));
      }
    }
    frame.key.clear();
    frame.inValue = false;
    frame.computed = false;
    frame.hasList = false;
    frame.last = Last.NOTHING;
  }

  private static String path(Frame frame) {
    String key = String.join(".", frame.key);
    return frame.path.isEmpty() ? key : frame.path + "." + key;
  }

  private void open(boolean list) {
    noticeSetting();
    Frame frame = frame();
    if (frame.list && frame.last == Last.OBJECT && !list) {
      merged.add(new Mark(line, "two objects"));
    }
    frame.inValue = true;
    String path = frame.list || list ? path(frame) + "[" + ++lists + "]" : path(frame);
    if (frame.key.isEmpty() && !frame.list) {
      path = frame.path; // The braces around a whole file.
    }
    open.push(new Frame(list, path, line));
    at++;
  }

  private void close() {
    if (frame().list != (text.charAt(at) == ']')) {
      notice(frame());
    }
    endOfValue();
    if (open.size() > 1) {
      boolean list = open.pop().list;
      frame().last = list ? Last.OTHER : Last.OBJECT;
      frame().hasList |= list;
    }
    at++;
  }

  private void separator() {
    if (text.charAt(at) == '=') {
      noticeSetting();
    }
    Frame frame = frame();
    frame.computed |= text.charAt(at) == '+';
    frame.inValue = true;
    at++;
  }

  private void string() {
    int began = line;
    String value = quoted();
    Frame frame = frame();
    if (!frame.list && !frame.inValue) {
      key(value, began);
      return;
    }
    if (frame.list && frame.last == Last.STRING) {
      merged.add(new Mark(began, "two texts"));
    }
    frame.last = Last.STRING;
  }

  /// Passes over a quoted text.
  private String quoted() {
    if (text.startsWith("\"\"\"", at)) {
      int end = text.indexOf("\"\"\"", at + 3);
      int stop = end < 0 ? text.length() : end;
      String value = text.substring(at + 3, stop);
      line += (int) value.chars().filter(c -> c == '\n').count();
      at = Math.min(text.length(), stop + 3);
      while (at < text.length() && text.charAt(at) == '"') {
        at++;
      }
      return value;
    }
    int from = at + 1;
    at = from;
    while (at < text.length() && text.charAt(at) != '"' && text.charAt(at) != '\n') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    int stop = Math.min(at, text.length());
    at = stop < text.length() && text.charAt(stop) == '"' ? stop + 1 : stop;
    return text.substring(from, stop);
  }

  private void reference() {
    int end = text.indexOf('}', at);
    if (!text.startsWith("${", at) || end < 0) {
      at++;
      return;
    }
    boolean optional = text.startsWith("${?", at);
    String path = text.substring(at + (optional ? 3 : 2), end).strip();
    references.add(new Reference(line, path, optional));
    Frame frame = frame();
    frame.computed = true;
    frame.last = Last.OTHER;
    at = end + 1;
  }

  private void unquoted() {
    int from = at;
    while (at < text.length()
        && SPECIAL.indexOf(text.charAt(at)) < 0
        && !Character.isWhitespace(text.charAt(at))
        && !text.startsWith("//", at)) {
      at++;
    }
    String word = text.substring(from, at);
    Frame frame = frame();
    if (frame.list || frame.inValue) {
      frame.last = Last.OTHER;
    } else if (frame.key.isEmpty() && word.equals("include")) {
      include();
    } else {
      for (String part : word.split("\\.", -1)) {
        key(part, line);
      }
    }
  }

  private void key(String part, int where) {
    Frame frame = frame();
    if (!part.isEmpty()) {
      frame.keyLine = where;
      frame.key.add(part);
    }
  }

  /// `include "file"`, `include required(file("file"))`.
  private void include() {
    int end = text.indexOf('\n', at);
    int quote = text.indexOf('"', at);
    if (quote >= 0 && (end < 0 || quote < end)) {
      at = quote;
      written.add(new Written(line, frame().path, true, false, false));
      includes.add(new Mark(line, quoted()));
    }
    while (at < text.length() && (text.charAt(at) == ')' || text.charAt(at) == ' ')) {
      at++;
    }
  }
}
