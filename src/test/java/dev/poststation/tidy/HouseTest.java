package dev.poststation.tidy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.poststation.Poststation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Keeps the house as ARCHITECTURE.md describes it: directions of imports, the only door to the
/// machine, sizes.
class HouseTest {
  private static final Path MAIN = Path.of("src/main/java/dev/poststation");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .importUrl(Poststation.class.getProtectionDomain().getCodeSource().getLocation());

  private static final Set<String> WORDS =
      Set.of(
          "os",
          "smtp",
          "message",
          "config",
          "tls",
          "dns",
          "sasl",
          "log",
          "store",
          "profile",
          "oauth",
          "rewrite",
          "sts",
          "tlsrpt",
          "ldap",
          "conditions",
          "dkim",
          "seal",
          "smime",
          "openpgp",
          "mime",
          "milter",
          "disclaimer",
          "attachments",
          "archive");

  /// Which other rooms a station may use, words apart: the arrow follows the mail.
  private static final Map<String, Set<String>> STATIONS =
      Map.ofEntries(
          Map.entry("account", Set.of()),
          Map.entry("policy", Set.of("account")),
          Map.entry("intake", Set.of("spool", "content")),
          Map.entry("content", Set.of()),
          Map.entry("server", Set.of("account", "policy", "intake", "content")),
          Map.entry("spool", Set.of()),
          Map.entry("queue", Set.of("spool", "route", "delivery", "bounce")),
          Map.entry("route", Set.of()),
          Map.entry("delivery", Set.of("route")),
          Map.entry("bounce", Set.of()),
          Map.entry("backup", Set.of("spool")),
          Map.entry("quarantine", Set.of("spool", "content", "queue")),
          Map.entry("reporting", Set.of("intake")));

  private static String room(JavaClass type) {
    String name = type.getPackageName();
    if (!name.startsWith("dev.poststation")) {
      return "";
    }
    String[] parts = name.split("\\.");
    return parts.length > 2 ? parts[2] : "(root)";
  }

  @Test
  void wordsUseOnlyWords() {
    noClasses()
        .that(
            DescribedPredicate.describe(
                "stand in a room of words", (JavaClass type) -> WORDS.contains(room(type))))
        .should()
        .dependOnClassesThat(
            DescribedPredicate.describe(
                "stand in a station or above",
                (JavaClass type) -> !room(type).isEmpty() && !WORDS.contains(room(type))))
        .check(CLASSES);
  }

  @Test
  void stationsUseWordsAndTheNextStationsOnly() {
    List<String> wrong = new ArrayList<>();
    for (JavaClass type : CLASSES) {
      var allowed = STATIONS.get(room(type));
      if (allowed == null) {
        continue;
      }
      type.getDirectDependenciesFromSelf()
          .forEach(
              dependency -> {
                String target = room(dependency.getTargetClass());
                if (!target.isEmpty()
                    && !target.equals(room(type))
                    && !WORDS.contains(target)
                    && !allowed.contains(target)) {
                  wrong.add(dependency.getDescription());
                }
              });
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void noRoomsDependOnEachOtherInACircle() {
    slices().matching("dev.poststation.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void everyRoomIsKnown() {
    Set<String> rooms = new TreeSet<>();
    CLASSES.forEach(type -> rooms.add(room(type)));
    rooms.removeAll(WORDS);
    rooms.removeAll(STATIONS.keySet());
    assertThat(rooms).isSubsetOf("(root)", "admin", "cli", "demo");
  }

  /// What only `os` may do, and who else may for a stated reason.
  private static final Map<String, Set<String>> BANNED =
      Map.ofEntries(
          Map.entry("Instant\\.now\\(|LocalDate(Time)?\\.now\\(|ZonedDateTime\\.now\\(", Set.of()),
          Map.entry("System\\.(nanoTime|currentTimeMillis)\\(", Set.of()),
          Map.entry(
              "Thread\\.sleep\\(|new Thread\\(|Thread\\.of(Virtual|Platform)\\(", Set.of("cli")),
          Map.entry("Executors\\.|CompletableFuture\\.(supply|run)Async", Set.of()),
          Map.entry("new (Server)?Socket\\(|SocketChannel\\.open", Set.of()),
          Map.entry("\\bFiles\\.(read|write|new|create|delete|move|copy)", Set.of("cli", "demo")),
          Map.entry("ThreadLocalRandom|new Random\\(|Math\\.random|new SecureRandom", Set.of()),
          Map.entry("ThreadLocal<", Set.of()),
          Map.entry("System\\.(out|err)\\b", Set.of("cli", "demo", "(root)")));

  @Test
  void onlyTheDoorOpensToTheMachine() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : sources()) {
      Path relative = MAIN.relativize(file);
      String room = relative.getNameCount() > 1 ? relative.getName(0).toString() : "(root)";
      if (room.equals("os")) {
        continue;
      }
      String text = withoutComments(Files.readString(file));
      BANNED.forEach(
          (pattern, exempt) -> {
            if (!exempt.contains(room) && Pattern.compile(pattern).matcher(text).find()) {
              wrong.add(relative + ": " + pattern);
            }
          });
    }
    assertThat(wrong).isEmpty();
  }

  private static String withoutComments(String text) {
    return text.replaceAll("(?m)//.*$", "").replaceAll("(?s)/\\*.*?\\*/", "");
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(MAIN)) {
      return files.filter(file -> file.toString().endsWith(".java")).sorted().toList();
    }
  }

  /// Files that may be longer than 500 lines; the list may only shrink.
  private static final Set<String> LONG = Set.of();

  @Test
  void noFileIsLongerThanFiveHundredLines() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : sources()) {
      long lines = Files.readAllLines(file).size();
      if (lines > 500 && !LONG.contains(file.getFileName().toString())) {
        wrong.add(MAIN.relativize(file) + ": " + lines);
      }
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyRoomSaysWhatItIs() throws IOException {
    try (Stream<Path> directories = Files.walk(MAIN)) {
      assertThat(directories.filter(Files::isDirectory))
          .allMatch(directory -> Files.exists(directory.resolve("package-info.java")));
    }
  }

  @Test
  void nothingIsLeftToDoWithoutAnIssue() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (Path file : sources()) {
      if (Pattern.compile("TODO|FIXME|XXX|@Disabled").matcher(Files.readString(file)).find()) {
        wrong.add(file.toString());
      }
    }
    assertThat(wrong).isEmpty();
  }
}
