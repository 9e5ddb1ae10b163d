package dev.poststation.policy;

import dev.poststation.os.Networks;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.tls.Fingerprint;
import java.net.InetAddress;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;

/// What is known of a client now, and what decisions about it go by. Immutable.
///
/// @param address where it comes from
/// @param listener the name of the listener that it came to
/// @param zone the zone of that listener; empty: none
/// @param tls how the session is encrypted, with the client's certificates; null: it is not
/// @param certificate the fingerprint of the client's own certificate; null: it showed none
/// @param user the name that it authenticated as; null: it did not
/// @param hello what it said in EHLO or HELO; empty: nothing yet
/// @param when the moment that is asked about; null: the one in which somebody asks
public record Facts(
    InetAddress address,
    String listener,
    String zone,
    @Nullable TlsFacts tls,
    @Nullable String certificate,
    @Nullable String user,
    String hello,
    @Nullable Instant when) {

  /// What is known of a client that is there now.
  public Facts(
      InetAddress address,
      String listener,
      String zone,
      @Nullable TlsFacts tls,
      @Nullable String certificate,
      @Nullable String user,
      String hello) {
    this(address, listener, zone, tls, certificate, user, hello, null);
  }

  /// What is known when a client connects.
  public static Facts connected(InetAddress address, String listener, String zone) {
    return new Facts(address, listener, zone, null, null, null, "");
  }

  /// The same at another moment; null: whenever somebody asks.
  public Facts at(@Nullable Instant moment) {
    return new Facts(address, listener, zone, tls, certificate, user, hello, moment);
  }

  /// The same at another listener.
  public Facts at(String listener, String zone) {
    return new Facts(address, listener, zone, tls, certificate, user, hello, when);
  }

  /// The moment that is asked about.
  Instant moment(Time time) {
    return when == null ? time.now() : when;
  }

  /// The same by the clock on the wall of this machine.
  LocalDateTime local(Time time) {
    return LocalDateTime.ofInstant(moment(time), ZoneId.systemDefault());
  }

  /// The fingerprint of the client's own certificate, `sha256:` and 64 hexadecimal digits; null
  /// when it showed none.
  public static @Nullable String fingerprint(@Nullable TlsFacts tls) {
    return tls == null || tls.peerChain().isEmpty()
        ? null
        : Fingerprint.of(tls.peerChain().getFirst());
  }

  /// Who it is as far as limits are concerned: its user, else its address, of IPv6 its /64.
  String who() {
    return user != null ? "user " + user : Networks.of(address);
  }
}
