package dev.poststation.os;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/// The machine as the program sees it. One real instance per process, one simulated per test. Safe
/// for any thread.
public record Os(
    Time time, Network network, Tasks tasks, Chance chance, Disk disk, Processes processes) {
  /// A machine that runs no other programs.
  public Os(Time time, Network network, Tasks tasks, Chance chance, Disk disk) {
    this(time, network, tasks, chance, disk, Os::noProcess);
  }

  /// The real machine.
  public static Os real() {
    var time = new SystemTime();
    var tasks = new SystemTasks();
    return new Os(
        time,
        new SocketNetwork(time, tasks),
        tasks,
        new SystemChance(),
        new SystemDisk(),
        new SystemProcesses());
  }

  private static String noProcess(List<String> command, Duration atMost) throws IOException {
    throw new IOException("no programs can be run here");
  }
}
