package dev.poststation.system;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What `strace -f -y` saw the relay do, in the order in which it saw it: which octets went to
/// which file, which file was synced, and when a 250 for a mail left for its client.
///
/// A mail is covered when the sync of the file that it was written to began after that write ended,
/// and ended before the write of the 250 began.
final class SyncTrace {
  /// `PID name(FD<path>, "octets"…` or the second half of a call that was interrupted by another
  /// thread's.
  private static final Pattern CALL =
      Pattern.compile("^(\\d+) +(\\w+)\\(\\d+<([^>]*)>(.*)$", Pattern.DOTALL);

  private static final Pattern RESUMED =
      Pattern.compile("^(\\d+) +<\\.\\.\\. (\\w+) resumed>.*$", Pattern.DOTALL);

  /// A call of one thread: from the line where it began to the line where it ended.
  private record Call(
      String name, String file, String arguments, int began, int ended, boolean failed) {}

  private final List<Call> calls;

  private SyncTrace(List<Call> calls) {
    this.calls = calls;
  }

  static SyncTrace of(String trace) {
    Map<String, Call> unfinished = new HashMap<>();
    List<Call> calls = new ArrayList<>();
    String[] lines = trace.split("\n");
    for (int i = 0; i < lines.length; i++) {
      Matcher call = CALL.matcher(lines[i]);
      Matcher resumed = RESUMED.matcher(lines[i]);
      if (call.matches()) {
        var begun = new Call(call.group(2), call.group(3), call.group(4), i, i, failed(lines[i]));
        if (lines[i].endsWith("<unfinished ...>")) {
          unfinished.put(call.group(1), begun);
        } else {
          calls.add(begun);
        }
      } else if (resumed.matches()) {
        Call begun = unfinished.remove(resumed.group(1));
        if (begun != null) {
          calls.add(
              new Call(
                  begun.name(),
                  begun.file(),
                  begun.arguments(),
                  begun.began(),
                  i,
                  failed(lines[i])));
        }
      }
    }
    return new SyncTrace(calls);
  }

  private static boolean failed(String line) {
    return line.lastIndexOf(" = -1 ") > line.lastIndexOf('"');
  }

  /// Which of these mails were not covered, with the reason.
  ///
  /// @param mails queue ids by a token that stands in content and envelope of the mail, and in no
  ///   other
  List<String> uncovered(Map<String, String> mails) {
    return uncovered(mails, "/data/", String::equals);
  }

  /// The same of another copy of them.
  ///
  /// @param where part of the names of its files
  /// @param covers whether the sync of a file or directory, which comes second, covers such a file
  List<String> uncovered(
      Map<String, String> mails, String where, BiPredicate<String, String> covers) {
    List<String> uncovered = new ArrayList<>();
    mails.forEach(
        (token, id) ->
            reason(token, id, where, covers)
                .ifPresent(reason -> uncovered.add(token + " " + id + ": " + reason)));
    return uncovered;
  }

  private Optional<Call> first(String file, String text) {
    return calls.stream()
        .filter(call -> call.file().startsWith(file) && call.arguments().contains(text))
        .findFirst();
  }

  private Optional<String> reason(
      String token, String id, String where, BiPredicate<String, String> covers) {
    Optional<Call> reply = first("socket:", "queued as " + id);
    if (reply.isEmpty()) {
      return Optional.of("its 250 was not seen");
    }
    // What is written of its delivery names it, too, and may be faster than the 250.
    int delivered =
        first("socket:", "Subject: " + token).map(Call::began).orElse(Integer.MAX_VALUE);
    int end = Math.min(delivered, reply.get().began());
    Optional<Call> written =
        calls.stream()
            .filter(call -> call.file().contains(where) && call.arguments().contains(token))
            .filter(call -> call.ended() < end)
            .reduce((first, second) -> second);
    if (written.isEmpty()) {
      return Optional.of("it was not written before its 250");
    }
    boolean covered =
        calls.stream()
            .filter(call -> call.name().equals("fdatasync") || call.name().equals("fsync"))
            .filter(call -> covers.test(written.get().file(), call.file()) && !call.failed())
            .anyMatch(
                call -> call.began() > written.get().ended() && call.ended() < reply.get().began());
    return covered
        ? Optional.empty()
        : Optional.of("no sync of " + written.get().file() + " before its 250");
  }
}
