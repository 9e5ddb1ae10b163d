package dev.poststation.dkim;

import dev.poststation.message.HeaderFields;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes the `DKIM-Signature` fields of a mail (RFC 6376 3.5, 3.7). Pure functions, but for reading
/// the body.
///
/// Never `l=`, which lets anybody add to a mail, and never `z=`.
public final class Signer {
  /// In which the fields are folded (RFC 5322 2.1.1).
  private static final int LINE = 78;

  private Signer() {}

  /// A signature that is wanted.
  public record Order(SigningKey key, Terms terms) {}

  /// Signs a mail by several keys; its body is read once.
  ///
  /// @param header all its fields, with CRLF, without the empty line
  /// @return the fields to be put in front of it, with CRLF
  /// @throws IOException when the body cannot be read
  /// @throws IllegalArgumentException when it has not exactly one From
  public static byte[] sign(byte[] header, Octets body, List<Order> orders, Instant now)
      throws IOException {
    Set<Form> forms = EnumSet.noneOf(Form.class);
    orders.forEach(order -> forms.add(order.terms().body()));
    return sign(header, BodyHash.of(body, forms), orders, now);
  }

  /// The same with a body that was hashed before.
  ///
  /// @param bodies its hash in each form that the orders want
  public static byte[] sign(
      byte[] header, Map<Form, byte[]> bodies, List<Order> orders, Instant now) {
    var fields = HeaderFields.of(header, true);
    String objection = SignedFields.objection(fields);
    if (!objection.isEmpty()) {
      throw new IllegalArgumentException(objection);
    }
    var all = new ByteArrayOutputStream();
    for (var order : orders) {
      byte[] body = bodies.get(order.terms().body());
      if (body == null) {
        throw new IllegalArgumentException("no hash of the body in form " + order.terms().body());
      }
      var signed = SignedFields.of(fields, order.terms().also());
      all.writeBytes(signature("DKIM-Signature: v=1;", order, signed, header, body, now));
    }
    return all.toByteArray();
  }

  /// A field with a signature over fields and a body.
  ///
  /// @param start how it begins: its name, and the tags that come first
  /// @param body its hash in the form of the order
  static byte[] signature(
      String start, Order order, SignedFields signed, byte[] header, byte[] body, Instant now) {
    String unsigned = field(start, order, signed.names(), body, now);
    byte[] value =
        order.key().sign(hashed(order.terms().header(), header, signed.fields(), unsigned));
    return (unsigned + folded(value) + "\r\n").getBytes(StandardCharsets.US_ASCII);
  }

  /// The field with nothing behind `b=`.
  private static String field(
      String start, Order order, List<String> names, byte[] body, Instant now) {
    var key = order.key();
    var terms = order.terms();
    var out = new Folding(start);
    out.add(" a=" + key.algorithm().word() + ";");
    out.add(" c=" + terms.header().word() + "/" + terms.body().word() + ";");
    out.add(" d=" + key.domain() + ";");
    out.add(" s=" + key.selector() + ";");
    if (!terms.identity().isEmpty()) {
      out.add(" i=" + quoted(terms.identity()) + ";");
    }
    out.add(" t=" + now.getEpochSecond() + ";");
    var expires = terms.expires();
    if (expires != null) {
      out.add(" x=" + now.plus(expires).getEpochSecond() + ";");
    }
    for (int i = 0; i < names.size(); i++) {
      out.add((i == 0 ? " h=" : "") + names.get(i) + (i < names.size() - 1 ? ":" : ";"));
    }
    out.add(" bh=" + Base64.getEncoder().encodeToString(body) + ";");
    return out.text() + "\r\n\tb=";
  }

  /// What is signed (RFC 6376 3.7).
  ///
  /// @param signed the fields in the order of `h=`
  /// @param signature the field itself with nothing behind `b=`
  static byte[] hashed(
      Form form, byte[] header, List<HeaderFields.Field> signed, String signature) {
    var out = new ByteArrayOutputStream(header.length + signature.length());
    for (var field : signed) {
      Canonical.field(form, header, field.start(), field.value(), field.end(), true, out);
    }
    byte[] octets = signature.getBytes(StandardCharsets.US_ASCII);
    int value = signature.indexOf(':') + 1;
    Canonical.field(form, octets, 0, value, octets.length, false, out);
    return out.toByteArray();
  }

  /// Base 64 in lines, the first of which goes on behind `b=`.
  static String folded(byte[] value) {
    String text = Base64.getEncoder().encodeToString(value);
    var out = new StringBuilder();
    int room = LINE - "\tb=".length();
    int at = 0;
    while (text.length() - at > room) {
      out.append(text, at, at + room).append("\r\n\t");
      at += room;
      room = LINE - 1;
    }
    return out.append(text, at, text.length()).toString();
  }

  /// What may not stand in a tag as it is (RFC 6376 2.11, dkim-quoted-printable).
  private static String quoted(String text) {
    var out = new StringBuilder();
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = octet > ' ' && octet < 127 && octet != ';' && octet != '=' && octet != '|';
      if (plain) {
        out.append((char) octet);
      } else {
        out.append("=%02X".formatted(octet & 0xff));
      }
    }
    return out.toString();
  }

  /// A field that is folded where a line would become too long.
  private static final class Folding {
    private final StringBuilder text = new StringBuilder();
    private int lineStart;

    private Folding(String start) {
      text.append(start);
    }

    /// @param word white space in front is the fold
    private void add(String word) {
      if (text.length() - lineStart + word.length() > LINE) {
        text.append("\r\n\t");
        lineStart = text.length() - 1;
        text.append(word.stripLeading());
      } else {
        text.append(word);
      }
    }

    private String text() {
      return text.toString();
    }
  }
}
