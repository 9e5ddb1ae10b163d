package dev.poststation.policy;

import dev.poststation.os.TlsFacts;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// What is known of a client now, and what decisions about it go by. Immutable.
///
/// @param address where it comes from
/// @param listener the name of the listener that it came to
/// @param zone the zone of that listener; empty: none
/// @param tls how the session is encrypted, with the client's certificates; null: it is not
/// @param user the name that it authenticated as; null: it did not
/// @param hello what it said in EHLO or HELO; empty: nothing yet
public record Facts(
    InetAddress address,
    String listener,
    String zone,
    @Nullable TlsFacts tls,
    @Nullable String user,
    String hello) {}
