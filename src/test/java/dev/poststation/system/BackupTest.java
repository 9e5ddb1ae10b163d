package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.spool.Format;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Backup, restore and check with the real program, under load, killed in the middle, on disks that
/// are full or fail.
@Tag("peer")
final class BackupTest {
  private static final Pattern SUBJECT = Pattern.compile("(?m)^Subject: (\\S+)$");
  private static final Duration LONG = Duration.ofSeconds(90);

  private final Home home = Home.create("backups");

  @AfterEach
  void clean() {
    home.close();
  }

  private Path place(String name) {
    return home.path().resolve(name);
  }

  private static String configuration(RunningRelay relay) {
    return relay.home().resolve("poststation.conf").toString();
  }

  private static Ran command(RunningRelay relay, String... words) {
    return command(List.of(), relay, words);
  }

  private static Ran command(List<String> runner, RunningRelay relay, String... words) {
    return Ran.command(runner, with(relay, words));
  }

  private static String[] with(RunningRelay relay, String... words) {
    String[] all = Arrays.copyOf(words, words.length + 2);
    all[words.length] = "--config";
    all[words.length + 1] = configuration(relay);
    return all;
  }

  private Ran backup(RunningRelay relay, String name) {
    return command(relay, "backup", place(name).toString());
  }

  private Ran restore(RunningRelay relay, String name, String... options) {
    String[] words = new String[2 + options.length];
    words[0] = "restore";
    words[1] = place(name).toString();
    System.arraycopy(options, 0, words, 2, options.length);
    return command(relay, words);
  }

  private static Path data(RunningRelay relay) {
    return relay.home().resolve("data");
  }

  /// As an administrator would who follows the sentence.
  private static void moveAway(RunningRelay relay) throws IOException {
    Files.move(data(relay), relay.home().resolve("former"), StandardCopyOption.ATOMIC_MOVE);
  }

  /// Mail that nobody takes.
  private static Set<String> fill(RunningRelay relay, int mails, int size) {
    try (var client = RecordingClient.start("filled", relay.port(), 5, size)) {
      Until.holds("taken", LONG, () -> client.acknowledged().size() >= mails);
      client.close();
      return client.acknowledged().keySet();
    }
  }

  /// More than is on the way between two processes.
  private static Set<String> fillMuch(RunningRelay relay) {
    return fill(relay, 60, 500_000);
  }

  private static Set<String> tokens(SmtpSinkPeer sink) {
    Set<String> tokens = new HashSet<>();
    for (String mail : sink.mails()) {
      var matcher = SUBJECT.matcher(mail);
      assertThat(matcher.find()).isTrue();
      tokens.add(matcher.group(1));
    }
    return tokens;
  }

  private static Map<String, String> tree(Path directory) throws IOException {
    var files = new TreeMap<String, String>();
    try (var all = Files.walk(directory)) {
      for (Path file : all.toList()) {
        String content =
            Files.isDirectory(file)
                ? "directory"
                : new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        files.put(directory.relativize(file).toString(), content);
      }
    }
    return files;
  }

  @Test
  void aBackupUnderLoadHasAllThatWasAcknowledgedBeforeItBegan() throws IOException {
    try (var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.to(sink.port())) {
      sink.stop();
      Set<String> before;
      Set<String> offered;
      try (var client = RecordingClient.start("load", relay.port(), 8, 20_000)) {
        Until.holds("under load", LONG, () -> client.acknowledged().size() >= 200);
        before = client.acknowledged().keySet();
        assertThat(backup(relay, "under-load").good().text()).startsWith("Backup of ");
        int then = client.acknowledged().size();
        Until.holds("accepts on", LONG, () -> client.acknowledged().size() > then);
        client.close();
        offered = client.offered();
      }
      assertThat(data(relay).resolve("checkpoint")).doesNotExist();
      relay.stop();
      moveAway(relay);
      assertThat(restore(relay, "under-load").good().text())
          .contains("Restored into " + data(relay), "is delivered again");
      assertThat(command(relay, "spool", "check").good().text()).endsWith("Nothing is wrong.");
      sink.restart();
      relay.restart();
      Until.holds("all is at the sink", LONG, () -> tokens(sink).containsAll(before));
      assertThat(offered).containsAll(tokens(sink));
      assertThat(command(relay, "spool", "check").good().text()).endsWith("Nothing is wrong.");
    }
  }

