package dev.poststation.tls;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Tolerance;
import java.security.GeneralSecurityException;
import java.security.Security;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// TLS 1.0 and 1.1 (RFC 8996: never), for single old devices that `clients` names. Safe for any
/// thread.
///
/// The JDK forbids them for the whole process, and looks only once, before it first speaks TLS. So
/// `permit` lifts that at the start, where the configuration needs it, and from then on **everybody
/// else is bound by name**: protocols and suites of the server, those towards next hops, and those
/// of whatever other connections this process makes.
public final class OldTls {
  /// By which an entry of `clients` makes the exception.
  public static final Set<Tolerance> TOLERANCES =
      Collections.unmodifiableSet(EnumSet.of(Tolerance.TLS_1_0, Tolerance.TLS_1_1));

  private static final String DISABLED = "jdk.tls.disabledAlgorithms";

  /// What the JDK disables and old devices need: the protocols, and the key exchange that they
  /// know.
  private static final Set<String> NEEDED = Set.of("TLSv1", "TLSv1.1", "TLS_RSA_*");

  /// Of what the key exchange makes possible, this is all that is used.
  private static final List<String> SUITES_OF_OLD =
      List.of("TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA");

  /// What Java 25 offers and takes by itself, in its order.
  static final List<String> USUAL_SUITES =
      List.of(
          "TLS_AES_256_GCM_SHA384",
          "TLS_AES_128_GCM_SHA256",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384",
          "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384",
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
          "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256",
          "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256",
          "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256",
          "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
          "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
          "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_DHE_RSA_WITH_AES_256_CBC_SHA",
          "TLS_DHE_DSS_WITH_AES_256_CBC_SHA",
          "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
          "TLS_DHE_DSS_WITH_AES_128_CBC_SHA",
          "TLS_EMPTY_RENEGOTIATION_INFO_SCSV");

  private OldTls() {}

  /// Asked when it is first needed: by then this process has been told, or never will be.
  private static final class Asked {
    private static final boolean POSSIBLE = ask();

    private static boolean ask() {
      try {
        var context = SSLContext.getInstance("TLSv1");
        context.init(null, null, null);
        return List.of(context.getDefaultSSLParameters().getProtocols()).contains("TLSv1");
      } catch (GeneralSecurityException _) {
        return false;
      }
    }
  }

  /// Lets this process speak it where one of these entries needs it, unless it has spoken TLS, or
  /// made ready to, before. May be called again.
  public static void permit(List<ClientRule> clients) {
    if (clients.stream().anyMatch(rule -> !of(rule.tolerate()).isEmpty())) {
      permit();
    }
  }

  private static void permit() {
    String protocols = String.join(",", Certificates.PROTOCOLS);
    pin("jdk.tls.client.protocols", protocols);
    pin("https.protocols", protocols);
    pin("jdk.tls.client.cipherSuites", String.join(",", USUAL_SUITES));
    String disabled = Security.getProperty(DISABLED);
    Security.setProperty(DISABLED, without(disabled == null ? "" : disabled));
  }

  /// What an administrator has said is left as it is.
  private static void pin(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  static String without(String disabled) {
    return Arrays.stream(disabled.split(",", -1))
        .map(String::strip)
        .filter(each -> !each.isEmpty() && !NEEDED.contains(each))
        .collect(Collectors.joining(", "));
  }

  /// Whether this process can speak it.
  public static boolean possible() {
    return Asked.POSSIBLE;
  }

  /// The protocols of these tolerances, newest first.
  static List<String> of(Set<Tolerance> tolerated) {
    List<String> protocols = new ArrayList<>(2);
    if (tolerated.contains(Tolerance.TLS_1_1)) {
      protocols.add("TLSv1.1");
    }
    if (tolerated.contains(Tolerance.TLS_1_0)) {
      protocols.add("TLSv1");
    }
    return protocols;
  }

  /// The tolerance that a handshake made use of; null: none.
  ///
  /// @param protocol as JSSE calls it
  public static @Nullable Tolerance used(String protocol) {
    return switch (protocol) {
      case "TLSv1.1" -> Tolerance.TLS_1_1;
      case "TLSv1" -> Tolerance.TLS_1_0;
      default -> null;
    };
  }

  /// The suites for everybody: empty, those of the JDK, unless that has been told to do more.
  static List<String> usualSuites() {
    return possible() ? USUAL_SUITES : List.of();
  }

  /// The suites for those who are excepted.
  static List<String> suitesOfOld() {
    List<String> suites = new ArrayList<>(USUAL_SUITES);
    suites.addAll(SUITES_OF_OLD);
    return suites;
  }
}
