package dev.poststation.delivery;

import static dev.poststation.config.SenderReplacement.Keep.REPLY_TO;
import static dev.poststation.config.SenderReplacement.Keep.X_ORIGINAL_FROM;

import dev.poststation.message.Alignment;
import dev.poststation.message.Content;
import dev.poststation.message.Edit;
import dev.poststation.message.Envelope;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.HeaderAddresses.Mailbox;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.HeaderFields.Field;
import dev.poststation.message.Mail;
import dev.poststation.smtp.Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Gives a mail the sender that the next hop takes: in the envelope, in From and in Sender. The
/// mail in the spool stays as it is; of the octets that are sent, only those of the fields
/// concerned are others. Confined to one thread.
///
/// Where one author stands in From, his address alone is replaced, and the name, comments, encoded
/// words and folds around it stay. Several authors, From fields that cannot be understood, and none
/// at all become one From field with the bare address.
final class SenderSwap {
  /// What is longer is not copied into another field.
  private static final int KEPT_MAX = 16 * 1024;

  private static final int LINE_MAX = 998; // RFC 5322 2.1.1

  private static final List<String> LEFT_ALONE =
      List.of("internal hop of Exchange: the sender stays as it is");

  /// A mail that goes on under another sender, or as it was.
  ///
  /// @param notes what was changed, for the trace
  record Result(Attempt.Order order, List<String> notes) {}

  /// A field, and the octets that it stands in.
  private record Placed(Field field, byte[] octets, boolean inTrace) {
    String value() {
      return text(field.value(), field.end());
    }

    /// Without the line end.
    String bare() {
      return value().stripTrailing();
    }

    private String text(int from, int to) {
      return new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
    }
  }

  private final Attempt.Order order;
  private final SenderThere there;
  private final Address by;
  private final List<Integer> sizes = new ArrayList<>(1);
  private final List<Placed> fields = new ArrayList<>();
  private final List<Edit> inTrace = new ArrayList<>(0);
  private final List<Edit> inContent = new ArrayList<>(2);
  private final List<String> notes = new ArrayList<>(2);
  private String appended = "";

  private SenderSwap(Attempt.Order order, SenderThere there, Address by) {
    this.order = order;
    this.there = there;
    this.by = by;
  }

  /// The mail as the next hop shall get it.
  ///
  /// @throws UnreadableContentException when our spool cannot read the content
  /// @throws SenderThere.UnsignedException when no secret can be read
  static Result of(Attempt.Order order, SenderThere there) throws IOException {
    var by = there.by();
    if (order.mail().envelope().internalHop()) {
      return new Result(order, by == null && !there.forwards() ? List.of() : LEFT_ALONE);
    }
    if (by != null) {
      return new SenderSwap(order, there, by).run();
    }
    var old = order.mail().envelope().sender();
    var sender = there.envelope(old);
    if (sender.equals(old)) {
      return new Result(order, List.of());
    }
    return new SenderSwap(order, there, sender).forwarded(sender, old);
  }

  /// The header is read for the guard alone.
  private Result forwarded(Address sender, Address old) throws IOException {
    notes.add("srs: MAIL FROM is " + sender + " in place of " + old);
    place(order.mail().trace(), true);
    place(header(), false);
    alignment("srs", sender);
    return new Result(changed(sender, new byte[0]), notes);
  }

  private Result run() throws IOException {
    var old = order.mail().envelope().sender();
    var sender = there.envelope(old);
    if (!sender.equals(old)) {
      notes.add("replace-sender: MAIL FROM is " + sender + " in place of " + old);
    }
    byte[] header = header();
    place(order.mail().trace(), true);
    place(header, false);
    if (there.replacesInHeader()) {
      replaceAuthors();
    }
    if (sender.equals(old) && inTrace.isEmpty() && inContent.isEmpty() && appended.isEmpty()) {
      return new Result(order, List.of());
    }
    alignment("replace-sender", sender);
    return new Result(changed(sender, header), notes);
  }

  /// The octets that the content begins with, up to the end of the header and on to that of a
  /// chunk.
  private byte[] header() throws UnreadableContentException {
    var read = new ByteArrayOutputStream(0);
    Content content = order.content();
    for (int i = 0; i < content.chunks(); i++) {
      byte[] chunk = Payload.chunk(content, i);
      sizes.add(chunk.length);
      if (i == 0 && HeaderFields.of(chunk, content.chunks() == 1).whole()) {
        return chunk;
      }
      read.writeBytes(chunk);
      if (i > 0 && HeaderFields.of(read.toByteArray(), i + 1 == content.chunks()).whole()) {
        break;
      }
    }
    return read.toByteArray();
  }

  private void place(byte[] octets, boolean trace) {
    for (Field field : HeaderFields.of(octets, true).fields()) {
      fields.add(new Placed(field, octets, trace));
    }
  }

  private List<Placed> named(String name) {
    return fields.stream().filter(each -> each.field.name().equals(name)).toList();
  }

