package dev.poststation.sim.world;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.os.TlsStart;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

/// A mail server that the relay sends to. What it says to a recipient depends on the local part;
/// besides, it has moods: it drops, stalls, lies, refuses and goes away, at any step. Confined to
/// the kernel's thread.
final class NextHop {
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private final Machine machine;
  private final String name;
  private final RandomGenerator chance;
  private final Ledger ledger;
  private final double mischief;
  private final List<String> extensions = new ArrayList<>();
  private final Map<String, Integer> tries = new HashMap<>();
  private Network.Acceptor acceptor;
  private Duration slowness = Duration.ZERO;
  private boolean calm;
  private long mischiefDone;

  /// @param mischief the part of replies at which it does something bad
  NextHop(Machine machine, String name, RandomGenerator chance, Ledger ledger, double mischief) {
    this.machine = machine;
    this.name = name;
    this.chance = chance;
    this.ledger = ledger;
    this.mischief = mischief;
    for (String extension :
        List.of(
            "PIPELINING",
            "8BITMIME",
            "SIZE 50000000",
            "CHUNKING",
            "DSN",
            "ENHANCEDSTATUSCODES",
            "LIMITS RCPTMAX=" + (1 + chance.nextInt(5)),
            "STARTTLS")) {
      if (chance.nextInt(4) > 0) {
        extensions.add(extension);
      }
    }
  }

