package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.message.Octets;
import dev.poststation.message.Recipient;
import dev.poststation.milter.Answer;
import dev.poststation.milter.Conversation;
import dev.poststation.os.IpText;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Reply;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What one milter is told of one mail, from the client to the end of the content. Once it has said
/// that it wants to hear no more, or that the mail is to be discarded, it is told nothing. Confined
/// to one thread.
final class Hearing implements Closeable {
  /// A new body may be so much larger than twice the old one.
  private static final long BODY_MORE = 1024 * 1024;

  private static final Answer CONTINUE = new Answer.Continue();

  private final Conversation talk;
  private final Map<Address, List<String>> recipients = new LinkedHashMap<>();
  private Address sender = Address.NULL;
  private List<String> parameters = List.of();

  /// What it has said of the whole mail; [Answer.Continue]: nothing yet.
  private Answer said = CONTINUE;

  Hearing(Conversation talk) {
    this.talk = talk;
  }

  /// Whether it has heard of the mail with this envelope, and can go on with its content.
  boolean isOf(Address from, List<Recipient> to) {
    return sender.isSameMailbox(from)
        && to.size() == recipients.size()
        && to.stream().allMatch(each -> recipients.containsKey(each.address()));
  }

  private Answer heard(Answer answer) {
    if (!(answer instanceof Answer.Refused)) {
      said = answer;
    }
    return answer;
  }

  /// The client, and how it has greeted.
  ///
  /// @param name of the client by the DNS; empty: it has none
  Answer caller(Caller caller, String name) throws IOException {
    var source = caller.source();
    boolean known = !source.address().isEmpty();
    String shown = !known ? "localhost" : name.isEmpty() ? "[" + source.address() + "]" : name;
    talk.define("j", caller.hostname());
    talk.define("v", "Poststation");
    talk.define("daemon_name", source.listener());
    var local = caller.local();
    talk.define("daemon_addr", local == null ? "" : IpText.of(local.getAddress()));
    talk.define("client_addr", source.address());
    talk.define("client_name", known ? shown : "");
    talk.define("client_ptr", known ? shown : "");
    talk.define("client_port", caller.port() == 0 ? "" : Integer.toString(caller.port()));
    talk.define("_", !known ? shown : shown + " [" + source.address() + "]");
    talk.define("auth_authen", source.user());
    talk.define("auth_type", caller.mechanism());
    encryption(caller);
    var address =
        known
            ? new InetSocketAddress(InetAddress.ofLiteral(source.address()), caller.port())
            : null;
    var answer = talk.connect(shown, address);
    if (answer.equals(CONTINUE) && !source.hello().isEmpty()) {
      answer = talk.helo(source.hello());
    }
    return heard(answer);
  }

  private void encryption(Caller caller) {
    var tls = caller.tls();
    if (tls == null) {
      return;
    }
    talk.define("tls_version", tls.protocol());
    talk.define("cipher", tls.cipher());
    talk.define("cipher_bits", bits(tls.cipher()));
    if (tls.peerVerified() && !tls.peerChain().isEmpty()) { // As with Postfix.
      var certificate = tls.peerChain().getFirst();
      talk.define("cert_subject", certificate.getSubjectX500Principal().getName());
      talk.define("cert_issuer", certificate.getIssuerX500Principal().getName());
    }
  }

  private static String bits(String cipher) {
    return cipher.contains("AES_128") ? "128" : cipher.contains("3DES") ? "112" : "256";
  }

  Answer mail(Address from, List<String> parameters) throws IOException {
    sender = from;
    this.parameters = List.copyOf(parameters);
    return said.equals(CONTINUE) ? heard(talk.mail(from, parameters)) : said;
  }

  Answer rcpt(Address to, List<String> parameters) throws IOException {
    var answer = said.equals(CONTINUE) ? heard(talk.rcpt(to, parameters)) : said;
    if (!(answer instanceof Answer.Refused)) {
      recipients.put(to, parameters);
    }
    return answer;
  }

  /// Tells this one what another has heard that is gone now.
  ///
  /// @return what it has against the client or the sender; a recipient that it refuses it has not
  ///   heard, so that it is told all once more when the content is there
  Answer repeat(Hearing gone, Caller caller, String name) throws IOException {
    var answer = caller(caller, name);
    if (!(answer instanceof Answer.Refused)) {
      answer = mail(gone.sender, gone.parameters);
    }
    if (answer instanceof Answer.Refused) {
      return answer;
    }
    for (var each : gone.recipients.entrySet()) {
      rcpt(each.getKey(), each.getValue());
    }
    return CONTINUE;
  }

