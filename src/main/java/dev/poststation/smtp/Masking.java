package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Hides secrets of ours in a text that a peer chose, however it writes them: as they are, in
/// BASE64 (also in the midst of more, as in AUTH PLAIN), in hexadecimal, encoded for a URL, for
/// JSON or for HTML, in capitals, with blanks in between, or a good piece of them. Rather one word
/// too many is hidden than a secret shown. Pure functions.
public final class Masking {
  /// In the place of what is hidden.
  public static final String MASK = "***";

  /// So many characters in a row of a longer secret are as bad as all of it.
  private static final int PIECE = 8;

  /// Shorter ones are found in any text.
  private static final int CORE_MIN = 4;

  private static final Pattern PERCENT = Pattern.compile("%([0-9a-f]{2})");
  private static final Pattern UNICODE = Pattern.compile("\\\\u([0-9a-f]{4})|\\\\([^u])");
  private static final Pattern HTML = Pattern.compile("&#(x?)([0-9a-f]{1,6});");

  private Masking() {}

  /// The text, with the mask for each word that shows one of the secrets; for all of it where no
  /// word does so alone.
  public static String of(String text, Collection<String> secrets) {
    var sought = forms(secrets);
    if (sought.isEmpty() || !shows(text, sought)) {
      return text;
    }
    var masked = new StringBuilder();
    for (String word : text.split(" ", -1)) {
      masked.append(masked.isEmpty() ? "" : " ").append(shows(word, sought) ? MASK : word);
    }
    return shows(masked.toString(), sought) ? MASK : masked.toString();
  }

  /// What to look for, in small letters.
  private static Set<String> forms(Collection<String> secrets) {
    Set<String> forms = new HashSet<>();
    for (String secret : secrets) {
      if (secret.isEmpty()) {
        continue;
      }
      forms.add(small(secret));
      byte[] octets = secret.getBytes(StandardCharsets.UTF_8);
      add(forms, small(HexFormat.of().formatHex(octets)));
      for (int before = 0; before < 3; before++) {
        add(forms, core(octets, before));
      }
    }
    return forms;
  }

  private static void add(Set<String> forms, String form) {
    if (form.length() >= CORE_MIN) {
      forms.add(form);
    }
  }

  /// What the BASE64 of a text has in it that has these octets in it, after `before` others.
  private static String core(byte[] octets, int before) {
    byte[] longer = new byte[before + octets.length];
    System.arraycopy(octets, 0, longer, before, octets.length);
    String all = Base64.getEncoder().withoutPadding().encodeToString(longer);
    int from = (before * 8 + 5) / 6;
    int to = longer.length * 8 / 6; // The last character may depend on what follows.
    return from < to ? small(all.substring(from, to)) : "";
  }

  private static boolean shows(String text, Set<String> sought) {
    var readings = readings(small(text));
    Set<String> pieces = new HashSet<>();
    for (String reading : readings) {
      for (int i = 0; i + PIECE <= reading.length(); i++) {
        pieces.add(reading.substring(i, i + PIECE));
      }
    }
    for (String form : sought) {
      if (form.length() <= PIECE) {
        if (readings.stream().anyMatch(reading -> reading.contains(form))) {
          return true;
        }
        continue;
      }
      for (int i = 0; i + PIECE <= form.length(); i++) {
        if (pieces.contains(form.substring(i, i + PIECE))) {
          return true;
        }
      }
    }
    return false;
  }

  /// What the text may stand for.
  private static List<String> readings(String text) {
    List<String> readings = new ArrayList<>(List.of(text));
    String plain = text;
    for (int depth = 0; depth < 2; depth++) {
      plain = html(unicode(percent(plain)));
      readings.add(plain);
    }
    for (String each : List.copyOf(readings)) {
      readings.add(each.replace('-', '+').replace('_', '/'));
      readings.add(each.replaceAll("\\s", ""));
      readings.add(each.replace('+', ' '));
    }
    return readings.stream().distinct().toList();
  }

  private static String percent(String text) {
    return text.indexOf('%') < 0
        ? text
        : PERCENT.matcher(text).replaceAll(found -> quoted(Integer.parseInt(found.group(1), 16)));
  }

  private static String unicode(String text) {
    return text.indexOf('\\') < 0
        ? text
        : UNICODE
            .matcher(text)
            .replaceAll(
                found ->
                    found.group(1) == null
                        ? Matcher.quoteReplacement(found.group(2))
                        : quoted(Integer.parseInt(found.group(1), 16)));
  }

  private static String html(String text) {
    if (text.indexOf('&') < 0) {
      return text;
    }
    String named = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    return HTML.matcher(named.replace("&amp;", "&"))
        .replaceAll(
            found -> {
              boolean hexadecimal = !found.group(1).isEmpty();
              if (!hexadecimal && !found.group(2).matches("[0-9]+")) {
                return Matcher.quoteReplacement(found.group());
              }
              return quoted(Integer.parseInt(found.group(2), hexadecimal ? 16 : 10));
            });
  }

  private static String quoted(int codePoint) {
    return Character.isValidCodePoint(codePoint)
        ? Matcher.quoteReplacement(small(Character.toString(codePoint)))
        : "?";
  }

  private static String small(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
