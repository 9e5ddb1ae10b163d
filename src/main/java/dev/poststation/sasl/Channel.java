package dev.poststation.sasl;

import dev.poststation.os.Binding;
import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a mechanism may know of the connection that it runs over.
public interface Channel {
  /// Our own name, for challenges.
  String hostname();

  /// Octets that only the two ends of this TLS connection have in common (RFC 5056), or null.
  byte @Nullable [] binding(Binding kind);

  /// The certificates that the client showed, its own first, or none.
  List<X509Certificate> peerChain();
}
