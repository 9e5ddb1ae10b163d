package dev.poststation.content;

import dev.poststation.config.ContentRule.OnError;
import dev.poststation.config.SealService;
import dev.poststation.message.Hold;
import dev.poststation.message.RecipientState;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Reply;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a step went at a message. Immutable.
///
/// @param changed what it made of it; null: it is as it was
/// @param envelope what it made of the envelope; null: it is as it was
/// @param quarantine why it goes into the quarantine; null: it does not
/// @param discarded whether nobody gets it
/// @param refusal nobody takes it; null: it goes on
/// @param shares what each gets; empty: all the same
/// @param report goes to somebody else; null: there is none
record Done(
    Note note,
    @Nullable Message changed,
    @Nullable Hold hold,
    @Nullable EnvelopeChange envelope,
    @Nullable String quarantine,
    boolean discarded,
    @Nullable Refusal refusal,
    List<Portion> shares,
    @Nullable Companion report) {
  /// Holds what would be refused, were it not for who sent it.
  private static final String DECRYPTED = "decrypted";

  Done(Note note, @Nullable Message changed, @Nullable Hold hold) {
    this(note, changed, hold, null, null, false, null, List.of(), null);
  }

  /// Into the quarantine.
  static Done quarantined(
      Note note, @Nullable Message changed, @Nullable EnvelopeChange envelope, String why) {
    return new Done(note, changed, null, envelope, why, false, null, List.of(), null);
  }

  /// To others, or from somebody else.
  static Done rerouted(
      Note note, Message changed, EnvelopeChange envelope, @Nullable String quarantine) {
    return new Done(note, changed, null, envelope, quarantine, false, null, List.of(), null);
  }

  Done(List<Portion> shares) {
    this(shares.getFirst().note, null, null, null, null, false, null, shares, null);
  }

  Done(Note note, Refusal refusal) {
    this(note, null, null, null, null, false, refusal, List.of(), null);
  }

  Done(Note note, Companion report) {
    this(note, null, null, null, null, false, null, List.of(), report);
  }

  /// Thrown away.
  static Done discarded(Note note) {
    return new Done(note, null, null, null, null, true, null, List.of(), null);
  }

  /// Refused behind decryption. Who sent it must not hear of that: by sending mail of others again
  /// and again, a bit changed, he could learn from it which can be decrypted, and so their text
  /// (RFC 8551 6).
  static Done refusedOpened(Step step, Note note, String reason) {
    return new Done(note, null, Hold.by(DECRYPTED, open(step) + step.describe() + ": " + reason));
  }

  /// What keeps a mail that was to be encrypted from being released in the clear.
  private static String open(Step step) {
    return step.rule().service() instanceof SealService.Encrypts ? RecipientState.UNENCRYPTED : "";
  }

  /// What `on-error` says.
  ///
  /// @param kept what the mail is to be from now on where it is kept; null: as it was
  /// @param opened whether it was decrypted, and another mail may not fail here: who sent it must
  ///   not hear of that
  static Done failed(Step step, Note note, String reason, @Nullable Message kept, boolean opened) {
    var rule = step.rule();
    String open = open(step);
    if (opened && (rule.onError() == OnError.DEFER || rule.onError() == OnError.REJECT)) {
      return new Done(note, kept, Hold.by(DECRYPTED, open + rule.name() + ": " + note.reason()));
    }
    return switch (rule.onError()) {
      case PASS -> new Done(note, null, null);
      case QUARANTINE -> quarantined(note, kept, null, "on-error = quarantine: " + reason);
      case HOLD -> new Done(note, kept, Hold.by("on-error", open + rule.name() + ": " + reason));
      case DEFER -> refused(step, note, ContentReplies.NOT_EXAMINED_NOW);
      case REJECT -> refused(step, note, ContentReplies.NOT_EXAMINED);
    };
  }

  static Done refused(Step step, Note note, Reply reply) {
    return new Done(note, new Refusal(reply, step.describe() + ", " + note.reason()));
  }

  /// Whether it is as if the step had not been asked: it may then be so for all, meant or not.
  boolean onlyLooked() {
    return changed == null && envelope == null && !stops() && !discarded;
  }

  /// Whether it does not go on by itself.
  boolean stops() {
    return hold != null || quarantine != null;
  }

  /// What some get, with what is told of it.
  record Portion(Finding.Share share, Note note) {}

  /// @param rule which entry of the configuration says so, and why
  record Refusal(Reply reply, String rule) {}
}
