package dev.poststation.sts;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The record by which a domain says that it has a policy (RFC 8461 3.1): a text at
/// `_mta-sts.DOMAIN` whose `id` changes with the policy. Pure functions.
final class StsRecord {
  private static final Pattern FORM =
      Pattern.compile(
          "v=STSv1[ \t]*;[ \t]*(?<fields>.*)", Pattern.DOTALL); // The case counts (RFC 8461 3.1).

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9]{1,32}");

  private StsRecord() {}

  /// The `id`; empty when there is no such record, it is malformed, or there are several.
  ///
  /// @param texts all that the name has
  static Optional<String> id(List<String> texts) {
    var records = texts.stream().map(FORM::matcher).filter(each -> each.matches()).toList();
    if (records.size() != 1) {
      return Optional.empty();
    }
    for (String field : records.getFirst().group("fields").split(";", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0 && field.substring(0, equals).strip().equals("id")) {
        String id = field.substring(equals + 1).strip();
        return ID.matcher(id).matches() ? Optional.of(id) : Optional.empty();
      }
    }
    return Optional.empty();
  }
}
