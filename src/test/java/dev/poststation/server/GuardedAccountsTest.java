package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.account.Guard;
import dev.poststation.os.Binding;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Channel;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramClient;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.Step;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryAccounts;
import dev.poststation.sim.NoGuard;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an attempt is told while it is blocked, by each mechanism.
class GuardedAccountsTest {
  private static final InetAddress CLIENT = InetAddress.getLoopbackAddress();

  /// How a client stands at first, at home while there is a block, and elsewhere.
  private static final Guard.Passage FREE = passage(Duration.ZERO, true);

  private static final Guard.Passage SPARED = passage(Duration.ofMinutes(5), true);
  private static final Guard.Passage SHUT = passage(Duration.ofMinutes(5), false);

  private final Recording accounts = new Recording();

  private static Guard.Passage passage(Duration left, boolean looked) {
    long now = Os.real().time().nanos() + Duration.ofMinutes(1).toNanos(); // There is time enough.
    return new Guard.Passage(CLIENT, "user", now, left, looked);
  }

  /// Everybody stands so, and is answered at his time.
  record Always(Guard.Passage passage) implements Guard {
    @Override
    public Passage passage(InetAddress address, String user) {
      return passage;
    }

    @Override
    public Turn turn(Passage said) {
      return new NoGuard.NoTurn(said);
    }

    @Override
    public Duration delay(Passage failed) {
      return Duration.ofSeconds(8);
    }

    @Override
    public boolean atHome(InetAddress address) {
      return false;
    }

    @Override
    public void failed(Passage failed) {}

    @Override
    public Mistake failedSoFar(Passage failed) {
      return new Mistake(failed, 0);
    }

    @Override
    public void unanswered(Passage failed) {}

    @Override
    public void succeeded(Passage succeeded, Accounts.Login login, List<Mistake> before) {}
  }

  /// Users within memory, and what was asked about them.
  private static final class Recording implements Accounts {
    private final MemoryAccounts users = MemoryAccounts.ofTheRfcs().withToken("good", "user");
    private final List<String> asked = new ArrayList<>();

    @Override
    public Set<Mechanism> mechanisms() {
      return users.mechanisms();
    }

    @Override
    public Offer scram(String user, ScramKeys.Hash hash) throws UnavailableException {
      asked.add("keys of " + user);
      return users.scram(user, hash);
    }

    @Override
    public Optional<Login> password(String user, String password) throws UnavailableException {
      asked.add("password " + password);
      return users.password(user, password);
    }

    @Override
    public Optional<Login> spared(String user, String password) throws UnavailableException {
      asked.add("password of a spared user " + password);
      return users.password(user, password);
    }

    @Override
    public Optional<ClearText> clearText(String user) throws UnavailableException {
      asked.add("clear text of " + user);
      return users.clearText(user);
    }

    @Override
    public Optional<Login> certificate(List<X509Certificate> chain, String user) {
      asked.add("certificate for " + user);
      return Optional.of(new Login("user", ""));
    }

    @Override
    public TokenAnswer token(String user, String token) throws UnavailableException {
      asked.add("token");
      return users.token(user, token);
    }

    @Override
    public String refusal(String user) {
      return WRONG;
    }

    @Override
    public Standing standing() {
      return _ -> true;
    }
  }

  private record NoChannel(List<X509Certificate> peerChain) implements Channel {
    @Override
    public String hostname() {
      return "relay.example";
    }

    @Override
    public byte[] binding(Binding kind) {
      return null;
    }
  }

  /// The steps of an attempt; of challenges only that there is one, but for what a token is told.
  private List<String> steps(Guard.Passage passage, Mechanism mechanism, String user, String secret)
      throws Exception {
    List<String> steps = new ArrayList<>();
    var logins = new Logins(() -> accounts, new Always(passage), Os.real());
    var chain = mechanism == Mechanism.EXTERNAL ? certificate() : List.<X509Certificate>of();
    var exchange = logins.attempt(mechanism, new NoChannel(chain), CLIENT).exchange();
    var scram = new ScramClient(hash(mechanism), user, secret);
    var step = exchange.begin(null);
    while (step instanceof Step.Challenge(byte[] octets)) {
      String challenge = new String(octets, StandardCharsets.UTF_8);
      boolean tells = mechanism.byToken() && challenge.startsWith("{");
      steps.add(tells ? challenge : challenge.startsWith("v=") ? "proof" : "challenge");
      step = exchange.answer(answer(mechanism, scram, challenge, user, secret, steps.size()));
    }
    steps.add(step.getClass().getSimpleName());
    return steps;
  }

  private static List<X509Certificate> certificate() throws Exception {
    try (var pem = GuardedAccountsTest.class.getResourceAsStream("/tls/relay.pem")) {
      var factory = CertificateFactory.getInstance("X.509");
      return List.of((X509Certificate) factory.generateCertificate(pem));
    }
  }

  private static ScramKeys.Hash hash(Mechanism mechanism) {
    return mechanism == Mechanism.SCRAM_SHA_1 ? ScramKeys.Hash.SHA_1 : ScramKeys.Hash.SHA_256;
  }

