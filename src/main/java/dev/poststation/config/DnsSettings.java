package dev.poststation.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.xbill.DNS.Master;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/// `dns`.
///
/// @param servers whom to ask; empty: the system's
/// @param timeout of one question to one server
/// @param dnssec who proves answers
/// @param anchors keys that are trusted besides those of the root, as a zone file has them; empty:
///   none
/// @param unsigned domains in which nothing is proven, without dot at either end (RFC 7646)
public record DnsSettings(
    List<InetSocketAddress> servers,
    Duration timeout,
    Dnssec dnssec,
    String anchors,
    List<String> unsigned) {
  public DnsSettings {
    servers = List.copyOf(servers);
    unsigned = List.copyOf(unsigned);
  }

  /// Nothing is proven.
  public DnsSettings(List<InetSocketAddress> servers, Duration timeout) {
    this(servers, timeout, Dnssec.OFF, "", List.of());
  }

  /// Who proves answers of the DNS.
  public enum Dnssec {
    /// Nobody.
    OFF,
    /// This relay.
    VALIDATE,
    /// A name server on this machine, whose word is taken.
    TRUST,
    /// Any name server.
    TRUST_NETWORK;

    /// Whether the word of name servers is taken.
    public boolean trusts() {
      return this == TRUST || this == TRUST_NETWORK;
    }

    /// As the configuration has it.
    public String word() {
      return Kinds.word(this);
    }
  }

  static DnsSettings read(Section in) {
    List<InetSocketAddress> servers =
        in.list(
            "servers",
            Kinds.NAME_SERVER,
            Standard.emptyList("those of /etc/resolv.conf", "127.0.0.1", "[::1]:53"),
            """
            Name servers to ask, in this order. One that caches, on this machine, is best: every
            mail to a new domain asks several questions.
            """);
    Duration timeout =
        in.read(
            "timeout",
            Kinds.duration("100 ms", "1 minute"),
            "5 s",
            """
            How long one server may take for one answer; then the next one is asked. When none
            answers, mail waits. Five seconds is also what the system's resolver waits.
            """);
    Dnssec dnssec =
        in.read(
            "dnssec",
            Kinds.choice(Dnssec.class),
            "off",
            """
            Who proves what the DNS says (DNSSEC), which `tls = dane` needs: `off`; `validate`: this
            relay, by the keys of the root; what should be signed and is not is as if nobody had
            answered. The name servers need not prove anything, but must pass signatures on. `trust`:
            a name server on this machine that validates, by the AD bit of its answers; others, also
            of `/etc/resolv.conf`, are not asked. `trust-network`: any name server: only where nobody
            else can reach the way to it. What one server refuses (SERVFAIL) another one must have
            proven.
            """);
    if (dnssec == Dnssec.TRUST
        && servers.stream().anyMatch(server -> !server.getAddress().isLoopbackAddress())) {
      in.error(
          "dnssec",
          "dns.dnssec = trust takes the word of name servers on this machine only, and dns.servers"
              + " has others",
          "write dnssec = validate, or trust-network where nobody else can reach the way to them");
    }
    return new DnsSettings(servers, timeout, dnssec, anchors(in, dnssec), unsigned(in, dnssec));
  }

  private static List<String> unsigned(Section in, Dnssec dnssec) {
    List<String> unsigned =
        in.list(
            "unsigned",
            Kinds.HOSTNAME,
            Standard.emptyList("none", "corp.example.com", "firma.local"),
            """
            Domains of your own that are not signed, though the Internet says that they should be, or
            that they do not exist: `dnssec = validate` takes what the name servers say of them and
            of all that is below, and nothing there counts as proven (RFC 7646).
            """);
    if (!unsigned.isEmpty() && dnssec != Dnssec.VALIDATE) {
      in.warning(
          "unsigned",
          "dns.unsigned is of no effect with dnssec = " + Kinds.word(dnssec),
          dnssec.trusts()
              ? "tell the name server, as unbound with domain-insecure, and remove it"
              : "remove it");
    }
    return unsigned.stream().map(name -> name.toLowerCase(Locale.ROOT)).toList();
  }

  private static String anchors(Section in, Dnssec dnssec) {
    Optional<Path> file =
        in.optional(
            "anchors",
            in.file(),
            Standard.none("the keys of the root only", "/etc/poststation/anchors"),
            """
            A file with DS or DNSKEY records, as in a zone file, of zones that `dnssec = validate`
            trusts besides the root: for names of your own that the Internet does not know. Read at
            the start.
            """);
    if (file.isEmpty() || in.reading().documenting()) {
      return "";
    }
    if (dnssec != Dnssec.VALIDATE) {
      in.warning(
          "anchors",
          "dns.anchors is of no effect with dnssec = " + Kinds.word(dnssec),
          "write dnssec = validate, or remove it");
    }
    return keys(in, file.get());
  }

  private static String keys(Section in, Path file) {
    int mark = in.reading().problems().count();
    CertificateFiles.check(in, "anchors", file);
    if (in.reading().problems().haveErrorsSince(mark)) {
      return "";
    }
    try {
      byte[] octets = in.reading().os().disk().read(file);
      try (var records = new Master(new ByteArrayInputStream(octets), Name.root, 0)) {
        int keys = 0;
        for (Record each = records.nextRecord(); each != null; each = records.nextRecord()) {
          keys += each.getType() == Type.DS || each.getType() == Type.DNSKEY ? 1 : 0;
        }
        if (keys > 0) {
          return new String(octets, StandardCharsets.UTF_8);
        }
      }
    } catch (IOException _) {
      // It is none of what is told next.
    }
    in.error(
        "anchors",
        "dns.anchors: " + file + " has no DS or DNSKEY records that can be read",
        "write, for example, what kdig ZONE DNSKEY +noall +answer prints");
    return "";
  }
}
