package dev.poststation.tlsrpt;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// What a domain publishes about TLS, as it was applied to a session (RFC 8460 4.4). Immutable.
///
/// @param domain whose it is; empty: that of whoever gets the mail
/// @param lines of the policy, or the TLSA records; empty: nobody could have them
/// @param mx the mail exchangers that the policy names; of these, and of lines, only the first are
///   kept, and a line of three dots says that there are more
public record AppliedPolicy(Type type, String domain, List<String> lines, List<String> mx) {
  private static final int MOST = 30;
  private static final int LINE_MAX = 300;
  private static final String MORE = "...";

  /// Nothing is published, as far as anybody looked.
  public static final AppliedPolicy NONE =
      new AppliedPolicy(Type.NO_POLICY_FOUND, "", List.of(), List.of());

  /// What kind of policy it is.
  public enum Type {
    /// Records of DANE.
    TLSA,
    /// MTA-STS.
    STS,
    /// Neither.
    NO_POLICY_FOUND;

    /// As it stands in reports.
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Type> of(String word) {
      for (var type : values()) {
        if (type.word().equals(word)) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    }
  }

  public AppliedPolicy {
    lines = bounded(lines);
    mx = bounded(mx);
  }

  /// Characters in all of it.
  int length() {
    return Stream.concat(lines.stream(), mx.stream()).mapToInt(String::length).sum()
        + domain.length();
  }

  private static List<String> bounded(List<String> all) {
    List<String> some = new ArrayList<>(Math.min(all.size(), MOST));
    for (String each : all) {
      if (some.size() == MOST - 1 && all.size() > MOST) {
        some.add(MORE);
        break;
      }
      some.add(each.length() > LINE_MAX ? each.substring(0, LINE_MAX) + MORE : each);
    }
    return List.copyOf(some);
  }
}
