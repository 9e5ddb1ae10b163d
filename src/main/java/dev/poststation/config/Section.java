package dev.poststation.config;

import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// An object of the configuration while it is read. Each call reads one key and says what may stand
/// there, what holds when nothing does, and what it means; the calls are therefore also the manual.
/// What is wrong is told to the problems, and the default is used, so that reading goes on.
/// Confined to one thread.
final class Section {
  /// Stands for the value of an environment variable that is missing: already told.
  static final String MISSING = "\0";

  private final Reading reading;
  private final String name;
  private final String path;
  private final Map<String, ConfigValue> values;
  private final Origin origin;
  private final List<Setting> settings = new ArrayList<>();
  private final TreeSet<String> known = new TreeSet<>();
  private final TreeSet<String> later = new TreeSet<>();
  private final TreeSet<String> refused = new TreeSet<>();
  private final Map<String, Section> inners = new TreeMap<>();
  private boolean strange;

  private Section(
      Reading reading, String name, String path, Map<String, ConfigValue> values, Origin origin) {
    this.reading = reading;
    this.name = name;
    this.path = path;
    this.values = values;
    this.origin = origin;
  }

  /// The file as a whole.
  static Section root(Reading reading, ConfigObject object) {
    return new Section(reading, "", "", object, reading.origins().apply(object.origin()));
  }

  /// Nothing, to learn the keys.
  static Section documentation(Reading reading) {
    return new Section(reading, "", "", Map.of(), Origin.DEFAULT);
  }

  Reading reading() {
    return reading;
  }

  /// Its key, name, or place in its list.
  String name() {
    return name;
  }

  /// Where it stands.
  Origin origin() {
    return origin;
  }

  /// Where the value of a key stands; where the section stands when the key is not written.
  Origin origin(String key) {
    ConfigValue value = values.get(key);
    return value == null ? origin : reading.origins().apply(value.origin());
  }

  /// Whether the value of a key could not be used, which was told.
  boolean refused(String key) {
    return refused.contains(key);
  }

  /// The same of a key in an inner section that was read.
  boolean refusedIn(String section, String key) {
    var inner = inners.get(section);
    return inner != null && inner.refused(key);
  }

  /// Whether an inner section that was read is no object, or has keys that nobody knows: what was
  /// meant by these is not known.
  boolean strangeIn(String section) {
    var inner = inners.get(section);
    return inner != null && inner.strange;
  }

  /// Whether the key is written.
  boolean has(String key) {
    ConfigValue value = values.get(key);
    return value != null && value.valueType() != ConfigValueType.NULL;
  }

  /// Reads a value with a fixed default.
  <T> T read(String key, Kind<T> kind, String standard, String doc) {
    return read(key, kind, Standard.of(kind, standard), doc);
  }

  /// Reads a value with a default that is computed.
  <T> T read(String key, Kind<T> kind, Standard<T> standard, String doc) {
    return optional(key, kind, standard, doc)
        .orElseThrow(() -> new IllegalStateException("no default for " + path(key)));
  }

  /// Reads a value that may be left out.
  <T> Optional<T> optional(String key, Kind<T> kind, Standard<T> standard, String doc) {
    ConfigValue value = value(key);
    Optional<T> read = value == null ? Optional.empty() : scalar(key, kind, value);
    List<String> shown =
        value == null || read.isEmpty() ? standard.shown() : List.of(Values.text(value));
    record(key, kind, false, shown, value != null, standard, doc);
    return read.or(() -> Optional.ofNullable(standard.value()));
  }

  /// Reads a value that must be written.
  ///
  /// @param placeholder goes on in its place when it is missing: nothing comes of such a
  ///   configuration
  <T> T required(String key, Kind<T> kind, T placeholder, String example, String doc) {
    if (!has(key) && !reading.documenting()) {
      reading
          .problems()
          .error(
              origin,
              path + " has no " + key,
              "write, for example, " + key + " = " + kind.written(example));
    }
    return optional(key, kind, Standard.none("none; it must be written", example), doc)
        .orElse(placeholder);
  }

  /// Reads a list of values. One value alone is a list of one.
  <T> List<T> list(String key, Kind<T> kind, Standard<List<T>> standard, String doc) {
    ConfigValue value = value(key);
    List<T> read = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (ConfigValue item : items(value)) {
      if (item.valueType() != ConfigValueType.NULL) {
        scalar(key, kind, item).ifPresent(read::add);
        texts.add(
            item instanceof ConfigList || item instanceof ConfigObject ? "" : Values.text(item));
      }
    }
    record(key, kind, true, value == null ? standard.shown() : texts, value != null, standard, doc);
    List<T> otherwise = standard.value();
    return value == null && otherwise != null ? otherwise : List.copyOf(read);
  }

  private static List<? extends ConfigValue> items(@Nullable ConfigValue value) {
    return value == null ? List.of() : value instanceof ConfigList list ? list : List.of(value);
  }

