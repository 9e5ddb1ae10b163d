package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.smtp.WireBuffer;
import java.io.IOException;
import java.util.List;

/// Converts a mail for a next hop that cannot take it as it is (RFC 6152 3, RFC 3030 3, RFC 2045
/// 6). Pure functions.
///
/// The rules:
///
/// - Only leaf parts are encoded: text as quoted-printable, anything else as base64; messages
///   within the mail are treated like the mail. The decoded content of each part stays the same,
///   octet by octet.
/// - Octets above 127 (next hop without 8BITMIME), and NUL or a CR or LF that stands alone
///   (BINARYMIME, next hop without it), must be encoded. Where that is not allowed
///   (multipart/signed, message/partial, message/external-body, unknown encodings) the mail cannot
///   go: it bounces with 5.6.3, it is never broken.
/// - Lines of more than 998 octets (RFC 5321 4.5.3.1.6), which a next hop may cut anywhere or
///   refuse, are encoded where that is allowed; signed parts, mails with a DKIM signature and
///   header fields go as they are.
/// - A text without MIME fields gets them, with charset utf-8 if it is that, else unknown-8bit (RFC
///   1428).
/// - Raw octets above 127 in header fields: see [HeaderEncoder].
///
/// Limits: a mail with parts that cannot be told apart (10,000 of them, 64 levels, a header of 512
/// KB) cannot go.
final class Downgrade {
  private Downgrade() {}

  /// What the next hop needs.
  ///
  /// @param sevenBit no octets above 127
  /// @param text no NUL, no CR or LF that stands alone
  /// @param shortLines no line of more than 998 octets
  record Need(boolean sevenBit, boolean text, boolean shortLines) {
    boolean any() {
      return sevenBit || text || shortLines;
    }
  }

  /// What came of it.
  sealed interface Result {
    /// It goes as it is.
    ///
    /// @param notes what should be done and is not, with the reason
    record Unchanged(List<String> notes) implements Result {}

    /// The converted mail.
    ///
    /// @param notes what was done, with the reason
    record Converted(Payload payload, List<String> notes) implements Result {}

    /// It cannot be converted.
    record Impossible(String status, String why) implements Result {}
  }

  /// Converts a mail. The converted octets are made anew each time they are sent; nothing of the
  /// size of the mail is kept.
  static Result of(Mail mail, Content content, Need need) throws UnreadableContentException {
    var survey = MimeSurvey.of(content, need);
    if (survey.problem() != null) {
      boolean must = need.sevenBit() || need.text();
      // With long lines alone, sending it as it is is still better than not to send it.
      return must
          ? new Result.Impossible("5.6.3", survey.problem())
          : new Result.Unchanged(List.of(MimeSurvey.LINES_LEFT + survey.problem()));
    }
    if (!survey.changes()) {
      return new Result.Unchanged(survey.notes());
    }
    var count = new Count();
    try {
      MimeRewrite.run(content, survey, count);
    } catch (UnreadableContentException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException("counting cannot fail", e);
    }
    return new Result.Converted(new Rewritten(mail, content, survey, count.octets), survey.notes());
  }

  private static final class Count implements WireBuffer.Outlet {
    private long octets;

    @Override
    public void write(byte[] source, int offset, int length) {
      octets += length;
    }
  }

  private record Rewritten(Mail mail, Content content, MimeSurvey survey, long octets)
      implements Payload {
    @Override
    public long size() {
      return mail.trace().length + octets;
    }

    @Override
    public boolean verbatim() {
      return false;
    }

    @Override
    public void send(WireBuffer.Outlet out) throws IOException {
      out.write(mail.trace(), 0, mail.trace().length);
      MimeRewrite.run(content, survey, out);
    }
  }
}
