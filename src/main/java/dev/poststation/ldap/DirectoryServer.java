package dev.poststation.ldap;

import com.unboundid.ldap.sdk.AggregatePostConnectProcessor;
import com.unboundid.ldap.sdk.LDAPBindException;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.ServerSet;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import dev.poststation.config.LdapAccess;
import dev.poststation.config.LdapSettings;
import dev.poststation.dns.Resolver;
import dev.poststation.os.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;

/// One server of the directory, and the connections to it: some that look for people, as the
/// account of this relay, and some that try passwords. A search is never done as somebody who has
/// just logged in. Safe for any thread.
///
/// The library does its own I/O, with time-outs of ours and at addresses that our own resolver
/// found, and looks at idle connections once a minute, on a thread of its own: like the DNS behind
/// `Resolver`, it stands behind `Accounts`, in whose place a simulation puts another one.
public final class DirectoryServer implements AutoCloseable {
  /// Idle ones are renewed, before a firewall forgets them silently.
  private static final Duration CONNECTION_AGE = Duration.ofMinutes(5);

  /// The directory's words for "no" to a password, and to a user who is locked or has expired. All
  /// others mean that it could not say.
  private static final Set<ResultCode> REFUSALS =
      Set.of(
          ResultCode.INVALID_CREDENTIALS,
          ResultCode.INAPPROPRIATE_AUTHENTICATION,
          ResultCode.CONSTRAINT_VIOLATION,
          ResultCode.NO_SUCH_OBJECT,
          ResultCode.INSUFFICIENT_ACCESS_RIGHTS,
          ResultCode.UNWILLING_TO_PERFORM);

  private final LDAPConnectionPool looking;
  private final LDAPConnectionPool trying;

  /// Connects to nobody yet.
  DirectoryServer(
      LdapSettings.Server server,
      LdapAccess settings,
      SSLSocketFactory sockets,
      Resolver resolver,
      Time time) {
    List<PostConnectProcessor> first = new ArrayList<>();
    if (!server.implicitTls() && settings.tls() == LdapSettings.Tls.STARTTLS) {
      first.add(new StartTLSPostConnectProcessor(sockets));
    }
    var place =
        new ServerByName(
            server,
            server.implicitTls() ? sockets : SocketFactory.getDefault(),
            options(settings.timeout()),
            resolver,
            time);
    this.trying = pool("password", place, settings, first);
    var binding = settings.binding();
    if (binding != null) {
      first.add(new Introduction(binding));
    }
    this.looking = pool("people", place, settings, first);
  }

  private static LDAPConnectionOptions options(Duration timeout) {
    var options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis(Math.toIntExact(timeout.toMillis()));
    options.setResponseTimeoutMillis(timeout.toMillis());
    options.setAbandonOnTimeout(true);
    options.setFollowReferrals(false); // They may lead to servers that nobody named.
    options.setBindWithDNRequiresPassword(true);
    options.setUseSynchronousMode(true); // No thread for each connection.
    return options;
  }

  private static LDAPConnectionPool pool(
      String name, ServerSet place, LdapAccess settings, List<PostConnectProcessor> first) {
    try {
      var processor = first.isEmpty() ? null : new AggregatePostConnectProcessor(first);
      var pool = new LDAPConnectionPool(place, null, 0, settings.connections(), processor, false);
      pool.setConnectionPoolName(name);
      pool.setCreateIfNecessary(false);
      pool.setMaxWaitTimeMillis(settings.timeout().toMillis());
      pool.setMaxConnectionAgeMillis(CONNECTION_AGE.toMillis());
      // A server that was restarted has left us dead connections.
      pool.setRetryFailedOperationsDueToInvalidConnections(true);
      return pool;
    } catch (LDAPException e) {
      throw new IllegalStateException(e); // Nobody was connected to.
    }
  }

  /// Says who we are, with the secret as it is now.
  private record Introduction(LdapSettings.Binding binding) implements PostConnectProcessor {
    @Override
    public void processPreAuthenticatedConnection(LDAPConnection connection) throws LDAPException {
      try {
        connection.bind(new SimpleBindRequest(binding.dn(), binding.password().reveal()));
      } catch (LDAPBindException e) {
        String said = "bind-dn is refused: " + e.getResultCode().getName();
        throw new LDAPException(ResultCode.AUTHORIZATION_DENIED, said, e);
      } catch (IOException e) {
        throw new LDAPException(ResultCode.LOCAL_ERROR, String.valueOf(e.getMessage()), e);
      }
    }

    @Override
    public void processPostAuthenticatedConnection(LDAPConnection connection) {}
  }

  /// Searches, as the account of this relay.
  ///
  /// @throws LDAPException when the server could not say
  public SearchResult search(SearchRequest request) throws LDAPException {
    return looking.search(request);
  }

  /// Whether it is the password of this entry, which must have a name: a bind without a name, or
  /// without a password, is nobody's and succeeds (RFC 4513 5.1).
  ///
  /// @throws LDAPException when the server could not say
  public boolean isPassword(String dn, String password) throws LDAPException {
    if (dn.isEmpty() || password.isEmpty()) {
      return false;
    }
    try {
      trying.bind(new SimpleBindRequest(dn, password));
      return true;
    } catch (LDAPBindException e) {
      if (REFUSALS.contains(e.getResultCode())) {
        return false;
      }
      throw e; // Also where nobody has the name: a server that is busy is so for all names.
    }
  }

  /// Connections that are in use are closed when they are not any more.
  @Override
  public void close() {
    looking.close();
    trying.close();
  }
}
