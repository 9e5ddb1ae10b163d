package dev.poststation.config;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Who may relay, and what: an entry of `clients`.
///
/// @param when who it is for
/// @param terms what they may send
/// @param bareNewlines what to do about CR or LF alone in DATA
/// @param straySpace whether `MAIL FROM: <…>` with a space, as old devices send it, is understood
/// @param tolerate what is refused to others, but not to clients from its place
/// @param hideAddress whether Received leaves out the client's name and address
/// @param addMissingHeaders whether missing Date and Message-ID are added
/// @param refuseNullMx whether a sender whose domain takes no mail is refused
/// @param precedence before which other mail its mail goes
/// @param zone where its mail comes from, whatever listener it came to; empty: the listener says
/// @param profile what is done about a device that is not as it always was
/// @param exchange addresses and domains of the Exchange organisation that its clients are servers
///   of; empty: they are none
/// @param comment what people should know of it; may be empty
/// @param owner whom to ask about it; may be empty
public record ClientRule(
    String name,
    ClientConditions when,
    ClientTerms terms,
    BareNewlines bareNewlines,
    boolean straySpace,
    Set<Tolerance> tolerate,
    boolean hideAddress,
    boolean addMissingHeaders,
    boolean refuseNullMx,
    Precedence precedence,
    String zone,
    Profile profile,
    List<String> exchange,
    String comment,
    String owner,
    Origin origin) {
  public ClientRule {
    tolerate = Set.copyOf(tolerate);
    exchange = List.copyOf(exchange);
  }

  /// An entry for those of some networks, who may send whatever they like.
  public ClientRule(
      String name,
      List<Cidr> networks,
      BareNewlines bareNewlines,
      boolean straySpace,
      boolean hideAddress,
      boolean addMissingHeaders,
      boolean refuseNullMx,
      Origin origin) {
    this(
        name,
        ClientConditions.networks(networks),
        ClientTerms.FREE,
        bareNewlines,
        straySpace,
        Set.of(),
        hideAddress,
        addMissingHeaders,
        refuseNullMx,
        Precedence.NORMAL,
        "",
        Profile.OFF,
        List.of(),
        "",
        "",
        origin);
  }

  /// The networks that it is for; empty: it does not ask for them.
  public List<Cidr> networks() {
    return when.networks();
  }

  /// Its networks in which anybody may be: a good part of the Internet, of whom the entry asks for
  /// no more. Mostly none.
  public List<Cidr> openTo() {
    return RelayCheck.openTo(this);
  }

  static ClientRule read(Section in) {
    in.later("radius");
    String name =
        in.required(
            "name",
            Kinds.NAME,
            "?",
            "lan",
            """
            What the entry is called in log, trace and `routes`.
            """);
    ClientConditions when = ClientConditions.read(in);
    // A list that is empty, or could not be read, was told already.
    boolean told = CONDITIONS.stream().anyMatch(in::has) || in.refused("auth");
    if (!when.nameSomebody() && !told && !in.reading().documenting()) {
      in.error(
          "name",
          "client " + name + " does not say who it is for: everybody could relay",
          "write, for example, networks = [\"10.0.0.0/8\"]");
    }
    ClientTerms terms = ClientTerms.read(in);
    return new ClientRule(
        name,
        when,
        terms,
        bareNewlines(in),
        straySpace(in),
        tolerate(in),
        hideAddress(in),
        addHeaders(in),
        refuseNullMx(in),
        Precedence.read(in),
        zone(in),
        profile(in),
        ExchangeServers.read(in),
        text(in, "comment", "the printers on the second floor", "What people should know of it."),
        text(in, "owner", "facility@example.com", "Whom to ask about it."),
        in.origin());
  }

  /// Lists that say who it is for.
  private static final List<String> CONDITIONS =
      List.of("networks", "peer", "host", "reverse", "certificates", "users");

  private static String text(Section in, String key, String example, String doc) {
    return in.optional(key, Kinds.TEXT, Standard.none("empty", example), doc + "\n").orElse("");
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

  private static Set<Tolerance> tolerate(Section in) {
    List<Tolerance> words =
        in.list(
            "tolerate",
            Tolerance.KIND,
            Standard.emptyList("none", "clear-text-password"),
            """
            Exceptions for old devices, which everybody else is refused: `tls-1.0` and `tls-1.1`, whose
            encryption can be broken; `clear-text-password`, AUTH before TLS, by which everybody on the
            way reads the password. They hold for all clients from the place that the entry names by
            `networks`, `host` or `reverse`, which must be there. How often each was made use of is in
            `status`.
            """);
    return words.isEmpty() ? Set.of() : EnumSet.copyOf(words);
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

  private static String zone(Section in) {
    return in.optional(
            "zone-label",
            Kinds.NAME,
            Standard.none("the `zone` of the listener that it came to, if that has one", "guests"),
            """
            A word for the part of the network that mail of the entry comes from, in the place of
            that of the listener: for networks that all come to the same one, as routed VLANs do.
            `zone` of `routes` goes by it, and log, metrics and `client list` name it. The condition
            `zone` of an entry does not: it asks for the listener's.
            """)
        .orElse("");
  }

  private static Profile profile(Section in) {
    return in.read(
        "profile",
        Kinds.choice(Profile.class),
        "off",
        """
        What is done about a device that is not as it always was. `learn` only finds out what is
        usual, of each address (of each user where somebody has authenticated): how it speaks SMTP
        and TLS, how its mails are made, its hardware address. `report` says in log, trace and
        `status` when a mail is unlike that, and takes it; `hold` lets it wait for an administrator;
        `step-up` refuses it with 530 5.7.0, and everything else that the device sends without
        having authenticated, until `poststation profile accept`. Nothing is judged before five
        mails were learned.
        """);
  }

  /// What is done about a device that is not as it always was.
  public enum Profile {
    /// It is not looked at.
    OFF,
    /// What is usual is found out.
    LEARN,
    /// That is said.
    REPORT,
    /// Its mail waits for an administrator.
    HOLD,
    /// It has to authenticate from now on.
    STEP_UP
  }

  /// What to do about CR or LF alone in DATA.
  public enum BareNewlines {
    /// Refuse the mail with 5.6.11.
    REFUSE,
    /// Make CRLF of them.
    NORMALISE
  }
}
