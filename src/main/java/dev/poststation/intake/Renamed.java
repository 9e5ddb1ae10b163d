package dev.poststation.intake;

import dev.poststation.message.QueueId;
import java.util.ArrayList;
import java.util.List;

/// Says of a mail that it is queued under another name than it came by, as one is that services
/// have divided or rewritten. Pure functions.
final class Renamed {
  private Renamed() {}

  /// Why it was accepted, and under which name those know it who were asked about it.
  ///
  /// @param came the name by which it came
  /// @param queued its name from now on
  static List<String> decisions(List<String> decisions, QueueId came, QueueId queued) {
    if (queued.equals(came)) {
      return decisions;
    }
    List<String> more = new ArrayList<>(decisions);
    more.add("came as " + came + ", by which services, archives and journal reports name it");
    return more;
  }
}
