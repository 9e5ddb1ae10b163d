package dev.poststation.os;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// One on a disk of this machine, locked by fcntl, as readers of mbox do it. To close any
/// descriptor of a file gives up all locks that the process has on it, so that both are closed
/// together. Confined to one thread.
final class LockedFile implements GrowingFile {
  private final FileChannel out;
  private final FileChannel in;

  private LockedFile(FileChannel out, FileChannel in) {
    this.out = out;
    this.in = in;
  }

  /// Waits until nobody else has it locked.
  static LockedFile open(Path file) throws IOException {
    FileChannel out =
        FileChannel.open(
            file, StandardOpenOption.WRITE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS);
    FileChannel in = null;
    try {
      in = FileChannel.open(file, StandardOpenOption.READ);
      out.lock();
      return new LockedFile(out, in);
    } catch (IOException | OverlappingFileLockException e) {
      out.close();
      if (in != null) {
        in.close();
      }
      throw e instanceof IOException failure
          ? failure
          : new IOException("this relay itself writes into it already", e);
    }
  }

  @Override
  public long size() throws IOException {
    return out.size();
  }

  @Override
  public int read(long at, byte[] into) throws IOException {
    var room = ByteBuffer.wrap(into);
    while (room.hasRemaining()) {
      if (in.read(room, at + room.position()) < 0) {
        break;
      }
    }
    return room.position();
  }

  @Override
  public void append(byte[] octets, int from, int count) throws IOException {
    var left = ByteBuffer.wrap(octets, from, count);
    while (left.hasRemaining()) {
      out.write(left);
    }
  }

  @Override
  public void sync() throws IOException {
    out.force(true);
  }

  @Override
  public void cut(long size) throws IOException {
    out.truncate(size);
  }

  @Override
  public void close() throws IOException {
    try (out;
        in) {
      // Both.
    }
  }
}
