package dev.poststation.quarantine;

import dev.poststation.config.DigestSettings;
import dev.poststation.content.MalwareSymbols;
import dev.poststation.message.RecipientState;
import dev.poststation.queue.Quarantine;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Why a mail is kept from one of its recipients. Immutable.
///
/// @param services all that keep it, the first one first
/// @param text what the first one says, for people; empty where one could not look
/// @param malware whether a spam filter says by a symbol that it is, too: it may ask a scanner
///   itself
/// @param score what it gave, and from where it is too much; empty: none
/// @param unexamined whether one could not look at it: nobody knows what is in there, and why it
///   could not is of our network, and for administrators
record Reason(
    List<String> services, String text, String score, boolean malware, boolean unexamined) {
  /// Of mail that was kept before the symbols of malware came first: one may be among those left
  /// out.
  private static final Pattern UNKNOWN = Pattern.compile(", [0-9]+ more(?=;|$)");

  private static final Pattern SCORE = Pattern.compile("score (-?[0-9.]+) of (-?[0-9.]+)");
  private static final Pattern SETTING = Pattern.compile("^[a-z-]+( = quarantine)?: ");

  /// How the word of one begins that could not look.
  private static final String ON_ERROR = "on-error = quarantine: ";

  /// Between what one service says and what another one does.
  private static final String ALSO = "; also ";

  private static final int TEXT_MAX = 160;

  Reason {
    services = List.copyOf(services);
  }

  static Reason of(Quarantine.Kept kept, int recipient) {
    return read(kept.mail().states().get(recipient).reason());
  }

  /// @param said at its recipient
  static Reason read(String said) {
    if (!said.startsWith(RecipientState.QUARANTINED)) {
      return new Reason(List.of(), "", "", true, false);
    }
    boolean malware =
        said.contains("spamd says ") && (MalwareSymbols.in(said) || UNKNOWN.matcher(said).find());
    String[] parts = said.substring(RecipientState.QUARANTINED.length()).split(ALSO, -1);
    List<String> services = new ArrayList<>(parts.length);
    boolean unexamined = false;
    for (String part : parts) {
      int end = part.indexOf(": ");
      services.add(end < 0 ? part : part.substring(0, end));
      unexamined |= end >= 0 && part.startsWith(ON_ERROR, end + 2);
    }
    if (unexamined) {
      return new Reason(services, "", "", malware, true);
    }
    String first =
        parts[0].substring(Math.min(parts[0].length(), services.getFirst().length() + 2));
    first = SETTING.matcher(first).replaceFirst("");
    var score = SCORE.matcher(first);
    if (!score.find()) {
      return new Reason(services, Plain.unlinked(first, TEXT_MAX), "", malware, false);
    }
    String text = first.substring(0, score.start()).replaceFirst(",? *(says)? *$", "");
    return new Reason(
        services,
        Plain.unlinked(text.isBlank() ? services.getFirst() : text, TEXT_MAX),
        score.group(1) + " / " + score.group(2),
        malware,
        false);
  }

  /// Whether its recipient may do that about it.
  boolean allows(DigestSettings.Action action) {
    return !unexamined || action == DigestSettings.Action.DELETE;
  }

  /// Whether all who keep it are among those whose mail recipients are shown. Were it otherwise,
  /// who releases spam would get the malware that was found in it, too.
  boolean among(DigestSettings settings) {
    return !malware && !services.isEmpty() && settings.services().containsAll(services);
  }
}
