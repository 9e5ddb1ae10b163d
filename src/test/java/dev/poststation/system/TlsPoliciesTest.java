package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.Opening;
import dev.poststation.os.Os;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.tls.ClientTls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What a connector demands of TLS, and the certificate that it shows, at real next hops.
@Tag("peer")
final class TlsPoliciesTest {
  private static final Os OS = Os.real();

  private static Configuration configuration(int port, String keys) {
    String text =
        """
        hostname = "relay.here.test"
        clients = [ { name = local, networks = ["127.0.0.1"] } ]
        connectors { next { hosts = ["localhost:%d"], %s } }
        routes = [ { via = [next] } ]
        """
            .formatted(port, keys);
    return switch (new Loader(OS, Map.of()).parse(text, Path.of("test.conf"))) {
      case Loaded.Good good -> good.configuration();
      case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  /// Ways to one next hop, which remember what they have read.
  private record Hop(int port, ClientTls tls) {
    Hop(int port) {
      this(port, ClientTls.trusting(List.of()));
    }

    Opening open(String keys) {
      var configuration = configuration(port, keys);
      var dialer =
          new Dialer(
              OS,
              new ScriptedResolver().address("localhost", "127.0.0.1"),
              tls,
              "relay.here.test",
              configuration::limits);
      var connector = configuration.connectors().get("next");
      return dialer.open(
          new Destination("next", connector, List.of(new NextHop("localhost", port, false))));
    }

    /// What it says that was opened.
    String opened(String keys) {
      var opening = open(keys);
      assertThat(opening).isInstanceOf(Opening.Opened.class);
      ((Opening.Opened) opening).conversation().close();
      return String.join("\n", ((Opening.Opened) opening).dialogue());
    }

    String failed(String keys) {
      var opening = open(keys);
      assertThat(opening).isInstanceOf(Opening.Failed.class);
      var outcome = ((Opening.Failed) opening).outcome();
      return outcome.status() + " " + outcome.text();
    }
  }

  private static String showing(Certificate certificate) {
    return "certificate { chain = \"%s\", key = \"%s\" }"
        .formatted(certificate.chain(), certificate.key());
  }

  /// The hash of the public key, by other means than ours.
  private static String keyPin(Path certificate) {
    Path home = certificate.getParent();
    OpenSsl.run(
        "x509", "-noout", "-pubkey", "-in", certificate.toString(), "-out", home + "/public.pem");
    OpenSsl.run(
        "pkey", "-pubin", "-in", home + "/public.pem", "-outform", "DER", "-out", home + "/public");
    String shown = OpenSsl.run("dgst", "-sha256", "-r", home + "/public");
    return "sha256:" + shown.substring(0, 64);
  }

  @Test
  void postfixIsKnownByPinsAndKnowsUsByOurCertificateAlsoWhenItIsRenewed() {
    try (var home = Home.create("ours")) {
      var ours = Certificate.in(home.path());
      String first = OpenSsl.fingerprint(ours.chain()).substring("sha256:".length());
      var renewed = Certificate.in(directory(home, "renewed"));
      String second = OpenSsl.fingerprint(renewed.chain()).substring("sha256:".length());
      try (var postfix =
          PostfixPeer.start(
              "smtpd_tls_ask_ccert = yes",
              "smtpd_tls_loglevel = 2",
              "smtpd_tls_fingerprint_digest = sha256",
              "max_use = 1")) {
        var hop = new Hop(postfix.port());
        Path theirs = postfix.certificate();
        assertThat(hop.opened("tls = pinned, pin = [\"" + OpenSsl.fingerprint(theirs) + "\"]"))
            .contains(
                "the certificate is as demanded", OpenSsl.fingerprint(theirs), keyPin(theirs));
        assertThat(hop.opened("tls = pinned, pin = [\"" + keyPin(theirs) + "\"]"))
            .contains("the certificate is as demanded");
        assertThat(hop.failed("tls = pinned, pin = [\"sha256:" + first + "\"]"))
            .startsWith("4.7.5 ")
            .contains("is none that is pinned");
        assertThat(hop.failed("tls = verify")).startsWith("4.7.5 ");

        assertThat(hop.opened("tls = required, " + showing(ours))).contains("encrypted with");
        awaitLog(postfix, "fingerprint=" + colons(first));
        replace(renewed, ours);
        assertThat(hop.opened("tls = required, " + showing(ours))).contains("encrypted with");
        awaitLog(postfix, "fingerprint=" + colons(second));

        // Its tickets live on when it has another certificate: that one counts.
        var theirNext = Certificate.in(directory(home, "theirs"));
        overwrite(postfix.certificate().resolveSibling("both.pem"), theirNext.both());
        assertThat(hop.opened("tls = pinned, pin = [\"" + keyPin(theirNext.chain()) + "\"]"))
            .contains("the certificate is as demanded");
        assertThat(hop.failed("tls = pinned, pin = [\"" + keyPin(theirs) + "\"]"))
            .contains("is none that is pinned");
      }
    }
  }

  private static Path directory(Home home, String name) {
    try {
      return Files.createDirectory(home.path().resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void awaitLog(PostfixPeer postfix, String text) {
    Until.holds("Postfix logs " + text, Duration.ofSeconds(10), () -> postfix.log().contains(text));
  }

  private static String colons(String digits) {
    return digits.toUpperCase(Locale.ROOT).replaceAll("(..)(?=.)", "$1:");
  }

  private static void overwrite(Path file, Path by) {
    try {
      Files.write(file, Files.readAllBytes(by));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void replace(Certificate by, Certificate old) {
    try {
      Files.copy(by.chain(), old.chain(), StandardCopyOption.REPLACE_EXISTING);
      Files.copy(by.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
      Files.setLastModifiedTime(old.key(), FileTime.from(Instant.EPOCH));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void eximLetsUsInByOurCertificate() {
    try (var home = Home.create("ours")) {
      var ours = Certificate.in(home.path());
      String more =
          """

          tls_verify_certificates = %s
          tls_try_verify_hosts = *
          auth_advertise_hosts = *
          begin authenticators
          external:
            driver = external
            public_name = EXTERNAL
            server_condition = ${if eq{${sha256:$tls_in_peercert}}{%s}}
            server_set_id = sales
          """
              .formatted(
                  ours.chain(),
                  OpenSsl.fingerprint(ours.chain())
                      .replace("sha256:", "")
                      .toUpperCase(Locale.ROOT));
      try (var exim = EximPeer.start(more)) {
        var hop = new Hop(exim.port());
        String external = "tls = required, auth { user = sales, mechanism = external }, ";
        assertThat(hop.opened(external + showing(ours))).contains("logged in as sales by EXTERNAL");
        var others = Certificate.in(directory(home, "others"));
        assertThat(hop.failed(external + showing(others))).contains("EXTERNAL");
      }
    }
  }
}
