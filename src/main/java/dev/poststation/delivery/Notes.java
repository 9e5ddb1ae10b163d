package dev.poststation.delivery;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What was, or was not, changed in a mail, for its trace: one line for each kind of change,
/// however many parts it concerns. Confined to one thread.
final class Notes {
  private final Map<String, Integer> parts = new LinkedHashMap<>();

  /// It concerns one part more.
  void part(String what) {
    parts.merge(what, 1, Integer::sum);
  }

  /// In the order in which they were first met.
  List<String> lines() {
    List<String> lines = new ArrayList<>(parts.size());
    parts.forEach((what, count) -> lines.add(count == 1 ? what : what + " (" + count + " parts)"));
    return lines;
  }
}
