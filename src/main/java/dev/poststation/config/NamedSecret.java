package dev.poststation.config;

/// A secret of the configuration, and the key that names it. Immutable.
///
/// @param name the whole path of the key: `connectors.next.auth.password`
public record NamedSecret(String name, Secret secret) {}
