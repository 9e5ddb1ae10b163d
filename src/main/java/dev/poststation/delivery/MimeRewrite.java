package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.smtp.WireBuffer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The second walk through a mail that cannot go as it is: writes it as the survey has planned.
/// Confined to one thread.
final class MimeRewrite implements MimeWalk.Visitor<IOException> {
  private static final int BUFFER = 16 * 1024;

  private final Downgrade.Need need;
  private final List<MimeSurvey.Plan> plans;
  private final WireBuffer out;
  private BodyEncoder encoder;

  private MimeRewrite(MimeSurvey survey, WireBuffer.Outlet outlet) {
    this.need = survey.need();
    this.plans = survey.plans();
    this.out = new WireBuffer(outlet, BUFFER);
    this.encoder = new BodyEncoder(MimeSurvey.Encoding.KEEP, out);
  }

  static void run(Content content, MimeSurvey survey, WireBuffer.Outlet outlet) throws IOException {
    var rewrite = new MimeRewrite(survey, outlet);
    try {
      new MimeWalk(content).run(rewrite);
    } catch (MimeWalk.TooComplexException e) {
      throw new UnreadableContentException(new IOException("the content has changed", e));
    }
    rewrite.out.flush();
  }

  /// Whether the Content-Transfer-Encoding of a part promises octets that the mail will not have
  /// any more.
  static boolean isRelabelled(MimePart part, Downgrade.Need need) {
    return switch (part.encoding()) {
      case "binary" -> need.sevenBit() || need.text();
      case "8bit" -> need.sevenBit();
      default -> false;
    };
  }

  /// Whether a part that gets an encoding needs the field that makes it count (RFC 2045 4).
  static boolean needsVersion(MimePart part) {
    return part.message() && !part.has("mime-version");
  }

  @Override
  public void header(MimePart part) throws IOException {
    if (part.number() >= plans.size()) {
      throw new UnreadableContentException(new IOException("the content has changed"));
    }
    MimeSurvey.Plan plan = plans.get(part.number());
    encoder = new BodyEncoder(plan.encoding(), out);
    boolean encoded = plan.encoding() != MimeSurvey.Encoding.KEEP;
    boolean relabelled = encoded || isRelabelled(part, need);
    for (MimePart.Field field : part.fields()) {
      if (!relabelled || !field.name().equals("content-transfer-encoding")) {
        put(field);
      }
    }
    if (encoded) {
      if (needsVersion(part)) {
        put("MIME-Version: 1.0\r\n");
      }
      if (!part.labelled()) {
        put(plan.contentType() + "\r\n");
      }
    }
    if (relabelled) {
      String label = encoded ? plan.label() : need.sevenBit() ? "7bit" : "8bit";
      put("Content-Transfer-Encoding: " + label + "\r\n");
    }
    if (part.blankLine() || encoded) {
      put("\r\n");
    }
  }

  private void put(MimePart.Field field) throws IOException {
    String raw = need.text() ? MimePart.textOnly(field.raw()) : field.raw();
    if (need.sevenBit() && !WireAddress.isAscii(raw)) {
      raw = HeaderEncoder.encode(field.name(), raw);
    }
    put(raw);
    if (!raw.endsWith("\r\n")) {
      put("\r\n");
    }
  }

  private void put(String text) throws IOException {
    byte[] octets = text.getBytes(StandardCharsets.ISO_8859_1);
    out.put(octets, 0, octets.length);
  }

  @Override
  public void body(MimePart part, byte[] octets, int from, int to) throws IOException {
    encoder.body(octets, from, to);
  }

  @Override
  public void bodyEnd(MimePart part, boolean atEnd) throws IOException {
    encoder.end(atEnd);
  }

  @Override
  public void between(byte[] octets, int from, int to) throws IOException {
    String text = new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
    if (need.sevenBit() && !WireAddress.isAscii(text)) {
      // Nobody reads what stands outside of the parts (RFC 2046 5.1.1).
      text = asciiOnly(text);
    }
    put(need.text() ? MimePart.textOnly(text) : text);
  }

  private static String asciiOnly(String text) {
    var ascii = new StringBuilder(text);
    for (int i = 0; i < ascii.length(); i++) {
      if (ascii.charAt(i) > 127) {
        ascii.setCharAt(i, '?');
      }
    }
    return ascii.toString();
  }
}
