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
import dev.poststation.tls.HttpsAnswer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Mail by `POST /v1.0/users/{mailbox}/sendMail` of Microsoft Graph, in MIME. Each mail is a
/// request of its own. Confined to one thread, except for `close`.
final class GraphConversation implements Conversation {
  /// Graph takes requests of 4 MB; BASE64 makes four octets of three.
  static final int REQUEST_MAX = 4 * 1024 * 1024;

  private static final int MAIL_MAX = REQUEST_MAX / 4 * 3 - 16 * 1024;
  private static final int TEXT_MAX = 500;

  /// Who may send nothing is asked again after that.
  private static final Duration FORBIDDEN = Duration.ofMinutes(5);

  /// What codes say, in lower case, when the mailbox has sent as much as it may for now.
  private static final List<String> TOO_MUCH = List.of("submissionquota", "exceededmessagelimit");

  /// When the mailbox is full, so that nothing fits into its Sent Items, or closed for sending.
  private static final List<String> BARRED =
      List.of("quotaexceeded", "messagesubmissionblocked", "accountsuspend");

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
  private final RequestLine line;

  GraphConversation(
      Introduction.Means means, Connector connector, Account account, NextHop hop, Graph graph) {
    this.means = means;
    this.connector = connector;
    this.account = account;
    this.hop = hop;
    this.graph = graph;
    this.sender = SenderThere.at(connector, means.os().time());
    var grant = account.grant();
    var trusted = grant == null ? null : grant.authorities();
    this.line = new RequestLine(means, connector, new Diagnosis(relay(), "Graph"), trusted);
  }

  @Override
  public Attempt.Result send(Attempt.Order order) {
    return line.carry(
        order,
        Integer.MAX_VALUE,
        (recipients, transcript) -> transact(order, recipients, transcript));
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
    String token = "";
    try {
      token = means.tokens().token(account);
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
      return line.lost("Microsoft Graph", e, Set.of(token));
    }
  }

  /// A request has all of the mail.
  private HttpsAnswer post(Attempt.Order order, byte[] body, String token, Transcript transcript)
      throws IOException {
    String user = URLEncoder.encode(account.user(), StandardCharsets.UTF_8);
    var to = URI.create("https://" + hop + "/v1.0/users/" + user + "/sendMail");
    transcript.client("POST " + to.getRawPath() + " (" + body.length + " octets of BASE64)");
    var request =
        HttpRequest.newBuilder(to)
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "text/plain")
            .POST(BodyPublishers.ofByteArray(body))
            .build();
    order.beforeEnd().run();
    var answer = line.send(request, connector.timeouts().dataBlock());
    transcript.note(said(answer, token));
    return answer;
  }

  /// What Graph answered, in words.
  private static String said(HttpsAnswer answer, String token) {
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

  private Outcome judge(HttpsAnswer answer, String token) {
    int status = answer.statusCode();
    String text = "Microsoft Graph said to " + relay() + ": " + said(answer, token);
    String code =
        found(CODE, new String(answer.body(), StandardCharsets.UTF_8)).toLowerCase(Locale.ROOT);
    if (status == 202) {
      means.tokens().welcome(account);
      String id = answer.headers().firstValue("request-id").orElse("");
      var reply = Reply.of(250, "2.0.0", "202 Accepted" + (id.isEmpty() ? "" : " " + id));
      return new Outcome.Delivered(reply, id.isEmpty() ? null : PeerText.of(id), false);
    }
    if (status == 429 || TOO_MUCH.stream().anyMatch(code::contains)) {
      return alone(answer, Diagnosis.deferred(Stage.MAIL, "4.7.0", text), Rests.PAUSE);
    }
    if (code.contains("sendasdenied")) {
      return Diagnosis.bounced(Stage.END, "5.7.60", text);
    }
    if (status == 401) {
      return Diagnosis.deferred(Stage.AUTH, "4.7.8", text);
    }
    if (status == 403 || status == 404 || BARRED.stream().anyMatch(code::contains)) {
      // The app, or the mailbox: nobody's mail is to blame.
      means.tokens().barred(account, text);
      if (status == 403) {
        means.tokens().refused(account, token); // What was allowed since then stands in a new one.
      }
      var why = Diagnosis.deferred(Stage.AUTH, "4.7.0", text).inPause();
      return alone(answer, why, FORBIDDEN);
    }
    if (status == 413) {
      return Diagnosis.bounced(Stage.END, "5.3.4", text);
    }
    if (status == 400) {
      return ofRequest(code, text);
    }
    if (status == 503) {
      return alone(answer, Diagnosis.deferred(Stage.MAIL, "4.3.2", text), Duration.ZERO);
    }
    // It may have gone on all the same, as it does with 500 and 504 now and then.
    return Diagnosis.deferred(Stage.END, "4.3.0", text + Diagnosis.DOUBT);
  }

  /// A code that nobody knows may speak of anything: the tenant, the mailbox, the day.
  private static Outcome ofRequest(String code, String text) {
    if (code.contains("recipient")) {
      return Diagnosis.bounced(Stage.END, "5.1.3", text);
    }
    if (code.contains("messagesize")) {
      return Diagnosis.bounced(Stage.END, "5.3.4", text);
    }
    return code.contains("mimecontent")
        ? Diagnosis.bounced(Stage.END, "5.6.0", text)
        : Diagnosis.deferred(Stage.MAIL, "4.3.0", text);
  }

  /// Leaves the account alone for as long as Graph wants it, at least so long.
  private Outcome alone(HttpsAnswer answer, Outcome.Deferred why, Duration least) {
    var asked = Rests.asked(answer.headers(), means.os().time().now());
    var time =
        asked.filter(each -> each.compareTo(least) > 0 || least.equals(Rests.PAUSE)).orElse(least);
    if (time.isPositive()) {
      graph.leaveAlone(account, time, why);
    }
    return why;
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
    return line.tls();
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
  public Address author(Address from) {
    return sender.header(from);
  }

  @Override
  public int sent() {
    return line.sent();
  }

  @Override
  public boolean stale() {
    return line.stale();
  }

  @Override
  public void close() {
    line.hangUp();
  }
}
