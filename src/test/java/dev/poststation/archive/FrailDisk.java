package dev.poststation.archive;

import dev.poststation.os.Disk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/// A disk of which operations may fail: a file that is written may at each step of that.
abstract class FrailDisk extends PassingDisk {
  FrailDisk(Disk disk) {
    super(disk);
  }

  /// Fails, or not.
  abstract void live() throws IOException;

  @Override
  public OutputStream create(Path file) throws IOException {
    live();
    var out = super.create(file);
    return new OutputStream() {
      @Override
      public void write(int octet) throws IOException {
        live();
        out.write(octet);
      }

      @Override
      public void write(byte[] octets, int offset, int length) throws IOException {
        live();
        out.write(octets, offset, length);
      }

      @Override
      public void close() throws IOException {
        try {
          live();
        } finally {
          out.close();
        }
      }
    };
  }

  @Override
  public void move(Path from, Path to) throws IOException {
    live();
    super.move(from, to);
  }
}
