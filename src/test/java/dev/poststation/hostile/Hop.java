package dev.poststation.hostile;

import dev.poststation.sim.MemoryConnection;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A next hop that does one thing wrong, once or more often, and all else right. Safe for any
/// thread.
final class Hop {
  /// Where in the dialogue.
  enum Step {
    GREETING,
    EHLO,
    MAIL,
    RCPT,
    RCPT_LAST,
    DATA,
    CONTENT,
    END
  }

  /// What instead of the right reply. Those that are to blame for a mail are refusals.
  enum Fault {
    CLOSE,
    RESET,
    STALL,
    HALF_CLOSE,
    DEAF,
    GARBAGE,
    BINARY,
    HTTP,
    ENDLESS_LINE,
    ENDLESS_REPLY,
    DRIP,
    CODES_DISAGREE,
    CODE_TOO_LOW,
    SAY_421_AND_CLOSE,
    SAY_421_AND_STAY,
    SAY_421_IN_THE_MIDDLE,
    SAY_450,
    SAY_550,
    SAY_503,
    SAY_250,
    SAY_354,
    TWICE,
    NOTHING,
    // These are no faults, only odd.
    IN_PIECES,
    LINE_FEED_ONLY,
    LONG_LINE,
    CONTROL_CHARACTERS,
    MANY_LINES,
    // After the content only.
    TAKE_AND_CLOSE,
    TAKE_AND_RESET_LATER,
    ANSWER_TOO_LATE;

    boolean refuses() {
      return this == SAY_450 || this == SAY_550 || this == SAY_503;
    }

    boolean odd() {
      return compareTo(IN_PIECES) >= 0 && compareTo(MANY_LINES) <= 0;
    }

    boolean onlyAfterContent() {
      return compareTo(TAKE_AND_CLOSE) >= 0;
    }
  }

  private final World world;
  private final List<String> extensions;
  private final Step step;
  private final Fault fault;
  private final int faultyMail;
  private int faultsLeft;
  private int mails;
  private int faults;

  /// How often each recipient's mail was taken.
  private final Map<String, Integer> taken = new TreeMap<>();

  /// How often of these we did not say so properly.
  private int unsaid;

  /// @param faultyMail of a connection, from 1: at which of its mails it goes wrong
  /// @param times how often it goes wrong
  Hop(
      World world,
      String address,
      List<String> extensions,
      Step step,
      Fault fault,
      int faultyMail,
      int times) {
    this.world = world;
    this.extensions = extensions;
    this.step = step;
    this.fault = fault;
    this.faultyMail = faultyMail;
    this.faultsLeft = times;
    world.streets.house(address, this::serve);
  }

  /// One that does nothing wrong.
  static Hop good(World world, String address) {
    return new Hop(world, address, List.of("PIPELINING"), Step.GREETING, Fault.CLOSE, 1, 0);
  }

  synchronized int taken(String recipient) {
    return taken.getOrDefault(recipient, 0);
  }

  synchronized int unsaid() {
    return unsaid;
  }

  /// How often it went wrong.
  synchronized int faults() {
    return faults;
  }

  private synchronized boolean goesWrong(Step at, int mail) {
    boolean now = at == step && mail == faultyMail && faultsLeft > 0;
    if (now) {
      faultsLeft--;
      faults++;
    }
    return now;
  }

  private synchronized void took(List<String> recipients, boolean said) {
    recipients.forEach(recipient -> taken.merge(recipient, 1, Integer::sum));
    unsaid += said ? 0 : 1;
    mails++;
  }

  synchronized int mails() {
    return mails;
  }

