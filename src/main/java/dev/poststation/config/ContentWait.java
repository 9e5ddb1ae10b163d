package dev.poststation.config;

import dev.poststation.config.ContentService.Effect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Adds up how long a client may have to wait for what services of `content` say of its mail.
/// Confined to one thread.
final class ContentWait {
  /// What clients wait for the answer to the final dot (RFC 5321 4.5.3.2.6).
  private static final Duration CLIENT = Duration.ofMinutes(10);

  /// What of it services may take: storing the mail, and the way of the answer, take some, too.
  private static final Duration MOST = Duration.ofMinutes(9);

  /// More are not named.
  private static final int NAMED_MAX = 5;

  private final List<ContentRule> waits = new ArrayList<>();

  /// The one that takes longest of those that look at the same time.
  private @Nullable ContentRule slowest;

  static void check(List<ContentRule> rules, Problems problems) {
    var wait = new ContentWait();
    rules.forEach(wait::add);
    wait.endTurn();
    wait.warn(problems);
  }

  private void add(ContentRule rule) {
    if (rule.service().effect() != Effect.LOOKS || rule.service() instanceof MilterService) {
      endTurn();
      if (mayWait(rule.service())) {
        waits.add(rule);
      }
    } else if (slowest == null || rule.timeLimit().compareTo(slowest.timeLimit()) > 0) {
      slowest = rule;
    }
  }

  private void endTurn() {
    if (slowest != null) {
      waits.add(slowest);
      slowest = null;
    }
  }

  /// Whether it may ever need all of its time: it asks somebody else, or does much.
  private static boolean mayWait(ContentService service) {
    return switch (service) {
      case ContentService.HeaderEdits _,
          ListUnsubscribe _,
          ContentService.DkimSign _,
          ArcService _,
          ContentService.Remember _,
          JournalService _, // It goes by the queue.
          MirrorService _ ->
          false;
      case ContentService.Clamav _,
          IcapService _,
          AttachmentsService _,
          MilterService _,
          RspamdService _,
          SpamdService _,
          SealService _,
          DisclaimerService _,
          ArchiveService _,
          MaildirService _,
          MboxService _,
          S3Service _ ->
          true;
    };
  }

  private void warn(Problems problems) {
    var all = waits.stream().map(ContentRule::timeLimit).reduce(Duration.ZERO, Duration::plus);
    if (all.compareTo(MOST) <= 0) {
      return;
    }
    waits.sort(Comparator.comparing(ContentRule::timeLimit).reversed());
    String named =
        waits.stream()
            .limit(NAMED_MAX)
            .map(rule -> rule.name() + " " + Units.show(rule.timeLimit()))
            .collect(Collectors.joining(", "));
    String more = waits.size() > NAMED_MAX ? ", and " + (waits.size() - NAMED_MAX) + " more" : "";
    problems.warning(
        waits.getFirst().origin(),
        "the services of content may take %s for one mail (%s%s); a client need not wait for longer than %s (RFC 5321 4.5.3.2.6), and would send again what was taken in the meantime: its recipients would have it twice"
            .formatted(Units.show(all), named, more, Units.show(CLIENT)),
        "lower time-limit of some of them, to " + Units.show(MOST) + " in all");
  }
}
