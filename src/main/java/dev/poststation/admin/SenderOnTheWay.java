package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Connector;
import dev.poststation.delivery.SenderThere;
import dev.poststation.message.Alignment;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.rewrite.Srs;
import dev.poststation.smtp.Address;
import java.util.Optional;

/// Under which sender a mail goes by each connector of its route, and what DMARC (RFC 7489) makes
/// of that. Confined to one thread.
final class SenderOnTheWay {
  private final Address envelope;
  private final Optional<Address> author;
  private final boolean leftAlone;
  private boolean replacedBefore;

  /// @param headerFrom what stands in From; empty: not said
  /// @param leftAlone whether nobody is replaced
  SenderOnTheWay(Address envelope, String headerFrom, boolean leftAlone) {
    this.leftAlone = leftAlone;
    this.envelope = envelope;
    this.author =
        HeaderAddresses.parse(headerFrom).filter(all -> all.size() == 1).map(all -> all.getFirst());
  }

  /// Adds it to what is said of the next connector of the route: `sender` and `author` where they
  /// are replaced, `alignment` where that, or the fallback, takes from the mail what vouches for
  /// it.
  void add(Connector connector, ObjectNode entry) {
    if (leftAlone) {
      return;
    }
    var replacing = connector.replacing();
    var there = SenderThere.of(connector);
    var sender = there.replaced(envelope);
    var from = author.map(there::header);
    String origin = replacing == null ? "" : " (replace-sender, " + replacing.origin() + ")";
    if (!sender.equals(envelope)) {
      entry.put("sender", sender + " in place of " + envelope + origin);
    }
    if (!from.equals(author)) {
      entry.put("author", from.orElseThrow() + " in place of " + author.orElseThrow() + origin);
    }
    var forwarding = connector.forwarding();
    if (forwarding != null && sender.equals(envelope) && Srs.isMeant(forwarding, sender)) {
      entry.put(
          "sender",
          "SRS0=…@"
              + forwarding.domain()
              + " in place of "
              + envelope
              + " (srs, "
              + forwarding.origin()
              + ")");
    }
    boolean changed = !sender.equals(envelope) || !from.equals(author);
    if (changed && from.isPresent() && apart(sender, from.get())) {
      entry.put(
          "alignment",
          "envelope of "
              + sender.domain()
              + ", From of "
              + from.get().domain()
              + ": to DMARC only a DKIM signature of the latter counts");
    } else if (replacedBefore && !changed && !sender.isNull() && forwarding == null) {
      entry.put(
          "alignment",
          "the sender is not replaced here, as it is before: SPF and DMARC of "
              + sender.domain()
              + " must allow mail from there");
    }
    replacedBefore |= changed;
  }

  private static boolean apart(Address sender, Address other) {
    return !sender.isNull() && !Alignment.aligned(sender.domain(), other.domain());
  }
}
