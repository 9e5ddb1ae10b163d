package dev.poststation.dkim;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a domain wants its mail signed. Immutable.
///
/// @param header the canonical form of fields
/// @param body the canonical form of the body
/// @param expires after that the signature does not count any more (`x=`); null: it always does
/// @param also names of fields that are signed as well if they are there
/// @param identity for whom is signed (`i=`), at the domain or below it; empty: the domain
public record Terms(
    Form header, Form body, @Nullable Duration expires, List<String> also, String identity) {
  /// What is usual.
  public static final Terms USUAL = new Terms(Form.RELAXED, Form.RELAXED, null, List.of(), "");

  public Terms {
    also = List.copyOf(also);
  }

  /// The same on behalf of somebody.
  public Terms by(String who) {
    return new Terms(header, body, expires, also, who);
  }
}
