package dev.poststation.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a directory is reached. Immutable.
///
/// @param servers those that have it, in the order in which they are asked
/// @param tls of servers that are named with `ldap:`
/// @param authorities who vouches for their certificates; null: those of the machine
/// @param binding as whom; null: as nobody
/// @param connections to each server for each purpose, at most
/// @param timeout how long a server may take for each step
public record LdapAccess(
    List<LdapSettings.Server> servers,
    LdapSettings.Tls tls,
    @Nullable Path authorities,
    LdapSettings.@Nullable Binding binding,
    int connections,
    Duration timeout) {
  public LdapAccess {
    servers = List.copyOf(servers);
  }
}