  /// A recipient that is refused already.
  Answer refused(Address to, String status, String why) throws IOException {
    if (said.equals(CONTINUE) && talk.hearsOfRefused()) {
      talk.refused(to, status, why);
    }
    return CONTINUE;
  }

  Answer unknown(String command) throws IOException {
    return said.equals(CONTINUE) ? talk.unknown(command) : said;
  }

  /// Parameters of a recipient.
  static List<String> parameters(Recipient recipient) {
    List<String> words = new ArrayList<>(2);
    if (!recipient.notifyOn().isEmpty()) {
      words.add(
          "NOTIFY=" + String.join(",", recipient.notifyOn().stream().map(Enum::name).toList()));
    }
    if (recipient.orcpt() != null) {
      words.add("ORCPT=" + recipient.orcpt());
    }
    return words;
  }

  /// What it has said of the whole mail; empty: it wants to hear the content.
  Optional<Finding> early() {
    return said.equals(CONTINUE) ? Optional.empty() : Optional.of(said(said));
  }

  /// The content, and what the milter says of all of it.
  ///
  /// @throws ServiceException when the content cannot be read, or the milter wants what cannot be
  Finding content(Message message, Facts facts) throws IOException, ServiceException {
    talk.define("i", facts.id().toString());
    var answer = said.equals(CONTINUE) ? heard(header(message)) : said;
    if (answer.equals(CONTINUE) && talk.hearsBody()) {
      answer = heard(body(message.body()));
    }
    if (answer.equals(CONTINUE) || answer instanceof Answer.Skip) {
      var ended = talk.endOfMessage(2 * message.body().size() + BODY_MORE);
      return switch (ended.answer()) {
        case Answer.Continue _, Answer.Accept _, Answer.Skip _ ->
            MilterEdits.of(ended, message, facts);
        case Answer.Discard _, Answer.Refused _ -> said(ended.answer());
      };
    }
    return said(answer);
  }

  static Finding said(Answer answer) {
    return switch (answer) {
      case Answer.Continue _, Answer.Skip _ -> new Finding.Unchanged("the milter says nothing");
      case Answer.Accept _ -> new Finding.Unchanged("the milter wants to hear no more of it");
      case Answer.Discard _ -> new Finding.Discarded("the milter has it discarded");
      case Answer.Refused(var reply, boolean closes) ->
          new Finding.Refused(closes ? later(reply) : reply, "the milter says: " + reply);
    };
  }

  /// 421 is for sessions that end.
  private static Reply later(Reply reply) {
    return new Reply(451, reply.status(), reply.lines());
  }

  private Answer header(Message message) throws IOException {
    var answer = talk.data();
    byte[] header = message.header();
    boolean ours = true;
    for (var field : message.fields().fields()) {
      if (ours && field.name().equals("received")) {
        ours = false; // Milters do not see that of their mail server.
        continue;
      }
      if (!answer.equals(CONTINUE)) {
        return answer;
      }
      String name =
          new String(header, field.start(), field.value() - 1 - field.start(), US_ASCII).strip();
      answer = talk.field(name.getBytes(US_ASCII), MilterEdits.value(header, field));
    }
    return answer.equals(CONTINUE) ? talk.endOfHeader() : answer;
  }

  private Answer body(Octets body) throws IOException, ServiceException {
    byte[] window = new byte[(int) Math.min(Conversation.CHUNK, Math.max(1, body.size()))];
    for (long from = 0; from < body.size(); ) {
      int filled = 0;
      while (filled < window.length && from + filled < body.size()) {
        filled += Wire.read(body, from + filled, window, filled, window.length - filled);
      }
      from += filled;
      var answer = talk.body(filled == window.length ? window : Arrays.copyOf(window, filled));
      if (!answer.equals(CONTINUE)) {
        return answer;
      }
    }
    return CONTINUE;
  }

  void allow(Duration atMost) {
    talk.allow(atMost);
  }

  /// Until it is allowed time again.
  void rest() {
    talk.rest();
  }

  @Override
  public void close() {
    talk.close();
  }
}
