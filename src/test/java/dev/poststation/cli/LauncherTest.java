package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher script, in an unpacked distribution whose jar and Java are pretended: what is
/// called, and how.
class LauncherTest {
  @TempDir Path top;
  private Path home;

  private record Ran(String output) {}

  @BeforeEach
  void unpack() throws IOException {
    home = top.resolve("dist");
    Files.createDirectories(home.resolve("lib"));
    Files.copy(Path.of("poststation"), home.resolve("poststation"));
    executable(home.resolve("poststation"));
    Files.copy(Path.of("packaging/find-jdk"), home.resolve("lib/find-jdk"));
    Files.createFile(home.resolve("lib/poststation-1.0.jar"));
  }

  /// A Java that prints how it was called.
  private Path java(String directory, int version) throws IOException {
    Path jdk = top.resolve(directory);
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
    Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\necho java " + version + " \"$@\"\n");
    executable(jdk.resolve("bin/java"));
    return jdk;
  }

  private static void executable(Path file) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static Ran run(Path launcher, Map<String, String> environment, String... args)
      throws Exception {
    var command = new java.util.ArrayList<String>();
    command.add(launcher.toString());
    command.addAll(java.util.List.of(args));
    var builder =
        new ProcessBuilder(command).redirectErrorStream(true).directory(new java.io.File("/"));
    builder.environment().remove("JAVA_HOME");
    builder.environment().remove("POSTSTATION_JAVA_OPTIONS");
    builder.environment().putAll(environment);
    var process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Ran(output);
  }

  private Ran launch(Map<String, String> environment, String... args) throws Exception {
    return run(home.resolve("poststation"), environment, args);
  }

  private static String path(Path jdk) {
    return jdk.resolve("bin") + ":/usr/bin:/bin";
  }

  @Test
  void aNewJavaOnThePathIsTaken() throws Exception {
    var ran = launch(Map.of("PATH", path(java("new", 25))), "run");

    assertThat(ran.output())
        .contains("\njava 25 ")
        .contains("-jar " + home + "/lib/poststation-1.0.jar run");
  }

  @Test
  void anOldJavaIsPassedOverForTheOneInJavaHome() throws Exception {
    var old = java("old", 17);
    var fresh = java("fresh", 25);

    var ran = launch(Map.of("PATH", path(old), "JAVA_HOME", fresh.toString()), "version");

    assertThat(ran.output()).startsWith("java 25 ");
  }

  @Test
  void anOldJavaHomeAndAnOldJavaOnThePathArePassedOverForOneOfTheUser() throws Exception {
    var old = java("old", 17);
    java("user/.sdkman/candidates/java/25.0.1-tem", 99);

    var ran =
        launch(
            Map.of(
                "PATH", path(old),
                "JAVA_HOME", old.toString(),
                "HOME", top.resolve("user").toString()),
            "version");

    // A JDK 25 of this machine, which cannot run the pretended jar, or else the one of the user.
    assertThat(ran.output()).containsAnyOf("jarfile", "java 99").doesNotContain("java 17");
  }

  @Test
  void throughALinkItFindsItsPlace() throws Exception {
    Path link = Files.createSymbolicLink(top.resolve("poststation"), home.resolve("poststation"));

    var ran = run(link, Map.of("PATH", path(java("new", 25))), "status", "--config", "a b.conf");

    assertThat(ran.output()).contains(home + "/lib/poststation-1.0.jar status --config a b.conf");
  }

  @Test
  void aCommandGetsLessMemoryThanTheRelay() throws Exception {
    var environment = Map.of("PATH", path(java("new", 25)));

    assertThat(launch(environment, "run").output()).contains("-Xmx256m").doesNotContain("Tiered");
    assertThat(launch(environment, "status").output())
        .contains("-Xmx128m", "-XX:TieredStopAtLevel=1");
  }

  @Test
  void theRelayHasTwoArenasUnlessTheUserWantsOthers() throws Exception {
    var jdk = java("new", 25);
    Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\necho \"arenas $MALLOC_ARENA_MAX.\"\n");

    assertThat(launch(Map.of("PATH", path(jdk)), "run").output()).contains("arenas 2.");
    assertThat(launch(Map.of("PATH", path(jdk), "MALLOC_ARENA_MAX", "9"), "run").output())
        .contains("arenas 9.");
    assertThat(launch(Map.of("PATH", path(jdk)), "status").output()).contains("arenas .");
  }

  @Test
  void optionsOfTheUserComeLastAndMayChangeTheCollector() throws Exception {
    var ran =
        launch(
            Map.of(
                "PATH", path(java("new", 25)), "POSTSTATION_JAVA_OPTIONS", "-Xmx1g -XX:+UseG1GC"),
            "run");

    assertThat(ran.output()).containsSubsequence("-Xmx256m", "-Xmx1g", "-XX:+UseG1GC", "-jar");
    assertThat(ran.output()).doesNotContain("UseSerialGC");
  }

  /// A Java that can be trained, and says what it is told.
  private Path pupil(String name) throws IOException {
    Path jdk = java(name, 25);
    Files.writeString(
        jdk.resolve("bin/java"),
        """
        #!/bin/sh
        for each; do case $each in -XX:AOTCacheOutput=*) echo learned > "${each#*=}";; esac; done
        echo java "$@"
        """);
    return jdk;
  }

  private static void later(Path file, int seconds) throws IOException {
    long millis = Files.getLastModifiedTime(file).toMillis();
    Files.setLastModifiedTime(file, FileTime.fromMillis(millis + seconds * 1000L));
  }

  @Test
  void whatATrainingLeftIsGivenToRelayAndCommandsOfTheSameJavaAndJar() throws Exception {
    later(home.resolve("lib/poststation-1.0.jar"), -60);
    var environment = Map.of("PATH", path(pupil("new")));
    assertThat(launch(environment, "run").output())
        .contains("See `poststation train --help`")
        .doesNotContain("AOT");

    var trained = launch(environment, "train", "--seconds", "1");

    Path kept = home.resolve("lib/poststation.aot");
    assertThat(trained.output()).contains("Kept in " + kept).doesNotContain("java ");
    assertThat(kept).hasContent("learned");
    assertThat(launch(environment, "run").output())
        .contains("-XX:AOTCache=" + kept + " -Xlog:disable -Xlog:all=warning:stderr -jar ")
        .doesNotContain("See ");
    assertThat(launch(environment, "status").output()).contains("-XX:AOTCache=" + kept);
    try (var files = Files.list(home.resolve("lib"))) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "find-jdk", "poststation-1.0.jar", "poststation.aot", "poststation.aot.of");
    }
  }

  @Test
  void whatATrainingLeftIsOfNoUseToAnotherJavaNorAfterAnUpdateNorElsewhere() throws Exception {
    Path jar = home.resolve("lib/poststation-1.0.jar");
    later(jar, -60);
    Path jdk = pupil("new");
    var environment = Map.of("PATH", path(jdk));
    assertThat(launch(environment, "train").output()).contains("Kept");

    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.2\"\n");
    assertThat(launch(environment, "run").output()).contains("See ").doesNotContain("AOT");

    launch(environment, "train");
    assertThat(launch(environment, "run").output()).contains("AOTCache");
    later(jar, -3600); // An archive that was made sooner than the training is unpacked over it.
    assertThat(launch(environment, "run").output()).contains("See ").doesNotContain("AOT");

    later(jar, 3600);
    assertThat(launch(environment, "run").output()).contains("AOTCache");
    Files.writeString(jar, "another");
    later(jar, -1);
    assertThat(launch(environment, "run").output()).contains("See ").doesNotContain("AOT");

    launch(environment, "train");
    Path moved = Files.move(home, top.resolve("moved"));
    var there = run(moved.resolve("poststation"), environment, "run");
    assertThat(there.output()).contains("See ").doesNotContain("AOT");
  }

  @Test
  void aTrainingThatFailsSaysWhyAndLeavesWhatWasThere() throws Exception {
    later(home.resolve("lib/poststation-1.0.jar"), -60);
    Path jdk = pupil("new");
    var environment = Map.of("PATH", path(jdk));
    launch(environment, "train");
    Files.writeString(
        jdk.resolve("bin/java"), "#!/bin/sh\necho The training cannot go on: no room\nexit 2\n");

    var ran = launch(environment, "train");

    assertThat(ran.output())
        .contains("no room\nThe training failed (exit code 2), and nothing of it is kept.")
        .doesNotContain("Kept");
    assertThat(home.resolve("lib/poststation.aot")).hasContent("learned");
    Files.writeString(jdk.resolve("bin/java"), "#!/bin/sh\nexit 137\n");
    assertThat(launch(environment, "train").output())
        .contains("The training failed (exit code 137), and nothing of it is kept.");
  }

  @Test
  void theJavaIsNotGivenTwoThingsOfWhichItTakesOne() throws Exception {
    later(home.resolve("lib/poststation-1.0.jar"), -60);
    var path = path(pupil("new"));
    launch(Map.of("PATH", path), "train");

    var ran = launch(Map.of("PATH", path, "POSTSTATION_JAVA_OPTIONS", "-Xshare:off"), "run");

    assertThat(ran.output()).contains("-Xshare:off").doesNotContain("AOT");
    var environment = Map.of("PATH", path, "POSTSTATION_JAVA_OPTIONS", "-Xshare:off");
    assertThat(launch(environment, "train").output())
        .startsWith("POSTSTATION_JAVA_OPTIONS has -Xshare");
  }
}
