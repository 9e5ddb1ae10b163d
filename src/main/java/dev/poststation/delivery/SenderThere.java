package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.SenderReplacement;
import dev.poststation.message.AddressPatterns;
import dev.poststation.smtp.Address;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Who is the sender of a mail at a next hop, where the connector replaces those that it does not
/// take. Immutable; safe for any thread.
public final class SenderThere {
  private final @Nullable SenderReplacement replacing;
  private final @Nullable Address by;
  private final AddressPatterns taken;

  private SenderThere(
      @Nullable SenderReplacement replacing, @Nullable Address by, AddressPatterns taken) {
    this.replacing = replacing;
    this.by = by;
    this.taken = taken;
  }

  /// At the next hop of a connector that is decided for an account, if it has several.
  public static SenderThere at(Connector connector) {
    var replacing = connector.replacing();
    var by =
        Optional.ofNullable(replacing).flatMap(each -> each.by(connector.account())).orElse(null);
    List<String> taken = new ArrayList<>(0);
    if (replacing != null && by != null) {
      taken.addAll(replacing.senders());
      taken.add(by.toString());
    }
    return new SenderThere(replacing, by, new AddressPatterns(taken));
  }

  /// Who takes the place of others; null: nobody.
  public @Nullable Address by() {
    return by;
  }

  /// The sender in MAIL FROM. The null sender stays: a notice that is answered by another would
  /// never end (RFC 5321 4.5.5).
  public Address envelope(Address sender) {
    return by == null || !replaces().envelope() || sender.isNull() || takes(sender) ? sender : by;
  }

  /// The author in From.
  public Address header(Address author) {
    return by == null || !replaces().header() || takes(author) ? author : by;
  }

  /// Whether the next hop takes an address as it is.
  boolean takes(Address sender) {
    return by == null || taken.match(sender);
  }

  private SenderReplacement.Where replaces() {
    return replacing == null ? SenderReplacement.Where.BOTH : replacing.where();
  }

  /// Whether From and Sender are looked at.
  boolean replacesInHeader() {
    return by != null && replaces().header();
  }

  /// Whether an author who is replaced stays to be seen there.
  boolean keeps(SenderReplacement.Keep where) {
    return replacing != null && replacing.keep().contains(where);
  }
}
