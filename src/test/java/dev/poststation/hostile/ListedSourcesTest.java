package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryConnection;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// Mail from several addresses of ours, some of which are listed, in virtual time.
class ListedSourcesTest {
  private static final String FIRST = "192.0.2.10";
  private static final String SECOND = "192.0.2.11";

  /// Nearly all goes from the first, while it can.
  private static final String TWO =
      "source = [ { address = \"" + FIRST + "\", weight = 1000 }, \"" + SECOND + "\" ]";

  private static final String LISTED = "Client host [%s] blocked using zen.example";

  /// `a.example 192.0.2.10` for each mail that was taken.
  private final List<String> taken = new CopyOnWriteArrayList<>();

  /// What a domain says to those who come from an address: `a.example 192.0.2.10`, `MAIL 550 no`.
  private final Map<String, String> refusals = new ConcurrentHashMap<>();

  /// How often hosts were called.
  private final AtomicInteger calls = new AtomicInteger();

  private int sent;

  private WholeRelay begin(String source) {
    return begin(source, 1);
  }

  private WholeRelay begin(String source, int mailsPerConnection) {
    var relay =
        new WholeRelay(
            """
            connectors.out { type = mx, tls = off, prefer = ipv4, mails-per-connection = %d, %s }
            routes = [ { via = [out] } ]
            clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
            """
                .formatted(mailsPerConnection, source));
    int number = 1;
    for (char letter = 'a'; letter <= 'f'; letter++) {
      String name = letter + ".example";
      String address = "192.0.2." + number++;
      relay.names.mx(name, 10, "mx." + name).address("mx." + name, address);
      relay.house(address + ":25", connection -> serve(name, connection));
    }
    return relay;
  }

  private String answer(String domain, String from, String at, String good) {
    String refusal = refusals.getOrDefault(domain + " " + from, "");
    return refusal.startsWith(at + " ") ? refusal.substring(at.length() + 1) : good;
  }

  private void refuse(String domain, String from, String at, int code, String text) {
    refusals.put(
        domain + " " + from, at + " " + code + " " + code / 100 + ".7.1 " + text.formatted(from));
  }

