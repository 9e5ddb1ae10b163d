package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.config.HttpEndpoint;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyEndpoint;
import dev.poststation.sim.ToyEndpoint.Answer;
import dev.poststation.sim.ToyEndpoint.Ending;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.smtp.TlsWish;
import dev.poststation.tls.ClientTls;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Mail that is posted to an endpoint of HTTP, over real sockets.
class HttpConversationTest {
  private static final String KEY = "Idempotency-key";
  private static final Duration LONG = Duration.ofMinutes(1);
  private final AtomicLong later = new AtomicLong();
  private final Sample.Via via = new Sample.Via();
  private ToyEndpoint server;
  private Dialer dialer;

  @BeforeEach
  void start() throws Exception {
    server = ToyEndpoint.start();
    via.type = Connector.Type.HTTP;
    via.tls = Connector.Tls.VERIFY;
    via.endpoint = new HttpEndpoint(URI.create(server.url()), null, ToyIssuer.AUTHORITY);
    var real = Os.real();
    var time =
        new PassingTime(real.time()) {
          @Override
          public long nanos() {
            return super.nanos() + later.get();
          }
        };
    var os =
        new Os(time, real.network(), real.tasks(), real.chance(), real.disk(), real.processes());
    dialer =
        new Dialer(
            os,
            new ScriptedResolver(),
            ClientTls.system(os.disk()),
            "relay.here.test",
            () -> Sample.LIMITS,
            account -> "access-token-1",
            SourceAddresses.unkept(os));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private Opening open() {
    var url = via.endpoint.url();
    var hop = new NextHop(url.getHost(), url.getPort(), url.getScheme().equals("https"));
    return dialer.open(new Destination("provider", via.connector(), List.of(hop)));
  }

  private Attempt.Result send(Attempt.Order order) {
    try (var conversation = ((Opening.Opened) open()).conversation()) {
      return conversation.send(order);
    }
  }

  private Outcome only(Sample.Letter letter) {
    var result = send(letter.order());
    assertThat(String.join("\n", result.dialogue())).doesNotContain("opensesame");
    assertThat(result.outcomes()).hasSize(1);
    return result.outcomes().getFirst();
  }

  private static Sample.Letter letter() {
    return new Sample.Letter();
  }

  private ToyEndpoint.Asked asked() {
    return server.asked().getLast();
  }

  @Test
  void aMailIsPostedToTheOctetWithItsEnvelopeInTheHeader() {
    server.answers(new Answer(201, Map.of("Location", "/mails/17"), "kept"));
    byte[] octets = new byte[300_000];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = (byte) (i % 64 == 62 ? '\r' : i % 64 == 63 ? '\n' : i * 31);
    }
    var letter = letter().content(octets);
    letter.chunkSize = 64 * 1024;
    assertThat(only(letter))
        .isInstanceOfSatisfying(
            Outcome.Delivered.class,
            delivered -> {
              assertThat(delivered.text()).isEqualTo("250 2.0.0 201 kept (/mails/17)");
              assertThat(delivered.remoteId()).isEqualTo("/mails/17");
              assertThat(delivered.deadlineKept()).isTrue();
            });
    var asked = asked();
    assertThat(asked.method() + " " + asked.path()).isEqualTo("POST /journal");
    byte[] trace = Sample.TRACE.getBytes(StandardCharsets.UTF_8);
    assertThat(Arrays.copyOf(asked.body(), trace.length)).isEqualTo(trace);
    assertThat(Arrays.copyOfRange(asked.body(), trace.length, asked.body().length))
        .isEqualTo(octets);
    assertThat(asked.header("Content-length")).isEqualTo("" + (trace.length + octets.length));
    assertThat(asked.header("Content-type")).isEqualTo("message/rfc822");
    assertThat(asked.header("X-envelope-from")).isEqualTo("<alice@example.com>");
    assertThat(asked.header("X-envelope-to")).isEqualTo("<bob@example.net>");
    assertThat(asked.header("X-arrived")).isEqualTo("1970-01-01T00:00:00Z");
    assertThat(asked.header(KEY)).matches("\"[0-9A-Z]+-[0-9a-f]{16}\"");
    assertThat(asked.header(KEY)).startsWith('"' + asked.header("X-queue-id") + "-");
    assertThat(asked.headers()).doesNotContainKeys("Authorization", "Upgrade");
  }

