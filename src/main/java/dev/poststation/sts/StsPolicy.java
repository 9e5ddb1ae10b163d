package dev.poststation.sts;

import dev.poststation.dns.DomainName;
import dev.poststation.smtp.PeerText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// An MTA-STS policy (RFC 8461 3.2). Immutable.
///
/// @param mx the mail exchangers, in the spelling of [DomainName#ascii], where `*.example.com`
///   stands for all names with one label before `.example.com`
/// @param maxAge for how long it may be kept
public record StsPolicy(Mode mode, List<String> mx, Duration maxAge) {
  /// More than any domain has.
  static final int MX_MAX = 500;

  /// A year: 31,557,600 s (RFC 8461 3.2).
  static final Duration AGE_MAX = Duration.ofHours(8766);

  private static final int SHOWN = 80;

  /// What a text takes in memory besides its characters.
  private static final int AROUND = 60;

  private static final String VERSION = "STSv1";

  /// What is asked of those who send.
  public enum Mode {
    /// To send to nobody else.
    ENFORCE,
    /// To send all the same, and to say what would not have been.
    TESTING,
    /// Nothing.
    NONE;

    /// As the policy has it.
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Mode> of(String word) {
      for (var mode : values()) {
        if (mode.word().equals(word)) {
          return Optional.of(mode);
        }
      }
      return Optional.empty();
    }
  }

  /// What a text turned out to be.
  public sealed interface Reading {
    /// A policy.
    record Good(StsPolicy policy) implements Reading {}

    /// None.
    ///
    /// @param why a clause after "its policy"
    record Bad(String why) implements Reading {}
  }

  public StsPolicy {
    mx = List.copyOf(mx);
  }

  /// About as many octets as it takes in memory.
  int octets() {
    return mx.stream().mapToInt(each -> AROUND + each.length()).sum() + AROUND;
  }

  /// Whether a host is one of the mail exchangers.
  ///
  /// @param host in the spelling of [DomainName#ascii], or a numeric address, which never is
  public boolean names(String host) {
    int dot = host.indexOf('.');
    String above = dot < 0 ? "" : "*" + host.substring(dot);
    return mx.contains(host) || mx.contains(above);
  }

  /// Reads the text that a domain publishes. Of a key that stands twice the first counts; unknown
  /// ones do not.
  public static Reading read(String text) {
    Map<String, String> values = new HashMap<>();
    List<String> mx = new ArrayList<>();
    for (String line : text.split("\r?\n", -1)) {
      int colon = line.indexOf(':');
      if (colon <= 0) {
        if (line.isBlank()) {
          continue;
        }
        return bad("has the line \"" + shown(line) + "\", which is none with a key");
      }
      String key = line.substring(0, colon).strip();
      String value = line.substring(colon + 1).strip();
      if (key.equals("mx")) {
        var pattern = pattern(value);
        if (pattern.isEmpty()) {
          return bad("has the mx \"" + shown(value) + "\", which is no host name");
        }
        mx.add(pattern.get());
      } else {
        values.putIfAbsent(key, value);
      }
    }
    return assembled(values, mx);
  }

  private static Reading assembled(Map<String, String> values, List<String> mx) {
    if (!VERSION.equals(values.get("version"))) {
      return bad("has no \"version: STSv1\"");
    }
    var mode = Mode.of(values.getOrDefault("mode", ""));
    if (mode.isEmpty()) {
      return bad("has no mode that is known");
    }
    var age = age(values.getOrDefault("max_age", ""));
    if (age.isEmpty()) {
      return bad("has no max_age in seconds");
    }
    if (mx.isEmpty() && mode.get() != Mode.NONE) {
      return bad("names no mx");
    }
    return mx.size() > MX_MAX
        ? bad("names more than " + MX_MAX + " mx")
        : new Reading.Good(new StsPolicy(mode.get(), mx, age.get()));
  }

  private static String shown(String text) {
    return PeerText.of(text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text);
  }

  private static Reading bad(String why) {
    return new Reading.Bad(why);
  }

  private static Optional<Duration> age(String seconds) {
    if (!seconds.matches("[0-9]{1,10}")) {
      return Optional.empty();
    }
    var age = Duration.ofSeconds(Long.parseLong(seconds));
    return Optional.of(age.compareTo(AGE_MAX) > 0 ? AGE_MAX : age);
  }

  /// A host name, or one whose first label is a star.
  static Optional<String> pattern(String text) {
    if (!text.startsWith("*.")) {
      return DomainName.ascii(text);
    }
    return DomainName.ascii(text.substring(2)).map(below -> "*." + below);
  }

  /// As the domain publishes it, a key in each line.
  public List<String> lines() {
    List<String> lines = new ArrayList<>(mx.size() + 3);
    lines.add("version: " + VERSION);
    lines.add("mode: " + mode.word());
    mx.forEach(each -> lines.add("mx: " + each));
    lines.add("max_age: " + maxAge.toSeconds());
    return lines;
  }

  /// In one line, for people: `enforce, mx mx1.example.com *.example.net`.
  public String describe() {
    return mx.isEmpty() ? mode.word() : mode.word() + ", mx " + String.join(" ", mx);
  }
}
