package dev.poststation.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// `openpgp.wkd`: keys that the web servers of domains have. Immutable.
///
/// @param on whether they are asked
/// @param timeout how long one may take
/// @param remember how long what one said counts
/// @param networks of ours that may be called
/// @param authorities who vouches for them; null: those of the machine
public record WebKeyDirectories(
    boolean on,
    Duration timeout,
    Duration remember,
    List<Cidr> networks,
    @Nullable Path authorities) {
  /// None is asked.
  public static final WebKeyDirectories OFF =
      new WebKeyDirectories(false, Duration.ofSeconds(5), Duration.ofDays(1), List.of(), null);

  public WebKeyDirectories {
    networks = List.copyOf(networks);
  }

  static WebKeyDirectories read(Section in) {
    boolean on =
        in.read(
            "wkd",
            Kinds.FLAG,
            "off",
            """
            Whether `openpgp-encrypt` asks the web server of a recipient's domain for his key (Web
            Key Directory, over HTTPS) where none was imported. It learns by this who is written to.
            """);
    Duration timeout =
        in.read(
            "wkd-timeout",
            Kinds.duration("100 ms", "1 minute"),
            "5 s",
            """
            How long such a server may take. One that does not answer is left alone for five minutes.
            """);
    Duration remember =
        in.read(
            "wkd-remember",
            Kinds.duration("1 minute", "30 days"),
            "1 day",
            """
            How long its answer counts, also that there is no key. A key that it gave counts for a
            week while it does not answer, or says anything but that there is none.
            """);
    List<Cidr> networks =
        in.list(
            "wkd-networks",
            Kinds.NETWORK,
            Standard.emptyList("none", "10.0.0.0/8"),
            """
            Networks of ours with such servers. Without that, nothing is called but hosts in the
            Internet, for whoever names an address says who is called.
            """);
    Optional<Path> authorities =
        in.optional(
            "wkd-authorities",
            in.file(),
            Standard.none("those of the machine", "/etc/poststation/wkd-ca.pem"),
            """
            A PEM file with the authorities that vouch for the certificates of such servers, and no
            others do: for tests, and networks of your own.
            """);
    authorities.ifPresent(file -> CertificateFiles.check(in, "wkd-authorities", file));
    return new WebKeyDirectories(on, timeout, remember, networks, authorities.orElse(null));
  }
}