  private void record(
      String key,
      Kind<?> kind,
      boolean many,
      List<String> texts,
      boolean given,
      Standard<?> standard,
      String doc) {
    if (reading.documenting() && settings.stream().anyMatch(each -> each.key().equals(key))) {
      return; // A key that several kinds of one object have.
    }
    Origin where = given ? origin(key) : Origin.DEFAULT;
    settings.add(new Setting.Leaf(key, kind, many, texts, given, where, standard, doc));
  }

  /// Reads an object with fixed keys, whether it is written or not.
  <T> T section(String key, String doc, Function<Section, T> reader) {
    return section(key, doc, false, reader);
  }

  private <T> T section(String key, String doc, boolean optional, Function<Section, T> reader) {
    Section inner = inner(key, path(key), value(key));
    inners.put(key, inner);
    tellIfNoObject(key + " { key = value … }", value(key), inner);
    T result = reader.apply(inner);
    inner.end();
    settings.add(new Setting.Group(key, doc, inner.settings, inner.origin, optional));
    return result;
  }

  /// Reads an object with fixed keys if it is written.
  <T> Optional<T> optionalSection(String key, String doc, Function<Section, T> reader) {
    ConfigValue value = value(key);
    return value == null && !reading.documenting()
        ? Optional.empty()
        : Optional.of(section(key, doc, true, reader));
  }

  /// Reads objects that have names, in the order of these.
  ///
  /// @param example the name that the manual uses
  /// @param standard what the manual says of the case that there are none
  <T> SortedMap<String, T> sections(
      String key, String example, String standard, String doc, Function<Section, T> reader) {
    return sections(key, example, Kinds.NAME, standard, doc, reader);
  }

  /// The same with names of a certain kind.
  <T> SortedMap<String, T> sections(
      String key,
      String example,
      Kind<String> names,
      String standard,
      String doc,
      Function<Section, T> reader) {
    Section holder = inner(key, path(key), value(key));
    tellIfNoObject(key + " { NAME { key = value … } }", value(key), holder);
    SortedMap<String, T> results = new TreeMap<>();
    List<Setting.Group> groups = new ArrayList<>();
    var entries = new TreeSet<>(reading.documenting() ? List.of(example) : holder.values.keySet());
    for (String entry : entries) {
      ConfigValue value = holder.values.get(entry);
      Section inner = inner(entry, path(key) + "." + entry, value);
      int mark = reading.problems().count();
      T result = reader.apply(inner);
      Optional<String> rest = inner.unknownKeys().dottedRest(inner.values);
      String full = entry + rest.orElse("");
      if (rest.isPresent()) {
        reading.problems().backTo(mark);
        String quoted = "write \"" + full + "\" { … }";
        inner.tell(path(key) + "." + full + " is a name with dots, which separate keys", quoted);
      } else {
        inner.end();
        tellIfNoObject(entry + " { key = value … }", value, inner, mark);
      }
      if (names.read(full, inner.origin) instanceof Parsed.Bad<String>(var fault, var remedy)) {
        inner.tell(path(key) + ": " + Kind.quoted(full) + " " + fault, remedy);
      }
      results.put(full, result);
      groups.add(new Setting.Group(full, "", inner.settings, inner.origin));
    }
    settings.add(new Setting.Groups(key, doc, true, standard, groups, holder.origin));
    return Collections.unmodifiableSortedMap(results);
  }

  /// Reads objects that have an order.
  ///
  /// @param shorthand the key that is meant where a text stands in the place of an object; empty:
  ///   none may
  /// @param standard what the manual says of the case that there are none
  <T> List<T> entries(
      String key, String shorthand, String standard, String doc, Function<Section, T> reader) {
    ConfigValue value = value(key);
    List<T> results = new ArrayList<>();
    List<Setting.Group> groups = new ArrayList<>();
    List<? extends @Nullable ConfigValue> items =
        reading.documenting() ? Collections.singletonList(null) : items(value);
    for (ConfigValue item : items) {
      String number = String.valueOf(results.size() + 1);
      boolean isShort = !shorthand.isEmpty() && item != null && !(item instanceof ConfigObject);
      ConfigValue full = isShort && item != null ? item.atKey(shorthand).root() : item;
      Section inner = inner(number, path(key) + "[" + number + "]", full, item);
      int mark = reading.problems().count();
      results.add(reader.apply(inner));
      inner.end();
      tellIfNoObject("{ key = value … }", full, inner, mark);
      groups.add(new Setting.Group(number, "", inner.settings, inner.origin));
    }
    Origin where = value == null ? Origin.DEFAULT : origin(key);
    settings.add(new Setting.Groups(key, doc, false, standard, groups, where));
    return List.copyOf(results);
  }

  /// Reads one object with fixed keys, or a list of them, if it is written. The manual has it as
  /// one.
  <T> List<T> oneOrMore(String key, String doc, Function<Section, T> reader) {
    return isList(key)
        ? entries(key, "", "none", doc, reader)
        : optionalSection(key, doc, reader).stream().toList();
  }

