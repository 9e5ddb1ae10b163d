package dev.poststation.delivery;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.message.Recipient;
import dev.poststation.os.TlsFacts;
import dev.poststation.route.NextHop;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import dev.poststation.smtp.Reply;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/// Mail by `POST /v1.0/users/{mailbox}/sendMail` of Microsoft Graph, in MIME. Each mail is a
/// request of its own, over one connection as long as mail follows on mail. Confined to one thread,
/// except for `close`.
///
/// A request that was sent and has no answer may have been obeyed (RFC 9110 9.2.2), so that it is
/// not made again at once: the client of the JDK does not do that to a POST, either. So that no
/// request goes over a connection that Graph is about to close, one that was idle is not used.
final class GraphConversation implements Conversation {
  /// Graph takes requests of 4 MB; BASE64 makes four octets of three.
  static final int REQUEST_MAX = 4 * 1024 * 1024;

  private static final int MAIL_MAX = REQUEST_MAX / 4 * 3 - 16 * 1024;
  private static final int ANSWER_MAX = 64 * 1024;
  private static final int TEXT_MAX = 500;

  /// The client of the JDK drops a connection that was closed, and each after 30 s.
  private static final Duration IDLE_MAX = Duration.ofSeconds(15);

  /// Where Graph says no time.
  private static final Duration PAUSE = Duration.ofMinutes(1);

  /// Who may send nothing is asked again after that.
  private static final Duration FORBIDDEN = Duration.ofMinutes(5);

