package dev.poststation.ldap;

import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPoolHealthCheck;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.ServerSet;
import dev.poststation.config.LdapSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.Time;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import javax.net.SocketFactory;
import org.jspecify.annotations.Nullable;

/// Connects to a server of the directory at the addresses that its name has now, one after the
/// other until one takes the connection, in the time that one connection may take. The name is
/// looked up by our own resolver: that of the JDK would keep a processor from all other sessions
/// for as long as the DNS is silent. It remains the name for which the certificate must be valid.
/// Safe for any thread.
final class ServerByName extends ServerSet {
  /// So many silent addresses in a row share the time.
  private static final int SILENT_MOST = 3;

  private final LdapSettings.Server server;
  private final SocketFactory sockets;
  private final LDAPConnectionOptions options;
  private final Resolver resolver;
  private final Time time;

  /// @param options with the time that a connection may take
  ServerByName(
      LdapSettings.Server server,
      SocketFactory sockets,
      LDAPConnectionOptions options,
      Resolver resolver,
      Time time) {
    this.server = server;
    this.sockets = sockets;
    this.options = options;
    this.resolver = resolver;
    this.time = time;
  }

  @Override
  public LDAPConnection getConnection() throws LDAPException {
    return getConnection(null);
  }

  @Override
  public LDAPConnection getConnection(@Nullable LDAPConnectionPoolHealthCheck check)
      throws LDAPException {
    var connection = connected();
    doBindPostConnectAndHealthCheckProcessing(connection, null, null, check);
    associateConnectionWithThisServerSet(connection);
    return connection;
  }

  private LDAPConnection connected() throws LDAPException {
    var addresses = addresses();
    long end = time.nanos() + options.getConnectTimeoutMillis() * 1_000_000L;
    LDAPException last = null;
    for (int i = 0; i < addresses.size(); i++) {
      long left = (end - time.nanos()) / 1_000_000;
      if (last != null && left <= 0) {
        break;
      }
      try {
        var connection = new LDAPConnection(sockets, options);
        int sharing = Math.min(Math.max(1, SILENT_MOST - i), addresses.size() - i);
        int timeout = (int) Math.max(1, left / sharing);
        connection.connect(server.host(), addresses.get(i), server.port(), timeout);
        return connection;
      } catch (LDAPException e) {
        last = e;
      }
    }
    throw last == null ? unknown("the name has no address") : last;
  }

  private List<InetAddress> addresses() throws LDAPException {
    return switch (resolver.addresses(server.host())) {
      case Answer.Found<InetAddress>(var found) -> found.stream().map(this::named).toList();
      case Answer.NoRecord<InetAddress> _, Answer.NoName<InetAddress> _ -> List.of();
      case Answer.Failed<InetAddress>(var reason) -> throw unknown(reason);
    };
  }

  /// TLS asks an address what it is called, and nobody else.
  private InetAddress named(InetAddress address) {
    try {
      return InetAddress.getByAddress(server.host(), address.getAddress());
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e); // Only of a wrong length.
    }
  }

  private static LDAPException unknown(String why) {
    return new LDAPException(ResultCode.CONNECT_ERROR, why, new UnknownHostException(why));
  }
}
