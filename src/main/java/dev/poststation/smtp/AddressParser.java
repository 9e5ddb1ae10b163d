package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Parses mailboxes and paths (RFC 5321 4.1.2, RFC 6531 3.3). Safe for any thread.
///
/// Addresses are kept as they were written: neither quoting nor case is changed, since only the
/// domain that is responsible for a local part knows what it means (RFC 5321 2.3.11). Source routes
/// are read and forgotten (RFC 5321 C), a dot at the end of a domain is dropped.
///
/// A local part may be longer than 64 octets: RFC 5321 4.5.3.1.1 says what everybody must take, and
/// the addresses of VERP, SRS and BATV, which carry another address within, need more. What bounds
/// it is the length of the path.
public final class AddressParser {
  private static final int DOMAIN_MAX = 255; // RFC 5321 4.5.3.1.2
  private static final int PATH_MAX = 256; // RFC 5321 4.5.3.1.3, with the brackets

  private AddressParser() {}

  /// What a path was found to be.
  enum Finding {
    /// A path.
    PATH,
    /// No angle bracket where one belongs.
    NO_BRACKET,
    /// No path.
    MALFORMED,
    /// A path, but longer than allowed.
    TOO_LONG
  }

  /// A path that was read.
  ///
  /// @param address the null reverse-path unless `finding` is `PATH`
  /// @param end behind the closing bracket
  record Path(Finding finding, Address address, int end) {
    private static Path none(Finding finding) {
      return new Path(finding, Address.NULL, 0);
    }
  }

  /// Parses `local@domain`, without angle brackets, as people write it in configuration and on the
  /// command line.
  public static Optional<Address> parse(String mailbox) {
    byte[] octets = mailbox.getBytes(StandardCharsets.UTF_8);
    if (octets.length > PATH_MAX - 2 || !isPrintable(mailbox)) {
      return Optional.empty();
    }
    Path path = mailbox(octets, 0, octets.length);
    boolean whole = path.finding() == Finding.PATH && path.end() == octets.length;
    return whole ? Optional.of(path.address()) : Optional.empty();
  }

  /// `<user@domain>`, as logs and reports have it, is `user@domain`; `<>` stays.
  public static String withoutBrackets(String path) {
    return path.length() > 2 && path.startsWith("<") && path.endsWith(">")
        ? path.substring(1, path.length() - 1)
        : path;
  }

  /// Whether it is a domain name (RFC 5321 4.1.2, RFC 6531), without dot at the end.
  public static boolean isDomain(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    return octets.length <= DOMAIN_MAX
        && isPrintable(text)
        && !text.endsWith(".")
        && PathSyntax.domain(octets, 0, octets.length) == octets.length;
  }

  /// Whether text has neither control characters nor line separators nor half a surrogate pair.
  static boolean isPrintable(String text) {
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      int type = Character.getType(codePoint);
      if (type == Character.CONTROL
          || type == Character.SURROGATE
          || type == Character.LINE_SEPARATOR
          || type == Character.PARAGRAPH_SEPARATOR) {
        return false;
      }
      i += Character.charCount(codePoint);
    }
    return true;
  }

  /// Reads `<…>` from the beginning of a range of valid UTF-8.
  ///
  /// @param forward whether it is a forward-path, which may be `<Postmaster>` but not `<>`
  static Path path(byte[] octets, int from, int to, boolean forward) {
    if (from == to || octets[from] != '<') {
      return Path.none(Finding.NO_BRACKET);
    }
    int begin = from + 1;
    if (begin < to && octets[begin] == '>') {
      return forward
          ? Path.none(Finding.MALFORMED)
          : new Path(Finding.PATH, Address.NULL, begin + 1);
    }
    if (forward && Octets.startsWith(octets, begin, to, "POSTMASTER>")) {
      int end = begin + "POSTMASTER".length();
      var postmaster = new Address(Octets.text(octets, begin, end), "");
      return new Path(Finding.PATH, postmaster, end + 1);
    }
    if (begin < to && octets[begin] == '@') {
      begin = sourceRoute(octets, begin, to);
      if (begin == PathSyntax.NONE) {
        return Path.none(Finding.MALFORMED);
      }
    }
    Path mailbox = mailbox(octets, begin, to);
    if (mailbox.finding() != Finding.PATH) {
      return mailbox;
    }
    int end = mailbox.end();
    if (end == to) {
      return Path.none(Finding.NO_BRACKET);
    }
    if (octets[end] != '>') {
      return Path.none(Finding.MALFORMED);
    }
    return end + 1 - from > PATH_MAX
        ? Path.none(Finding.TOO_LONG)
        : new Path(Finding.PATH, mailbox.address(), end + 1);
  }

  /// A-d-l = At-domain *( "," At-domain ), and the colon behind it.
  private static int sourceRoute(byte[] octets, int from, int to) {
    int at = from;
    while (true) {
      if (at == to || octets[at] != '@') {
        return PathSyntax.NONE;
      }
      at = PathSyntax.domain(octets, at + 1, to);
      if (at == PathSyntax.NONE || at == to) {
        return PathSyntax.NONE;
      }
      if (octets[at] == ':') {
        return at + 1;
      }
      if (octets[at] != ',') {
        return PathSyntax.NONE;
      }
      at++;
    }
  }

  /// Mailbox = Local-part "@" ( Domain / address-literal ).
  private static Path mailbox(byte[] octets, int from, int to) {
    int at = PathSyntax.localPart(octets, from, to);
    if (at == PathSyntax.NONE || at == to || octets[at] != '@') {
      return Path.none(Finding.MALFORMED);
    }
    int begin = at + 1;
    int end =
        begin < to && octets[begin] == '['
            ? PathSyntax.addressLiteral(octets, begin, to)
            : PathSyntax.domain(octets, begin, to);
    if (end == PathSyntax.NONE) {
      return Path.none(Finding.MALFORMED);
    }
    int last = octets[end - 1] == '.' ? end - 1 : end;
    if (last - begin > DOMAIN_MAX) {
      return Path.none(Finding.TOO_LONG);
    }
    var address = new Address(Octets.text(octets, from, at), Octets.text(octets, begin, last));
    return new Path(Finding.PATH, address, end);
  }
}
