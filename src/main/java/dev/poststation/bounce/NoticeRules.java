package dev.poststation.bounce;

import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.DsnNotify;

/// Who is told what: RFC 3461 5.2 in one place. Pure functions.
public final class NoticeRules {
  private NoticeRules() {}

  /// What is decided about one recipient.
  public sealed interface Decision {
    /// The sender is told.
    record Tell() implements Decision {}

    /// The sender is not told.
    ///
    /// @param why in one line
    /// @param lost whether a failure stays untold by this: worth a line in the log
    record Silent(String why, boolean lost) implements Decision {}
  }

  private static final Decision TELL = new Decision.Tell();

  /// Whether there is nobody who could be told, whatever becomes of a mail of this sender.
  public static boolean nobodyToTell(Address sender) {
    // RFC 5321 6.1: a notice about a notice would go round for ever.
    return sender.isNull();
  }

  /// Whether the sender is told of what became of a recipient.
  ///
  /// @param about the mail
  /// @param kind what it would be told; `RELAYED` for anything that was delivered to a next hop
  public static Decision decide(
      Envelope about, Recipient recipient, NoticeRequest.Kind kind, Outcome outcome) {
    boolean failure =
        switch (kind) {
          case FAILED, EXPIRED -> true;
          case DELAYED, RELAYED -> false;
        };
    if (nobodyToTell(about.sender())) {
      return new Decision.Silent("the sender is null: nobody to tell", failure);
    }
    var wishes = recipient.notifyOn();
    if (wishes.contains(DsnNotify.NEVER)) {
      return new Decision.Silent("NOTIFY=NEVER", failure);
    }
    return switch (kind) {
      case FAILED, EXPIRED ->
          wishes.isEmpty() || wishes.contains(DsnNotify.FAILURE)
              ? TELL
              : new Decision.Silent("NOTIFY without FAILURE", true);
      // RFC 3461 4.1: without NOTIFY it is ours to choose, and a delay of hours is worth a word.
      case DELAYED ->
          wishes.isEmpty() || wishes.contains(DsnNotify.DELAY)
              ? TELL
              : new Decision.Silent("NOTIFY without DELAY", false);
      case RELAYED -> tracks(about, outcome) ? TELL : relayed(recipient, outcome);
    };
  }

  /// Whether a mail that is to be delivered by a time asks to be told of: where it is traced (RFC
  /// 2852 4.1.4), and where nobody minds the time from now on (4.1.4.2). Whoever does not say NEVER
  /// is told.
  private static boolean tracks(Envelope about, Outcome outcome) {
    var deadline = about.deadline();
    return deadline != null
        && outcome instanceof Outcome.Delivered delivered
        && (deadline.trace() || !delivered.deadlineKept());
  }

  private static Decision relayed(Recipient recipient, Outcome outcome) {
    if (!recipient.notifyOn().contains(DsnNotify.SUCCESS)) {
      return new Decision.Silent("success was not asked for", false);
    }
    // RFC 3461 5.2.1: a next hop that knows DSN has taken over the duty.
    return outcome instanceof Outcome.Delivered delivered && !delivered.dsnOffered()
        ? TELL
        : new Decision.Silent("the next hop will tell", false);
  }
}
