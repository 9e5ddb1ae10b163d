package dev.poststation.config;

import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import dev.poststation.os.FileFault;
import dev.poststation.smtp.AddressParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Puts a text into mail, such as the details of the company that the law wants. Immutable.
///
/// @param text with `{field}` where something of the sender is put in
/// @param html a piece of HTML, likewise; empty: made of the text
/// @param directory where fields of the sender come from, or null
/// @param people fields of senders, by address in lower case
/// @param tooComplex what becomes of a mail that is not taken apart
public record DisclaimerService(
    String text,
    String html,
    Position position,
    boolean oncePerThread,
    @Nullable DirectorySettings directory,
    Map<String, Map<String, String>> people,
    TooLarge tooComplex)
    implements ContentService {
  static final List<String> KEYS =
      List.of("text", "html", "position", "once-per-thread", "directory", "people", "too-complex");

  /// The field that every sender has.
  public static final String MAIL = "mail";

  private static final String FILE = "file:";
  private static final Pattern FIELD = Pattern.compile("\\{([A-Za-z][A-Za-z0-9-]*)}");

  /// Not what stands in a style sheet, which has a colon behind it.
  private static final Pattern UNCLOSED = Pattern.compile("\\{[A-Za-z][A-Za-z0-9-]*+(?!\\h*[}:])");

  private static final Pattern DOCUMENT = Pattern.compile("(?i)<(html|head|body|!doctype)\\b");
  private static final String PEOPLE_FORM =
      "write \"anna@example.com\" { displayName = \"Anna Roth\" }, one such object for each sender";

  /// Where in a text it stands.
  public enum Position {
    /// Behind all of it.
    END,
    /// In front of it.
    START,
    /// In front of the first mail that is quoted, if one is seen; else behind all.
    ABOVE_QUOTE
  }

  public DisclaimerService {
    people = Map.copyOf(people);
  }

  @Override
  public Effect effect() {
    return Effect.CHANGES;
  }

  static DisclaimerService read(Section in, Map<String, DirectorySettings> directories) {
    String text =
        in.required(
            "text",
            Kinds.TEXT,
            "?",
            "file:/etc/poststation/disclaimer.txt",
            """
            What is put into the plain text of a mail: `file:PATH`, in UTF-8, or the text itself.
            `{field}` stands for something of the sender, `{mail}` for his address in From; a line with
            a field that he does not have is left out.
            """);
    Optional<String> html =
        in.optional(
            "html",
            Kinds.TEXT,
            Standard.none("made of `text`", "file:/etc/poststation/disclaimer.html"),
            """
            What is put into the HTML of a mail, likewise: a piece of HTML without `<html>` and
            `<body>`. What fields say is escaped.
            """);
    Position position =
        in.read(
            "position",
            Kinds.choice(Position.class),
            "end",
            """
            Where it stands: behind all (`end`), in front (`start`), or in front of the first mail that
            is quoted (`above-quote`), as far as the mail program marks what it quotes.
            """);
    boolean once =
        in.read(
            "once-per-thread",
            Kinds.FLAG,
            "off",
            """
            Whether an answer that still quotes the text gets it no more. It is known by its longest
            line without fields.
            """);
    Optional<String> people =
        in.optional(
            "people",
            Kinds.TEXT,
            Standard.none("none", "people.conf"),
            """
            A file with fields of senders: `"anna@example.com" { displayName = "Anna Roth" }`. It is
            read again with the configuration. What it does not have, `directory` is asked for.
            """);
    TooLarge tooComplex =
        in.read(
            "too-complex",
            Kinds.choice(TooLarge.class),
            "pass",
            """
            What becomes of a mail that goes beyond `limits.mime`: `pass` (it goes on without),
            `reject` (554), or `hold`.
            """);
    var directory = DirectorySettings.of(in, directories, in.has("directory")).orElse(null);
    var service =
        new DisclaimerService(
            content(in, "text", text),
            content(in, "html", html.orElse("")),
            position,
            once,
            directory,
            people.map(file -> people(in, file)).orElse(Map.of()),
            tooComplex);
    if (!in.reading().documenting()) {
      service.check(in);
    }
    return service;
  }

  private void check(Section in) {
    if (DOCUMENT.matcher(html).find()) {
      in.error(
          "html",
          in.path("html") + " is a whole document, and is put into another one",
          "write only what stands within <body>");
    }
    unclosed(in, "text", text);
    unclosed(in, "html", html);
    var fields = new TreeSet<String>();
    for (String each : List.of(text, html)) {
      FIELD.matcher(each).results().forEach(field -> fields.add(field.group(1)));
    }
    fields.remove(MAIL);
    boolean known = in.has("directory") || in.has("people");
    if (!fields.isEmpty() && !known) {
      in.error(
          "text",
          in.where() + " has the field {" + fields.first() + "}, and nothing says what it is",
          "write directory = …, or people = …");
    }
  }

  private static void unclosed(Section in, String key, String template) {
    var found = UNCLOSED.matcher(template);
    if (found.find()) {
      in.warning(
          key,
          in.path(key) + ": " + found.group() + " has no } right behind it, and stays as it is",
          "write a field as {displayName}, of letters, digits and hyphens");
    }
  }

  // --- Files
  // --------------------------------------------------------------------------------------

  /// The text itself, or that of the file.
  static String content(Section in, String key, String written) {
    if (!written.startsWith(FILE) || in.reading().documenting()) {
      return written;
    }
    return file(in, key, written.substring(FILE.length())).orElse("");
  }

  private static Optional<String> file(Section in, String key, String name) {
    Path file = in.reading().base().resolve(name.strip());
    try {
      byte[] octets = in.reading().os().disk().read(file);
      return Optional.of(new String(octets, StandardCharsets.UTF_8));
    } catch (IOException e) {
      in.error(
          key,
          in.path(key) + ": " + file + " cannot be read: " + FileFault.why(e),
          FileFault.remedy(e, "write the file, and let the relay read it"));
      return Optional.empty();
    }
  }

  private static Map<String, Map<String, String>> people(Section in, String name) {
    if (in.reading().documenting()) {
      return Map.of();
    }
    Map<String, Map<String, String>> people = new HashMap<>();
    String text = file(in, "people", name).orElse("");
    try {
      var options = ConfigParseOptions.defaults().setOriginDescription(name);
      ConfigObject all = ConfigFactory.parseString(text, options).root();
      for (var entry : all.entrySet()) {
        person(in, name, entry.getKey(), entry.getValue(), people);
      }
    } catch (ConfigException e) {
      var origin = e.origin();
      String line = origin == null || origin.lineNumber() < 1 ? "" : ":" + origin.lineNumber();
      in.error(
          "people", in.path("people") + ": " + name + line + " cannot be understood", PEOPLE_FORM);
    }
    return people;
  }

  private static void person(
      Section in,
      String file,
      String address,
      ConfigValue value,
      Map<String, Map<String, String>> people) {
    if (AddressParser.parse(address).isEmpty() || !(value instanceof ConfigObject fields)) {
      in.error(
          "people",
          file
              + ":"
              + value.origin().lineNumber()
              + ": \""
              + address
              + "\" is no address with fields",
          PEOPLE_FORM);
      return;
    }
    Map<String, String> known = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    fields.forEach(
        (field, text) -> {
          if (text.valueType() != ConfigValueType.NULL) {
            known.put(field, String.valueOf(text.unwrapped()));
          }
        });
    people.put(address.toLowerCase(Locale.ROOT), known);
  }
}
