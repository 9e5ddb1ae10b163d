package dev.poststation.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.FieldWatch;
import dev.poststation.os.Os;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// A mail in a file, as mail programs save it.
///
/// @param header its fields, with CRLF at the end of each line
/// @param from the text of its From field; empty: it has none, or several
/// @param content all of it as it would be sent, with CRLF at the end of each line
record MailFile(String header, String from, byte[] content) {
  private static final int HEADER_MAX = 512 * 1024;

  /// Reads one.
  ///
  /// @throws Failure when it cannot be read
  static MailFile read(Os os, String file) {
    try {
      return of(os.disk().read(Path.of(file)));
    } catch (IOException | InvalidPathException e) {
      throw new Failure(
          Exit.WRONG, "--message: " + file + " cannot be read: " + Words.why(e) + ".");
    }
  }

  static MailFile of(byte[] octets) {
    int end = headerEnd(octets);
    String header = new String(Arrays.copyOf(octets, end), UTF_8).replaceAll("\r?\n", "\r\n");
    var watch = new FieldWatch(List.of("from"));
    watch.feed(octets, 0, end);
    watch.finish();
    var from = watch.values("from");
    return new MailFile(header, from.size() == 1 ? from.getFirst() : "", sent(octets));
  }

  /// Behind the last line before the first empty one.
  private static int headerEnd(byte[] octets) {
    int most = Math.min(octets.length, HEADER_MAX);
    for (int at = 0; at < most; at++) {
      boolean begins = at == 0 || octets[at - 1] == '\n';
      boolean empty = octets[at] == '\n' || (octets[at] == '\r' && next(octets, at) == '\n');
      if (begins && empty) {
        return at;
      }
    }
    return most;
  }

  private static int next(byte[] octets, int at) {
    return at + 1 < octets.length ? octets[at + 1] : -1;
  }

  private static byte[] sent(byte[] octets) {
    var sent = new ByteArrayOutputStream(octets.length + octets.length / 32);
    for (int at = 0; at < octets.length; at++) {
      if (octets[at] == '\n' && (at == 0 || octets[at - 1] != '\r')) {
        sent.write('\r');
      }
      sent.write(octets[at]);
    }
    if (octets.length > 0 && octets[octets.length - 1] != '\n') {
      sent.writeBytes(new byte[] {'\r', '\n'}); // As DATA ends (RFC 5321 4.1.1.4).
    }
    return sent.toByteArray();
  }

  /// Says what is not said yet.
  void complete(Map<String, String> words) {
    words.merge("header", header, MailFile::saidBefore);
    words.merge("headerFrom", from, MailFile::saidBefore);
    words.merge("size", Long.toString(content.length), MailFile::saidBefore);
    words.put("message", Base64.getEncoder().encodeToString(content));
  }

  private static String saidBefore(String said, String other) {
    return said.isEmpty() ? other : said;
  }
}
