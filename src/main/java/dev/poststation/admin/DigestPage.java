package dev.poststation.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.DigestSettings;
import dev.poststation.quarantine.DigestWords;
import dev.poststation.quarantine.Plain;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/// A page for somebody who followed a link of a digest: a sentence, and maybe a button. Immutable.
///
/// @param status of HTTP
/// @param facts about a mail: what strangers wrote is only escaped here
/// @param button what it says; empty: there is none
record DigestPage(
    int status, DigestWords words, String sentence, List<String> facts, String button) {
  private static final String STYLE =
      """
      body{margin:0;padding:24px 16px;background:#eef0f3;color:#1b1f24;
      font:16px/1.5 system-ui,-apple-system,Arial,sans-serif}
      main{max-width:560px;margin:0 auto;padding:20px 24px;background:#fff;
      border:1px solid #d0d7de;border-radius:10px;overflow-wrap:anywhere}
      h1{font-size:15px;font-weight:600;color:#57606a;margin:0 0 10px}
      p{margin:0 0 10px}.f{color:#57606a;margin:0}form{margin:16px 0 0}
      button{font:inherit;padding:9px 18px;border:0;border-radius:7px;color:#fff;background:#1f6feb;
      cursor:pointer}button:focus-visible{outline:3px solid #1b1f24;outline-offset:2px}
      """;

  /// Nothing is fetched, nothing runs, nobody frames it, and the form goes nowhere else.
  static final String POLICY =
      "default-src 'none'; style-src 'sha256-"
          + sha256(STYLE)
          + "'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

  DigestPage {
    facts = List.copyOf(facts);
  }

  /// One that only says something.
  static DigestPage saying(int status, DigestWords words, String sentence) {
    return new DigestPage(status, words, sentence, List.of(), "");
  }

  /// One that asks. The link itself does nothing: programs that look for malware follow links.
  static DigestPage asking(DigestWords words, DigestSettings.Action action, List<String> facts) {
    return new DigestPage(200, words, words.ask(action), facts, words.action(action));
  }

  String html() {
    var out = new StringBuilder(2000);
    out.append("<!DOCTYPE html>\n<html lang=\"").append(words.tag()).append("\"><head>");
    out.append("<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">");
    out.append("<meta name=\"robots\" content=\"noindex\"><title>");
    out.append(Plain.html(words.title())).append("</title><style>").append(STYLE);
    out.append("</style></head>\n<body><main><h1>").append(Plain.html(words.title()));
    out.append("</h1>\n<p>").append(Plain.html(sentence)).append("</p>\n");
    for (String fact : facts) {
      out.append("<p class=\"f\">").append(Plain.html(fact)).append("</p>\n");
    }
    if (!button.isEmpty()) {
      out.append("<form method=\"post\"><button>").append(Plain.html(button));
      out.append("</button></form>\n");
    }
    return out.append("</main></body></html>\n").toString();
  }

  private static String sha256(String text) {
    try {
      var digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8));
      return Base64.getEncoder().encodeToString(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
