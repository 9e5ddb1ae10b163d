package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.message.Octets;
import dev.poststation.os.FreePort;
import dev.poststation.sim.ManualTime;
import dev.poststation.smtp.Address;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// When a service that says nothing about mail is no longer asked.
final class BreakerTest {
  private static final Message MAIL =
      new Message(
          "Subject: s\r\n".getBytes(US_ASCII),
          "\r\n".getBytes(US_ASCII),
          Octets.of("body\r\n".getBytes(US_ASCII)));

  private static final Address NOBODY = new Address("", "");

  private final ManualTime time = new ManualTime();
  private int asked;

  /// What happens at the next mails; nothing: it is clean.
  private final Deque<Doing> next = new ArrayDeque<>();

  private final MadeUpServices bench =
      new MadeUpServices(
          "{ use = clamav, name = scan, retry-after = \"30 s\", on-error = pass }",
          time,
          Map.of("scan", new Scan()));

  private interface Doing {
    void happen() throws ServiceException;
  }

  private final class Scan implements Service {
    @Override
    public String describe() {
      return "scan";
    }

    @Override
    public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
      asked++;
      var doing = next.poll();
      if (doing != null) {
        doing.happen();
      }
      return new Finding.Unchanged("clean");
    }
  }

  private static void hang() throws ServiceException {
    throw MadeUpServices.mute();
  }

  private void from(String client, String sender) {
    bench.from(client, sender, MAIL);
  }

  private void hangsAt(int mails, String client, String sender) {
    for (int i = 0; i < mails; i++) {
      next.add(BreakerTest::hang);
      from(client, sender);
    }
  }

  private boolean isDown() {
    return !bench.pipeline.down().isEmpty();
  }

  @Test
  void aBadMailThatItsClientTriesAgainAndAgainTakesTheServiceFromNobody() {
    hangsAt(6, "192.0.2.7", "bad@else.test");
    assertThat(isDown()).isFalse();
    hangsAt(1, "2001:db8::1", "x@else.test");
    hangsAt(1, "2001:db8::2", "y@else.test");
    assertThat(isDown()).as("an IPv6 host has many addresses").isFalse();
    from("192.0.2.8", "good@else.test");
    assertThat(asked).isEqualTo(9);
    assertThat(bench.told).isEmpty();
  }

  @Test
  void aBadMailThatALargeProviderTriesFromOtherAddressesTakesTheServiceFromNobody() {
    for (int i = 1; i < 8; i++) {
      hangsAt(1, "192.0.2." + i, "bad@else.test");
    }
    assertThat(isDown()).isFalse();
  }

  @Test
  void atMailOfThreeClientsInARowItIsDownThoughItLivesAndAskedAgainLater() {
    hangsAt(2, "192.0.2.7", "a@else.test");
    hangsAt(1, "192.0.2.8", "");
    from("192.0.2.9", "c@else.test");
    hangsAt(1, "192.0.2.7", "a@else.test");
    hangsAt(1, "192.0.2.8", "");
    assertThat(isDown()).as("it has answered another one between").isFalse();
    hangsAt(1, "192.0.2.9", "");
    assertThat(isDown()).isTrue();
    from("192.0.2.9", "c@else.test");
    assertThat(asked).isEqualTo(7);
    time.advance(Duration.ofSeconds(31));
    from("192.0.2.9", "c@else.test");
    assertThat(isDown()).isFalse();
    assertThat(bench.told)
        .containsExactly(
            new Event.ServiceChanged("scan", false, "it hangs"),
            new Event.ServiceChanged("scan", true, "scan answers again"));
  }

  @Test
  void whereThereIsOneClientAloneTenMailsInARowAreEnough() {
    hangsAt(9, "192.0.2.7", "a@here.test");
    assertThat(isDown()).isFalse();
    hangsAt(1, "192.0.2.7", "b@here.test");
    assertThat(isDown()).isTrue();
  }

  @Test
  void whatHangsWhileOthersAreAnsweredDoesNotCount() {
    for (int i = 0; i < 12; i++) {
      int client = i;
      next.add(
          () -> {
            time.advance(Duration.ofSeconds(1));
            from("192.0.2.99", "good@else.test");
            throw client % 2 == 0 ? MadeUpServices.mute() : ServiceException.down("no sign");
          });
      from("192.0.2." + client, client + "@else.test");
    }
    assertThat(isDown()).isFalse();
    next.add(
        () -> {
          throw ServiceException.down("nobody answers");
        });
    from("192.0.2.1", "a@else.test");
    assertThat(isDown()).as("that is never the fault of a mail").isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"icap", "rspamd", "spamd"})
  void mailThatIsTooLargeToBeAskedAboutSaysNothingOfTheService(String use) {
    String settings =
        "{ use = %s, at = \"127.0.0.1:%d\", max-size = \"100 kB\", too-large = pass, on-error = pass %s}"
            .formatted(use, FreePort.find(), use.equals("icap") ? ", service = scan" : "");
    var real = new MadeUpServices(settings);
    var large =
        new Message(
            "Subject: s\r\n".getBytes(US_ASCII),
            "\r\n".getBytes(US_ASCII),
            Octets.of(new byte[200_000]));
    assertThat(real.one(MAIL).notes().getFirst().result()).isEqualTo(Note.Result.FAILED);
    assertThat(real.one(large).notes().getFirst().reason())
        .as("whether it is down or not")
        .contains("larger than max-size");
    assertThat(real.pipeline.down()).hasSize(1);
    assertThat(real.told).hasSize(1);
  }

  @Test
  void noMailKeepsItsTurnBetweenItsEnvelopeAndItsContent() {
    var breaker = silent(true);
    var first = new Handed("first", "a", NOBODY);
    var second = new Handed("second", "b", NOBODY);
    long later = Duration.ofSeconds(31).toNanos();
    assertThat(breaker.ask(first, false, 1)).isEqualTo("it hangs");
    assertThat(breaker.ask(first, false, later)).isNull();
    assertThat(breaker.ask(second, false, later)).as("nothing is known yet").isNotNull();
    assertThat(breaker.spoke(first, later)).isFalse();
    // The client of the first one hangs, says RSET, or goes.
    assertThat(breaker.ask(second, false, later)).isNull();
    assertThat(breaker.ask(second, true, later)).isNull();
    assertThat(breaker.ask(first, true, later)).as("one is enough").isEqualTo("it hangs");
    assertThat(breaker.ask(first, false, later)).as("its envelope").isNull();
    assertThat(breaker.spoke(first, later)).isFalse();
    assertThat(breaker.ask(first, true, later)).as("the turn of the second").isNotNull();
    assertThat(breaker.answered(later)).isTrue();
    assertThat(breaker.ask(first, true, later)).isNull();
  }

  @Test
  void whatSaysNothingOfContentAgainHearsNoEnvelopesEither() {
    var breaker = silent(true);
    var mail = new Handed("mail", "a", NOBODY);
    long later = Duration.ofSeconds(31).toNanos();
    assertThat(breaker.ask(mail, false, later)).isNull();
    breaker.spoke(mail, later);
    assertThat(breaker.ask(mail, true, later)).isNull();
    assertThat(breaker.mute(mail, true, "still", later, later)).isFalse();
    assertThat(breaker.ask(mail, false, later + 1)).isEqualTo("still");
  }

  @Test
  void whatSaidNothingOfEnvelopesIsUpWhenItSpeaksOfOne() {
    var breaker = silent(false);
    var mail = new Handed("mail", "a", NOBODY);
    long later = Duration.ofSeconds(31).toNanos();
    assertThat(breaker.ask(mail, false, later)).isNull();
    assertThat(breaker.spoke(mail, later)).isTrue();
    assertThat(breaker.down()).isNull();
    assertThat(breaker.mute(mail, true, "content", later, later)).isTrue();
    assertThat(breaker.spoke(mail, later)).isFalse();
  }

  /// One that is down for it says nothing.
  private static Breaker silent(boolean content) {
    var breaker = new Breaker(Duration.ofSeconds(30));
    for (int i = 0; i < 3; i++) {
      breaker.mute(new Handed("mail " + i, "client " + i, NOBODY), content, "it hangs", 0, 0);
    }
    return breaker;
  }
}
