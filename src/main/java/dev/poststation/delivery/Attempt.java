package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One mail to some of its recipients over one connection: what to send, and what came of it.
public final class Attempt {
  private Attempt() {}

  /// What to send.
  ///
  /// @param bulk whether other mail goes before it, where there is not enough of the line for all
  /// @param beforeEnd called before the octets go out with which the next hop has all of the mail,
  ///   each time that it comes to that: where the same mail goes out once more, for nobody has
  ///   taken it, it counts from then; may wait for a disk
  public record Order(
      Mail mail, Content content, List<Recipient> recipients, boolean bulk, Runnable beforeEnd) {
    public Order {
      recipients = List.copyOf(recipients);
    }

    /// One that is not bulk, and for whose end nobody waits.
    public Order(Mail mail, Content content, List<Recipient> recipients) {
      this(mail, content, recipients, false, () -> {});
    }
  }

  /// What came of it.
  ///
  /// @param outcomes one per recipient of the order, in its order; null: not tried (the next hop
  ///   takes fewer recipients at a time, or the reused connection was gone before anything was
  ///   answered, or the next hop does not know BDAT though it offers CHUNKING): to be sent again
  ///   without counting an attempt
  /// @param reusable whether the conversation can carry another mail
  /// @param transferNanos how long the transaction took
  /// @param dialogue what was said, content left out, secrets masked; one line each, `C: ` in front
  ///   of ours, `S: ` of theirs, `* ` of what happened besides; bounded
  public record Result(
      List<@Nullable Outcome> outcomes,
      boolean reusable,
      long transferNanos,
      List<String> dialogue) {
    /// Whether the next hop took the mail for a recipient, or may have.
    public static boolean isUsed(@Nullable Outcome outcome) {
      return outcome instanceof Outcome.Delivered
          || (outcome instanceof Outcome.Deferred deferred
              && deferred.stage() == Outcome.Stage.END
              && deferred.reply() == null);
    }

    /// Whether the mail was not tried for anybody.
    public boolean untried() {
      for (var outcome : outcomes) {
        if (outcome != null) {
          return false;
        }
      }
      return true;
    }
  }
}
