package dev.poststation.delivery;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.config.HttpEndpoint;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.route.Destination;
import dev.poststation.smtp.PeerText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Endpoints of HTTP in place of next hops (`type = http`): opens conversations in which each mail
/// is posted. One that wants to be left alone is. Safe for any thread.
final class Endpoints {
  private static final int SUSPECTS_MAX = 1000;

  private final Introduction.Means means;
  private final Rests rests;

  /// That could not be reached last, or gave no answer: each mail would find out by itself.
  private final Set<String> suspects = ConcurrentHashMap.newKeySet();

  /// Who we are there.
  ///
  /// @param authorization the value of the field; empty: we do not say
  /// @param secrets that must be seen nowhere else
  /// @param login the same for log and trace; null: nobody
  record Pass(String authorization, Set<String> secrets, Event.@Nullable Login login) {
    private static final Pass NONE = new Pass("", Set.of(), null);

    Pass {
      secrets = Set.copyOf(secrets);
    }

    private static Pass bearer(String name, String token) throws IOException {
      if (token.isEmpty() || !token.chars().allMatch(each -> each > ' ' && each < 127)) {
        throw new IOException("it has characters that no token has (RFC 6750 2.1)");
      }
      return new Pass("Bearer " + token, Set.of(token), new Event.Login(name, "BEARER"));
    }

    /// RFC 7617 2.
    private static Pass basic(String name, String password) {
      byte[] both = (name + ":" + password).getBytes(StandardCharsets.UTF_8);
      String text = Base64.getEncoder().encodeToString(both);
      return new Pass("Basic " + text, Set.of(password, text), new Event.Login(name, "BASIC"));
    }
  }

  Endpoints(Introduction.Means means) {
    this.means = means;
    this.rests = new Rests(means.os().time());
  }

  /// "Opens" a conversation: we can say who we are, and nothing speaks against a request.
  Opening open(Destination destination) {
    var connector = destination.connector();
    var endpoint = connector.endpoint();
    if (endpoint == null || destination.hosts().isEmpty()) {
      String text = "connector " + connector.name() + " has no url";
      return failed(Diagnosis.deferred(Stage.ROUTE, "4.3.5", text), Obstacle.HOST);
    }
    var rest = rests.of(who(connector, endpoint)).orElse(null);
    if (rest != null) {
      var until = means.os().time().now().plus(rests.left(rest));
      return new Opening.Withheld(until, rest.why(), List.of("* " + rest.why().text()));
    }
    Pass pass;
    try {
      pass = pass(connector, endpoint);
    } catch (TokenUnavailableException e) {
      return failed(anonymous(connector, e), Obstacle.ACCOUNT);
    } catch (IOException e) {
      return failed(anonymous(connector, e), Obstacle.HOST);
    }
    var hop = destination.hosts().getFirst();
    var conversation = new HttpConversation(means, connector, endpoint, hop, pass, this);
    if (suspects.contains(who(connector, endpoint))) {
      var no = conversation.knock();
      if (no.isPresent()) {
        var refusals = List.of(new Opening.Refusal(hop, no.get()));
        var said = List.of("* " + no.get().text());
        return new Opening.Failed(no.get(), conversation.relay(), 0, said, refusals);
      }
      suspects.remove(who(connector, endpoint));
    }
    var login = pass.login();
    var note =
        "* mail is posted to %s%s"
            .formatted(
                hop, login == null ? "" : " as " + login.user() + " by " + login.mechanism());
    return new Opening.Opened(conversation, 0, List.of(note), List.of(), List.of());
  }

  /// Nothing is sent there for a while.
  void leaveAlone(Connector connector, HttpEndpoint endpoint, Duration time, Outcome.Deferred why) {
    rests.begin(who(connector, endpoint), time, why);
  }

  /// Before the next mail is sent there, it has to answer to something else.
  void suspect(Connector connector, HttpEndpoint endpoint) {
    if (suspects.size() >= SUSPECTS_MAX) {
      suspects.clear();
    }
    suspects.add(who(connector, endpoint));
  }

  private static String who(Connector connector, HttpEndpoint endpoint) {
    return connector.login() + ' ' + endpoint.url();
  }

  private Pass pass(Connector connector, HttpEndpoint endpoint)
      throws TokenUnavailableException, IOException {
    var token = endpoint.token();
    if (token != null) {
      return Pass.bearer("token", token.reveal());
    }
    Account account = connector.account();
    if (account == null) {
      return Pass.NONE;
    }
    var password = account.password();
    return password == null
        ? Pass.bearer(account.name(), means.tokens().token(account))
        : Pass.basic(account.name(), password.reveal());
  }

  private static Outcome anonymous(Connector connector, Exception why) {
    String text =
        "connector %s cannot show who we are: %s"
            .formatted(connector.name(), PeerText.of(String.valueOf(why.getMessage())));
    return Diagnosis.deferred(Stage.AUTH, "4.7.0", text).inPause();
  }

  private static Opening failed(Outcome why, Obstacle obstacle) {
    var note = List.of("* " + why.text());
    return new Opening.Failed(why, "none", 0, note, List.of(), obstacle, List.of());
  }
}
