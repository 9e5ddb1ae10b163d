package dev.poststation.server;

import dev.poststation.config.Limits;
import dev.poststation.config.ListenerSettings;
import dev.poststation.policy.Policy;
import dev.poststation.tls.Certificates;

/// What a session needs of the configuration, taken anew for each mail, so that a reload takes
/// effect while sessions go on. Immutable.
///
/// @param hostname our name
/// @param exchange whether some clients are servers of Exchange, so that nobody else may write what
///   they believe each other
public record ServerSettings(
    String hostname,
    ListenerSettings listener,
    Limits limits,
    Policy policy,
    Certificates certificates,
    boolean exchange) {}
