package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// The quota of a provider, with the real program on a real disk that is killed under load.
@Tag("slow")
final class QuotaOverKillsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final int QUOTA = 250;

  /// What a kill may cost: a promise of a 50th of the quota, and what had been let go out of
  /// earlier ones and was not yet sent.
  private static final int COST = 10;

  @Test
  void twoKillsUnderLoadSendNoMoreThanTheQuotaAndNearlyAllOfIt() {
    try (var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.to(
                sink.port(), "quota = [\"" + QUOTA + "/hour\"]", "max-connections = 20");
        var client = RecordingClient.persevere("mail", relay.port(), 10, 3000, Duration.ZERO)) {
      awaitMails(sink, QUOTA / 4);
      relay.kill();
      int before = sink.files().size();
      relay.begin();
      awaitMails(sink, before + QUOTA / 4);
      relay.kill();
      int killed = sink.files().size();
      int said = relay.log().length();
      relay.restart();
      Until.holds(
          "the quota is used up",
          LONG,
          () -> relay.log().substring(said).contains("quota 250/hour of connector next is used"));
      client.close();
      int acknowledged = client.acknowledged().size();
      relay.stop();

      int sent = sink.mails().size();
      System.out.printf(
          "quota %d/hour, %d mails, killed after %d and %d were sent: %d are%n",
          QUOTA, acknowledged, before, killed, sent);
      assertThat(acknowledged).isGreaterThan(QUOTA);
      assertThat(sent).isBetween(QUOTA - 2 * COST, QUOTA);
    }
  }

  private static void awaitMails(SmtpSinkPeer sink, int count) {
    Until.holds(count + " mails at the sink", LONG, () -> sink.files().size() >= count);
  }
}
