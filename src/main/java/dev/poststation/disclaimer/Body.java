package dev.poststation.disclaimer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.Octets;
import dev.poststation.mime.Mime;
import dev.poststation.mime.Part;
import dev.poststation.mime.Splice;
import dev.poststation.mime.TooComplexException;
import dev.poststation.mime.Transfer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.apache.james.mime4j.util.CharsetUtil;
import org.jspecify.annotations.Nullable;

/// The body of a text part, decoded, into which something is put: all other octets stay as they are
/// once it is decoded again, and where it is not encoded, as they are. Confined to one thread.
///
/// In a charset of which ASCII is a part, places are found in the octets, one per character, so
/// that what is not legal in it stays, too. Others are decoded as a whole.
final class Body {
  /// Of all texts of a mail that it changes: more than people write.
  static final int DECODED_MAX = 4 * 1024 * 1024;

  private static final int LINE_MAX = 998;
  private static final String[][] IN_ASCII = {
    {"ä", "ae"},
    {"ö", "oe"},
    {"ü", "ue"},
    {"Ä", "Ae"},
    {"Ö", "Oe"},
    {"Ü", "Ue"},
    {"ß", "ss"},
    {"·", "-"},
    {"•", "-"},
    {"€", "EUR"}
  };
  private static final byte[] LINE_END = {'\r', '\n'};
  private static final String QUOTED = "quoted-printable";

  private final Mime mime;
  private final Part part;
  private final byte[] octets;
  private final @Nullable Charset charset;
  private final boolean inOctets;
  private final String view;

  private Body(Mime mime, Part part, byte[] octets) {
    this.mime = mime;
    this.part = part;
    this.octets = octets;
    String name = part.contentType().parameter("charset").orElse("us-ascii");
    this.charset = CharsetUtil.lookup(name.strip());
    this.inOctets = charset == null || hasAscii(charset);
    this.view = new String(octets, charset == null || inOctets ? ISO_8859_1 : charset);
  }

  /// Reads it.
  ///
  /// @param most octets of it
  /// @throws TooComplexException when it is larger
  static Body of(Mime mime, Part part, int most) throws IOException, TooComplexException {
    try (var in = mime.decoded(part)) {
      byte[] octets = in.readNBytes(most + 1);
      if (octets.length > most) {
        throw new TooComplexException("its text has more than 4 MiB");
      }
      return new Body(mime, part, octets);
    }
  }

  private static boolean hasAscii(Charset charset) {
    String name = charset.name().toUpperCase(Locale.ROOT);
    if (name.contains("2022") || name.contains("UTF-7") || name.startsWith("HZ")) {
      return false; // The same octets mean something else behind a shift.
    }
    byte[] ascii = new byte[95];
    for (int i = 0; i < ascii.length; i++) {
      ascii[i] = (byte) (' ' + i);
    }
    return charset.canEncode()
        && Arrays.equals(new String(ascii, US_ASCII).getBytes(charset), ascii);
  }

