package dev.poststation.mime;

import dev.poststation.message.HeaderFields;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A part of a mail, or all of it: its header, and where its octets are. Immutable, safe for any
/// thread.
///
/// Where a field stands more than once, the first one counts.
///
/// @param path its number as in RFC 3501 6.4.5: `1.2` is the second part of the first one; the
///   mail, and the message in a `message/rfc822`, has that of what it is in
/// @param header its octets, without the empty line; not to be changed
/// @param start where its header begins in the mail
/// @param body where its body begins
/// @param end behind its last octet; the line end in front of a delimiter belongs to that
/// @param labels what its fields of MIME say
/// @param type such as `text/plain`, in lower case; what holds where none is written (RFC 2045 5.2,
///   RFC 2046 5.1.5)
/// @param parts those of a multipart, or the message in a `message/rfc822`
public record Part(
    String path,
    byte[] header,
    long start,
    long body,
    long end,
    Labels labels,
    String type,
    List<Part> parts) {
  /// What the fields of MIME in a header say, read once. Immutable.
  ///
  /// @param encoding in lower case; `7bit` where none is written (RFC 2045 6.1)
  record Labels(FieldText contentType, FieldText disposition, String encoding) {
    static final Labels NONE = new Labels(FieldText.NONE, FieldText.NONE, "7bit");

    static Labels of(byte[] header) {
      var fields = HeaderFields.of(header, true);
      String encoding = text(header, fields, "content-transfer-encoding").value();
      return new Labels(
          text(header, fields, "content-type"),
          text(header, fields, "content-disposition"),
          encoding.isEmpty() ? "7bit" : encoding);
    }

    private static FieldText text(byte[] header, HeaderFields fields, String name) {
      return fields.fields().stream()
          .filter(field -> field.name().equals(name))
          .findFirst()
          .map(field -> FieldText.of(field.raw(header)))
          .orElse(FieldText.NONE);
    }
  }

  public Part {
    parts = List.copyOf(parts);
  }

  /// The fields of the header with their places in it.
  public HeaderFields fields() {
    return HeaderFields.of(header, true);
  }

  /// The first field of a name.
  ///
  /// @param name in lower case
  public Optional<HeaderFields.Field> field(String name) {
    return fields().fields().stream().filter(field -> field.name().equals(name)).findFirst();
  }

  /// What stands behind the colon of the first field of a name, one octet per character, with its
  /// line ends.
  ///
  /// @param name in lower case
  public Optional<String> raw(String name) {
    return field(name).map(field -> field.raw(header));
  }

  /// A field as people read it: in one line, encoded words decoded.
  ///
  /// @param name in lower case
  public Optional<String> text(String name) {
    return raw(name)
        .map(raw -> FieldText.readable(raw.replace("\r", "").replace("\n", "")).strip());
  }

  /// Content-Type with its parameters.
  public FieldText contentType() {
    return labels.contentType;
  }

  /// Content-Disposition with its parameters (RFC 2183).
  public FieldText disposition() {
    return labels.disposition;
  }

  /// Content-Transfer-Encoding in lower case; `7bit` where none is written (RFC 2045 6.1).
  public String encoding() {
    return labels.encoding;
  }

  /// Whether it is a multipart; one whose delimiters are missing has no parts.
  public boolean isMultipart() {
    return type.startsWith("multipart/");
  }

  /// Whether it is meant to be kept as a file rather than read at its place.
  public boolean isAttachment() {
    return disposition().value().equals("attachment");
  }

  /// The names of the file in it: programs differ in which one they take.
  public List<String> names() {
    return Stream.of(
            disposition().parameter("filename"),
            disposition().parameter("filename*"),
            contentType().parameter("name"),
            contentType().parameter("name*"))
        .flatMap(Optional::stream)
        .distinct()
        .toList();
  }

  /// It, and all parts in it, in the order of their octets.
  public Stream<Part> all() {
    return Stream.concat(Stream.of(this), parts.stream().flatMap(Part::all));
  }
}
