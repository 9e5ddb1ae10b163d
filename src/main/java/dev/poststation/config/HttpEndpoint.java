package dev.poststation.config;

import java.net.InetAddress;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Where a connector with `type = http` posts mail. Immutable.
///
/// @param url of `https`, or of `http` where that is meant
/// @param token what shows there who we are (RFC 6750); null: nothing, or the account does
/// @param authorities who vouches for its certificate; null: those of the machine
public record HttpEndpoint(URI url, @Nullable Secret token, @Nullable Path authorities) {
  /// Whether nothing is encrypted.
  public boolean plain() {
    return url.getScheme().equalsIgnoreCase("http");
  }

  /// Whether it is this machine.
  boolean here() {
    return name().equalsIgnoreCase("localhost")
        || Addresses.numeric(name()).filter(InetAddress::isLoopbackAddress).isPresent();
  }

  /// Whether others may see what goes there.
  public boolean open() {
    return plain() && !here();
  }

  /// The host, as that of a connector.
  Connector.Host host() {
    int port = url.getPort() > 0 ? url.getPort() : plain() ? 80 : 443;
    return new Connector.Host(name(), port, false, !plain());
  }

  private String name() {
    String host = url.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }
}
