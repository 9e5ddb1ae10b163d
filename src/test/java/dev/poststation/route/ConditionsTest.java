package dev.poststation.route;

import static dev.poststation.route.Samples.address;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.conditions.MailFacts;
import dev.poststation.conditions.UndecidedException;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.message.Content;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Conditions of routes besides sender, recipient and client.
class ConditionsTest {
  private static final Address TO = new Address("x", "y.example");
  private static final String BASE =
      """
      hostname = relay.example.com
      clients = [ { name = lan, networks = ["10.0.0.0/8"] }, { name = guests, networks = ["10.9.0.1"], zone-label = vlan9 } ]
      certificates = [ { chain = "%1$s/relay.pem", key = "%1$s/relay.key" } ]
      listeners {
        inside  { bind = "127.0.0.1:25", zone = lan }
        outside { bind = "127.0.0.1:26", zone = world }
        submit  { bind = "127.0.0.1:587", auth = offered, zone = world }
      }
      connectors { a { type = mx }, b { type = mx }, c { type = mx } }
      """
          .formatted(Path.of("src/test/resources/tls").toAbsolutePath());

  private static Router router(String routes) {
    var loaded =
        new Loader(Os.real(), Map.of())
            .parse(BASE + "routes = [" + routes + "\n]", Path.of("test.conf"));
    assertThat(loaded).as(loaded.problems().toString()).isInstanceOf(Loaded.Good.class);
    return Samples.router(((Loaded.Good) loaded).configuration());
  }

  private static Envelope.Source source(String listener, String user) {
    return new Envelope.Source("lan", listener, "10.0.0.5", "pc", "ESMTP", user);
  }

  private static MailFacts mail(String listener, String user, long size, @Nullable String header) {
    return MailFacts.of(source(listener, user), address("a@b.example"), size, header);
  }

  private static String way(Router router, MailFacts mail) {
    try {
      return router
          .route(mail, TO, false)
          .map(route -> route.via().getFirst().name())
          .orElse("none");
    } catch (UndecidedException e) {
      return e.reason();
    }
  }

