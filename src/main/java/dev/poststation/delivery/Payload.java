package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.smtp.WireBuffer;
import java.io.IOException;

/// The octets of one mail as a next hop shall get them: trace headers and content, as they are or
/// converted. Can be sent more than once. Confined to one thread.
interface Payload {
  /// How many octets `send` gives; known before, for SIZE and BDAT.
  long size();

  /// Whether it surely has neither lines with a dot in front nor bare CR or LF.
  boolean verbatim();

  /// Gives all octets to `out`, in pieces.
  ///
  /// @throws UnreadableContentException when our spool cannot read them, or has more or fewer than
  ///   it should; what was given so far must not pass for a whole mail
  void send(WireBuffer.Outlet out) throws IOException;

  /// The mail as it is.
  static Payload plain(Mail mail, Content content) {
    return new Plain(mail, content);
  }

  /// The mail as it is.
  record Plain(Mail mail, Content content) implements Payload {
    @Override
    public long size() {
      return mail.size();
    }

    @Override
    public boolean verbatim() {
      var traits = mail.envelope().traits();
      return !traits.dotLines() && !traits.bareNewlines();
    }

    @Override
    public void send(WireBuffer.Outlet out) throws IOException {
      out.write(mail.trace(), 0, mail.trace().length);
      long left = mail.envelope().traits().size();
      for (int i = 0; i < content.chunks(); i++) {
        byte[] chunk = chunk(content, i);
        left -= chunk.length;
        if (left < 0) {
          break;
        }
        out.write(chunk, 0, chunk.length);
      }
      if (left != 0) {
        throw new UnreadableContentException(
            new IOException("the content has not the size that was noted when it came in"));
      }
    }
  }

  /// Reads a chunk of a content; a failure is ours, not the next hop's.
  static byte[] chunk(Content content, int number) throws UnreadableContentException {
    try {
      return content.chunk(number);
    } catch (IOException e) {
      throw new UnreadableContentException(e);
    }
  }
}
