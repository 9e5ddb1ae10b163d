package dev.poststation.account;

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
/// other until one takes the connection. The name is looked up by our own resolver: that of the JDK
/// would keep a processor from all other sessions for as long as the DNS is silent. It remains the
/// name for which the certificate must be valid. Safe for any thread.
final class ServerByName extends ServerSet {
  /// So many silent addresses in a row are waited for.
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
    int timeout = options.getConnectTimeoutMillis();
    long end = time.nanos() + (long) SILENT_MOST * timeout * 1_000_000;
    LDAPException last = null;
    for (var address : addresses()) {
      if (last != null && time.nanos() >= end) {
        break;
      }
      try {
        var connection = new LDAPConnection(sockets, options);
        connection.connect(server.host(), address, server.port(), timeout);
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
