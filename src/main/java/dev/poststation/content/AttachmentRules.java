package dev.poststation.content;

import dev.poststation.attachments.Inspection;
import dev.poststation.attachments.LateException;
import dev.poststation.attachments.Notice;
import dev.poststation.config.AttachmentsService;
import dev.poststation.config.MimeLimits;
import dev.poststation.message.Hold;
import dev.poststation.mime.Splice;
import dev.poststation.mime.TooComplexException;
import dev.poststation.os.Permits;
import dev.poststation.os.Time;
import dev.poststation.smtp.ContentReplies;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Looks for files that are not wanted, and refuses or holds such mail, or takes them out. Safe for
/// any thread.
final class AttachmentRules implements Service {
  /// More are not named.
  private static final int NAMED_MAX = 3;

  /// Each 7z takes up to a third of the heap: one at a time, whatever configuration it came by.
  private static final Permits LARGE = new Permits(1);

  private final AttachmentsService settings;
  private final MimeLimits limits;
  private final Time time;

  AttachmentRules(AttachmentsService settings, MimeLimits limits, Time time) {
    this.settings = settings;
    this.limits = limits;
    this.time = time;
  }

  @Override
  public String describe() {
    return "attachments";
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    long end = time.nanos() + atMost.toNanos();
    try {
      var turn = new Permits.Turn(LARGE, time, end);
      var inspection = new Inspection(settings, () -> time.nanos() - end > 0, turn);
      var found = inspection.of(message.mime(limits));
      return found.isEmpty()
          ? new Finding.Unchanged("no file that is not wanted")
          : found(message, found);
    } catch (TooComplexException e) {
      return unreadable(e.reason());
    } catch (LateException _) {
      throw ServiceException.atThisMail("it took longer than " + atMost.toSeconds() + " s");
    } catch (IOException e) {
      throw ServiceException.atThisMail("the mail cannot be read: " + e.getMessage());
    }
  }

  private Finding found(Message message, List<Inspection.Unwanted> found) throws IOException {
    String all =
        found.stream()
            .limit(NAMED_MAX)
            .map(Inspection.Unwanted::reason)
            .collect(Collectors.joining("; "));
    String why =
        found.size() > NAMED_MAX ? all + "; and " + (found.size() - NAMED_MAX) + " more" : all;
    return switch (settings.onFound()) {
      case REJECT -> new Finding.Refused(ContentReplies.ATTACHMENT, why);
      case HOLD -> new Finding.Held(Hold.by("on-found", why));
      case QUARANTINE -> new Finding.Quarantined("on-found = quarantine: " + why);
      case STRIP -> {
        List<Splice> splices = new ArrayList<>();
        long behind = -1;
        for (var file : found) {
          // One within a mail that is removed as a whole is gone with it.
          if (file.part().start() >= behind) {
            splices.addAll(Notice.instead(file, settings.notice()));
            behind = file.part().end();
          }
        }
        yield new Finding.Changed(message.changed(splices), "removed: " + why);
      }
    };
  }

  private Finding unreadable(String why) {
    return switch (settings.unreadable()) {
      case PASS -> new Finding.Unchanged("not looked at: " + why);
      case REJECT -> new Finding.Refused(ContentReplies.TOO_COMPLEX, why);
      case HOLD -> new Finding.Held(Hold.by("unreadable", why));
    };
  }
}
