package dev.poststation.demo;

import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Capabilities.Extension;
import dev.poststation.smtp.DataWriter;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.ReplyReader;
import dev.poststation.smtp.WireBuffer;
import dev.poststation.tls.ClientTls;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A mail program that shows what it says: one connection to a relay, step by step and without
/// pipelining, so that the dialogue can be read. Confined to one thread.
public final class MailClient implements Closeable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int LINE_MAX = 2000;
  private static final int LINES_MAX = 100;
  private static final int CLOSING = 421;
  private static final int AT_ONCE = 64 * 1024;

  private final Os os;
  private final Connection connection;
  private final Consumer<String> dialogue;
  private ReplyReader replies;
  private Capabilities offered = Capabilities.NONE;

  /// What became of a mail.
  ///
  /// @param recipients how many it was taken for; 0: it was not taken
  /// @param reply the last reply: to the content, or the one that ended it before
  /// @param id the queue id of the relay; empty when it was not taken
  public record Sent(int recipients, Reply reply, Optional<String> id) {}

  private MailClient(Os os, Connection connection, Consumer<String> dialogue) {
    this.os = os;
    this.connection = connection;
    this.dialogue = dialogue;
    this.replies = new ReplyReader(connection, LINE_MAX, LINES_MAX);
  }

  /// Connects, waits for the greeting and says EHLO; encrypts when that is offered.
  ///
  /// @param implicitTls whether TLS starts with the first octet
  /// @param dialogue takes each line, `C: …` and `S: …`
  /// @throws IOException when nobody answers, or is no SMTP server that would serve us
  public static MailClient connect(
      Os os, InetSocketAddress to, boolean implicitTls, Consumer<String> dialogue)
      throws IOException {
    var connection = os.network().connect(to, null, PATIENCE);
    connection.deadline(PATIENCE);
    var client = new MailClient(os, connection, dialogue);
    try {
      if (implicitTls) {
        client.encrypt();
      }
      client.demand(client.reply());
      client.hello();
      if (!implicitTls && client.offered.offers(Extension.STARTTLS)) {
        client.demand(client.command("STARTTLS"));
        client.encrypt();
        client.hello();
      }
      return client;
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  private void encrypt() throws IOException {
    // A dialogue to look at is no secret: any certificate will do.
    var facts = connection.startTls(ClientTls.system(os.disk()).start(null, false));
    replies = new ReplyReader(connection, LINE_MAX, LINES_MAX);
    dialogue.accept("   (" + facts.protocol() + " with " + facts.cipher() + ")");
  }

  private void hello() throws IOException {
    var reply = command("EHLO localhost");
    demand(reply);
    offered = Capabilities.of(reply);
  }

  private void demand(Reply reply) throws IOException {
    if (!reply.positive()) {
      throw new IOException("the server answered " + reply);
    }
  }

  /// Sends a mail.
  ///
  /// @param parameters of MAIL, such as `BODY=8BITMIME`, or empty
  /// @param content with any line ends
  public Sent send(String from, List<String> to, String parameters, byte[] content)
      throws IOException {
    connection.deadline(PATIENCE);
    var reply =
        command("MAIL FROM:<" + from + ">" + (parameters.isEmpty() ? "" : " " + parameters));
    int taken = 0;
    for (String each : reply.positive() ? to : List.<String>of()) {
      reply = command("RCPT TO:<" + each + ">");
      if (reply.positive()) {
        taken++;
      }
    }
    if (taken > 0) {
      reply = command("DATA");
    }
    if (!reply.intermediate()) {
      if (reply.code() != CLOSING) {
        command("RSET"); // The next mail begins anew.
      }
      return new Sent(0, reply, Optional.empty());
    }
    var out = new WireBuffer(connection::write, AT_ONCE);
    var data = new DataWriter(out, false);
    data.write(content, 0, content.length);
    data.finish();
    out.flush();
    dialogue.accept("C: (" + content.length + " octets) .");
    reply = reply();
    String text = reply.lines().getLast();
    return reply.positive()
        ? new Sent(taken, reply, Optional.of(text.substring(text.lastIndexOf(' ') + 1)))
        : new Sent(0, reply, Optional.empty());
  }

  private Reply command(String line) throws IOException {
    dialogue.accept("C: " + line);
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.UTF_8);
    connection.write(octets, 0, octets.length);
    return reply();
  }

  private Reply reply() throws IOException {
    var reply = replies.read();
    new String(reply.wire(), StandardCharsets.UTF_8)
        .lines()
        .forEach(line -> dialogue.accept("S: " + line));
    return reply;
  }

  /// Says QUIT and closes; whether the server hears it does not matter.
  @Override
  public void close() {
    try {
      command("QUIT");
    } catch (IOException _) {
      // It went first.
    }
    connection.close();
  }
}
