package dev.poststation.config;

import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The reference page and the sample file, made from the calls that read the keys.
final class Manual {
  private static final int WIDTH = 100;

  private final StringBuilder out = new StringBuilder();

  private Manual() {}

  /// All keys with their documentation.
  static List<Setting> settings(Os os) {
    var machine = new Machine("relay.example.com", "", List.of(), List.of(), List.of());
    var reading =
        new Reading(
            new Problems(),
            _ -> Origin.DEFAULT,
            Path.of(""),
            os,
            Map.of(),
            machine,
            true,
            false,
            List.of());
    var section = Section.documentation(reading);
    Schema.read(section);
    return section.settings();
  }

  /// The section in which a key stands, where there is just one.
  static Optional<String> placeOf(String key, Reading reading) {
    if (reading.documenting()) {
      return Optional.empty();
    }
    List<String> places = new ArrayList<>();
    find(key, "", settings(reading.os()), places);
    return places.size() == 1 ? Optional.of(places.getFirst()) : Optional.empty();
  }

  private static void find(String key, String path, List<Setting> settings, List<String> places) {
    for (Setting setting : settings) {
      if (setting.key().equals(key) && !path.isEmpty()) {
        places.add(path);
      }
      find(
          key,
          path.isEmpty() ? setting.key() : path + "." + setting.key(),
          members(setting),
          places);
    }
  }

  private static List<Setting> members(Setting setting) {
    return switch (setting) {
      case Setting.Leaf _ -> List.of();
      case Setting.Group group -> group.members();
      case Setting.Groups groups ->
          groups.groups().isEmpty() ? List.of() : groups.groups().getFirst().members();
    };
  }

  /// `docs/reference/configuration.md`.
  static String page(Os os) {
    var manual = new Manual();
    manual.out.append(
        """
        # The configuration, key by key

        This page is made from the code that reads the keys (`make golden` writes it anew); the same
        text stands in `etc/poststation.conf`. How the file is written:

        - One file in [HOCON](https://github.com/lightbend/config/blob/main/HOCON.md). Every command
          takes `--config FILE`; without it `poststation.conf` in the working directory is read,
          else `/etc/poststation/poststation.conf`.
        - A **duration** has a unit: `ms`, `s`, `m`, `h`, `d`, `w`, or in words: `"5 minutes"`. A
          **size** has one too: `kB`, `MB`, `GB`, `TB` are powers of 1000; `KiB`, `MiB`, `GiB`,
          `TiB` are powers of 1024, and so are the letters `k`, `M`, `G`, `T` alone. A size without
          a unit is in octets.
        - `include "FILE"` reads another file, relative to the one that includes it; a file that is
          missing is an error. `${NAME}` stands for an environment variable that must be set,
          `${?NAME}` for one that may be missing.
        - A relative **path** starts at the directory of the configuration file.
        - A **secret** never stands in the file. It is named: `"file:PATH"` (readable by its owner
          only), `"env:NAME"`, `"credential:NAME"` (a systemd credential), `"exec:COMMAND"` (what a
          shell command prints). It is read anew whenever it is used: a changed file, and what a
          command prints now, need no restart. The environment of a process never changes: a new
          value of `env:` needs a restart. `credential:` is read anew like a file, but systemd
          fills the directory of credentials when the service starts: a new one needs `systemctl
          restart`. From systemd 260 on a reload does it, too, with `RefreshOnReload=credentials`
          in the unit. `poststation check` reads them too, but does not run a command: it says
          which ones it has not tried, and which ones need a restart. While a secret cannot be
          had, mail for its connector waits, with the reason.
        - A list of one value needs no brackets. Each object of a list stands on a line of its own,
          or has a comma behind it.
        - Names with dots are quoted where they are keys: `"mail.example.com" { … }`.
        - `poststation check` tells all that is wrong, with line and remedy; `poststation config`
          shows every value that the file gives, and where it comes from.

        The smallest useful file:

        ```hocon
        """);
    manual.out.append(SMALLEST).append("```\n");
    var top = new ArrayList<Setting>();
    var rest = new ArrayList<Setting>();
    settings(os).forEach(s -> (s instanceof Setting.Leaf ? top : rest).add(s));
    manual.out.append("\n## Top level\n");
    top.forEach(setting -> manual.entry("", setting));
    rest.forEach(setting -> manual.heading(setting));
    return manual.out.toString();
  }

  static final String SMALLEST =
      """
      clients    = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors { provider { hosts = ["smtp.provider.example:587"]
        auth { user = "account", password = "file:/etc/poststation/provider.secret" } } }
      routes     = [ { via = [provider] } ]
      """;

