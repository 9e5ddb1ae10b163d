package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.message.QueueId;
import dev.poststation.queue.Control;
import dev.poststation.queue.QueueEntry;
import dev.poststation.queue.Selection;
import dev.poststation.spool.SpoolException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/// The queue, as JSON: lists, groups, single mails, and actions on them. Safe for any thread.
final class QueueReport {
  private static final int GROUPS_MAX = 1000;
  private static final int IDS_SHOWN = 1000;
  private static final int RECIPIENTS_SHOWN = 100;

  /// Recipients in one list of mails, however few the mails are.
  private static final int ROWS_MAX = 20_000;

  private static final int AT_ONCE = 500;

  /// Mails that are being returned are in memory until that is on the disk.
  private static final int RETURNED_AT_ONCE = 50;

  private final Control control;

  QueueReport(Control control) {
    this.control = control;
  }

  /// The mails that are meant, `limit` at most.
  ObjectNode list(Selection selection, int limit) throws SpoolException {
    var answer = Json.object();
    var mails = answer.putArray("mails");
    var rows = new AtomicInteger();
    control.visit(
        selection,
        entry -> {
          if (mails.size() == limit || rows.get() >= ROWS_MAX) {
            answer.put("more", true);
            return false;
          }
          var shown = waitingFirst(entry.recipients());
          rows.addAndGet(shown.size());
          var mail = mail(entry, shown);
          if (shown.size() < entry.recipients().size()) {
            mail.put("more", entry.recipients().size() - shown.size());
          }
          mails.add(mail);
          return true;
        });
    return answer.has("more") ? answer : answer.put("more", false);
  }

  ObjectNode show(QueueId id) throws SpoolException {
    return control
        .entry(id)
        .map(entry -> mail(entry, entry.recipients()))
        .orElseThrow(
            () ->
                Refusal.notFound(
                    "There is no mail "
                        + id
                        + " in the queue; its trace may tell what became of it."));
  }

  /// In a list a mail with very many recipients shows some of those that wait.
  private static List<QueueEntry.Line> waitingFirst(List<QueueEntry.Line> all) {
    return all.size() <= RECIPIENTS_SHOWN
        ? all
        : all.stream()
            .sorted(Comparator.comparing(line -> !line.phase().equals("waiting")))
            .limit(RECIPIENTS_SHOWN)
            .toList();
  }

  private static ObjectNode mail(QueueEntry entry, List<QueueEntry.Line> shown) {
    var mail = Json.object();
    mail.put("id", entry.id().toString());
    mail.put("place", entry.place());
    Json.time(mail, "arrived", entry.arrived());
    mail.put("sender", entry.sender().toString());
    mail.put("client", entry.client());
    mail.put("size", entry.size());
    var recipients = mail.putArray("recipients");
    for (var line : shown) {
      var recipient = recipients.addObject();
      recipient.put("address", line.address().toString());
      recipient.put("phase", line.phase());
      recipient.put("attempts", line.attempts());
      Json.time(recipient, "next", line.next());
      recipient.put("destination", line.destination());
      recipient.put("reason", line.reason());
    }
    return mail;
  }

  private record Key(String destination, String reason) {
    private static final Key OTHER = new Key("(others)", "(others)");
  }

  private static final class Group {
    private long recipients;
    private long mails;
    private Instant oldest = Instant.MAX;
    private Optional<QueueId> last = Optional.empty();

    private void add(QueueEntry entry) {
      recipients++;
      if (last.isEmpty() || !last.get().equals(entry.id())) {
        mails++;
        last = Optional.of(entry.id());
      }
      oldest = entry.arrived().isBefore(oldest) ? entry.arrived() : oldest;
    }
  }

  /// Waiting recipients, counted by destination and reason; the largest group first.
  ObjectNode groups(Selection selection, int limit) throws SpoolException {
    Map<Key, Group> groups = new LinkedHashMap<>();
    control.visit(
        selection,
        entry -> {
          for (var line : entry.recipients()) {
            if (line.phase().equals("waiting")) {
              var key = new Key(line.destination(), line.reason());
              boolean room = groups.size() < GROUPS_MAX || groups.containsKey(key);
              groups.computeIfAbsent(room ? key : Key.OTHER, _ -> new Group()).add(entry);
            }
          }
          return true;
        });
    var answer = Json.object();
    var array = answer.putArray("groups");
    groups.entrySet().stream()
        .sorted(Comparator.comparingLong(each -> -each.getValue().recipients))
        .limit(limit)
        .forEach(
            each -> {
              var group = array.addObject();
              group.put("destination", each.getKey().destination());
              group.put("reason", each.getKey().reason());
              group.put("recipients", each.getValue().recipients);
              group.put("mails", each.getValue().mails);
              Json.time(group, "oldest", each.getValue().oldest);
            });
    return answer.put("more", groups.size() > limit);
  }

