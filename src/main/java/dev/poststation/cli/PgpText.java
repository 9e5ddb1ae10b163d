package dev.poststation.cli;

import dev.poststation.openpgp.Key;
import dev.poststation.openpgp.Keys;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Keys of OpenPGP as commands print them. Pure functions.
final class PgpText {
  private PgpText() {}

  static Map<String, Object> json(Key key, Instant now) {
    var json = new LinkedHashMap<String, Object>();
    json.put("names", key.names());
    json.put("own", key.isOwn());
    json.put("key", Keys.describe(key));
    json.put("signs", Keys.maySign(key, now));
    json.put("encrypts", Keys.mayEncrypt(key, now));
    json.put("revoked", Keys.isRevoked(key, now));
    json.put("origin", key.origin().word());
    json.put("added", key.added().toString());
    json.put("created", key.begins().toString());
    json.put("expires", Keys.expires(key, now).map(Instant::toString).orElse("never"));
    json.put("user-id", Keys.userId(key, now));
    json.put("fingerprint", key.fingerprint());
    return json;
  }

  /// @param before whom it was for; empty: it is new
  static void kept(Key key, List<String> before, Instant now, PrintWriter out) {
    out.println(
        Words.shown(
            "%s %s of %s, %s, %s: %s"
                .formatted(
                    key.isOwn() ? "Private key" : "Key",
                    key.shortPrint(),
                    String.join(", ", key.names()),
                    Keys.describe(key),
                    until(key, now),
                    use(key, now))));
    if (!before.isEmpty() && !before.equals(key.names())) {
      out.println(Words.shown("  It was for " + String.join(", ", before) + " before."));
    }
  }

  private static String until(Key key, Instant now) {
    return Keys.isRevoked(key, now)
        ? "revoked"
        : Keys.expires(key, now).map(end -> "until " + end).orElse("without end");
  }

  /// What it is for.
  static String use(Key key, Instant now) {
    List<String> uses = new ArrayList<>();
    if (Keys.maySign(key, now)) {
      uses.add("signs");
    }
    boolean encrypts = Keys.mayEncrypt(key, now);
    if (encrypts) {
      uses.add(key.isOwn() ? "decrypts" : "encrypts");
    }
    if (!uses.isEmpty()) {
      return String.join(", ", uses);
    }
    return key.isOwn() ? "decrypts old mail alone" : "not for mail any more";
  }

  /// When it ends, for a table.
  static String end(Key key, Instant now) {
    if (Keys.isRevoked(key, now)) {
      return "revoked";
    }
    return Keys.expires(key, now)
        .map(end -> end.isAfter(now) ? "in " + Words.span(now, end) : "ended")
        .orElse("never");
  }

  static void details(Key key, Instant now, PrintWriter out) {
    json(key, now)
        .forEach(
            (name, value) ->
                out.printf(
                    "%-12s %s%n",
                    name,
                    Words.shown(
                        value instanceof List<?> all
                            ? String.join(", ", all.stream().map(Object::toString).toList())
                            : String.valueOf(value))));
  }
}
