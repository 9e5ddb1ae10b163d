package dev.poststation.cli;

import dev.poststation.config.Cidr;
import dev.poststation.config.ClientEntry;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.IpText;
import java.net.InetAddress;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The leases of a DHCP server, from its file: dhcpd.leases of ISC, the CSV of Kea, or
/// dnsmasq.leases. The first two are journals: the last word about an address counts. Pure
/// functions.
final class Leases {
  private static final Pattern STATEMENT =
      Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|[{};]|[^\\s{};\"]+");

  private static final DateTimeFormatter ISC = DateTimeFormatter.ofPattern("uuuu/MM/dd HH:mm:ss");

  /// Kea writes a comma within a cell so, rather than to quote it.
  private static final String COMMA = "&#x2c";

  /// How no file of the others begins.
  private static final Pattern DNSMASQ = Pattern.compile("\\s*(?:\\d|duid\\s)");

  /// What dnsmasq writes for a name or a client id that it does not know.
  private static final String UNKNOWN = "*";

  private static final String ADDRESS_OF_ONE = "0";
  private static final int NAME_MAX = 40;

  private Leases() {}

  /// A lease that is running.
  ///
  /// @param hardware the client's hardware address, or its DUID; may be empty
  /// @param host what the client calls itself; may be empty
  record Lease(InetAddress address, String hardware, String host) {}

  /// Those that run now, by address.
  ///
  /// @throws Csv.MalformedException with the line and what is wrong there
  static List<Lease> read(String text, Instant now) throws Csv.MalformedException {
    Map<String, Lease> running =
        text.startsWith("address,")
            ? kea(text, now)
            : DNSMASQ.matcher(text).lookingAt() ? dnsmasq(text, now) : new Isc(text, now).read();
    return List.copyOf(running.values());
  }

  private static InetAddress address(String text, int line) throws Csv.MalformedException {
    return NumericAddress.parse(text)
        .filter(_ -> !text.startsWith("["))
        .orElseThrow(() -> new Csv.MalformedException(line, "\"" + text + "\" is no address"));
  }

  /// In the order of numbers, those of IPv4 first.
  private static String key(InetAddress address) {
    byte[] octets = address.getAddress();
    var key = new StringBuilder(octets.length == 4 ? "4" : "6");
    for (byte octet : octets) {
      key.append(String.format(Locale.ROOT, "%02x", octet & 0xff));
    }
    return key.toString();
  }

  private static Map<String, Lease> kea(String text, Instant now) throws Csv.MalformedException {
    var rows = Csv.rows(text, ',');
    var columns = rows.getFirst().cells();
    Map<String, Lease> running = new TreeMap<>();
    for (String needed : List.of("address", "expire", "state")) {
      if (!columns.contains(needed)) {
        throw new Csv.MalformedException(1, "there is no column " + needed + ", as Kea has it");
      }
    }
    for (var row : rows.subList(1, rows.size())) {
      Map<String, String> cells = new HashMap<>();
      for (int i = 0; i < Math.min(columns.size(), row.cells().size()); i++) {
        cells.put(columns.get(i), row.cells().get(i).replace(COMMA, ","));
      }
      if (!cells.getOrDefault("lease_type", ADDRESS_OF_ONE).equals(ADDRESS_OF_ONE)) {
        continue; // A prefix that was delegated to a router.
      }
      var address = address(cells.getOrDefault("address", ""), row.line());
      long expire;
      try {
        expire = Long.parseLong(cells.getOrDefault("expire", ""));
      } catch (NumberFormatException _) {
        throw new Csv.MalformedException(row.line(), "expire is no number");
      }
      boolean runs =
          cells.getOrDefault("state", "").equals("0")
              && !cells.getOrDefault("valid_lifetime", "1").equals("0")
              && expire > now.getEpochSecond();
      if (runs) {
        String hardware = cells.getOrDefault("hwaddr", "");
        running.put(
            key(address),
            new Lease(
                address,
                hardware.isEmpty() ? cells.getOrDefault("duid", "") : hardware,
                cells.getOrDefault("hostname", "")));
      } else {
        running.remove(key(address));
      }
    }
    return running;
  }

  /// `EXPIRY HARDWARE ADDRESS NAME CLIENT-ID` for each lease; behind a line with the DUID of the
  /// server those of IPv6, `EXPIRY IAID ADDRESS NAME DUID`. Those without an end expire at 0.
  private static Map<String, Lease> dnsmasq(String text, Instant now)
      throws Csv.MalformedException {
    Map<String, Lease> running = new TreeMap<>();
    int number = 0;
    for (String line : text.lines().toList()) {
      number++;
      var words = Arrays.asList(line.strip().split("\\s+"));
      if (line.isBlank() || (words.size() == 2 && words.getFirst().equals("duid"))) {
        continue;
      }
      if (words.size() != 5) {
        throw new Csv.MalformedException(
            number,
            "a lease of dnsmasq has five words: expiry, hardware address, address, name, client"
                + " id");
      }
      long expiry;
      try {
        expiry = Long.parseLong(words.getFirst());
      } catch (NumberFormatException _) {
        throw new Csv.MalformedException(
            number, "the expiry \"" + words.getFirst() + "\" is no number");
      }
      var address = address(words.get(2), number);
      boolean four = address.getAddress().length == 4;
      if (expiry == 0 || expiry > now.getEpochSecond()) {
        running.put(
            key(address), new Lease(address, known(words.get(four ? 1 : 4)), known(words.get(3))));
      }
    }
    return running;
  }

