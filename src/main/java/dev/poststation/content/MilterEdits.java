package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.HeaderFields;
import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.milter.Change;
import dev.poststation.milter.Conversation;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.CommandParser;
import dev.poststation.smtp.PeerText;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Does to a mail what a milter wants, in the order in which it said so, as Postfix does: the
/// number of a field is that among those that there are then. What makes no sense is not done, and
/// the service has failed: half of what a filter wants may be worse than nothing. Confined to one
/// thread.
final class MilterEdits {
  private static final int TOLD_MAX = 20;

  /// Nobody writes lists of recipients by milters.
  private static final int RECIPIENTS_MAX = 1000;

  private static final int NAME_MAX = 100;

  private final Message message;
  private final Facts facts;
  private final List<Line> lines = new ArrayList<>();
  private final List<String> told = new ArrayList<>();
  private final List<Recipient> added = new ArrayList<>();
  private final List<Address> removed = new ArrayList<>();
  private @Nullable ReversePath sender;
  private @Nullable ByteArrayOutputStream body;
  private @Nullable String quarantine;
  private boolean headerChanged;

  /// A field.
  ///
  /// @param name in lower case; empty: it does not count, for the milter has not seen it
  private record Line(String name, byte[] octets) {}

  private MilterEdits(Message message, Facts facts) {
    this.message = message;
    this.facts = facts;
    byte[] header = message.header();
    boolean ours = true;
    int at = 0;
    for (var field : message.fields().fields()) {
      if (field.start() > at) {
        lines.add(new Line("", Arrays.copyOfRange(header, at, field.start())));
      }
      boolean hidden = ours && field.name().equals("received");
      ours &= !hidden;
      at = field.end();
      lines.add(
          new Line(hidden ? "" : field.name(), Arrays.copyOfRange(header, field.start(), at)));
    }
    if (at < header.length) {
      lines.add(new Line("", Arrays.copyOfRange(header, at, header.length)));
    }
  }

  /// What becomes of a mail at whose end a milter has nothing against it.
  static Finding of(Conversation.Ended ended, Message message, Facts facts)
      throws ServiceException {
    var edits = new MilterEdits(message, facts);
    for (var change : ended.changes()) {
      edits.make(change);
    }
    return edits.finding(ended.unasked());
  }

  /// What stands behind the colon of a field, without its last line end.
  static byte[] value(byte[] header, HeaderFields.Field field) {
    int end = field.end();
    if (end > field.value() && header[end - 1] == '\n') {
      end--;
    }
    if (end > field.value() && header[end - 1] == '\r') {
      end--;
    }
    return Arrays.copyOfRange(header, field.value(), end);
  }

  private void make(Change change) throws ServiceException {
    switch (change) {
      case Change.AddField(String name, String value) -> {
        insert(lines.size(), name, value);
        tell("+" + name);
      }
      case Change.InsertField(int index, String name, String value) -> {
        insert(place(index), name, value);
        tell("+" + name);
      }
      case Change.ChangeField(int index, String name, String value) -> change(index, name, value);
      case Change.ReplaceBody(byte[] octets) -> {
        if (body == null) {
          body = new ByteArrayOutputStream(octets.length);
          tell("=body");
        }
        body.writeBytes(octets);
      }
      case Change.ChangeSender(String path, String parameters) -> sender(path, parameters);
      case Change.AddRecipient(String path, String parameters) -> {
        var said = rcpt(path, parameters);
        if (added.size() == RECIPIENTS_MAX) {
          throw cannot("adds more than " + RECIPIENTS_MAX + " recipients");
        }
        removed.removeIf(each -> each.isSameMailbox(said.to()));
        added.add(new Recipient(added.size(), said.to(), said.notifyOn(), said.orcpt()));
        tell("+<" + said.to() + ">");
      }
      case Change.RemoveRecipient(String path) -> remove(rcpt(path, "").to());
      case Change.Quarantine(String reason) -> quarantine = PeerText.of(reason);
    }
  }

  private void tell(String what) {
    if (told.size() <= TOLD_MAX) {
      told.add(told.size() == TOLD_MAX ? "…" : PeerText.of(what));
    }
  }

  private static ServiceException cannot(String what) {
    return ServiceException.atThisMail("the milter " + what);
  }

  // --- The header
  // ----------------------------------------------------------------------------------

