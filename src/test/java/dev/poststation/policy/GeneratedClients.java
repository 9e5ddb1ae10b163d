package dev.poststation.policy;

import dev.poststation.policy.ClientWorld.Attempt;
import dev.poststation.policy.ClientWorld.Shown;
import java.math.BigInteger;
import java.net.InetAddress;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A generated configuration of `clients`: the text, as somebody may have written it, and what it
/// says, in plain values that no code of the relay has touched. And clients and mails that are
/// likely to be almost, but not quite, what an entry is for. Confined to one thread.
final class GeneratedClients {
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 24);
  private static final List<String> DAYS = List.of("mon", "tue", "wed", "thu", "fri", "sat", "sun");
  static final String TENANT = "0f3c2d9a-5b7e-4c1d-8a6f-2e9b4d7c1a05";
  static final String OTHER_TENANT = "0f3c2d9a-5b7e-4c1d-8a6f-2e9b4d7c1a06";

  /// An entry.
  ///
  /// @param trustGateway whether the gateway's address is as good as any other
  /// @param peer a provider; empty: none
  /// @param tenant whether the mail must be of our tenant
  /// @param senders words, as `any`
  /// @param replacement empty: none is written
  record Entry(
      String name,
      List<Net> networks,
      boolean trustGateway,
      List<String> hosts,
      List<String> reverse,
      List<Meant> certificates,
      List<String> users,
      boolean auth,
      List<String> listeners,
      List<String> zones,
      boolean tls,
      List<Span> hours,
      @Nullable LocalDate expires,
      String peer,
      boolean tenant,
      List<String> senders,
      List<String> headerSenders,
      String otherwise,
      String replacement,
      List<String> recipients,
      List<String> tolerate) {}

  /// A network.
  ///
  /// @param octets of its first address
  record Net(byte[] octets, int bits) {
    /// By arithmetic: what is left of both without the last bits is the same number.
    boolean contains(byte[] address) {
      int rest = octets.length * 8 - bits;
      return address.length == octets.length
          && new BigInteger(1, address)
              .shiftRight(rest)
              .equals(new BigInteger(1, octets).shiftRight(rest));
    }

    boolean isSingle() {
      return bits == octets.length * 8;
    }

    /// The address that is so many behind its first one.
    byte[] at(BigInteger offset) {
      var all = BigInteger.ONE.shiftLeft(octets.length * 8);
      byte[] sum = new BigInteger(1, octets).add(offset).mod(all).toByteArray();
      byte[] address = new byte[octets.length];
      int length = Math.min(sum.length, address.length);
      System.arraycopy(sum, sum.length - length, address, address.length - length, length);
      return address;
    }

    BigInteger size() {
      return BigInteger.ONE.shiftLeft(octets.length * 8 - bits);
    }

    @Override
    public String toString() {
      return isSingle() ? written(octets) : written(octets) + "/" + bits;
    }
  }

  /// A certificate that is meant.
  ///
  /// @param print whose fingerprint; null: any
  /// @param authority empty: whoever
  record Meant(@Nullable Shown print, @Nullable Shown subject, String authority) {}

  /// Hours.
  ///
  /// @param first a day from Monday as 0; -1: all days
  /// @param from minutes of the day
  /// @param until minutes of the day, or of the next one; 1440: its end
  record Span(int first, int last, int from, int until) {
    boolean include(LocalDateTime now) {
      for (LocalDate day = now.toLocalDate().minusDays(1);
          !day.isAfter(now.toLocalDate());
          day = day.plusDays(1)) {
        var begin = day.atStartOfDay().plusMinutes(from);
        var end = day.atStartOfDay().plusMinutes(until > from ? until : until + 1440);
        int weekday = day.getDayOfWeek().getValue() - 1;
        boolean named =
            first < 0
                || (first <= last
                    ? weekday >= first && weekday <= last
                    : weekday >= first || weekday <= last);
        if (named && !now.isBefore(begin) && now.isBefore(end)) {
          return true;
        }
      }
      return false;
    }

    @Override
    public String toString() {
      String days = first < 0 ? "" : DAYS.get(first) + "-" + DAYS.get(last) + " ";
      return days + clock(from) + "-" + clock(until);
    }

    private static String clock(int minutes) {
      return "%02d:%02d".formatted(minutes / 60, minutes % 60);
    }
  }

  /// A client.
  ///
  /// @param octets of its address, as it is true
  /// @param address as it is written; may be an IPv4 address as IPv6
  /// @param certificate null: it shows none
  record Client(
      byte[] octets,
      String address,
      String listener,
      boolean tls,
      @Nullable Shown certificate,
      Attempt attempt,
      LocalDateTime now) {}

  /// A mail.
  ///
  /// @param from empty: the null sender
  /// @param fields the From fields of its header
  /// @param tenants the fields that name a tenant
  record Mail(String from, String to, List<From> fields, List<String> tenants) {}

  /// A From field.
  ///
  /// @param authors all addresses in it; empty: it cannot be understood
  record From(String text, List<String> authors) {}

  private static final List<String> DOMAINS =
      List.of("a.example", "sub.a.example", "aa.example", "b.example", "sales.example");
  private static final List<String> LOCALS = List.of("anna", "Anna", "dora", "bob");
  private static final List<String> PATTERNS =
      List.of(
          "a.example",
          "@a.example",
          "A.Example",
          ".a.example",
          "anna@a.example",
          "Anna@sub.a.example",
          "b.example",
          "@sales.example",
          "dora@example.com");

  private final Random random;
  private final ClientWorld world;
  final boolean inContainer;
  final List<Entry> entries = new ArrayList<>();

  GeneratedClients(Random random, ClientWorld world) {
    this.random = random;
    this.world = world;
    this.inContainer = rarely();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      entries.add(entry(i));
    }
  }

  private boolean rarely() {
    return random.nextInt(4) == 0;
  }

  private <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private <T> List<T> some(List<T> all) {
    List<T> chosen = new ArrayList<>();
    while (chosen.isEmpty()) {
      all.forEach(
          each -> {
            if (random.nextInt(3) == 0) {
              chosen.add(each);
            }
          });
    }
    return chosen;
  }

  private <T> List<T> perhaps(List<T> all) {
    return rarely() ? some(all) : List.of();
  }

  private Entry entry(int number) {
    boolean plain = random.nextBoolean(); // Else little would come as far as its terms.
    List<String> hosts = perhaps(ClientWorld.HOSTS.keySet().stream().sorted().toList());
    List<String> reverse = perhaps(List.of(".a.test", "mail.b.test", "a.test", "Mail.A.Test"));
    List<Meant> certificates = rarely() ? certificates() : List.of();
    List<String> users = perhaps(List.of("anna", "ben", "Carla", "emil@b.example", "ann", "*"));
    boolean auth = rarely();
    String peer = random.nextInt(6) > 0 ? "" : pick(List.of("microsoft365", "google"));
    boolean proves =
        auth
            || !hosts.isEmpty()
            || !reverse.isEmpty()
            || !certificates.isEmpty()
            || !users.isEmpty();
    boolean must = !proves && peer.isEmpty();
    List<Net> networks = must || random.nextInt(3) > 0 ? networks(proves) : List.of();
    networks = peer.isEmpty() ? networks : List.of();
    boolean tenant = peer.equals("microsoft365") && random.nextInt(3) > 0;
    boolean listed = !peer.isEmpty() && !tenant && users.isEmpty() && !auth;
    List<String> senders = listed ? some(PATTERNS) : senders();
    List<String> headers = rarely() ? senders() : List.of("any");
    String otherwise =
        listed ? pick(List.of("reject", "hold")) : pick(List.of("reject", "replace", "hold"));
    boolean replacement =
        otherwise.equals("replace") && (random.nextBoolean() || !hasAddress(senders, headers));
    boolean tls = !plain && rarely();
    boolean place =
        !networks.isEmpty() || !peer.isEmpty() || !hosts.isEmpty() || !reverse.isEmpty();
    return new Entry(
        "r" + number,
        networks,
        !networks.isEmpty() && random.nextInt(6) == 0,
        hosts,
        reverse,
        certificates,
        users,
        auth,
        plain ? List.of() : perhaps(List.of("relay", "submission", "plain")),
        plain ? List.of() : perhaps(List.of("lan", "dmz")),
        tls,
        !plain && rarely() ? List.of(span(), span()).subList(0, 1 + random.nextInt(2)) : List.of(),
        rarely() ? TODAY.plusDays(random.nextInt(3) - 1L) : null,
        peer,
        tenant,
        senders,
        headers,
        otherwise,
        replacement ? "noreply@a.example" : "",
        rarely() ? some(PATTERNS) : List.of("any"),
        place
            ? perhaps(tls ? List.of("tls-1.0") : List.of("tls-1.1", "clear-text-password"))
            : List.of());
  }

  private static boolean hasAddress(List<String> senders, List<String> headers) {
    return firstAddress(senders) && firstAddress(headers);
  }

  private static boolean firstAddress(List<String> words) {
    return words.contains("any")
        || words.contains("own")
        || words.stream().anyMatch(word -> word.indexOf('@') > 0);
  }

  private List<String> senders() {
    if (random.nextBoolean()) {
      return List.of("any");
    }
    List<String> words = new ArrayList<>(rarely() ? List.of() : some(PATTERNS));
    if (words.isEmpty() || rarely()) {
      words.add("own");
    }
    if (rarely()) {
      words.add("<>");
    }
    return words;
  }

  private List<Net> networks(boolean proves) {
    List<Net> networks = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(3); i++) {
      networks.add(
          proves && random.nextInt(12) == 0
              ? net(new byte[rarely() ? 16 : 4], 0)
              : random.nextInt(4) > 0
                  ? net(new byte[] {10, 0, octet(2), octet(4)}, 20 + random.nextInt(13))
                  : six());
    }
    return networks;
  }

  private Net six() {
    byte[] octets = HexFormat.of().parseHex("20010db8000000000000000000000000");
    octets[15] = octet(4);
    return net(octets, rarely() ? 32 + random.nextInt(89) : 120 + random.nextInt(9));
  }

  private byte octet(int bound) {
    return (byte) random.nextInt(bound);
  }

  private static Net net(byte[] address, int bits) {
    byte[] first = address.clone();
    for (int bit = bits; bit < first.length * 8; bit++) {
      first[bit / 8] &= (byte) ~(0x80 >> bit % 8);
    }
    return new Net(first, bits);
  }

  private List<Meant> certificates() {
    List<Meant> all = new ArrayList<>();
    for (int i = 0; i <= random.nextInt(2); i++) {
      var whose = pick(List.of(Shown.values()));
      all.add(
          switch (random.nextInt(4)) {
            case 0 -> new Meant(whose, null, "");
            case 1 -> new Meant(null, null, authority());
            case 2 -> new Meant(null, whose, authority());
            default -> new Meant(whose, rarely() ? whose : null, authority());
          });
    }
    return all;
  }

  private String authority() {
    return rarely() ? "impostor" : "partner";
  }

  private Span span() {
    int first = random.nextInt(8) - 1;
    int from = random.nextInt(48) * 30;
    int until = (from + 30 + random.nextInt(47) * 30) % 1440;
    return new Span(first, first < 0 ? -1 : random.nextInt(7), from, until == 0 ? 1440 : until);
  }

  /// The file.
  String text() {
    String clients =
        entries.stream().map(this::text).collect(Collectors.joining(rarely() ? ",\n" : "\n"));
    return ClientWorld.text("clients = [\n" + clients + "\n]\n");
  }

  private String text(Entry entry) {
    List<String> lines = new ArrayList<>();
    lines.add("name = " + entry.name);
    list(lines, "networks", entry.networks);
    if (entry.trustGateway) {
      lines.add("trust-gateway = on");
    }
    list(lines, "host", entry.hosts);
    list(lines, "reverse", entry.reverse);
    if (!entry.certificates.isEmpty()) {
      lines.add(
          entry.certificates.stream()
              .map(this::text)
              .collect(Collectors.joining(", ", "certificates = [", "]")));
    }
    list(lines, "users", entry.users);
    if (entry.auth) {
      lines.add("auth = required");
    }
    list(lines, "listeners", entry.listeners);
    list(lines, "zone", entry.zones);
    if (entry.tls) {
      lines.add("tls = required");
    }
    list(lines, "hours", entry.hours);
    if (entry.expires != null) {
      lines.add("expires = \"" + entry.expires + "\"");
    }
    if (!entry.peer.isEmpty()) {
      lines.add("peer = " + entry.peer);
    }
    if (entry.tenant) {
      lines.add("tenant = \"" + (rarely() ? TENANT.toUpperCase(Locale.ROOT) : TENANT) + "\"");
    }
    list(lines, "senders", entry.senders);
    list(lines, "header-senders", entry.headerSenders);
    lines.add("otherwise = " + entry.otherwise);
    if (!entry.replacement.isEmpty()) {
      lines.add("replacement = \"" + entry.replacement + "\"");
    }
    list(lines, "recipients", entry.recipients);
    list(lines, "tolerate", entry.tolerate);
    Collections.shuffle(lines, random);
    return "{ " + String.join(random.nextBoolean() ? ", " : "\n  ", lines) + " }";
  }

  private void list(List<String> lines, String key, List<?> values) {
    String all = values.stream().map(each -> "\"" + each + "\"").collect(Collectors.joining(", "));
    if (!values.isEmpty()) {
      lines.add(key + " = " + (values.size() == 1 && random.nextBoolean() ? all : "[" + all + "]"));
    }
  }

  private String text(Meant meant) {
    List<String> parts = new ArrayList<>();
    String print = "";
    if (meant.print != null) {
      print = world.print(meant.print);
      if (random.nextBoolean()) {
        print = "SHA256 Fingerprint=" + colons(print.substring(7)).toUpperCase(Locale.ROOT);
      }
      parts.add("fingerprint = \"" + print + "\"");
    }
    if (meant.subject != null) {
      parts.add("subject = \"" + meant.subject.subject + "\"");
    }
    if (!meant.authority.isEmpty()) {
      parts.add("ca = \"clients/" + meant.authority + ".pem\"");
    }
    boolean alone = parts.size() == 1 && meant.print != null && random.nextBoolean();
    return alone ? "\"" + print + "\"" : "{ " + String.join(", ", parts) + " }";
  }

  private static String colons(String digits) {
    return Arrays.stream(digits.split("(?<=\\G..)", -1))
        .filter(pair -> !pair.isEmpty())
        .collect(Collectors.joining(":"));
  }

  private static String written(byte[] octets) {
    if (octets.length == 4) {
      return (octets[0] & 0xff)
          + "."
          + (octets[1] & 0xff)
          + "."
          + (octets[2] & 0xff)
          + "."
          + (octets[3] & 0xff);
    }
    var text = new StringBuilder();
    for (int i = 0; i < 16; i += 2) {
      text.append(i == 0 ? "" : ":")
          .append(Integer.toHexString((octets[i] & 0xff) << 8 | (octets[i + 1] & 0xff)));
    }
    return text.toString();
  }

  /// A client that some entry might be for.
  Client client() {
    byte[] octets = octets();
    String address = written(octets);
    if (octets.length == 4 && random.nextInt(6) == 0) {
      address = "::ffff:" + address; // As a socket of IPv6, or a balancer, may say it.
    }
    boolean tls = random.nextInt(3) > 0;
    return new Client(
        octets,
        address,
        pick(List.of("relay", "submission", "plain")),
        tls,
        tls && random.nextInt(3) > 0 ? pick(List.of(Shown.values())) : null,
        random.nextInt(3) == 0 ? Attempt.NONE : pick(List.of(Attempt.values())),
        now());
  }

  private byte[] octets() {
    List<Net> networks = entries.stream().flatMap(entry -> entry.networks.stream()).toList();
    if (rarely() && entries.stream().anyMatch(entry -> !entry.peer.isEmpty())) {
      return octetsOf(pick(ClientWorld.PROVIDERS));
    }
    if (networks.isEmpty() || rarely()) {
      List<String> known = new ArrayList<>(ClientWorld.NAMES.keySet());
      known.addAll(ClientWorld.PROVIDERS);
      known.addAll(ClientWorld.OTHERS);
      known.add(ClientWorld.GATEWAY);
      known.sort(null);
      return octetsOf(pick(known));
    }
    var net = pick(networks);
    return switch (random.nextInt(8)) {
      case 0 -> net.at(BigInteger.ONE.negate()); // Just before it.
      case 1 -> net.at(net.size()); // Just behind it.
      case 2 -> net.at(net.size().subtract(BigInteger.ONE));
      case 3 -> net.at(BigInteger.ZERO);
      default -> net.at(new BigInteger(net.octets.length * 8 - net.bits, random));
    };
  }

  private static final Map<String, byte[]> OCTETS = new HashMap<>();

  static byte[] octetsOf(String address) {
    return OCTETS.computeIfAbsent(address, text -> InetAddress.ofLiteral(text).getAddress());
  }

  /// A time at which something begins or ends, mostly.
  private LocalDateTime now() {
    List<Span> hours = entries.stream().flatMap(entry -> entry.hours.stream()).toList();
    var day = TODAY.plusDays(random.nextInt(3) - 1L);
    if (hours.isEmpty() || rarely()) {
      return day.atStartOfDay().plusMinutes(random.nextInt(1440));
    }
    var span = pick(hours);
    int edge = random.nextBoolean() ? span.from : span.until;
    return day.atStartOfDay().plusMinutes(edge - random.nextInt(2));
  }

  /// A mail that some entry might take.
  Mail mail() {
    String from = random.nextInt(8) == 0 ? "" : address();
    return new Mail(
        from,
        address(),
        switch (random.nextInt(6)) {
          case 0 -> List.of();
          case 1 -> List.of(field(1), field(1));
          case 2 -> List.of(field(2));
          default -> List.of(field(1));
        },
        switch (random.nextInt(6)) {
          case 0 -> List.of();
          case 1 -> List.of(OTHER_TENANT);
          case 2 -> List.of(TENANT, OTHER_TENANT);
          default -> List.of(TENANT);
        });
  }

  private String address() {
    return random.nextInt(8) == 0 ? "dora@example.com" : pick(LOCALS) + "@" + pick(DOMAINS);
  }

  private From field(int count) {
    List<String> authors = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      authors.add(address());
    }
    return switch (random.nextInt(8)) {
      // What stands before the brackets is a name, whatever it looks like.
      case 0 -> new From(" " + authors.getFirst() + " <bob@b.example>", List.of("bob@b.example"));
      case 1 -> new From(" Anna", List.of());
      case 2 -> new From(" " + String.join(", ", authors), authors);
      default ->
          new From(
              authors.stream()
                  .map(each -> "\"a@sales.example\" <" + each + ">")
                  .collect(Collectors.joining(", ", " ", "")),
              authors);
    };
  }
}
