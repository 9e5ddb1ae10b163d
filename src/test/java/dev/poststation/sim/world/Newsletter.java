package dev.poststation.sim.world;

import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// A client that sends much bulk to one slow domain when all has settled, and single mails in its
/// midst, which must not wait for it, also when the relay ends in the midst and starts again. It is
/// one client, so that fair turns between clients do not help. Confined to the kernel's thread.
final class Newsletter {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /// How long after the trouble nothing is set aside any more.
  private static final Duration SETTLING = Duration.ofHours(3);

  private static final String BULK = "Precedence: bulk\r\n";

  private final Machine machine;
  private final InetSocketAddress relay;
  private final RandomGenerator chance;
  private final Ledger ledger;
  private final String domain;
  private final Runnable restart;
  private boolean done;

  /// @param domain where all of it goes
  /// @param restart ends the relay, and starts it again
  Newsletter(
      Machine machine,
      InetSocketAddress relay,
      RandomGenerator chance,
      Ledger ledger,
      String domain,
      Runnable restart) {
    this.machine = machine;
    this.relay = relay;
    this.chance = chance;
    this.ledger = ledger;
    this.domain = domain;
    this.restart = restart;
  }

  /// All is calm.
  void calm() {
    var os = machine.os();
    os.tasks()
        .virtual(
            "newsletter",
            () -> {
              try {
                os.time().sleep(SETTLING);
                send(os);
                done = true;
              } catch (InterruptedException _) {
                // The world ends.
              } catch (IOException e) {
                ledger.broken("the newsletter was not taken: " + e.getMessage());
              }
            });
  }

  boolean done() {
    return done;
  }

  private void send(Os os) throws IOException, InterruptedException {
    int mails = 120 + chance.nextInt(120);
    int midst = 20 + chance.nextInt(2 * mails); // Often there is no restart.
    send(os, 0, Math.min(mails, midst));
    if (midst < mails) {
      restart.run();
      send(os, midst, mails);
    }
  }

  /// Some of them; before the relay ends, and when it is there again, a single one.
  private void send(Os os, int first, int last) throws IOException, InterruptedException {
    var talk = new Talk(os.network().connect(relay, null, Duration.ofSeconds(30)));
    try (var connection = talk.connection()) {
      hear(talk, "220");
      ask(talk, "EHLO client.example", "250");
      for (int i = first; i < last; i++) {
        boolean single = i > 10 && (i == first || i == last - 1 || chance.nextInt(20) == 0);
        mail(os, talk, single);
        if (single && i < last - 1) {
          os.time().sleep(Duration.ofSeconds(chance.nextInt(20)));
        }
      }
      ask(talk, "QUIT", "221");
    }
  }

  private void mail(Os os, Talk talk, boolean single) throws IOException {
    var mail = ledger.begin(false, single);
    String recipient = "good-" + mail.number() + "-0@" + domain;
    String content = Postbox.compose(mail.number(), chance);
    ask(talk, "MAIL FROM:<" + mail.sender() + ">", "250");
    ask(talk, "RCPT TO:<" + recipient + ">", "250");
    mail.accepted(recipient);
    ask(talk, "DATA", "354");
    talk.send((single ? content : BULK + content).replace("\r\n.", "\r\n.."));
    mail.ended();
    talk.say(".");
    String reply = talk.reply(PATIENCE);
    mail.replied(reply, os.time().nanos());
    if (!reply.startsWith("250")) {
      throw new IOException(reply);
    }
  }

  private static void ask(Talk talk, String command, String expected) throws IOException {
    talk.say(command);
    hear(talk, expected);
  }

  private static void hear(Talk talk, String expected) throws IOException {
    String reply = talk.reply(PATIENCE);
    if (!reply.startsWith(expected)) {
      throw new IOException(reply);
    }
  }
}