  private void heading(Setting setting) {
    String title =
        switch (setting) {
          case Setting.Groups groups when groups.named() -> groups.key() + " { NAME { … } }";
          case Setting.Groups groups -> groups.key() + " = [ { … } ]";
          case Setting.Group group -> group.key() + " { … }";
          case Setting.Leaf leaf -> leaf.key();
        };
    out.append("\n## `").append(title).append("`\n\n").append(setting.doc().strip()).append('\n');
    if (setting instanceof Setting.Groups groups) {
      out.append("\nDefault: ").append(groups.standard()).append(".\n");
    }
    members(setting).forEach(member -> entry("", member));
  }

  private void entry(String prefix, Setting setting) {
    String key = prefix + setting.key();
    switch (setting) {
      case Setting.Leaf leaf -> {
        String kind = (leaf.many() ? "list: " : "") + leaf.kind().name();
        out.append("\n**`").append(key).append("`** — ").append(kind).append("; default: ");
        out.append(standard(leaf)).append(".  \n").append(leaf.doc().strip()).append('\n');
      }
      case Setting.Group group -> {
        out.append("\n**`")
            .append(key)
            .append(" { … }`**  \n")
            .append(group.doc().strip())
            .append('\n');
        group.members().forEach(member -> entry(key + ".", member));
      }
      case Setting.Groups groups -> {
        out.append("\n**`").append(key).append(" = [ … ]`** — default: ");
        out.append(groups.standard()).append(".  \n").append(groups.doc().strip()).append('\n');
        members(groups).forEach(member -> entry(key + "[].", member));
      }
    }
  }

  private static String standard(Setting.Leaf leaf) {
    String words = leaf.standard().words();
    return words.isEmpty() ? "`" + leaf.written() + "`" : words;
  }

  /// `etc/poststation.conf`.
  static String sample(Os os) {
    var manual = new Manual();
    manual.out.append(
        """
        # poststation.conf: every key, commented out, with its default and the reason for it.
        #
        # Prose begins with "# ", a key with "#" alone: take that away to set the key. Nothing has
        # to be set but what tells where mail comes from and where it goes to; the smallest useful
        # file is this:
        #
        """);
    SMALLEST.lines().forEach(line -> manual.out.append("#     ").append(line).append('\n'));
    manual.out.append(
        """
        #
        # The same text, with the rules of the language, is in docs/reference/configuration.md.
        """);
    for (Setting setting : settings(os)) {
      manual.out.append('\n');
      manual.sample("", "", setting);
    }
    return manual.out.toString();
  }

  /// @param mark `#` within what is commented out as a whole
  private void sample(String indent, String mark, Setting setting) {
    prose(indent, setting.doc());
    switch (setting) {
      case Setting.Leaf leaf -> {
        String words = leaf.standard().words();
        String kind = (leaf.many() ? "Values: " : "Value: ") + leaf.kind().name() + ".";
        prose(indent, words.isEmpty() ? kind : kind + " Default: " + words + ". For example:");
        String value = words.isEmpty() ? leaf.written() : leaf.example();
        line(indent, "#", leaf.key() + " = " + value);
      }
      case Setting.Group group -> {
        String how = group.optional() ? "#" : mark;
        line(indent, how, group.key() + " {");
        samples(indent + "  ", how, group.members());
        line(indent, how, "}");
      }
      case Setting.Groups groups -> {
        prose(indent, "Default: " + groups.standard() + ".");
        Setting.Group example = groups.groups().getFirst();
        line(indent, "#", groups.named() ? groups.key() + " {" : groups.key() + " = [");
        line(indent + "  ", "#", groups.named() ? word(example.key()) + " {" : "{");
        samples(indent + "    ", "#", example.members());
        line(indent + "  ", "#", "}");
        line(indent, "#", groups.named() ? "}" : "]");
      }
    }
  }

  /// A name as it is written: one with dots in quotes.
  private static String word(String name) {
    return Kind.isSimple(name) ? name : Kind.quoted(name);
  }

  private void samples(String indent, String mark, List<Setting> members) {
    String between = "";
    for (Setting member : members) {
      out.append(between);
      sample(indent, mark, member);
      between = "\n";
    }
  }

  private void line(String indent, String mark, String text) {
    out.append(indent).append(mark).append(text).append('\n');
  }

  private void prose(String indent, String text) {
    var line = new StringBuilder();
    for (String word : text.strip().split("\\s+", -1)) {
      if (!line.isEmpty() && indent.length() + line.length() + word.length() + 3 > WIDTH) {
        line(indent, "# ", line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    line(indent, "# ", line.toString());
  }
}
