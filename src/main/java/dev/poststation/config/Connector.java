package dev.poststation.config;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A way to a next hop: `connectors.NAME`.
///
/// @param hosts for a smarthost or LMTP: where to, by rising priority, equal ones in the order of
///   the file; empty for mx
/// @param port the port of MX hosts (25, unless for tests or odd networks)
/// @param tls what is demanded of TLS
/// @param tlsFor the same for the mail exchangers of some domains, the first that fits
/// @param auth as whom we log in there, or null
/// @param hello what we say in EHLO; null: the hostname
/// @param egress from where its connections come
/// @param maxConnections connections to one destination at the same time, at most
/// @param mailsPerConnection after so many mails a connection is closed
/// @param recipientsPerMail recipients in one transaction, at most
/// @param idle how long a connection is kept open for the next mail
/// @param pool how its hosts are used
/// @param line how much may be sent, and when
/// @param replacing whose mail goes under another sender, or null
/// @param forwarding how senders of forwarded mail are rewritten, or null
/// @param xforward whether it is told from whom each mail came
/// @param endpoint where mail is posted; null: it is not
public record Connector(
    String name,
    Type type,
    List<Host> hosts,
    int port,
    TlsTerms tls,
    List<TlsFor> tlsFor,
    AddressFamily prefer,
    @Nullable Auth auth,
    @Nullable String hello,
    Egress egress,
    int maxConnections,
    int mailsPerConnection,
    int recipientsPerMail,
    Duration idle,
    Pool pool,
    Line line,
    Timeouts timeouts,
    @Nullable SenderReplacement replacing,
    @Nullable SrsSettings forwarding,
    boolean xforward,
    @Nullable HttpEndpoint endpoint,
    Origin origin) {
  public Connector {
    hosts = List.copyOf(hosts);
    tlsFor = List.copyOf(tlsFor);
  }

  /// As whom we log in there; null: not at all, or that depends on the mail and is not decided yet.
  public @Nullable Account account() {
    return auth == null ? null : auth.account();
  }

  /// Whether it has several accounts, and none is decided for: as it is, it leads nowhere.
  public boolean undecided() {
    return hasAccounts() && account() == null;
  }

  /// Whether it has several accounts, between which the mail decides.
  public boolean hasAccounts() {
    return auth != null && auth.several();
  }

  /// Whose its quotas are: its name, or that of the account that was decided for.
  public String quotaHolder() {
    return pool.quotaPer() == Pool.Per.ACCOUNT ? login() : name;
  }

  /// Whether its hosts are asked while nobody calls them, if mail has another way.
  public boolean probed() {
    return (type == Type.SMARTHOST || type == Type.LMTP) && pool.probe().every().isPositive();
  }

  /// Decided for each of its accounts; this one alone where it has no several.
  public List<Connector> decided() {
    return auth != null && undecided()
        ? auth.accounts().stream().map(this::as).toList()
        : List.of(this);
  }

  /// The same, decided for each account where each has quotas of its own; else only this one.
  public List<Connector> withQuotas() {
    return pool.quotaPer() == Pool.Per.ACCOUNT ? decided() : List.of(this);
  }

  /// The same, decided for one of its accounts. Two of these never share a connection.
  public Connector as(Account one) {
    return with(tls, Auth.decided(one), egress, timeouts);
  }

  /// The same under other terms of TLS. Two of these never share a connection.
  public Connector under(TlsTerms terms) {
    return with(terms, auth, egress, timeouts);
  }

  /// The same without a login.
  public Connector asNobody() {
    return with(tls, null, egress, timeouts);
  }

  /// The same, for somebody who waits for it: none of its times is longer than that.
  public Connector within(Duration most) {
    return with(tls, auth, egress, timeouts.within(most));
  }

  /// The same without a proxy.
  public Connector directly() {
    return with(tls, auth, egress.directly(), timeouts);
  }

  /// The same from the addresses that a route names, which share no connection with others. One
  /// that has no use for them stays as it is.
  ///
  /// @param routed empty: those of the connector
  public Connector from(List<SourceAddress> routed) {
    return routed.isEmpty() || !departs() ? this : with(tls, auth, egress.from(routed), timeouts);
  }

  /// Whether its connections come from an address that we may choose.
  boolean departs() {
    return type.sends() && !type.byRequests() && egress.proxy() == null && !local();
  }

  /// Whether it leads nowhere but to sockets of this machine.
  private boolean local() {
    return !hosts.isEmpty() && hosts.stream().allMatch(host -> host.name().startsWith(Host.UNIX));
  }

  private Connector with(TlsTerms terms, @Nullable Auth login, Egress from, Timeouts patience) {
    return new Connector(
        name,
        type,
        hosts,
        port,
        terms,
        tlsFor,
        prefer,
        login,
        hello,
        from,
        maxConnections,
        mailsPerConnection,
        recipientsPerMail,
        idle,
        pool,
        line,
        patience,
        replacing,
        forwarding,
        xforward,
        endpoint,
        origin);
  }

  /// What its destinations are called after: its name, where it has several accounts the one that
  /// was decided for, the terms of TLS where they are others than usual, and the source addresses
  /// where the route names them: `provider:sales@example.com`, `internet/verify@192.0.2.10`.
  public String label() {
    return label(tls);
  }

  /// The same under other terms of TLS.
  public String label(TlsTerms terms) {
    return decided((terms.usual() ? name : name + "/" + terms.label()) + egress.label());
  }

  /// Its name, where it has several accounts with the one that was decided for:
  /// `provider:sales@example.com`. What a provider counts as one.
  public String login() {
    return decided(name);
  }

  private String decided(String way) {
    var account = account();
    return account == null || !hasAccounts() ? way : way + ":" + account.name();
  }

  /// For people: `connector provider (poststation.conf:17)`.
  public String where() {
    return "connector " + name + " (" + origin + ")";
  }

  /// How the next hop is found.
  public enum Type {
    /// The hosts that are listed.
    SMARTHOST,
    /// The mail exchangers of the recipient's domain.
    MX,
    /// The hosts that are listed, which speak LMTP (RFC 2033).
    LMTP,
    /// Microsoft Graph, over HTTPS.
    GRAPH,
    /// An endpoint of HTTP, to which mail is posted.
    HTTP,
    /// There is none: mail waits until an administrator releases it.
    HOLD,
    /// There is none: mail is thrown away.
    DISCARD;

    /// Whether there is a next hop.
    public boolean sends() {
      return listed() || this == MX;
    }

    /// Whether its hosts stand in the file, or are known.
    public boolean listed() {
      return this == SMARTHOST || this == LMTP || byRequests();
    }

    /// Whether each mail is a request of HTTP.
    public boolean byRequests() {
      return this == GRAPH || this == HTTP;
    }

    /// Whether it is the end of the way of a mail.
    public boolean last() {
      return this == LMTP || this == HTTP;
    }
  }

  /// TLS towards a next hop.
  public enum Tls {
    /// Never.
    OFF,
    /// When offered, with any certificate; in clear when it fails (RFC 7435).
    OPPORTUNISTIC,
    /// Encrypted, with any certificate; else deferred.
    REQUIRED,
    /// Encrypted, with a certificate that is valid for the host; else deferred.
    VERIFY,
    /// Encrypted, with a certificate that is named; else deferred.
    PINNED,
    /// As the DNS says (RFC 7672); where it says nothing, opportunistic.
    DANE,
    /// As the domain's policy says (RFC 8461); where there is none, opportunistic.
    MTA_STS,
    /// As the DNS says; where it says nothing, as the domain's policy does.
    DANE_OR_STS;

    /// Whether it depends on what the other side publishes.
    public boolean asks() {
      return byDane() || bySts();
    }

    /// Whether records of certificates in the DNS count.
    public boolean byDane() {
      return this == DANE || this == DANE_OR_STS;
    }

    /// Whether policies of domains count.
    public boolean bySts() {
      return this == MTA_STS || this == DANE_OR_STS;
    }
  }

  /// Which addresses are tried first.
  public enum AddressFamily {
    /// IPv6 first.
    IPV6,
    /// IPv4 first.
    IPV4,
    /// IPv6 only.
    ONLY_IPV6,
    /// IPv4 only.
    ONLY_IPV4
  }

  /// A host of a smarthost connector.
  ///
  /// @param name a host name, an address, `unix:` and the path of a socket, or, with `byMx`, a
  ///   domain
  /// @param byMx whether the MX hosts of `name` are meant (`mx:domain`)
  /// @param implicitTls whether TLS starts with the first octet (port 465, or `smtps:` before the
  ///   host)
  /// @param priority hosts with the lowest number are tried first; the place in the list where none
  ///   is written
  /// @param weight how large a share it takes among hosts of equal priority (as in RFC 2782)
  public record Host(
      String name, int port, boolean byMx, boolean implicitTls, int priority, int weight) {
    /// Begins the name of one that is a socket of this machine.
    public static final String UNIX = "unix:";

    /// One that stands alone.
    public Host(String name, int port, boolean byMx, boolean implicitTls) {
      this(name, port, byMx, implicitTls, 0, 1);
    }
  }

  /// How long to wait for a next hop at each step; the defaults are RFC 5321 4.5.3.2.
  public record Timeouts(
      Duration connect,
      Duration greeting,
      Duration hello,
      Duration mail,
      Duration rcpt,
      Duration dataInit,
      Duration dataBlock,
      Duration dataEnd,
      Duration quit) {
    Timeouts within(Duration most) {
      return new Timeouts(
          least(connect, most),
          least(greeting, most),
          least(hello, most),
          least(mail, most),
          least(rcpt, most),
          least(dataInit, most),
          least(dataBlock, most),
          dataEnd,
          least(quit, most));
    }

    private static Duration least(Duration one, Duration other) {
      return one.compareTo(other) < 0 ? one : other;
    }

    static Timeouts read(Section in) {
      return new Timeouts(
          time(
              in,
              "connect",
              "30 s",
              """
              How long to wait for a connection. Not in the RFC. Who is up answers at once; a host
              that is down should not hold the mail from the next one.
              """),
          time(
              in,
              "greeting",
              "5 minutes",
              """
              How long to wait for the greeting. RFC 5321 4.5.3.2.1: a server may be busy, or wait
              to see who talks early.
              """),
          time(
              in,
              "hello",
              "5 minutes",
              """
              How long to wait for the reply to EHLO. As for MAIL; the RFC names no value.
              """),
          time(
              in,
              "mail",
              "5 minutes",
              """
              How long to wait for the reply to MAIL. RFC 5321 4.5.3.2.2.
              """),
          time(
              in,
              "rcpt",
              "5 minutes",
              """
              How long to wait for the reply to RCPT. RFC 5321 4.5.3.2.3; longer where lists are
              expanded while the client waits.
              """),
          time(
              in,
              "data-init",
              "2 minutes",
              """
              How long to wait for 354 after DATA. RFC 5321 4.5.3.2.4.
              """),
          time(
              in,
              "data-block",
              "3 minutes",
              """
              How long to wait for the next hop to take a part of the content. RFC 5321 4.5.3.2.5.
              """),
          time(
              in,
              "data-end",
              "10 minutes",
              """
              How long to wait for the reply after the content. RFC 5321 4.5.3.2.6: who gives up too
              early sends the mail twice.
              """),
          time(
              in,
              "quit",
              "5 s",
              """
              How long to wait for the reply to QUIT. Nothing depends on it.
              """));
    }

    private static Duration time(Section in, String key, String standard, String doc) {
      return in.read(key, Kinds.duration("100 ms", "1 hour"), standard, doc);
    }
  }
}
