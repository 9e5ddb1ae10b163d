package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Scanners are killed and come back while mail flows, some of which they refuse: nothing that was
/// acknowledged is lost, and nothing passes that should not.
@Tag("peer")
final class KilledScannersTest {
  private static final String SOON = "retry-after = \"1 s\"";

  @Test
  void aClamdThatIsKilledUnderLoadLosesNothingAndLetsNoMalwarePass() {
    try (var clamd = ClamdPeer.start()) {
      String service = "use = clamav, at = [\"127.0.0.1:" + clamd.port() + "\"]";
      dies("clamd killed", service, ClamdPeer.EICAR, clamd::kill, clamd::restart);
    }
  }

  @Test
  void aCIcapThatIsKilledUnderLoadLosesNothingAndLetsNoMalwarePass() {
    try (var clamd = ClamdPeer.start();
        var icap = IcapPeer.start(clamd)) {
      String service = "use = icap, service = avscan, at = [\"127.0.0.1:" + icap.port() + "\"]";
      dies("c-icap killed", service, ClamdPeer.EICAR, icap::kill, icap::restart);
    }
  }

  @Test
  void anRspamdThatIsKilledUnderLoadLosesNothingAndLetsNoSpamPass() {
    try (var rspamd = RspamdPeer.start()) {
      String service = "use = rspamd, at = [\"127.0.0.1:" + rspamd.port() + "\"]";
      dies("rspamd killed", service, RspamdAtPeersTest.GTUBE, rspamd::kill, rspamd::restart);
    }
  }

  @Test
  void aMilterThatIsKilledUnderLoadLosesNothingAndLetsNoSpamPass() {
    try (var rspamd = RspamdPeer.start()) {
      String service = "use = milter, at = \"inet:" + rspamd.proxy() + "@127.0.0.1\"";
      dies("milter killed", service, RspamdAtPeersTest.GTUBE, rspamd::kill, rspamd::restart);
    }
  }

  @Test
  void aSpamdThatIsKilledUnderLoadLosesNothingAndLetsNoSpamPass() {
    try (var spamd = SpamdPeer.start()) {
      String service = "use = spamd, reject-at = 15, at = [\"127.0.0.1:" + spamd.port() + "\"]";
      dies("spamd killed", service, RspamdAtPeersTest.GTUBE, spamd::kill, spamd::restart);
    }
  }

  /// Twice, while good and bad mail comes.
  private static void dies(
      String fault, String service, String bad, Runnable kill, Runnable restart) {
    String content = "content = [ { %s, %s } ]\n".formatted(service, SOON);
    try (var campaign = Campaign.of(fault, content, List.of());
        var refused = RecordingClient.insist("bad", campaign.relay().port(), 2, bad)) {
      int kills = 2 * Campaign.SCALE;
      for (int i = 0; i < kills; i++) {
        campaign.takes(40);
        forGood(campaign, refused);
        kill.run();
        campaign.refuses("451", 20);
        restart.run();
      }
      campaign.takes(40);
      forGood(campaign, refused);
      refused.close();
      assertThat(refused.acknowledged()).as("passed").isEmpty();
      campaign.end(kills);
    }
  }

  /// Waits until it refuses some more, and not only for now.
  private static void forGood(Campaign campaign, RecordingClient refused) {
    int wanted = count(refused) + 3;
    campaign.await("bad mails refused", () -> count(refused) >= wanted);
  }

  private static int count(RecordingClient refused) {
    return refused.refused().entrySet().stream()
        .filter(code -> code.getKey().startsWith("55"))
        .mapToInt(code -> code.getValue())
        .sum();
  }
}