  private static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);
  private static final Pattern CODE =
      Pattern.compile("\"code\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");
  private static final Pattern MESSAGE =
      Pattern.compile("\"message\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

  private final Introduction.Means means;
  private final Connector connector;
  private final Account account;
  private final NextHop hop;
  private final Graph graph;
  private final SenderThere sender;
  private @Nullable TlsFacts tls;
  private @Nullable Line line;
  private int sent;

  /// When the last answer came.
  private long answered;

  private record Line(HttpsCall call, HttpClient client) {}

  GraphConversation(
      Introduction.Means means, Connector connector, Account account, NextHop hop, Graph graph) {
    this.means = means;
    this.connector = connector;
    this.account = account;
    this.hop = hop;
    this.graph = graph;
    this.sender = SenderThere.at(connector, means.os().time());
  }

  @Override
  public Attempt.Result send(Attempt.Order order) {
    long start = means.os().time().nanos();
    var transcript = new Transcript();
    var outcomes = new Outcome[order.recipients().size()];
    int going = Math.min(outcomes.length, connector.recipientsPerMail());
    sent++;
    Outcome outcome;
    try {
      outcome = transact(order, order.recipients().subList(0, going), transcript);
    } catch (IOException e) {
      outcome = new Diagnosis(relay(), "Graph").of(Stage.MAIL, e);
    }
    Arrays.fill(outcomes, 0, going, outcome); // One answer for all.
    if (!(outcome instanceof Outcome.Delivered)) {
      transcript.note(outcome.text());
    }
    List<@Nullable Outcome> each = Arrays.asList(outcomes);
    boolean more = outcome instanceof Outcome.Delivered && sent < connector.mailsPerConnection();
    return new Attempt.Result(each, more, means.os().time().nanos() - start, transcript.lines());
  }

  private Outcome transact(Attempt.Order order, List<Recipient> recipients, Transcript transcript)
      throws IOException {
    if (order.mail().size() > MAIL_MAX) {
      return Diagnosis.bounced(
          Stage.MAIL,
          "5.3.4",
          "the mail has "
              + order.mail().size()
              + " octets, and Microsoft Graph takes "
              + MAIL_MAX
              + " at most");
    }
    if (order.mail().envelope().returnsAt() != null) {
      return Countdown.lacking("Microsoft Graph");
    }
    var swap = SenderSwap.of(order, sender);
    swap.notes().forEach(transcript::note);
    var mail = GraphMail.of(swap.order(), recipients);
    mail.notes().forEach(transcript::note);
    byte[] body = Base64.getEncoder().encode(mail.octets());
    try {
      String token = means.tokens().token(account);
      var answer = post(order, body, token, transcript);
      if (answer.statusCode() == 401) {
        means.tokens().refused(account, token);
        token = means.tokens().token(account);
        transcript.note("the token was refused: once more with another one");
        answer = post(order, body, token, transcript);
        if (answer.statusCode() == 401) {
          means.tokens().refused(account, token);
        }
      }
      return judge(answer, token);
    } catch (TokenUnavailableException e) {
      String text = "no token for account " + account.name() + ": " + e.getMessage();
      return Diagnosis.deferred(Stage.AUTH, "4.7.0", text).inPause();
    } catch (IOException e) {
      hangUp();
      return lost(e);
    }
  }

  /// A request has all of the mail.
  private HttpResponse<byte[]> post(
      Attempt.Order order, byte[] body, String token, Transcript transcript) throws IOException {
    String user = URLEncoder.encode(account.user(), StandardCharsets.UTF_8);
    var to = URI.create("https://" + hop + "/v1.0/users/" + user + "/sendMail");
    transcript.client("POST " + to.getRawPath() + " (" + body.length + " octets of BASE64)");
    var request =
        HttpRequest.newBuilder(to)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    var line = line();
    order.beforeEnd().run();
    var answer = line.call.send(line.client, request);
    answered = means.os().time().nanos();
    tls =
        answer
            .sslSession()
            .map(s -> new TlsFacts(s.getProtocol(), s.getCipherSuite(), null, List.of()))
            .orElse(null);
    transcript.note(said(answer, token));
    return answer;
  }

  /// One connection for all mails of the conversation.
  private Line line() throws IOException {
    var open = line;
    if (open == null) {
      var grant = account.grant();
      var trusted = grant == null ? null : grant.authorities();
      var trust = trusted == null ? means.tls() : ClientTls.trusting(trusted, means.os().disk());
      Executor threads = task -> means.os().tasks().platform("graph", task);
      var call = new HttpsCall(trust, connector.timeouts().dataBlock(), ANSWER_MAX, threads);
      open = new Line(call, call.client());
      line = open;
    }
    return open;
  }

  private void hangUp() {
    var open = line;
    if (open != null) {
      line = null;
      open.client.shutdownNow();
    }
  }

  /// What Graph answered, in words.
  private static String said(HttpResponse<byte[]> answer, String token) {
    String text = new String(answer.body(), StandardCharsets.UTF_8);
    String code = found(CODE, text);
    String message = found(MESSAGE, text);
    String id = answer.headers().firstValue("request-id").orElse("");
    String all =
        answer.statusCode()
            + (code.isEmpty() ? "" : " " + code)
            + (message.isEmpty() ? "" : ": " + message)
            + (id.isEmpty() ? "" : " (request-id " + id + ")");
    String shown = Masking.of(PeerText.of(all), Set.of(token));
    return shown.length() > TEXT_MAX ? shown.substring(0, TEXT_MAX) + "…" : shown;
  }

  private static String found(Pattern pattern, String text) {
    var matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1).replaceAll("\\\\(.)", "$1") : "";
  }

  private Outcome judge(HttpResponse<byte[]> answer, String token) {
    int status = answer.statusCode();
    String text = "Microsoft Graph said to " + relay() + ": " + said(answer, token);
    String code =
        found(CODE, new String(answer.body(), StandardCharsets.UTF_8)).toLowerCase(Locale.ROOT);
    if (status == 202) {
      String id = answer.headers().firstValue("request-id").orElse("");
      var reply = Reply.of(250, "2.0.0", "202 Accepted" + (id.isEmpty() ? "" : " " + id));
      return new Outcome.Delivered(reply, id.isEmpty() ? null : PeerText.of(id), false);
    }
    if (status == 429) {
      return alone(answer, Diagnosis.deferred(Stage.MAIL, "4.7.0", text), PAUSE);
    }
    if (code.contains("sendasdenied")) {
      return Diagnosis.bounced(Stage.END, "5.7.60", text);
    }
    if (status == 401) {
      return Diagnosis.deferred(Stage.AUTH, "4.7.8", text);
    }
    if (status == 403 || status == 404) {
      // The app, or the mailbox: nobody's mail is to blame.
      var why = Diagnosis.deferred(Stage.AUTH, "4.7.0", text).inPause();
      return alone(answer, why, FORBIDDEN);
    }
    if (status == 413) {
      return Diagnosis.bounced(Stage.END, "5.3.4", text);
    }
    if (status == 400) {
      boolean recipients = code.contains("recipient");
      return Diagnosis.bounced(Stage.END, recipients ? "5.1.3" : "5.6.0", text);
    }
    if (status == 503) {
      return alone(answer, Diagnosis.deferred(Stage.MAIL, "4.3.2", text), Duration.ZERO);
    }
    // It may have gone on all the same, as it does with 500 and 504 now and then.
    return Diagnosis.deferred(Stage.END, "4.3.0", text + Diagnosis.DOUBT);
  }

  /// Leaves the account alone for as long as Graph wants it, at least so long.
  private Outcome alone(HttpResponse<byte[]> answer, Outcome.Deferred why, Duration least) {
    var asked = answer.headers().firstValue("Retry-After").map(GraphConversation::seconds);
    var time = asked.filter(each -> each.compareTo(least) > 0 || least.equals(PAUSE)).orElse(least);
    if (time.isPositive()) {
      graph.leaveAlone(account, time, why);
    }
    return why;
  }

  private static Duration seconds(String text) {
    try {
      long seconds = Long.parseLong(text.strip());
      return Duration.ofSeconds(Math.clamp(seconds, 0, RETRY_AFTER_MAX.toSeconds()));
    } catch (NumberFormatException _) {
      return PAUSE;
    }
  }

  private Outcome lost(IOException failure) {
    String text = "Microsoft Graph: " + PeerText.of(String.valueOf(failure.getMessage()));
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof ConnectException
          || each instanceof HttpConnectTimeoutException
          || each instanceof UnresolvedAddressException) {
        return Diagnosis.deferred(Stage.CONNECT, "4.4.1", text);
      }
      if (each instanceof SSLHandshakeException || each instanceof SSLPeerUnverifiedException) {
        return Diagnosis.deferred(Stage.TLS, "4.7.5", text);
      }
    }
    return Diagnosis.deferred(Stage.END, "4.4.2", text + Diagnosis.DOUBT);
  }

  @Override
  public Capabilities can() {
    return new Capabilities(
        Set.of(Capabilities.Extension.SIZE),
        MAIL_MAX,
        List.of(),
        Capabilities.Limits.NONE,
        List.of(),
        0);
  }

  @Override
  public String relay() {
    return Graph.relay(hop, account);
  }

  @Override
  public @Nullable TlsFacts tls() {
    return tls;
  }

  @Override
  public Event.Login login() {
    return new Event.Login(account.name(), "BEARER");
  }

  /// Graph sends as the mailbox, whatever was in MAIL.
  @Override
  public Address sender(Address from) {
    return AddressParser.parse(account.user()).orElse(from);
  }

  @Override
  public int sent() {
    return sent;
  }

  @Override
  public boolean stale() {
    return line != null && means.os().time().nanos() - answered > IDLE_MAX.toNanos();
  }

  @Override
  public void close() {
    hangUp();
  }
}
