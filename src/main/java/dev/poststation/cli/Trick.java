package dev.poststation.cli;

import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// A way in which strangers have got servers to relay for them. Immutable.
///
/// @param name what the report calls it
/// @param lines what is said, one line after the other; the reply to the last one decides
record Trick(String name, Way way, List<String> lines) {
  /// Whom the mail would be for. The name is reserved (RFC 2606), and no mail is sent.
  static final String TO = "open-relay-test@example.org";

  static final String FROM = "open-relay-test@example.net";
  static final String HELLO = "EHLO open-relay-test.example.net";

  /// `open-relay-test`, with a password of the same kind.
  private static final String LOGIN = "AUTH PLAIN AG9wZW4tcmVsYXktdGVzdABvcGVuLXJlbGF5LXRlc3Q=";

  /// How a session comes to the point where the lines are said.
  enum Way {
    /// After the greeting; encrypted only where the listener takes nothing else.
    USUAL,
    /// After the greeting, and never encrypted.
    IN_CLEAR,
    /// After STARTTLS, where the listener does not demand it.
    ENCRYPTED,
    /// The first line is said before the greeting.
    BEFORE_GREETING,
    /// The lines are sent together with STARTTLS, in clear: nobody may take them for encrypted.
    BEHIND_STARTTLS
  }

  Trick {
    lines = List.copyOf(lines);
  }

  /// Whether a server may well hang up on it, and think ill of the address for a while.
  boolean rude() {
    return way == Way.BEFORE_GREETING
        || way == Way.BEHIND_STARTTLS
        || lines.getFirst().startsWith("PROXY");
  }

  /// All of them, the rude ones last.
  ///
  /// @param hostname what the relay calls itself
  /// @param at where it listens
  /// @param names names of clients, for EHLO
  /// @param client an address that may relay, to be claimed
  static List<Trick> against(
      String hostname, InetAddress at, List<String> names, InetAddress client) {
    int dot = hostname.indexOf('.');
    String ours = hostname.indexOf('.', dot + 1) > 0 ? hostname.substring(dot + 1) : hostname;
    String literal = literal(at);
    List<Trick> all = new ArrayList<>();
    all.add(usual("plain: to a foreign domain", FROM, TO));
    all.add(usual("the null sender", "", TO));
    all.add(usual("a sender of our own domain", "postmaster@" + ours, TO));
    all.add(usual("a sender with our own name", "postmaster@" + hostname, TO));
    all.add(usual("a sender with our address literal", "postmaster@" + literal, TO));
    all.add(usual("a sender without domain", "postmaster", TO));
    all.add(usual("user%foreign@ours", FROM, "open-relay-test%example.org@" + hostname));
    all.add(usual("user%foreign@[address]", FROM, "open-relay-test%example.org@" + literal));
    all.add(usual("user%foreign, without domain", FROM, "open-relay-test%example.org"));
    all.add(usual("foreign!user@ours", FROM, "example.org!open-relay-test@" + hostname));
    all.add(usual("foreign!user", FROM, "example.org!open-relay-test"));
    all.add(usual("source route @ours:user@foreign", FROM, "@" + hostname + ":" + TO));
    all.add(usual("source route @a,@b:user@foreign", FROM, "@" + ours + ",@example.net:" + TO));
    all.add(usual("\"user@foreign\"@ours", FROM, "\"" + TO + "\"@" + hostname));
    all.add(usual("\"user@foreign\", without domain", FROM, "\"" + TO + "\""));
    all.add(usual("\"user%foreign\"@ours", FROM, "\"open-relay-test%example.org\"@" + hostname));
    all.add(usual("user@foreign@ours", FROM, TO + "@" + hostname));
    all.add(usual("a foreign address literal", FROM, "open-relay-test@[198.51.100.1]"));
    all.add(
        new Trick(
            "a recipient without <>",
            Way.USUAL,
            List.of(HELLO, "MAIL FROM:<" + FROM + ">", "RCPT TO:" + TO)));
    all.add(mail("HELO with the relay's own name", Way.USUAL, "HELO " + hostname));
    all.add(mail("EHLO localhost", Way.USUAL, "EHLO localhost"));
    for (String name : names) {
      all.add(mail("EHLO with the name of a client: " + name, Way.USUAL, "EHLO " + name));
    }
    all.add(mail("XCLIENT with a client's address", Way.USUAL, HELLO, xclient(client), HELLO));
    all.add(mail("XCLIENT with a user", Way.USUAL, HELLO, "XCLIENT LOGIN=postmaster", HELLO));
    all.add(
        mail(
            "XFORWARD with a client's address",
            Way.USUAL,
            HELLO,
            xclient(client).replace("XCLIENT", "XFORWARD")));
    all.add(new Trick("AUTH in clear", Way.IN_CLEAR, List.of(HELLO, LOGIN)));
    all.add(mail("after STARTTLS", Way.ENCRYPTED, HELLO));
    String header = header(client, at);
    all.add(mail("a PROXY header after the greeting", Way.USUAL, header, HELLO));
    all.add(mail("a PROXY header before the greeting", Way.BEFORE_GREETING, header, HELLO));
    all.add(mail("commands before the greeting", Way.BEFORE_GREETING, HELLO));
    all.add(mail("commands behind STARTTLS", Way.BEHIND_STARTTLS, HELLO));
    return all;
  }

  private static Trick usual(String name, String from, String to) {
    return new Trick(
        name, Way.USUAL, List.of(HELLO, "MAIL FROM:<" + from + ">", "RCPT TO:<" + to + ">"));
  }

  private static Trick mail(String name, Way way, String... before) {
    List<String> lines = new ArrayList<>(List.of(before));
    lines.add("MAIL FROM:<" + FROM + ">");
    lines.add("RCPT TO:<" + TO + ">");
    return new Trick(name, way, lines);
  }

  /// RFC 5321 4.1.3.
  private static String literal(InetAddress address) {
    return (ipv6(address) ? "[IPv6:" : "[") + IpText.of(address) + "]";
  }

  private static String xclient(InetAddress client) {
    return "XCLIENT ADDR=" + (ipv6(client) ? "IPV6:" : "") + IpText.of(client);
  }

  private static String header(InetAddress client, InetAddress at) {
    return ipv6(client) == ipv6(at)
        ? "PROXY TCP"
            + (ipv6(at) ? "6 " : "4 ")
            + IpText.of(client)
            + " "
            + IpText.of(at)
            + " 40000 25"
        : "PROXY UNKNOWN";
  }

  private static boolean ipv6(InetAddress address) {
    return address.getAddress().length == 16;
  }
}
