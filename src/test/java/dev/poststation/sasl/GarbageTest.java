package dev.poststation.sasl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sim.MemoryAccounts;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/// Who does not know a secret gets nowhere, and nothing breaks.
class GarbageTest {
  private final MemoryAccounts accounts =
      MemoryAccounts.ofTheRfcs().salt("user", new byte[] {1, 2, 3}, 1).withToken("good", "user");

  /// Anything at all, and what looks a little like what the mechanisms want.
  @Provide
  Arbitrary<byte[]> messages() {
    Arbitrary<byte[]> octets = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
    Arbitrary<String> pieces =
        Arbitraries.of(
            "n,",
            "y,",
            "p=tls-exporter,",
            "a=user,",
            "a=",
            "n=user",
            "n=tim",
            ",",
            "r=",
            "abc",
            "c=biws",
            "c=",
            "p=",
            "AAAA",
            "i=1",
            "m=x",
            "=",
            "=2C",
            "\0",
            "user",
            "pencil2",
            " ",
            "tim",
            "\u0001",
            "auth=Bearer ",
            "user=",
            "b913a602c7eda7a495b4e6e7334d3890",
            "\u00e4",
            "\ud83d\udce8");
    Arbitrary<byte[]> shaped =
        pieces
            .list()
            .ofMaxSize(12)
            .map(parts -> String.join("", parts).getBytes(StandardCharsets.UTF_8));
    return Arbitraries.oneOf(octets, shaped);
  }

  @Property(tries = 3000)
  void garbageNeverLogsAnybodyIn(
      @ForAll Mechanism mechanism,
      @ForAll boolean initial,
      @ForAll("threeMessages") List<byte[]> messages)
      throws UnavailableException {
    var exchange = new Attempt(mechanism, accounts, Attempt.TLS).exchange;
    Step step = exchange.begin(initial ? messages.getFirst() : null);
    for (byte[] message : messages) {
      assertThat(step).isNotInstanceOf(Step.Success.class);
      if (step instanceof Step.Failure) {
        return;
      }
      step = exchange.answer(message);
    }
    assertThat(step).isNotInstanceOf(Step.Success.class);
  }

  @Provide
  Arbitrary<List<byte[]>> threeMessages() {
    return messages().list().ofSize(3);
  }
}
