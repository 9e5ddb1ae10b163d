package dev.poststation.sim.world;

import dev.poststation.os.Disk;
import dev.poststation.sim.PassingDisk;
import java.io.Closeable;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// A machine's disk as one process sees it: its locks end with it. What it logs is not kept: a log
/// of virtual months is long. Confined to the kernel's thread.
final class ProcessDisk extends PassingDisk {
  private final OutputStream log;
  private final Set<Path> locked = new HashSet<>();

  ProcessDisk(Disk disk, OutputStream log) {
    super(disk);
    this.log = log;
  }

  @Override
  public OutputStream append(Path file) {
    return log;
  }

  @Override
  public OutputStream standardOutput() {
    return log;
  }

  @Override
  public Optional<Closeable> lock(Path file) {
    return locked.add(file) ? Optional.of(() -> locked.remove(file)) : Optional.empty();
  }
}