  private static boolean isBegun(Path spool) {
    try (var files = Files.list(spool)) {
      return files.findAny().isPresent();
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void aBackupThatIsKilledIsNoBackupAndIsSimplyRepeated() {
    try (var relay = RunningRelay.to(Port.free())) {
      fillMuch(relay);
      Path place = place("killed");
      Path incomplete = place("killed.incomplete");
      try (var command = Halted.start(home, with(relay, "backup", place.toString()))) {
        assertThat(isBegun(incomplete.resolve("spool"))).isTrue();
        command.kill();
      }
      assertThat(place).doesNotExist();
      assertThat(incomplete).exists();
      restore(relay, "killed.incomplete").refused(2, "is no backup, or not a whole one");
      Until.holds(
          "nothing is left in data", LONG, () -> !Files.exists(data(relay).resolve("checkpoint")));

      backup(relay, "killed").good();
      assertThat(place.resolve("backup.json")).exists();
      assertThat(incomplete).doesNotExist();
    }
  }

  @Test
  void aRelayThatIsKilledInABackupLosesNothingAndTheBackupIsNone() {
    try (var relay = RunningRelay.to(Port.free())) {
      int mails = fillMuch(relay).size();
      Path place = place("cut-off");
      try (var command = Halted.start(home, with(relay, "backup", place.toString()))) {
        assertThat(isBegun(place("cut-off.incomplete").resolve("spool"))).isTrue();
        relay.kill();
        command.goOn().refused(1, "run it again");
      }
      assertThat(home.list("")).containsExactly(place("calls"));
      assertThat(data(relay).resolve("checkpoint")).exists();

      backup(relay, "off-line").good();
      relay.restart();
      assertThat(data(relay).resolve("checkpoint")).doesNotExist();
      assertThat(command(relay, "spool", "check").good().text()).contains(": " + mails + " mails,");
      assertThat(backup(relay, "cut-off").good().text()).contains("Backup of " + mails + " mails");
    }
  }

  @Test
  void aRestoreThatIsKilledKeepsTheRelayFromStartingAndIsSimplyRepeated() throws IOException {
    try (var relay = RunningRelay.to(Port.free())) {
      int mails = fill(relay, 20, 10_000).size();
      backup(relay, "whole").good();
      relay.stop();
      moveAway(relay);
      Path restoring = data(relay).resolve("restoring");
      try (var command =
          Halted.start(home, with(relay, "restore", place("whole").toString(), "--hold"))) {
        assertThat(isBegun(restoring.resolve("spool"))).isTrue();
        command.kill();
      }
      command(relay, "run").refused(2, "was not finished: run poststation restore again");
      command(relay, "spool", "check").refused(2, "There is no spool in ");

      restore(relay, "whole").good();
      assertThat(restoring).doesNotExist();
      assertThat(command(relay, "spool", "check").good().text())
          .contains(": " + mails + " mails,")
          .endsWith("Nothing is wrong.");
    }
  }

  @Test
  void aDiskThatIsTooSmallOrFullsUpLeavesNothing() throws IOException {
    try (var relay = RunningRelay.to(Port.free())) {
      fillMuch(relay);
      try (var disk = SmallDisk.mount(place("disk"), 4)) {
        String backup = disk.path().resolve("backup").toString();
        command(relay, "backup", backup).refused(1, "make room, or name a directory on another");
        assertThat(disk.files()).isEmpty();
        disk.grow(100);
        try (var command = Halted.start(home, with(relay, "backup", backup))) {
          assertThat(isBegun(disk.path().resolve("backup.incomplete/spool"))).isTrue();
          disk.fill();
          command.goOn().refused(1, "backup.incomplete cannot be written: " + disk.isFull());
        }
        assertThat(disk.files()).isEmpty();
        disk.empty();
        command(relay, "backup", backup).good();
      }
    }
  }

  @Test
  void aDiskThatFailsLeavesNoBackup() {
    try (var relay = RunningRelay.to(Port.free())) {
      fill(relay, 10, 1000);
      relay.stop();
      var failing =
          List.of(
              Peers.program("strace"),
              "-f",
              "--seccomp-bpf",
              "-qq",
              "-o",
              "/dev/null",
              "-e",
              "trace=fsync",
              "-e",
              "inject=fsync:error=EIO:when=4+");
      command(failing, relay, "backup", place("dead").toString())
          .refused(1, "dead.incomplete cannot be written: Input/output error");
      assertThat(place("dead")).doesNotExist();
      backup(relay, "dead").good();
    }
  }

  @Test
  void whatARestoreHoldsIsDeliveredWhenItIsReleased() throws IOException {
    try (var sink = SmtpSinkPeer.start();
        var relay = RunningRelay.to(sink.port())) {
      sink.stop();
      var mails = fill(relay, 20, 1000);
      relay.stop();
      assertThat(backup(relay, "to-hold").good().text()).startsWith("Backup of the spool, ");
      moveAway(relay);
      assertThat(restore(relay, "to-hold", "--hold").good().text())
          .contains(mails.size() + " mails held: nothing is delivered until");
      sink.restart();
      relay.restart();
      String held = command(relay, "queue", "list", "--place", "held", "--json").good().text();
      assertThat(held.split("\"id\"", -1)).hasSize(mails.size() + 1);
      String id = held.replaceAll("(?s)^.*?\"id\" : \"(\\w+)\".*$", "$1");
      assertThat(command(relay, "trace", id).good().text())
          .contains("An administrator: hold", "restored from a backup of ");
      command(relay, "spool", "check").good();
      assertThat(sink.mails()).isEmpty();

      command(relay, "queue", "release", "--all").good();
      Until.holds("all is at the sink", LONG, () -> tokens(sink).equals(mails));
    }
  }

  @Test
  void aMailThatTheDiskDamagedIsFoundWhileTheRelayRuns() throws IOException {
    try (var relay = RunningRelay.to(Port.free())) {
      int mails = fill(relay, 30, 20_000).size();
      backup(relay, "before").good(); // What is in memory is in files now.
      damageAContent(relay);

      var found = command(relay, "spool", "check");
      assertThat(found.exit()).as(found.text()).isEqualTo(1);
      assertThat(found.text())
          .contains(": " + mails + " mails,", "Found to be wrong:", "set aside")
          .containsPattern("(?m)^[0-9A-Z]{13}  \\S");
      found = command(relay, "spool", "check", "--json").good();
      assertThat(found.text())
          .contains("\"clean\" : true", "\"setAsideBeforeInAll\" : 1", "\"found\" : [ ]");
      relay.stop();
      assertThat(command(relay, "spool", "check").good().text())
          .contains("Set aside before, and still there:")
          .endsWith("Nothing is wrong.");
    }
  }

  private static void damageAContent(RunningRelay relay) throws IOException {
    try (var files = Files.list(data(relay).resolve("spool"))) {
      Path blobs =
          files.filter(file -> file.toString().endsWith(".blob")).findFirst().orElseThrow();
      byte[] octets = Files.readAllBytes(blobs);
      octets[octets.length / 2] ^= 0x55;
      Files.write(blobs, octets);
    }
  }

  @Test
  void aSpoolOfANewerProgramIsRefusedAndNotTouched() throws IOException {
    try (var relay = RunningRelay.to(Port.free())) {
      fill(relay, 3, 1000);
      backup(relay, "of-tomorrow").good();
      relay.stop();
      int newer = Format.KNOWN + 1;
      Files.writeString(data(relay).resolve("spool.format"), newer + "\n");
      var before = tree(relay.home().resolve("data"));
      String said =
          "The spool in "
              + data(relay)
              + " has format "
              + newer
              + ", which this program does not know (it knows 1 to "
              + Format.KNOWN
              + "): use the program that wrote it, or a newer one";

      for (String[] words :
          new String[][] {
            {"run"}, {"backup", place("none").toString()}, {"spool", "check"},
          }) {
        command(relay, words).refused(2, said);
        assertThat(tree(data(relay))).as(words[0]).isEqualTo(before);
      }
      assertThat(place("none")).doesNotExist();

      moveAway(relay);
      Path manifest = place("of-tomorrow").resolve("backup.json");
      Files.writeString(
          manifest,
          Files.readString(manifest)
              .replace("\"format\" : " + Format.KNOWN + ",", "\"format\" : " + newer + ","));
      restore(relay, "of-tomorrow")
          .refused(2, "has format " + newer + ", which this program does not know");
      assertThat(data(relay)).doesNotExist();
    }
  }
}
