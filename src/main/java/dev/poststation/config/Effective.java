package dev.poststation.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The configuration of a file, to be shown: every value with its origin, secrets as `***`.
/// Immutable.
public final class Effective {
  private final List<Setting> settings;

  Effective(List<Setting> settings) {
    this.settings = List.copyOf(settings);
  }

  /// Where the value of a key stands that is in no list: `data`, `log.file`.
  public Origin origin(String key) {
    List<Setting> members = settings;
    String[] names = key.split("\\.", -1);
    for (String name : names) {
      var found = members.stream().filter(each -> each.key().equals(name)).findFirst();
      switch (found.orElseThrow()) {
        case Setting.Leaf leaf -> {
          return leaf.origin();
        }
        case Setting.Group group -> members = group.members();
        case Setting.Groups groups -> {
          return groups.origin();
        }
      }
    }
    throw new IllegalArgumentException(key + " is no value");
  }

  /// The keys of each object of a list that are written and say something else than their default.
  public List<List<String>> written(String list) {
    return settings.stream()
        .filter(each -> each.key().equals(list))
        .flatMap(each -> groups(each).stream())
        .map(
            group ->
                group.members().stream().filter(Effective::isWritten).map(Setting::key).toList())
        .toList();
  }

  private static List<Setting.Group> groups(Setting setting) {
    return setting instanceof Setting.Groups groups ? groups.groups() : List.of();
  }

  private static boolean isWritten(Setting setting) {
    return switch (setting) {
      case Setting.Leaf leaf -> leaf.given() && !leaf.values().equals(leaf.standard().shown());
      case Setting.Group group -> group.members().stream().anyMatch(Effective::isWritten);
      case Setting.Groups groups -> !groups.groups().isEmpty();
    };
  }

  /// As a file would have it, with the origin of each value in a comment.
  public String text() {
    var out = new StringBuilder();
    settings.forEach(setting -> print(setting, "", out));
    return out.toString();
  }

  private static void print(Setting setting, String indent, StringBuilder out) {
    switch (setting) {
      case Setting.Leaf leaf when leaf.values().isEmpty() && !leaf.given() ->
          line(out, indent, "# " + leaf.key() + ": " + leaf.standard().words(), leaf.origin());
      case Setting.Leaf leaf ->
          line(out, indent, leaf.key() + " = " + leaf.written(), leaf.origin());
      case Setting.Group group -> print(group, group.key() + " {", indent, out);
      case Setting.Groups groups when groups.groups().isEmpty() ->
          line(out, indent, "# " + groups.key() + ": " + groups.standard(), groups.origin());
      case Setting.Groups groups -> {
        out.append(indent).append(groups.key()).append(groups.named() ? " {\n" : " = [\n");
        for (Setting.Group group : groups.groups()) {
          String key = Kind.isSimple(group.key()) ? group.key() : Kind.quoted(group.key());
          print(group, groups.named() ? key + " {" : "{", indent + "  ", out);
        }
        out.append(indent).append(groups.named() ? "}\n" : "]\n");
      }
    }
  }

  private static void print(Setting.Group group, String opening, String indent, StringBuilder out) {
    line(out, indent, opening, group.origin());
    group.members().forEach(member -> print(member, indent + "  ", out));
    out.append(indent).append("}\n");
  }

  private static void line(StringBuilder out, String indent, String text, Origin origin) {
    out.append(indent).append(text).append("  # ").append(origin).append('\n');
  }

  /// The same for JSON: objects and lists as they are in the file; in the place of each value an
  /// object with `value` and `origin`.
  public Map<String, Object> json() {
    return json(settings);
  }

  private static Map<String, Object> json(List<Setting> members) {
    var object = new LinkedHashMap<String, Object>();
    for (Setting setting : members) {
      switch (setting) {
        case Setting.Leaf leaf -> object.put(leaf.key(), json(leaf));
        case Setting.Group group -> object.put(group.key(), json(group.members()));
        case Setting.Groups groups -> object.put(groups.key(), json(groups));
      }
    }
    return object;
  }

  private static Object json(Setting.Groups groups) {
    var list = new ArrayList<Map<String, Object>>();
    var object = new LinkedHashMap<String, Object>();
    for (Setting.Group group : groups.groups()) {
      list.add(json(group.members()));
      object.put(group.key(), json(group.members()));
    }
    return groups.named() ? object : list;
  }

  private static Map<String, Object> json(Setting.Leaf leaf) {
    var object = new LinkedHashMap<String, Object>();
    if (leaf.many()) {
      object.put("value", leaf.values().stream().map(text -> json(leaf, text)).toList());
    } else if (!leaf.values().isEmpty()) {
      object.put("value", json(leaf, leaf.values().getFirst()));
    }
    object.put("origin", leaf.origin().text());
    return object;
  }

  private static Object json(Setting.Leaf leaf, String text) {
    return switch (leaf.kind().form()) {
      case NUMBER -> Long.parseLong(text.strip());
      case FLAG -> text.equals("on") || text.equals("true") || text.equals("yes");
      case WORD, QUOTED -> text;
      case SECRET -> "***";
    };
  }
}