  /// Begins to serve.
  void open() {
    var os = machine.os();
    try {
      acceptor = os.network().listen(new InetSocketAddress(machine.address(), 25), 100);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    var mine = acceptor;
    os.tasks().virtual("hop-" + name, () -> accept(os, mine));
  }

  String name() {
    return name;
  }

  Machine machine() {
    return machine;
  }

  /// From now on it behaves.
  void calm() {
    calm = true;
  }

  /// So long it thinks about each mail.
  void slow(Duration each) {
    slowness = each;
  }

  long mischiefDone() {
    return mischiefDone;
  }

  private void accept(Os os, Network.Acceptor from) {
    try {
      while (true) {
        var connection = from.accept();
        os.tasks().virtual("hop-session", () -> new Session(os, connection).run());
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private static final class Gone extends IOException {
    private static final long serialVersionUID = 1;
  }

  /// What came of the wish to say something.
  private enum Said {
    /// It was said.
    THAT,
    /// Something else was.
    ANOTHER,
    /// Nothing was, at least not in time or not to its end.
    NOTHING
  }

  private final class Session {
    private final Os os;
    private final Wire wire;
    private final Talk talk;
    private final List<String> recipients = new ArrayList<>();
    private final StringBuilder content = new StringBuilder();
    private final List<Ledger.Arrival> unconfirmed = new ArrayList<>();
    private boolean transaction;
    private int mail;

    /// It said more than it was asked: from then on no reply belongs to its command, and nobody
    /// could tell what became of a mail.
    private boolean liar;

    private Session(Os os, Connection connection) {
      this.os = os;
      this.wire = (Wire) connection;
      this.talk = new Talk(connection);
    }

    private void run() {
      try {
        say("220 " + name + " ESMTP");
        while (serve(command())) {}
        wire.close();
      } catch (InterruptedException | IOException _) {
        wire.close();
      }
    }

    private String command() throws IOException {
      String line = talk.line(PATIENCE);
      unconfirmed.forEach(Ledger.Arrival::confirm);
      unconfirmed.clear();
      return line;
    }

    /// Says it, unless the mood is another one.
    ///
    /// @return what was said in the end
    private Said say(String reply) throws IOException, InterruptedException {
      if (!calm && chance.nextDouble() < mischief) {
        mischiefDone++;
        return misbehave(reply);
      }
      talk.say(reply);
      return Said.THAT;
    }

    private Said misbehave(String reply) throws IOException, InterruptedException {
      int mood = chance.nextInt(Integer.getInteger("moods", 10));
      switch (mood) {
        case 0 -> {
          wire.reset();
          throw new Gone();
        }
        case 1 -> throw new Gone();
        case 2 -> {
          os.time().sleep(Duration.ofSeconds(chance.nextInt(1500)));
          talk.say(reply);
        }
        case 3 -> {
          talk.say("421 4.3.2 " + name + " is going down");
          throw new Gone();
        }
        case 4 -> talk.say("!! " + chance.nextLong());
        case 5 -> {
          talk.send(reply.substring(0, reply.length() / 2));
          os.time().sleep(Duration.ofMinutes(chance.nextInt(20)));
          throw new Gone();
        }
        case 6 -> {
          for (int i = 0; i < 3000; i++) {
            talk.say(reply.substring(0, 3) + "-and so on");
          }
          throw new Gone();
        }
        case 7 -> talk.say("451 4.3.0 not now");
        case 8 -> {
          talk.say(reply);
          wire.shutdownOutput();
        }
        default -> {
          talk.say(reply);
          talk.say(reply);
        }
      }
      return switch (mood) {
        case 2, 8 -> Said.THAT;
        case 4, 7 -> Said.ANOTHER;
        case 9 -> {
          liar = true;
          ledger.lied(mail);
          yield Said.THAT;
        }
        default -> Said.NOTHING;
      };
    }

    private boolean serve(String line) throws IOException, InterruptedException {
      String verb = line.substring(0, Math.min(4, line.length())).toUpperCase(Locale.ROOT);
      switch (verb) {
        case "EHLO" -> hello();
        case "HELO" -> say("250 " + name);
        case "MAIL" -> {
          recipients.clear();
          content.setLength(0);
          transaction = say("250 2.1.0 Ok") != Said.ANOTHER;
        }
        case "RCPT" -> recipient(line);
        case "DATA" -> data();
        case "BDAT" -> chunk(line);
        case "RSET" -> {
          transaction = false;
          say("250 2.0.0 Ok");
        }
        case "STAR" -> {
          talk.say("220 2.0.0 go");
          wire.startTls(new TlsStart(null, true, null, false, List.of()));
        }
        case "QUIT" -> {
          say("221 2.0.0 bye");
          return false;
        }
        default -> say("500 5.5.2 what?");
      }
      return true;
    }

    private void hello() throws IOException, InterruptedException {
      for (String extension : extensions) {
        if (!extension.equals("STARTTLS") || wire.tls() == null) {
          talk.say("250-" + extension);
        } else {
          talk.say("250-X-SECRET");
        }
      }
      say("250 " + name);
    }

    private void recipient(String line) throws IOException, InterruptedException {
      String address = line.substring(line.indexOf('<') + 1, line.indexOf('>'));
      if (!transaction) {
        say("503 5.5.1 MAIL first");
        return;
      }
      mail = Postbox.number(address);
      if (liar) {
        ledger.lied(mail);
      }
      String kind = address.substring(0, Math.max(0, address.indexOf('-')));
      int before = tries.merge(address, 1, Integer::sum);
      switch (kind) {
        case "bad" -> say("550 5.1.1 no such user");
        case "never" -> say("450 4.2.1 not now, not ever");
        case "grey" -> {
          if (before < 3) {
            say("450 4.7.1 come back later");
          } else {
            take(address);
          }
        }
        default -> {
          take(address);
        }
      }
    }

    private void take(String address) throws IOException, InterruptedException {
      if (say("250 2.1.5 Ok") != Said.ANOTHER) {
        recipients.add(address);
      }
    }

    private void data() throws IOException, InterruptedException {
      if (recipients.isEmpty()) {
        say("554 5.5.1 no valid recipients");
        return;
      }
      talk.say("354 go");
      while (true) {
        String line = talk.line(PATIENCE);
        if (line.equals(".")) {
          break;
        }
        content.append(line.startsWith(".") ? line.substring(1) : line).append("\r\n");
      }
      end();
    }

    private void chunk(String line) throws IOException, InterruptedException {
      String[] words = line.split(" ");
      content.append(talk.octets(Integer.parseInt(words[1]), PATIENCE));
      if (!transaction || recipients.isEmpty()) {
        say("554 5.5.1 no valid recipients");
      } else if (words.length > 2) {
        end();
      } else {
        say("250 2.0.0 Ok");
      }
    }

    private void end() throws IOException, InterruptedException {
      var got = new ArrayList<>(recipients);
      recipients.clear();
      transaction = false;
      if (!calm && chance.nextInt(20) == 0) {
        mischiefDone++;
        say(chance.nextBoolean() ? "451 4.3.0 try again" : "452 4.3.1 no room");
        return;
      }
      if (calm) {
        os.time().sleep(slowness);
      }
      var here = new ArrayList<Ledger.Arrival>();
      for (String recipient : got) {
        here.add(Postbox.take(content.toString(), recipient, name, ledger));
      }
      if (say("250 2.0.0 Ok: queued as " + name + os.time().nanos()) == Said.THAT) {
        unconfirmed.addAll(here);
      }
    }
  }
}
