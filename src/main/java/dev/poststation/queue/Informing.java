package dev.poststation.queue;

import dev.poststation.bounce.Composed;
import dev.poststation.bounce.NoticeRate;
import dev.poststation.bounce.NoticeRequest;
import dev.poststation.bounce.NoticeRules;
import dev.poststation.bounce.Notices;
import dev.poststation.log.Event;
import dev.poststation.log.Journal;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.spool.Settlement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Decides who is told what became of a mail, and has the notices composed: one for each kind, with
/// all recipients that share it. Safe for any thread.
public final class Informing implements Settling.Informer {
  private static final Logger LOG = LoggerFactory.getLogger(Informing.class);

  /// A notice is composed in memory: one about more recipients than this is several.
  private static final int RECIPIENTS_MAX = 1000;

  private final Notices notices;
  private final NoticeRate rate;
  private final Journal journal;
  private final Supplier<QueueId> ids;
  private final Alternates alternates;
  private final LostCopies lostCopies;

  /// @param ids gives queue ids to notices
  /// @param others who gets journal reports that a mailbox does not take
  /// @param lostCopies is told of copies that a filter does not take
  public Informing(
      Notices notices,
      NoticeRate rate,
      Journal journal,
      Supplier<QueueId> ids,
      Function<Address, Optional<Address>> others,
      LostCopies lostCopies) {
    this.notices = notices;
    this.rate = rate;
    this.journal = journal;
    this.ids = ids;
    this.alternates = new Alternates(others, journal, ids);
    this.lostCopies = lostCopies;
  }

  @Override
  public boolean holds(Mail mail, Recipient recipient) {
    return alternates.holds(mail, recipient);
  }

  @Override
  public void run(Mail mail, Runnable body) {
    alternates.run(mail, body);
  }

  @Override
  public List<Settlement.Notice> notices(
      ActiveMail mail,
      List<Settling.Told> told,
      Instant now,
      @Nullable Instant giveUp,
      List<byte[]> trace) {
    if (Alternates.concern(mail.mail().envelope())) {
      return elsewhere(mail, told, now, trace);
    }
    if (LostCopies.concern(mail.mail().envelope())) {
      lost(mail, told, now, trace);
      return List.of();
    }
    Map<NoticeRequest.Kind, List<NoticeRequest.Told>> byKind =
        new EnumMap<>(NoticeRequest.Kind.class);
    for (var each : told) {
      var recipient = each.what().recipient();
      var about = mail.mail().envelope();
      switch (NoticeRules.decide(about, recipient, each.kind(), each.what().outcome())) {
        case NoticeRules.Decision.Tell _ ->
            byKind.computeIfAbsent(each.kind(), _ -> new ArrayList<>()).add(each.what());
        case NoticeRules.Decision.Silent(String why, boolean lost) -> {
          if (lost) {
            trace.add(noticed(mail, now, word(each.kind()), null, recipient.address(), why));
          }
        }
      }
    }
    List<Settlement.Notice> all = new ArrayList<>(byKind.size());
    byKind.forEach(
        (kind, some) -> {
          for (int from = 0; from < some.size(); from += RECIPIENTS_MAX) {
            var part = some.subList(from, Math.min(some.size(), from + RECIPIENTS_MAX));
            compose(mail, kind, part, now, giveUp, trace, all);
          }
        });
    return all;
  }

  /// A journal report goes to another mailbox.
  private List<Settlement.Notice> elsewhere(
      ActiveMail mail, List<Settling.Told> told, Instant now, List<byte[]> trace) {
    List<Settlement.Notice> all = new ArrayList<>(1);
    for (var each : told) {
      if (isLost(each.kind())) {
        all.add(copy(mail, each.what().recipient(), now));
      }
    }
    for (var notice : all) {
      var to = notice.mail().recipients().getFirst().address();
      trace.add(noticed(mail, now, "alternate", notice.mail().id(), to, ""));
    }
    return all;
  }

  private static boolean isLost(NoticeRequest.Kind kind) {
    return switch (kind) {
      case FAILED, EXPIRED -> true;
      case DELAYED, RELAYED -> false;
    };
  }

  /// A filter does not take a copy: whoever sent the mail has nothing to do with that.
  private void lost(ActiveMail mail, List<Settling.Told> told, Instant now, List<byte[]> trace) {
    for (var each : told) {
      if (isLost(each.kind())) {
        var to = each.what().recipient().address();
        String why = each.what().outcome().text();
        lostCopies.add(to, why);
        trace.add(noticed(mail, now, "mirror", null, to, "the copy is lost: " + why));
      }
    }
  }

  /// @throws UncheckedIOException when there is none: the report must not be lost
  private Settlement.Notice copy(ActiveMail mail, Recipient recipient, Instant now) {
    try {
      return alternates
          .copy(mail.mail(), mail.content(), recipient, now)
          // A reload has taken it away since this was asked.
          .orElseThrow(() -> new IOException("there is no alternate mailbox any more"));
    } catch (IOException e) {
      LOG.error("Journal report {} goes to no other mailbox: {}", mail.id(), e.getMessage());
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private void compose(
      ActiveMail mail,
      NoticeRequest.Kind kind,
      List<NoticeRequest.Told> told,
      Instant now,
      @Nullable Instant giveUp,
      List<byte[]> trace,
      List<Settlement.Notice> all) {
    var about = mail.mail();
    var due = rate.reserve(now);
    var retryUntil = kind == NoticeRequest.Kind.DELAYED ? giveUp : null;
    Composed composed;
    try {
      composed =
          notices.compose(
              new NoticeRequest(ids.get(), now, about, mail.content(), kind, told, retryUntil),
              due);
    } catch (RuntimeException e) {
      // The recipient has ended all the same: better no notice than a mail that is tried for ever.
      LOG.error("Our own fault while composing a notice about {}", mail.id(), e);
      told.forEach(
          each ->
              trace.add(
                  noticed(
                      mail, now, word(kind), null, each.recipient().address(), "internal error")));
      return;
    }
    var sender = about.envelope().sender();
    trace.add(noticed(mail, now, word(kind), composed.mail().id(), sender, ""));
    all.add(
        new Settlement.Notice(
            composed.mail(),
            composed.content(),
            List.of(queued(composed, mail.id(), now)),
            rate.record()));
  }

  private byte[] noticed(
      ActiveMail mail,
      Instant now,
      String kind,
      @Nullable QueueId notice,
      Address to,
      String text) {
    return journal.report(new Event.Noticed(mail.id(), now, kind, notice, to, text));
  }

  private static String word(NoticeRequest.Kind kind) {
    return switch (kind) {
      case FAILED -> "bounce";
      case EXPIRED -> "expired";
      case DELAYED -> "delay";
      case RELAYED -> "relayed";
    };
  }

  private byte[] queued(Composed composed, QueueId about, Instant now) {
    return journal.report(
        Event.Queued.own(composed.mail(), now, composed.messageId(), "notice about " + about));
  }
}