  private void serve(String domain, MemoryConnection connection) {
    String from = connection.remote().getAddress().getHostAddress();
    calls.incrementAndGet();
    try {
      say(connection, answer(domain, from, "GREETING", "220 mx." + domain));
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      boolean content = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (content && line.equals(".")) {
            content = false;
            String answer = answer(domain, from, "END", "250 2.0.0 ok");
            if (answer.startsWith("250")) {
              taken.add(domain + " " + from);
            }
            say(connection, answer);
          } else if (!content) {
            String verb = line.substring(0, 4).replace("HELO", "EHLO");
            content = verb.equals("DATA");
            say(connection, content ? "354 go" : answer(domain, from, verb, "250 2.0.0 ok"));
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  private void send(WholeRelay relay, String domain, int mails) {
    for (int i = 0; i < mails; i++) {
      try (var caller = relay.call("198.51.100.7")) {
        caller.hear();
        caller.ask("EHLO client.example");
        assertThat(caller.mail("a@example.com", sent++ + "@" + domain)).startsWith("250 ");
      }
      relay.pass(Duration.ofSeconds(1));
    }
  }

  private long taken(String domain, String from) {
    return taken.stream().filter((domain + " " + from)::equals).count();
  }

  @Test
  void aMailThatIsRefusedForTheAddressGoesFromTheOtherAtOnceAndNothingBounces() {
    for (String at : List.of("GREETING", "EHLO", "MAIL", "RCPT", "END")) {
      taken.clear();
      refusals.clear();
      try (var relay = begin(TWO).start()) {
        refuse("a.example", FIRST, at, 554, LISTED);
        send(relay, "a.example", 12);
        assertThat(taken).as(at).hasSize(12).containsOnly("a.example " + SECOND);
        assertThat(relay.log("status=")).as(at).hasSize(12).allMatch(l -> l.contains("=sent"));
        assertThat(relay.log("event=source"))
            .as(at)
            .singleElement()
            .asString()
            .contains("address=192.0.2.10 state=listed")
            .contains("at a.example: host mx.a.example[192.0.2.1]:25")
            .contains("blocked using zen.example")
            .contains("; not used before 20");
        send(relay, "b.example", 12);
        assertThat(taken("b.example", FIRST)).as("others have nothing against it").isPositive();
      }
    }
  }

  @Test
  void aConnectionThatIsOpenIsGivenUpWhenItsAddressIsListed() {
    try (var relay = begin("idle = \"5 minutes\", " + TWO, 1000).start()) {
      while (taken("a.example", FIRST) == 0) {
        send(relay, "a.example", 1);
        relay.pass(Duration.ofSeconds(taken("a.example", FIRST) == 0 ? 301 : 1));
      }
      taken.clear();
      refuse("a.example", FIRST, "MAIL", 550, LISTED);
      send(relay, "a.example", 10);
      assertThat(taken).hasSize(10).containsOnly("a.example " + SECOND);
      assertThat(relay.log("status=bounced")).isEmpty();
    }
  }

  @Test
  void statusListAndMetricsSayItAndACommandEndsIt() {
    try (var relay = begin(TWO).start()) {
      refuse("a.example", FIRST, "RCPT", 554, LISTED);
      send(relay, "a.example", 12);
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .startsWith("Source 192.0.2.10 of connector out is listed at a.example until ")
          .contains("blocked using zen.example")
          .endsWith("then poststation source restore 192.0.2.10");
      var configuration = relay.relay().configuration();
      var source = configuration.connectors().get("out").egress().sources().getFirst();
      assertThat(relay.relay().sources().view(source).state()).isEqualTo("listed");
      assertThat(relay.relay().metrics().scrape())
          .contains("poststation_source_listed{source=\"192.0.2.10\"} 1")
          .contains("poststation_source_listed{source=\"192.0.2.11\"} 0");
      refusals.clear();
      assertThat(relay.relay().sources().restore(configuration, source.address())).isTrue();
      assertThat(relay.relay().sources().restore(configuration, source.address())).isFalse();
      assertThat(relay.relay().concerns()).isEmpty();
      assertThat(relay.log("event=source").getLast())
          .contains("state=returned")
          .contains("an administrator restored it");
      send(relay, "a.example", 12);
      assertThat(taken("a.example", FIRST)).isPositive();
    }
  }

  @Test
  void itComesBackByItselfAndStaysAwayTwiceAsLongWhenItIsRefusedAgain() {
    try (var relay = begin(TWO).start()) {
      refuse("a.example", FIRST, "RCPT", 554, LISTED);
      send(relay, "a.example", 12);
      assertThat(relay.log("state=listed")).hasSize(1);
      relay.pass(Duration.ofMinutes(59));
      send(relay, "a.example", 12);
      assertThat(relay.log("state=listed")).as("an hour").hasSize(1);
      relay.pass(Duration.ofMinutes(1));
      send(relay, "a.example", 12);
      assertThat(relay.log("state=returned")).hasSize(1);
      assertThat(relay.log("state=listed")).as("refused again").hasSize(2);
      refusals.clear();
      taken.clear();
      relay.pass(Duration.ofMinutes(115));
      send(relay, "a.example", 12);
      assertThat(taken("a.example", FIRST)).as("two hours").isZero();
      relay.pass(Duration.ofMinutes(5));
      send(relay, "a.example", 12);
      assertThat(taken("a.example", FIRST)).as("all is well again").isPositive();
      assertThat(relay.log("state=listed")).hasSize(2);
    }
  }

  @Test
  void threeWhoDoNotKnowOfEachOtherAreEnoughForAll() {
    try (var relay = begin(TWO).start()) {
      for (String name : List.of("a.example", "b.example", "c.example")) {
        refuse(name, FIRST, "RCPT", 554, LISTED);
        send(relay, name, 12);
      }
      assertThat(relay.log("state=listed").getLast())
          .contains("everywhere: refused at a.example, b.example, c.example");
      send(relay, "d.example", 20);
      assertThat(taken("d.example", SECOND)).isEqualTo(20);
      relay.restart();
      send(relay, "d.example", 5);
      assertThat(taken("d.example", SECOND)).as("a restart forgets nothing").isEqualTo(25);
    }
  }

  /// Whoever has three domains can say of any address that it is listed.
  @Test
  void threeWhoRefuseAreNotEnoughWhileAsManyTakeMail() {
    try (var relay = begin(TWO).start()) {
      send(relay, "d.example", 3);
      send(relay, "e.example", 3);
      send(relay, "f.example", 3);
      for (String name : List.of("a.example", "b.example", "c.example")) {
        refuse(name, FIRST, "RCPT", 554, LISTED);
        send(relay, name, 3);
      }
      assertThat(relay.log("state=listed"))
          .hasSize(3)
          .noneMatch(line -> line.contains("everywhere"));
    }
  }

  @Test
  void whatAClockThatRanAheadHasWrittenDoesNotKeepAnAddressOut() {
    try (var relay = begin(TWO)) {
      relay.disk.with(
          "/data/sources.listed",
          FIRST + " a.example 2036-01-01T00:00:00Z 2036-01-01T01:00:00Z 1 why\n");
      relay.start();
      send(relay, "a.example", 3);
      assertThat(taken("a.example", FIRST)).isPositive();
      assertThat(relay.relay().concerns()).isEmpty();
    }
  }

  @Test
  void theLastAddressIsNeverTakenOut() {
    try (var relay = begin("source = \"" + FIRST + "\"").start()) {
      refuse("a.example", FIRST, "RCPT", 454, LISTED);
      send(relay, "a.example", 2);
      assertThat(relay.log("state=listed"))
          .singleElement()
          .asString()
          .contains("it is the last of its family and stays in use");
      assertThat(relay.log("status=deferred")).isNotEmpty();
      refusals.clear();
      relay.pass(Duration.ofMinutes(30));
      assertThat(taken).hasSize(2);
      assertThat(relay.log("state=returned").getLast()).contains("a mail was taken");
      assertThat(relay.relay().concerns()).isEmpty();
    }
  }

  private static List<String> bounced(WholeRelay relay) {
    return relay.log("status=bounced").stream().filter(l -> l.contains("@a.example>")).toList();
  }

  @Test
  void whenBothAreListedTheRefusalCounts() {
    try (var relay = begin(TWO).start()) {
      refuse("a.example", FIRST, "RCPT", 554, LISTED);
      refuse("a.example", SECOND, "RCPT", 554, LISTED);
      send(relay, "a.example", 1);
      assertThat(bounced(relay)).hasSize(1);
      assertThat(relay.log("state=listed")).hasSize(2);
    }
  }

  @Test
  void aRefusalOfTheContentOrOfSomebodyElseIsNoListing() {
    try (var relay = begin(TWO).start()) {
      refuse("a.example", FIRST, "END", 554, "This message looks like spam");
      refuse("a.example", SECOND, "END", 554, "Client host [198.51.100.9] blocked using zen.test");
      send(relay, "a.example", 4);
      assertThat(bounced(relay)).hasSize(4);
      assertThat(relay.log("event=source")).isEmpty();
    }
  }

  @Test
  void behindNatThePublicAddressIsTheOneThatRepliesName() {
    String nat =
        "source = [ { address = \""
            + FIRST
            + "\", public = \"203.0.113.10\", weight = 1000 }, \"%s\" ]";
    try (var relay = begin(nat.formatted(SECOND)).start()) {
      refusals.put("a.example " + FIRST, "MAIL 554 5.7.1 " + LISTED.formatted("203.0.113.10"));
      send(relay, "a.example", 12);
      assertThat(taken).hasSize(12).containsOnly("a.example " + SECOND);
      assertThat(relay.log("state=listed")).singleElement().asString().contains("203.0.113.10");
    }
  }

  @Test
  void aBlocklistOfTheDnsIsAskedAndBelievedOnlyWhenItWorks() {
    try (var relay = begin("blocklists = [\"zen.test\"], " + TWO)) {
      relay.names.address("10.2.0.192.zen.test", "127.0.0.2");
      relay.start();
      relay.pass(Duration.ofSeconds(1));
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .startsWith("Blocklist zen.test is not believed: it does not have 127.0.0.2");
      relay.names.address("2.0.0.127.zen.test", "127.0.0.2").text("10.2.0.192.zen.test", "why");
      relay.pass(Duration.ofMinutes(16));
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .contains("192.0.2.10 of connector out is listed everywhere: zen.test lists it")
          .contains("127.0.0.2: why");
      send(relay, "a.example", 12);
      assertThat(taken).containsOnly("a.example " + SECOND);
      relay.names.forget("10.2.0.192.zen.test");
      relay.pass(Duration.ofMinutes(16));
      assertThat(relay.relay().concerns()).isEmpty();
      assertThat(relay.log("event=source")).hasSize(2);
      relay.names.address("1.0.0.127.zen.test", "127.0.0.2");
      relay.names.address("11.2.0.192.zen.test", "127.0.0.2");
      relay.pass(Duration.ofMinutes(16));
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .contains("it lists everything");
    }
  }

  private static WholeRelay listing(ListedSourcesTest test) {
    var relay = test.begin("blocklists = [\"zen.test\"], " + TWO);
    relay.names.address("2.0.0.127.zen.test", "127.0.0.2");
    relay.names.address("10.2.0.192.zen.test", "127.0.0.2");
    relay.start();
    relay.pass(Duration.ofSeconds(1));
    assertThat(relay.log("event=source")).hasSize(1);
    return relay;
  }

  @Test
  void whatAListSaidCountsNoMoreOnceItIsGivenUpOrRefusesThisResolver() {
    for (String answer : List.of("", "127.255.255.254")) {
      try (var relay = listing(this)) {
        for (String name : List.of("2.0.0.127.zen.test", "10.2.0.192.zen.test")) {
          relay.names.forget(name);
          if (!answer.isEmpty()) {
            relay.names.address(name, answer);
          }
        }
        relay.pass(Duration.ofMinutes(16));
        assertThat(relay.relay().concerns())
            .singleElement()
            .asString()
            .startsWith("Blocklist zen.test is not believed: ");
        assertThat(relay.log("event=source").getLast())
            .contains("state=returned", "zen.test is not believed any more");
      }
    }
  }

  @Test
  void whatAListSaidHoldsForADayWhileItCannotBeAsked() {
    try (var relay = listing(this)) {
      relay.names.fail("2.0.0.127.zen.test", "no answer");
      relay.pass(Duration.ofHours(23));
      assertThat(relay.relay().concerns()).hasSize(2).anyMatch(text -> text.contains("lists it"));
      relay.pass(Duration.ofHours(2));
      assertThat(relay.relay().concerns()).noneMatch(text -> text.contains("lists it"));
    }
  }

  @Test
  void whatThePlanOfTheGoodAddressDoesNotAllowGoesFromTheOneOnABlocklist() {
    try (var relay = listedBesideAPlan("")) {
      send(relay, "a.example", 8);
      assertThat(taken).hasSize(8);
      assertThat(taken("a.example", SECOND)).isEqualTo(5);
      assertThat(taken("a.example", FIRST)).isEqualTo(3);
    }
  }

  @Test
  void mailWaitsForTheGoodAddressWhosePlanIsUsedUpWhereTheNextHopRefusesTheOther() {
    try (var relay = listedBesideAPlan("")) {
      send(relay, "b.example", 5);
      refuse("a.example", FIRST, "MAIL", 554, LISTED);
      send(relay, "a.example", 3);
      assertThat(taken).hasSize(5).containsOnly("b.example " + SECOND);
      assertThat(bounced(relay)).isEmpty();
      assertThat(relay.log("status=deferred"))
          .hasSize(3)
          .allMatch(line -> line.contains("may send no more today: " + SECOND + " (5 of 5 mails)"));
      relay.pass(Duration.ofHours(25));
      assertThat(taken).hasSize(8);
    }
  }

  /// Nobody waits for what may send nothing for days.
  @Test
  void whileTheGoodAddressHasNotBegunToSendTheListedOneIsUsed() {
    try (var relay = listedBesideAPlan("+")) {
      send(relay, "a.example", 3);
      assertThat(taken).hasSize(3).containsOnly("a.example " + FIRST);
    }
  }

  /// One that may not send yet is no other one that could be tried.
  @Test
  void whileTheGoodAddressHasNotBegunToSendTheRefusalOfTheOtherCounts() {
    for (String at : List.of("GREETING", "RCPT")) {
      refusals.clear();
      calls.set(0);
      try (var relay = listedBesideAPlan("+")) {
        refuse("a.example", FIRST, at, 554, LISTED);
        send(relay, "a.example", 1);
        relay.pass(Duration.ofSeconds(1));
        assertThat(calls.get()).as(at).isLessThan(5);
        assertThat(relay.log("@a.example>"))
            .as(at)
            .last()
            .asString()
            .contains(at.equals("RCPT") ? "status=bounced" : "status=deferred")
            .contains("blocked using zen.example");
        assertThat(relay.log("state=listed").getLast()).contains("stays in use");
      }
    }
  }

  private WholeRelay listedBesideAPlan(String later) {
    var relay = new WholeRelay("");
    var from =
        relay
            .time
            .now()
            .atZone(ZoneId.systemDefault())
            .toLocalDate()
            .plusDays(later.isEmpty() ? 0 : 3);
    var two =
        begin(
            "blocklists = [\"zen.test\"], source = [ \"%s\", { address = \"%s\", warm-up { from = \"%s\", start = 5, double-every = \"1 day\", days = 10 } } ]"
                .formatted(FIRST, SECOND, from));
    two.names.address("2.0.0.127.zen.test", "127.0.0.2");
    two.names.address("10.2.0.192.zen.test", "127.0.0.2");
    two.start();
    two.pass(Duration.ofSeconds(1));
    return two;
  }

  @Test
  void aListingThatAMailHasLiftedAfterItsTimeIsNotBackAfterARestart() {
    try (var relay = begin(TWO).start()) {
      refuse("a.example", FIRST, "RCPT", 554, LISTED);
      send(relay, "a.example", 12);
      refusals.clear();
      relay.pass(Duration.ofMinutes(61));
      send(relay, "b.example", 1);
      send(relay, "a.example", 12);
      assertThat(taken("a.example", FIRST)).isPositive();
      relay.pass(Duration.ofMinutes(5));
      relay.crash();
      refuse("a.example", FIRST, "RCPT", 554, LISTED);
      send(relay, "a.example", 12);
      refusals.clear();
      taken.clear();
      relay.pass(Duration.ofMinutes(61));
      send(relay, "a.example", 12);
      assertThat(taken("a.example", FIRST)).as("an hour, not two").isPositive();
    }
  }

  private static WholeRelay listedAtTwoConnectors() {
    var relay =
        new WholeRelay(
            """
            connectors.one { hosts = ["192.0.2.1:25"], tls = off, source = "192.0.2.10"
              blocklists = ["zen.test"] }
            connectors.two { hosts = ["192.0.2.2:25"], tls = off, source = "192.0.2.11"
              blocklists = [ "zen.test" ] }
            routes = [ { to = ["a.example"], via = [one] }, { via = [two] } ]
            clients = [ { name = lan, networks = ["198.51.100.0/24"] } ]
            """);
    relay
        .names
        .address("2.0.0.127.zen.test", "127.0.0.2")
        .address("10.2.0.192.zen.test", "127.0.0.2")
        .address("11.2.0.192.zen.test", "127.0.0.2");
    relay.start();
    relay.pass(Duration.ofSeconds(1));
    assertThat(relay.relay().concerns()).hasSize(2);
    return relay;
  }

  @Test
  void whatAListSaidOfAnAddressCountsNoMoreWhenNobodyAsksItAboutThatOne() {
    try (var relay = listedAtTwoConnectors()) {
      relay.change("[\"zen.test\"]", "[]");
      relay.reload();
      assertThat(relay.relay().concerns())
          .singleElement()
          .asString()
          .contains("192.0.2.11 of connector two is listed");
    }
  }

  @Test
  void aListThatAReloadAddsIsAskedAtOnce() {
    try (var relay = listedAtTwoConnectors()) {
      relay.names.address("2.0.0.127.more.test", "127.0.0.2");
      relay.names.address("10.2.0.192.more.test", "127.0.0.9");
      relay.change("[\"zen.test\"]", "[\"more.test\"]");
      relay.reload();
      relay.pass(Duration.ofSeconds(1));
      assertThat(relay.relay().concerns())
          .filteredOn(text -> text.contains("more.test lists it (127.0.0.9)"))
          .hasSize(1);
    }
  }
}
