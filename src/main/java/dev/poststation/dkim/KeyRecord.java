package dev.poststation.dkim;

import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The TXT record of a key (RFC 6376 3.6.1, RFC 8463 4). Immutable.
///
/// @param name where it stands, without dot at the end
/// @param text its value, put together
public record KeyRecord(String name, String text) {
  /// RFC 1035 3.3: octets of one string of a record.
  private static final int STRING_MAX = 255;

  /// The record of a key.
  public static KeyRecord of(SigningKey key) {
    String open = Base64.getEncoder().encodeToString(key.keys().open());
    return new KeyRecord(key.recordName(), "v=DKIM1; k=" + key.algorithm().key() + "; p=" + open);
  }

  /// Its value in the strings that a record is made of.
  public List<String> strings() {
    List<String> strings = new ArrayList<>();
    for (int at = 0; at < text.length(); at += STRING_MAX) {
      strings.add(text.substring(at, Math.min(text.length(), at + STRING_MAX)));
    }
    return List.copyOf(strings);
  }

  /// As a zone file has it (RFC 1035 5.1).
  public String zone() {
    var strings = strings().stream().map(each -> '"' + each + '"').toList();
    return strings.size() == 1
        ? name + ". IN TXT " + strings.getFirst()
        : name + ". IN TXT (\n    " + String.join("\n    ", strings) + " )";
  }

  /// What the DNS has in its place.
  public sealed interface Found {
    /// This very key, and nothing that keeps verifiers from it.
    record Same() implements Found {}

    /// Nothing, or one that is taken back (`p=` without a key).
    record Missing() implements Found {}

    /// Something else.
    ///
    /// @param why what is wrong: a clause
    record Different(String why) implements Found {}

    /// Nobody knows now.
    record Unknown(String why) implements Found {}
  }

  /// Asks the DNS. Blocking.
  public Found look(Resolver resolver) {
    return switch (resolver.texts(name).answer()) {
      case Answer.Found<String>(var texts) -> compare(texts);
      case Answer.NoRecord<String> _, Answer.NoName<String> _ -> new Found.Missing();
      case Answer.Failed<String>(var reason) -> new Found.Unknown(reason);
    };
  }

  private Found compare(List<String> texts) {
    var records = texts.stream().map(KeyRecord::tags).toList();
    if (records.size() > 1) {
      // RFC 6376 3.6.2.2: what happens then is not defined.
      return new Found.Different("there are " + records.size() + " records, of which one may be");
    }
    var tags = records.getFirst();
    if (tags.isEmpty()) {
      return new Found.Different("what is there is no record of a key");
    }
    String open = tags.get().getOrDefault("p", "");
    var own = tags(text).orElseThrow();
    if (open.isEmpty() && tags.get().containsKey("p")) {
      return new Found.Missing();
    }
    if (!tags.get().getOrDefault("k", "rsa").equals(own.get("k"))) {
      return new Found.Different("its k= is not " + own.get("k"));
    }
    if (!open.equals(own.get("p"))) {
      return new Found.Different(
          !open.isEmpty() && String.valueOf(own.get("p")).startsWith(open)
              ? "its p= is cut off"
              : "its p= is another key");
    }
    return restriction(tags.get()).<Found>map(Found.Different::new).orElseGet(Found.Same::new);
  }

  /// What keeps verifiers from taking it for our mail.
  private static Optional<String> restriction(Map<String, String> tags) {
    if (!tags.getOrDefault("v", "DKIM1").equals("DKIM1")) {
      return Optional.of("its v= is not DKIM1");
    }
    if (!any(tags.getOrDefault("h", "sha256"), "sha256")) {
      return Optional.of("its h= does not allow sha256");
    }
    if (!any(tags.getOrDefault("s", "*"), "*", "email")) {
      return Optional.of("its s= does not allow email");
    }
    return any(tags.getOrDefault("t", ""), "y")
        ? Optional.of("its t=y tells verifiers that it is only a test")
        : Optional.empty();
  }

  private static boolean any(String list, String... wanted) {
    return Arrays.stream(list.split(":", -1))
        .anyMatch(each -> Arrays.asList(wanted).contains(each.toLowerCase(Locale.ROOT)));
  }

  /// The tags of a record (RFC 6376 3.2); empty when it is no list of tags.
  private static Optional<Map<String, String>> tags(String text) {
    return Tags.parse(text)
        .filter(tags -> tags.has("p"))
        .map(
            tags -> {
              Map<String, String> packed = new HashMap<>();
              tags.values().keySet().forEach(name -> packed.put(name, tags.packed(name)));
              return packed;
            });
  }
}
