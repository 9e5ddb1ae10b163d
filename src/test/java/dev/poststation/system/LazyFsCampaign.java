package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A power cut, as far as the file system can tell: lazyfs keeps what is not synced to itself, and
/// forgets it when it is killed. Run by `system/lazyfs`, as lazyfs is no package of Debian.
final class LazyFsCampaign {
  private final Home home = Home.create("lazyfs");

  @Test
  void powerCutsLoseNothing() throws IOException {
    try (var disk = new LazyDisk(home)) {
      assertThat(disk.forgets()).as("lazyfs forgets what was not synced").isTrue();
      String data = "data = \"%s\"".formatted(disk.path().resolve("data"));
      // A relay whose disk dies first ends by SIGBUS, as the native library lies there.
      var runner = List.of("env", "JAVA_TOOL_OPTIONS=-XX:ErrorFile=@HOME@/crash-%p");
      try (var campaign =
          Campaign.of("power cut: what was not synced is gone (lazyfs)", data, runner)) {
        int cuts = 20 * Campaign.SCALE;
        for (int cut = 0; cut < cuts; cut++) {
          boolean diskFirst = cut % 2 == 0;
          campaign.takes(50);
          campaign.kill(
              diskFirst ? disk::kill : () -> {},
              () -> {
                if (!diskFirst) {
                  disk.kill();
                }
                disk.mount();
                campaign.relay().restart(runner);
              });
        }
        campaign.takes(50);
        campaign.end(cuts);
      }
    } finally {
      home.close();
    }
  }

  /// A mounted lazyfs.
  private static final class LazyDisk implements AutoCloseable {
    private final Path path;
    private final List<String> command;
    private Program program;

    LazyDisk(Home home) throws IOException {
      path = Files.createDirectory(home.path().resolve("mount"));
      Path below = Files.createDirectory(home.path().resolve("below"));
      Path configuration =
          home.write(
              "lazyfs.toml",
              """
              [faults]
              fifo_path="@HOME@/faults"
              [cache]
              apply_eviction=false
              [cache.simple]
              custom_size="1gb"
              blocks_per_page=1
              [filesystem]
              log_all_operations=false
              logfile=""
              """,
              Map.of("HOME", home.path().toString()));
      command =
          List.of(
              System.getProperty("faults.lazyfs", "lazyfs"),
              path.toString(),
              "--config-path",
              configuration.toString(),
              "-o",
              "allow_other",
              "-o",
              "modules=subdir",
              "-o",
              "subdir=" + below,
              "-f");
      mount();
    }

    Path path() {
      return path;
    }

    void mount() {
      program = Program.start(command);
      Until.holds(
          "mounted",
          Duration.ofSeconds(30),
          () -> Home.readFile(Path.of("/proc/mounts")).contains(" " + path + " "));
    }

    /// Kills it, so that only what was synced is left.
    void kill() {
      program.kill();
      Program.run(List.of("umount", "-l", path.toString()));
    }

    boolean forgets() throws IOException {
      Path file = Files.writeString(path.resolve("not-synced"), "not synced");
      kill();
      mount();
      return Files.size(file) == 0;
    }

    @Override
    public void close() {
      kill();
    }
  }
}
