package dev.poststation.dns;

import dev.poststation.config.DnsSettings.Dnssec;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.EDNSOption;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/// Asks the name servers one question, until one of them knows. Safe for any thread; blocking, at
/// most two times the time-out per server (four times if it cuts its answers off).
///
/// dnsjava only writes and reads the messages. Its own transport is not used: one selector thread
/// for all questions, which looks for time-outs once a second and dies for good of an unchecked
/// exception, would be a thread, a clock and a socket outside `os`.
final class Inquiry implements Asking {
  private static final Logger LOG = LoggerFactory.getLogger(Inquiry.class);
  private static final int ROUNDS = 2;
  private static final int DATAGRAM_MAX = 4096;

  private final NameServers servers;
  private final Duration timeout;
  private final Dnssec dnssec;
  private final Os os;

  Inquiry(NameServers servers, Duration timeout, Dnssec dnssec, Os os) {
    this.servers = servers;
    this.timeout = timeout;
    this.dnssec = dnssec;
    this.os = os;
  }

  /// What came of a question.
  sealed interface Said {
    /// A server knows: NOERROR or NXDOMAIN.
    record Known(Message message) implements Said {}

    /// A server answered, but does not know: SERVFAIL, REFUSED and the like. Asking it again would
    /// not help.
    ///
    /// @param doubtful whether that may mean that the answer is bogus (SERVFAIL)
    record Unknown(String reason, boolean doubtful) implements Said {
      Unknown(String reason) {
        this(reason, false);
      }
    }

    /// No answer, or none that can be read.
    record Silence(String reason) implements Said {}
  }

  /// What the first server says that knows, else what the last one says. Where the word of servers
  /// counts, what one of them refuses is not unsigned because another one does not look: only what
  /// that one has proven takes its place.
  @Override
  public Said ask(Question question) {
    Said last = new Said.Silence(dnssec == Dnssec.TRUST ? Trust.NOBODY : "no name server");
    List<InetSocketAddress> left = new ArrayList<>(servers.inOrder());
    for (int round = 0; round < ROUNDS; round++) {
      for (var server : List.copyOf(left)) {
        var said = ask(server, question);
        switch (said) {
          case Said.Known known -> {
            servers.heard(server);
            boolean proven = known.message().getHeader().getFlag(Flags.AD);
            if (!dnssec.trusts() || proven || !isDoubtful(last)) {
              return known;
            }
            left.remove(server);
          }
          case Said.Unknown unknown -> {
            servers.heard(server);
            left.remove(server);
            last = isDoubtful(last) ? last : unknown;
          }
          case Said.Silence silence -> {
            servers.silent(server);
            // "SERVFAIL" says more than the silence of another one.
            last = last instanceof Said.Unknown ? last : silence;
          }
        }
        LOG.debug("{} asked {}: {}", server, question, said);
      }
    }
    return last;
  }

  private static boolean isDoubtful(Said said) {
    return said instanceof Said.Unknown unknown && unknown.doubtful();
  }

  /// Whether a server has proven an answer; empty while it does not answer, or does not know.
  Optional<Boolean> hasProven(InetSocketAddress server, Question question) {
    return ask(server, question) instanceof Said.Known(var message)
        ? Optional.of(message.getHeader().getFlag(Flags.AD))
        : Optional.empty();
  }

  private Said ask(InetSocketAddress server, Question question) {
    try {
      var message = exchange(server, new Query(question, id(), true, proof()));
      if (message != null && rejectsEdns(message)) {
        message = exchange(server, new Query(question, id(), false, proof()));
      }
      if (message != null && !dnssec.trusts()) {
        message.getHeader().unsetFlag(Flags.AD);
      }
      return message == null
          ? new Said.Silence("the name server's answer is damaged")
          : judge(message);
    } catch (SocketTimeoutException _) {
      return new Said.Silence("the name server does not answer");
    } catch (IOException e) {
      String why = e.getMessage(); // Some have none.
      return new Said.Silence(
          "the name server cannot be reached" + (why == null ? "" : ": " + why));
    }
  }

