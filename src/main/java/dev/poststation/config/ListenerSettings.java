package dev.poststation.config;

import java.net.InetSocketAddress;
import java.time.Duration;

/// Where SMTP clients connect: `listeners.NAME`.
///
/// @param auth whether clients can log in: in an encrypted connection, or where `tolerate` lets
///   them say their password before TLS
/// @param greetingDelay how long the greeting waits to see who talks early; zero: only a look
/// @param zone the part of the network that it serves, for `clients`; empty: none
/// @param refuseStrangers when those who cannot come to relay are told so
public record ListenerSettings(
    String name,
    InetSocketAddress bind,
    Tls tls,
    Auth auth,
    ClientCertificates clientCertificates,
    Duration greetingDelay,
    String zone,
    Forwarders forwarders,
    RefuseStrangers refuseStrangers,
    Origin origin) {
  /// In the place of an address that is missing: it collides with no other.
  private static final InetSocketAddress NOWHERE = Kinds.LISTENING.standard("0.0.0.0:0");

  /// One that tells strangers at RCPT.
  public ListenerSettings(
      String name,
      InetSocketAddress bind,
      Tls tls,
      Auth auth,
      ClientCertificates clientCertificates,
      Duration greetingDelay,
      String zone,
      Forwarders forwarders,
      Origin origin) {
    this(
        name,
        bind,
        tls,
        auth,
        clientCertificates,
        greetingDelay,
        zone,
        forwarders,
        RefuseStrangers.AT_RCPT,
        origin);
  }

  static ListenerSettings read(Section in, boolean haveCertificates) {
    in.later("serves", "transparent");
    InetSocketAddress bind =
        in.required(
            "bind",
            Kinds.LISTENING,
            NOWHERE,
            "0.0.0.0:25",
            """
            Address and port where clients connect; port 25 when none is written. `0.0.0.0` means
            all IPv4 addresses of this machine, `[::]` all addresses.
            """);
    Tls tls =
        in.read(
            "tls",
            Kinds.choice(Tls.class),
            Standard.computed(
                haveCertificates ? Tls.OFFERED : Tls.OFF,
                haveCertificates ? "offered" : "off",
                "`offered` when there are `certificates`, else `off`",
                "offered"),
            """
            Whether clients can encrypt: `off`; `offered` (STARTTLS, RFC 3207); `required` (nothing
            goes before STARTTLS); `implicit` (TLS from the first octet, as on port 465).
            """);
    if (tls != Tls.OFF && !haveCertificates && in.has("tls")) {
      in.error(
          "tls",
          "listener "
              + in.name()
              + " has tls = "
              + Kinds.word(tls)
              + ", but there are no certificates",
          "write certificates = [ { chain = \"…\", key = \"…\" } ], or tls = off");
    }
    Auth auth =
        in.read(
            "auth",
            Kinds.choice(Auth.class),
            Standard.computed(
                tls == Tls.OFF ? Auth.OFF : Auth.OFFERED,
                tls == Tls.OFF ? "off" : "offered",
                "`offered` unless `tls = off`",
                "offered"),
            """
            Whether clients can log in (AUTH, RFC 4954): `off`; `offered` (as soon as there are users,
            see `users`); `required` (nothing goes before AUTH). Whatever is written here, a password is taken only in an encrypted
            connection, and AUTH is not offered before, but for clients whose entry has
            `tolerate = [clear-text-password]`.
            """);
    var certificates = ClientCertificates.read(in, tls);
    Duration delay =
        in.read(
            "greeting-delay",
            Kinds.duration("0 s", "1 minute"),
            "0 s",
            """
            How long the greeting waits for clients that talk before their turn; those are sent
            away. With `"0 s"` it is only looked whether something has come already: a delay is of
            use towards strangers, and costs your own systems time.
            """);
    String zone =
        in.optional(
                "zone",
                Kinds.NAME,
                Standard.none("none", "lan"),
                """
                A word for the part of the network that connects here, such as a VLAN, which
                entries of `clients` can ask for by `zone`.
                """)
            .orElse("");
    RefuseStrangers refuse =
        in.read(
            "refuse-strangers",
            Kinds.choice(RefuseStrangers.class),
            "at-rcpt",
            """
            When clients are refused whom no entry of `clients` can let in: `at-rcpt`, where the log
            then has their name, sender and recipient; `before-greeting`, with 554 in its place (RFC
            5321 3.1), so that they can try nothing at all. Who could still match an entry in this
            session, by logging in, by a certificate or by TLS where the listener has these, is
            greeted, and so is whoever the DNS has not been heard about yet.
            """);
    return new ListenerSettings(
        in.name(),
        bind,
        tls,
        auth,
        certificates,
        delay,
        zone,
        Forwarders.read(in),
        refuse,
        in.origin());
  }

  /// What a listener does about TLS.
  public enum Tls {
    /// STARTTLS is not offered.
    OFF,
    /// STARTTLS is offered.
    OFFERED,
    /// STARTTLS must come before MAIL.
    REQUIRED,
    /// TLS from the first octet.
    IMPLICIT
  }

  /// When a listener refuses those who cannot come to relay.
  public enum RefuseStrangers {
    /// At RCPT, as everybody who may not do what he wants.
    AT_RCPT,
    /// With 554 in the place of the greeting (RFC 5321 3.1).
    BEFORE_GREETING
  }

  /// What a listener does about AUTH.
  public enum Auth {
    /// Nobody can log in.
    OFF,
    /// Whoever wants to can.
    OFFERED,
    /// It must come before MAIL.
    REQUIRED
  }
}
