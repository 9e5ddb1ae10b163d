package dev.poststation.dns;

import dev.poststation.os.Time;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.xbill.DNS.DClass;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Resolver;
import org.xbill.DNS.Section;
import org.xbill.DNS.TSIG;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.dnssec.ValidatingResolver;

/// Proves answers by their signatures, from the keys of the root on (DNSSEC, RFC 4035 5). What is
/// proven carries the AD bit, as from a resolver that does the same; what should be signed and is
/// not, or wrongly, is unknown. Safe for any thread.
///
/// dnsjava proves; it asks us for the keys on the way, in the thread of the one who asks.
final class Validation implements Asking {
  /// The keys of the root, as IANA publishes them: of 2017 and of 2024.
  private static final String ROOT = "root-anchors";

  private static final String REMEDY =
      " (a domain of your own that is not signed: name it in dns.unsigned)";

  private final Asking servers;
  private final List<Name> unsigned;
  private final ValidatingResolver judge;

  /// @param anchors of other zones that are trusted besides the root, DS or DNSKEY as in a zone
  ///   file; empty: none
  /// @param unsigned domains of which what the servers say is taken as it is (RFC 7646)
  Validation(Asking servers, String anchors, List<String> unsigned, Time time) {
    this.servers = servers;
    this.unsigned = unsigned.stream().map(Validation::name).toList();
    this.judge = new ValidatingResolver(new Servers(servers), new RelayClock(time));
    try (InputStream root = Validation.class.getResourceAsStream(ROOT)) {
      if (root == null) {
        throw new IOException(ROOT + " is missing");
      }
      judge.loadTrustAnchors(root);
      if (!anchors.isBlank()) {
        byte[] octets = (anchors + "\n").getBytes(StandardCharsets.UTF_8);
        judge.loadTrustAnchors(new ByteArrayInputStream(octets));
      }
    } catch (IOException e) {
      throw new IllegalStateException("the keys that DNSSEC begins with cannot be read", e);
    }
  }

  private static Name name(String ascii) {
    try {
      return Name.fromString(ascii, Name.root);
    } catch (TextParseException e) {
      throw new IllegalArgumentException(ascii, e); // The configuration has checked it.
    }
  }

  @Override
  public Inquiry.Said ask(Question question) {
    if (unsigned.stream().anyMatch(question.name()::subdomain)) {
      return servers.ask(question); // Whose AD bit does not count here.
    }
    var query = Message.newQuery(Record.newRecord(question.name(), question.type(), DClass.IN));
    try {
      var answer = judge.sendAsync(query, Runnable::run).toCompletableFuture().join();
      int rcode = answer.getRcode();
      return rcode == Rcode.NOERROR || rcode == Rcode.NXDOMAIN
          ? new Inquiry.Said.Known(answer)
          : new Inquiry.Said.Unknown("DNSSEC refuses the answer" + reason(answer) + REMEDY);
    } catch (CompletionException e) {
      return e.getCause() instanceof NotAnsweredException unanswered
          ? new Inquiry.Said.Silence(String.valueOf(unanswered.getMessage()))
          : new Inquiry.Said.Unknown("DNSSEC cannot prove the answer: " + e.getCause() + REMEDY);
    }
  }

  private static String reason(Message answer) {
    for (Record entry : answer.getSection(Section.ADDITIONAL)) {
      if (entry.getDClass() == ValidatingResolver.VALIDATION_REASON_QCLASS
          && entry instanceof TXTRecord text) {
        return ": " + String.join("", text.getStrings());
      }
    }
    return "";
  }

  /// No server knows.
  private static final class NotAnsweredException extends IOException {
    NotAnsweredException(String reason) {
      super(reason);
    }
  }

  /// The name servers, as dnsjava wants to see them. What it would set is set by us.
  private record Servers(Asking servers) implements Resolver {
    @Override
    public CompletionStage<Message> sendAsync(Message query, Executor executor) {
      var asked = query.getQuestion();
      return switch (servers.ask(new Question(asked.getName(), asked.getType()))) {
        case Inquiry.Said.Known(var message) -> {
          message.getHeader().setID(query.getHeader().getID());
          yield CompletableFuture.completedFuture(message);
        }
        case Inquiry.Said.Unknown(var reason, _) ->
            CompletableFuture.failedFuture(new NotAnsweredException(reason));
        case Inquiry.Said.Silence(var reason) ->
            CompletableFuture.failedFuture(new NotAnsweredException(reason));
      };
    }

    @Override
    public void setPort(int port) {}

    @Override
    public void setTCP(boolean flag) {}

    @Override
    public void setIgnoreTruncation(boolean flag) {}

    @Override
    public void setEDNS(int version, int payloadSize, int flags, List<EDNSOption> options) {}

    @Override
    public void setTSIGKey(TSIG key) {}

    @Override
    public void setTimeout(Duration timeout) {}
  }

  /// The clock of everybody else.
  private static final class RelayClock extends Clock {
    private final Time time;

    RelayClock(Time time) {
      this.time = time;
    }

    @Override
    public Instant instant() {
      return time.now();
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
