package dev.poststation.demo;

import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// Mail without a break: some clients that send one after the other to a relay, each over a
/// connection of its own. Confined to the thread that made it.
final class Work {
  private static final int CLIENTS = 20;
  private static final int LINES = 130; // With these a mail has 10 KB.

  /// What a client may do that has limits, which are never reached.
  static final String TERMS =
      "senders = [\"@office.example\", \"@example.com\"], connections = 1000,"
          + " rate = \"1000000/minute\", recipients-rate = \"1000000/minute\"";

  private static final int OTHERS = 250;

  private final Os os;
  private final InetSocketAddress relay;
  private final AtomicLong taken = new AtomicLong();
  private final byte[] content;

  Work(Os os, InetSocketAddress relay) {
    this.os = os;
    this.relay = relay;
    String line =
        "All work and no break makes this line as long as one of a real mail is, or so.\n";
    String text =
        "Subject: Work\nContent-Type: text/plain; charset=us-ascii\n\n" + line.repeat(LINES);
    this.content = text.getBytes(StandardCharsets.US_ASCII);
  }

  /// Entries of `clients`, each with a comma behind it, none of which is here.
  static String clients() {
    var text = new StringBuilder();
    for (int i = 0; i < OTHERS; i++) {
      text.append(
          "{ name = branch-%d, networks = [\"10.1.%d.0/24\"], %s }, ".formatted(i, i, TERMS));
    }
    return text.toString();
  }

  /// Sends for so long.
  ///
  /// @return how many mails the relay took
  long go(Duration time) throws InterruptedException {
    long end = os.time().nanos() + time.toNanos();
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      clients.add(os.tasks().virtual("work", () -> send(end)));
    }
    for (var client : clients) {
      client.join();
    }
    return taken.get();
  }

  private void send(long end) {
    try (var client = MailClient.connect(os, relay, false, _ -> {})) {
      while (os.time().nanos() - end < 0) {
        var to = List.of("anybody@customer.example");
        var sent = client.send("anna@office.example", to, "", content);
        taken.addAndGet(sent.recipients());
      }
    } catch (IOException _) {
      // Whoever waits for the mails sees that there are fewer.
    }
  }
}