  @Test
  void anAnswerThatIsLostLeavesADoubtAndTheNextAttemptHasTheSameKey() {
    server.answers(new Answer(0));
    var lost = (Outcome.Deferred) only(letter());
    assertThat(lost.stage()).isEqualTo(Stage.END);
    assertThat(lost.text()).contains("it may have taken the mail all the same");
    assertThat(only(letter())).isInstanceOf(Outcome.Delivered.class);
    assertThat(server.asked()).hasSize(2);
    assertThat(server.knocks()).as("it had to answer before it got the mail again").isOne();
    assertThat(server.kept()).hasSize(1);

    only(letter().to("carl@example.net"));
    assertThat(server.kept()).as("another recipient is another request").hasSize(2);
  }

  @Test
  void anAnswerWhoseBodyIsTooLongOrDoesNotComeIsOneAllTheSame() {
    var url = via.endpoint.url();
    via.endpoint = new HttpEndpoint(url, Sample.secret("opensesame"), ToyIssuer.AUTHORITY);
    String much = "x".repeat(50_000);
    server.answers(new Answer(200, Map.of(), much + "opensesame" + much));
    assertThat(only(letter()).text()).isEqualTo("250 2.0.0 200 " + "x".repeat(296) + "…");
    server.answers(new Answer(422, Map.of(), "no", Ending.TORN));
    assertThat(only(letter()).text()).endsWith("said: 422 no");
    via.timeouts =
        new Connector.Timeouts(
            LONG, LONG, LONG, LONG, LONG, LONG, LONG, Duration.ofSeconds(2), LONG);
    server.answers(new Answer(200, Map.of(), "kept", Ending.NEVER));
    assertThat(only(letter()).text()).isEqualTo("250 2.0.0 200 kept");
    assertThat(server.asked()).hasSize(3);
    assertThat(server.knocks()).as("nobody doubts that it is there").isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "200, Delivered, 2.0.0",
    "204, Delivered, 2.0.0",
    "302, MAIL, 4.3.5",
    "400, Bounced, 5.6.0",
    "401, AUTH, 4.7.8",
    "403, AUTH, 4.7.8",
    "404, MAIL, 4.3.5",
    "405, MAIL, 4.3.5",
    "407, AUTH, 4.7.8",
    "408, MAIL, 4.4.2",
    "409, END, 4.3.0",
    "413, Bounced, 5.3.4",
    "415, Bounced, 5.6.0",
    "418, MAIL, 4.3.5",
    "421, MAIL, 4.3.5",
    "422, Bounced, 5.6.0",
    "425, MAIL, 4.4.2",
    "429, MAIL, 4.7.0",
    "500, END, 4.3.0",
    "502, END, 4.3.0",
    "503, MAIL, 4.3.2",
  })
  void whatIsAnsweredDecides(int status, String what, String code) {
    server.answers(new Answer(status));
    var outcome = only(letter());
    String kind =
        outcome instanceof Outcome.Deferred deferred
            ? deferred.stage().name()
            : outcome.getClass().getSimpleName();
    assertThat(kind + " " + outcome.status()).isEqualTo(what + " " + code);
  }

  @ParameterizedTest
  @CsvSource({
    "401, ''",
    "407, ''",
    "429, ''",
    "429, 60",
    "404, 60",
    "503, 60",
    "500, 60",
    "503, date"
  })
  void anEndpointIsLeftAloneAsLongAsItWants(int status, String retryAfter) {
    String value =
        retryAfter.equals("date")
            ? DateTimeFormatter.RFC_1123_DATE_TIME.format(
                Instant.now().plusSeconds(61).atOffset(ZoneOffset.UTC))
            : retryAfter;
    server.answers(
        new Answer(status, value.isEmpty() ? Map.of() : Map.of("Retry-After", value), ""));
    var first = only(letter());
    later.set(Duration.ofSeconds(55).toNanos());
    assertThat(open())
        .isInstanceOfSatisfying(
            Opening.Withheld.class,
            withheld -> {
              assertThat(withheld.why()).isEqualTo(first);
              assertThat(withheld.until())
                  .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(10));
            });
    assertThat(server.asked()).hasSize(1);
    later.set(Duration.ofSeconds(62).toNanos());
    assertThat(only(letter())).isInstanceOf(Outcome.Delivered.class);
  }

  @Test
  void manyRecipientsGoInSeveralRequestsAndOthersThanAsciiInPercentSigns() {
    String[] many =
        IntStream.range(0, 70)
            .mapToObj(i -> "recipient-%02d@a-long-domain-of-theirs.example".formatted(i))
            .toArray(String[]::new);
    var result = send(letter().to(many).order());
    int gone = server.asked().getLast().headers().get("X-envelope-to").size();
    assertThat(gone).isBetween(50, 69);
    assertThat(result.outcomes().subList(0, gone)).allMatch(Outcome.Delivered.class::isInstance);
    assertThat(result.outcomes().subList(gone, 70)).containsOnlyNulls();
    assertThat(result.reusable()).isTrue();

    var letter = letter().to("grün%x@example.net");
    letter.smtputf8 = true;
    only(letter);
    assertThat(asked().header("X-envelope-to")).isEqualTo("<gr%C3%BCn%25x@example.net>");
    assertThat(asked().header("Content-type")).isEqualTo("message/global");
    only(letter().to("\"a,b<c>d\"@example.net"));
    assertThat(asked().header("X-envelope-to")).isEqualTo("<%22a%2Cb%3Cc%3Ed%22@example.net>");
  }

  @Test
  void whoWeAreIsSaidAsTheConfigurationHasIt() {
    var url = via.endpoint.url();
    via.endpoint = new HttpEndpoint(url, Sample.secret("opensesame"), ToyIssuer.AUTHORITY);
    server.answers(new Answer(401, Map.of(), "you are no opensesame"));
    assertThat(only(letter()).text()).contains("you are no ***");
    assertThat(asked().header("Authorization")).isEqualTo("Bearer opensesame");
    later.set(Duration.ofSeconds(62).toNanos());

    via.endpoint = new HttpEndpoint(url, null, ToyIssuer.AUTHORITY);
    via.account = Sample.account("us", "opensesame");
    only(letter());
    String both =
        Base64.getEncoder().encodeToString("us:opensesame".getBytes(StandardCharsets.US_ASCII));
    assertThat(asked().header("Authorization")).isEqualTo("Basic " + both);

    Account byToken = Sample.withToken("us", null);
    via.account = byToken;
    only(letter());
    assertThat(asked().header("Authorization")).isEqualTo("Bearer access-token-1");

    via.account = null;
    for (String bad : new String[] {null, "two words"}) {
      via.endpoint = new HttpEndpoint(url, Sample.secret(bad), ToyIssuer.AUTHORITY);
      var failed = (Opening.Failed) open();
      assertThat(((Outcome.Deferred) failed.outcome()).paused()).isTrue();
    }
    assertThat(server.asked()).hasSize(3);
  }

  @Test
  void aStrangerOrNobodyOrOneWhoseAuthorityIsGoneGetsNothing() {
    var url = via.endpoint.url();
    via.endpoint = new HttpEndpoint(url, null, null);
    assertThat(((Outcome.Deferred) only(letter())).stage()).isEqualTo(Stage.TLS);
    via.endpoint = new HttpEndpoint(url, null, ToyIssuer.AUTHORITY.resolveSibling("none.pem"));
    var without = (Outcome.Deferred) ((Opening.Failed) open()).outcome();
    assertThat(without.stage()).isEqualTo(Stage.TLS);
    assertThat(without.text()).contains("none.pem");
    assertThat(server.asked()).isEmpty();
    via.endpoint = new HttpEndpoint(url, null, ToyIssuer.AUTHORITY);
    assertThat(only(letter())).isInstanceOf(Outcome.Delivered.class);
    server.close();
    assertThat(((Outcome.Deferred) only(letter())).stage()).isEqualTo(Stage.CONNECT);
    var failed = (Opening.Failed) open();
    assertThat(failed.outcome().text()).endsWith("it takes no connection");
    assertThat(failed.refusals()).as("the next mail is not even tried").hasSize(1);
  }

  @Test
  void halfAMailIsNeverTaken() {
    var order = letter().content(new byte[200_000]).order();
    var pieces = Sample.Bytes.of(new byte[200_000], 64 * 1024);
    var damaged = new Attempt.Order(order.mail(), new Sample.Damaged(pieces), order.recipients());
    var outcome = (Outcome.Deferred) send(damaged).outcomes().getFirst();
    assertThat(outcome.text()).isEqualTo("our spool cannot read the content");
    assertThat(server.kept()).isEmpty();
  }

  @Test
  void aMailThatDemandsTlsIsNotPostedInClearToOthers() throws Exception {
    var letter = letter();
    letter.tls = TlsWish.REQUIRED;
    assertThat(only(letter)).isInstanceOf(Outcome.Delivered.class);
    try (var plain = ToyEndpoint.inClear(0)) {
      via.tls = Connector.Tls.OFF;
      via.endpoint = new HttpEndpoint(URI.create(plain.url()), null, null);
      assertThat(only(letter))
          .as("it does not leave this machine")
          .isInstanceOf(Outcome.Delivered.class);
      assertThat(plain.asked().getFirst().headers()).doesNotContainKey("Upgrade");
      via.endpoint = new HttpEndpoint(URI.create("http://other.example:80/"), null, null);
      assertThat(only(letter).status().toString()).isEqualTo("5.7.30");
    }
  }
}