  private static byte[] answer(
      Mechanism mechanism,
      ScramClient scram,
      String challenge,
      String user,
      String secret,
      int number)
      throws Exception {
    return switch (mechanism) {
      case SCRAM_SHA_256, SCRAM_SHA_1 ->
          number == 1 ? scram.first() : number == 2 ? scram.last(octets(challenge)) : new byte[0];
      case PLAIN -> octets("\0" + user + "\0" + secret);
      case LOGIN -> octets(number == 1 ? user : secret);
      case CRAM_MD5 -> octets(user + " " + digest(secret, challenge));
      case EXTERNAL -> octets(user);
      case XOAUTH2 ->
          number == 1 ? octets("user=" + user + "\1auth=Bearer " + secret + "\1\1") : new byte[0];
      case OAUTHBEARER ->
          octets(number == 1 ? "n,a=" + user + ",\1auth=Bearer " + secret + "\1\1" : "\1");
      case SCRAM_SHA_256_PLUS, SCRAM_SHA_1_PLUS -> throw new IllegalArgumentException();
    };
  }

  private static byte[] octets(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String digest(String secret, String challenge) throws Exception {
    var mac = Mac.getInstance("HmacMD5");
    mac.init(new SecretKeySpec(octets(secret), "HmacMD5"));
    return HexFormat.of().formatHex(mac.doFinal(octets(challenge)));
  }

  private static String right(Mechanism mechanism) {
    return mechanism.byToken() ? "good" : "pencil";
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.MATCH_NONE, names = ".*_PLUS")
  void whoIsBlockedIsToldTheSameWhateverHeSays(Mechanism mechanism) throws Exception {
    boolean secret = mechanism != Mechanism.EXTERNAL;
    var wrong = secret ? steps(FREE, mechanism, "user", "wrong") : List.of("challenge", "Failure");
    assertThat(wrong).endsWith("Failure");
    assertThat(steps(FREE, mechanism, "user", right(mechanism))).endsWith("Success");
    assertThat(steps(SPARED, mechanism, "user", right(mechanism))).endsWith("Success");
    for (String user : List.of("user", "nobody")) {
      assertThat(steps(SHUT, mechanism, user, right(mechanism))).as(user).isEqualTo(wrong);
      assertThat(steps(SHUT, mechanism, user, "wrong")).as(user).isEqualTo(wrong);
    }
    if (secret) {
      assertThat(steps(SPARED, mechanism, "user", "wrong")).isEqualTo(wrong);
    }
  }

  @Test
  void noPasswordOfWhomIsBlockedGetsToWhoeverKnowsTheUsers() throws Exception {
    steps(SHUT, Mechanism.PLAIN, "user", "pencil");
    steps(SHUT, Mechanism.LOGIN, "nobody", "pencil");
    assertThat(accounts.asked).isEmpty();
  }

  @Test
  void thePasswordOfWhomIsSparedIsLookedAtApartFromThoseOfOthers() throws Exception {
    steps(FREE, Mechanism.PLAIN, "user", "pencil");
    steps(SPARED, Mechanism.PLAIN, "user", "pencil");
    assertThat(accounts.asked)
        .containsExactly("password pencil", "password of a spared user pencil");
  }

  @Test
  void withoutAPasswordAsMuchIsAskedWhileThereIsABlock() throws Exception {
    for (var mechanism :
        List.of(
            Mechanism.CRAM_MD5, Mechanism.SCRAM_SHA_256, Mechanism.EXTERNAL, Mechanism.XOAUTH2)) {
      List<List<String>> asked = new ArrayList<>();
      for (var passage : List.of(FREE, SPARED, SHUT)) {
        accounts.asked.clear();
        steps(passage, mechanism, "user", "wrong");
        asked.add(List.copyOf(accounts.asked));
      }
      assertThat(asked.getFirst()).as(mechanism.word()).hasSize(1);
      assertThat(asked).as(mechanism.word()).allMatch(asked.getFirst()::equals);
    }
  }

  /// So that nobody tells by the time whether a password was looked at, and by whom.
  @Test
  void theWaitBeginsWhenThePasswordWasSaid() {
    var real = Os.real();
    var time = new ManualTime();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    var logins = new Logins(() -> accounts, new Always(SHUT), os);
    long since = time.nanos();
    time.advance(Duration.ofSeconds(3));
    for (var left : List.of(Duration.ofMinutes(5), Duration.ZERO)) {
      var passage = new Guard.Passage(CLIENT, "user", since, left, true);
      assertThat(logins.delay(passage, false, Duration.ZERO)).isEqualTo(Duration.ofSeconds(5));
    }
  }

  @Test
  void whatNobodyCouldSayIsSaidAfterOneOfFewTimes() {
    var real = Os.real();
    var time = new ManualTime();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    var logins = new Logins(() -> accounts, new Always(FREE), os);
    for (int took : List.of(0, 9, 15, 17)) {
      var passage = new Guard.Passage(CLIENT, "user", time.nanos(), Duration.ZERO, true);
      time.advance(Duration.ofSeconds(took));
      assertThat(logins.delayInOutage(passage, Duration.ofSeconds(took)).plusSeconds(took))
          .isEqualTo(Duration.ofSeconds(took == 0 ? 8 : took < 16 ? 16 : 32));
    }
  }

  @Test
  void noFailureIsAnsweredAtOnceThoughItIsTheFirst() {
    var real = Os.real();
    var time = new ManualTime();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    var logins = new Logins(() -> accounts, new NoGuard(), os);
    var passage = new Guard.Passage(CLIENT, "user", time.nanos(), Duration.ZERO, true);
    time.advance(Duration.ofMillis(40));
    assertThat(logins.delay(passage, false, Duration.ZERO)).isEqualTo(Duration.ofMillis(210));
  }
}
