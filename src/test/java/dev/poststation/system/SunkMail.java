package dev.poststation.system;

/// A mail as smtp-sink dumped it, taken apart. Lines end in LF.
///
/// @param envelope the fields that smtp-sink puts before it: `X-Mail-Args`, `X-Rcpt-Args` …, and
///   its own Received
/// @param mail what came over the wire
record SunkMail(String envelope, String mail) {
  static SunkMail of(String dump) {
    int end = endOfField(dump, dump.indexOf("\nReceived:") + 1);
    // The dump ends with an empty line that is not of the mail.
    return new SunkMail(dump.substring(0, end), dump.substring(end, dump.length() - 1));
  }

  /// The mail without the Received field that one relay put on top.
  String withoutTrace() {
    if (!mail.startsWith("Received:")) {
      throw new AssertionError("no Received field on top of:\n" + mail);
    }
    return mail.substring(endOfField(mail, 0));
  }

  private static int endOfField(String text, int start) {
    int end = text.indexOf('\n', start) + 1;
    while (end > 0
        && end < text.length()
        && (text.charAt(end) == ' ' || text.charAt(end) == '\t')) {
      end = text.indexOf('\n', end) + 1;
    }
    return end;
  }
}
