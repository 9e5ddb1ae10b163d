package dev.poststation.archive;

import dev.poststation.message.Octets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Gives a mail in lines that end with LF, as files of mailboxes have them; a CR that stands alone
/// stays. For an mbox each line that begins with `From `, or with that behind any number of `>`,
/// gets one more `>` (mboxrd), so that it can be taken away again and nothing else. Pure functions.
final class LfLines {
  private static final byte[] FROM = "From ".getBytes(StandardCharsets.US_ASCII);

  /// Takes the octets, in pieces.
  interface Sink {
    void write(byte[] octets, int from, int count) throws IOException;
  }

  private LfLines() {}

  /// As it is.
  static void plain(Octets content, Sink out) throws IOException {
    var plain = new ByteArrayOutputStream(Hashes.WINDOW + 1);
    byte[] window = new byte[Hashes.WINDOW];
    boolean cr = false;
    long at = 0;
    for (int count = content.read(at, window, 0, window.length);
        count > 0;
        count = content.read(at, window, 0, window.length)) {
      for (int i = 0; i < count; i++) {
        if (cr && window[i] != '\n') {
          plain.write('\r');
        }
        cr = window[i] == '\r';
        if (!cr) {
          plain.write(window[i]);
        }
      }
      out.write(plain.toByteArray(), 0, plain.size());
      plain.reset();
      at += count;
    }
    if (cr) {
      out.write(new byte[] {'\r'}, 0, 1);
    }
  }

  /// Quoted, and with a line end at its end.
  static void quoted(Octets content, Sink out) throws IOException {
    var quoting = new Quoting(out);
    plain(content, quoting);
    quoting.end();
  }

  /// Confined to one thread.
  private static final class Quoting implements Sink {
    private final Sink out;
    private final ByteArrayOutputStream passed = new ByteArrayOutputStream(Hashes.WINDOW + 64);

    /// How many octets of `From ` this line has begun with, behind signs; -1: something else.
    private int begun;

    /// Signs in front of that; they are given when it is known what follows them.
    private long signs;

    private boolean lineEnded = true;

    Quoting(Sink out) {
      this.out = out;
    }

    @Override
    public void write(byte[] octets, int from, int count) throws IOException {
      for (int i = from; i < from + count; i++) {
        one(octets[i]);
        if (passed.size() >= Hashes.WINDOW) {
          flush();
        }
      }
      flush();
    }

    private void one(byte octet) throws IOException {
      lineEnded = octet == '\n';
      if (begun == 0 && octet == '>') {
        signs++;
        return;
      }
      if (begun >= 0 && octet == FROM[begun]) {
        begun++;
        if (begun == FROM.length) {
          giveSigns(signs + 1);
          passed.write(FROM, 0, FROM.length);
          begun = -1;
        }
        return;
      }
      if (begun >= 0) {
        giveBegun();
      }
      passed.write(octet);
      begun = octet == '\n' ? 0 : -1;
    }

    private void giveBegun() throws IOException {
      giveSigns(signs);
      passed.write(FROM, 0, Math.max(begun, 0));
      begun = -1;
    }

    private void giveSigns(long number) throws IOException {
      signs = 0;
      for (long i = 0; i < number; i++) {
        passed.write('>');
        if (passed.size() >= Hashes.WINDOW) {
          flush();
        }
      }
    }

    void end() throws IOException {
      if (begun >= 0) {
        giveBegun();
      }
      if (!lineEnded) {
        passed.write('\n');
      }
      flush();
    }

    private void flush() throws IOException {
      if (passed.size() > 0) {
        out.write(passed.toByteArray(), 0, passed.size());
        passed.reset();
      }
    }
  }
}
