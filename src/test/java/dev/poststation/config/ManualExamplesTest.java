package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every piece of configuration in the manual is accepted, without a warning, where the files are
/// there that it names. A piece that is no whole file is completed.
final class ManualExamplesTest {
  private static final Pattern BLOCK = Pattern.compile("(?ms)^```hocon\n(.*?)^```$");
  private static final Pattern FILE = Pattern.compile("\"(?:file:)?(/[^\"]+)\"");
  private static final Pattern INCLUDE = Pattern.compile("(?m)^include \"([^\"]+)\"");

  /// @param name page and line
  record Example(String name, String text) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static List<Example> examples() throws IOException {
    List<Example> all = new ArrayList<>();
    try (Stream<Path> pages = Files.list(Path.of("docs/manual"))) {
      for (Path page : Stream.concat(Stream.of(Path.of("README.md")), pages.sorted()).toList()) {
        String text = Files.readString(page);
        var block = BLOCK.matcher(text);
        while (block.find()) {
          long line = text.substring(0, block.start(1)).lines().count() + 1;
          all.add(new Example(page.getFileName() + ":" + line, block.group(1)));
        }
      }
    }
    assertThat(all).hasSizeGreaterThan(15);
    return all;
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsAccepted(Example example) {
    var bench = new Bench();
    String authority = read(Path.of("src/test/resources/tls/authority.pem"));
    FILE.matcher(example.text())
        .results()
        .map(found -> found.group(1))
        .filter(file -> !Path.of(file).equals(Path.of("/data")))
        .forEach(
            file ->
                bench.disk.with(
                    file,
                    file.endsWith(".pem")
                        ? authority
                        : file.endsWith(".map") || file.endsWith(".conf") ? "" : "secret"));
    INCLUDE
        .matcher(example.text())
        .results()
        .forEach(
            found ->
                bench.disk.with(
                    found.group(1),
                    ClientEntry.text(
                        List.of(new ClientEntry("more", List.of("10.9.9.0/24"), "", "", "")), "")));
    assertThat(bench.problems(whole(example.text()))).isEmpty();
  }

  private static String whole(String text) {
    String piece = text.strip().startsWith("{") ? "clients = [\n" + text + "]\n" : text;
    return piece
        + missing(
            piece,
            "certificates",
            "tls = (required|implicit|offered)|(certificates|users) *= \\[",
            CERTIFICATES)
        + missing(
            piece,
            "clients",
            "",
            "clients = [ { name = %s, networks = [\"10.0.0.0/8\"] } ]\n".formatted(client(piece)))
        + missing(piece, "own-domains", "direction = \\[", "own-domains = [\"example.com\"]\n")
        + missing(piece, "listeners", "for \\{ (zone|listener) = ", listeners(piece))
        + missing(piece, "connectors", "", "connectors { internet { type = mx } }\n")
        + missing(piece, "routes", "", "routes = [ { via = [internet] } ]\n")
        + missing(piece, "content", "(?m)^dkim \\{", "content = [ { use = dkim-sign } ]\n")
        + missing(piece, "dkim", "use = dkim-sign", "dkim { \"example.com\" { } }\n");
  }

  private static final String CERTIFICATES =
      "certificates = [ { chain = \"chain.pem\", key = \"key.pem\" } ]\n";

  /// The client that a service names, or any.
  private static String client(String piece) {
    var named = Pattern.compile("for \\{ client = \\[([a-z]+)]").matcher(piece);
    return named.find() ? named.group(1) : "lan";
  }

  /// The listeners that services name, each for a zone of its name, or whose zone they name; which
  /// ports they have does not matter.
  private static String listeners(String piece) {
    return Pattern.compile("for \\{ (?:zone|listener) = \\[([a-z]+)]")
        .matcher(piece)
        .results()
        .map(found -> found.group(1))
        .distinct()
        .map(
            zone ->
                zone + " { bind = \"10.0.0.1:" + (25 + zone.length()) + "\", zone = " + zone + " }")
        .collect(Collectors.joining("\n", "listeners {\n", "\n}\n"));
  }

  /// What has to be added, where it is not there and the text needs it.
  private static String missing(String text, String key, String needing, String what) {
    boolean there = Pattern.compile("(?m)^" + key + "\\b").matcher(text).find();
    return there || !Pattern.compile(needing).matcher(text).find() ? "" : what;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