  private void serve(MemoryConnection connection) {
    try {
      new Visit(connection).run();
    } catch (IOException _) {
      // It is gone.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// One connection.
  private final class Visit {
    private final MemoryConnection connection;
    private final byte[] buffer = new byte[64 * 1024];
    private int from;
    private int to;
    private int mail = 1;
    private boolean open = true;
    private boolean begun;
    private boolean wentWrong;
    private final List<String> recipients = new ArrayList<>();

    Visit(MemoryConnection connection) {
      this.connection = connection;
    }

    void run() throws IOException, InterruptedException {
      answer(Step.GREETING, "220 hop.example ESMTP");
      while (open) {
        serve(line());
      }
    }

    private void serve(String line) throws IOException, InterruptedException {
      String verb = line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
      switch (verb) {
        case "EHLO" -> answer(Step.EHLO, hello());
        case "HELO" -> say("250 hop.example");
        case "MAIL" -> {
          recipients.clear();
          wentWrong = false;
          begun = answer(Step.MAIL, "250 2.1.0 ok") || !fault.refuses();
        }
        case "RCPT" -> rcpt(line);
        case "DATA" -> {
          if (recipients.isEmpty()) {
            say("503 5.5.1 no recipients");
          } else if (answer(Step.DATA, "354 go") && open) {
            content();
          }
        }
        case "BDAT" -> chunk(Integer.parseInt(line.split(" ", -1)[1]));
        case "RSET" -> {
          recipients.clear();
          begun = false;
          say("250 2.0.0 ok");
        }
        case "QUIT" -> {
          say("221 2.0.0 bye");
          hangUp();
        }
        default -> say("500 5.5.2 what");
      }
    }

    private String hello() {
      var reply = new StringBuilder("250-hop.example\r\n");
      extensions.forEach(extension -> reply.append("250-").append(extension).append("\r\n"));
      return reply.append("250 HELP").toString();
    }

    private void rcpt(String line) throws IOException, InterruptedException {
      if (!begun) {
        say("503 5.5.1 MAIL first");
        return;
      }
      String recipient = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
      boolean last = recipient.startsWith("last@");
      if (answer(last ? Step.RCPT_LAST : Step.RCPT, "250 2.1.5 ok")) {
        recipients.add(recipient);
      }
    }

    private void content() throws IOException, InterruptedException {
      boolean begun = false;
      while (true) {
        String line = line();
        if (!begun && goesWrong(Step.CONTENT, mail)) {
          act("250 no");
          return;
        }
        begun = true;
        if (line.equals(".")) {
          end();
          return;
        }
      }
    }

    private void chunk(int size) throws IOException, InterruptedException {
      boolean wrong = goesWrong(Step.CONTENT, mail);
      for (int left = size; left > 0 && !wrong; ) {
        if (from == to) {
          fill();
        }
        int count = Math.min(left, to - from);
        from += count;
        left -= count;
      }
      if (wrong) {
        act("250 no");
      } else if (recipients.isEmpty()) {
        say("503 5.5.1 no recipients");
      } else {
        end();
      }
    }

    private void end() throws IOException, InterruptedException {
      boolean wrong = goesWrong(Step.END, mail);
      mail++;
      begun = false;
      var those = List.copyOf(recipients);
      recipients.clear();
      if (!wrong) {
        took(those, !wentWrong);
        say("250 2.0.0 taken as A" + mails());
        return;
      }
      switch (fault) {
        case SAY_421_AND_CLOSE, SAY_421_AND_STAY, SAY_450, SAY_550, SAY_503 -> {}
        case TWICE, TAKE_AND_CLOSE, TAKE_AND_RESET_LATER, SAY_250 -> took(those, true);
        default -> took(those, fault.odd());
      }
      act("250 2.0.0 taken as B" + mails());
    }

    /// @return whether the right thing was said
    private boolean answer(Step at, String right) throws IOException, InterruptedException {
      if (goesWrong(at, mail)) {
        wentWrong = !fault.odd() && !fault.refuses();
        return act(right);
      }
      say(right);
      return true;
    }

    private boolean act(String right) throws IOException, InterruptedException {
      switch (fault) {
        case CLOSE -> hangUp();
        case RESET -> {
          connection.reset();
          open = false;
        }
        case STALL -> awaitEnd();
        case HALF_CLOSE -> {
          connection.shutdownOutput();
          awaitEnd();
        }
        case DEAF -> open = false; // The connection stays, but nobody reads or writes any more.
        case GARBAGE -> say("%$&/()= ?`´");
        case BINARY -> write(new byte[] {0, -1, 0x16, 3, 3, 0, 13, 10});
        case HTTP -> {
          say("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html></html>");
          hangUp();
        }
        case ENDLESS_LINE -> forEver("250 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        case ENDLESS_REPLY -> forEver("250-and more\r\n");
        case DRIP -> drip(right);
        case CODES_DISAGREE -> say("250-one\r\n550 two");
        case CODE_TOO_LOW -> say("199 what");
        case SAY_421_AND_CLOSE -> {
          say("421 4.3.2 bye");
          hangUp();
        }
        case SAY_421_AND_STAY -> {
          say("421 4.3.2 bye");
          awaitEnd();
        }
        case SAY_421_IN_THE_MIDDLE -> {
          say("250-2.0.0 well\r\n421 4.3.2 bye");
          hangUp();
        }
        case SAY_450 -> say("450 4.7.1 later");
        case SAY_550 -> say("550 5.7.1 never");
        case SAY_503 -> say("503 5.5.1 out of order");
        case SAY_250 -> say("250 2.0.0 fine");
        case SAY_354 -> say("354 go on");
        case TWICE -> {
          say(right + "\r\n" + right); // At once: apart they may look like replies to two commands.
          return true;
        }
        case NOTHING -> {}
        case IN_PIECES -> {
          drip(right, Duration.ofSeconds(1), 20);
          return true;
        }
        case LINE_FEED_ONLY -> {
          write((right.replace("\r\n", "\n") + "\n").getBytes(StandardCharsets.US_ASCII));
          return true;
        }
        case LONG_LINE -> {
          say(right + " " + "x".repeat(50_000));
          return true;
        }
        case CONTROL_CHARACTERS -> {
          say(right + " \0\033[31m\b");
          return true;
        }
        case MANY_LINES -> {
          String code = right.substring(0, 3);
          boolean status = right.charAt(5) == '.';
          String first = status ? code + "-" + right.substring(4, 10) : code + "-";
          say((first + "line\r\n").repeat(50) + right);
          return true;
        }
        case TAKE_AND_CLOSE -> {
          say(right);
          hangUp();
        }
        case TAKE_AND_RESET_LATER -> {
          say(right);
          world.time.sleep(Duration.ofSeconds(2));
          connection.reset();
          open = false;
        }
        case ANSWER_TOO_LATE -> {
          world.time.sleep(Duration.ofHours(2));
          say(right);
          hangUp();
        }
      }
      return false;
    }

    private void hangUp() {
      connection.close();
      open = false;
    }

    private void awaitEnd() throws IOException {
      while (connection.read(buffer, 0, buffer.length) >= 0) {}
      hangUp();
    }

    private void forEver(String text) throws IOException {
      byte[] octets = text.repeat(50).getBytes(StandardCharsets.US_ASCII);
      while (true) {
        write(octets);
      }
    }

    private void drip(String right) throws IOException, InterruptedException {
      drip(right + " " + "x".repeat(10_000), Duration.ofSeconds(20), 1);
    }

    private void drip(String text, Duration pause, int octets)
        throws IOException, InterruptedException {
      byte[] all = (text + "\r\n").getBytes(StandardCharsets.US_ASCII);
      for (int at = 0; at < all.length; at += octets) {
        connection.write(all, at, Math.min(octets, all.length - at));
        world.time.sleep(pause);
      }
    }

    private void say(String line) throws IOException {
      write((line + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    private void write(byte[] octets) throws IOException {
      connection.write(octets, 0, octets.length);
    }

    private void fill() throws IOException {
      from = 0;
      to = 0;
      int count = connection.read(buffer, 0, buffer.length);
      if (count < 0) {
        connection.close();
        throw new EOFException();
      }
      to = count;
    }

    private String line() throws IOException {
      var line = new StringBuilder();
      while (true) {
        if (from == to) {
          fill();
        }
        char c = (char) (buffer[from++] & 0xff);
        if (c == '\n') {
          return line.substring(0, Math.max(0, line.length() - 1));
        }
        line.append(c);
      }
    }
  }
}
