package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.message.HeaderFields;
import dev.poststation.message.Octets;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.james.mime4j.stream.RawBody;
import org.apache.james.mime4j.stream.RawFieldParser;
import org.apache.james.mime4j.util.ContentUtil;

/// Takes what a mail says apart from its envelope on paper, and puts it into another: the fields
/// Content-* and the body are an entity of MIME (RFC 2045 2.4), all other fields are of the mail
/// (RFC 8551 3.1). Pure functions.
final class Enclosure {
  private static final String CONTENT = "content-";
  private static final byte[] CRLF = {'\r', '\n'};

  /// Octets of the header of an entity that came encrypted.
  private static final int HEADER_MAX = 500_000;

  private Enclosure() {}

  /// What Content-Type says.
  ///
  /// @param media such as `text/plain`, in lower case
  record Type(String media, Optional<RawBody> body) {
    /// A parameter, in lower case; empty where there is none.
    String parameter(String name) {
      return value(name).toLowerCase(Locale.ROOT);
    }

    /// A parameter as it stands there; empty where there is none.
    String value(String name) {
      return body.stream()
          .flatMap(each -> each.getParams().stream())
          .filter(each -> each.getName().equalsIgnoreCase(name))
          .map(each -> each.getValue() == null ? "" : each.getValue())
          .findFirst()
          .orElse("");
    }

    /// Whether it is signed or encrypted already, by S/MIME or OpenPGP.
    boolean isSealed() {
      return media.equals("multipart/signed") || isEncrypted() || isCms();
    }

    /// Whether it is encrypted, as far as its type tells.
    boolean isEncrypted() {
      return media.equals("multipart/encrypted")
          || (isCms() && parameter("smime-type").contains("enveloped"));
    }

    /// RFC 8551 3.2, and the name of before RFC 2311.
    boolean isCms() {
      return media.equals("application/pkcs7-mime") || media.equals("application/x-pkcs7-mime");
    }
  }

  /// The type of what a header is in front of.
  static Type type(byte[] header) {
    for (var field : HeaderFields.of(header, true).fields()) {
      if (field.name().equals("content-type")) {
        String text = field.raw(header);
        var octets = ContentUtil.encode(ISO_8859_1, text);
        var body =
            RawFieldParser.DEFAULT.parseRawBody(
                octets, new org.apache.james.mime4j.stream.ParserCursor(0, octets.length()));
        String media = body.getValue() == null ? "" : body.getValue();
        return new Type(media.strip().toLowerCase(Locale.ROOT), Optional.of(body));
      }
    }
    return new Type("text/plain", Optional.empty());
  }

  /// The fields of the entity, with an empty line behind them.
  static byte[] entityHeader(Message message) {
    var inner = fields(message.header(), true);
    if (inner.length == 0) {
      inner = "Content-Type: text/plain\r\n".getBytes(US_ASCII);
    }
    return Octets.joined(inner, CRLF);
  }

  /// The fields Content-* of a header.
  static byte[] contentFields(byte[] header) {
    return fields(header, true);
  }

  /// The whole entity.
  static Octets entity(Message message) {
    return Octets.joined(List.of(Octets.of(entityHeader(message)), message.body()));
  }

  /// An entity that came encrypted, as a mail.
  static Message opened(byte[] entity) throws IOException {
    return Message.of(new byte[0], Octets.of(entity), HEADER_MAX);
  }

  /// The mail with another entity in the place of its own.
  ///
  /// @param fields of the entity: Content-*, with CRLF
  static Message around(Message message, String fields, Octets body) {
    return around(message, fields.getBytes(US_ASCII), body);
  }

  static Message around(Message message, byte[] fields, Octets body) {
    byte[] outer = fields(message.header(), false);
    boolean versioned =
        message.fields().fields().stream().anyMatch(each -> each.name().equals("mime-version"));
    byte[] version = versioned ? new byte[0] : "MIME-Version: 1.0\r\n".getBytes(US_ASCII);
    return new Message(Octets.joined(outer, version, fields), CRLF, body);
  }

  private static byte[] fields(byte[] header, boolean ofEntity) {
    var out = new ByteArrayOutputStream(header.length);
    for (var field : HeaderFields.of(header, true).fields()) {
      if (field.name().startsWith(CONTENT) == ofEntity) {
        out.write(header, field.start(), field.end() - field.start());
        if (header[field.end() - 1] != '\n') { // By BDAT a mail may end there.
          out.writeBytes(CRLF);
        }
      }
    }
    return out.toByteArray();
  }
}