  /// Whether the value of a key is a list.
  boolean isList(String key) {
    return values.get(key) instanceof ConfigList;
  }

  /// A section within this one; empty when the value is no object.
  private Section inner(String entry, String where, @Nullable ConfigValue value) {
    return inner(entry, where, value, value);
  }

  /// @param written what stands in the file for the value
  private Section inner(
      String entry, String where, @Nullable ConfigValue value, @Nullable ConfigValue written) {
    Map<String, ConfigValue> members = value instanceof ConfigObject object ? object : Map.of();
    Origin place = written == null ? Origin.DEFAULT : reading.origins().apply(written.origin());
    return new Section(reading, entry, where, members, place);
  }

  private void tellIfNoObject(String form, @Nullable ConfigValue value, Section inner) {
    tellIfNoObject(form, value, inner, reading.problems().count());
  }

  /// @param mark what was told after it follows from this
  private void tellIfNoObject(String form, @Nullable ConfigValue value, Section inner, int mark) {
    if (value != null && !(value instanceof ConfigObject)) {
      reading.problems().backTo(mark);
      inner.strange = true;
      if (!Values.isMissing(value)) {
        inner.tell(inner.path + " is no object", "write " + form);
      }
    }
  }

  private void tell(String message, String remedy) {
    reading.problems().error(origin, message, remedy);
  }

  /// Names keys that are fixed, but that this version cannot do yet: never silently ignored.
  void later(String... keys) {
    later.addAll(List.of(keys));
  }

  /// Tells of a key that means something elsewhere only.
  void misplaced(String key, String here, String elsewhere) {
    known.add(key);
    warning(
        key,
        path(key) + " is of no effect with " + here + ": it belongs to " + elsewhere,
        "remove it");
  }

  /// Tells an error at the value of a key.
  void error(String key, String message, String remedy) {
    reading.problems().error(origin(key), message, remedy);
  }

  /// Tells an error where a list was emptied: it would mean everybody, and looks as if it meant
  /// nobody.
  void refuseEmpty(String key, List<?> values, String remedy) {
    if (has(key) && values.isEmpty() && !refused(key)) {
      error(key, path(key) + " is an empty list", remedy);
    }
  }

  /// Tells a warning at the value of a key.
  void warning(String key, String message, String remedy) {
    reading.problems().warning(origin(key), message, remedy);
  }

  /// Its own path, for messages.
  String where() {
    return path;
  }

  /// Paths; relative ones are relative to the directory of the configuration file.
  Kind<Path> file() {
    return new Kind<>(
        "path",
        Kind.Form.QUOTED,
        (text, _) ->
            text.isBlank()
                ? Parsed.bad("is empty", "write a path, or leave the key out")
                : Parsed.good(reading.base().resolve(text)));
  }

  /// Secrets.
  Kind<Secret> secret() {
    return new Kind<>(
        "secret",
        Kind.Form.SECRET,
        (text, where) ->
            reading.documenting()
                ? Parsed.bad("is not looked at", "")
                : SecretReference.read(text, where, reading));
  }

  /// Secrets of several lines, such as keys in PEM.
  Kind<Secret> secretLines() {
    return new Kind<>(
        "secret",
        Kind.Form.SECRET,
        (text, where) ->
            reading.documenting()
                ? Parsed.bad("is not looked at", "")
                : SecretReference.readLines(text, where, reading));
  }

  /// What was read, in order.
  List<Setting> settings() {
    return List.copyOf(settings);
  }

  /// Tells of the keys that nobody asked for.
  void end() {
    strange |= unknownKeys().tell(values);
  }

  private UnknownKeys unknownKeys() {
    return new UnknownKeys(reading, path, known, later);
  }

  private @Nullable ConfigValue value(String key) {
    known.add(key);
    return has(key) ? values.get(key) : null;
  }

  private <T> Optional<T> scalar(String key, Kind<T> kind, ConfigValue value) {
    Origin where = reading.origins().apply(value.origin());
    refused.add(key);
    if (value instanceof ConfigList || value instanceof ConfigObject) {
      String what = value instanceof ConfigList ? "a list" : "an object";
      reading.problems().error(where, path(key) + " is " + what, "write one value: " + kind.name());
      return Optional.empty();
    }
    String text = Values.text(value);
    if (text.contains(MISSING)) {
      return Optional.empty();
    }
    return switch (kind.read(text, where)) {
      case Parsed.Good<T>(T read) -> {
        refused.remove(key);
        if (read instanceof Secret secret) {
          reading.secrets().add(new NamedSecret(path(key), secret));
        }
        yield Optional.of(read);
      }
      case Parsed.Bad<T>(String fault, String remedy) -> {
        String shown = kind.form() == Kind.Form.SECRET ? "the value" : Kind.quoted(text);
        reading
            .problems()
            .error(
                where, path(key) + ": " + shown + " " + fault, Quoted.remedy(kind, text, remedy));
        yield Optional.empty();
      }
    };
  }

  /// The path of a key, for messages.
  String path(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
