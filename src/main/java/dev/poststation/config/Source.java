package dev.poststation.config;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigIncludeContext;
import com.typesafe.config.ConfigIncluder;
import com.typesafe.config.ConfigIncluderClasspath;
import com.typesafe.config.ConfigIncluderFile;
import com.typesafe.config.ConfigIncluderURL;
import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigOrigin;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigResolveOptions;
import com.typesafe.config.ConfigResolver;
import com.typesafe.config.ConfigSyntax;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueFactory;
import dev.poststation.os.Disk;
import dev.poststation.os.FileFault;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The text of the configuration, from one file and those that it includes, as values with their
/// places. Confined to one thread.
final class Source {
  private static final int INCLUDES_MAX = 100;
  private static final Pattern PLACE = Pattern.compile("@([0-9]+)(?:: ([0-9]+))?");

  private final Disk disk;
  private final Map<String, String> environment;
  private final Problems problems;

  /// By number: the library is told `@0`, `@1` … as the names of files, for it makes one text of
  /// several of them.
  private final List<Path> files = new ArrayList<>();

  /// What is written in each file, likewise; and the files that it includes, in order.
  private final Map<Integer, Text> texts = new HashMap<>();

  private final Map<String, Variable> variables = new HashMap<>();

  /// Whether a text is broken or missing: what follows from that would only hide it.
  private boolean broken;

  /// A file with the numbers of those that it includes.
  private record Text(List<Outline.Written> written, List<Integer> includes) {}

  /// A variable as it was first used.
  private record Variable(String place, Origin origin, boolean required) {}

  Source(Disk disk, Map<String, String> environment, Problems problems) {
    this.disk = disk;
    this.environment = environment;
    this.problems = problems;
  }

  /// Reads a file; empty when it cannot be used at all, which is then told.
  Optional<ConfigObject> read(Path file) {
    return text(file, new Origin(file.toString()), "file " + file)
        .flatMap(text -> parse(text, file));
  }

  /// Reads a text as if it stood in `file`.
  Optional<ConfigObject> parse(String text, Path file) {
    Optional<Config> parsed = parse(text, file, List.of());
    if (parsed.isEmpty() || broken) {
      return Optional.empty();
    }
    tellLost(0, "", new HashMap<>());
    try {
      var options =
          ConfigResolveOptions.defaults()
              .setUseSystemEnvironment(false)
              .appendResolver(new Variables());
      return Optional.of(parsed.get().resolve(options).root());
    } catch (ConfigException e) {
      tell(e, Optional.empty(), Optional.empty());
      return Optional.empty();
    }
  }

  private Optional<Config> parse(String text, Path file, List<Path> within) {
    int number = files.size();
    String place = "@" + number;
    files.add(file);
    var outline = Outline.of(text);
    var included = new ArrayList<Integer>();
    texts.put(number, new Text(outline.written(), included));
    for (Outline.Reference reference : outline.references()) {
      variables.merge(
          reference.path(),
          new Variable(
              place + ": " + reference.line(),
              new Origin(file.toString(), reference.line()),
              !reference.optional()),
          (old, fresh) -> old.required ? old : fresh.required ? fresh : old);
    }
    if (outline.unmatched().isEmpty()) { // Else nothing is where it seems to be.
      tellSlips(outline, file);
    }
    try {
      var chain = new ArrayList<>(within);
      chain.add(file.normalize());
      var options =
          ConfigParseOptions.defaults()
              .setSyntax(ConfigSyntax.CONF)
              .setOriginDescription(place)
              .setIncluder(new Includes(file, outline.includes(), chain, included));
      return Optional.of(ConfigFactory.parseString(text, options));
    } catch (ConfigException e) {
      tell(e, outline.unmatched(), outline.unclosed());
      return Optional.empty();
    }
  }

  private void tellSlips(Outline outline, Path file) {
    for (Outline.Mark mark : outline.merged()) {
      problems.error(
          new Origin(file.toString(), mark.line()),
          mark.text() + " of a list stand side by side and would be taken for one",
          "put a comma between them, or each on a line of its own");
    }
    for (Outline.Again again : outline.again()) {
      var origin = new Origin(file.toString(), again.line());
      String key = again.path().replaceAll("\\.?\\[[0-9]+]", "");
      if (again.named()) {
        problems.error(
            origin,
            key + " is there twice, first in line " + again.firstLine(),
            "write all of it in one place, or give one of them another name");
      } else {
        problems.warning(
            origin,
            key + " is written twice; the value of line " + again.firstLine() + " is not used",
            "remove one of them");
      }
    }
  }

  /// A list takes the place of one that another file has, where its entries are lost. A single
  /// value may: that is what an included file with common settings is for.
  ///
  /// @param lists where each was written last
  private void tellLost(int number, String within, Map<String, Origin> lists) {
    var text = texts.get(number);
    if (text == null) {
      return;
    }
    String file = files.get(number).toString();
    var included = text.includes.iterator();
    for (Outline.Written each : text.written) {
      String path = within + each.path();
      if (each.include()) {
        if (included.hasNext()) {
          tellLost(included.next(), each.path().isEmpty() ? within : path + ".", lists);
        }
        continue;
      }
      if (!each.list()) {
        continue;
      }
      var origin = new Origin(file, each.line());
      var before = lists.put(path, origin);
      if (before != null && !before.source().equals(file) && !each.computed()) {
        problems.warning(
            origin,
            path + " is written twice; the list of " + before + " is not used",
            "write " + path + " = ${?" + path + "} [ here to have both, or remove one of them");
      }
    }
  }

  /// Where a value stands, in our words.
  Origin origin(ConfigOrigin origin) {
    return place(origin.description());
  }