  private static String known(String word) {
    return word.equals(UNKNOWN) ? "" : word;
  }

  /// Reads `lease ADDRESS { … }`, and `iaaddr ADDRESS { … }` within other blocks.
  private static final class Isc {
    private final Instant now;
    private final List<Word> words = new ArrayList<>();
    private final Map<String, Lease> running = new TreeMap<>();
    private int at;

    private record Word(int line, String text) {}

    Isc(String text, Instant now) {
      this.now = now;
      int number = 0;
      for (String line : text.lines().toList()) {
        number++;
        Matcher word = STATEMENT.matcher(line.replaceFirst("^\\s*#.*", ""));
        while (word.find()) {
          words.add(new Word(number, word.group()));
        }
      }
    }

    Map<String, Lease> read() throws Csv.MalformedException {
      while (at < words.size()) {
        var statement = statement();
        boolean lease = is(statement, "lease") || is(statement, "iaaddr");
        if (lease && ends(statement, "{")) {
          lease(statement);
        }
      }
      return running;
    }

    private static boolean is(List<Word> statement, String first) {
      return statement.getFirst().text.equals(first);
    }

    private static boolean ends(List<Word> statement, String last) {
      return statement.getLast().text.equals(last);
    }

    /// Up to `;`, `{` or `}`, with it.
    private List<Word> statement() throws Csv.MalformedException {
      int from = at;
      while (at < words.size()) {
        String text = words.get(at++).text;
        if (text.equals(";") || text.equals("{") || text.equals("}")) {
          return words.subList(from, at);
        }
      }
      throw new Csv.MalformedException(
          words.get(from).line, "this is no file of leases, or its end is missing");
    }

    private void lease(List<Word> head) throws Csv.MalformedException {
      var address = address(head.size() == 3 ? head.get(1).text : "", head.getFirst().line);
      String hardware = "";
      String host = "";
      boolean active = false;
      Instant ends = Instant.MAX;
      int depth = 1;
      while (depth > 0) {
        if (at == words.size()) {
          throw new Csv.MalformedException(head.getFirst().line, "this lease never ends");
        }
        var statement = statement();
        var texts = statement.stream().map(Word::text).toList();
        depth += ends(statement, "{") ? 1 : ends(statement, "}") ? -1 : 0;
        if (depth == 1 && is(statement, "ends")) {
          ends = time(texts, statement.getFirst().line);
        } else if (depth == 1 && texts.equals(List.of("binding", "state", "active", ";"))) {
          active = true;
        } else if (depth == 1 && is(statement, "hardware") && texts.size() == 4) {
          hardware = texts.get(2);
        } else if (depth == 1 && is(statement, "client-hostname") && texts.size() == 3) {
          host = unquoted(texts.get(1));
        }
      }
      if (active && ends.isAfter(now)) {
        running.put(key(address), new Lease(address, hardware, host));
      } else {
        running.remove(key(address));
      }
    }

    /// `ends 4 2026/11/26 22:00:00;` in UTC, `ends never;`, `ends epoch 1764194400;`.
    private static Instant time(List<String> texts, int line) throws Csv.MalformedException {
      try {
        if (texts.get(1).equals("never")) {
          return Instant.MAX;
        }
        return texts.get(1).equals("epoch")
            ? Instant.ofEpochSecond(Long.parseLong(texts.get(2)))
            : LocalDateTime.parse(texts.get(2) + " " + texts.get(3), ISC).toInstant(ZoneOffset.UTC);
      } catch (DateTimeException | NumberFormatException | IndexOutOfBoundsException _) {
        throw new Csv.MalformedException(line, "there is no time that can be understood");
      }
    }

    private static String unquoted(String text) {
      return text.startsWith("\"") ? text.substring(1, text.length() - 1) : text;
    }
  }

  /// An entry of `clients` for each, called as the client calls itself.
  ///
  /// @param within only those in it; null: all
  static List<ClientEntry> entries(List<Lease> leases, @Nullable Cidr within) {
    var chosen =
        leases.stream().filter(each -> within == null || within.contains(each.address())).toList();
    Map<String, Integer> names = new HashMap<>();
    chosen.forEach(each -> names.merge(name(each), 1, Integer::sum));
    List<ClientEntry> entries = new ArrayList<>();
    for (var lease : chosen) {
      String name = name(lease);
      String suffix = IpText.of(lease.address()).replaceAll("[.:]+", "-");
      boolean alone = !name.isEmpty() && names.getOrDefault(name, 0) == 1;
      entries.add(
          new ClientEntry(
              alone ? name : (name.isEmpty() ? "lease" : name) + "-" + suffix,
              List.of(IpText.of(lease.address())),
              lease.hardware(),
              "",
              ""));
    }
    return entries;
  }

  /// The first label of what it calls itself, in plain letters; may be empty.
  private static String name(Lease lease) {
    String first = Arrays.asList(lease.host().split("\\.", -1)).getFirst();
    String plain =
        first.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]+", "-").replaceAll("^-+|-+$", "");
    return plain.substring(0, Math.min(plain.length(), NAME_MAX)).replaceAll("-+$", "");
  }
}
