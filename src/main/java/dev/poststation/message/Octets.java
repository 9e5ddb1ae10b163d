package dev.poststation.message;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// Octets that can be read as often as one likes, and of which only a window is in memory, however
/// many there are. A piece of them and several of them in a row are octets too, so that who changes
/// a part of a mail leaves the rest where it is. Immutable, safe for any thread.
public sealed interface Octets {
  /// How many.
  long size();

  /// Copies some of them.
  ///
  /// @param from the first one to copy
  /// @param into where to, from `offset` on
  /// @return how many were copied: at least one, or -1 when none follow
  /// @throws IOException when the spool cannot read them
  int read(long from, byte[] into, int offset, int length) throws IOException;

  /// Those in memory. Not to be changed by the caller.
  static Octets of(byte[] octets) {
    return new InMemory(octets);
  }

  /// The content of a mail that is in the spool, or on its way there.
  ///
  /// @param size octets that it has
  static Octets of(Content content, long size) {
    return new Stored(content, size);
  }

  /// One after the other.
  static Octets joined(List<Octets> parts) {
    List<Octets> all = new ArrayList<>(parts.size());
    for (Octets part : parts) {
      if (part.size() > 0) {
        all.add(part);
      }
    }
    return all.size() == 1 ? all.getFirst() : new Joined(List.copyOf(all));
  }

  /// The same of octets in memory.
  static byte[] joined(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /// A piece.
  ///
  /// @param from the first one
  /// @param to behind the last one
  default Octets slice(long from, long to) {
    if (from < 0 || to < from || to > size()) {
      throw new IndexOutOfBoundsException(from + " to " + to + " of " + size());
    }
    return from == 0 && to == size() ? this : new Slice(this, from, to - from);
  }

  /// All of them in memory; for what is known to be small.
  ///
  /// @throws IOException when the spool cannot read them
  default byte[] bytes() throws IOException {
    byte[] all = new byte[Math.toIntExact(size())];
    int filled = 0;
    while (filled < all.length) {
      int count = read(filled, all, filled, all.length - filled);
      if (count < 0) {
        throw new IOException("the content is shorter than was said");
      }
      filled += count;
    }
    return all;
  }

  /// Reads them from the first one. Reading throws what `read` does.
  default InputStream open() {
    return new OctetStream(this);
  }

  /// In memory.
  record InMemory(byte[] octets) implements Octets {
    @Override
    public long size() {
      return octets.length;
    }

    @Override
    public int read(long from, byte[] into, int offset, int length) {
      if (from >= octets.length) {
        return -1;
      }
      int count = Math.min(length, octets.length - (int) from);
      System.arraycopy(octets, (int) from, into, offset, count);
      return count;
    }
  }

  /// In the spool.
  record Stored(Content content, long size) implements Octets {
    @Override
    public int read(long from, byte[] into, int offset, int length) throws IOException {
      if (from >= size) {
        return -1;
      }
      byte[] chunk = content.chunk((int) (from / Content.CHUNK_OCTETS));
      int at = (int) (from % Content.CHUNK_OCTETS);
      int count = (int) Math.min(Math.min(length, chunk.length - at), size - from);
      if (count <= 0) {
        throw new IOException("the content is shorter than was said");
      }
      System.arraycopy(chunk, at, into, offset, count);
      return count;
    }
  }

  /// A piece of others.
  record Slice(Octets whole, long start, long size) implements Octets {
    @Override
    public int read(long from, byte[] into, int offset, int length) throws IOException {
      return from >= size
          ? -1
          : whole.read(start + from, into, offset, (int) Math.min(length, size - from));
    }

    @Override
    public Octets slice(long from, long to) {
      if (from < 0 || to < from || to > size) {
        throw new IndexOutOfBoundsException(from + " to " + to + " of " + size);
      }
      return new Slice(whole, start + from, to - from);
    }
  }

  /// Others in a row.
  record Joined(List<Octets> parts) implements Octets {
    @Override
    public long size() {
      long size = 0;
      for (Octets part : parts) {
        size += part.size();
      }
      return size;
    }

    @Override
    public int read(long from, byte[] into, int offset, int length) throws IOException {
      long at = from;
      for (Octets part : parts) {
        if (at < part.size()) {
          return part.read(at, into, offset, length);
        }
        at -= part.size();
      }
      return -1;
    }
  }
}
