package dev.poststation.content;

import dev.poststation.message.Envelope;
import dev.poststation.os.TlsFacts;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Who hands us a mail, as far as milters want to know it. Immutable.
///
/// @param hostname our name
/// @param tls how the session is encrypted, or null
/// @param port of the client; 0: not known
/// @param local our end of the connection; null: not known
/// @param mechanism by which it has authenticated; empty: it has not, or that is not known
public record Caller(
    Envelope.Source source,
    String hostname,
    @Nullable TlsFacts tls,
    int port,
    @Nullable InetSocketAddress local,
    String mechanism) {
  static Caller of(Facts facts) {
    return new Caller(facts.source(), facts.hostname(), facts.tls(), 0, null, "");
  }
}
