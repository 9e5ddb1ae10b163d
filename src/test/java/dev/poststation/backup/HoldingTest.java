package dev.poststation.backup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.TraceSettings;
import dev.poststation.log.TraceEntries;
import dev.poststation.message.Envelope;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemorySpool;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.spool.Placement;
import dev.poststation.spool.SpoolException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is said to be held after a restore is held on the disk.
class HoldingTest {
  private final ManualTime time = new ManualTime();
  private final MemorySpool spool = new MemorySpool(time);
  private QueueId id;

  @BeforeEach
  void aMail() throws SpoolException {
    id = spool.nextId();
    try (var draft = spool.draft(id)) {
      draft.write(new byte[] {'\r', '\n'}, 0, 2);
      var envelope =
          new Envelope(
              id,
              time.now(),
              new Address("anna", "example.com"),
              BodyType.SEVEN_BIT,
              false,
              null,
              null,
              Envelope.Source.SELF,
              new Envelope.Traits(2, false, false, false, false, true));
      var to = new Recipient(0, new Address("bert", "example.net"), Set.of(), null);
      var state = RecipientState.fresh(time.now());
      draft.commit(
          new Mail(envelope, new byte[0], draft.chunks(), List.of(to), List.of(state)), List.of());
    }
  }

  private long hold() throws SpoolException {
    var entries = new TraceEntries(new TraceSettings(Duration.ofDays(1), 1 << 20, true));
    return Holding.all(spool, entries, time.now(), "restored");
  }

  @Test
  void mailStaysHeldThoughThePowerIsCutAtOnce() throws SpoolException {
    assertThat(hold()).isEqualTo(1);

    assertThat(spool.afterPowerCut().load(id))
        .hasValueSatisfying(stored -> assertThat(stored.placement()).isEqualTo(Placement.HELD));
  }
}
