package dev.poststation.attachments;

import dev.poststation.mime.TooComplexException;
import dev.poststation.os.Permits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.BooleanSupplier;

/// Bounds what is unpacked of the archives of one mail: bombs are small. Confined to one thread.
final class Budget {
  /// Octets of all files in archives together.
  static final long OCTETS_MAX = 500_000_000;

  /// Files in archives.
  static final int ENTRIES_MAX = 10_000;

  /// Archives within archives.
  static final int DEPTH_MAX = 5;

  private final BooleanSupplier late;
  private final Permits.Turn turn;
  private boolean large;
  private long octets = OCTETS_MAX;
  private int entries = ENTRIES_MAX;

  /// @param late whether the time is over
  /// @param turn to take much memory
  Budget(BooleanSupplier late, Permits.Turn turn) {
    this.late = late;
    this.turn = turn;
  }

  /// More would be unpacked than is looked at. Out of a stream only an IOException can be thrown.
  static final class ExceededException extends IOException {
    private static final long serialVersionUID = 1;

    ExceededException() {
      super("exceeded");
    }
  }

  void entry() throws LateException, TooComplexException {
    inTime();
    if (--entries < 0) {
      throw new TooComplexException("its archives have more than " + ENTRIES_MAX + " files");
    }
  }

  /// Waits until a 7z may be opened, one of a mail at a time.
  void open(String name) throws LateException, TooComplexException {
    if (large) {
      throw new TooComplexException(Inspection.quoted(name) + " is a 7z in a 7z");
    }
    if (!turn.take()) {
      throw new LateException();
    }
    large = true;
  }

  /// It is no more in memory.
  void close() {
    large = false;
    turn.give();
  }

  void inTime() throws LateException {
    if (late.getAsBoolean()) {
      throw new LateException();
    }
  }

  static void depth(int depth) throws TooComplexException {
    if (depth > DEPTH_MAX) {
      throw new TooComplexException("it has archives in archives deeper than " + DEPTH_MAX);
    }
  }

  /// A stream whose octets count; closing it closes nothing.
  InputStream counted(InputStream in) {
    return new FilterInputStream(in) {
      @Override
      public int read() throws IOException {
        int octet = in.read();
        count(octet < 0 ? -1 : 1);
        return octet;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        return count(in.read(into, offset, length));
      }

      @Override
      public long skip(long count) throws IOException {
        return Math.max(0, read(new byte[(int) Math.min(count, 8192)]));
      }

      @Override
      public void close() {}
    };
  }

  private int count(int read) throws ExceededException, LateException {
    inTime();
    octets -= Math.max(0, read);
    if (octets < 0) {
      throw new ExceededException();
    }
    return read;
  }
}
