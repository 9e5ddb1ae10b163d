package dev.poststation.server;

import dev.poststation.smtp.Address;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.SmtpReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A balancer that nobody told us of looks like a client that cannot wait, or talks nonsense: this
/// knows it by its PROXY header. Confined to the session's thread.
///
/// A header of version 2 begins like empty lines, and may come in pieces. Each empty line is
/// answered at once, as anybody's; but the log is told of them only when it is known that they are
/// none of a header.
final class UnnamedBalancer {
  private final SmtpReader reader;
  private final Client client;
  private final SessionReport report;
  private final List<Refusal> untold = new ArrayList<>(0);

  /// What the log does not know yet.
  private record Refusal(Answer answer, @Nullable Address from, @Nullable Address to) {}

  UnnamedBalancer(SmtpReader reader, Client client, SessionReport report) {
    this.reader = reader;
    this.client = client;
    this.report = report;
    reader.opening(ProxyHeader.BLOCK);
  }

  /// What somebody did who spoke before the greeting.
  String earlyTalk() throws IOException {
    return reader.begins(ProxyHeader.LINE) || reader.begins(ProxyHeader.BLOCK)
        ? rule()
        : "spoke before the greeting";
  }

  /// Whether what came first is a header of version 2. To be asked whenever a line was read.
  boolean speaks() {
    boolean speaks = reader.opened() == ProxyHeader.BLOCK.length();
    if (speaks) {
      untold.clear();
    } else if (reader.opened() < 0) {
      tell();
    }
    return speaks;
  }

  /// What it gets, also for a header of version 1.
  Answer answer() {
    return Answer.last(Replies.UNKNOWN_COMMAND, "UNKNOWN", rule(), Ending.BROKEN);
  }

  private String rule() {
    var listener = client.settings().listener();
    return "a PROXY header, but listeners." + listener.name() + ".proxy-protocol does not name it";
  }

  /// Tells the log of a refusal, unless it may yet be a part of a header.
  void rejected(Answer answer, @Nullable Address from, @Nullable Address to) {
    untold.add(new Refusal(answer, from, to));
    if (reader.opened() <= 0 || reader.opened() == ProxyHeader.BLOCK.length()) {
      tell();
    }
  }

  /// Nothing more comes.
  void ended() {
    tell();
  }

  private void tell() {
    if (!untold.isEmpty()) { // Mostly it is, and each command asks.
      untold.forEach(each -> report.rejected(each.answer, each.from, each.to));
      untold.clear();
    }
  }
}
