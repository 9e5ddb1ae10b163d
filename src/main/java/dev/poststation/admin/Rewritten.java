package dev.poststation.admin;

import dev.poststation.config.Rewriting.Place;
import dev.poststation.message.Edit;
import dev.poststation.policy.Permit;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.Address;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The addresses of a mail that is accepted, after those became others that `rewrite` and
/// `masquerade` name. Immutable.
///
/// @param author what stands in From; empty: not said
/// @param reasons one for each that became another
record Rewritten(Address sender, Address recipient, String author, List<String> reasons) {
  /// @throws UnavailableException when a directory does not say
  static Rewritten of(Permit permit, Address sender, Address recipient, String author)
      throws UnavailableException {
    List<String> reasons = new ArrayList<>(0);
    var from = one(permit, Place.SENDER, sender, reasons);
    var to = one(permit, Place.RECIPIENT, recipient, reasons);
    String name = "From:";
    byte[] field = (name + author).getBytes(StandardCharsets.UTF_8);
    var change = permit.rewritten(field);
    if (!change.unknown().isEmpty()) {
      throw new UnavailableException(change.unknown());
    }
    reasons.addAll(change.reasons());
    var fresh = new String(Edit.apply(change.edits(), field, 0), StandardCharsets.UTF_8);
    return new Rewritten(from, to, fresh.substring(name.length()), reasons);
  }

  private static Address one(Permit permit, Place place, Address address, List<String> reasons)
      throws UnavailableException {
    var change = permit.rewritten(place, address);
    change.ifPresent(each -> reasons.add(each.reason()));
    return change.map(Rewriter.Change::to).orElse(address);
  }
}
