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

    /// The Content-Transfer-Encoding of what is not kept.
    String label() {
      return switch (encoding) {
        case QUOTED_PRINTABLE, MEND_QUOTED_PRINTABLE -> "quoted-printable";
        case BASE64, MEND_BASE64 -> "base64";
        case KEEP -> throw new IllegalStateException("it keeps the one that it has");
      };
    }

    /// The field for a part that has none.
    String contentType() {
      return "Content-Type: text/plain; charset=" + charset;
    }
  }

  /// In front of the reason why lines stay long.
  static final String LINES_LEFT = "lines of more than 998 octets left as they are: ";

  private static final String NO_8BITMIME = "the next hop knows no 8BITMIME";
  private static final String NO_BINARYMIME = "the next hop knows no BINARYMIME";

  private static final Set<String> PLAIN = Set.of("7bit", "8bit", "binary");

  private Downgrade.Need need;
  private final List<Plan> plans = new ArrayList<>();
  private final Notes notes = new Notes();
  private boolean changes;
  private boolean dkim;
  private boolean changedBetween;
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
    if (survey.changedBetween) {
      survey.notes.part("octets outside of the parts replaced");
    }
    if (survey.dkim && survey.changes) {
      survey.notes.part("the DKIM signature does not survive this");
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

  /// What is changed, and what is not though it should be.
  List<String> notes() {
    return notes.lines();
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
      dkim = true;
      if (need.shortLines()) {
        // Shorter lines would break the signature, and long ones are mostly taken: the lesser evil.
        need = new Downgrade.Need(need.sevenBit(), need.text(), false);
        notes.part(LINES_LEFT + "the mail has a DKIM signature");
      }
    }
    plans.add(Plan.KEEP);
    if (need.sevenBit() && part.eightBitHeader()) {
      change("header fields encoded: " + NO_8BITMIME);
    }
    if (need.text() && part.binaryHeader()) {
      change("NUL, and CR or LF alone, in header fields became spaces: " + NO_BINARYMIME);
    }
    boolean relabelled = MimeRewrite.isRelabelled(part, need);
    changes |= relabelled;
    if (relabelled
        && (part.kind() == MimePart.Kind.MULTIPART || part.kind() == MimePart.Kind.MESSAGE)) {
      relabelled();
    }
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
    Encoding encoding = mustChange || shouldChange ? encoding(part) : Encoding.KEEP;
    if (encoding != Encoding.KEEP) {
      var plan = new Plan(encoding, charset());
      plans.set(part.number(), plan);
      change("converted to " + plan.label() + ": " + reason(mustChange));
      noteAdded(part, plan);
      return;
    }
    if (MimeRewrite.isRelabelled(part, need)) {
      relabelled();
    }
    if (shouldChange && !mustChange) {
      notes.part(LINES_LEFT + "they stand in a part that must not be changed");
    }
    if (mustChange && problem == null) {
      problem =
          part.kind() == MimePart.Kind.OPAQUE
              ? "a part of type " + shown(part.type()) + " must not be changed"
              : "a part has the unknown Content-Transfer-Encoding " + shown(part.encoding());
    }
  }

  private void change(String what) {
    changes = true;
    notes.part(what);
  }

  private void relabelled() {
    change(
        "Content-Transfer-Encoding rewritten: " + (need.sevenBit() ? NO_8BITMIME : NO_BINARYMIME));
  }

  private String reason(boolean mustChange) {
    if (!mustChange) {
      return "lines of more than 998 octets";
    }
    return need.text() && bare ? NO_BINARYMIME : NO_8BITMIME;
  }

  private void noteAdded(MimePart part, Plan plan) {
    boolean version = MimeRewrite.needsVersion(part);
    if (version && !part.labelled()) {
      notes.part("MIME-Version and " + plan.contentType() + " added: there was none");
    } else if (version) {
      notes.part("MIME-Version added");
    } else if (!part.labelled()) {
      notes.part(plan.contentType() + " added: there was none");
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
    if ((need.sevenBit() && !WireAddress.isAscii(text))
        || (need.text() && !text.equals(MimePart.textOnly(text)))) {
      changes = true;
      changedBetween = true;
    }
  }
}