  /// A part of its own, in front of the first one of a multipart: it begins behind a delimiter.
  static byte[] alone(String text, String boundary) {
    byte[] octets = text.replace("\n", "\r\n").getBytes(UTF_8);
    return Octets.joined(
        ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + QUOTED)
            .getBytes(US_ASCII),
        LINE_END,
        LINE_END,
        Transfer.encode(octets, QUOTED),
        ("\r\n--" + boundary + "\r\n").getBytes(ISO_8859_1));
  }

  /// In which places are found.
  String view() {
    return view;
  }

  /// Octets of it, decoded.
  int size() {
    return octets.length;
  }

  /// As people read it, as far as it can be read.
  String text() {
    return charset == null ? view : new String(octets, charset);
  }

  /// The changes of the mail that put something in; none: it cannot be, for nobody knows how the
  /// part is encoded.
  List<Splice> with(Insertion insertion) {
    if (!Transfer.isKnown(part.encoding())) {
      return List.of();
    }
    List<Splice> splices = new ArrayList<>(4);
    splices.add(new Splice(part.body(), part.body(), gap(insertion.at())));
    splices.addAll(text(insertion));
    if (octets.length == 0) { // Its empty line may be the line end of the delimiter, too.
      splices.add(new Splice(part.end(), part.end(), LINE_END));
    }
    return splices;
  }

  /// The empty line behind the header, where it is missing and the text is put there.
  private byte[] gap(int at) {
    int header = part.header().length;
    if (at > 0 || part.body() - part.start() > header) {
      return new byte[0];
    }
    boolean ended = header == 0 || part.header()[header - 1] == '\n';
    return ended ? LINE_END : Octets.joined(LINE_END, LINE_END);
  }

  private List<Splice> text(Insertion insertion) {
    String text = insertion.text();
    var known = charset;
    if (!inOctets && known != null) {
      String whole = view.substring(0, insertion.at()) + text + view.substring(insertion.at());
      // Java cannot write all charsets that it reads.
      boolean says = known.canEncode() && known.newEncoder().canEncode(text);
      return says && Arrays.equals(view.getBytes(known), octets)
          ? replaced(whole.getBytes(known), false)
          : replaced(whole.getBytes(UTF_8), true);
    }
    if (known == null) {
      return put(insertion.at(), bare(text).getBytes(US_ASCII));
    }
    if (known.newEncoder().canEncode(text)) {
      return put(insertion.at(), text.getBytes(known));
    }
    byte[] before = widened(Arrays.copyOf(octets, insertion.at()), known);
    byte[] behind = widened(Arrays.copyOfRange(octets, insertion.at(), octets.length), known);
    return replaced(Octets.joined(before, text.getBytes(UTF_8), behind), true);
  }

  /// The nearest in ASCII, where nobody knows what other octets mean.
  private static String bare(String text) {
    String words = text;
    for (String[] each : IN_ASCII) {
      words = words.replace(each[0], each[1]);
    }
    return Normalizer.normalize(words, Normalizer.Form.NFKD)
        .replaceAll("\\p{M}", "")
        .replaceAll("[\u2010-\u2015]", "-")
        .replaceAll("[^\\p{ASCII}]", "?");
  }

  /// In UTF-8. Programs that send other octets than they say mostly mean UTF-8 or that of Windows.
  private static byte[] widened(byte[] octets, Charset charset) {
    for (Charset each : List.of(charset, UTF_8)) {
      try {
        return each.newDecoder().decode(ByteBuffer.wrap(octets)).toString().getBytes(UTF_8);
      } catch (CharacterCodingException _) {
        // The next one.
      }
    }
    return new String(octets, Charset.forName("windows-1252")).getBytes(UTF_8);
  }

  /// Some octets more, in the charset that it has.
  private List<Splice> put(int at, byte[] more) {
    boolean eightBit = !part.encoding().equals("7bit");
    if (!Transfer.encodes(part.encoding()) && fits(more, eightBit)) {
      long place = part.body() + at;
      return List.of(new Splice(place, place, more));
    }
    byte[] before = Arrays.copyOf(octets, at);
    return replaced(
        Octets.joined(before, more, Arrays.copyOfRange(octets, at, octets.length)), false);
  }

  private static boolean fits(byte[] octets, boolean eightBit) {
    int column = 0;
    for (byte octet : octets) {
      column = octet == '\n' ? 0 : column + 1;
      if (column > LINE_MAX || (octet < 0 && !eightBit)) {
        return false;
      }
    }
    return true;
  }

  /// @param widened whether it is in UTF-8 now
  private List<Splice> replaced(byte[] decoded, boolean widened) {
    boolean plain = !Transfer.encodes(part.encoding());
    boolean eightBit = plain && !part.encoding().equals("7bit");
    String encoding = plain && !fits(decoded, eightBit) ? QUOTED : part.encoding();
    List<Splice> splices = new ArrayList<>(2);
    byte[] header = part.header();
    if (widened) {
      header = FieldChanges.withUtf8(header);
    }
    if (!encoding.equals(part.encoding())) {
      header = FieldChanges.withEncoding(header, encoding);
    }
    if (!Arrays.equals(header, part.header())) {
      splices.add(new Splice(part.start(), part.start() + part.header().length, header));
    }
    byte[] encoded = ended(Transfer.encode(decoded, encoding), encoding);
    splices.add(new Splice(part.body(), part.end(), encoded));
    return splices;
  }

  /// It ends with a line end where it did: the one in front of a delimiter is not its own.
  private byte[] ended(byte[] encoded, String encoding) {
    boolean wanted = endsWithLineEnd();
    boolean there = encoded.length > 0 && encoded[encoded.length - 1] == '\n';
    if (encoding.equals("base64") && !wanted && there) {
      return Arrays.copyOf(encoded, encoded.length - 2);
    }
    return encoding.equals(QUOTED) && wanted && !there
        ? Octets.joined(encoded, "=\r\n".getBytes(US_ASCII))
        : encoded;
  }

  private boolean endsWithLineEnd() {
    long size = part.end() - part.body();
    byte[] last = new byte[1];
    try {
      return size > 0 && mime.octets().read(part.end() - 1, last, 0, 1) == 1 && last[0] == '\n';
    } catch (IOException _) {
      return true; // It could be read a moment ago; a line end too many does no harm.
    }
  }
}
