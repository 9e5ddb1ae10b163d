package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Event;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.spool.SpoolException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/// Plays the client of a dialogue, and looks at what became of it.
final class DialoguePlayer {
  private static final Duration BOUND = Duration.ofSeconds(10);

  private final Dialogue dialogue;
  private final Relay relay;
  private final Wire wire;
  private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
  private final ByteArrayOutputStream expectedContent = new ByteArrayOutputStream();
  private final byte[] received = new byte[64 * 1024];
  private int start;
  private int end;
  private int nextRecipient;
  private Dialogue.Step step;

  DialoguePlayer(Dialogue dialogue, Relay relay, Wire wire) {
    this.dialogue = dialogue;
    this.relay = relay;
    this.wire = wire;
  }

  void play() throws Exception {
    for (Dialogue.Step each : dialogue.steps()) {
      step = each;
      if (!each.kind().startsWith("D")) {
        checkContent();
      }
      switch (each.kind()) {
        case "C:", "C-" -> say(each.text(), each.kind().equals("C:"));
        case "S:" -> expect(each.text(), false);
        case "S+" -> expect(each.text(), true);
        case "<>" -> act(each.text().split(" "));
        case "D:", "D-" -> content(each.text(), each.kind().equals("D:"));
        case "T:" ->
            assertThat(traceLines())
                .as(where())
                .anyMatch(line -> Dialogue.matches(each.text(), line));
        case "E:" -> like(envelope(lastMail()));
        case "R:" -> like(recipient(lastMail()));
        case "J:" -> event(each.text());
        default -> throw new IllegalArgumentException(where() + ": what is " + each.kind());
      }
    }
    checkContent();
    flush();
  }

  private String where() {
    return dialogue.name() + ":" + step.line();
  }

  private void like(String actual) {
    assertThat(Dialogue.matches(step.text(), actual))
        .as("%s: %s is not like %s", where(), actual, step.text())
        .isTrue();
  }

  private void say(String text, boolean line) {
    unsent.writeBytes(Dialogue.octets(text));
    if (line) {
      unsent.writeBytes(new byte[] {'\r', '\n'});
    }
  }

  private void flush() throws IOException {
    byte[] octets = unsent.toByteArray();
    unsent.reset();
    if (octets.length > 0) {
      wire.client().write(octets, 0, octets.length);
    }
  }

  private void act(String[] words) throws Exception {
    if (!words[0].equals("packet") || unsent.size() > 0) {
      flush();
    }
    switch (words[0]) {
      case "packet" -> wire.settle();
      case "close" -> assertThat(line()).as(where() + ": the server should close").isNull();
      case "hangup" -> wire.client().close();
      case "wait" -> wire.advance(Relay.duration(words[1]));
      case "starttls" -> wire.client().startTls(Wire.trustAll(Relay.HOSTNAME));
      case "drain" -> {
        wire.settle();
        wire.drain();
      }
      case "reload" -> {
        relay.set(words[1], words[2]);
        relay.reload();
      }
      case "spool" -> relay.spool.failWith(failure(words[1]));
      case "mails" ->
          assertThat(relay.spool.incoming(QueueId.FIRST, 1000))
              .as(where())
              .hasSize(Integer.parseInt(words[1]));
      case "held" ->
          assertThat(relay.spool.held(QueueId.FIRST, 1000))
              .as(where())
              .hasSize(Integer.parseInt(words[1]));
      default -> throw new IllegalArgumentException(where() + ": what is " + words[0]);
    }
  }

  private static SpoolException failure(String kind) {
    return switch (kind) {
      case "full" -> new SpoolException("no space", true);
      case "broken" -> new SpoolException("input/output error", false);
      default -> null;
    };
  }

  private void expect(String pattern, boolean whole) throws IOException {
    flush();
    String line = line();
    while (whole && line != null && line.length() > 3 && line.charAt(3) == '-') {
      line = line();
    }
    assertThat(line != null && Dialogue.matches(pattern, line))
        .as("%s: expected %s, got %s", where(), pattern, line)
        .isTrue();
  }

  /// The next line of the server, or null when it closed.
  private String line() throws IOException {
    for (int at = start; ; at++) {
      while (at == end) {
        if (end == received.length) {
          System.arraycopy(received, start, received, 0, end - start);
          at -= start;
          end -= start;
          start = 0;
        }
        int count = read();
        if (count < 0) {
          return null;
        }
        end += count;
      }
      if (received[at] == '\n') {
        assertThat(received[at - 1]).as(where()).isEqualTo((byte) '\r');
        String line = new String(received, start, at - 1 - start, StandardCharsets.UTF_8);
        start = at + 1;
        return line;
      }
    }
  }

