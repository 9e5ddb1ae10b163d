package dev.poststation.profile;

import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The kernel's table of neighbours: which hardware address an IPv4 address on the link has. IPv6
/// is not in that file. Safe for any thread.
public final class Neighbours {
  private static final Path TABLE = Path.of("/proc/net/arp");
  private static final long FRESH_NANOS = Duration.ofSeconds(5).toNanos();
  private static final int MOST = 20_000;
  private static final int COMPLETE = 2;

  private final Os os;
  private volatile @Nullable Table last;

  private record Table(long readNanos, Map<String, String> hardware) {}

  /// The neighbours of a machine.
  public Neighbours(Os os) {
    this.os = os;
  }

  /// The hardware address, such as `00:11:22:33:44:55`; null where it is not known.
  public @Nullable String hardware(InetAddress address) {
    if (!(address instanceof Inet4Address) || address.isLoopbackAddress()) {
      return null;
    }
    var table = last;
    long now = os.time().nanos();
    if (table == null || now - table.readNanos() > FRESH_NANOS) {
      table = new Table(now, read());
      last = table;
    }
    return table.hardware().get(IpText.of(address));
  }

  private Map<String, String> read() {
    try {
      return parse(new String(os.disk().read(TABLE), StandardCharsets.US_ASCII));
    } catch (IOException _) {
      return Map.of(); // There is none on this machine.
    }
  }

  /// IP address, HW type, Flags, HW address, Mask, Device.
  static Map<String, String> parse(String text) {
    Map<String, String> hardware = new HashMap<>();
    for (String line : text.split("\n", MOST)) {
      String[] words = line.strip().split("\\s+", 6);
      if (words.length == 6 && isComplete(words[2]) && !words[3].equals("00:00:00:00:00:00")) {
        hardware.put(words[0], words[3]);
      }
    }
    return hardware;
  }

  private static boolean isComplete(String flags) {
    try {
      return (Integer.decode(flags) & COMPLETE) != 0;
    } catch (NumberFormatException _) {
      return false; // The heading.
    }
  }
}
