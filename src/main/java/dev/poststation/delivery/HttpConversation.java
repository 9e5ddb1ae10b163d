package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.HttpEndpoint;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.message.Recipient;
import dev.poststation.os.TlsFacts;
import dev.poststation.route.NextHop;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.TlsWish;
import dev.poststation.tls.HttpsAnswer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Mail that is posted to an endpoint, which is the end of its way: each is a request of its own.
/// Confined to one thread, except for `close`.
final class HttpConversation implements Conversation {
  private static final int TEXT_MAX = 300;

  /// So much of what it said is looked at for secrets.
  private static final int LOOKED_AT_MAX = 4 * TEXT_MAX;

  /// Who is slower than so many octets a second is given up.
  private static final long PACE_MIN = 64 * 1024;

  private final Introduction.Means means;
  private final Connector connector;
  private final HttpEndpoint endpoint;
  private final NextHop hop;
  private final Endpoints.Pass pass;
  private final Endpoints endpoints;
  private final SenderThere sender;
  private final RequestLine line;

  HttpConversation(
      Introduction.Means means,
      Connector connector,
      HttpEndpoint endpoint,
      NextHop hop,
      Endpoints.Pass pass,
      Endpoints endpoints) {
    this.means = means;
    this.connector = connector;
    this.endpoint = endpoint;
    this.hop = hop;
    this.pass = pass;
    this.endpoints = endpoints;
    this.sender = SenderThere.at(connector, means.os().time());
    this.line =
        new RequestLine(means, connector, new Diagnosis(relay(), "HTTP"), endpoint.authorities());
  }

  @Override
  public Attempt.Result send(Attempt.Order order) {
    return line.carry(
        order,
        PostedMail.going(order.recipients()),
        (recipients, transcript) -> transact(order, recipients, transcript));
  }

  private Outcome transact(Attempt.Order order, List<Recipient> recipients, Transcript transcript)
      throws IOException {
    var envelope = order.mail().envelope();
    var countdown = new Countdown(envelope.deadline(), means.os().time().now(), true);
    var late = countdown.objection(Capabilities.NONE, relay());
    if (late.isPresent()) {
      return late.get();
    }
    if (envelope.tls() == TlsWish.REQUIRED && endpoint.open()) {
      return Diagnosis.bounced(
          Stage.TLS,
          "5.7.30",
          "endpoint " + relay() + " is spoken to in clear, and the mail demands TLS");
    }
    var swap = SenderSwap.of(order, sender);
    swap.notes().forEach(transcript::note);
    var mail = PostedMail.of(swap.order(), recipients, means.hostname());
    transcript.client("POST " + path() + " (" + mail.size() + " octets, key " + mail.key() + ")");
    var request = mail.request(endpoint.url(), pass.authorization());
    order.beforeEnd().run();
    HttpsAnswer answer;
    try {
      var patience = connector.timeouts().dataEnd().plusSeconds(mail.size() / PACE_MIN);
      answer = line.send(request, patience);
    } catch (IOException e) {
      endpoints.suspect(connector, endpoint);
      return line.lost("endpoint " + relay(), e, pass.secrets());
    }
    transcript.note(said(answer));
    return judge(answer);
  }

  /// Whether it answers at all, whatever it says; empty: it does.
  Optional<Outcome> knock() {
    var question =
        HttpRequest.newBuilder(endpoint.url())
            .version(HttpClient.Version.HTTP_1_1)
            .header("User-Agent", PostedMail.AGENT)
            .method("OPTIONS", HttpRequest.BodyPublishers.noBody())
            .build();
    try {
      line.send(question, connector.timeouts().hello());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(line.silent("endpoint " + relay(), e));
    }
  }

  private String path() {
    String path = endpoint.url().getRawPath();
    return path.isEmpty() ? "/" : path;
  }

