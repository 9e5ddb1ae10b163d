package dev.poststation.config;

import dev.poststation.os.Disk;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// What the configuration must know of the machine it runs on. Read from files: asking the resolver
/// could take minutes where the DNS is down. Immutable.
///
/// @param name the full name: the kernel's, completed by /etc/hosts where it is short
/// @param behind what lies between clients and this machine, and mostly takes away their addresses:
///   `this container`; empty: nothing that is known
/// @param gateways the default gateways
/// @param hosts in a container, its host's ends of the networks that it is in: their first
///   addresses
/// @param own in a container, its own addresses without loopback: a proxy within it, as rootless
///   Podman has, connects from there
public record Machine(
    String name,
    String behind,
    List<InetAddress> gateways,
    List<InetAddress> hosts,
    List<InetAddress> own) {
  private static final String CONTAINER = "this container";

  /// Where the user-mode network of QEMU and VirtualBox has its gateway, which all forwarded
  /// connections come from.
  private static final InetAddress SLIRP = InetAddress.ofLiteral("10.0.2.2");

  public Machine {
    gateways = List.copyOf(gateways);
    hosts = List.copyOf(hosts);
    own = List.copyOf(own);
  }

  /// Looks at this one.
  public static Machine look(Disk disk) {
    var routes =
        Routes.read(
            lines(disk, "/proc/net/route"),
            lines(disk, "/proc/net/ipv6_route"),
            lines(disk, "/proc/net/fib_trie"),
            lines(disk, "/proc/net/if_inet6"));
    String behind = behind(disk, routes.gateways());
    boolean container = behind.equals(CONTAINER);
    return new Machine(
        fullName(disk),
        behind,
        routes.gateways(),
        container ? routes.firstAddresses() : List.of(),
        container ? routes.own() : List.of());
  }

  /// What is known to hide clients: connections that it forwards seem to come from the gateway.
  private static String behind(Disk disk, List<InetAddress> gateways) {
    if (insideContainer(disk)) {
      return CONTAINER;
    }
    if (gateways.contains(SLIRP)) {
      return "this virtual machine";
    }
    boolean windows =
        lines(disk, "/proc/sys/kernel/osrelease").stream()
            .anyMatch(line -> line.toLowerCase(Locale.ROOT).contains("microsoft"));
    return windows ? "this Linux of Windows (WSL)" : "";
  }

  /// The addresses that connections seem to come from that others forward, where that is known.
  public List<InetAddress> forwarders() {
    return behind.isEmpty()
        ? List.of()
        : Stream.of(gateways, hosts, own).flatMap(List::stream).distinct().toList();
  }

  /// Whether connections that others forward may seem to come from there: from one of
  /// [#forwarders()], or in a container from any address that is not public, for routing meshes use
  /// addresses of other machines.
  public boolean mayForward(InetAddress address) {
    return gateways.contains(address)
        || forwarders().contains(address)
        || (container() && RelayCheck.NOT_PUBLIC.stream().anyMatch(net -> net.contains(address)));
  }

  /// What such an address is: `gateway of this container`, `own address of this container`.
  String kind(InetAddress forwarder) {
    return Gateways.kind(behind, own.contains(forwarder));
  }

  /// Whether it is a container.
  public boolean container() {
    return behind.equals(CONTAINER);
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

  /// Of Docker, Podman, or Kubernetes, whose engines leave no file.
  private static boolean insideContainer(Disk disk) {
    return exists(disk, "/.dockerenv")
        || exists(disk, "/run/.containerenv")
        || lines(disk, "/proc/self/environ").stream()
            .flatMap(line -> Stream.of(line.split("\0", -1)))
            .anyMatch(variable -> variable.startsWith("KUBERNETES_SERVICE_HOST="));
  }

  private static boolean exists(Disk disk, String file) {
    try {
      return disk.modified(Path.of(file)).isPresent();
    } catch (IOException _) {
      return false;
    }
  }

  private static List<String> lines(Disk disk, String file) {
    try {
      return new String(disk.read(Path.of(file)), StandardCharsets.UTF_8).lines().toList();
    } catch (IOException _) {
      return List.of();
    }
  }
}
