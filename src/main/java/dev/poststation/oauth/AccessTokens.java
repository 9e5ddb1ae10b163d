package dev.poststation.oauth;

import static java.time.temporal.ChronoUnit.SECONDS;

import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.OauthGrant;
import dev.poststation.config.Secret;
import dev.poststation.log.Event;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The access tokens of all accounts that log in by OAuth 2, got before they are needed and renewed
/// before they expire. While an account has none, its mail waits, however long. Safe for any
/// thread.
public final class AccessTokens implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AccessTokens.class);
  private static final Duration LOOK = Duration.ofMinutes(1);

  private final Os os;
  private final SavedTokens saved;
  private final BiFunction<OauthGrant, Os, TokenSite> sites;
  private final Consumer<Event> events;
  private final TokenCounter.All counters;
  private final Map<AccountName, Possession> possessions = new ConcurrentSkipListMap<>();

  /// Those that have a token, and may send nothing all the same.
  private final Map<AccountName, Barred> barred = new ConcurrentHashMap<>();

  private final AtomicBoolean running = new AtomicBoolean();
  private final Time.Signal something;
  private volatile Consumer<String> onBack = _ -> {};
  private volatile boolean closed;
  private volatile boolean unsaved;

  /// @param why what the next hop says
  private record Barred(String why, Instant since) {
    String concern(AccountName account) {
      return "No mail leaves by connector %s as %s, and none is returned, since %s: %s"
          .formatted(account.connector(), account.user(), since.truncatedTo(SECONDS), why);
    }
  }

  /// @param sites gives the token server of a grant
  /// @param events is told when an account has no token any more, and when it has one again
  public AccessTokens(
      Os os, Path data, BiFunction<OauthGrant, Os, TokenSite> sites, Consumer<Event> events) {
    this.os = os;
    this.saved = new SavedTokens(os, data);
    this.sites = sites;
    this.events = events;
    this.counters = new TokenCounter.All(os);
    this.something = os.time().signal();
  }

  /// Begins to get tokens for the accounts of a configuration.
  ///
  /// @param back is told the connector of an account that has a token again
  public void start(Configuration configuration, Consumer<String> back) {
    onBack = back;
    use(configuration);
  }

  /// Takes the accounts of a configuration, and lets go those that are not in it.
  public void use(Configuration configuration) {
    List<AccountName> there = new ArrayList<>();
    for (Account account : accounts(configuration.connectors().values())) {
      var grant = account.grant();
      if (grant != null) {
        there.add(name(account));
        var known = possessions.get(name(account));
        var site = counters.inLine(grant, sites.apply(grant, os));
        if (known == null) {
          possessions.put(
              name(account),
              new Possession(name(account), grant, site, os, saved, new Telling()));
        } else {
          known.use(grant, site);
        }
      }
    }
    possessions.keySet().retainAll(there);
    barred.keySet().retainAll(there);
    if (!possessions.isEmpty() && running.compareAndSet(false, true)) {
      os.tasks().platform("oauth", this::run);
    }
    something.raise();
  }

  /// All accounts of connectors.
  static List<Account> accounts(Iterable<Connector> connectors) {
    List<Account> accounts = new ArrayList<>();
    for (Connector connector : connectors) {
      var auth = connector.auth();
      if (auth != null) {
        accounts.addAll(auth.accounts());
      }
    }
    return accounts;
  }

  private static AccountName name(Account account) {
    return new AccountName(account.connector(), account.user());
  }

  private final class Telling implements Possession.Changes {
    @Override
    public void paused(AccountName account, NoTokenException why, @Nullable Instant expired) {
      LOG.warn(
          "Connector {} pauses, and its mail waits: no token for {}: {}{}",
          account.connector(),
          account.user(),
          why.clause(),
          why.full().isEmpty() ? "" : " [" + why.full() + "]");
      tell(account, expired, why.clause());
    }

    @Override
    public void back(AccountName account, Instant expires) {
      LOG.info(
          "Connector {} goes on: there is a token for {} again",
          account.connector(),
          account.user());
      barred.remove(account); // A next hop that still bars it is told of anew.
      tell(account, expires, null);
      onBack.accept(account.connector());
    }
  }

  private void tell(AccountName account, @Nullable Instant expires, @Nullable String problem) {
    var possession = possessions.get(account);
    var lastSuccess = possession == null ? null : possession.state().lastSuccess();
    events.accept(
        new Event.TokenChanged(account.connector(), account.user(), expires, lastSuccess, problem));
  }

  private void run() {
    try {
      while (!closed) {
        try {
          look();
        } catch (RuntimeException e) {
          LOG.error("Our own fault while tokens were looked at; it goes on", e);
        }
        something.await(rest());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /// Renews what is due.
  void look() {
    for (Possession possession : possessions.values()) {
      if (!possession.rest().isPositive()) {
        os.tasks().virtual("oauth-renewal", () -> renew(possession));
      }
    }
    unsaved = saved.retry();
  }

  private void renew(Possession possession) {
    if (possession.renew()) {
      something.raise(); // It is known now when to look again.
    }
  }

  /// How long until there is something to look at.
  Duration rest() {
    var rest = LOOK;
    for (Possession possession : possessions.values()) {
      var its = possession.rest();
      if (its.isPositive() && its.compareTo(rest) < 0) {
        rest = its;
      }
    }
    return rest;
  }

  /// A token of an account that is good for a login.
  ///
  /// @throws NoTokenException when there is none now, or the account has no grant
  public String token(Account account) throws NoTokenException {
    var possession = possessions.get(name(account));
    if (possession == null) {
      // Mail that was on its way when a reload took the account away: it is routed anew.
      throw NoTokenException.ours(
          account.grant() == null
              ? "the account has no way to get tokens"
              : "the account is not in the configuration any more");
    }
    return possession.token();
  }

  /// One token for an account by whose grant nobody has to log in: it is kept nowhere.
  ///
  /// @throws NoTokenException when there is none, or somebody would have to log in
  public static String once(Account account, TokenSite site, Os os, Path data)
      throws NoTokenException {
    var grant = account.grant();
    if (grant == null || grant.type().byLogin()) {
      throw NoTokenException.ours(
          "only a relay that runs with this configuration has the token of somebody who logged in");
    }
    return alone(account, grant, site, os, new SavedTokens(os, data)).token();
  }

  /// Has a token given by what is kept of a login, while no relay runs. What the server gives in
  /// exchange for the refresh token is on stable storage when this returns.
  ///
  /// @throws NoTokenException when there is none
  /// @throws IOException when the new refresh token cannot be written
  public static void ofLogin(Account account, TokenSite site, Os os, Path data)
      throws NoTokenException, IOException {
    var grant = Objects.requireNonNull(account.grant());
    var saved = new SavedTokens(os, data);
    alone(account, grant, site, os, saved).token();
    if (saved.retry()) {
      throw new IOException("the new refresh token cannot be written to " + data);
    }
  }

  private static Possession alone(
      Account account, OauthGrant grant, TokenSite site, Os os, SavedTokens saved) {
    var untold =
        new Possession.Changes() {
          @Override
          public void paused(AccountName paused, NoTokenException why, @Nullable Instant expired) {}

          @Override
          public void back(AccountName back, Instant expires) {}
        };
    return new Possession(name(account), grant, site, os, saved, untold);
  }

  /// Has a token given with another client secret, before that takes the place of the one in force.
  ///
  /// @throws NoTokenException when there is none, or no such account
  public void with(AccountName account, Secret secret) throws NoTokenException {
    var possession = possessions.get(account);
    if (possession == null) {
      throw NoTokenException.ours("the account is not in the configuration any more");
    }
    possession.with(secret);
  }

  /// A next hop did not take a token: another one is asked for.
  public void refused(Account account, String token) {
    var possession = possessions.get(name(account));
    if (possession != null) {
      possession.refused(token);
    }
  }

  /// A next hop took a token, and lets the account send nothing: told once, until that is over.
  ///
  /// @param why what it says
  public void barred(Account account, String why) {
    var possession = possessions.get(name(account));
    var now = new Barred(why, os.time().now());
    if (possession != null && barred.putIfAbsent(name(account), now) == null) {
      LOG.warn("Connector {} pauses, and its mail waits: {}", account.connector(), why);
      tell(name(account), possession.state().expires(), why);
    }
  }

  /// A next hop lets the account send.
  public void welcome(Account account) {
    var possession = possessions.get(name(account));
    if (!barred.isEmpty() && barred.remove(name(account)) != null && possession != null) {
      LOG.info("Connector {} goes on: {} may send again", account.connector(), account.user());
      tell(name(account), possession.state().expires(), null);
    }
  }

  /// Why the mail of an account waits for a token; empty while it does not.
  public Optional<String> pause(Account account) {
    var possession = account.grant() == null ? null : possessions.get(name(account));
    return possession != null && possession.paused()
        ? Optional.of(possession.state().problem())
        : Optional.empty();
  }

  /// How it is with each account.
  public List<TokenState> states() {
    return possessions.values().stream().map(Possession::state).toList();
  }

  /// Gets new tokens now.
  ///
  /// @return whether all were given; `states` says why not
  public boolean renew(List<AccountName> accounts) {
    boolean all = true;
    for (AccountName account : accounts) {
      var possession = possessions.get(account);
      try {
        if (possession != null) {
          possession.renewNow();
          if (barred.containsKey(account)) {
            onBack.accept(account.connector()); // What was allowed meanwhile stands in the new one.
          }
        }
      } catch (NoTokenException _) {
        all = false;
      }
    }
    return all;
  }

  /// Takes a refresh token that somebody got by logging in; it is on stable storage when this
  /// returns.
  ///
  /// @throws IOException when it cannot be written
  public void loggedIn(AccountName account, String refreshToken) throws IOException {
    var possession = possessions.get(account);
    if (possession != null) {
      possession.loggedIn(refreshToken);
    }
  }

  /// Keeps a refresh token that somebody got by logging in.
  ///
  /// @throws IOException when it cannot be written
  public static void keep(
      SavedTokens saved, AccountName account, OauthGrant grant, String refreshToken)
      throws IOException, NoTokenException {
    var given = grant.refreshToken();
    String mark =
        given == null ? "" : Possession.fingerprint(Requests.reveal(given, "refresh-token"));
    saved.put(account, grant, mark, refreshToken);
  }

  /// What an administrator should know.
  public List<String> concerns() {
    List<String> concerns = new ArrayList<>();
    states().forEach(state -> state.concern().ifPresent(concerns::add));
    new TreeMap<>(barred).forEach((account, its) -> concerns.add(its.concern(account)));
    saved.concern().ifPresent(concerns::add);
    if (unsaved) {
      concerns.add(
          "A new refresh token is in memory only, because oauth.tokens in data cannot be written:"
              + " make room, or somebody will have to log in anew after a restart");
    }
    return concerns;
  }

  /// Ends when the requests that are under way have: what a server gives in exchange for the token
  /// that it ends is kept.
  @Override
  public void close() {
    closed = true;
    something.raise();
    possessions.values().forEach(Possession::stop);
    possessions.values().forEach(Possession::awaitIdle);
    saved.retry();
  }
}
