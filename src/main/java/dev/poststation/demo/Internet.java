package dev.poststation.demo;

import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.CommandParser;
import dev.poststation.smtp.DataMode;
import dev.poststation.smtp.DataResult;
import dev.poststation.smtp.Line;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.SmtpReader;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// All other mail servers of the world, in one: takes mail for anybody, says of `nobody...` and
/// `refuse...` that there is no such user, and sends `greylist...` away the first time. Keeps the
/// last mails to be looked at. Safe for any thread.
final class Internet implements Closeable {
  static final String NAME = "mx.internet.example";

  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final int BACKLOG = 50;
  private static final int LINE_MAX = 2048;
  private static final int KEPT_MAX = 100;
  private static final int CONTENT_KEPT_MAX = 64 * 1024;
  private static final int GREYLISTED_MAX = 10_000;

  private static final List<String> EXTENSIONS =
      List.of("PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES");

  private static final Reply UNKNOWN_USER = Reply.of(550, "5.1.1", "No such user here");
  private static final Reply GREYLISTED =
      Reply.of(451, "4.7.1", "Greylisted, please come back in a moment");
  private static final Reply SEND_TO_SOMEBODY = Reply.of(503, "5.5.1", "Which recipient?");

  private final Network.Acceptor acceptor;
  private final Os os;
  private final ArrayDeque<Received> kept = new ArrayDeque<>();
  private final Set<String> seen = new HashSet<>();
  private final Set<Connection> connections = new HashSet<>();
  private long count;

  /// A mail that came.
  ///
  /// @param content the first 64 KB of it
  record Received(Address from, List<Address> to, String content) {
    Received {
      to = List.copyOf(to);
    }
  }

  /// Listens; at the wished address, or at any port when that one is taken.
  Internet(Os os, InetSocketAddress wished) throws IOException {
    this.os = os;
    this.acceptor = listen(os.network(), wished);
    os.tasks().platform("internet", this::accept);
  }

  private static Network.Acceptor listen(Network network, InetSocketAddress wished)
      throws IOException {
    try {
      return network.listen(wished, BACKLOG);
    } catch (IOException _) {
      return network.listen(new InetSocketAddress(wished.getAddress(), 0), BACKLOG);
    }
  }

  InetSocketAddress address() {
    return acceptor.local();
  }

  /// The mails of late, the oldest first.
  synchronized List<Received> received() {
    return List.copyOf(kept);
  }

  private synchronized long receive(Received mail) {
    kept.addLast(mail);
    if (kept.size() > KEPT_MAX) {
      kept.removeFirst();
    }
    return ++count;
  }

  private synchronized boolean seenBefore(Address to) {
    return seen.size() >= GREYLISTED_MAX || !seen.add(to.toString());
  }

  private void accept() {
    try {
      while (true) {
        var connection = acceptor.accept();
        remember(connection, true);
        os.tasks().virtual("internet", () -> serve(connection));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private synchronized void remember(Connection connection, boolean open) {
    if (open) {
      connections.add(connection);
    } else {
      connections.remove(connection);
    }
  }

  private void serve(Connection connection) {
    try (connection) {
      new Session(connection).run();
    } catch (IOException _) {
      // It went away.
    } finally {
      remember(connection, false);
    }
  }

  @Override
  public void close() {
    acceptor.close();
    List<Connection> open;
    synchronized (this) {
      open = new ArrayList<>(connections);
    }
    open.forEach(Connection::close);
  }

  private final class Session {
    private final Connection connection;
    private final SmtpReader reader;
    private final List<Address> recipients = new ArrayList<>();
    private Command.@Nullable Mail mail;

    private Session(Connection connection) {
      this.connection = connection;
      this.reader = new SmtpReader(connection, LINE_MAX);
    }

    private void run() throws IOException {
      say(Replies.greeting(NAME));
      boolean more = true;
      while (more) {
        connection.deadline(PATIENCE);
        more =
            switch (reader.readLine()) {
              case Line.Text text -> answer(text);
              case Line.TooLong _ -> said(Replies.LINE_TOO_LONG);
              case Line.BareNewline _ -> said(Replies.LINE_BARE_NEWLINE);
              case Line.End _ -> false;
            };
      }
    }

    private boolean answer(Line.Text line) throws IOException {
      var options = new CommandParser.Options(false, mail != null && mail.smtputf8());
      var command = CommandParser.parse(line.buffer(), line.offset(), line.length(), options);
      return switch (command) {
        case Command.Hello hello -> {
          forget();
          yield said(hello.extended() ? Replies.ehlo(NAME, EXTENSIONS) : Replies.hello(NAME));
        }
        case Command.Mail sent -> {
          forget();
          mail = sent;
          yield said(Replies.SENDER_OK);
        }
        case Command.Rcpt(var to, _, _) -> said(mail == null ? Replies.MAIL_FIRST : recipient(to));
        case Command.Data _ -> data();
        case Command.Rset _ -> {
          forget();
          yield said(Replies.RESET);
        }
        case Command.Noop _ -> said(Replies.NOOP);
        case Command.Quit _ -> {
          say(Replies.GOODBYE);
          yield false;
        }
        case Command.Invalid(_, var reply, var outOfStep) -> said(reply) && !outOfStep;
        case Command.Bdat _,
            Command.Vrfy _,
            Command.Expn _,
            Command.Help _,
            Command.StartTls _,
            Command.Auth _,
            Command.Forwarded _,
            Command.Unknown _ ->
            said(Replies.UNKNOWN_COMMAND);
      };
    }

    private Reply recipient(Address to) {
      String local = to.local().toLowerCase(Locale.ROOT);
      if (local.startsWith("nobody") || local.startsWith("refuse")) {
        return UNKNOWN_USER;
      }
      if (local.startsWith("greylist") && !seenBefore(to)) {
        return GREYLISTED;
      }
      recipients.add(to);
      return Replies.RECIPIENT_OK;
    }

    private boolean data() throws IOException {
      var transaction = mail;
      if (transaction == null || recipients.isEmpty()) {
        return said(SEND_TO_SOMEBODY);
      }
      say(Replies.DATA_GO);
      var content = new ByteArrayOutputStream();
      var result =
          reader.readData(
              DataMode.REFUSE,
              (octets, offset, length) ->
                  content.write(
                      octets, offset, Math.min(length, CONTENT_KEPT_MAX - content.size())));
      boolean more =
          switch (result) {
            case DataResult.Complete _ -> {
              String text = content.toString(StandardCharsets.UTF_8);
              long number = receive(new Received(transaction.from(), recipients, text));
              yield said(Replies.queued("internet-" + number));
            }
            case DataResult.BareNewline _ -> said(Replies.BARE_NEWLINE);
            case DataResult.End _ -> false;
          };
      forget();
      return more;
    }

    private void forget() {
      mail = null;
      recipients.clear();
    }

    private boolean said(Reply reply) throws IOException {
      say(reply);
      return true;
    }

    private void say(Reply reply) throws IOException {
      byte[] wire = reply.wire();
      connection.write(wire, 0, wire.length);
    }
  }
}
