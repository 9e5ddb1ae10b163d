package dev.poststation.config;

import dev.poststation.smtp.Category;
import java.time.Duration;
import java.util.List;

/// `suppression`: recipients that are not tried any more for a while. Immutable.
///
/// @param reach for which mail
/// @param per whose mail a bounce counts for
/// @param categories of the bounces that count
/// @param keep how long a recipient stays on the list
/// @param most recipients on it
public record SuppressionSettings(
    Reach reach, Per per, List<Category> categories, Duration keep, int most) {
  public SuppressionSettings {
    categories = List.copyOf(categories);
  }

  /// Which mail is kept from these recipients.
  public enum Reach {
    /// None; nothing is learned either.
    OFF,
    /// Bulk.
    BULK,
    /// All.
    ALL;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  /// Whose bounces count for whom.
  public enum Per {
    /// Each client's for its own mail.
    CLIENT,
    /// Everybody's for everybody.
    RELAY
  }

  static SuppressionSettings read(Section in) {
    return new SuppressionSettings(
        in.read(
            "for",
            Kinds.choice(Reach.class),
            "off",
            """
            Which mail is refused to a recipient that is on the list: `bulk` keeps newsletters from
            mailboxes that are no more, and lets single mails try; `all` refuses these, too; `off`
            refuses and learns nothing. Off, because a person who writes to an address that was
            repaired a minute ago wants it tried; for newsletters `bulk` is right, since providers
            judge a sender by how often it writes to nobody.
            """),
        in.read(
            "per",
            Kinds.choice(Per.class),
            "client",
            """
            Whether a bounce counts for the mail of the same entry of `clients` only, or for that of
            all (`relay`).
            """),
        in.list(
            "categories",
            Kinds.choice(Category.class),
            Standard.list(Kinds.choice(Category.class), "invalid-recipient", "inactive-mailbox"),
            """
            The categories of bounces (docs/reference/bounce-categories.md) that put a recipient on
            the list. Only a 5yz of a next hop does, never what the relay found out itself.
            """),
        in.read(
            "keep",
            Kinds.duration("1 hour", "3660 days"),
            "30 days",
            """
            How long a recipient stays on the list after the last bounce. One that takes mail
            meanwhile is off it at once.
            """),
        in.read(
            "entries",
            Kinds.integer(100, 1_000_000),
            "100000",
            """
            Recipients on the list at most, about 300 octets of memory each. When it is full, those
            that would have left it next make room; what an administrator put there stays.
            """));
  }
}
