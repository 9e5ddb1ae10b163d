package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.ClientRule;
import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Reply;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a decision costs among a thousand entries. The bound is far above what is measured, for a
/// machine that has other things to do; it is far below what looking at all entries would take with
/// ten thousand networks.
@Tag("slow")
class PolicyCostTest {
  private static final int DECISIONS = 20_000;
  private static final long BOUND_NANOS = 20_000;

  @Test
  void aThousandEntriesWithTenNetworksEachCostAFewMicroseconds() {
    var text = new StringBuilder();
    for (int entry = 0; entry < 1000; entry++) {
      List<String> networks = new ArrayList<>();
      for (int net = 0; net < 10; net++) {
        int bits = 24 + net % 9;
        networks.add("\"10.%d.%d.%d/%d\"".formatted(entry / 4, entry % 4 * 64 + net, 0, bits));
      }
      text.append("{ name = c").append(entry).append(", networks = [");
      text.append(String.join(", ", networks)).append("] }\n");
    }
    List<ClientRule> rules = Configured.rules(text.toString());
    var policy =
        new Policy(rules, Configured.HOSTNAME, new ClientMemory(new ScriptedResolver(), Os.real()));
    var first = Configured.from("10.0.0.0");
    var last = Configured.from("10.249.192.0");
    var stranger = Configured.from("192.0.2.1");
    assertThat(policy.decide(last).reason()).contains("\"c999\"");
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < DECISIONS; i++) {
        policy.decide(i % 3 == 0 ? first : i % 3 == 1 ? last : stranger);
      }
      best = Math.min(best, (System.nanoTime() - start) / DECISIONS);
    }
    System.out.println("a decision among 1000 entries with 10,000 networks: " + best + " ns");
    assertThat(best).isLessThan(BOUND_NANOS);
  }

  /// At MAIL, at the 250, and when its one recipient is settled.
  @Test
  void toLookWhetherAClientIsItselfCostsAMailLittle() {
    var os = Configured.os(Os.real().time(), new MemoryDisk());
    var configuration = Configured.configuration("{ name = lan, networks = [\"10.0.0.0/8\"] }", "");
    var outbreaks = new Outbreaks(os, Path.of("data"), () -> configuration, _ -> {});
    var client = Configured.from("10.0.0.7");
    var sender = new Address("anna", "example.com");
    var source = new Envelope.Source("lan", "relay", "10.0.0.7", "helo", "ESMTP");
    var envelope =
        new Envelope(
            new QueueId(1),
            os.time().now(),
            sender,
            BodyType.SEVEN_BIT,
            false,
            null,
            null,
            source,
            new Envelope.Traits(10, false, false, false, false, true));
    var taken = new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok"), null, false);
    long best = Long.MAX_VALUE;
    for (int round = 0; round < 20; round++) {
      long start = System.nanoTime();
      for (int i = 0; i < DECISIONS; i++) {
        outbreaks.objection("lan", client, sender);
        outbreaks.taken("lan", client, sender, 1);
        outbreaks.concluded(envelope, "internet:mx.example.org", List.of(), List.of(taken));
      }
      best = Math.min(best, (System.nanoTime() - start) / DECISIONS);
    }
    System.out.println("to look whether a client is itself, for a mail: " + best + " ns");
    assertThat(best).isLessThan(BOUND_NANOS);
  }
}
