package dev.poststation.config;

import java.nio.file.Path;
import java.util.Optional;

/// Whether a listener asks clients for certificates, and by whom these should be signed. Immutable.
///
/// @param authorities a PEM file with the authorities that a certificate is verified against
public record ClientCertificates(boolean requested, Optional<Path> authorities) {
  /// They are not asked for.
  public static final ClientCertificates OFF = new ClientCertificates(false, Optional.empty());

  private enum Asking {
    OFF,
    REQUEST
  }

  static ClientCertificates read(Section in, ListenerSettings.Tls tls) {
    Asking asking =
        in.read(
            "client-certificates",
            Kinds.choice(Asking.class),
            "off",
            """
            Whether clients are asked for a certificate in TLS: `off`, or `request`. None is
            demanded, and any is taken, also one that the client made itself or that has expired: the
            log has its fingerprint. What it is good for, `clients` says. Off, because some clients
            do not like to be asked.
            """);
    Optional<Path> authorities =
        in.optional(
            "client-authorities",
            in.file(),
            Standard.none("none; no certificate is verified", "/etc/poststation/clients-ca.pem"),
            """
            A PEM file with the authorities that may sign certificates of clients. Read anew when it
            changes.
            """);
    if (asking == Asking.REQUEST && tls == ListenerSettings.Tls.OFF) {
      in.error(
          "client-certificates",
          "listener " + in.name() + " asks for certificates of clients, but has no TLS",
          "write tls = offered, or client-certificates = off");
    }
    if (asking == Asking.OFF && authorities.isPresent()) {
      in.warning(
          "client-authorities",
          "listener " + in.name() + " has client-authorities, but asks for no certificates",
          "write client-certificates = request");
    }
    authorities.ifPresent(file -> CertificateFiles.check(in, "client-authorities", file));
    return new ClientCertificates(asking == Asking.REQUEST, authorities);
  }
}
