package dev.poststation.delivery;

import dev.poststation.message.AddressPatterns;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.HeaderFields;
import dev.poststation.message.HeaderFields.Field;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A mail as Microsoft Graph sends it: there is no envelope, it goes to whom the header names. So
/// the header has to name those of the envelope and nobody else. Who is named and is none of them
/// is taken out of To and Cc, which stay as X-Original-To and X-Original-Cc; who is not named gets
/// a blind copy. Immutable.
///
/// @param octets the whole mail
/// @param notes what was changed, for the trace
record GraphMail(byte[] octets, List<String> notes) {
  GraphMail {
    notes = List.copyOf(notes);
  }

  /// Makes it of a mail that is small enough to be held.
  ///
  /// @param recipients who gets it
  /// @throws IOException when our spool cannot read the content
  static GraphMail of(Attempt.Order order, List<Recipient> recipients) throws IOException {
    var whole = new ByteArrayOutputStream((int) order.mail().size());
    Payload.plain(order.mail(), order.content()).send(whole::write);
    return of(whole.toByteArray(), recipients.stream().map(Recipient::address).toList());
  }

  static GraphMail of(byte[] written, List<Address> recipients) {
    byte[] octets = withoutBareLineEnds(written);
    Map<String, Address> unnamed = new LinkedHashMap<>();
    recipients.forEach(each -> unnamed.putIfAbsent(AddressPatterns.mailboxKey(each), each));
    var meant = Map.copyOf(unnamed);
    List<String> notes = new ArrayList<>();
    var out = new ByteArrayOutputStream(octets.length + 1024);
    int copied = 0;
    int end = 0;
    for (var field : HeaderFields.of(octets, true).fields()) {
      end = field.end();
      boolean names = field.name().equals("to") || field.name().equals("cc");
      if (!names && !field.name().equals("bcc")) {
        continue;
      }
      out.write(octets, copied, field.start() - copied);
      copied = field.end();
      if (names) {
        named(octets, field, meant, unnamed, out, notes);
      }
    }
    out.write(octets, copied, end - copied);
    if (end > 0 && octets[end - 1] != '\n') {
      write(out, "\r\n");
    }
    if (!unnamed.isEmpty()) {
      write(out, "Bcc: " + list(unnamed.values().stream().toList()) + "\r\n");
      notes.add(
          unnamed.size()
              + (unnamed.size() == 1 ? " recipient is" : " recipients are")
              + " not named in To or Cc, and put into Bcc: Graph sends to whom the header names");
    }
    if (!emptyLine(octets, end)) {
      write(out, "\r\n");
      notes.add("an empty line now ends the header, so that nobody reads recipients behind it");
    }
    out.write(octets, end, octets.length - end);
    return new GraphMail(out.toByteArray(), notes);
  }

  /// What others may take for the end of a line in the header becomes one: the same fields are
  /// there for them and for us then.
  private static byte[] withoutBareLineEnds(byte[] octets) {
    var fields = HeaderFields.of(octets, true).fields();
    int end = fields.isEmpty() ? 0 : fields.getLast().end();
    var out = new ByteArrayOutputStream(octets.length + 16);
    for (int at = 0; at < end; at++) {
      boolean closed = at + 1 < octets.length && octets[at + 1] == '\n';
      if (octets[at] == '\n' || (octets[at] == '\r' && !closed)) {
        write(out, "\r\n");
      } else if (octets[at] != '\r') {
        out.write(octets[at]);
      }
    }
    out.write(octets, end, octets.length - end);
    return out.toByteArray();
  }

  private static boolean emptyLine(byte[] octets, int at) {
    int line = at < octets.length && octets[at] == '\r' ? at + 1 : at;
    return line < octets.length && octets[line] == '\n';
  }

  /// A field To or Cc.
  private static void named(
      byte[] octets,
      Field field,
      Map<String, Address> meant,
      Map<String, Address> unnamed,
      ByteArrayOutputStream out,
      List<String> notes) {
    List<Address> there = new ArrayList<>();
    var mailboxes = HeaderAddresses.mailboxes(field.raw(octets));
    mailboxes.ifPresent(all -> all.forEach(each -> there.add(each.address())));
    if (mailboxes.isPresent()
        && there.stream().allMatch(each -> meant.containsKey(AddressPatterns.mailboxKey(each)))) {
      out.write(octets, field.start(), field.end() - field.start());
      there.forEach(each -> unnamed.remove(AddressPatterns.mailboxKey(each)));
      return;
    }
    String name = field.name().equals("to") ? "To" : "Cc";
    write(out, "X-Original-" + name + ":");
    out.write(octets, field.value(), field.end() - field.value());
    var left =
        there.stream()
            .filter(each -> meant.containsKey(AddressPatterns.mailboxKey(each)))
            .distinct()
            .toList();
    left.forEach(each -> unnamed.remove(AddressPatterns.mailboxKey(each)));
    if (!left.isEmpty()) {
      write(out, name + ": " + list(left) + "\r\n");
    }
    notes.add(
        name
            + " names others than the recipients of this mail, who are taken out of it (it stays as"
            + " X-Original-"
            + name
            + "): Graph sends to whom the header names");
  }

  private static String list(List<Address> addresses) {
    return addresses.stream().map(each -> "<" + each + ">").collect(Collectors.joining(",\r\n "));
  }

  private static void write(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }
}