  /// 0 is in front of all; for 1, Sendmail counts its own Received field as the first one.
  private int place(int index) {
    if (index <= 0) {
      return 0;
    }
    int seen = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).name.isEmpty() && ++seen == index) {
        return i;
      }
    }
    return lines.size();
  }

  private void insert(int place, String name, String value) throws ServiceException {
    lines.add(place, line(name, value));
    headerChanged = true;
  }

  private void change(int index, String name, String value) throws ServiceException {
    String wanted = name.toLowerCase(Locale.ROOT);
    int seen = 0;
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).name.equals(wanted) && ++seen >= index) {
        headerChanged = true;
        if (value.isEmpty()) {
          lines.remove(i);
          tell("-" + name);
        } else {
          lines.set(i, line(name, value));
          tell("=" + name);
        }
        return;
      }
    }
    if (!value.isEmpty()) { // As with Sendmail: there is none to change, so it is added.
      insert(lines.size(), name, value);
      tell("+" + name);
    }
  }

  private static Line line(String name, String value) throws ServiceException {
    if (!FieldEdits.isName(name)) {
      throw cannot("names a field \"" + PeerText.of(cut(name)) + "\", which cannot be");
    }
    String text = name + ":" + folded(value) + "\r\n";
    return new Line(name.toLowerCase(Locale.ROOT), text.getBytes(ISO_8859_1));
  }

  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), NAME_MAX));
  }

  /// With CRLF between two lines and white space behind it: else a text could begin another field,
  /// or the body.
  private static String folded(String value) {
    var text = new StringBuilder(value.length() + 8);
    for (String line : value.split("\r\n|\r|\n", -1)) {
      String clean = line.replace("\0", "").stripTrailing();
      if (!clean.isBlank()) {
        boolean begins = clean.startsWith(" ") || clean.startsWith("\t");
        String between = text.isEmpty() ? (begins ? "" : " ") : begins ? "\r\n" : "\r\n\t";
        text.append(between).append(clean);
      }
    }
    return text.toString();
  }

  // --- The envelope
  // --------------------------------------------------------------------------------

  private static byte[] command(String verb, String path, String parameters) {
    String angled = path.startsWith("<") ? path : "<" + path + ">";
    return (verb + angled + (parameters.isBlank() ? "" : " " + parameters.strip())).getBytes(UTF_8);
  }

  private CommandParser.Options options() {
    return new CommandParser.Options(false, international());
  }

  private boolean international() {
    return facts.source().protocol().startsWith("UTF8");
  }

  private void sender(String path, String parameters) throws ServiceException {
    boolean declared = parameters.toUpperCase(Locale.ROOT).contains("SMTPUTF8");
    String all = international() && !declared ? parameters + " SMTPUTF8" : parameters;
    byte[] line = command("MAIL FROM:", path, all);
    if (CommandParser.parse(line, 0, line.length, options()) instanceof Command.Mail said
        && (international() || !said.from().isInternational())) {
      sender = new ReversePath(said.from(), said.ret(), said.envid());
      tell("from <" + said.from() + ">");
    } else {
      throw cannot(
          "names a sender " + PeerText.of(cut(path + " " + parameters)) + ", which is none");
    }
  }

  private Command.Rcpt rcpt(String path, String parameters) throws ServiceException {
    byte[] line = command("RCPT TO:", path, parameters);
    if (CommandParser.parse(line, 0, line.length, options()) instanceof Command.Rcpt said) {
      var to = said.to();
      return to.domain().isEmpty() // <Postmaster> (RFC 5321 4.1.1.3)
          ? new Command.Rcpt(
              new Address(to.local(), facts.hostname()), said.notifyOn(), said.orcpt())
          : said;
    }
    throw cannot(
        "names a recipient " + PeerText.of(cut(path + " " + parameters)) + ", which is none");
  }

  private void remove(Address to) {
    added.removeIf(each -> each.address().isSameMailbox(to));
    removed.add(to);
    tell("-<" + to + ">");
  }

  // --- The end
  // -------------------------------------------------------------------------------------

  private Finding finding(int unasked) {
    var changed = message();
    var envelope = new EnvelopeChange(sender, added, removed);
    var why = new StringBuilder(told.isEmpty() ? "the milter has nothing against it" : "");
    why.append(String.join(", ", told));
    if (unasked > 0) {
      why.append("; not done, for effect = looks: ").append(unasked).append(" changes");
    }
    String keep = quarantine == null ? null : "the milter says quarantine: " + quarantine;
    if (!envelope.isNothing()) {
      return new Finding.Rerouted(
          changed == null ? message : changed,
          envelope,
          keep,
          keep == null ? why.toString() : keep + "; " + why);
    }
    if (keep != null) {
      return new Finding.Quarantined(keep, changed);
    }
    return changed == null
        ? new Finding.Unchanged(why.toString())
        : new Finding.Changed(changed, why.toString());
  }

  private @Nullable Message message() {
    var now = message;
    if (headerChanged || body != null) {
      now = now.withHeader(header());
    }
    if (body != null) {
      now = now.withBody(Octets.of(withLineEnds(body.toByteArray())));
    }
    return headerChanged || body != null ? now : null;
  }

  /// The last line of a mail without a body may lack its end, which it needs in front of another.
  private byte[] header() {
    var header = new ByteArrayOutputStream(message.header().length + 256);
    for (int i = 0; i < lines.size(); i++) {
      byte[] octets = lines.get(i).octets;
      header.writeBytes(octets);
      boolean last = i == lines.size() - 1 && body == null;
      if (!last && octets.length > 0 && octets[octets.length - 1] != '\n') {
        header.writeBytes(new byte[] {'\r', '\n'});
      }
    }
    return header.toByteArray();
  }

  /// CR or LF alone never goes on (RFC 5321 2.3.8).
  private static byte[] withLineEnds(byte[] octets) {
    var clean = new ByteArrayOutputStream(octets.length + 64);
    for (int i = 0; i < octets.length; i++) {
      byte octet = octets[i];
      if (octet == '\r' || octet == '\n') {
        clean.write('\r');
        clean.write('\n');
        i += octet == '\r' && i + 1 < octets.length && octets[i + 1] == '\n' ? 1 : 0;
      } else {
        clean.write(octet);
      }
    }
    return clean.toByteArray();
  }
}
