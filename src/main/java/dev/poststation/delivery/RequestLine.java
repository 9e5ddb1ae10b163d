package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.message.Recipient;
import dev.poststation.os.TlsFacts;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsAnswer;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// The line to a server to which each mail is a request of its own: one connection as long as mail
/// follows on mail. Confined to one thread, except for `hangUp`.
///
/// A request that was sent and has no answer may have been obeyed (RFC 9110 9.2.2), so that it is
/// not made again at once: the client of the JDK does not do that to a POST, either. So that no
/// request goes over a connection that the server is about to close, one that was idle is not used.
final class RequestLine {
  private static final int ANSWER_MAX = 64 * 1024;

  /// The client of the JDK drops a connection that was closed, and each after 30 s.
  private static final Duration IDLE_MAX = Duration.ofSeconds(15);

  /// X.1.0 to X.1.6 (RFC 3463 3.2) are of recipients; those above of the sender.
  private static final int ADDRESS = 1;

  private static final int ADDRESS_LAST = 6;

  private final Introduction.Means means;
  private final Connector connector;
  private final Diagnosis diagnosis;
  private final @Nullable Path authorities;
  private volatile @Nullable HttpClient client;
  private @Nullable TlsFacts tls;
  private int sent;

  /// When the last answer came.
  private long answered;

  /// Sends one mail, and says what came of it.
  interface Exchange {
    /// Sends it to these recipients.
    ///
    /// @throws IOException when we cannot read it, or not write it as it shall be
    Outcome run(List<Recipient> recipients, Transcript transcript) throws IOException;
  }

  /// @param diagnosis knows the server by name
  /// @param authorities who vouches for it; null: those of the machine
  RequestLine(
      Introduction.Means means,
      Connector connector,
      Diagnosis diagnosis,
      @Nullable Path authorities) {
    this.means = means;
    this.connector = connector;
    this.diagnosis = diagnosis;
    this.authorities = authorities;
  }

  /// Carries a mail to the first of its recipients, for all of whom there is one answer.
  ///
  /// @param going how many they are at most
  Attempt.Result carry(Attempt.Order order, int going, Exchange exchange) {
    long start = means.os().time().nanos();
    var transcript = new Transcript();
    var outcomes = new Outcome[order.recipients().size()];
    int most = Math.min(outcomes.length, Math.min(going, connector.recipientsPerMail()));
    sent++;
    Outcome outcome = attempt(order, most, exchange, transcript);
    while (most > 1 && isOfAddress(outcome)) {
      transcript.note(outcome.text());
      most /= 2;
      transcript.note("one of them is to blame: once more, with " + most);
      outcome = attempt(order, most, exchange, transcript);
    }
    Arrays.fill(outcomes, 0, most, outcome);
    if (!(outcome instanceof Outcome.Delivered)) {
      transcript.note(outcome.text());
    }
    List<@Nullable Outcome> each = Arrays.asList(outcomes);
    boolean more = outcome instanceof Outcome.Delivered && sent < connector.mailsPerConnection();
    return new Attempt.Result(each, more, means.os().time().nanos() - start, transcript.lines());
  }

  private Outcome attempt(
      Attempt.Order order, int going, Exchange exchange, Transcript transcript) {
    try {
      return exchange.run(order.recipients().subList(0, going), transcript);
    } catch (IOException e) {
      return diagnosis.of(Stage.MAIL, e);
    }
  }

  /// Whether it is somebody's address that is wrong: of several, all do not deserve that.
  private static boolean isOfAddress(Outcome outcome) {
    var status = outcome.status();
    return outcome instanceof Outcome.Bounced
        && status.subject() == ADDRESS
        && status.detail() <= ADDRESS_LAST;
  }

  /// Makes a request that has all of a mail. An answer whose body is too long, or never ends, is
  /// one: else an accepted mail would be sent again and again.
  ///
  /// @param patience until the answer is there
  HttpsAnswer send(HttpRequest request, Duration patience) throws IOException {
    var trust =
        authorities == null ? means.tls() : ClientTls.trusting(authorities, means.os().disk());
    Executor threads = task -> means.os().tasks().platform("http", task);
    var connect = connector.timeouts().connect();
    var call = new HttpsCall(trust, connect, patience, ANSWER_MAX, threads);
    var answer = call.decided(opened(call), request);
    answered = means.os().time().nanos();
    tls =
        answer
            .sslSession()
            .map(s -> new TlsFacts(s.getProtocol(), s.getCipherSuite(), null, List.of()))
            .orElse(null);
    return answer;
  }

  private HttpClient opened(HttpsCall call) throws IOException {
    var open = client;
    if (open == null) {
      try {
        open = call.client();
      } catch (IOException e) { // Nobody vouches for anybody now.
        throw new SSLPeerUnverifiedException(String.valueOf(e.getMessage()));
      }
      client = open;
    }
    return open;
  }

  /// What it means that no answer came.
  ///
  /// @param who the server, to people
  /// @param secrets that were sent, and may come back
  Outcome lost(String who, IOException failure, Set<String> secrets) {
    hangUp();
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof UnreadableContentException ours) {
        return diagnosis.of(Stage.CONTENT, ours); // It had less than was announced.
      }
    }
    String text = text(who, failure, secrets);
    return unmet(text, failure)
        .orElseGet(() -> Diagnosis.deferred(Stage.END, "4.4.2", text + Diagnosis.DOUBT));
  }

  /// The same where nothing of a mail was sent.
  Outcome silent(String who, IOException failure) {
    hangUp();
    String text = text(who, failure, Set.of());
    return unmet(text, failure).orElseGet(() -> Diagnosis.deferred(Stage.GREETING, "4.4.2", text));
  }

  private static String text(String who, IOException failure, Set<String> secrets) {
    String why = PeerText.of(String.valueOf(failure.getMessage()));
    return who + ": " + Masking.of(why, secrets);
  }

  /// Empty where it was met, and somebody else it was not.
  private static Optional<Outcome> unmet(String text, IOException failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ConnectException
          || each instanceof HttpConnectTimeoutException
          || each instanceof UnresolvedAddressException) {
        return Optional.of(Diagnosis.deferred(Stage.CONNECT, "4.4.1", text));
      }
      if (each instanceof SSLHandshakeException || each instanceof SSLPeerUnverifiedException) {
        return Optional.of(Diagnosis.deferred(Stage.TLS, "4.7.5", text));
      }
    }
    return Optional.empty();
  }

  /// What TLS was agreed upon; null: none, or nothing was sent yet.
  @Nullable TlsFacts tls() {
    return tls;
  }

  /// Mails sent so far.
  int sent() {
    return sent;
  }

  /// Whether it was idle for too long.
  boolean stale() {
    return client != null && means.os().time().nanos() - answered > IDLE_MAX.toNanos();
  }

  /// Closes the connection; another request opens another one.
  void hangUp() {
    var open = client;
    if (open != null) {
      client = null;
      open.shutdownNow();
    }
  }
}
