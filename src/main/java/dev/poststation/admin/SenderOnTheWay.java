package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Connector;
import dev.poststation.delivery.SenderThere;
import dev.poststation.message.Alignment;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.rewrite.Srs;
import dev.poststation.smtp.Address;
import java.util.List;
import java.util.Optional;

/// Under which sender a mail goes by each connector of its route, and what DMARC (RFC 7489) makes
/// of that. Confined to one thread.
final class SenderOnTheWay {
  private final Address envelope;
  private final Optional<Address> author;
  private final boolean leftAlone;
  private final boolean parted;
  private boolean replacedBefore;

  /// One that is as it came.
  ///
  /// @param headerFrom what stands in From; empty: not said
  /// @param leftAlone whether nobody is replaced
  SenderOnTheWay(Address envelope, String headerFrom, boolean leftAlone) {
    this(envelope, headerFrom, envelope, headerFrom, leftAlone);
  }

  /// @param came the sender that it came with
  /// @param cameFrom what stood in From then
  SenderOnTheWay(
      Address envelope, String headerFrom, Address came, String cameFrom, boolean leftAlone) {
    this.leftAlone = leftAlone;
    this.envelope = envelope;
    this.author = author(headerFrom);
    this.parted = apart(envelope, author) && !apart(came, author(cameFrom));
  }

  private static Optional<Address> author(String headerFrom) {
    return HeaderAddresses.parse(headerFrom)
        .filter(all -> all.size() == 1)
        .map(all -> all.getFirst());
  }

  /// Adds it to what is said of the next connector of the route: `sender` and `author` where they
  /// are replaced, `alignment` where that, the fallback, or what was changed when the mail came in
  /// takes from the mail what vouches for it.
  ///
  /// @param sharing those that share the mail with it; it may be one of them
  void add(Connector connector, List<Connector> sharing, ObjectNode entry) {
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
    var signed =
        forwarding != null && sender.equals(envelope) && Srs.isMeant(forwarding, sender)
            ? new Address("SRS0=…", forwarding.domain())
            : sender;
    if (forwarding != null && !signed.equals(sender)) {
      entry.put(
          "sender", signed + " in place of " + envelope + " (srs, " + forwarding.origin() + ")");
    }
    boolean changed = !signed.equals(envelope) || !from.equals(author);
    if ((changed || parted) && apart(signed, from)) {
      entry.put(
          "alignment",
          "envelope of "
              + signed.domain()
              + ", From of "
              + from.orElseThrow().domain()
              + ": to DMARC only a DKIM signature of the latter counts");
    } else if (!changed && !sender.isNull() && forwarding == null) {
      sharing.stream()
          .filter(this::isOtherBy)
          .findFirst()
          .map(each -> "by " + each.name() + ", which shares the mail")
          .or(() -> replacedBefore ? Optional.of("before") : Optional.empty())
          .ifPresent(
              where ->
                  entry.put(
                      "alignment",
                      "the sender is not replaced here, as it is "
                          + where
                          + ": SPF and DMARC of "
                          + sender.domain()
                          + " must allow mail from there"));
    }
    replacedBefore |= isOtherBy(connector);
  }

  /// Whether a connector makes it another organisation's mail.
  private boolean isOtherBy(Connector connector) {
    var there = SenderThere.of(connector);
    return apart(there.replaced(envelope), Optional.of(envelope))
        || author.filter(each -> apart(there.header(each), author)).isPresent();
  }

  private static boolean apart(Address sender, Optional<Address> other) {
    return !sender.isNull()
        && other.isPresent()
        && !Alignment.aligned(sender.domain(), other.get().domain());
  }
}
