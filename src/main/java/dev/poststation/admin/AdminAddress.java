package dev.poststation.admin;

import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where the API of a relay listens, in a file of its data directory: `admin.bind` in the
/// configuration may have been changed since the start, or leave the port to the system. Pure
/// functions.
public final class AdminAddress {
  private static final Logger LOG = LoggerFactory.getLogger(AdminAddress.class);
  private static final String FILE = "admin.address";

  private AdminAddress() {}

  /// Notes it. On a full disk that is not possible, and the relay, which has taken mail by then,
  /// runs all the same: what was noted before is forgotten, and the configuration counts.
  static void note(Os os, Path data, InetSocketAddress address) {
    var file = data.resolve(FILE);
    String text = address.getAddress().getHostAddress() + " " + address.getPort() + "\n";
    try {
      os.disk().replace(file, text.getBytes(StandardCharsets.US_ASCII), false);
    } catch (IOException e) {
      LOG.warn(
          "The file {} cannot be written: {}. The commands look for this relay where admin.bind of"
              + " the configuration says.",
          file,
          e.getMessage());
      forget(os, file);
    }
  }

  private static void forget(Os os, Path file) {
    try {
      os.disk().remove(file);
    } catch (IOException e) {
      LOG.warn("The file {} cannot be removed: {}", file, e.getMessage());
    }
  }

  /// What was noted at the last start; empty when nothing was, or this user may not read it.
  public static Optional<InetSocketAddress> read(Os os, Path data) {
    try {
      byte[] octets = os.disk().read(data.resolve(FILE));
      String[] words = new String(octets, StandardCharsets.US_ASCII).strip().split(" ", -1);
      if (words.length == 2) {
        int port = Integer.parseInt(words[1]);
        return NumericAddress.parse(words[0]).map(host -> new InetSocketAddress(host, port));
      }
    } catch (IOException | IllegalArgumentException _) {
      // As if it were not there.
    }
    return Optional.empty();
  }
}
