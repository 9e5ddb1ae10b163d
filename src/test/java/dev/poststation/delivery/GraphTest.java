package dev.poststation.delivery;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.HangingUp;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.ToyGraph;
import dev.poststation.sim.ToyGraph.Answer;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.smtp.TlsWish;
import dev.poststation.tls.ClientTls;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Mail by Microsoft Graph, at a stand-in that answers as the documented one does.
class GraphTest {
  private final AtomicLong later = new AtomicLong();
  private final Given tokens = new Given();
  private ToyGraph graph;
  private Dialer dialer;

  /// Tokens that are numbered, a new one for each that was refused.
  private static final class Given implements Tokens {
    private int number = 1;
    private boolean none;

    @Override
    public String token(Account account) throws TokenUnavailableException {
      if (none) {
        throw new TokenUnavailableException("the server is down");
      }
      return "access-token-" + number;
    }

    @Override
    public void refused(Account account, String token) {
      if (token.equals("access-token-" + number)) {
        number++;
      }
    }
  }

  @BeforeEach
  void start() throws Exception {
    graph = ToyGraph.start();
    dialer = dialer(ToyIssuer.AUTHORITY);
  }

  @AfterEach
  void stop() {
    graph.close();
  }

  private Dialer dialer(@Nullable Path authority) {
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
    return new Dialer(
        os,
        new ScriptedResolver(),
        ClientTls.trusting(authority, os.disk()),
        "relay.here.test",
        () -> Sample.LIMITS,
        tokens,
        SourceAddresses.unkept(os));
  }

  private Opening open(int port) {
    return open(port, TlsWish.NONE);
  }

  private Opening open(int port, TlsWish wish) {
    return dialer.open(destination(port, wish));
  }

  private static Destination destination(int port, TlsWish wish) {
    var via = new Sample.Via();
    via.type = Connector.Type.GRAPH;
    via.account = Sample.withToken("scanner@example.com", null);
    via.recipients = 2;
    var hop = new NextHop("127.0.0.1", port, true);
    var connector = via.connector();
    return new Destination(
        "provider", connector.under(connector.tls().wished(wish)), List.of(hop));
  }

  private Attempt.Result send(Sample.Letter letter) {
    return ((Opening.Opened) open(graph.port())).conversation().send(letter.order());
  }

  private static Sample.Letter letter() {
    return new Sample.Letter().to("bob@example.net").content("To: bob@example.net\r\n\r\nHi\r\n");
  }

  private static Outcome only(Attempt.Result result) {
    assertThat(String.join("\n", result.dialogue())).doesNotContain("access-token");
    assertThat(result.outcomes()).hasSize(1);
    return result.outcomes().getFirst();
  }

