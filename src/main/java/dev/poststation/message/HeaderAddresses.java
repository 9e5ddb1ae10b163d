package dev.poststation.message;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds the addresses in a From field (RFC 5322 3.4, 4.4; RFC 6854): mailboxes with and without
/// angle brackets, groups, comments, quoted names, old source routes. What it does not understand
/// as a whole it does not understand at all, for another program might understand it otherwise.
/// Confined to one thread.
public final class HeaderAddresses {
  private final String text;
  private final List<Address> found = new ArrayList<>(1);
  private final StringBuilder words = new StringBuilder();
  private int at;
  private boolean gap;
  private boolean apart;
  private boolean closed;
  private boolean group;

  private HeaderAddresses(String text) {
    this.text = text;
  }

  /// All addresses of a field.
  ///
  /// @param text what stands behind the colon; line ends and their white space may still be in it
  /// @return empty when it cannot be understood, or names nobody
  public static Optional<List<Address>> parse(String text) {
    var field =
        new HeaderAddresses(text.replace("\r", "").replace("\n", "")); // RFC 5322 2.2.3: unfolded
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
    return true;
  }

  /// Words with a gap between them are a name, no address.
  private void part() {
    boolean joint = c(words.length() - 1) == '.' || c(words.length() - 1) == '@';
    boolean joins = text.charAt(at) == '.' || text.charAt(at) == '@';
    apart |= gap && !words.isEmpty() && !joint && !joins;
    gap = false;
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
        return true;
      }
    }
    return false;
  }

  private boolean angle() {
    if (closed) {
      return false;
    }
    at++;
    var inner = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '>') {
        at++;
        closed = true;
        return address(withoutRoute(inner.toString()));
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

  private boolean address(String mailbox) {
    Optional<Address> address = AddressParser.parse(mailbox);
    address.ifPresent(found::add);
    return address.isPresent();
  }

  /// One mailbox has ended. Empty ones are obsolete, and legal (RFC 5322 4.4).
  private boolean mailbox() {
    boolean good = closed || words.isEmpty() || (!apart && address(words.toString()));
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