  private void replaceAuthors() {
    List<Placed> from = named("from");
    List<Placed> left = new ArrayList<>(0);
    List<Mailbox> authors = authors(from);
    boolean fine = !authors.isEmpty() && authors.stream().allMatch(this::stays);
    if (!fine) {
      replaceFrom(from, authors);
    }
    for (Placed sender : named("sender")) {
      List<Mailbox> found = authors(List.of(sender));
      if (found.isEmpty() || !found.stream().allMatch(this::stays)) {
        // RFC 5322 3.6.2: a Sender that is the author says nothing.
        edit(sender, sender.field.start(), sender.field.end(), "");
        left.add(sender);
        notes.add("replace-sender: the field Sender is left out, it names another");
      }
    }
    if (there.keeps(X_ORIGINAL_FROM)) {
      keep(from, "X-Original-Sender", left);
    }
    if (!(inTrace.isEmpty() && inContent.isEmpty()) && !named("dkim-signature").isEmpty()) {
      notes.add("replace-sender: the DKIM signature of the mail does not survive this");
    }
  }

  private boolean stays(Mailbox author) {
    return there.takes(author.address());
  }

  /// All that stand in these fields; none when one of the fields cannot be understood.
  private static List<Mailbox> authors(List<Placed> fields) {
    List<Mailbox> all = new ArrayList<>(1);
    for (Placed field : fields) {
      var found = HeaderAddresses.mailboxes(field.value());
      if (found.isEmpty()) {
        return List.of();
      }
      all.addAll(found.get());
    }
    return all;
  }

  private void replaceFrom(List<Placed> from, List<Mailbox> authors) {
    String who =
        authors.isEmpty()
            ? "nobody who could be understood"
            : String.join(", ", authors.stream().map(each -> each.address().toString()).toList());
    notes.add("replace-sender: From is " + by + " in place of " + shown(who));
    if (there.keeps(X_ORIGINAL_FROM)) {
      keep(from, "X-Original-From", from);
    }
    if (there.keeps(REPLY_TO) && named("reply-to").isEmpty() && !authors.isEmpty()) {
      keep(from, "Reply-To", from);
    }
    if (from.isEmpty()) {
      appended += "From: <" + by + ">\r\n";
      return;
    }
    Placed first = from.getFirst();
    if (from.size() == 1 && authors.size() == 1) {
      int at = first.field.value();
      Mailbox author = authors.getFirst();
      edit(first, at + author.start(), at + author.end(), by.toString());
      return;
    }
    edit(first, first.field.start(), first.field.end(), "From: <" + by + ">\r\n");
    from.stream().skip(1).forEach(each -> edit(each, each.field.start(), each.field.end(), ""));
  }

  private static String shown(String text) {
    return text.length() > LINE_MAX ? text.substring(0, LINE_MAX) + "…" : text;
  }

  /// Puts a field with what stood in others in front of From.
  private void keep(List<Placed> from, String name, List<Placed> old) {
    if (old.isEmpty() || !named(name.toLowerCase(Locale.ROOT)).isEmpty()) {
      return;
    }
    String values = String.join(",\r\n\t", old.stream().map(Placed::bare).toList());
    if (values.length() > KEPT_MAX) {
      notes.add("replace-sender: " + name + " is left out, it would be too long");
      return;
    }
    String field = name + ":" + values + "\r\n";
    if (from.isEmpty()) {
      appended += field;
      return;
    }
    Placed first = from.getFirst();
    edit(first, first.field.start(), first.field.start(), field);
  }

  private void edit(Placed placed, int start, int end, String text) {
    (placed.inTrace ? inTrace : inContent).add(Edit.of(start, end, text));
  }

  /// The guard of DMARC: says so where a change parts the envelope from the author.
  private void alignment(String by, Address sender) {
    List<Mailbox> authors = authors(named("from"));
    Optional<Address> author =
        authors.size() == 1 || (authors.isEmpty() && there.replacesInHeader())
            ? Optional.of(authors.isEmpty() ? this.by : there.header(authors.getFirst().address()))
            : Optional.empty();
    if (author.isPresent()
        && !sender.isNull()
        && !Alignment.aligned(sender.domain(), author.get().domain())) {
      notes.add(
          by
              + ": MAIL FROM is of "
              + sender.domain()
              + " and From of "
              + author.get().domain()
              + ": to DMARC only a DKIM signature of the latter counts");
    }
  }

  private Attempt.Order changed(Address sender, byte[] header) {
    Mail mail = order.mail();
    var said = mail.envelope();
    var seen = said.traits();
    inTrace.sort((one, other) -> Integer.compare(one.start(), other.start()));
    inContent.sort((one, other) -> Integer.compare(one.start(), other.start()));
    byte[] trace = Edit.apply(inTrace, mail.trace(), 0);
    if (!appended.isEmpty()) {
      byte[] more = appended.getBytes(StandardCharsets.ISO_8859_1);
      byte[] whole = Arrays.copyOf(trace, trace.length + more.length);
      System.arraycopy(more, 0, whole, trace.length, more.length);
      trace = whole;
    }
    var traits =
        new Envelope.Traits(
            seen.size() + inContent.stream().mapToInt(Edit::growth).sum(),
            seen.eightBit(),
            seen.dotLines(),
            seen.longLines() || longLines(header),
            seen.bareNewlines(),
            seen.endsWithNewline());
    var envelope = said.withSender(sender, traits);
    var content =
        inContent.isEmpty()
            ? order.content()
            : new EditedContent(order.content(), inContent, sizes);
    return new Attempt.Order(
        new Mail(envelope, trace, mail.chunks(), mail.recipients(), mail.states()),
        content,
        order.recipients(),
        order.bulk(),
        order.beforeEnd());
  }

  /// Whether a line has become too long.
  private boolean longLines(byte[] header) {
    return !inContent.isEmpty() && Edit.longLines(Edit.apply(inContent, header, 0));
  }
}
