package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.QueueId;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.EnhancedStatus;
import dev.poststation.smtp.Reply;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What is learned of a sender is learned under the address that it became, and holds for the one
/// that it was.
class RewrittenSendersTest {
  @Test
  void anOutbreakOfASenderThatWasRewrittenStopsThatSender() {
    var time = new ManualTime();
    var configuration =
        Configured.configuration(
            "{ name = exchange, networks = [\"10.0.0.10\"] }",
            "rewrite = [ { map = \"@inside.example @outside.example\" } ]\n"
                + "limits { outbreak { action = hold, failures = \"50% of 20\" } }");
    var os = Configured.os(time, new MemoryDisk());
    var memory =
        new ClientMemory(
            new ScriptedResolver(),
            os,
            _ -> Optional.of(List.of()),
            Path.of("data"),
            () -> configuration,
            _ -> {},
            _ -> List.of());
    var policy = new Policy(configuration, memory);
    var exchange = Configured.from("10.0.0.10");
    var refused =
        new Outcome.Bounced(
            Outcome.Stage.RCPT, new EnhancedStatus(5, 7, 1), "no", Reply.of(550, "5.7.1", "no"));
    var taken = new Outcome.Delivered(Reply.of(250, "2.0.0", "Ok"), null, false);
    var witness = memory.witness();
    for (int i = 0; i < 100; i++) {
      witness.concluded(sent(time, "ben@outside.example"), "hop", List.of(), List.of(taken));
    }
    for (int i = 0; i < 20; i++) {
      witness.concluded(sent(time, "anna@outside.example"), "hop", List.of(), List.of(refused));
    }

    var permit = ((Verdict.Allowed) policy.decide(exchange)).permit();
    assertThat(permit.sender(exchange, new Address("anna", "inside.example")))
        .hasValueSatisfying(
            objection -> assertThat(objection.hold().setting()).isEqualTo("outbreak"));
    assertThat(permit.sender(exchange, new Address("ben", "inside.example"))).isEmpty();
  }

  private static Envelope sent(ManualTime time, String from) {
    int at = from.indexOf('@');
    return new Envelope(
        new QueueId(1),
        time.now(),
        new Address(from.substring(0, at), from.substring(at + 1)),
        BodyType.SEVEN_BIT,
        false,
        null,
        null,
        new Envelope.Source("exchange", "relay", "10.0.0.10", "helo", "ESMTP", ""),
        new Envelope.Traits(10, false, false, false, false, true));
  }
}
