package dev.poststation.system;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A disk that is really full, under load.
@Tag("slow")
final class FullDiskTest {
  private static final int MAX_CONNECTIONS = 20;

  /// Then not even the store can be opened anew after the write that failed.
  @Test
  void aDiskThatIsFullToTheLastOctetLosesNothingAndTheRelayRecovers() throws IOException {
    try (var home = Home.create("disk");
        var disk = SmallDisk.mount(home.path().resolve("data"), 200);
        var campaign = Campaign.of("disk full to the last octet", FaultsTest.on(disk), List.of())) {
      // A relay that cannot write the address of its HTTP API, the last thing at a start, ends.
      campaign.await("started", () -> campaign.relay().metric("poststation_spool_mails") >= 0);
      int fills = 3 * Campaign.SCALE;
      for (int fill = 0; fill < fills; fill++) {
        campaign.takes(100);
        Instant full = Instant.now();
        disk.fill();
        int before = refusals(campaign);
        campaign.await("refuses", () -> refusals(campaign) > before);
        disk.empty();
        campaign.takes(1);
        campaign.crash(full, Instant.now(), MAX_CONNECTIONS);
      }
      campaign.takes(100);
      campaign.end(fills);
    }
  }

  private static int refusals(Campaign campaign) {
    return campaign.refusals("451") + campaign.refusals("452");
  }
}
