package dev.poststation.config;

import dev.poststation.smtp.Organisation;
import java.security.cert.X509Certificate;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;

/// Who an entry of `clients` is for: everything that is written must hold, what is empty holds for
/// everybody. Immutable.
///
/// @param networks it comes from one of them
/// @param gateways but not from one of these
/// @param hosts it comes from an address that one of these names has today
/// @param reverse the name of its address, forward-confirmed, is one of these: a name, or `.domain`
/// @param certificates it shows one of these
/// @param users it authenticated as one of these; `*`: as anybody
/// @param auth it authenticated
/// @param listeners it came to one of them
/// @param zones it came to a listener of one of them
/// @param tls the session is encrypted
/// @param hours it is one of these
/// @param expires the last day of the entry; null: for ever
/// @param peer it is a server of this provider; null: it need not be
public record ClientConditions(
    List<Cidr> networks,
    Gateways gateways,
    List<String> hosts,
    List<String> reverse,
    List<Certificate> certificates,
    List<String> users,
    boolean auth,
    List<String> listeners,
    List<String> zones,
    boolean tls,
    List<Hours> hours,
    @Nullable LocalDate expires,
    @Nullable Peer peer) {

  /// A certificate: all that is written must be true of it.
  ///
  /// @param fingerprint `sha256:` and 64 hexadecimal digits; null: any
  /// @param subject whose it is; null: anybody's
  /// @param authorities of whom one must have issued it, directly or not; empty: whoever did
  /// @param anybodys whether everybody can have one, for one of them issues it to who asks
  public record Certificate(
      @Nullable String fingerprint,
      @Nullable X500Principal subject,
      List<X509Certificate> authorities,
      boolean anybodys) {
    public Certificate {
      authorities = List.copyOf(authorities);
    }
  }

  private enum Demand {
    OPTIONAL,
    REQUIRED
  }

  public ClientConditions {
    networks = List.copyOf(networks);
    hosts = List.copyOf(hosts);
    reverse = List.copyOf(reverse);
    certificates = List.copyOf(certificates);
    users = List.copyOf(users);
    listeners = List.copyOf(listeners);
    zones = List.copyOf(zones);
    hours = List.copyOf(hours);
  }

  /// Of clients that are known by their address alone.
  public static ClientConditions networks(List<Cidr> networks) {
    return new ClientConditions(
        networks,
        Gateways.NONE,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        false,
        List.of(),
        List.of(),
        false,
        List.of(),
        null,
        null);
  }

  /// Whether they say who it is, and not only when, where or how it comes.
  boolean nameSomebody() {
    return !networks.isEmpty() || peer != null || proveSomebody();
  }

  /// Whether they say who it is by more than its address.
  boolean proveSomebody() {
    return auth
        || !users.isEmpty()
        || !certificates.isEmpty()
        || !hosts.isEmpty()
        || !reverse.isEmpty();
  }

  /// Whether everybody can meet what they ask for besides an address: it is nothing, or what
  /// everybody can have.
  boolean proveNobody() {
    return !auth
        && users.isEmpty()
        && hosts.isEmpty()
        && (certificates.isEmpty() || haveAnybodysCertificate())
        && (reverse.isEmpty() || haveAnybodysName());
  }

  /// Whether a certificate is enough that everybody can have.
  boolean haveAnybodysCertificate() {
    return certificates.stream().anyMatch(Certificate::anybodys);
  }

  /// Whether a name is enough below a domain where everybody can have one: `.co.uk`, and also
  /// `.amazonaws.com`, below which clouds have their customers.
  boolean haveAnybodysName() {
    return reverse.stream()
        .anyMatch(name -> name.startsWith(".") && Organisation.isOpen(name.substring(1)));
  }

  /// Whether they say where it comes from.
  public boolean namePlace() {
    return !networks.isEmpty() || peer != null || !hosts.isEmpty() || !reverse.isEmpty();
  }

  /// Whether they do, and that is no good part of the Internet.
  public boolean nameNarrowPlace() {
    return peer != null
        || !hosts.isEmpty()
        || (!networks.isEmpty() && networks.stream().noneMatch(RelayCheck::isWide))
        || (!reverse.isEmpty() && !haveAnybodysName());
  }

  /// Whether only those are meant who have logged in.
  public boolean asksForLogin() {
    return auth || !users.isEmpty();
  }

  /// Whether a login is enough, from any place, though perhaps not at any listener.
  boolean isAnywhere() {
    return asksForLogin()
        && (networks.isEmpty() || networks.stream().anyMatch(RelayCheck::isWide))
        && peer == null
        && hosts.isEmpty()
        && reverse.isEmpty()
        && certificates.isEmpty();
  }

  /// What they ask for besides a login that who has only the password has not; empty: nothing.
  String besidesLogin() {
    List<String> all = new ArrayList<>(4);
    if (!networks.isEmpty() && networks.stream().noneMatch(RelayCheck::isWide)) {
      all.add("networks");
    }
    if (peer != null) {
      all.add("peer");
    }
    if (!hosts.isEmpty()) {
      all.add("host");
    }
    if (!reverse.isEmpty()) {
      all.add("reverse");
    }
    if (!certificates.isEmpty()) {
      all.add("certificates");
    }
    return String.join(" and ", all);
  }

  /// The keys of what they ask for besides an address of their networks (of their hosts, where they
  /// have no networks) and a last day; mostly none.
  public List<String> besidesAddress() {
    List<String> keys = new ArrayList<>();
    add(keys, "peer", peer != null);
    add(keys, "host", !networks.isEmpty() && !hosts.isEmpty());
    add(keys, "reverse", !reverse.isEmpty());
    add(keys, "certificates", !certificates.isEmpty());
    add(keys, "users", !users.isEmpty());
    add(keys, "auth", auth);
    add(keys, "listeners", !listeners.isEmpty());
    add(keys, "zone", !zones.isEmpty());
    add(keys, "tls", tls);
    add(keys, "hours", !hours.isEmpty());
    return keys;
  }

  private static void add(List<String> keys, String key, boolean asked) {
    if (asked) {
      keys.add(key);
    }
  }

  /// Whether somebody is a user of both.
  boolean shareUsers(ClientConditions other) {
    return isAnybody()
        || other.isAnybody()
        || users.stream().anyMatch(user -> other.users.stream().anyMatch(user::equalsIgnoreCase));
  }

  /// Whether who logs in is meant, whatever else is true of him.
  boolean onlyLogin() {
    return asksForLogin()
        && networks.isEmpty()
        && hosts.isEmpty()
        && reverse.isEmpty()
        && certificates.isEmpty()
        && comeAsTheyLike();
  }

  private boolean comeAsTheyLike() {
    return listeners.isEmpty()
        && zones.isEmpty()
        && !tls
        && hours.isEmpty()
        && expires == null
        && peer == null;
  }

  /// Whether all users of the other one are users of this one, and the other one has no one else.
  boolean haveAllUsersOf(ClientConditions other) {
    return other.asksForLogin()
        && (isAnybody()
            || (!other.isAnybody()
                && other.users.stream()
                    .allMatch(user -> users.stream().anyMatch(user::equalsIgnoreCase))));
  }

  private boolean isAnybody() {
    return users.isEmpty() || users.contains("*");
  }

  /// Whether everybody from its networks is meant.
  boolean onlyNetworks() {
    return !networks.isEmpty() && !proveSomebody() && comeAsTheyLike();
  }

  static ClientConditions read(Section in) {
    List<Cidr> networks =
        list(
            in,
            "networks",
            Kinds.NETWORK,
            Standard.emptyList("any", "10.0.0.0/8", "2001:db8:1::/48"),
            """
            The networks, or single addresses, that the client must come from. Like all conditions
            of an entry it must hold together with the others that are written: `networks` and
            `users` mean the address **and** the password. An entry must say by one of `networks`,
            `host`, `reverse`, `certificates`, `users` and `auth` who it is for.
            """);
    boolean trustGateway =
        in.read(
            "trust-gateway",
            Kinds.FLAG,
            "off",
            """
            Whether `networks` let in the gateway of a container (or of a virtual machine behind NAT),
            and the container's own addresses, as any other address. Off, because connections that
            are forwarded there seem to come from these, whoever makes them: they are let in only by
            an entry that names them by themselves, as `"172.17.0.1"` does and `"172.16.0.0/12"` does
            not. On lets everybody relay who reaches the port, unless the entry asks for more.
            """);
    if (trustGateway && networks.isEmpty() && !in.refused("networks")) {
      in.warning(
          "trust-gateway",
          in.path("trust-gateway") + " is never used: the entry has no networks",
          "remove it");
    }
    List<String> hosts =
        list(
            in,
            "host",
            ClientKinds.DNS_NAME,
            Standard.emptyList("any", "branch.dyn.example.net"),
            """
            Names of which the client must have an address today, as of a branch whose address
            changes. Asked of the DNS anew, whatever its TTL, in each minute in which it is needed,
            and before anybody is let in by it after a quiet time; when the DNS is silent, the last
            answer holds for an hour.
            """);
    List<String> reverse =
        list(
            in,
            "reverse",
            ClientKinds.REVERSE,
            Standard.emptyList("any", "mail.partner.example", ".partner.example"),
            """
            What the address of the client must be called in the DNS: a name, or `.domain` for all
            that is below it. The name counts only when it leads back to the address. Whoever runs
            the domain decides who that is: name the network as well where you know it.
            """);
    List<Certificate> certificates = certificates(in);
    List<String> users =
        list(
            in,
            "users",
            ClientKinds.USER,
            Standard.emptyList("any, or none", "*"),
            """
            Names that the client must have authenticated as; `"*"` means as anybody.
            """);
    Demand auth =
        in.read(
            "auth",
            Kinds.choice(Demand.class),
            "optional",
            """
            `required`: the client must have authenticated, the same as `users = ["*"]`. Until it
            has, the entry does not match.
            """);
    return new ClientConditions(
        networks,
        trustGateway ? Gateways.NONE : Gateways.unnamed(in.reading().machine(), networks),
        hosts,
        reverse,
        certificates,
        users,
        auth == Demand.REQUIRED,
        listeners(in),
        zones(in),
        tls(in),
        hours(in),
        expires(in).orElse(null),
        Peer.read(in));
  }

  private static List<Certificate> certificates(Section in) {
    List<Certificate> certificates =
        in.entries(
            "certificates",
            "fingerprint",
            "any, or none",
            """
            TLS certificates of which the client must show one.
            """,
            ClientConditions::certificate);
    in.refuseEmpty("certificates", certificates, "write which, or remove it");
    return certificates;
  }

  private static Certificate certificate(Section in) {
    Optional<String> fingerprint =
        in.optional(
            "fingerprint",
            ClientKinds.CERTIFICATE,
            Standard.none(
                "any", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
            """
            The SHA-256 hash of the certificate, as `openssl x509 -noout -fingerprint -sha256` shows
            it, with or without colons. May stand alone, without the braces.
            """);
    Optional<X500Principal> subject =
        in.optional(
            "subject",
            ClientKinds.SUBJECT,
            Standard.none("anybody", "CN=mail.partner.example,O=Partner,C=DE"),
            """
            Whose the certificate is (RFC 4514), as `openssl x509 -noout -subject -nameopt RFC2253`
            shows it; needs `ca`, for anybody can make one of that name.
            """);
    Optional<List<X509Certificate>> authorities =
        in.optional(
                "ca",
                in.file(),
                Standard.none("whoever issued it", "/etc/poststation/partner-ca.pem"),
                """
                A PEM file with certificates of authorities, one of which must have issued the client's,
                directly or through others that the client shows. Read with the configuration. Without
                `subject` it means everybody to whom they issue any: of a public authority that is
                everybody, and the configuration is refused as an open relay.
                """)
            .map(file -> ClientKinds.authorities(in, file));
    boolean enough = authorities.isPresent() || (fingerprint.isPresent() && subject.isEmpty());
    boolean told = in.refused("fingerprint") || in.refused("ca") || in.refused("subject");
    if (!enough && !told && !in.reading().documenting()) {
      in.error(
          "subject",
          in.where() + " does not say who issued the certificate",
          "write ca = \"FILE\", or fingerprint alone");
    }
    boolean anybodys =
        fingerprint.isEmpty()
            && subject.isEmpty()
            && authorities.stream()
                .flatMap(List::stream)
                .anyMatch(new PublicAuthorities(in.reading().os().disk())::have);
    return new Certificate(
        fingerprint.orElse(null), subject.orElse(null), authorities.orElse(List.of()), anybodys);
  }

  private static List<String> listeners(Section in) {
    return list(
        in,
        "listeners",
        Kinds.NAME,
        Standard.emptyList("any", "relay"),
        """
        Names of `listeners` to one of which the client must come.
        """);
  }

  private static List<String> zones(Section in) {
    return list(
        in,
        "zone",
        Kinds.NAME,
        Standard.emptyList("any", "lan"),
        """
        Zones: the client must come to a listener of one of them.
        """);
  }

  private static boolean tls(Section in) {
    return in.read(
            "tls",
            Kinds.choice(Demand.class),
            "optional",
            """
            `required`: the session must be encrypted. Until it is, the entry does not match.
            """)
        == Demand.REQUIRED;
  }

  private static List<Hours> hours(Section in) {
    return list(
        in,
        "hours",
        ClientKinds.HOURS,
        Standard.emptyList("any", "mon-fri 06:00-20:00"),
        """
        When the entry holds, in the time of this machine. `22:00-06:00` goes over midnight and
        belongs to the day on which it begins.
        """);
  }

  private static Optional<LocalDate> expires(Section in) {
    return in.optional(
        "expires",
        ClientKinds.DATE,
        Standard.none("never", "2027-12-31"),
        """
        The last day of the entry: from the next one on it matches nobody. `check` warns when that
        is near or over.
        """);
  }

  /// A condition that was emptied would hold for everybody, where it seems to hold for nobody.
  private static <T> List<T> list(
      Section in, String key, Kind<T> kind, Standard<List<T>> standard, String doc) {
    List<T> values = in.list(key, kind, standard, doc);
    in.refuseEmpty(key, values, "write who it is for, or remove it");
    return values;
  }
}
