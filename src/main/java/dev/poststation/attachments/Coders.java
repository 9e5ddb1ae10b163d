package dev.poststation.attachments;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.tukaani.xz.LZMAInputStream;

/// Looks how a 7z is compressed before the library reads it: that bounds the memory of each coder,
/// and up to 32 may stand behind each other. Confined to one thread.
final class Coders {
  private static final int HEADER_MAX = 4 * 1024 * 1024;
  private static final int START = 32;
  private static final long LZMA = 0x030101;
  private static final long LZMA2 = 0x21;
  private static final long AES = 0x06F10701;

  private final ByteBuffer in;
  private boolean encrypted;
  private long packed;
  private long size;
  private byte[] properties = {};

  private Coders(ByteBuffer in) {
    this.in = in;
  }

  /// @throws IOException when more than one of them needs a dictionary
  static void check(byte[] archive) throws IOException {
    var start = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
    int at = Math.toIntExact(START + start.getLong(12));
    int length = Math.toIntExact(start.getLong(20));
    if (length == 0) {
      return;
    }
    var header = new Coders(ByteBuffer.wrap(archive, at, length).slice());
    int kind = header.in.get();
    if (kind == 0x17) {
      header.streams(header.in.get(), true);
      if (header.encrypted) {
        return; // The library says so.
      }
      if (header.properties.length != 5 || header.size > HEADER_MAX) {
        throw new IOException("its header is packed in an unusual way");
      }
      header = new Coders(ByteBuffer.wrap(header.unpacked(archive)));
      kind = header.in.get();
    }
    int id = header.in.get();
    if (kind != 1 || id == 2 || id == 3) {
      throw new IOException("its header is unusual");
    }
    if (id == 4) {
      header.streams(header.in.get(), false);
    }
  }

  private byte[] unpacked(byte[] archive) throws IOException {
    int from = Math.toIntExact(START + packed);
    var octets = new ByteArrayInputStream(archive, from, archive.length - from);
    int dictionary = ByteBuffer.wrap(properties).order(ByteOrder.LITTLE_ENDIAN).getInt(1);
    try (var lzma = new LZMAInputStream(octets, size, properties[0], dictionary)) {
      return lzma.readAllBytes();
    }
  }

  private void streams(int first, boolean ofHeader) throws IOException {
    int id = first;
    if (id == 6) {
      packed = number();
      long count = number();
      id = in.get();
      if (id == 9) {
        numbers(count);
        id = in.get();
      }
      if (id == 0x0A) {
        checksums(count);
        id = in.get();
      }
      if (id != 0) {
        throw new IOException("its header is unusual");
      }
      id = in.get();
    }
    if (id != 7) {
      return; // There are only empty files.
    }
    if (in.get() != 0x0B) {
      throw new IOException("its header is unusual");
    }
    long folders = number();
    if (in.get() != 0) {
      throw new IOException("its header is unusual");
    }
    for (long i = 0; i < folders; i++) {
      folder();
    }
    if (ofHeader && in.get() == 0x0C) {
      size = number();
    }
  }

  private void checksums(long count) {
    long defined = count;
    if (in.get() == 0) {
      defined = 0;
      for (long i = 0; i < count; i += 8) {
        defined += Integer.bitCount(in.get() & 0xFF);
      }
    }
    for (long i = 0; i < defined; i++) {
      in.getInt();
    }
  }

  private void folder() throws IOException {
    long coders = number();
    long inputs = 0;
    long outputs = 0;
    int dictionaries = 0;
    for (long i = 0; i < coders; i++) {
      int bits = in.get();
      long method = 0;
      for (int k = 0; k < (bits & 0xF); k++) {
        method = method << 8 | in.get() & 0xFF;
      }
      boolean complex = (bits & 0x10) != 0;
      inputs += complex ? number() : 1;
      outputs += complex ? number() : 1;
      byte[] own = new byte[(bits & 0x20) != 0 ? (int) Math.min(number(), 1000) : 0];
      in.get(own);
      encrypted |= method == AES;
      dictionaries += method == LZMA || method == LZMA2 ? 1 : 0;
      properties = method == LZMA && coders == 1 ? own : new byte[0];
    }
    if (dictionaries > 1 || coders > 4) {
      throw new IOException("it is compressed several times");
    }
    numbers(2 * (outputs - 1));
    long free = inputs - (outputs - 1);
    numbers(free > 1 ? free : 0);
  }

  private void numbers(long count) {
    for (long i = 0; i < count; i++) {
      number();
    }
  }

  /// As many octets follow as the first one has bits set at its high end.
  private long number() {
    int first = in.get() & 0xFF;
    int mask = 0x80;
    long value = 0;
    for (int i = 0; i < 8; i++) {
      if ((first & mask) == 0) {
        return value | (long) (first & mask - 1) << 8 * i;
      }
      value |= (in.get() & 0xFFL) << 8 * i;
      mask >>>= 1;
    }
    return value;
  }
}
