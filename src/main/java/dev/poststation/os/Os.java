package dev.poststation.os;

/// The machine as the program sees it. One real instance per process, one simulated per test. Safe for any thread.
public record Os(Time time, Network network, Tasks tasks, Chance chance, Disk disk) {
  /// The real machine.
  public static Os real() {
    var time = new SystemTime();
    var tasks = new SystemTasks();
    return new Os(time, new SocketNetwork(time, tasks), tasks, new SystemChance(), new SystemDisk());
  }
}
