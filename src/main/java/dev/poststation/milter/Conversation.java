package dev.poststation.milter;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.os.Connection;
import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.ContentReplies;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is said to a milter about one mail, stage by stage, and what it answers. Confined to one
/// thread.
///
/// The methods for the stages are to be called in their order. Behind a recipient that was refused
/// others may come; behind [Answer.Skip] only the end of the message does, and behind any other
/// answer than [Answer.Continue] no more is said of the mail.
public final class Conversation implements Closeable {
  /// What a packet has of the body (MILTER_CHUNK_SIZE of libmilter).
  public static final int CHUNK = 65535;

  /// A milter that says again and again that it is working gets so long: clients give up then (RFC
  /// 5321 4.5.3.2.6).
  private static final Duration PROGRESS_MAX = Duration.ofMinutes(10);

  /// A mail may take so long to come; libmilter itself waits for two hours.
  private static final Duration REST = Duration.ofHours(1);

  private static final int CHANGES_MAX = 2000;

  /// Fields, addresses and their parameters have so many octets in all.
  private static final int CHANGES_OCTETS_MAX = 1024 * 1024;

  /// A packet of a body counts for so much more than it has, or nobody would count the empty ones.
  private static final int PACKET = 16;

  private static final Answer CONTINUE = new Answer.Continue();

  private final Connection connection;
  private final Frames frames;
  private final Time time;
  private final Terms terms;
  private final Map<String, String> macros = new LinkedHashMap<>();
  private Duration limit;
  private long lastEnd;

  /// How a mail ended.
  ///
  /// @param changes in their order; nothing when the mail does not go on
  /// @param unasked those that the milter may not make
  public record Ended(Answer answer, List<Change> changes, int unasked) {
    public Ended {
      changes = List.copyOf(changes);
    }
  }

  private Conversation(Connection connection, Frames frames, Time time, Terms terms) {
    this.connection = connection;
    this.frames = frames;
    this.time = time;
    this.terms = terms;
    this.limit = Duration.ZERO;
  }

  /// Begins one, on a connection with its deadline.
  ///
  /// @param changes whether the milter may change mail
  /// @throws ProtocolException when that is no milter, or none that we can speak to
  public static Conversation begin(Connection connection, Time time, boolean changes)
      throws IOException {
    int actions = changes ? Terms.EVERYTHING : Terms.ONLY_LOOKS;
    var frames = new Frames(connection);
    frames.write('O', Terms.offer(actions));
    var answer = frames.read();
    if (answer.letter() != 'O') {
      throw new ProtocolException("the milter answers the offer with " + letter(answer.letter()));
    }
    return new Conversation(connection, frames, time, Terms.of(answer.content(), actions));
  }

  /// The octets by which we begin, which every milter answers.
  public static byte[] offer() {
    byte[] terms = Terms.offer(Terms.ONLY_LOOKS);
    return ByteBuffer.allocate(Integer.BYTES + 1 + terms.length)
        .putInt(1 + terms.length)
        .put((byte) 'O')
        .put(terms)
        .array();
  }

  /// From now on it may take so long; longer where it says that it is working.
  public void allow(Duration atMost) {
    limit = atMost;
    long most = Math.max(atMost.toNanos(), PROGRESS_MAX.toNanos());
    lastEnd = time.nanos() + most;
    connection.deadline(atMost);
  }

  /// Nobody waits for it until it is allowed time again: how long the client takes for its next
  /// command, or for the content, is no concern of the milter.
  public void rest() {
    connection.deadline(REST);
  }

  /// Something that milters may want to know from now on.
  ///
  /// @param name as in `sendmail.cf`, without braces
  /// @param value empty: it is not known
  public void define(String name, String value) {
    if (value.isEmpty()) {
      macros.remove(name);
    } else {
      macros.put(name, value);
    }
  }

  /// Whether it wants to hear of recipients that are refused.
  public boolean hearsOfRefused() {
    return terms.has(Terms.REFUSED_RECIPIENTS) && terms.hears(Stage.RCPT);
  }

  // --- The stages
  // ----------------------------------------------------------------------------------

