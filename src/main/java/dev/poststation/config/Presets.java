package dev.poststation.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigList;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigOriginFactory;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import com.typesafe.config.ConfigValueType;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The presets of connectors (the resource `presets.conf`): what a preset says stands in a
/// connector as if it were written there, but for what is written there. Its origin is the preset,
/// which `poststation config` shows. Immutable; safe for any thread.
final class Presets {
  /// Begins the origin of what comes from a preset.
  static final String ORIGIN = "preset ";

  /// What is no key of a connector.
  private static final Set<String> WORDS = Set.of("about", "limits", "senders", "sources", "host");

  private static final String AUTH = "auth";
  private static final String BY_GRANT = "by-grant";
  private static final Config ALL = load();

  /// `preset`.
  static final Kind<String> KIND =
      new Kind<>(
          "one of "
              + names().stream().map(name -> "`" + name + "`").collect(Collectors.joining(", ")),
          Kind.Form.WORD,
          (text, _) ->
              names().contains(text)
                  ? Parsed.good(text)
                  : Parsed.bad(
                      "is no preset",
                      Nearest.remedy(text, names(), "known are " + String.join(", ", names()))));

  private Presets() {}

  private static Config load() {
    try (InputStream in = Presets.class.getResourceAsStream("/presets.conf")) {
      byte[] text = Objects.requireNonNull(in, "presets.conf").readAllBytes();
      return ConfigFactory.parseString(new String(text, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// All of them, sorted.
  static Set<String> names() {
    return new TreeSet<>(ALL.root().keySet());
  }

  /// What a preset says in words.
  static String words(String preset, String about) {
    return ALL.getConfig(preset).getString(about);
  }

  /// Where that was read.
  static List<String> sources(String preset) {
    return ALL.getConfig(preset).getStringList("sources");
  }

  /// An example of a host, where the preset has none because only the administrator knows it.
  static Optional<String> host(String preset) {
    return names().contains(preset) && ALL.getConfig(preset).hasPath("host")
        ? Optional.of(words(preset, "host"))
        : Optional.empty();
  }

  /// The keys of a connector that a preset has.
  static ConfigObject keys(String preset) {
    var origin = ConfigOriginFactory.newSimple(ORIGIN + preset);
    ConfigObject keys = ALL.getConfig(preset).root();
    for (String word : WORDS) {
      keys = keys.withoutKey(word);
    }
    return (ConfigObject) from(origin, keys);
  }

  private static ConfigValue from(ConfigOrigin origin, ConfigValue value) {
    ConfigValue marked = value.withOrigin(origin);
    if (marked instanceof ConfigObject object) {
      for (String key : object.keySet()) {
        object = object.withValue(key, from(origin, object.get(key)));
      }
      return object;
    }
    if (marked instanceof ConfigList list) {
      List<Object> items = new ArrayList<>();
      list.forEach(item -> items.add(from(origin, item)));
      return ConfigValueFactory.fromIterable(items).withOrigin(origin);
    }
    return marked;
  }

  /// The file, with what the presets of its connectors say.
  static ConfigObject completed(ConfigObject file) {
    if (!(file.get("connectors") instanceof ConfigObject connectors)) {
      return file;
    }
    ConfigObject completed = connectors;
    for (String name : connectors.keySet()) {
      var preset = connectors.get(name) instanceof ConfigObject some ? some.get("preset") : null;
      if (connectors.get(name) instanceof ConfigObject connector
          && preset != null
          && preset.valueType() == ConfigValueType.STRING
          && names().contains(Values.text(preset))) {
        var keys = keys(Values.text(preset));
        completed = completed.withValue(name, completed(connector, keys, preset.origin()));
      }
    }
    return file.withValue("connectors", completed);
  }

  /// @param at where the preset is named
  private static ConfigObject completed(
      ConfigObject connector, ConfigObject preset, ConfigOrigin at) {
    ConfigObject whole = connector;
    for (String key : preset.keySet()) {
      if (key.equals(AUTH)) {
        var auth = (ConfigObject) Objects.requireNonNull(preset.get(AUTH));
        whole = whole.withValue(AUTH, auth(connector.get(AUTH), auth, at));
      } else if (!isWritten(connector, key)) {
        whole = whole.withValue(key, preset.get(key));
      }
    }
    return whole;
  }

  private static boolean isWritten(ConfigObject object, String key) {
    var value = object.get(key);
    return value != null && value.valueType() != ConfigValueType.NULL;
  }

  /// One account, or a list of them.
  private static ConfigValue auth(
      @Nullable ConfigValue written, ConfigObject preset, ConfigOrigin at) {
    return switch (written) {
      case null -> account(ConfigFactory.empty().root().withOrigin(at), preset);
      case ConfigObject account -> account(account, preset);
      case ConfigList accounts -> {
        List<Object> each = new ArrayList<>();
        for (ConfigValue account : accounts) {
          each.add(account instanceof ConfigObject object ? account(object, preset) : account);
        }
        yield ConfigValueFactory.fromIterable(each).withOrigin(accounts.origin());
      }
      default -> written;
    };
  }

  private static ConfigObject account(ConfigObject written, ConfigObject preset) {
    ConfigObject whole = written;
    ConfigValue grant = isWritten(written, "grant") ? written.get("grant") : preset.get("grant");
    if (preset.get(BY_GRANT) instanceof ConfigObject byGrant
        && grant != null
        && byGrant.get(Values.text(grant)) instanceof ConfigObject its) {
      whole = filled(whole, its);
    }
    return filled(whole, preset.withoutKey(BY_GRANT));
  }

  private static ConfigObject filled(ConfigObject written, ConfigObject preset) {
    ConfigObject whole = written;
    for (String key : preset.keySet()) {
      if (!isWritten(whole, key)) {
        whole = whole.withValue(key, preset.get(key));
      }
    }
    return whole;
  }
}
