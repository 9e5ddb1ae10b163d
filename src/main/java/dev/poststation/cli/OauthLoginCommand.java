package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.OauthGrant;
import dev.poststation.oauth.AccessTokens;
import dev.poststation.oauth.AccountName;
import dev.poststation.oauth.Granted;
import dev.poststation.oauth.NoTokenException;
import dev.poststation.oauth.SavedTokens;
import dev.poststation.oauth.TokenSite;
import dev.poststation.oauth.Wizard;
import dev.poststation.os.Os;
import dev.poststation.spool.DataDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `oauth login`.
@Command(
    name = "login",
    description = {
      "Log in once at the token server of a connector, so that the relay can get tokens from then"
          + " on. It shows a code, which is typed in at a page on any device; or, with --browser, a"
          + " page to open on this machine.",
      "What the relay is granted is kept in data, and taken over by a relay that runs at once."
    })
final class OauthLoginCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofMinutes(10);
  private static final Path OURSELVES = Path.of("/proc/self");

  @Mixin private final Common common;

  @Parameters(paramLabel = "CONNECTOR", description = "The connector.")
  private String connector = "";

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "The account, where the connector has several.")
  private @Nullable String user;

  @Option(
      names = "--browser",
      description =
          "Log in with a browser on this machine. This is the way where the token server knows no"
              + " codes, as Google for mail.")
  private boolean browser;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      description =
          "With --browser: the port of this machine that the browser is sent back to; any free one"
              + " otherwise.")
  private int port;

  OauthLoginCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() throws InterruptedException {
    var configuration = common.configuration();
    var account = account(configuration);
    var grant = Objects.requireNonNull(account.grant());
    if (!grant.type().byLogin()) {
      throw new Failure(
          Exit.WRONG,
          "Connector "
              + connector
              + " has grant = client-credentials or jwt-bearer, which needs no login: poststation"
              + " oauth refresh "
              + connector
              + " gets a token.");
    }
    var name = new AccountName(account.connector(), account.user());
    relay(name, grant); // What is wrong with it is told before anybody logs in.
    Granted granted;
    try {
      granted =
          logIn(
              new Wizard(name, grant, TokenSite.of(grant, common.os()), common.os()), name, grant);
    } catch (NoTokenException e) {
      throw new Failure(Exit.NO, "There is no login: " + e.clause() + ".");
    }
    String token = granted.refreshToken();
    if (token == null) {
      throw new Failure(
          Exit.NO,
          "The login was good, but the token server gave no refresh token, so that it would end"
              + " within the hour: scope must ask for one (offline_access at Microsoft), or the"
              + " authorize-url (access_type=offline at Google).");
    }
    // Once more: minutes have passed, in which one may have been started or stopped.
    var api = relay(name, grant);
    if (api.isPresent()) {
      handOver(api.get(), name, grant, token);
    } else {
      keep(configuration.data(), name, grant, token);
    }
    return Exit.OK;
  }

  private Account account(Configuration configuration) {
    var found = configuration.connectors().get(connector);
    List<Account> accounts =
        found == null || found.auth() == null
            ? List.of()
            : Objects.requireNonNull(found.auth()).accounts().stream()
                .filter(each -> each.grant() != null)
                .filter(each -> user == null || each.user().equals(user))
                .toList();
    if (accounts.isEmpty()) {
      String known =
          configuration.connectors().values().stream()
              .filter(each -> each.auth() != null)
              .filter(
                  each ->
                      Objects.requireNonNull(each.auth()).accounts().stream()
                          .anyMatch(one -> one.grant() != null))
              .map(each -> each.name())
              .collect(Collectors.joining(", "));
      throw new Failure(
          Exit.WRONG,
          "No account of connector \""
              + Words.shown(connector)
              + "\""
              + (user == null ? "" : " as \"" + Words.shown(user) + "\"")
              + " logs in by tokens; "
              + (known.isEmpty()
                  ? "no connector has one: write client-id into its auth."
                  : "connectors that have some: " + known + "."));
    }
    if (accounts.size() > 1) {
      throw new Failure(
          Exit.WRONG,
          "Connector "
              + connector
              + " has several accounts: say which with --user: "
              + accounts.stream().map(Account::user).collect(Collectors.joining(", "))
              + ".");
    }
    return accounts.getFirst();
  }

  /// The relay that runs, and knows the account; empty when none runs.
  private Optional<Api> relay(AccountName name, OauthGrant grant) {
    try {
      var api = common.api();
      for (var each : api.get("oauth", Map.of()).path("accounts")) {
        if (each.path("connector").asText().equals(name.connector())
            && each.path("user").asText().equals(name.user())
            && each.path("clientId").asText().equals(grant.clientId())
            && each.path("tokenUrl").asText().equals(grant.tokenUrl().toString())) {
          return Optional.of(api);
        }
      }
      throw new Failure(
          Exit.WRONG,
          "The running relay does not know this account with this client-id and token-url yet:"
              + " poststation reload, then again.");
    } catch (Failure e) {
      if (e.exit() == Exit.UNREACHABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /// What is to be read meanwhile must not get into JSON.
  private PrintWriter talk() {
    return common.json() ? common.err() : common.out();
  }

  private Granted logIn(Wizard wizard, AccountName name, OauthGrant grant)
      throws NoTokenException, InterruptedException {
    return browser || grant.deviceUrl() == null ? byBrowser(wizard, name) : byCode(wizard, name);
  }

  private Granted byCode(Wizard wizard, AccountName name)
      throws NoTokenException, InterruptedException {
    var code = wizard.code();
    var out = talk();
    out.println("Open this page in any browser, on any device:");
    out.println();
    out.println("  " + Words.shown(code.where()));
    out.println();
    out.println(
        "and type in the code "
            + Words.shown(code.userCode())
            + ", then log in as "
            + Words.shown(name.user())
            + ".");
    if (code.whole() != null) {
      out.println("Or with the code in it: " + Words.shown(code.whole()));
    }
    out.println("Waiting, for " + code.lasts().toMinutes() + " minutes at most ...");
    out.flush();
    return wizard.await(code);
  }

  private Granted byBrowser(Wizard wizard, AccountName name)
      throws NoTokenException, InterruptedException {
    try (var loopback = Loopback.listen(common.os(), port)) {
      var page = wizard.page("http://localhost:" + loopback.port() + Loopback.PATH);
      loopback.expect(page.state());
      var out = talk();
      out.println(
          "Open this page in a browser on this machine, and log in as "
              + Words.shown(name.user())
              + ":");
      out.println();
      out.println("  " + page.page());
      out.println();
      out.println(
          "If the browser is on another machine, run there before: ssh -L %1$d:127.0.0.1:%1$d"
                  .formatted(loopback.port())
              + " THIS-MACHINE");
      out.println("Waiting, for " + PATIENCE.toMinutes() + " minutes at most ...");
      out.flush();
      var answer = loopback.await(PATIENCE);
      if (answer.isEmpty()) {
        throw new Failure(Exit.NO, "No browser came back in time.");
      }
      return wizard.redeem(page, answer.get());
    } catch (IOException e) {
      throw new Failure(
          Exit.NO, "Cannot listen on port " + port + " of 127.0.0.1: " + e.getMessage() + ".");
    }
  }

  private void handOver(Api api, AccountName name, OauthGrant grant, String token) {
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("connector", name.connector())
            .put("user", name.user())
            .put("clientId", grant.clientId())
            .put("tokenUrl", grant.tokenUrl().toString())
            .put("refreshToken", token);
    var answer = api.post("oauth/login", body);
    if (common.json()) {
      common.print(answer);
    } else {
      common.out().println("Logged in; the relay has taken it over.");
      OauthListCommand.show(common, answer);
    }
  }

  /// No relay runs: it is kept where the next one looks.
  private void keep(Path data, AccountName name, OauthGrant grant, String token) {
    var os = common.os();
    try {
      if (os.disk().identity(data.resolve(DataDirectory.SPOOL)).isPresent()) {
        try (var _ = Offline.claimed(os, data)) {
          AccessTokens.keep(new SavedTokens(os, data), name, grant, token);
        }
      } else {
        // Before the first start of the relay, which makes the rest.
        if (!os.disk().isDirectory(data)) {
          os.disk().makeDirectory(data);
        } else if (!os.disk().owner(data).equals(os.disk().owner(OURSELVES))) {
          throw new Failure(
              Exit.UNAUTHORISED,
              "The directory "
                  + data
                  + " belongs to the user "
                  + os.disk().owner(data)
                  + ": run the command as that user.");
        }
        AccessTokens.keep(new SavedTokens(os, data), name, grant, token);
      }
    } catch (IOException | NoTokenException e) {
      throw new Failure(
          Exit.NO, "The login cannot be kept in " + data + ": " + e.getMessage() + ".");
    }
    if (common.json()) {
      common.print(
          JsonNodeFactory.instance
              .objectNode()
              .put("connector", name.connector())
              .put("user", name.user())
              .put("kept", data.resolve(SavedTokens.FILE).toString()));
    } else {
      common
          .out()
          .println(
              "Logged in; kept in "
                  + data.resolve(SavedTokens.FILE)
                  + " for the relay, which does not run now.");
    }
  }
}
