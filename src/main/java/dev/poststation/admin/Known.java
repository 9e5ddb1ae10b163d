package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Refuses what a request has and nobody reads: a slip in `dryRun` must not make it real, nor one
/// in a filter mean the whole queue. Pure functions.
final class Known {
  private Known() {}

  /// @param known the keys that the body may have
  static void keys(ObjectNode body, Set<String> known) {
    body.fieldNames().forEachRemaining(name -> check(name, known));
  }

  /// @param given the parameters of the query
  static void parameters(Map<String, List<String>> given, Set<String> known) {
    given.forEach(
        (name, values) -> {
          check(name, known);
          if (values.size() > 1) {
            throw Refusal.badRequest("\"" + name + "\" is there twice.");
          }
        });
  }

  private static void check(String name, Collection<String> known) {
    if (known.contains(name)) {
      return;
    }
    String others =
        known.isEmpty() ? "nothing is" : "known are " + String.join(", ", new TreeSet<>(known));
    throw Refusal.badRequest("\"" + name + "\" is not known here; " + others + ".");
  }
}
