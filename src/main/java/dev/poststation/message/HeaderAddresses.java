package dev.poststation.message;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds the addresses in a field of addresses such as From (RFC 5322 3.4, 4.4; RFC 6854):
/// mailboxes with and without angle brackets, groups, comments, quoted names, old source routes.
/// What it does not understand as a whole it does not understand at all, for another program might
/// understand it otherwise. Confined to one thread.
public final class HeaderAddresses {
  /// An address, and where it stands in its field.
  ///
  /// @param start of the address: behind the angle bracket, if it has one; with the old route
  /// @param end behind its last character: at the closing bracket
  public record Mailbox(Address address, int start, int end) {}

  private final String text;
  private final int[] places;
  private final boolean octets;
  private final List<Mailbox> found = new ArrayList<>(1);
  private final StringBuilder words = new StringBuilder();
  private int at;
  private boolean gap;
  private boolean apart;
  private boolean closed;
  private boolean group;
  private int wordsStart;
  private int wordsEnd;

  /// @param octets whether each character is an octet of UTF-8
  private HeaderAddresses(String field, boolean octets) {
    this.octets = octets;
    this.places = new int[field.length()];
    var unfolded = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c != '\r' && c != '\n') { // RFC 5322 2.2.3
        places[unfolded.length()] = i;
        unfolded.append(c);
      }
    }
    this.text = unfolded.toString();
  }

  /// All addresses of a field.
  ///
  /// @param text what stands behind the colon; line ends and their white space may still be in it
  /// @return empty when it cannot be understood, or names nobody
  public static Optional<List<Address>> parse(String text) {
    return mailboxes(new HeaderAddresses(text, false))
        .map(found -> found.stream().map(Mailbox::address).toList());
  }

  /// All addresses of a field with their places, which are those of its octets.
  ///
  /// @param field the octets behind the colon, one per character (ISO 8859-1); in addresses they
  ///   are UTF-8
  /// @return empty when it cannot be understood, or names nobody
  public static Optional<List<Mailbox>> mailboxes(String field) {
    return mailboxes(new HeaderAddresses(field, true));
  }

  /// The addresses in angle brackets of a field that cannot be understood as a whole, outside of
  /// quoted strings and comments, with their places. To change them is safe, to go by them is not:
  /// others may read it otherwise.
  ///
  /// @param field as in `mailboxes`
  public static List<Mailbox> bracketed(String field) {
    var broken = new HeaderAddresses(field, true);
    broken.seek();
    return List.copyOf(broken.found);
  }

  /// Goes over each character a few times at most: what is not closed once is not looked for again.
  private void seek() {
    boolean quotes = true;
    boolean comments = true;
    while (at < text.length()) {
      int start = at;
      char c = text.charAt(at);
      if (c == '"' && quotes) {
        quotes = quoted(new StringBuilder());
        at = quotes ? at : start + 1;
      } else if (c == '(' && comments) {
        comments = comment();
        at = comments ? at : start + 1;
      } else if (c == '<') {
        at++;
        while (at < text.length() && text.charAt(at) != '<' && text.charAt(at) != '>') {
          at++;
        }
        if (at < text.length() && text.charAt(at) == '>') {
          address(withoutRoute(text.substring(start + 1, at).strip()), start + 1, at);
        }
      } else {
        at++;
      }
    }
  }

  private static Optional<List<Mailbox>> mailboxes(HeaderAddresses field) {
    return field.read() && !field.found.isEmpty()
        ? Optional.of(List.copyOf(field.found))
        : Optional.empty();
  }

  private boolean read() {
    while (at < text.length()) {
      char c = text.charAt(at);
      boolean good =
          switch (c) {
            case ' ', '\t' -> gap();
            case '(' -> comment();
            case '"' -> quoted(words);
            case '<' -> angle();
            case ',' -> mailbox();
            case ':' -> beginGroup();
            case ';' -> endGroup();
            case '>', ')' -> false;
            default -> word(c);
          };
      if (!good) {
        return false;
      }
    }
    return !group && mailbox();
  }

  private boolean gap() {
    gap = true;
    at++;
    return true;
  }

  private boolean word(char c) {
    if (closed || c < ' ' || c == 127) {
      return false; // Nothing but comments may stand behind the brackets.
    }
    part();
    words.append(c);
    at++;
    wordsEnd = at;
    return true;
  }

  /// Words with a gap between them are a name, no address.
  private void part() {
    boolean joint = c(words.length() - 1) == '.' || c(words.length() - 1) == '@';
    boolean joins = text.charAt(at) == '.' || text.charAt(at) == '@';
    apart |= gap && !words.isEmpty() && !joint && !joins;
    gap = false;
    wordsStart = words.isEmpty() ? at : wordsStart;
  }

  private char c(int index) {
    return index < 0 ? ' ' : words.charAt(index);
  }

  /// RFC 5322 3.2.2: comments nest.
  private boolean comment() {
    int depth = 0;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\\') {
        at++;
      } else if (c == '(') {
        depth++;
      } else if (c == ')' && --depth == 0) {
        gap = true;
        return true;
      }
    }
    return false;
  }

  private boolean quoted(StringBuilder into) {
    if (into == words) {
      if (closed) {
        return false;
      }
      part();
    }
    int start = at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '\\') {
        at++;
      } else if (c == '"') {
        into.append(text, start, at);
        wordsEnd = into == words ? at : wordsEnd;
        return true;
      }
    }
    return false;
  }

  private boolean angle() {
    if (closed) {
      return false;
    }
    int start = ++at;
    var inner = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '>') {
        closed = true;
        return address(withoutRoute(inner.toString()), start, at++);
      }
      if (c == '"') {
        if (!quoted(inner)) {
          return false;
        }
      } else if (c == '(') {
        if (!comment()) {
          return false;
        }
      } else {
        if (c != ' ' && c != '\t') {
          inner.append(c);
        }
        at++;
      }
    }
    return false;
  }

  /// RFC 5322 4.4: `<@a.example,@b.example:user@c.example>`.
  private static String withoutRoute(String inner) {
    int colon = inner.startsWith("@") ? inner.indexOf(':') : -1;
    return inner.substring(colon + 1);
  }

  private boolean address(String mailbox, int start, int end) {
    String characters = octets ? HeaderFields.utf8(mailbox) : mailbox;
    Optional<Address> address = AddressParser.parse(characters);
    // Behind its last character: a fold may stand before the next one.
    address.ifPresent(
        each -> found.add(new Mailbox(each, places[start], places[Math.max(start, end - 1)] + 1)));
    return address.isPresent();
  }

  /// One mailbox has ended. Empty ones are obsolete, and legal (RFC 5322 4.4).
  private boolean mailbox() {
    boolean good =
        closed || words.isEmpty() || (!apart && address(words.toString(), wordsStart, wordsEnd));
    at++;
    words.setLength(0);
    gap = false;
    apart = false;
    closed = false;
    return good;
  }

  private boolean beginGroup() {
    if (group || closed || words.isEmpty()) {
      return false;
    }
    group = true;
    words.setLength(0);
    apart = false;
    gap = false;
    at++;
    return true;
  }

  private boolean endGroup() {
    boolean good = group && mailbox();
    group = false;
    return good;
  }
}
