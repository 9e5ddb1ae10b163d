package dev.poststation.content;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnReturn;
import org.jspecify.annotations.Nullable;

/// Whom notices about a mail go to, where a service has changed that. Immutable.
///
/// @param ret RET= (RFC 3461), or null: it stays
/// @param envid ENVID= as on the wire, or null: it stays
public record ReversePath(Address address, @Nullable DsnReturn ret, @Nullable String envid) {}
