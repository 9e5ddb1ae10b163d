package dev.poststation.config;

import java.util.List;

/// Who may relay: an entry of `clients`.
///
/// @param networks it applies to clients from here
/// @param bareNewlines what to do about CR or LF alone in DATA
/// @param straySpace whether `MAIL FROM: <…>` with a space, as old devices send it, is understood
/// @param hideAddress whether Received leaves out the client's name and address
/// @param addMissingHeaders whether missing Date and Message-ID are added
/// @param refuseNullMx whether a sender whose domain takes no mail is refused
public record ClientRule(
    String name,
    List<Cidr> networks,
    BareNewlines bareNewlines,
    boolean straySpace,
    boolean hideAddress,
    boolean addMissingHeaders,
    boolean refuseNullMx,
    Origin origin) {
  public ClientRule {
    networks = List.copyOf(networks);
  }

  static ClientRule read(Section in) {
    in.later(
        "senders",
        "otherwise",
        "profile",
        "rate",
        "auth",
        "host",
        "certificates",
        "users",
        "radius");
    String name =
        in.required(
            "name",
            Kinds.NAME,
            "?",
            "lan",
            """
            What the entry is called in log, trace and `routes`.
            """);
    List<Cidr> networks =
        in.list(
            "networks",
            Kinds.NETWORK,
            Standard.emptyList("none; they must be written", "10.0.0.0/8", "2001:db8:1::/48"),
            """
            The networks, or single addresses, from which clients may relay. Nobody else may.
            """);
    if (networks.isEmpty() && !in.refused("networks") && !in.reading().documenting()) {
      in.error(
          "networks",
          "client " + name + " has no networks and matches nobody",
          "write, for example, networks = [\"10.0.0.0/8\"]");
    }
    return new ClientRule(
        name,
        networks,
        bareNewlines(in),
        straySpace(in),
        hideAddress(in),
        addHeaders(in),
        refuseNullMx(in),
        in.origin());
  }

  private static BareNewlines bareNewlines(Section in) {
    return in.read(
        "bare-newlines",
        Kinds.choice(BareNewlines.class),
        "refuse",
        """
        What is done about a mail with CR or LF alone: `refuse` it with 5.6.11, or `normalise` them
        to CRLF; then LF ends a command line, too. Refusing is the default, because such mail can smuggle a second one past a filter;
        normalise for a device that cannot do better.
        """);
  }

  private static boolean straySpace(Section in) {
    return in.read(
        "stray-space",
        Kinds.FLAG,
        "off",
        """
        Whether a space after the colon is understood, as in `MAIL FROM: <…>`. RFC 5321 3.3 forbids
        it, but old devices send it.
        """);
  }

  private static boolean hideAddress(Section in) {
    return in.read(
        "hide-address",
        Kinds.FLAG,
        "off",
        """
        Whether the Received field leaves out the client's name and address, so that the inside of a
        network is not told to the world. Off, because they are what one looks for when a mail must
        be traced.
        """);
  }

  private static boolean addHeaders(Section in) {
    return in.read(
        "add-missing-headers",
        Kinds.FLAG,
        "on",
        """
        Whether a Date or Message-ID field is added where it is missing (RFC 6409 8): receivers take
        mail without them for junk, and devices tend to forget them.
        """);
  }

  private static boolean refuseNullMx(Section in) {
    return in.read(
        "refuse-null-mx",
        Kinds.FLAG,
        "off",
        """
        Whether a sender is refused with 550 5.7.27 when his domain says that it takes no mail (RFC
        7505 4.2): nobody could answer, and no notice would reach him. Off, because the DNS is asked
        at MAIL, so that a slow name server holds up the client; when it does not answer, the mail
        is taken.
        """);
  }

  /// What to do about CR or LF alone in DATA.
  public enum BareNewlines {
    /// Refuse the mail with 5.6.11.
    REFUSE,
    /// Make CRLF of them.
    NORMALISE
  }
}
