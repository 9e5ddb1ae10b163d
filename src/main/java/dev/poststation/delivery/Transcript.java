package dev.poststation.delivery;

import dev.poststation.smtp.PeerText;
import dev.poststation.smtp.Reply;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// What was said to a next hop and by it, for the trace of a mail: `C: ` in front of what we said,
/// `S: ` of what it said, `* ` of what happened. Keeps the beginning and the end of a long
/// dialogue. Confined to one thread.
final class Transcript {
  private static final int HEAD = 60;
  private static final int TAIL = 60;
  private static final int LINE_LENGTH = 500;

  /// Characters of the beginning, and of the end.
  private static final int PART_LENGTH = 8 * 1024;

  private final List<String> head = new ArrayList<>(12);
  private final Deque<String> tail = new ArrayDeque<>(0);
  private int headLength;
  private int tailLength;
  private int omitted;

  /// What we said; without secrets.
  void client(String command) {
    add("C: ".concat(command));
  }

  /// What the next hop said.
  void server(Reply reply) {
    var status = reply.status();
    int last = reply.lines().size() - 1;
    for (int i = 0; i <= last; i++) {
      var line =
          new StringBuilder(64).append("S: ").append(reply.code()).append(i < last ? '-' : ' ');
      if (status != null) {
        line.append(status).append(' ');
      }
      add(line.append(reply.lines().get(i)).toString());
    }
  }

  /// What happened. May hold text of the peer.
  void note(String text) {
    add("* ".concat(PeerText.of(text)));
  }

  private void add(String line) {
    String shown = line.length() > LINE_LENGTH ? line.substring(0, LINE_LENGTH) + "…" : line;
    if (tail.isEmpty() && head.size() < HEAD && headLength + shown.length() <= PART_LENGTH) {
      head.add(shown);
      headLength += shown.length();
      return;
    }
    tail.addLast(shown);
    tailLength += shown.length();
    while (tail.size() > TAIL || tailLength > PART_LENGTH) {
      tailLength -= tail.removeFirst().length();
      omitted++;
    }
  }

  /// All of it. The transcript must not be added to afterwards.
  List<String> lines() {
    if (tail.isEmpty()) {
      return head;
    }
    List<String> lines = new ArrayList<>(head);
    if (omitted > 0) {
      lines.add("* (" + omitted + " lines left out)");
    }
    lines.addAll(tail);
    return lines;
  }
}
