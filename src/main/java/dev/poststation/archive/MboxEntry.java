package dev.poststation.archive;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.message.Octets;
import dev.poststation.os.GrowingFile;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// A mail as it stands in an mbox (RFC 4155, quoted as in mboxrd): a line with `From `, how long
/// the entry is, the envelope, the mail, and an empty line. Immutable.
record MboxEntry(byte[] head, Octets content) {
  /// Begins each entry, and no other line.
  static final String FROM = "From ";

  /// The field behind that line: how many octets come between it and the empty line at the end.
  static final String LENGTH = "X-Entry-Octets: ";

  private static final byte[] EMPTY_LINE = {'\n'};

  /// As `ctime` writes it.
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss uuuu", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /// Reads the content once, to know how long it will be.
  static MboxEntry of(About about, Instant now, Octets content) throws IOException {
    byte[] envelope = EnvelopeFields.of(about);
    long[] length = {envelope.length};
    LfLines.quoted(content, (_, _, count) -> length[0] += count);
    String head = FROM + sender(about) + " " + DATE.format(now) + "\n" + LENGTH + length[0] + "\n";
    return new MboxEntry(Octets.joined(head.getBytes(US_ASCII), envelope), content);
  }

  /// One word in ASCII, for that is where readers look for the date behind it.
  private static String sender(About about) {
    String sender = about.sender();
    boolean word = sender.chars().allMatch(each -> each > ' ' && each < 127);
    return sender.isEmpty() || !word ? "MAILER-DAEMON" : sender;
  }

  void write(GrowingFile out) throws IOException {
    out.append(head, 0, head.length);
    LfLines.quoted(content, out::append);
    out.append(EMPTY_LINE, 0, 1);
  }
}