  /// The client has connected.
  ///
  /// @param name of the client; what stands in brackets where it has none
  /// @param address null: it is not known, or is no client of the network
  public Answer connect(String name, @Nullable InetSocketAddress address) throws IOException {
    if (address == null) {
      return ask(Stage.CONNECT, Frames.string(name), new byte[] {'U'});
    }
    boolean six = address.getAddress() instanceof Inet6Address;
    byte[] port = ByteBuffer.allocate(Short.BYTES).putShort((short) address.getPort()).array();
    String text = IpText.of(address.getAddress());
    return ask(
        Stage.CONNECT,
        Frames.string(name),
        new byte[] {(byte) (six ? '6' : '4')},
        port,
        Frames.string(text));
  }

  /// HELO or EHLO.
  public Answer helo(String name) throws IOException {
    return ask(Stage.HELO, Frames.string(name));
  }

  /// MAIL.
  ///
  /// @param parameters those of the command, one each
  public Answer mail(Address sender, List<String> parameters) throws IOException {
    define("mail_addr", sender.toString());
    define("mail_host", sender.domain());
    define("mail_mailer", "smtp");
    return ask(Stage.MAIL, path(sender, parameters));
  }

  /// RCPT.
  public Answer rcpt(Address recipient, List<String> parameters) throws IOException {
    define("rcpt_addr", recipient.toString());
    define("rcpt_host", recipient.domain());
    define("rcpt_mailer", "smtp");
    return ask(Stage.RCPT, path(recipient, parameters));
  }

  /// RCPT that was refused already; what the milter says of it does not matter.
  ///
  /// @param status the enhanced status
  public void refused(Address recipient, String status, String why) throws IOException {
    define("rcpt_addr", why);
    define("rcpt_host", status);
    define("rcpt_mailer", "error");
    ask(Stage.RCPT, path(recipient, List.of()));
  }

  private static byte[][] path(Address address, List<String> parameters) {
    byte[][] parts = new byte[1 + parameters.size()][];
    parts[0] = Frames.string("<" + address + ">");
    for (int i = 0; i < parameters.size(); i++) {
      parts[i + 1] = Frames.string(parameters.get(i));
    }
    return parts;
  }

  /// A command that there is not.
  public Answer unknown(String command) throws IOException {
    return ask(Stage.UNKNOWN, Frames.string(command));
  }

  /// DATA.
  public Answer data() throws IOException {
    return ask(Stage.DATA);
  }

  /// A field of the header.
  ///
  /// @param value behind the colon, without the last line end
  public Answer field(byte[] name, byte[] value) throws IOException {
    return ask(Stage.HEADER, Frames.string(name), Frames.string(lines(value)));
  }

  /// Sendmail tells folded fields with LF between their lines.
  private byte[] lines(byte[] value) {
    int from = 0;
    if (!terms.has(Terms.LEADING_SPACE)) {
      while (from < value.length && (value[from] == ' ' || value[from] == '\t')) {
        from++;
      }
    }
    byte[] lines = new byte[value.length - from];
    int length = 0;
    for (int i = from; i < value.length; i++) {
      boolean lineEnd = value[i] == '\r' && i + 1 < value.length && value[i + 1] == '\n';
      if (!lineEnd) {
        lines[length++] = value[i];
      }
    }
    return Arrays.copyOf(lines, length);
  }

  /// The header is over.
  public Answer endOfHeader() throws IOException {
    return ask(Stage.END_OF_HEADER);
  }

  /// Whether it wants the body.
  public boolean hearsBody() {
    return terms.hears(Stage.BODY);
  }

  /// Some of the body.
  ///
  /// @param octets at most [#CHUNK]
  public Answer body(byte[] octets) throws IOException {
    return ask(Stage.BODY, octets);
  }