  private Outcome judge(HttpsAnswer answer) {
    int status = answer.statusCode();
    String text = "endpoint " + relay() + " said: " + said(answer);
    if (status >= 200 && status < 300) {
      String id = id(answer);
      var reply = Reply.of(250, "2.0.0", said(answer));
      return new Outcome.Delivered(reply, id.isEmpty() ? null : id, false, true);
    }
    if (status < 400) {
      String to = answer.headers().firstValue("Location").map(this::shown).orElse("");
      String why = to.isEmpty() ? " (nothing else was expected)" : "; it names " + to;
      return later(answer, Diagnosis.deferred(Stage.MAIL, "4.3.5", text + why));
    }
    return switch (status) {
      case 401, 403, 407 -> {
        // What shows who we are is wrong, or was changed: no mail is to blame.
        refused();
        // 403 may be of this mail. The others are of each, and each would be sent to be told so.
        var usual = status == 403 ? Duration.ZERO : Rests.PAUSE;
        yield later(answer, Diagnosis.deferred(Stage.AUTH, "4.7.8", text), usual);
      }
      case 408, 425 -> later(answer, Diagnosis.deferred(Stage.MAIL, "4.4.2", text));
      case 409 -> // An earlier attempt with this key is not done yet.
          later(answer, Diagnosis.deferred(Stage.END, "4.3.0", text + Diagnosis.DOUBT));
      case 429 -> later(answer, Diagnosis.deferred(Stage.MAIL, "4.7.0", text), Rests.PAUSE);
      case 503 -> later(answer, Diagnosis.deferred(Stage.MAIL, "4.3.2", text));
      case 413 -> Diagnosis.bounced(Stage.END, "5.3.4", text);
      case 400, 415, 422 -> Diagnosis.bounced(Stage.END, "5.6.0", text);
      default ->
          status < 500
              // Of the place, not of the mail: a proxy says 404 while what is behind it is changed.
              ? later(answer, Diagnosis.deferred(Stage.MAIL, "4.3.5", text))
              : later(answer, Diagnosis.deferred(Stage.END, "4.3.0", text + Diagnosis.DOUBT));
    };
  }

  /// An access token that was refused is not given again.
  private void refused() {
    var account = connector.account();
    if (account != null && account.password() == null) {
      pass.secrets().forEach(token -> means.tokens().refused(account, token));
    }
  }

  private Outcome later(HttpsAnswer answer, Outcome.Deferred why) {
    return later(answer, why, Duration.ZERO);
  }

  /// Leaves the endpoint alone for as long as it wants that.
  ///
  /// @param usual where it does not say how long
  private Outcome later(HttpsAnswer answer, Outcome.Deferred why, Duration usual) {
    var length = Rests.asked(answer.headers(), means.os().time().now()).orElse(usual);
    if (length.isPositive()) {
      endpoints.leaveAlone(connector, endpoint, length, why);
    }
    return why;
  }

  /// What it answered, in words: pages for people say nothing that belongs into a log.
  private String said(HttpsAnswer answer) {
    var out = new StringBuilder().append(answer.statusCode());
    String type = answer.headers().firstValue("Content-Type").orElse("");
    if (!type.startsWith("text/html") && answer.body().length > 0) {
      String body = new String(answer.body(), StandardCharsets.UTF_8).strip();
      out.append(' ').append(body.lines().findFirst().orElse(""));
    }
    String id = id(answer);
    if (!id.isEmpty()) {
      out.append(" (").append(id).append(')');
    }
    return shown(out.toString());
  }

  /// What it said may have a secret in it that it was told.
  private String shown(String said) {
    String start = said.length() > LOOKED_AT_MAX ? said.substring(0, LOOKED_AT_MAX) : said;
    String harmless = Masking.of(PeerText.of(start), pass.secrets());
    return harmless.length() > TEXT_MAX ? harmless.substring(0, TEXT_MAX) + "…" : harmless;
  }

  /// As what it has the mail; empty: it does not say.
  private String id(HttpsAnswer answer) {
    boolean created = answer.statusCode() == 201;
    return answer
        .headers()
        .firstValue(created ? "Location" : "X-Request-Id")
        .map(this::shown)
        .orElse("");
  }

  /// Without the path: that is in the trace, and in the log only where no answer came.
  @Override
  public String relay() {
    return hop.host() + "[http]:" + hop.port();
  }

  @Override
  public @Nullable TlsFacts tls() {
    return line.tls();
  }

  @Override
  public Event.@Nullable Login login() {
    return pass.login();
  }

  @Override
  public Address sender(Address from) {
    return sender.replaced(from);
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