  private Query.Proof proof() {
    return switch (dnssec) {
      case OFF -> Query.Proof.NONE;
      case VALIDATE -> Query.Proof.SIGNATURES;
      case TRUST, TRUST_NETWORK -> Query.Proof.WORD;
    };
  }

  private @Nullable Message exchange(InetSocketAddress server, Query query) throws IOException {
    byte[] answer =
        os.network().exchange(server, query.wire(), DATAGRAM_MAX, timeout, query::isAnsweredBy);
    var message = Query.parse(answer);
    if (message != null && message.getHeader().getFlag(Flags.TC)) {
      answer = exchangeOverTcp(server, query);
      return query.isAnsweredBy(answer) ? Query.parse(answer) : null;
    }
    return message;
  }

  /// RFC 1035 4.2.2: each message is preceded by its length in two octets.
  private byte[] exchangeOverTcp(InetSocketAddress server, Query query) throws IOException {
    try (var connection = os.network().connect(server, null, timeout)) {
      connection.deadline(timeout);
      byte[] wire = query.wire();
      byte[] framed = new byte[wire.length + 2];
      framed[0] = (byte) (wire.length >>> 8);
      framed[1] = (byte) wire.length;
      System.arraycopy(wire, 0, framed, 2, wire.length);
      connection.write(framed, 0, framed.length);
      byte[] length = readFully(connection, 2);
      return readFully(connection, (length[0] & 0xff) << 8 | (length[1] & 0xff));
    }
  }

  private static byte[] readFully(Connection connection, int count) throws IOException {
    byte[] octets = new byte[count];
    int done = 0;
    while (done < count) {
      int read = connection.read(octets, done, count - done);
      if (read < 0) {
        throw new IOException("it closed the connection");
      }
      done += read;
    }
    return octets;
  }

  /// RFC 6891 7: a server of before 1999.
  private static boolean rejectsEdns(Message message) {
    int rcode = message.getRcode();
    return rcode == Rcode.FORMERR || rcode == Rcode.NOTIMP || rcode == Rcode.BADVERS;
  }

  private static Said judge(Message message) {
    int rcode = message.getRcode();
    if (rcode == Rcode.NXDOMAIN) {
      return new Said.Known(message);
    }
    if (rcode != Rcode.NOERROR) {
      return new Said.Unknown(
          "the name server says " + Rcode.string(rcode) + extendedError(message),
          rcode == Rcode.SERVFAIL);
    }
    // An empty answer from one who does not ask on for us, or who points elsewhere, must not be
    // taken for "no such
    // record": that would bounce.
    if (message.getSection(Section.ANSWER).isEmpty() && isReferral(message)) {
      return new Said.Unknown(
          "the name server refers to others: it must be one that asks on (recursion)");
    }
    return new Said.Known(message);
  }

  private static boolean isReferral(Message message) {
    boolean responsible =
        message.getHeader().getFlag(Flags.AA) || message.getHeader().getFlag(Flags.RA);
    boolean soa = false;
    boolean ns = false;
    for (var entry : message.getSection(Section.AUTHORITY)) {
      soa |= entry.getType() == Type.SOA;
      ns |= entry.getType() == Type.NS;
    }
    return !soa && (ns || !responsible);
  }

  /// RFC 8914: why, such as ` (DNSSEC Bogus)`.
  private static String extendedError(Message message) {
    var opt = message.getOPT();
    if (opt == null) {
      return "";
    }
    for (EDNSOption option : opt.getOptions(EDNSOption.Code.EDNS_EXTENDED_ERROR)) {
      if (option instanceof ExtendedErrorCodeOption error) {
        return " (" + ExtendedErrorCodeOption.text(error.getErrorCode()) + ")";
      }
    }
    return "";
  }

  private int id() {
    byte[] octets = new byte[2];
    os.chance().fill(octets);
    return (octets[0] & 0xff) << 8 | (octets[1] & 0xff);
  }
}