  /// The mail is over.
  ///
  /// @param bodyMax a new body has so many octets at most
  public Ended endOfMessage(long bodyMax) throws IOException {
    tell(Stage.END_OF_MESSAGE);
    List<Change> changes = new ArrayList<>();
    long body = 0;
    int others = 0;
    int octetsOfOthers = 0;
    int unasked = 0;
    while (true) {
      var packet = frames.read();
      var answer = answer(Stage.END_OF_MESSAGE, packet);
      if (answer != null) {
        boolean goesOn = answer instanceof Answer.Continue || answer instanceof Answer.Accept;
        return new Ended(answer, goesOn ? changes : List.of(), unasked);
      }
      if (packet.letter() == 'p') {
        continue;
      }
      var change = Changes.read(packet, terms.has(Terms.LEADING_SPACE));
      if (change == null) {
        throw unexpected(Stage.END_OF_MESSAGE, packet);
      }
      if (!Changes.allowed(change, terms.actions())) {
        unasked++;
        continue;
      }
      if (change instanceof Change.ReplaceBody(byte[] octets)) {
        body += octets.length + PACKET;
      } else {
        others++;
        octetsOfOthers += packet.content().length;
      }
      if (body > bodyMax) {
        throw new ProtocolException(
            "the milter's body is larger than the " + bodyMax + " octets that it may have");
      }
      if (others > CHANGES_MAX || octetsOfOthers > CHANGES_OCTETS_MAX) {
        throw new ProtocolException(
            "the milter changes more than %d things, or %d octets"
                .formatted(CHANGES_MAX, CHANGES_OCTETS_MAX));
      }
      changes.add(change);
    }
  }

  // --- One stage
  // -----------------------------------------------------------------------------------

  private void tell(Stage stage, byte[]... parts) throws IOException {
    List<byte[]> known = new ArrayList<>();
    for (String name : terms.macrosAt(stage)) {
      boolean braces = name.startsWith("{") && name.endsWith("}") && name.length() > 2;
      String value = macros.get(braces ? name.substring(1, name.length() - 1) : name);
      if (value != null) {
        known.add(Frames.string(name));
        known.add(Frames.string(value));
      }
    }
    if (!known.isEmpty()) {
      known.addFirst(new byte[] {(byte) stage.command});
      frames.write('D', known.toArray(new byte[0][]));
    }
    frames.write(stage.command, parts);
  }

  private Answer ask(Stage stage, byte[]... parts) throws IOException {
    if (!terms.hears(stage)) {
      return CONTINUE;
    }
    tell(stage, parts);
    if (!terms.answers(stage)) {
      return CONTINUE;
    }
    while (true) {
      var packet = frames.read();
      var answer = answer(stage, packet);
      if (answer != null) {
        return answer;
      }
      if (packet.letter() != 'p') {
        throw unexpected(stage, packet);
      }
    }
  }

  /// What it answers.
  ///
  /// @return null: it is none
  private @Nullable Answer answer(Stage stage, Frames.Packet packet) throws IOException {
    return switch (packet.letter()) {
      case 'c' -> CONTINUE;
      case 'a' -> new Answer.Accept();
      case 'd' -> new Answer.Discard();
      case 'r' -> new Answer.Refused(ContentReplies.MILTER_REFUSES, false);
      case 't' -> new Answer.Refused(ContentReplies.MILTER_DEFERS, false);
      case '4', 'f' -> new Answer.Refused(ContentReplies.MILTER_CLOSES, true);
      case 'y' -> ReplyCode.read(new String(packet.content(), 0, end(packet), UTF_8));
      case 's' -> {
        if (stage != Stage.BODY) {
          throw unexpected(stage, packet);
        }
        yield new Answer.Skip();
      }
      case 'p' -> {
        progress();
        yield null;
      }
      default -> null;
    };
  }

  private static int end(Frames.Packet packet) {
    return Frames.end(packet.content(), 0);
  }

  private void progress() {
    var left = Duration.ofNanos(lastEnd - time.nanos());
    connection.deadline(left.compareTo(limit) < 0 ? left : limit);
  }

  private static ProtocolException unexpected(Stage stage, Frames.Packet packet) {
    return new ProtocolException(
        "the milter answers " + stage.words() + " with " + letter(packet.letter()));
  }

  private static String letter(char letter) {
    return letter > ' ' && letter < 127 ? "'" + letter + "'" : "octet " + (int) letter;
  }

  /// Hangs up: what was said of a mail that is not over is forgotten (SMFIC_ABORT, SMFIC_QUIT).
  @Override
  public void close() {
    try {
      frames.write('A');
      frames.write('Q');
      frames.flush();
    } catch (IOException _) {
      // It is gone, which is as good.
    }
    connection.close();
  }
}