  private static List<String> open(Router router, MailFacts mail) {
    try {
      return router.open(mail, TO);
    } catch (UndecidedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aRouteForListenersAndZonesIsForMailThatCameThere() {
    var router =
        router(
            """
            { listener = submit, via = a }
            { zone = world, via = b }
            { via = c }\
            """);

    assertThat(way(router, mail("submit", "", 1, ""))).isEqualTo("a");
    assertThat(way(router, mail("outside", "", 1, ""))).isEqualTo("b");
    assertThat(way(router, mail("inside", "", 1, ""))).isEqualTo("c");
    assertThat(way(router, mail("gone", "", 1, ""))).isEqualTo("c");
    assertThat(way(router, mail("-", "", 1, ""))).isEqualTo("c");
  }

  @Test
  void aRouteForBothIsForThoseListenersOfTheZone() {
    var router =
        router(
            """
            { listener = [submit, inside], zone = world, via = a }
            { listener = inside, zone = world, via = b }
            { via = c }\
            """);

    assertThat(way(router, mail("submit", "", 1, ""))).isEqualTo("a");
    assertThat(way(router, mail("outside", "", 1, ""))).isEqualTo("c");
    assertThat(way(router, mail("inside", "", 1, ""))).isEqualTo("c");
  }

  @Test
  void theZoneOfAnEntryOfClientsStandsInThePlaceOfTheListeners() {
    var router =
        router(
            """
            { zone = vlan9, via = a }
            { zone = [lan, world], via = b }
            { via = c }\
            """);

    assertThat(way(router, of("guests", "inside"))).isEqualTo("a");
    assertThat(way(router, of("guests", "gone"))).isEqualTo("a");
    assertThat(way(router, of("lan", "inside"))).isEqualTo("b");
    assertThat(way(router, of("renamed", "inside"))).as("the listener's").isEqualTo("b");
    assertThat(way(router, of("-", "-"))).isEqualTo("c");
  }

  private static MailFacts of(String client, String listener) {
    var source = new Envelope.Source(client, listener, "10.0.0.5", "pc", "ESMTP", "");
    return MailFacts.of(source, address("a@b.example"), 1, "");
  }

  @Test
  void aRouteForUsersIsForThoseWhoAuthenticated() {
    var router =
        router(
            """
            { user = Anna, via = a }
            { user = "*", via = b }
            { via = c }\
            """);

    assertThat(way(router, mail("submit", "ANNA", 1, ""))).isEqualTo("a");
    assertThat(way(router, mail("submit", "bert", 1, ""))).isEqualTo("b");
    assertThat(way(router, mail("submit", "", 1, ""))).isEqualTo("c");
  }

  @Test
  void aRouteForASizeHasItsBoundsOutside() {
    var router =
        router(
            """
            { larger-than = 10 kB, smaller-than = 20 kB, via = a }
            { larger-than = 10 kB, via = b }
            { via = c }\
            """);

    assertThat(way(router, mail("inside", "", 10_000, ""))).isEqualTo("c");
    assertThat(way(router, mail("inside", "", 10_001, ""))).isEqualTo("a");
    assertThat(way(router, mail("inside", "", 19_999, ""))).isEqualTo("a");
    assertThat(way(router, mail("inside", "", 20_000, ""))).isEqualTo("b");
  }

  @Test
  void aRouteForFieldsIsForMailThatHasOneOfThem() {
    var router =
        router(
            """
            { header = ["X-Env: test*", List-Id], via = a }
            { via = b }\
            """);

    assertThat(way(router, mail("inside", "", 1, "x-env: TEST 7\r\n"))).isEqualTo("a");
    assertThat(way(router, mail("inside", "", 1, "A: b\r\nList-Id:\r\n x\r\n"))).isEqualTo("a");
    assertThat(way(router, mail("inside", "", 1, "X-Env: live\r\n"))).isEqualTo("b");
    assertThat(way(router, mail("inside", "", 1, "A: b\r\n\r\nList-Id: x\r\n"))).isEqualTo("b");
  }

  @Test
  void whatIsNotKnownOfAMailIsToldWithTheRulesThatAskForIt() {
    var router =
        router(
            """
            { to = else.example, header = List-Id, via = a }
            { header = "X-Env: test", larger-than = 10 kB, via = a }
            { smaller-than = 1 MB, via = b }
            { via = c }
            { from = "@b.example", larger-than = 5 MB, via = a }\
            """);

    var unknown = mail("inside", "", -1, null);
    assertThat(way(router, unknown)).isEqualTo("c");
    assertThat(open(router, unknown))
        .containsExactly(
            "route 2 (test.conf:11) if it is larger than 10 kB and its header has x-env: test",
            "route 3 (test.conf:12) if it is smaller than 1 MB");
    assertThat(open(router, mail("inside", "", 5_000, null)))
        .as("decided by route 3, before which nothing is open but the header of a large mail")
        .containsExactly("route 2 (test.conf:11) if its header has x-env: test");
    assertThat(open(router, mail("inside", "", 5_000, ""))).isEmpty();
  }

  /// A content that is somewhere else, or cannot be read.
  private static Mail stored(String trace, long size, int chunks) {
    var envelope =
        new Envelope(
            QueueId.FIRST,
            Instant.EPOCH,
            address("a@b.example"),
            BodyType.SEVEN_BIT,
            false,
            null,
            null,
            source("inside", ""),
            new Envelope.Traits(size, false, false, false, false, true));
    return new Mail(envelope, trace.getBytes(US_ASCII), chunks, List.of(), List.of());
  }

  private static Content chunks(String... chunks) {
    return new Content() {
      @Override
      public int chunks() {
        return chunks.length;
      }

      @Override
      public byte[] chunk(int number) throws IOException {
        if (chunks[number].equals("damaged")) {
          throw new IOException("a disk");
        }
        return chunks[number].getBytes(US_ASCII);
      }
    };
  }

  @Test
  void theHeaderIsThatOfTheStoredMailWithWhatWePutInFront() {
    var router =
        router(
            """
            { header = "From: boss@b.example", via = a }
            { header = X-Late, via = b }
            { via = c }\
            """);

    var replaced = stored("From: boss@b.example\r\n", 10, 1);
    assertThat(way(router, MailFacts.of(replaced, chunks("A: b\r\n\r\n")))).isEqualTo("a");
    var split = stored("Received: x\r\n", 10, 3);
    var content = chunks("A: b\r\nX-La", "te: yes\r\n\r\n", "damaged");
    assertThat(way(router, MailFacts.of(split, content))).isEqualTo("b");
  }

  @Test
  void aHeaderThatCannotBeReadIsNoHeaderWithoutTheField() {
    var router =
        router(
            """
            { to = else.example, via = c }
            { header = X-Late, via = b }
            { to = y.example, via = a }
            { via = c }\
            """);

    var damaged = MailFacts.of(stored("", 10, 1), chunks("damaged"));
    assertThat(way(router, damaged)).isEqualTo("its header cannot be read: a disk");
  }

  @Test
  void whatNobodyAsksForIsNotRead() {
    var router =
        router(
            """
            { to = y.example, via = a }
            { header = X-Late, via = b }
            { via = c }\
            """);

    var damaged = MailFacts.of(stored("", 10, 1), chunks("damaged"));
    assertThat(way(router, damaged)).isEqualTo("a");
  }

  @Test
  void ofManyRulesThatAskForTheHeaderTheFirstDecides() throws UndecidedException {
    var router =
        router(
            """
            { header = X-One, via = a }
            { to = y.example, header = X-Two, via = b }
            { from = "@b.example", header = X-One, via = c }
            { to = y.example, via = c }\
            """);

    assertThat(way(router, mail("inside", "", 1, "X-Two: 1\r\nX-One: 1\r\n"))).isEqualTo("a");
    assertThat(way(router, mail("inside", "", 1, "X-Two: 1\r\n"))).isEqualTo("b");
    Optional<Route> last = router.route(mail("inside", "", 1, ""), TO, false);
    assertThat(last.orElseThrow().number()).isEqualTo(4);
    assertThatThrownBy(
            () -> router.route(MailFacts.of(stored("", 1, 1), chunks("damaged")), TO, false))
        .isInstanceOf(UndecidedException.class);
  }
}
