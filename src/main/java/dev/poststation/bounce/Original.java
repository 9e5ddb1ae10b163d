package dev.poststation.bounce;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.apache.james.mime4j.codec.DecodeMonitor;
import org.apache.james.mime4j.codec.DecoderUtil;
import org.jspecify.annotations.Nullable;

/// The mail that a notice is about, as far as the notice shows it. Immutable; the arrays are not to
/// be changed.
///
/// @param header the header, tidy: lines of at most 998 octets ended by CRLF, without NUL
/// @param full the whole mail, where it is to be returned and can be; else null
/// @param subject in readable form, or empty
/// @param messageId with its angle brackets, or empty
record Original(byte[] header, byte @Nullable [] full, String subject, String messageId) {
  /// What is returned of a header at most.
  private static final int HEADER_MAX = 64 * 1024;

  private static final int SUBJECT_MAX = 200;
  private static final int MESSAGE_ID_MAX = 500;

  /// Reads as much of the mail as is needed. What the spool cannot read is missing: a notice
  /// without the original is better than none.
  ///
  /// @param fullMax octets of a whole mail that is returned at most; 0: the header only
  static Original read(Mail mail, Content content, long fullMax) {
    byte[] header = mail.trace();
    byte[] full = null;
    try {
      header = header(mail, content);
      if (mail.size() <= fullMax) {
        full = full(mail, content);
      }
    } catch (IOException _) {
      // What was read stays.
    }
    byte[] tidy = Lines.tidy(header);
    return new Original(tidy, full, subject(tidy), messageId(tidy));
  }

  private static byte[] header(Mail mail, Content content) throws IOException {
    var read = new ByteArrayOutputStream(8 * 1024);
    read.writeBytes(mail.trace());
    int searched = 0;
    for (int i = 0; i < content.chunks() && read.size() < HEADER_MAX; i++) {
      byte[] chunk = content.chunk(i);
      read.write(chunk, 0, Math.min(chunk.length, HEADER_MAX - read.size()));
      byte[] all = read.toByteArray();
      int end = Lines.endOfHeader(all, searched);
      if (end >= 0) {
        return Arrays.copyOf(all, end);
      }
      searched = Math.max(0, all.length - 3);
    }
    return read.toByteArray();
  }

  /// The whole mail; null when it cannot stand in a mail as it is: BINARYMIME, NUL, lines without
  /// end (RFC 2045 2.8).
  private static byte @Nullable [] full(Mail mail, Content content) throws IOException {
    var traits = mail.envelope().traits();
    if (traits.bareNewlines() || traits.longLines()) {
      return null;
    }
    var read = new ByteArrayOutputStream((int) mail.size() + 2);
    read.writeBytes(mail.trace());
    for (int i = 0; i < content.chunks(); i++) {
      byte[] chunk = content.chunk(i);
      if (Lines.hasNul(chunk)) {
        return null;
      }
      read.writeBytes(chunk);
    }
    if (!traits.endsWithNewline()) {
      read.writeBytes(Lines.CRLF);
    }
    return read.toByteArray();
  }

  private static String subject(byte[] header) {
    var raw = Lines.field(header, "subject", SUBJECT_MAX * 8);
    var decoded = DecoderUtil.decodeEncodedWords(raw, DecodeMonitor.SILENT, StandardCharsets.UTF_8);
    return Lines.plain(decoded, SUBJECT_MAX);
  }

  private static String messageId(byte[] header) {
    var id = Lines.field(header, "message-id", MESSAGE_ID_MAX + 1);
    // It goes into our own header: nothing but what RFC 5322 3.6.4 allows in spirit.
    boolean sound =
        id.length() > 2
            && id.length() <= MESSAGE_ID_MAX
            && id.indexOf('<') == 0
            && id.indexOf('>') == id.length() - 1
            && id.chars().allMatch(c -> c > ' ' && c < 127);
    return sound ? id : "";
  }
}
