package dev.poststation.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.Cidr;
import dev.poststation.config.Peer;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.ScriptedResolver;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeerRangesTest {
  private static final Path DATA = Path.of("data");

  private final ManualTime time = new ManualTime();
  private final MemoryDisk disk = new MemoryDisk();
  private final Os os = Configured.os(time, disk);
  private List<String> published = List.of("192.0.2.0/24", "2001:db8::/32");
  private String failure = "";
  private int fetched;

  /// One that fetches only when it is told to look.
  private PeerRanges ranges(Peer.Provider wanted) {
    var idle = new Os(time, os.network(), new NoTasks(os.tasks()), os.chance(), disk);
    var ranges =
        new PeerRanges(
            idle,
            DATA,
            _ -> {
              fetched++;
              if (!failure.isEmpty()) {
                throw new IOException(failure);
              }
              return published;
            });
    ranges.want(wanted);
    return ranges;
  }

  private record NoTasks(Tasks real) implements Tasks {
    @Override
    public Thread virtual(String name, Runnable body) {
      return real.virtual(name, () -> {});
    }

    @Override
    public Thread platform(String name, Runnable body) {
      return real.platform(name, () -> {});
    }
  }

  private static boolean has(PeerRanges ranges, Peer.Provider provider, String address) {
    return ranges.of(provider).of(NumericAddress.parse(address).orElseThrow()).isPresent();
  }

  @Test
  void beforeAnythingWasFetchedThoseThatAreBuiltInHold() {
    var ranges = new PeerRanges(os);
    assertThat(has(ranges, Peer.Provider.MICROSOFT365, "40.107.1.1")).isTrue();
    assertThat(has(ranges, Peer.Provider.MICROSOFT365, "2a01:111:f403::1")).isTrue();
    assertThat(has(ranges, Peer.Provider.MICROSOFT365, "209.85.220.41")).isFalse();
    assertThat(has(ranges, Peer.Provider.GOOGLE, "209.85.220.41")).isTrue();
    assertThat(has(ranges, Peer.Provider.GOOGLE, "40.107.1.1")).isFalse();
    assertThat(ranges.of(Peer.Provider.GOOGLE).age()).isEqualTo("built in, of 2026-08-14");
  }

  @Test
  void whatWasFetchedHoldsForADayAndOverARestartAndWhileNobodyAnswers() {
    var ranges = ranges(Peer.Provider.GOOGLE);
    ranges.look();
    assertThat(has(ranges, Peer.Provider.GOOGLE, "192.0.2.9")).isTrue();
    assertThat(has(ranges, Peer.Provider.GOOGLE, "209.85.220.41")).isFalse();
    assertThat(has(ranges, Peer.Provider.MICROSOFT365, "40.107.1.1")).as("nobody asked").isTrue();
    ranges.look();
    assertThat(fetched).isEqualTo(1);
    ranges.close();

    failure = "a.example does not answer in time";
    var after = ranges(Peer.Provider.GOOGLE);
    assertThat(has(after, Peer.Provider.GOOGLE, "192.0.2.9")).isTrue();
    time.advance(Duration.ofDays(1));
    after.look();
    assertThat(fetched).isEqualTo(2);
    assertThat(has(after, Peer.Provider.GOOGLE, "192.0.2.9")).isTrue();
    assertThat(after.concerns()).as("a day old").isEmpty();
    time.advance(Duration.ofDays(7));
    after.look();
    assertThat(after.concerns())
        .singleElement()
        .asString()
        .endsWith("(8 days old) and cannot be fetched anew: a.example does not answer in time");
    failure = "";
    after.look();
    assertThat(after.concerns()).isEmpty();
  }

  @Test
  void whatIsNoSetOfAProviderIsNotTaken() {
    var ranges = ranges(Peer.Provider.MICROSOFT365);
    for (var wrong :
        List.of(
            List.<String>of(),
            List.of("0.0.0.0/0"),
            List.of("40.107.0.0/16", "2000::/3"),
            List.of("10.0.0.0/16"),
            List.of("172.16.0.0/12"),
            List.of("192.168.7.0/24"),
            List.of("192.160.0.0/12"),
            List.of("100.64.0.0/16"),
            List.of("100.127.3.0/24"),
            List.of("169.254.1.0/24"),
            List.of("169.240.0.0/12"),
            List.of("127.0.0.0/16"),
            List.of("0.0.0.0/12"),
            List.of("224.0.0.0/16"),
            List.of("fd00:1::/32"),
            List.of("fe80::/64"),
            List.of("::/32"),
            List.of("ff02::/32"),
            List.of("40.107.0.0/16", "nonsense"),
            List.of("40.0.0.0/12", "41.0.0.0/12", "42.0.0.0/12", "43.0.0.0/12", "44.0.0.0/12"))) {
      published = wrong;
      ranges.look();
      assertThat(has(ranges, Peer.Provider.MICROSOFT365, "40.107.1.1")).isTrue();
      assertThat(ranges.of(Peer.Provider.MICROSOFT365).builtIn()).isTrue();
      assertThat(ranges.concerns()).hasSize(1);
    }
    published = List.of("198.51.100.0/24");
    ranges.look();
    assertThat(has(ranges, Peer.Provider.MICROSOFT365, "198.51.100.1")).isTrue();
  }

  @Test
  void aDamagedFileIsNoReasonNotToStart() {
    disk.with("data/peers.ranges", "google 2026-01-01T00:00:00Z 0.0.0.0/0\n");
    var ranges = ranges(Peer.Provider.GOOGLE);
    assertThat(has(ranges, Peer.Provider.GOOGLE, "209.85.220.41")).isTrue();
    assertThat(has(ranges, Peer.Provider.GOOGLE, "198.51.100.1")).isFalse();
  }

  @Test
  void ofMicrosoftsEndpointsThoseThatSpeakSmtpCount() throws IOException {
    String json =
        """
        [ {"id": 1, "serviceArea": "Exchange", "urls": ["outlook.office365.com"],
           "ips": ["13.107.6.152/31"], "tcpPorts": "80,443"},
          {"id": 2, "urls": ["smtp.office365.com"], "ips": ["52.96.0.0/14"], "tcpPorts": "587,25"},
          {"id": 10, "serviceArea": "Exchange", "urls": ["*.mail.protection.outlook.com"],
           "ips": ["40.92.0.0/15", "2a01:111:f403::/48"], "tcpPorts": "25"},
          {"id": 11, "urls": ["*.protection.outlook.com"], "tcpPorts": "443", "ips": ["1.2.3.0/24"]},
          {"id": 12} ]
        """;
    assertThat(PeerSite.microsoft(json)).containsExactly("40.92.0.0/15", "2a01:111:f403::/48");
    assertThatThrownBy(() -> PeerSite.microsoft("<html>")).isInstanceOf(IOException.class);
  }

  @Test
  void ofGoogleWhatItsSpfRecordsIncludeCounts() throws IOException {
    var resolver =
        new ScriptedResolver()
            .text("_spf.google.com", "v=spf1 include:_netblocks.google.com include:x.example ~all")
            .text(
                "_netblocks.google.com", "other", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all");
    var site = PeerSite.of(resolver, os);
    assertThat(site.fetch(Peer.Provider.GOOGLE)).containsExactly("192.0.2.0/24", "2001:db8::/32");
    var silent = PeerSite.of(new ScriptedResolver(), os);
    assertThatThrownBy(() -> silent.fetch(Peer.Provider.GOOGLE))
        .hasMessage("_spf.google.com has no SPF record");
  }

  @Test
  void theBuiltInOnesAreNetworksAndWrittenToTheDisk() throws IOException {
    var ranges = ranges(Peer.Provider.GOOGLE);
    assertThat(ranges.of(Peer.Provider.GOOGLE).networks()).hasSizeGreaterThan(15);
    ranges.look();
    ranges.close();
    assertThat(new String(disk.read(DATA.resolve("peers.ranges")), StandardCharsets.UTF_8))
        .startsWith("google ")
        .endsWith(" 192.0.2.0/24 2001:db8::/32\n");
    assertThat(Cidr.parse("nonsense")).isEmpty();
  }
}
