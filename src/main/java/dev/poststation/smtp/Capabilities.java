package dev.poststation.smtp;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a server said in its reply to EHLO that it can do. Immutable; safe for any thread.
///
/// @param extensions those of them that we know
/// @param sizeMax octets of a mail at most (RFC 1870); 0: no limit, or none told
/// @param mechanisms of AUTH, in upper case, in the server's order
/// @param limits its limits per transaction and connection (RFC 9422)
/// @param forwards what XFORWARD may say, in upper case
/// @param minDeliverBy the least that `BY=` may say with `R`, in seconds (RFC 2852); 0: none told
public record Capabilities(
    Set<Extension> extensions,
    long sizeMax,
    List<String> mechanisms,
    Limits limits,
    List<String> forwards,
    long minDeliverBy) {
  /// There are some twenty in the world: who names more only makes work.
  private static final int MECHANISMS_MAX = 50;

  /// Of a server that knows only HELO.
  public static final Capabilities NONE =
      new Capabilities(Set.of(), 0, List.of(), Limits.NONE, List.of(), 0);

  public Capabilities {
    extensions =
        extensions.isEmpty()
            ? Collections.unmodifiableSet(EnumSet.noneOf(Extension.class))
            : Collections.unmodifiableSet(EnumSet.copyOf(extensions));
    mechanisms = List.copyOf(mechanisms);
    forwards = List.copyOf(forwards);
  }

  /// The extensions that matter to a client.
  public enum Extension {
    /// RFC 1870.
    SIZE("SIZE"),
    /// RFC 2920.
    PIPELINING("PIPELINING"),
    /// RFC 6152.
    EIGHT_BIT_MIME("8BITMIME"),
    /// RFC 6531.
    SMTPUTF8("SMTPUTF8"),
    /// RFC 3030.
    CHUNKING("CHUNKING"),
    /// RFC 3030.
    BINARY_MIME("BINARYMIME"),
    /// RFC 3461.
    DSN("DSN"),
    /// RFC 2034.
    ENHANCED_STATUS_CODES("ENHANCEDSTATUSCODES"),
    /// RFC 3207.
    STARTTLS("STARTTLS"),
    /// RFC 4954.
    AUTH("AUTH"),
    /// RFC 9422.
    LIMITS("LIMITS"),
    /// RFC 6710.
    MT_PRIORITY("MT-PRIORITY"),
    /// RFC 8689.
    REQUIRETLS("REQUIRETLS"),
    /// RFC 2852.
    DELIVERBY("DELIVERBY"),
    /// As Postfix documents it.
    XFORWARD("XFORWARD");

    private final String keyword;

    Extension(String keyword) {
      this.keyword = keyword;
    }

    /// As it stands in the reply.
    public String keyword() {
      return keyword;
    }
  }

  /// RFC 9422 4. `Integer.MAX_VALUE` where nothing was told.
  ///
  /// @param mails transactions on one connection
  /// @param recipients of one mail
  /// @param recipientDomains different domains among the recipients of one mail
  public record Limits(int mails, int recipients, int recipientDomains) {
    /// No limits told.
    public static final Limits NONE =
        new Limits(Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /// Whether the server offers an extension.
  public boolean offers(Extension extension) {
    return extensions.contains(extension);
  }

  /// The same without one of them.
  public Capabilities without(Extension extension) {
    var left = EnumSet.noneOf(Extension.class);
    left.addAll(extensions);
    left.remove(extension);
    return new Capabilities(left, sizeMax, mechanisms, limits, forwards, minDeliverBy);
  }

  /// Reads the reply to EHLO. What is not understood is passed over.
  public static Capabilities of(Reply reply) {
    Set<Extension> extensions = EnumSet.noneOf(Extension.class);
    List<String> mechanisms = new ArrayList<>();
    long sizeMax = 0;
    Limits limits = Limits.NONE;
    List<String> forwards = List.of();
    long minDeliverBy = 0;
    // The first line is the name of the server and its greeting.
    for (String line : reply.lines().subList(1, reply.lines().size())) {
      String text = line.trim().toUpperCase(Locale.ROOT);
      if (text.startsWith("AUTH=")) {
        // As servers wrote it before there was a standard; some say both.
        text = "AUTH " + text.substring("AUTH=".length());
      }
      String[] words = text.split(" ", -1);
      for (Extension extension : Extension.values()) {
        if (!extension.keyword.equals(words[0])) {
          continue;
        }
        extensions.add(extension);
        switch (extension) {
          case SIZE -> sizeMax = words.length > 1 ? size(words[1]) : 0;
          case AUTH -> addMechanisms(words, mechanisms);
          case LIMITS -> limits = limits(words);
          case XFORWARD -> forwards = Arrays.stream(words).skip(1).distinct().limit(20).toList();
          case DELIVERBY -> minDeliverBy = words.length > 1 ? deliverBy(words[1]) : 0;
          case PIPELINING,
              EIGHT_BIT_MIME,
              SMTPUTF8,
              CHUNKING,
              BINARY_MIME,
              DSN,
              ENHANCED_STATUS_CODES,
              STARTTLS,
              MT_PRIORITY,
              REQUIRETLS -> {}
        }
      }
    }
    return new Capabilities(extensions, sizeMax, mechanisms, limits, forwards, minDeliverBy);
  }

  private static long size(String digits) {
    // RFC 1870 4: at most 20 digits; one that does not fit is no limit for us.
    return digits.length() <= 18 ? number(digits) : 0;
  }

  /// What stands behind a comma is for extensions that nobody knows (RFC 2852 3).
  private static long deliverBy(String parameter) {
    int comma = parameter.indexOf(',');
    String digits = comma < 0 ? parameter : parameter.substring(0, comma);
    return digits.length() <= 9 ? number(digits) : 0;
  }

  private static void addMechanisms(String[] words, List<String> mechanisms) {
    for (int i = 1; i < words.length; i++) {
      if (mechanisms.size() < MECHANISMS_MAX
          && !words[i].isEmpty()
          && !mechanisms.contains(words[i])) {
        mechanisms.add(words[i]);
      }
    }
  }

  private static Limits limits(String[] words) {
    int mails = Integer.MAX_VALUE;
    int recipients = Integer.MAX_VALUE;
    int domains = Integer.MAX_VALUE;
    for (String word : words) {
      int equals = word.indexOf('=');
      // RFC 9422 3: one to six digits, not zero.
      long value =
          equals > 0 && word.length() - equals <= 7 ? number(word.substring(equals + 1)) : 0;
      if (value > 0) {
        switch (word.substring(0, equals)) {
          case "MAILMAX" -> mails = (int) value;
          case "RCPTMAX" -> recipients = (int) value;
          case "RCPTDOMAINMAX" -> domains = (int) value;
          default -> {
            // A limit that we do not know concerns us not.
          }
        }
      }
    }
    return new Limits(mails, recipients, domains);
  }

  /// 0 for what is no number.
  private static long number(String digits) {
    long value = 0;
    for (int i = 0; i < digits.length(); i++) {
      char c = digits.charAt(i);
      if (c < '0' || c > '9') {
        return 0;
      }
      value = value * 10 + (c - '0');
    }
    return value;
  }
}