  @Test
  void aMailIsOneRequestAndItsAcceptanceTheProof() {
    var outcome = only(send(letter()));
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Outcome.Delivered.class,
            delivered -> {
              assertThat(delivered.reply().toString()).contains("202 Accepted b0f2-7c");
              assertThat(delivered.remoteId()).isEqualTo("b0f2-7c");
              assertThat(delivered.dsnOffered()).isFalse();
            });
    assertThat(graph.asked())
        .containsExactly(
            new ToyGraph.Asked(
                "/v1.0/users/scanner%40example.com/sendMail",
                "text/plain",
                "Bearer access-token-1",
                Sample.TRACE + "To: bob@example.net\r\n\r\nHi\r\n"));
  }

  @Test
  void recipientsBeyondTheLimitGoInAnotherRequest() {
    var result = send(letter().to("bob@example.net", "c@example.net", "d@example.net"));
    assertThat(result.outcomes().subList(0, 2)).allMatch(Outcome.Delivered.class::isInstance);
    assertThat(result.outcomes().get(2)).isNull();
    assertThat(graph.asked().getFirst().mail())
        .contains("Bcc: <c@example.net>\r\n")
        .doesNotContain("d@example.net");
  }

  @Test
  void allMailsOfAConversationGoOverOneConnectionAndThoseOfAnotherOverAnother() {
    for (int i = 1; i <= 2; i++) {
      var conversation = ((Opening.Opened) open(graph.port())).conversation();
      for (int mail = 0; mail < 3; mail++) {
        assertThat(only(conversation.send(letter().order()))).isInstanceOf(Outcome.Delivered.class);
      }
      conversation.close();
      assertThat(graph.connections()).isEqualTo(i);
    }
  }

  @Test
  void aConnectionThatWasIdleIsNotUsedAgain() {
    var conversation = ((Opening.Opened) open(graph.port())).conversation();
    later.set(Duration.ofMinutes(1).toNanos());
    assertThat(conversation.stale()).as("nothing was opened yet").isFalse();
    assertThat(only(conversation.send(letter().order()))).isInstanceOf(Outcome.Delivered.class);
    assertThat(conversation.stale()).isFalse();
    later.addAndGet(Duration.ofSeconds(16).toNanos());
    assertThat(conversation.stale()).isTrue();
    conversation.close();
  }

  @Test
  void oneThatTheServerClosedMeanwhileIsNotEither() throws Exception {
    try (var server = HangingUp.start(false)) {
      var conversation = ((Opening.Opened) open(server.port())).conversation();
      for (int mail = 1; mail <= 3; mail++) {
        assertThat(only(conversation.send(letter().order()))).isInstanceOf(Outcome.Delivered.class);
        int closed = mail;
        eventually("both have closed", () -> server.over() == closed);
      }
      assertThat(server.accepted()).isEqualTo(3);
      conversation.close();
    }
  }

  /// RFC 9110 9.2.2: what was sent may have been obeyed.
  @Test
  void aMailOnWhichTheServerHangsUpIsNotSentOnceMoreByItself() throws Exception {
    try (var server = HangingUp.start(true)) {
      var conversation = ((Opening.Opened) open(server.port())).conversation();
      assertThat(only(conversation.send(letter().order()))).isInstanceOf(Outcome.Delivered.class);
      var lost = (Outcome.Deferred) only(conversation.send(letter().order()));
      assertThat(lost.stage()).isEqualTo(Stage.END);
      assertThat(lost.text()).contains("it may have taken the mail all the same");
      assertThat(server.accepted()).isOne();
      assertThat(only(conversation.send(letter().order()))).isInstanceOf(Outcome.Delivered.class);
      conversation.close();
    }
  }

  @Test
  void eachRequestIsAnnouncedThatHasTheMail() {
    graph.answers(new Answer(401, "InvalidAuthenticationToken"));
    var order = letter().order();
    List<Integer> before = new ArrayList<>();
    Runnable beforeEnd = () -> before.add(graph.asked().size());
    var counted =
        new Attempt.Order(order.mail(), order.content(), order.recipients(), false, beforeEnd);
    ((Opening.Opened) open(graph.port())).conversation().send(counted);
    assertThat(before).containsExactly(0, 1);
  }

  @Test
  void aRefusedTokenIsReplacedOnce() {
    graph.answers(new Answer(401, "InvalidAuthenticationToken"));
    assertThat(only(send(letter()))).isInstanceOf(Outcome.Delivered.class);
    assertThat(graph.asked())
        .extracting(ToyGraph.Asked::authorization)
        .containsExactly("Bearer access-token-1", "Bearer access-token-2");

    var no = new Answer(401, "InvalidAuthenticationToken");
    graph.answers(no, no);
    assertThat(only(send(letter())))
        .isInstanceOfSatisfying(
            Outcome.Deferred.class, deferred -> assertThat(deferred.stage()).isEqualTo(Stage.AUTH));
    assertThat(graph.asked()).hasSize(4);
  }

  @Test
  void withoutATokenItIsAPauseAndNobodyIsAsked() {
    tokens.none = true;
    var failed = (Opening.Failed) open(graph.port());
    assertThat(((Outcome.Deferred) failed.outcome()).paused()).isTrue();
    assertThat(graph.asked()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "429, ApplicationThrottled, 120, 119, 121, false",
    "429, MailboxConcurrency, 0, 59, 61, false",
    "403, ErrorSubmissionQuotaExceeded, 0, 59, 61, false",
    "400, ErrorExceededMessageLimit, 0, 59, 61, false",
    "413, ErrorQuotaExceeded, 0, 299, 301, true",
    "507, QuotaExceededException, 0, 299, 301, true",
    "400, ErrorMessageSubmissionBlocked, 0, 299, 301, true",
    "403, ErrorAccessDenied, 0, 299, 301, true",
    "404, ErrorInvalidUser, 0, 299, 301, true",
    "503, ErrorServerBusy, 30, 29, 31, false",
  })
  void whoWantsToBeLeftAloneIs(
      int status, String code, int retryAfter, long until, long from, boolean paused) {
    graph.answers(new Answer(status, code, retryAfter));
    var first = only(send(letter()));
    assertThat(first)
        .isInstanceOfSatisfying(
            Outcome.Deferred.class,
            deferred -> {
              assertThat(deferred.paused()).isEqualTo(paused);
              assertThat(deferred.text()).contains(status + " " + code + ": It says \"Bearer ***");
            });
    later.set(Duration.ofSeconds(until).toNanos());
    assertThat(open(graph.port()))
        .isInstanceOfSatisfying(
            Opening.Failed.class, failed -> assertThat(failed.outcome()).isEqualTo(first));
    assertThat(graph.asked()).hasSize(1);
    later.set(Duration.ofSeconds(from).toNanos());
    assertThat(only(send(letter()))).isInstanceOf(Outcome.Delivered.class);
  }

  @ParameterizedTest
  @CsvSource({
    "400, ErrorInvalidRecipients, 5.1.3",
    "400, ErrorMimeContentInvalid, 5.6.0",
    "400, ErrorMessageSizeExceeded, 5.3.4",
    "413, RequestEntityTooLarge, 5.3.4",
    "403, ErrorSendAsDenied, 5.7.60",
  })
  void whatIsWrongWithTheMailBounces(int status, String code, String bounce) {
    graph.answers(new Answer(status, code));
    assertThat(only(send(letter())))
        .isInstanceOfSatisfying(
            Outcome.Bounced.class,
            bounced -> assertThat(bounced.status().toString()).isEqualTo(bounce));
  }

  @ParameterizedTest
  @CsvSource({"400, ErrorOfTomorrow", "400, BadRequest", "400, ''"})
  void whatNobodyKnowsBouncesNoMail(int status, String code) {
    graph.answers(new Answer(status, code));
    assertThat(only(send(letter())))
        .isInstanceOfSatisfying(
            Outcome.Deferred.class,
            deferred -> assertThat(deferred.stage()).isEqualTo(Stage.MAIL));
    assertThat(only(send(letter()))).isInstanceOf(Outcome.Delivered.class);
  }

  @Test
  void oneWrongAddressIsFoundAndDoesNotReturnTheMailOfTheOthers() {
    var wrong = new Answer(400, "ErrorInvalidRecipients");
    graph.answers(wrong, wrong);
    var result = send(letter().to("bob@example.net", "eve@example.net"));
    assertThat(result.outcomes()).hasSize(2);
    assertThat(result.outcomes().get(0))
        .isInstanceOfSatisfying(
            Outcome.Bounced.class,
            bounced -> assertThat(bounced.status()).hasToString("5.1.3"));
    assertThat(result.outcomes().get(1)).as("it has another turn").isNull();
    assertThat(graph.asked().getLast().mail()).contains("bob@").doesNotContain("eve@");
  }

  @Test
  void theOthersHaveTheirMailBeforeTheWrongOneIsKnown() {
    graph.answers(new Answer(400, "ErrorInvalidRecipients"));
    var result = send(letter().to("bob@example.net", "eve@example.net"));
    assertThat(result.outcomes().get(0)).isInstanceOf(Outcome.Delivered.class);
    assertThat(result.outcomes().get(1)).isNull();
    assertThat(result.reusable()).isTrue();
  }

  @Test
  void whoWasForbiddenIsAskedWithANewTokenAndAtOnceWhereAnAdministratorWantsIt() {
    graph.answers(new Answer(403, "ErrorAccessDenied"));
    send(letter());
    assertThat(open(graph.port())).isInstanceOf(Opening.Failed.class);
    dialer.forget(destination(graph.port(), TlsWish.NONE));
    assertThat(only(send(letter()))).isInstanceOf(Outcome.Delivered.class);
    assertThat(graph.asked().getLast().authorization()).isEqualTo("Bearer access-token-2");
  }

  @Test
  void whoWantsToBeLeftAloneIsAlsoWhereAnAdministratorWantsSomethingElse() {
    graph.answers(new Answer(429, "ApplicationThrottled", 120));
    send(letter());
    dialer.forget(destination(graph.port(), TlsWish.NONE));
    assertThat(open(graph.port())).isInstanceOf(Opening.Failed.class);
  }

  @Test
  void afterAnErrorOfTheServerNobodyKnowsWhetherItWent() {
    graph.answers(new Answer(500, "ErrorInternalServerError"));
    assertThat(only(send(letter())))
        .isInstanceOfSatisfying(
            Outcome.Deferred.class,
            deferred -> {
              assertThat(deferred.stage()).isEqualTo(Stage.END);
              assertThat(deferred.text()).contains("it may have taken the mail all the same");
            });
  }

  @Test
  void aMailThatIsTooLargeIsNotTried() {
    var outcome = only(send(letter().content(new byte[3_200_000])));
    assertThat(outcome).isInstanceOf(Outcome.Bounced.class);
    assertThat(outcome.status().toString()).isEqualTo("5.3.4");
    assertThat(graph.asked()).isEmpty();
  }

  @Test
  void whoDoesNotAnswerOrIsSomebodyElseGetsNothing() {
    int port = graph.port();
    dialer = dialer(null);
    var stranger = only(send(letter()));
    assertThat(((Outcome.Deferred) stranger).stage()).isEqualTo(Stage.TLS);
    assertThat(graph.asked()).isEmpty();
    graph.close();
    dialer = dialer(ToyIssuer.AUTHORITY);
    var nobody = only(((Opening.Opened) open(port)).conversation().send(letter().order()));
    assertThat(((Outcome.Deferred) nobody).stage()).isEqualTo(Stage.CONNECT);
  }

  @Test
  void aMailThatDemandsTlsOfAllHopsDoesNotGoThere() {
    var failed = (Opening.Failed) open(graph.port(), TlsWish.REQUIRED);
    assertThat(failed.outcome()).isInstanceOf(Outcome.Bounced.class);
    assertThat(failed.outcome().status().toString()).isEqualTo("5.7.30");
  }
}
