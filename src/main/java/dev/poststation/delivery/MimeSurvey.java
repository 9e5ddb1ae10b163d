package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.smtp.PeerText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The first walk through a mail that cannot go as it is: what has to become of each part. Confined
/// to one thread.
final class MimeSurvey implements MimeWalk.Visitor<RuntimeException> {
  private static final int LINE_MAX = 998;

  /// How the body of a part is to be sent.
  enum Encoding {
    /// As it is.
    KEEP,
    QUOTED_PRINTABLE,
    BASE64,
    /// It is quoted-printable, but has octets or lines that it must not have.
    MEND_QUOTED_PRINTABLE,
    /// It is base64, but has octets or lines that it must not have.
    MEND_BASE64
  }

  /// What has to become of a part.
  ///
  /// @param charset to be written into a Content-Type that is missing
  record Plan(Encoding encoding, String charset) {
    static final Plan KEEP = new Plan(Encoding.KEEP, "us-ascii");
  }

  private static final Set<String> PLAIN = Set.of("7bit", "8bit", "binary");

  private Downgrade.Need need;
  private final List<Plan> plans = new ArrayList<>();
  private boolean changes;
  private @Nullable String problem;

  // The body at hand.
  private boolean eightBit;
  private boolean bare;
  private boolean longLine;
  private int column;
  private boolean afterCr;
  private Utf8Check utf8 = new Utf8Check();

  private MimeSurvey(Downgrade.Need need) {
    this.need = need;
  }

  static MimeSurvey of(Content content, Downgrade.Need need) throws UnreadableContentException {
    var survey = new MimeSurvey(need);
    try {
      new MimeWalk(content).run(survey);
    } catch (MimeWalk.TooComplexException e) {
      survey.problem = e.getMessage();
    }
    return survey;
  }

  /// Why it cannot be done; null: it can.
  @Nullable String problem() {
    return problem;
  }

  /// Whether there is anything to do.
  boolean changes() {
    return changes;
  }

  /// What is needed of this mail, after all.
  Downgrade.Need need() {
    return need;
  }

  /// By number of the part.
  List<Plan> plans() {
    return plans;
  }

  @Override
  public void header(MimePart part) {
    if (part.number() == 0 && part.has("dkim-signature")) {
      // Shorter lines would break the signature, and long ones are mostly taken: the lesser evil.
      need = new Downgrade.Need(need.sevenBit(), need.text(), false);
    }
    plans.add(Plan.KEEP);
    changes |= need.sevenBit() && (part.eightBitHeader() || MimeRewrite.isRelabelled(part, need));
    changes |= need.text() && (part.encoding().equals("binary") || part.binaryHeader());
    eightBit = false;
    bare = false;
    longLine = false;
    column = 0;
    afterCr = false;
    utf8 = new Utf8Check();
  }

  @Override
  public void body(MimePart part, byte[] octets, int from, int to) {
    for (int i = from; i < to; i++) {
      byte b = octets[i];
      eightBit |= b < 0;
      // NUL is no text either (RFC 2045 2.7, 2.8).
      bare |= b == 0 || afterCr != (b == '\n');
      afterCr = b == '\r';
      column = b == '\n' ? 0 : column + 1;
      longLine |= column > LINE_MAX && b != '\r';
    }
    if (!part.labelled()) {
      utf8.add(octets, from, to);
    }
  }

  @Override
  public void bodyEnd(MimePart part, boolean atEnd) {
    bare |= afterCr;
    boolean mustChange = (need.sevenBit() && eightBit) || (need.text() && bare);
    boolean shouldChange = need.shortLines() && longLine;
    if (!mustChange && !shouldChange) {
      return;
    }
    Encoding encoding = encoding(part);
    if (encoding != Encoding.KEEP) {
      plans.set(part.number(), new Plan(encoding, charset()));
      changes = true;
    } else if (mustChange && problem == null) {
      problem =
          part.kind() == MimePart.Kind.OPAQUE
              ? "a part of type " + shown(part.type()) + " must not be changed"
              : "a part has the unknown Content-Transfer-Encoding " + shown(part.encoding());
    }
  }

  private static String shown(String word) {
    String harmless = PeerText.of(word);
    return harmless.length() > 80 ? harmless.substring(0, 80) + "…" : harmless;
  }

  private Encoding encoding(MimePart part) {
    if (part.kind() != MimePart.Kind.LEAF) {
      return Encoding.KEEP;
    }
    if (PLAIN.contains(part.encoding())) {
      boolean text = part.type().startsWith("text/") || part.type().startsWith("message/");
      return text && !bare ? Encoding.QUOTED_PRINTABLE : Encoding.BASE64;
    }
    return switch (part.encoding()) {
      case "quoted-printable" -> Encoding.MEND_QUOTED_PRINTABLE;
      case "base64" -> Encoding.MEND_BASE64;
      default -> Encoding.KEEP;
    };
  }

  /// RFC 1428 3: what nobody has named is unknown, unless it shows what it is.
  private String charset() {
    return !eightBit ? "us-ascii" : utf8.valid() ? "utf-8" : "unknown-8bit";
  }

  @Override
  public void between(byte[] octets, int from, int to) {
    String text = new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
    changes |= need.sevenBit() && !WireAddress.isAscii(text);
    changes |= need.text() && !text.equals(MimePart.textOnly(text));
  }
}