  /// How something is to be done.
  ///
  /// @param dryRun only say which ones these are, and whom of their recipients it is about
  /// @param unencrypted whether to release also what should have been encrypted and is not
  /// @param text why, for trace and bounce; may be empty
  record How(boolean dryRun, boolean unencrypted, String text) {}

  /// Does something about the mails that are meant. Those that are named and not in the queue are
  /// `missing`.
  ///
  /// @param how what is said of it
  ObjectNode act(Control.Action action, Selection selection, How how)
      throws SpoolException, InterruptedException {
    boolean dryRun = how.dryRun;
    // All are chosen before anything is done, for what is done moves mails to other places.
    var chosen = new Chosen();
    var answer = Json.object();
    var missing = missing(selection);
    var matched = new AtomicInteger();
    var unencrypted = new AtomicInteger();
    var meant = dryRun ? answer.putArray("mails") : null;
    control.visit(
        selection,
        entry -> {
          if (action == Control.Action.RELEASE
              && !how.unencrypted
              && control.isHeldUnencrypted(entry)) {
            matched.incrementAndGet();
            unencrypted.incrementAndGet();
            return true;
          }
          var mail = bySingle(action) ? selection.meant(entry) : Control.Meant.whole(entry.id());
          matched.incrementAndGet();
          if (meant == null) {
            chosen.add(mail);
          } else if (control.wouldAct(action, entry)) {
            chosen.add(mail);
            if (meant.size() < IDS_SHOWN) {
              meant.add(meant(entry, mail));
            }
          }
          return true;
        });
    if (action == Control.Action.RETRY && !dryRun) {
      control.askAnew(selection);
    }
    var shown = Json.object().putArray("ids");
    int done = 0;
    int atOnce = action == Control.Action.BOUNCE ? RETURNED_AT_ONCE : AT_ONCE;
    for (int from = 0; from < chosen.size(); from += atOnce) {
      var some = chosen.part(from, atOnce);
      var ids =
          dryRun
              ? some.stream().map(Control.Meant::id).toList()
              : control.act(action, some, how.text);
      done += dryRun ? 0 : ids.size();
      ids.stream().limit(IDS_SHOWN - shown.size()).forEach(id -> shown.add(id.toString()));
    }
    answer.put("matched", matched.get());
    answer.set("missing", Json.texts(missing));
    answer.put("done", done);
    if (dryRun) {
      answer.put("would", chosen.size());
    }
    answer.put("unencrypted", unencrypted.get());
    answer.put("dryRun", dryRun);
    answer.set("ids", shown);
    return answer;
  }

  private List<String> missing(Selection selection) throws SpoolException {
    List<String> missing = new ArrayList<>(0);
    for (var id : selection.ids()) {
      if (control.entry(id).isEmpty()) {
        missing.add(id.toString());
      }
    }
    return missing;
  }

  /// Whether some recipients of a mail can be treated without the others.
  private static boolean bySingle(Control.Action action) {
    return switch (action) {
      case BOUNCE, DELETE -> true;
      case HOLD, RELEASE, RETRY -> false;
    };
  }

  private static ObjectNode meant(QueueEntry entry, Control.Meant mail) {
    var shown = Json.object();
    shown.put("id", entry.id().toString());
    shown.put("sender", entry.sender().toString());
    var recipients = shown.putArray("recipients");
    int more = 0;
    int others = 0;
    for (int i = 0; i < entry.recipients().size(); i++) {
      var line = entry.recipients().get(i);
      if (!line.phase().equals("waiting")) {
        continue;
      }
      if (!mail.recipients().isEmpty() && !mail.recipients().contains(i)) {
        others++;
      } else if (recipients.size() < RECIPIENTS_SHOWN) {
        recipients.add(line.address().toString());
      } else {
        more++;
      }
    }
    return shown.put("more", more).put("others", others);
  }
}
