package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.OauthGrant;
import dev.poststation.config.Typed;
import dev.poststation.oauth.AccountName;
import dev.poststation.oauth.NoTokenException;
import dev.poststation.oauth.TokenState;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the API that is about the tokens of accounts at next hops. Safe for any thread.
final class TokenRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(TokenRoutes.class);
  private static final Set<String> WHOM = Set.of("connector", "user");
  private static final Set<String> LOGIN =
      Set.of("connector", "user", "refreshToken", "clientId", "tokenUrl");

  private static final Set<String> ATTEMPT = Set.of("connector", "user", "clientSecret");

  private final Poststation relay;

  TokenRoutes(Poststation relay) {
    this.relay = relay;
  }

  /// How it is with each account.
  ObjectNode list() {
    return TokenReport.of(relay.tokens().states());
  }

  /// Gets new tokens for the accounts of a connector, or for one of them.
  ObjectNode refresh(String text) {
    var body = Json.body(text);
    Known.keys(body, WHOM);
    var accounts = accounts(body);
    LOG.info("An administrator has new tokens got for {}", accounts);
    boolean all = relay.tokens().renew(accounts);
    var answer = TokenReport.of(states(accounts));
    return answer.put("renewed", all);
  }

  /// Has a token given with another client secret.
  ObjectNode attempt(String text) {
    var body = Json.body(text);
    Known.keys(body, ATTEMPT);
    var account = account(body);
    String secret =
        Json.text(body, "clientSecret")
            .orElseThrow(() -> Refusal.badRequest("\"clientSecret\" is missing."));
    LOG.info("An administrator tries another client secret for {}", account);
    try {
      relay.tokens().with(account, new Typed(secret));
      return Json.object().put("given", true);
    } catch (NoTokenException e) {
      var answer = Json.object().put("given", false).put("lasting", e.lasting());
      return answer.put("problem", e.clause());
    }
  }

  private AccountName account(ObjectNode body) {
    var accounts = accounts(body);
    if (accounts.size() != 1) {
      throw Refusal.badRequest("The connector has several accounts: say which \"user\".");
    }
    return accounts.getFirst();
  }

  /// Takes what somebody got by logging in.
  ObjectNode login(String text) {
    var body = Json.body(text);
    Known.keys(body, LOGIN);
    var account = account(body);
    String token =
        Json.text(body, "refreshToken")
            .orElseThrow(() -> Refusal.badRequest("\"refreshToken\" is missing."));
    if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw Refusal.badRequest("\"refreshToken\" is none.");
    }
    var accounts = List.of(account);
    same(body, states(accounts).getFirst().grant());
    try {
      relay.tokens().loggedIn(account, token);
    } catch (IOException e) {
      LOG.error("A login cannot be kept", e);
      throw new Refusal(503, "The token cannot be kept: " + e.getMessage() + ".");
    }
    LOG.info("Somebody has logged in for {}", account);
    boolean all = relay.tokens().renew(accounts);
    return TokenReport.of(states(accounts)).put("renewed", all);
  }

  /// A token goes to no server but the one that gave it.
  private static void same(ObjectNode body, OauthGrant grant) {
    boolean same =
        Json.text(body, "clientId").filter(grant.clientId()::equals).isPresent()
            && Json.text(body, "tokenUrl").filter(grant.tokenUrl().toString()::equals).isPresent();
    if (!same) {
      throw Refusal.badRequest(
          "The running relay has another \"clientId\" or \"tokenUrl\" for this account: poststation"
              + " reload, then log in again.");
    }
  }

  private List<TokenState> states(List<AccountName> accounts) {
    return relay.tokens().states().stream()
        .filter(state -> accounts.contains(state.account()))
        .toList();
  }

  private List<AccountName> accounts(ObjectNode body) {
    String connector =
        Json.text(body, "connector")
            .orElseThrow(() -> Refusal.badRequest("\"connector\" is missing."));
    Optional<String> user = Json.text(body, "user");
    var accounts =
        relay.tokens().states().stream()
            .map(TokenState::account)
            .filter(account -> account.connector().equals(connector))
            .filter(account -> user.isEmpty() || account.user().equals(user.get()))
            .toList();
    if (accounts.isEmpty()) {
      throw Refusal.badRequest(
          "The running relay has no account by tokens of connector \""
              + connector
              + "\""
              + user.map(name -> " as \"" + name + "\"").orElse("")
              + ": see poststation oauth list; what is new in the file needs poststation reload.");
    }
    return accounts;
  }
}
