package dev.poststation.content;

import dev.poststation.config.ContentService;
import dev.poststation.message.Hold;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a service says of a mail. Each has its reason, for log and trace: a sentence without a full
/// stop.
///
/// @see ServiceException for what a service says that could not do its work
public sealed interface Finding {

  /// It goes on as it is.
  record Unchanged(String reason) implements Finding {}

  /// It goes on as it is, and a report or a copy of it goes to somebody else.
  record Reported(Companion report, String reason) implements Finding {}

  /// It goes on, changed.
  record Changed(Message message, String reason) implements Finding {}

  /// It goes on, otherwise to some than to others.
  ///
  /// @param shares together they have every recipient for whom the service was asked once; at least
  ///   one
  record Divided(List<Share> shares) implements Finding {
    public Divided {
      shares = List.copyOf(shares);
    }
  }

  /// What some recipients get.
  ///
  /// @param changed null: it is as it was
  /// @param recipients at least one
  /// @param reason why they get it
  /// @param headersOnly whether notices bring back nothing but the header of it, whatever RET says
  record Share(
      @Nullable Message changed, List<Recipient> recipients, String reason, boolean headersOnly) {
    public Share {
      recipients = List.copyOf(recipients);
    }

    /// What may also go back to who sent it.
    public Share(@Nullable Message changed, List<Recipient> recipients, String reason) {
      this(changed, recipients, reason, false);
    }

    /// What its sender may not have known.
    static Share secret(Message changed, List<Recipient> recipients, String reason) {
      return new Share(changed, recipients, reason, true);
    }
  }

  /// It is refused: nobody takes it.
  record Refused(Reply reply, String reason) implements Finding {}

  /// It goes on through the services behind this one, and then waits for an administrator.
  ///
  /// @param changed what it has become; null: it is as it was
  record Held(Hold hold, @Nullable Message changed) implements Finding {
    /// As it was.
    public Held(Hold hold) {
      this(hold, null);
    }
  }

  /// It goes on through the services behind this one, and then into the quarantine.
  ///
  /// @param changed what it has become; null: it is as it was
  record Quarantined(String reason, @Nullable Message changed) implements Finding {
    /// As it was.
    public Quarantined(String reason) {
      this(reason, null);
    }
  }

  /// It goes on, to others or from somebody else.
  ///
  /// @param message as it is now, changed or not
  /// @param quarantine why it then goes into the quarantine, or null
  record Rerouted(
      Message message, EnvelopeChange envelope, @Nullable String quarantine, String reason)
      implements Finding {}

  /// It is taken, and thrown away; who sent it is not told.
  record Discarded(String reason) implements Finding {}

  /// What becomes of a mail that is too large to be asked about; empty: it is not.
  static Optional<Finding> tooLarge(ContentService.TooLarge what, Message message, long maxSize) {
    return message.size() <= maxSize
        ? Optional.empty()
        : Optional.of(
            tooLarge(what, "with " + message.size() + " octets it is larger than max-size"));
  }

  /// What becomes of a mail that is too large to look at.
  ///
  /// @param why it is too large, and for what
  static Finding tooLarge(ContentService.TooLarge what, String why) {
    return switch (what) {
      case PASS -> new Unchanged("not looked at: " + why);
      case REJECT -> new Refused(ContentReplies.TOO_LARGE_TO_EXAMINE, why);
      case HOLD -> new Held(Hold.by("too-large", why));
    };
  }
}
