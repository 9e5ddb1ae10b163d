package dev.poststation.admin;

import dev.poststation.config.Units;
import dev.poststation.dns.NumericAddress;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.tls.Fingerprint;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A mail that might come, and who would bring it, for [Explanation]. Immutable.
///
/// @param listener the name of the listener; empty: not said
/// @param user as whom it authenticated; empty: not at all
/// @param tls whether the session is encrypted
/// @param certificate the fingerprint of its certificate; empty: it shows none
/// @param chain that certificate and those that vouch for it; empty: only the fingerprint is known
/// @param hello what it says in EHLO
/// @param from in the envelope
/// @param headerFrom in the From field; empty: not said
/// @param header the fields of its header, a line each, From among them or not; null: not said
/// @param size octets; -1: not said
/// @param content all of it, with CRLF at the end of each line; empty: not said
/// @param when it comes; null: now
public record Question(
    InetAddress client,
    String listener,
    String user,
    boolean tls,
    String certificate,
    List<X509Certificate> chain,
    String hello,
    Address from,
    Address to,
    String headerFrom,
    @Nullable String header,
    long size,
    byte[] content,
    @Nullable Instant when) {
  /// The words of a question, as command and API have them.
  static final Set<String> WORDS =
      Set.of(
          "client",
          "listener",
          "user",
          "tls",
          "certificate",
          "helo",
          "from",
          "to",
          "headerFrom",
          "header",
          "size",
          "message",
          "at");

  private static final DateTimeFormatter MOMENT =
      new DateTimeFormatterBuilder()
          .append(DateTimeFormatter.ISO_LOCAL_DATE_TIME)
          .optionalStart()
          .appendOffsetId()
          .toFormatter(Locale.ROOT)
          .withResolverStyle(ResolverStyle.STRICT);

  public Question {
    chain = List.copyOf(chain);
  }

  /// Takes the least as people write it.
  ///
  /// @param from `<>`, or nothing, for the null sender of notices
  /// @throws IllegalArgumentException when something is no address; the message says what
  public static Question parse(String client, String from, String to) {
    return parse(Map.of("client", client, "from", from, "to", to));
  }

  /// Takes all of it as people write it; what is missing is not said.
  ///
  /// @throws IllegalArgumentException when something makes no sense; the message says what
  public static Question parse(Map<String, String> words) {
    String client = words.getOrDefault("client", "");
    var address =
        NumericAddress.parse(client)
            .orElseThrow(() -> wrong("client: \"" + client + "\" is no IP address."));
    String from = words.getOrDefault("from", "");
    boolean notice = from.isEmpty() || from.equals("<>");
    String certificate = words.getOrDefault("certificate", "");
    var chain = chain(certificate);
    return new Question(
        address,
        words.getOrDefault("listener", ""),
        words.getOrDefault("user", ""),
        words.getOrDefault("tls", "false").equals("true") || !certificate.isEmpty(),
        chain.isEmpty() ? fingerprint(certificate) : Fingerprint.of(chain.getFirst()),
        chain,
        words.getOrDefault("helo", ""),
        notice ? Address.NULL : address("from", from),
        address("to", words.getOrDefault("to", "")),
        words.getOrDefault("headerFrom", ""),
        words.get("header"),
        size(words.getOrDefault("size", "")),
        content(words.getOrDefault("message", "")),
        moment(words.getOrDefault("at", "")));
  }

  /// The same, logged in as this user.
  public Question as(String name) {
    return name.equals(user)
        ? this
        : new Question(
            client,
            listener,
            name,
            tls,
            certificate,
            chain,
            hello,
            from,
            to,
            headerFrom,
            header,
            size,
            content,
            when);
  }

  /// With an offset, or else by the clock on the wall of this machine, as `hours` are.
  private static @Nullable Instant moment(String text) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      var read =
          MOMENT.parseBest(
              text.strip().replaceFirst(" +", "T"), OffsetDateTime::from, LocalDateTime::from);
      return read instanceof OffsetDateTime exact
          ? exact.toInstant()
          : LocalDateTime.from(read).atZone(ZoneId.systemDefault()).toInstant();
    } catch (DateTimeException _) {
      throw wrong("at: \"" + text + "\" is no time, like 2026-12-24 23:30.");
    }
  }

  /// In base64, for JSON has no octets.
  private static byte[] content(String text) {
    try {
      return Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException _) {
      throw wrong("message: that is no base64.");
    }
  }

  private static long size(String text) {
    if (text.isEmpty()) {
      return -1;
    }
    return Units.octets(text)
        .orElseThrow(() -> wrong("size: \"" + text + "\" is no size, like 5 MB."));
  }

  private static String fingerprint(String text) {
    if (text.isEmpty()) {
      return "";
    }
    return Fingerprint.parse(text)
        .orElseThrow(
            () ->
                wrong(
                    "certificate: \""
                        + text
                        + "\" is neither a fingerprint (sha256: and 64 digits) nor PEM."));
  }

  /// Of a text in PEM, the client's own first; empty: it is none.
  private static List<X509Certificate> chain(String text) {
    if (!text.contains("-----BEGIN")) {
      return List.of();
    }
    try {
      var octets = new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
      List<X509Certificate> chain = new ArrayList<>();
      for (var each : CertificateFactory.getInstance("X.509").generateCertificates(octets)) {
        chain.add((X509Certificate) each);
      }
      if (!chain.isEmpty()) {
        return chain;
      }
    } catch (CertificateException _) {
      // Said below.
    }
    throw wrong("certificate: the PEM text has no certificate that can be read.");
  }

  private static Address address(String name, String text) {
    return text.equalsIgnoreCase("postmaster")
        ? new Address(text, "")
        : AddressParser.parse(text)
            .orElseThrow(
                () -> wrong(name + ": \"" + text + "\" is no address (user@example.com)."));
  }

  private static IllegalArgumentException wrong(String sentence) {
    return new IllegalArgumentException(sentence);
  }
}
