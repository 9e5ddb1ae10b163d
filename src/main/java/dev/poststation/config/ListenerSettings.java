package dev.poststation.config;

import java.net.InetSocketAddress;
import java.time.Duration;

/// Where SMTP clients connect: `listeners.NAME`.
///
/// @param greetingDelay how long the greeting waits to see who talks early; zero: only a look
public record ListenerSettings(
    String name, InetSocketAddress bind, Tls tls, Duration greetingDelay, Origin origin) {
  /// What a listener does about TLS.
  public enum Tls {
    /// STARTTLS is not offered.
    OFF,
    /// STARTTLS is offered.
    OFFERED,
    /// STARTTLS must come before MAIL.
    REQUIRED,
    /// TLS from the first octet.
    IMPLICIT
  }
}
