package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Binding;
import dev.poststation.sim.PickedChance;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;

/// One attempt to log in, in words.
final class Attempt {
  static final byte[] SHARED = {1, 2, 3, 4};

  /// A channel that can be bound to.
  static final Channel TLS = new TestChannel(true, List.of());

  /// One that cannot.
  static final Channel UNBOUND = new TestChannel(false, List.of());

  final Exchange exchange;
  Step step;

  Attempt(Mechanism mechanism, Accounts accounts, Channel channel) {
    this(Exchange.of(mechanism, accounts, channel, new PickedChance(0)));
  }

  Attempt(Exchange exchange) {
    this.exchange = exchange;
  }

  record TestChannel(boolean bound, List<X509Certificate> peerChain) implements Channel {
    @Override
    public String hostname() {
      return "relay.example.com";
    }

    @Override
    public byte[] binding(Binding kind) {
      return bound ? SHARED : null;
    }
  }

  Attempt begin() throws UnavailableException {
    step = exchange.begin(null);
    return this;
  }

  Attempt begin(String initial) throws UnavailableException {
    return begin(initial.getBytes(StandardCharsets.UTF_8));
  }

  Attempt begin(byte[] initial) throws UnavailableException {
    step = exchange.begin(initial);
    return this;
  }

  Attempt say(String text) throws UnavailableException {
    return say(text.getBytes(StandardCharsets.UTF_8));
  }

  Attempt say(byte[] octets) throws UnavailableException {
    challenge();
    step = exchange.answer(octets);
    return this;
  }

  byte[] challenge() {
    assertThat(step).isInstanceOf(Step.Challenge.class);
    return ((Step.Challenge) step).octets();
  }

  Attempt asks(String text) {
    assertThat(new String(challenge(), StandardCharsets.UTF_8)).isEqualTo(text);
    return this;
  }

  void is(String user, String label) {
    assertThat(step)
        .isInstanceOfSatisfying(
            Step.Success.class,
            success -> assertThat(success.login()).isEqualTo(new Accounts.Login(user, label)));
  }

  void isRefused(String user, String reason) {
    assertThat(step).isEqualTo(new Step.Failure(false, user, reason));
  }

  void isMalformed() {
    assertThat(step)
        .isInstanceOfSatisfying(Step.Failure.class, no -> assertThat(no.malformed()).isTrue());
  }
}
