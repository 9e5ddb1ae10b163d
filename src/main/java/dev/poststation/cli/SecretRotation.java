package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.TrialRoutes;
import dev.poststation.admin.TrialRoutes.Verdict;
import dev.poststation.config.Account;
import dev.poststation.config.Loaded;
import dev.poststation.config.OauthGrant;
import dev.poststation.oauth.AccessTokens;
import dev.poststation.oauth.NoTokenException;
import dev.poststation.oauth.TokenSite;
import java.io.IOException;
import java.util.Optional;

/// The part of `credential rotate` that replaces one file: a password, a client secret, or the key
/// of a service account. Used by one thread.
///
/// @param account with the old one
/// @param changed the same with the new one
record SecretRotation(Rotation rotation, Loaded.Good loaded, Account account, Account changed) {
  /// Tries the new one, replaces the old one, and has the relay that runs use it.
  ///
  /// @param old what the file has
  /// @param fresh what it shall have
  int rotate(byte[] old, byte[] fresh) {
    var grant = account.grant();
    boolean byLogin = grant != null && grant.type().byLogin();
    var noToken = byLogin ? ofLogin() : rotation.noToken(loaded.configuration(), changed);
    if (noToken.isPresent()) {
      return rotation.refused(null, noToken.get());
    }
    var tried = byLogin ? byRelay() : Optional.of(here());
    if (tried.isPresent() && Verdict.of(tried.get()) != Verdict.LET_IN) {
      boolean barred = Verdict.of(tried.get()) == Verdict.BARRED;
      return rotation.refused(
          tried.get(), barred ? rotation.useless() : rotation.unknown(tried.get()));
    }
    write(
        fresh,
        "The new " + rotation.what() + " works, but " + rotation.file() + " cannot be replaced");
    var proof = rotation.byRelay(loaded, account, trial());
    if (proof.isPresent() && isRefusal(proof.get())) {
      write(
          old,
          "The running relay cannot use the new "
              + rotation.what()
              + ", and the old one cannot be put back into "
              + rotation.file());
      return rotation.refusedByRelay(proof.get());
    }
    done(tried, proof);
    return Exit.OK;
  }

  /// A host that the relay cannot reach at this moment says nothing against what was proven before.
  private static boolean isRefusal(ObjectNode proof) {
    return proof.has("renewed") || Verdict.of(proof) == Verdict.BARRED;
  }

  private Common common() {
    return rotation.common();
  }

  private ObjectNode trial() {
    var trial = JsonNodeFactory.instance.objectNode().put("connector", account.connector());
    return trial.put("account", account.name());
  }

  private ObjectNode here() {
    return TrialRoutes.login(common().os(), loaded.configuration(), changed);
  }

  /// Where somebody has logged in, the refresh token is in the hands of the relay that runs: it
  /// alone may show it to the token server, which may give another one in exchange.
  ///
  /// @return why there is no token, in sentences; empty: there is one
  private Optional<String> ofLogin() {
    var grant = changed.grant();
    if (grant == null) {
      return Optional.empty();
    }
    var body = JsonNodeFactory.instance.objectNode().put("connector", account.connector());
    body.put("user", account.user()).put("clientSecret", secret(grant));
    ObjectNode answer;
    try {
      answer = common().api(loaded).post("oauth/try", body);
    } catch (Failure e) {
      if (e.exit() == Exit.UNREACHABLE) {
        return alone(grant);
      }
      throw e;
    }
    return answer.path("given").asBoolean()
        ? Optional.empty()
        : Optional.of(
            rotation.problem(answer.path("problem").asText(), answer.path("lasting").asBoolean()));
  }

  private static String secret(OauthGrant grant) {
    try {
      var secret = grant.clientSecret();
      return secret == null ? "" : secret.reveal();
    } catch (IOException e) {
      throw new Failure(Exit.WRONG, "The new secret cannot be read: " + e.getMessage() + ".");
    }
  }

  /// While no relay runs, and none can be started meanwhile.
  private Optional<String> alone(OauthGrant grant) {
    var os = common().os();
    var data = loaded.configuration().data();
    try (var _ = Offline.claimed(os, data)) {
      AccessTokens.ofLogin(changed, TokenSite.of(grant, os), os, data);
      return Optional.empty();
    } catch (NoTokenException e) {
      return Optional.of(rotation.problem(e.clause(), e.lasting()));
    } catch (IOException e) {
      throw new Failure(
          Exit.UNAUTHORISED,
          "The new secret works, and nothing was changed, but "
              + e.getMessage()
              + ": poststation oauth login "
              + account.connector()
              + " gets another one.");
    }
  }

  /// The relay that runs has its token by the new secret now, and logs in with it; empty: none
  /// runs.
  private Optional<ObjectNode> byRelay() {
    try {
      return Optional.of(common().api(loaded).post("connectors/test", trial()));
    } catch (Failure e) {
      if (e.exit() == Exit.UNREACHABLE) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private void done(Optional<? extends JsonNode> tried, Optional<ObjectNode> proof) {
    if (common().json()) {
      var report = rotation.report(true);
      tried.ifPresent(each -> report.set("trial", each));
      common().print(report);
      return;
    }
    common()
        .out()
        .println(
            "The new "
                + rotation.what()
                + " of "
                + Words.shown(account.name())
                + (tried.isPresent() ? " let this relay in" : " got a token")
                + " at connector "
                + account.connector()
                + " and stands in "
                + rotation.file()
                + proof
                    .map(SecretRotation::shown)
                    .orElse(
                        ". No relay that runs could be asked; one takes it at its next login."));
  }

  private static String shown(ObjectNode proof) {
    return Verdict.of(proof) == Verdict.LET_IN
        ? "; the running relay has logged in with it. Connections that are open go on as they are."
        : ". The running relay takes it at its next login; it could not try it now: "
            + Rotation.why(proof);
  }

  /// @param failed what is to be said when it cannot be
  private void write(byte[] octets, String failed) {
    try {
      common().os().disk().renew(rotation.file(), octets);
    } catch (IOException e) {
      throw new Failure(
          Exit.UNAUTHORISED,
          failed
              + ": "
              + Words.why(e)
              + ": run the command as root, or as who may write into that directory.");
    }
  }
}
