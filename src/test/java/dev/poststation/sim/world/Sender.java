package dev.poststation.sim.world;

import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// A client that sends mails to the relay, one session after the other, with long pauses. It, too,
/// drops, stalls and talks nonsense. Confined to the kernel's thread.
final class Sender {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  /// A relay whose disk works replies within this.
  private static final Duration PROMPT = Duration.ofSeconds(20);

  /// How long after the trouble nothing is set aside any more.
  private static final Duration SETTLING = Duration.ofHours(2);

  /// Mails that are sent after that.
  private static final int IN_CALM = 4;

  private static final List<String> KINDS =
      List.of("good", "good", "good", "good", "good", "grey", "bad", "never");

  private final Machine machine;
  private final InetSocketAddress relay;
  private final RandomGenerator chance;
  private final Ledger ledger;
  private final double mischief;
  private final int domains;
  private boolean calm;
  private boolean settled;
  private long mischiefDone;
  private int left;

  /// @param mails how many it sends
  /// @param domains recipients are at `d0.example` to `d<domains - 1>.example`
  Sender(
      Machine machine,
      InetSocketAddress relay,
      RandomGenerator chance,
      Ledger ledger,
      double mischief,
      int mails,
      int domains) {
    this.machine = machine;
    this.relay = relay;
    this.chance = chance;
    this.ledger = ledger;
    this.mischief = mischief;
    this.left = mails;
    this.domains = domains;
  }

  /// Begins.
  ///
  /// @param pause between two sessions, about
  void start(Duration pause) {
    var os = machine.os();
    os.tasks().virtual("sender", () -> work(os, pause));
  }

  /// From now on it behaves. When everything has settled down it sends some more.
  void calm() {
    calm = true;
    left += IN_CALM;
  }

  boolean done() {
    return calm && left == 0;
  }

  long mischiefDone() {
    return mischiefDone;
  }

  private void work(Os os, Duration pause) {
    try {
      while (!calm || left > 0) {
        os.time().sleep(pause.multipliedBy(chance.nextInt(200)).dividedBy(100));
        if (calm && !settled) {
          os.time().sleep(SETTLING);
          settled = true;
        }
        if (left > 0) {
          session(os);
        }
      }
    } catch (InterruptedException _) {
      // The world ends.
    }
  }

  private static final class Gone extends IOException {
    private static final long serialVersionUID = 1;
  }

  private void session(Os os) throws InterruptedException {
    Wire wire;
    try {
      wire = (Wire) os.network().connect(relay, null, Duration.ofSeconds(30));
    } catch (IOException _) {
      return;
    }
    var talk = new Talk(wire);
    try {
      if (!greet(os, talk)) {
        return;
      }
      int mails = 1 + chance.nextInt(4);
      for (int i = 0; i < mails && left > 0; i++) {
        left--;
        mail(os, talk);
      }
      talk.say("QUIT");
      talk.reply(PATIENCE);
    } catch (IOException _) {
      if (chance.nextBoolean()) {
        wire.reset();
      }
    } finally {
      wire.close();
    }
  }

  private boolean greet(Os os, Talk talk) throws IOException, InterruptedException {
    if (!talk.reply(PATIENCE).startsWith("220")) {
      return false;
    }
    perhapsMisbehave(os, talk);
    talk.say("EHLO client.example");
    return talk.reply(PATIENCE).startsWith("250");
  }

  /// At any step.
  private void perhapsMisbehave(Os os, Talk talk) throws IOException, InterruptedException {
    if (calm || chance.nextDouble() >= mischief) {
      return;
    }
    mischiefDone++;
    switch (chance.nextInt(5)) {
      case 0 -> {
        ((Wire) talk.connection()).reset();
        throw new Gone();
      }
      case 1 -> throw new Gone();
      case 2 -> os.time().sleep(Duration.ofSeconds(chance.nextInt(900)));
      case 3 -> {
        talk.say("XNONSENSE " + chance.nextLong());
        talk.reply(PATIENCE);
      }
      default -> ((Wire) talk.connection()).shutdownOutput();
    }
  }

