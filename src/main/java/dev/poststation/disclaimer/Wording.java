package dev.poststation.disclaimer;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.jsoup.nodes.Entities;

/// The words of a disclaimer, as text and as a piece of HTML, with `{field}` where something of the
/// sender is put in. A line with a field that the sender does not have is left out. Immutable, safe
/// for any thread.
public final class Wording {
  private static final Pattern FIELD = Pattern.compile("\\{([A-Za-z][A-Za-z0-9-]*)}");

  /// RFC 3676 4.3.
  private static final String SIGNATURE = "-- ";

  /// What is shorter may stand in any mail.
  private static final int TELLING = 25;

  private final String text;
  private final String markup;
  private final boolean ofText;
  private final Set<String> fields = new LinkedHashSet<>();
  private final List<String> marks = new ArrayList<>(2);

  /// @param text lines
  /// @param html empty: made of the text
  public Wording(String text, String html) {
    this.text = text;
    this.ofText = html.isEmpty();
    this.markup = ofText ? escaped(text) : html;
    mark(text).ifPresent(marks::add);
    mark(ofText ? "" : Jsoup.parse(html.replace("\n", "<br>")).wholeText()).ifPresent(marks::add);
    for (String each : List.of(text, html)) {
      FIELD.matcher(each).results().forEach(field -> fields.add(field.group(1)));
    }
  }

  /// The words for one sender.
  ///
  /// @param text with LF between lines
  /// @param html in ASCII: that means the same in any charset
  /// @param marks by which it is known again, in letters and digits alone
  public record Filled(String text, String html, List<String> marks) {
    public Filled {
      marks = List.copyOf(marks);
    }
  }

  /// The names of all fields in it.
  public Set<String> fields() {
    return Collections.unmodifiableSet(fields);
  }

  /// The words for a sender.
  ///
  /// @param value of a field, if the sender has it
  public Filled filled(Function<String, Optional<String>> value) {
    String filled = lines(markup, value.andThen(Wording::escaped));
    String html = ofText ? "<p>" + filled.replace("\n", "<br>\n") + "</p>" : filled;
    return new Filled(lines(text, value), ascii(html), marks);
  }

  private static String lines(String template, Function<String, Optional<String>> value) {
    List<String> lines = new ArrayList<>();
    for (String line : template.strip().lines().toList()) {
      var filled = new StringBuilder();
      Matcher field = FIELD.matcher(line);
      boolean whole = true;
      while (field.find()) {
        var text = value.apply(field.group(1)).filter(each -> !each.isBlank());
        whole &= text.isPresent();
        field.appendReplacement(
            filled, Matcher.quoteReplacement(text.orElse("").replaceAll("[\\r\\n]+", " ")));
      }
      field.appendTail(filled);
      if (whole) {
        boolean signature = filled.toString().equals(SIGNATURE);
        lines.add(signature ? SIGNATURE : filled.toString().stripTrailing());
      }
    }
    return String.join("\n", lines);
  }

  private static Optional<String> escaped(Optional<String> value) {
    return value.map(Wording::escaped);
  }

  private static String escaped(String value) {
    return Entities.escape(value);
  }

  private static String ascii(String markup) {
    var ascii = new StringBuilder(markup.length());
    markup
        .codePoints()
        .forEach(
            c -> {
              if (c < 128) {
                ascii.append((char) c);
              } else {
                ascii.append("&#").append(c).append(';');
              }
            });
    return ascii.toString();
  }

  /// Its longest line that is the same for all senders.
  private static Optional<String> mark(String template) {
    return template
        .lines()
        .filter(line -> !FIELD.matcher(line).find())
        .map(Wording::plain)
        .filter(line -> line.length() >= TELLING)
        .reduce((one, other) -> other.length() > one.length() ? other : one);
  }

  /// Letters and digits alone: what quoting and wrapping leave.
  static String plain(String text) {
    var plain = new StringBuilder(text.length());
    text.codePoints().filter(Character::isLetterOrDigit).forEach(plain::appendCodePoint);
    return plain.toString().toLowerCase(Locale.ROOT);
  }
}
