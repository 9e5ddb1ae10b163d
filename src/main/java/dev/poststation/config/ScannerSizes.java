package dev.poststation.config;

/// Tells of scanners that refuse mail which the relay itself would take, where nobody has said that
/// this is meant. Pure functions.
final class ScannerSizes {
  /// The default of `limits.message-size`: who raises it wants larger mail to go through.
  private static final long USUAL = 50_000_000;

  private ScannerSizes() {}

  static void tell(Configuration configuration, Problems problems) {
    long size = configuration.limits().messageSize();
    for (ContentRule rule : configuration.content()) {
      if (rule.service() instanceof ContentService.Clamav it && !it.sizeSaid() && size > USUAL) {
        tell(
            problems,
            rule,
            "clamd takes (StreamMaxLength, 25 MB on Debian)",
            size,
            "StreamMaxLength of clamd");
      }
      if (rule.service() instanceof IcapService it && !it.sizeSaid() && size > it.maxSize()) {
        tell(problems, rule, "max-size (" + Units.show(it.maxSize()) + ")", size, "max-size");
      }
    }
  }

  private static void tell(
      Problems problems, ContentRule rule, String most, long size, String what) {
    problems.warning(
        rule.origin(),
        rule.name()
            + " refuses what is larger than "
            + most
            + ", and limits.message-size is "
            + Units.show(size),
        "make " + what + " as large, and write too-large = reject; or hold, or pass");
  }
}
