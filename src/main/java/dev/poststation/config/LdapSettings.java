package dev.poststation.config;

import dev.poststation.os.IpText;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// `users.ldap`: a directory whose people can log in.
///
/// @param servers those that have it, in the order in which they are asked
/// @param tls of servers that are named with `ldap:`
/// @param authorities who vouches for their certificates; null: those of the machine
/// @param base where people are looked for
/// @param binding as whom; null: as nobody
/// @param filter what a person looks like; `{user}` stands for the name that the client said
/// @param name the attribute that a user is called by
/// @param own attributes with his own addresses
/// @param group the entry of which he must be a member; null: anybody may log in
/// @param connections to each server for each purpose, at most
/// @param timeout how long a server may take for each step
/// @param remember how long a password that was good is taken without asking again
public record LdapSettings(
    List<Server> servers,
    Tls tls,
    @Nullable Path authorities,
    String base,
    @Nullable Binding binding,
    String filter,
    String name,
    List<String> own,
    @Nullable String group,
    int connections,
    Duration timeout,
    Duration remember,
    Origin origin) {
  /// Stands in a filter for the name of the user.
  public static final String USER = "{user}";

  public LdapSettings {
    servers = List.copyOf(servers);
    own = List.copyOf(own);
  }

  /// How it is reached.
  public LdapAccess access() {
    return new LdapAccess(servers, tls, authorities, binding, connections, timeout);
  }

  /// The same, as if it stood elsewhere in the configuration.
  public LdapSettings at(Origin place) {
    return new LdapSettings(
        servers,
        tls,
        authorities,
        base,
        binding,
        filter,
        name,
        own,
        group,
        connections,
        timeout,
        remember,
        place);
  }

  /// A server of the directory.
  ///
  /// @param implicitTls whether TLS begins with the first octet (`ldaps:`)
  public record Server(String host, int port, boolean implicitTls) {
    @Override
    public String toString() {
      return IpText.at(host, port);
    }
  }

  /// TLS where it does not begin with the first octet.
  public enum Tls {
    /// StartTLS (RFC 4511 4.14), or no connection.
    STARTTLS,
    /// Passwords go in clear.
    OFF
  }

  /// As whom people are looked for.
  public record Binding(String dn, Secret password) {}
}
