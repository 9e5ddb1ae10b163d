package dev.poststation.content;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/// Fields that tell about the machine, the program or the account of the sender, and that nobody
/// behind us needs: what `privacy = on` removes. Safe for any thread.
final class PrivateFields {
  /// By what they tell; the manual has the same list.
  static final List<String> NAMES =
      List.of(
          // Addresses and names of machines.
          "X-Originating-IP",
          "X-Originating-Client",
          "X-Originating-Host",
          "X-Originating-Server",
          "X-Client-IP",
          "X-ClientProxiedBy",
          "X-Remote-Addr",
          "X-Remote-Host",
          "X-Remote-IP",
          "X-Sender-IP",
          "X-Source-IP",
          "X-User-IP",
          "X-HTTP-Posting-Host",
          "X-PHP-Originating-Script",
          "X-PHP-Script",
          "X-Source",
          "X-Source-Args",
          "X-Source-Dir",
          "X-AntiAbuse",
          "X-Get-Message-Sender-Via",
          // Accounts.
          "X-Sender",
          "X-Sender-ID",
          "X-Auth-User",
          "X-Authenticated-Sender",
          "X-Authenticated-User",
          "X-Authentication-Warning",
          "X-Source-Auth",
          "X-Source-Sender",
          "X-WebMail-UserID",
          // Programs.
          "User-Agent",
          "X-HTTP-User-Agent",
          "X-Library",
          "X-Mailer",
          "X-Mailer-Version",
          "X-MimeOLE",
          "X-Newsreader",
          "X-Operating-System",
          "X-Universally-Unique-Identifier",
          "X-Uniform-Type-Identifier");

  private static final Set<String> FOLDED =
      NAMES.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());

  private PrivateFields() {}

  /// Whether a field is one of them.
  ///
  /// @param name in lower case
  static boolean has(String name) {
    return FOLDED.contains(name);
  }
}