  private void mail(Os os, Talk talk) throws IOException, InterruptedException {
    boolean nullSender = chance.nextInt(20) == 0;
    var mail = ledger.begin(nullSender, settled);
    String content = Postbox.compose(mail.number(), chance);
    List<String> recipients = new ArrayList<>();
    int count = chance.nextInt(30) == 0 ? 40 : 1 + chance.nextInt(4);
    for (int i = 0; i < count; i++) {
      String kind = KINDS.get(chance.nextInt(KINDS.size()));
      recipients.add(
          kind + "-" + mail.number() + "-" + i + "@d" + chance.nextInt(domains) + ".example");
    }
    perhapsMisbehave(os, talk);
    if (chance.nextBoolean()) {
      envelopeAtOnce(talk, mail, recipients);
    } else {
      envelopeStepByStep(os, talk, mail, recipients);
    }
    if (chance.nextBoolean()) {
      data(os, talk, mail, content);
    } else {
      chunks(os, talk, mail, content);
    }
  }

  private void envelopeAtOnce(Talk talk, Ledger.Submitted mail, List<String> recipients)
      throws IOException {
    var commands = new StringBuilder("MAIL FROM:<" + mail.sender() + ">\r\n");
    recipients.forEach(recipient -> commands.append("RCPT TO:<" + recipient + ">\r\n"));
    talk.send(commands.toString());
    boolean taken = talk.reply(PATIENCE).startsWith("250");
    for (String recipient : recipients) {
      if (talk.reply(PATIENCE).startsWith("250") && taken) {
        mail.accepted(recipient);
      }
    }
    if (!taken) {
      throw new Gone();
    }
  }

  private void envelopeStepByStep(Os os, Talk talk, Ledger.Submitted mail, List<String> recipients)
      throws IOException, InterruptedException {
    talk.say("MAIL FROM:<" + mail.sender() + ">");
    if (!talk.reply(PATIENCE).startsWith("250")) {
      throw new Gone();
    }
    for (String recipient : recipients) {
      perhapsMisbehave(os, talk);
      talk.say("RCPT TO:<" + recipient + ">");
      if (talk.reply(PATIENCE).startsWith("250")) {
        mail.accepted(recipient);
      }
    }
  }

  private void data(Os os, Talk talk, Ledger.Submitted mail, String content)
      throws IOException, InterruptedException {
    talk.say("DATA");
    if (!talk.reply(PATIENCE).startsWith("354")) {
      throw new Gone();
    }
    String stuffed = content.replace("\r\n.", "\r\n..");
    int half = stuffed.length() / 2;
    talk.send(stuffed.substring(0, half));
    perhapsMisbehave(talk);
    talk.send(stuffed.substring(half));
    perhapsMisbehave(talk);
    mail.ended();
    talk.say(".");
    hear(os, talk, mail);
  }

  /// In the middle of content there is less to choose from.
  private void perhapsMisbehave(Talk talk) throws IOException {
    if (!calm && chance.nextDouble() < mischief) {
      mischiefDone++;
      if (chance.nextBoolean()) {
        ((Wire) talk.connection()).reset();
      }
      throw new Gone();
    }
  }

  private void chunks(Os os, Talk talk, Ledger.Submitted mail, String content)
      throws IOException, InterruptedException {
    int half = chance.nextInt(content.length() + 1);
    if (chance.nextBoolean()) {
      talk.send("BDAT " + half + "\r\n" + content.substring(0, half));
      if (!talk.reply(PATIENCE).startsWith("250")) {
        throw new Gone();
      }
      perhapsMisbehave(talk);
      mail.ended();
      talk.send("BDAT " + (content.length() - half) + " LAST\r\n" + content.substring(half));
    } else {
      mail.ended();
      talk.send("BDAT " + content.length() + " LAST\r\n" + content);
    }
    hear(os, talk, mail);
  }

  private void hear(Os os, Talk talk, Ledger.Submitted mail)
      throws IOException, InterruptedException {
    perhapsMisbehave(talk);
    boolean asItShould = calm;
    long asked = os.time().nanos();
    String reply = talk.reply(PATIENCE);
    mail.replied(reply, os.time().nanos());
    var took = Duration.ofNanos(os.time().nanos() - asked);
    if (asItShould && took.compareTo(PROMPT) > 0) {
      ledger.broken("mail " + mail.number() + " was answered only after " + took);
    }
  }
}
