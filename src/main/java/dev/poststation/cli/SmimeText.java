package dev.poststation.cli;

import dev.poststation.smime.Certificates;
import dev.poststation.smime.Entry;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Certificates of mail as commands print them. Pure functions.
final class SmimeText {
  private SmimeText() {}

  static Map<String, Object> json(Entry entry) {
    var json = new LinkedHashMap<String, Object>();
    json.put("names", entry.names());
    json.put("own", entry.isOwn());
    json.put("key", Certificates.keyOf(entry.certificate()));
    json.put("signs", entry.isOwn() && Certificates.maySign(entry.certificate()));
    json.put("encrypts", Certificates.mayEncrypt(entry.certificate()));
    json.put("origin", entry.origin().word());
    json.put("added", entry.added().toString());
    json.put("begins", entry.begins().toString());
    json.put("expires", entry.expires().toString());
    json.put("subject", entry.certificate().getSubjectX500Principal().getName());
    json.put("issuer", entry.certificate().getIssuerX500Principal().getName());
    json.put("serial", entry.certificate().getSerialNumber().toString(16));
    json.put("fingerprint", entry.fingerprint());
    return json;
  }

  static void kept(Entry entry, PrintWriter out) {
    out.println(
        Words.shown(
            "%s of %s, %s, until %s: %s"
                .formatted(
                    entry.isOwn() ? "Key and certificate" : "Certificate",
                    String.join(", ", entry.names()),
                    Certificates.keyOf(entry.certificate()),
                    entry.expires(),
                    use(entry))));
  }

  /// What it is for.
  static String use(Entry entry) {
    List<String> uses = new ArrayList<>();
    if (entry.isOwn() && Certificates.maySign(entry.certificate())) {
      uses.add("signs");
    }
    if (Certificates.mayEncrypt(entry.certificate())) {
      uses.add(entry.isOwn() ? "decrypts" : "encrypts");
    }
    return uses.isEmpty() ? "not for mail" : String.join(", ", uses);
  }

  static void details(Entry entry, Instant now, PrintWriter out) {
    json(entry)
        .forEach(
            (key, value) ->
                out.printf(
                    "%-12s %s%n",
                    key,
                    Words.shown(
                        value instanceof List<?> all
                            ? String.join(", ", all.stream().map(Object::toString).toList())
                            : String.valueOf(value))));
    if (!entry.isValidAt(now)) {
      out.println("It is not valid now.");
    }
  }
}
