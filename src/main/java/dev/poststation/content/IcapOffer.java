package dev.poststation.content;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;

/// What an ICAP service says of itself (RFC 3507 4.10.2). Immutable.
///
/// @param preview how many octets it wants to see first; -1: all at once
/// @param clientAddress whether it wants to know whose mail it is
/// @param until when it is to be asked again, by the clock that only goes on
record IcapOffer(int preview, boolean clientAddress, long until) {
  /// Where it does not say.
  private static final Duration TTL = Duration.ofHours(1);

  private static final int PREVIEW_MAX = 64 * 1024;

  static IcapOffer of(Head head, long now) {
    return new IcapOffer(
        preview(head.fields().getOrDefault("preview", "")),
        has(head.fields().getOrDefault("x-include", ""), "x-client-ip"),
        now + ttl(head.fields().getOrDefault("options-ttl", "")).toNanos());
  }

  /// Whether it can be asked in this way; a server that does not say can.
  static boolean has(Head head, String method) {
    var methods = head.field("methods");
    return methods == null || has(methods, method);
  }

  private static boolean has(String list, String word) {
    return Arrays.stream(list.split("[,\\s]+", -1))
        .anyMatch(each -> each.toLowerCase(Locale.ROOT).equals(word.toLowerCase(Locale.ROOT)));
  }

  private static int preview(String text) {
    return text.matches("[0-9]{1,9}") ? Math.min(Integer.parseInt(text), PREVIEW_MAX) : -1;
  }

  private static Duration ttl(String text) {
    return text.matches("[0-9]{1,9}")
        ? Duration.ofSeconds(Math.clamp(Long.parseLong(text), 1, 86_400))
        : TTL;
  }
}
