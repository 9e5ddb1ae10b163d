package dev.poststation.config;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/// What the configuration must know of the machine it runs on. Read from files: asking the resolver
/// could take minutes where the DNS is down. Immutable.
///
/// @param name the full name: the kernel's, completed by /etc/hosts where it is short
/// @param container whether it is a container
/// @param gateway the default gateway, from which forwarded connections may seem to come
public record Machine(String name, boolean container, Optional<InetAddress> gateway) {
  /// Looks at this one.
  public static Machine look(Disk disk) {
    return new Machine(fullName(disk), insideContainer(disk), gateway(disk));
  }

  /// Whether connections that others forward may seem to come from there: from the gateway, or in a
  /// container from the first address of a private network, which mostly is the host's end of it.
  public boolean mayForward(InetAddress address) {
    byte[] octets = address.getAddress();
    return gateway.filter(address::equals).isPresent()
        || (container && address.isSiteLocalAddress() && octets.length == 4 && octets[3] == 1);
  }

  private static String fullName(Disk disk) {
    List<String> kernel = lines(disk, "/proc/sys/kernel/hostname");
    String name = kernel.isEmpty() ? "localhost" : kernel.getFirst().strip();
    if (name.contains(".")) {
      return name;
    }
    for (String line : lines(disk, "/etc/hosts")) {
      int comment = line.indexOf('#');
      List<String> words =
          List.of((comment < 0 ? line : line.substring(0, comment)).strip().split("\\s+", -1));
      // As `hostname -f`: the first name of the line is the canonical one.
      if (words.size() > 1 && words.get(1).contains(".") && words.indexOf(name) > 1) {
        return words.get(1);
      }
    }
    return name;
  }

  private static boolean insideContainer(Disk disk) {
    return exists(disk, "/.dockerenv") || exists(disk, "/run/.containerenv");
  }

  private static boolean exists(Disk disk, String file) {
    try {
      return disk.modified(Path.of(file)).isPresent();
    } catch (IOException _) {
      return false;
    }
  }

  /// The default gateway from the kernel's table, which has addresses as hexadecimal numbers,
  /// lowest octet first.
  private static Optional<InetAddress> gateway(Disk disk) {
    for (String line : lines(disk, "/proc/net/route")) {
      String[] fields = line.split("\\s+", -1);
      if (fields.length > 2 && fields[1].equals("00000000")) {
        byte[] octets = HexFormat.of().parseHex(fields[2]);
        byte[] turned = {octets[3], octets[2], octets[1], octets[0]};
        try {
          return Optional.of(InetAddress.getByAddress(turned));
        } catch (UnknownHostException e) {
          throw new IllegalStateException(e); // Four octets went in.
        }
      }
    }
    return Optional.empty();
  }

  private static List<String> lines(Disk disk, String file) {
    try {
      return new String(disk.read(Path.of(file)), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException _) {
      return List.of();
    }
  }
}
