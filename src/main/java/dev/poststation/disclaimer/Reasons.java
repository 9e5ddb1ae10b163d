package dev.poststation.disclaimer;

import dev.poststation.mime.Part;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Why a mail must stay as it is: its signature would break, or a program is to read it. Pure
/// functions.
final class Reasons {
  private static final Set<String> SECURED =
      Set.of(
          "multipart/signed",
          "multipart/encrypted",
          "application/pkcs7-mime",
          "application/x-pkcs7-mime");

  private Reasons() {}

  /// Empty: there is none. A message in a `message/rfc822` does not count: it is left alone.
  static Optional<String> of(Part part) {
    String type = part.type();
    String encrypted = "smime.p7m";
    if (SECURED.contains(type)
        || part.names().stream()
            .anyMatch(each -> each.toLowerCase(Locale.ROOT).equals(encrypted))) {
      return Optional.of("it is signed or encrypted (" + type + ")");
    }
    if (type.equals("multipart/report")) {
      return Optional.of("it is a report, such as a bounce or a read receipt");
    }
    if (type.equals("text/calendar") && !part.isAttachment()) {
      return Optional.of("it is an invitation");
    }
    if (type.equals("message/partial") || type.equals("message/external-body")) {
      return Optional.of("its text is elsewhere (" + type + ")");
    }
    if (!part.isMultipart()) {
      return Optional.empty();
    }
    return part.parts().stream().map(Reasons::of).flatMap(Optional::stream).findFirst();
  }
}
