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
}
