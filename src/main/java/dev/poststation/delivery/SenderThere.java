package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.SenderReplacement;
import dev.poststation.message.AddressPatterns;
import dev.poststation.os.Time;
import dev.poststation.rewrite.Srs;
import dev.poststation.smtp.Address;
import java.io.IOException;
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
  private final @Nullable Srs srs;

  private SenderThere(
      @Nullable SenderReplacement replacing,
      @Nullable Address by,
      AddressPatterns taken,
      @Nullable Srs srs) {
    this.replacing = replacing;
    this.by = by;
    this.taken = taken;
    this.srs = srs;
  }

  /// At the next hop of a connector that is decided for an account, if it has several.
  static SenderThere at(Connector connector, Time time) {
    var forwarding = connector.forwarding();
    return of(connector, forwarding == null ? null : new Srs(forwarding, time));
  }

  /// The same without the senders of forwarded mail.
  public static SenderThere of(Connector connector) {
    return of(connector, null);
  }

  private static SenderThere of(Connector connector, @Nullable Srs srs) {
    var replacing = connector.replacing();
    var by =
        Optional.ofNullable(replacing).flatMap(each -> each.by(connector.account())).orElse(null);
    List<String> taken = new ArrayList<>(0);
    if (replacing != null && by != null) {
      taken.addAll(replacing.senders());
      taken.add(by.toString());
    }
    return new SenderThere(replacing, by, new AddressPatterns(taken), srs);
  }

  /// Who takes the place of others; null: nobody.
  public @Nullable Address by() {
    return by;
  }

  /// The sender in MAIL FROM. The null sender stays: a notice that is answered by another would
  /// never end (RFC 5321 4.5.5).
  ///
  /// @throws UnsignedException when it is to be signed and no secret can be read
  Address envelope(Address sender) throws UnsignedException {
    if (by != null && replaces().envelope()) {
      return replaced(sender);
    }
    try {
      return srs == null ? sender : srs.forward(sender);
    } catch (IOException e) {
      throw new UnsignedException(e);
    }
  }

  /// Who takes the place of a sender in MAIL FROM; himself, if he may stay.
  public Address replaced(Address sender) {
    return by == null || !replaces().envelope() || sender.isNull() || takes(sender) ? sender : by;
  }

  /// A sender that cannot be rewritten now: no fault of the next hop.
  static final class UnsignedException extends IOException {
    private UnsignedException(IOException cause) {
      super("srs.secrets: " + cause.getMessage(), cause);
    }
  }

  /// The author in From.
  public Address header(Address author) {
    return by == null || !replaces().header() || takes(author) ? author : by;
  }

  /// Whether the next hop takes an address as it is.
  boolean takes(Address sender) {
    return by == null || taken.match(sender);
  }

  /// Whether senders of forwarded mail are signed.
  boolean forwards() {
    return srs != null;
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