  private Origin place(String description) {
    Matcher place = PLACE.matcher(description);
    if (!place.find()) {
      return description.startsWith(Presets.ORIGIN) ? new Origin(description) : Origin.DEFAULT;
    }
    String line = place.group(2);
    return new Origin(
        files.get(Integer.parseInt(place.group(1))).toString(),
        line == null ? 0 : Integer.parseInt(line));
  }

  private void tell(
      ConfigException e, Optional<Outline.Unmatched> unmatched, Optional<Outline.Mark> unclosed) {
    broken = true;
    ConfigOrigin origin = e.origin();
    Origin place = origin == null ? new Origin(files.getFirst().toString()) : origin(origin);
    String message = String.valueOf(e.getMessage()).replaceFirst("^@[0-9]+: [0-9]+: ", "");
    if (unmatched.isPresent()) {
      var mark = unmatched.get();
      boolean sameLine = mark.line() == mark.noticed();
      unclosed(place, mark.line(), mark.text(), sameLine ? "" : ", before line " + mark.noticed());
    } else if (message.contains("end of file") && unclosed.isPresent()) {
      unclosed(place, unclosed.get().line(), unclosed.get().text(), "");
    } else {
      problems.add(Syntax.problem(place, message));
    }
  }

  private void unclosed(Origin place, int line, String bracket, String where) {
    problems.error(
        new Origin(place.source(), line),
        "the " + bracket + " of this line is never closed",
        "write " + (bracket.equals("{") ? "}" : "]") + " where it ends" + where);
  }

  /// @param told how the file is called in messages
  private Optional<String> text(Path file, Origin origin, String told) {
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(disk.read(file))).toString();
      var exposure = new Exposure(disk);
      exposure.changeable(origin, told, file).ifPresent(problems::once);
      exposure.replaceable(origin, file).ifPresent(problems::once);
      return Optional.of(text.startsWith("\uFEFF") ? text.substring(1) : text);
    } catch (NoSuchFileException _) {
      problems.error(origin, told + " does not exist", "create it, or name another one");
    } catch (AccessDeniedException _) {
      problems.error(
          origin, told + " may not be read by this user", "change its owner or its mode");
    } catch (CharacterCodingException _) {
      problems.error(
          origin, told + " is no text in UTF-8", "convert it, or remove what is no text");
    } catch (IOException e) {
      problems.error(
          origin,
          told + " cannot be read: " + FileFault.why(e),
          FileFault.remedy(e, "name a file"));
    }
    broken = true;
    return Optional.empty();
  }

  /// Takes variables from the environment. The library would ignore where they were used.
  private final class Variables implements ConfigResolver {
    @Override
    public @Nullable ConfigValue lookup(String path) {
      Variable variable = variables.get(path);
      if (variable == null) {
        return null;
      }
      String value = environment.get(path);
      if (value == null && variable.required) {
        problems.error(
            variable.origin,
            "${" + path + "} is neither an environment variable nor a key of the configuration",
            "set it, or write ${?" + path + "} if it may be missing");
        value = Section.MISSING;
      }
      return value == null ? null : ConfigValueFactory.fromAnyRef(value, variable.place);
    }

    @Override
    public ConfigResolver withFallback(ConfigResolver fallback) {
      return this;
    }
  }

  /// Reads what a file includes. Here every include is required: the library would silently pass
  /// over one that is missing.
  private final class Includes
      implements ConfigIncluder, ConfigIncluderFile, ConfigIncluderURL, ConfigIncluderClasspath {
    private final Path file;
    private final List<Outline.Mark> marks;
    private final List<Path> chain;
    private final List<Integer> included;
    private int count;

    /// @param included gets the numbers of the files
    private Includes(
        Path file, List<Outline.Mark> marks, List<Path> chain, List<Integer> included) {
      this.file = file;
      this.marks = marks;
      this.chain = chain;
      this.included = included;
    }

    @Override
    public ConfigObject include(ConfigIncludeContext context, String what) {
      Origin origin = origin();
      Path directory = file.getParent();
      Path path = directory == null ? Path.of(what) : directory.resolve(what);
      if (chain.contains(path.normalize())) {
        problems.error(origin, "the file includes itself", "remove the include");
        return nothing();
      }
      if (what.contains("*")) {
        problems.error(origin, "an include takes no wildcards", "name each file");
        return nothing();
      }
      if (files.size() > INCLUDES_MAX) {
        problems.error(origin, "more than " + INCLUDES_MAX + " files are included", "use fewer");
        return nothing();
      }
      return text(path, origin, "the included file " + path)
          .flatMap(
              text -> {
                included.add(files.size());
                return parse(text, path, chain);
              })
          .map(Config::root)
          .orElseGet(this::nothing);
    }

    /// The library calls in the order of the text.
    private Origin origin() {
      int line = count < marks.size() ? marks.get(count).line() : 0;
      count++;
      return new Origin(file.toString(), line);
    }

    private ConfigObject nothing() {
      broken = true;
      return ConfigFactory.empty().root();
    }

    @Override
    public ConfigObject includeFile(ConfigIncludeContext context, File what) {
      return include(context, what.getPath());
    }

    @Override
    public ConfigObject includeURL(ConfigIncludeContext context, URL what) {
      return refuse();
    }

    @Override
    public ConfigObject includeResources(ConfigIncludeContext context, String what) {
      return refuse();
    }

    private ConfigObject refuse() {
      problems.error(origin(), "only files can be included", "write include \"FILE\"");
      return nothing();
    }

    @Override
    public ConfigIncluder withFallback(ConfigIncluder fallback) {
      return this;
    }
  }
}
