package dev.poststation.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// `dns`.
///
/// @param servers whom to ask; empty: the system's
/// @param timeout of one question to one server
public record DnsSettings(List<InetSocketAddress> servers, Duration timeout) {
  public DnsSettings {
    servers = List.copyOf(servers);
  }

  static DnsSettings read(Section in) {
    in.later("dnssec");
    List<InetSocketAddress> servers =
        in.list(
            "servers",
            Kinds.socket(53),
            Standard.emptyList("those of /etc/resolv.conf", "127.0.0.1", "[::1]:53"),
            """
            Name servers to ask, in this order. One that caches, on this machine, is best: every
            mail to a new domain asks several questions.
            """);
    Duration timeout =
        in.read(
            "timeout",
            Kinds.duration("100 ms", "1 minute"),
            "5 s",
            """
            How long one server may take for one answer; then the next one is asked. When none
            answers, mail waits. Five seconds is also what the system's resolver waits.
            """);
    return new DnsSettings(servers, timeout);
  }
}
