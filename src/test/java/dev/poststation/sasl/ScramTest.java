package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Binding;
import dev.poststation.sasl.ScramKeys.Hash;
import dev.poststation.sim.MemoryAccounts;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// SCRAM beyond the examples of the RFCs.
class ScramTest {
  private static final String BINDING = "channel binding does not fit";

  private final MemoryAccounts accounts =
      MemoryAccounts.ofTheRfcs()
          .user("user", "new pencil")
          .salt("user", "salt".getBytes(StandardCharsets.UTF_8), 64);

  private Attempt attempt(Mechanism mechanism, Channel channel) {
    return new Attempt(mechanism, accounts, channel);
  }

  private static Attempt play(Attempt attempt, ScramClient client) throws Exception {
    attempt.begin(client.first());
    return attempt.say(client.last(attempt.challenge()));
  }

  @ParameterizedTest
  @EnumSource(Hash.class)
  void eachOfTheUsersPasswordsIsGood(Hash hash) throws Exception {
    var mechanism = Mechanism.of(hash.mechanism()).orElseThrow();
    for (String password : new String[] {"pencil", "new pencil"}) {
      var client = new ScramClient(hash, "User", password);
      var attempt = play(attempt(mechanism, Attempt.UNBOUND), client);
      assertThat(client.believes(attempt.challenge())).isTrue();
      attempt.say("").is("user", password.equals("pencil") ? "#1" : "#2");
    }
  }

  @Test
  void aWrongPasswordIsRefused() throws Exception {
    play(
            attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND),
            new ScramClient(Hash.SHA_256, "user", "Pencil"))
        .isRefused("user", "wrong name or password");
  }

  @Test
  void somebodyUnknownIsAskedAsAnybodyElse() throws Exception {
    var client = new ScramClient(Hash.SHA_256, "nobody", "pencil");
    var attempt = attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND).begin(client.first());
    byte[] asked = attempt.challenge();
    attempt.say(client.last(asked)).isRefused("nobody", "wrong name or password");

    var again = attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND).begin(client.first());
    assertThat(again.challenge()).isEqualTo(asked);
  }

  @ParameterizedTest
  @EnumSource(Binding.class)
  void itIsBoundToTheChannel(Binding kind) throws Exception {
    var client =
        new ScramClient(Hash.SHA_256, "user", "pencil").binding(kind.word(), Attempt.SHARED);
    play(attempt(Mechanism.SCRAM_SHA_256_PLUS, Attempt.TLS), client).say("").is("user", "#1");
  }

  @Test
  void whoseChannelIsAnotherOneIsRefused() throws Exception {
    var client =
        new ScramClient(Hash.SHA_1, "user", "pencil").binding("tls-exporter", new byte[] {9});
    play(attempt(Mechanism.SCRAM_SHA_1_PLUS, Attempt.TLS), client).isRefused("user", BINDING);
  }

  /// Somebody in the middle has taken the mechanisms with -PLUS out of our offer (RFC 5802 6).
  @Test
  void whoBelievesThatWeCannotBindIsWarnedByARefusal() throws Exception {
    var client = new ScramClient(Hash.SHA_256, "user", "pencil").header("y,,");
    attempt(Mechanism.SCRAM_SHA_256, Attempt.TLS).begin(client.first()).isRefused("user", BINDING);

    accounts.only(Mechanism.SCRAM_SHA_256);
    play(attempt(Mechanism.SCRAM_SHA_256, Attempt.TLS), client).say("").is("user", "#1");
  }

  @Test
  void theHeaderMustFitTheMechanism() throws Exception {
    var bound =
        new ScramClient(Hash.SHA_256, "user", "pencil").binding("tls-exporter", Attempt.SHARED);
    var unique =
        new ScramClient(Hash.SHA_256, "user", "pencil").binding("tls-unique", Attempt.SHARED);
    var loose = new ScramClient(Hash.SHA_256, "user", "pencil");
    attempt(Mechanism.SCRAM_SHA_256, Attempt.TLS).begin(bound.first()).isRefused("user", BINDING);
    attempt(Mechanism.SCRAM_SHA_256_PLUS, Attempt.TLS)
        .begin(loose.first())
        .isRefused("user", BINDING);
    attempt(Mechanism.SCRAM_SHA_256_PLUS, Attempt.TLS)
        .begin(unique.first())
        .isRefused("user", BINDING);
  }

  @Test
  void nobodyActsForAnother() throws Exception {
    var self = new ScramClient(Hash.SHA_256, "user", "pencil").header("n,a=user,");
    play(attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND), self).say("").is("user", "#1");

    var other = new ScramClient(Hash.SHA_256, "user", "pencil").header("n,a=tim,");
    play(attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND), other)
        .isRefused("user", "may not act for another user");
  }

  @Test
  void namesMayHaveCommasAndEqualsSigns() throws Exception {
    accounts.user("a,b=c", "pencil");
    play(
            attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND),
            new ScramClient(Hash.SHA_256, "a=2Cb=3Dc", "pencil"))
        .say("")
        .is("a,b=c", "#1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "n",
        "n,,",
        "n=user,r=abc",
        "n,,n=user",
        "n,,n=,r=abc",
        "n,,n=user,r=",
        "n,,n=us=er,r=abc",
        "n,,n=us=2cer,r=abc",
        "n,,m=must,n=user,r=abc",
        "n,,r=abc,n=user",
        "n,,n=user,r=a b",
        "n,,n=user,r=abc,",
        "n,,n=user,r=abc,x",
        "n,a=,n=user,r=abc",
        "n,a=u=ser,n=user,r=abc",
        "p=,,n=user,r=abc",
        "z,,n=user,r=abc",
        "n,,n=us\u0007er,r=abc",
        "n,,n=us\0er,r=abc"
      })
  void aFirstMessageThatIsNoneIsMalformed(String first) throws Exception {
    attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND).begin(first).isMalformed();
  }

  /// Whatever octet of the last message somebody changes, it is no success any more.
  @Test
  void noOctetOfTheLastMessageCanBeChanged() throws Exception {
    var client = new ScramClient(Hash.SHA_256, "user", "pencil");
    for (int at = 0, length = 1; at < length; at++) {
      var attempt = attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND).begin(client.first());
      byte[] last = client.last(attempt.challenge());
      length = last.length;
      last[at] ^= 1;
      attempt.say(last);
      assertThat(attempt.step)
          .as("octet %d of %s", at, new String(last, StandardCharsets.US_ASCII))
          .isInstanceOf(Step.Failure.class);
    }
  }

  @Test
  void theClientMustTakeNoteOfOurProof() throws Exception {
    var client = new ScramClient(Hash.SHA_256, "user", "pencil");
    play(attempt(Mechanism.SCRAM_SHA_256, Attempt.UNBOUND), client).say("what?").isMalformed();
  }

  @Test
  void itCanBeAskedForTheFirstMessage() throws Exception {
    var client = new ScramClient(Hash.SHA_1, "user", "pencil");
    var attempt = attempt(Mechanism.SCRAM_SHA_1, Attempt.UNBOUND).begin().asks("");
    attempt.say(client.first());
    attempt.say(client.last(attempt.challenge())).say("").is("user", "#1");
  }
}