  private int read() throws IOException {
    try {
      return wire.client().read(received, end, received.length - end);
    } catch (java.net.SocketException _) {
      return -1; // Closed while something of ours was unread.
    }
  }

  private Mail lastMail() throws IOException {
    var ids = relay.spool.incoming(QueueId.FIRST, 1000);
    assertThat(ids).as(where() + ": no mail in the spool").isNotEmpty();
    return relay.spool.load(ids.getLast()).orElseThrow().mail();
  }

  private void content(String text, boolean line) {
    expectedContent.writeBytes(Dialogue.octets(text));
    if (line) {
      expectedContent.writeBytes(new byte[] {'\r', '\n'});
    }
  }

  private void checkContent() throws IOException {
    if (expectedContent.size() == 0) {
      return;
    }
    var actual = new ByteArrayOutputStream();
    var content = relay.spool.content(lastMail());
    for (int i = 0; i < content.chunks(); i++) {
      actual.writeBytes(content.chunk(i));
    }
    assertThat(actual.toString(StandardCharsets.ISO_8859_1))
        .as(where())
        .isEqualTo(expectedContent.toString(StandardCharsets.ISO_8859_1));
    expectedContent.reset();
  }

  private List<String> traceLines() throws IOException {
    String trace = new String(lastMail().trace(), StandardCharsets.UTF_8);
    assertThat(trace).as(where()).endsWith("\r\n");
    return trace.replace("\r\n\t", " ").lines().toList();
  }

  private static String envelope(Mail mail) {
    var envelope = mail.envelope();
    return "from=<%s> body=%s utf8=%s ret=%s envid=%s client=%s listener=%s address=%s hello=%s protocol=%s traits=%s tls=%s"
        .formatted(
            envelope.sender(),
            envelope.body().keyword(),
            envelope.smtputf8(),
            envelope.ret(),
            envelope.envid(),
            envelope.source().client(),
            envelope.source().listener(),
            envelope.source().address(),
            envelope.source().hello(),
            envelope.source().protocol(),
            envelope.traits(),
            envelope.tls());
  }

  private String recipient(Mail mail) {
    var recipient = mail.recipients().get(nextRecipient++);
    var notify = recipient.notifyOn().stream().sorted().toList();
    return "%s notify=%s orcpt=%s of=%s"
        .formatted(recipient.address(), notify, recipient.orcpt(), mail.recipients().size());
  }

  private void event(String pattern) throws Exception {
    flush();
    assertThat(relay.journal.await(event -> Dialogue.matches(pattern, shown(event)), BOUND))
        .as(
            "%s: %s was not reported, but %s",
            where(), pattern, relay.journal.events().stream().map(DialoguePlayer::shown).toList())
        .isTrue();
  }

  private static String shown(Event event) {
    return switch (event) {
      case Event.Announced announced ->
          "Announced %s by=%s address=%s name=%s helo=%s protocol=%s user=%s ident=%s"
              .formatted(
                  announced.how(),
                  announced.by().getHostAddress(),
                  announced.address(),
                  announced.name(),
                  announced.hello(),
                  announced.protocol(),
                  announced.user(),
                  announced.ident());
      case Event.Connected connected -> "Connected " + connected.listener();
      case Event.Secured secured ->
          "Secured " + secured.protocol() + " " + secured.cipher() + " " + secured.problem();
      case Event.Authenticated who ->
          "Authenticated %s user=%s label=%s problem=%s"
              .formatted(who.mechanism(), who.user(), who.label(), who.problem());
      case Event.Tolerated exception ->
          "Tolerated %s %s".formatted(exception.entry(), exception.what());
      case Event.Disconnected gone ->
          "Disconnected %s after=%s mails=%d recipients=%d errors=%d"
              .formatted(gone.how(), gone.after(), gone.mails(), gone.recipients(), gone.errors());
      case Event.Rejected no ->
          "Rejected %s %s | %s | client=%s hello=%s from=%s to=%s"
              .formatted(
                  no.stage(), no.reply(), no.rule(), no.client(), no.hello(), no.from(), no.to());
      case Event.Queued queued ->
          "Queued from=<%s>%s to=%s client=%s protocol=%s login=%s message-id=%s decisions=%s"
              .formatted(
                  queued.from(),
                  queued.replaced() == null ? "" : " replaced=<" + queued.replaced() + ">",
                  queued.to(),
                  queued.client(),
                  queued.protocol(),
                  queued.login(),
                  queued.messageId(),
                  queued.decisions());
      default -> event.toString();
    };
  }
}
