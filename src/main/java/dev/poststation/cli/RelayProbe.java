package dev.poststation.cli;

import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.ReplyReader;
import dev.poststation.tls.ClientTls;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// Plays tricks to an SMTP server and sees what it says. Each has a session of its own, which ends
/// before any content. Confined to one thread.
final class RelayProbe {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /// A greeting may be delayed by a minute.
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  /// What was smuggled in is answered at once, or never.
  private static final Duration AT_ONCE = Duration.ofSeconds(1);

  private static final int LINE_MAX = 2000;
  private static final int LINES_MAX = 100;
  private static final int GREETING = 220;

  /// To STARTTLS (RFC 3207 4).
  private static final int READY = 220;

  private static final int CLOSING = 421;

  private final Os os;
  private final ClientTls tls;

  RelayProbe(Os os) {
    this.os = os;
    this.tls = ClientTls.system(os.disk());
  }

  /// A server.
  ///
  /// @param mode what it does about TLS, as the configuration has it
  record Target(InetSocketAddress address, String mode) {
    boolean implicit() {
      return mode.equals("implicit");
    }

    boolean demanding() {
      return implicit() || mode.equals("required");
    }

    /// Whether the trick can be played there.
    boolean allows(Trick.Way way) {
      return switch (way) {
        case USUAL, BEFORE_GREETING -> true;
        case IN_CLEAR -> !implicit();
        case ENCRYPTED -> mode.equals("offered");
        case BEHIND_STARTTLS -> !implicit() && !mode.equals("off");
      };
    }
  }

  /// What came of a trick.
  enum Outcome {
    REFUSED,
    ACCEPTED,
    /// It could not be played.
    NOT_TRIED
  }

  /// A trick that was played.
  ///
  /// @param reply the first refusal; else the last reply
  record Attempt(String trick, Outcome outcome, String reply) {}

  /// Whether it answers to what comes from there.
  boolean reaches(Target target, InetAddress from) {
    var hello = new Trick("", Trick.Way.USUAL, List.of(Trick.HELLO));
    return play(hello, target, from).outcome() != Outcome.NOT_TRIED;
  }

  /// Plays a trick.
  ///
  /// @param from our end
  Attempt play(Trick trick, Target target, InetAddress from) {
    Connection connection;
    try {
      connection = os.network().connect(target.address(), from, CONNECT);
    } catch (IOException e) {
      return new Attempt(trick.name(), Outcome.NOT_TRIED, "cannot connect: " + e.getMessage());
    }
    var play = new Play(connection, trick, target);
    try (connection) {
      connection.deadline(PATIENCE);
      return play.run();
    } catch (EOFException _) {
      return play.broken("the connection was closed");
    } catch (SocketTimeoutException _) {
      return play.broken("no reply");
    } catch (IOException e) {
      return play.broken("the connection broke: " + e.getMessage());
    }
  }

  private final class Play {
    private final Connection connection;
    private final Trick trick;
    private final Target target;
    private ReplyReader replies;
    private String refusal = "";
    private boolean greeted;

    Play(Connection connection, Trick trick, Target target) {
      this.connection = connection;
      this.trick = trick;
      this.target = target;
      this.replies = new ReplyReader(connection, LINE_MAX, LINES_MAX);
    }

    /// It went away: a refusal, once the trick was played.
    Attempt broken(String how) {
      boolean played = greeted || trick.way() == Trick.Way.BEFORE_GREETING;
      return new Attempt(trick.name(), played ? Outcome.REFUSED : Outcome.NOT_TRIED, how);
    }

    Attempt run() throws IOException {
      boolean early = trick.way() == Trick.Way.BEFORE_GREETING;
      if (early) {
        write(trick.lines().getFirst());
      }
      if (target.implicit()) {
        encrypt();
      }
      var reply = replies.read();
      if (reply.code() != GREETING) { // Who is busy has decided nothing.
        boolean refused = early || reply.permanentFailure();
        return new Attempt(
            trick.name(), refused ? Outcome.REFUSED : Outcome.NOT_TRIED, reply.toString());
      }
      greeted = true;
      if (trick.way() == Trick.Way.BEHIND_STARTTLS) {
        return smuggle();
      }
      boolean header = trick.lines().getFirst().startsWith("PROXY");
      if (early && !header) {
        reply = heard(); // What was said before the greeting is answered after it, and first.
        if (!refusal.isEmpty()) {
          return ended(reply);
        }
      }
      boolean encrypted =
          trick.way() == Trick.Way.ENCRYPTED
              || (target.demanding() && trick.way() != Trick.Way.IN_CLEAR);
      if (encrypted && !target.implicit()) {
        say(Trick.HELLO);
        reply = say("STARTTLS");
        if (header && reply.positive() && reply.code() != READY) {
          reply = heard(); // It had answered the header, too, as if that were a command.
        }
        if (!reply.positive()) {
          return new Attempt(trick.name(), Outcome.NOT_TRIED, reply.toString());
        }
        encrypt();
      }
      var lines = trick.lines();
      for (String line : early ? lines.subList(1, lines.size()) : lines) {
        reply = say(line);
        if (reply.code() == CLOSING || (early && !refusal.isEmpty())) {
          break; // That may be the answer to what was said before the greeting.
        }
      }
      return ended(reply);
    }

    private Attempt ended(Reply reply) {
      boolean accepted = reply.positive() || reply.intermediate();
      try {
        say(reply.intermediate() ? "*" : "RSET");
        say("QUIT");
      } catch (IOException _) {
        // It went first.
      }
      return accepted
          ? new Attempt(trick.name(), Outcome.ACCEPTED, reply.toString())
          : new Attempt(trick.name(), Outcome.REFUSED, refusal);
    }

    /// Sends the lines together with STARTTLS. A server that heeds them answers them in the
    /// encrypted session, where nobody has said anything yet.
    private Attempt smuggle() throws IOException {
      say(Trick.HELLO);
      var reply = say("STARTTLS\r\n" + String.join("\r\n", trick.lines()));
      if (!reply.positive()) {
        return new Attempt(trick.name(), Outcome.REFUSED, reply.toString());
      }
      encrypt();
      connection.deadline(AT_ONCE);
      try {
        return new Attempt(trick.name(), Outcome.ACCEPTED, replies.read().toString());
      } catch (SocketTimeoutException _) {
        return new Attempt(trick.name(), Outcome.REFUSED, "not heeded after the handshake");
      }
    }

    private Reply say(String line) throws IOException {
      write(line);
      return heard();
    }

    private Reply heard() throws IOException {
      var reply = replies.read();
      if (refusal.isEmpty() && !reply.positive() && !reply.intermediate()) {
        refusal = reply.toString();
      }
      return reply;
    }

    private void write(String line) throws IOException {
      byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
      connection.write(octets, 0, octets.length);
    }

    private void encrypt() throws IOException {
      connection.startTls(tls.start(null, false)); // Whose certificate it is does not matter here.
      replies = new ReplyReader(connection, LINE_MAX, LINES_MAX);
    }
  }

  /// The tricks that can be played to it, in their order.
  static List<Trick> playable(List<Trick> tricks, Target target) {
    return tricks.stream().filter(trick -> target.allows(trick.way())).toList();
  }
}
