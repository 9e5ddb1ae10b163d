package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.Account;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.oauth.AccessTokens;
import dev.poststation.oauth.NoTokenException;
import dev.poststation.oauth.TokenSite;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What `credential rotate` does with a secret and with a certificate alike: it asks the token
/// server and the relay that runs, and says what does not work. Used by one thread.
///
/// @param what it is, for people: `secret`, `certificate`
/// @param file where it stands
record Rotation(Common common, String what, Path file) {
  /// Why the token server gives an account no token for the new one, in sentences; empty: it does,
  /// or is not needed.
  Optional<String> noToken(Configuration configuration, Account changed) {
    var grant = changed.grant();
    if (grant == null) {
      return Optional.empty();
    }
    var os = common.os();
    try {
      AccessTokens.once(changed, TokenSite.of(grant, os), os, configuration.data());
      return Optional.empty();
    } catch (NoTokenException e) {
      return Optional.of(problem(e.clause(), e.lasting()));
    }
  }

  /// Why there is no token with the new one.
  ///
  /// @param lasting whether it is so for good
  String problem(String clause, boolean lasting) {
    String before =
        lasting
            ? "The new " + what + " does not work: "
            : "Whether the new " + what + " works is not known: ";
    return before + Words.shown(clause) + ". Nothing was changed.";
  }

  /// What is said of one that is refused.
  String useless() {
    return "The new " + what + " does not work; nothing was changed.";
  }

  /// What is said of one that no host said anything of.
  String unknown(JsonNode tried) {
    return "Whether the new "
        + what
        + " works is not known; nothing was changed. No host could tell: "
        + why(tried);
  }

  /// Why a trial came to nothing, in a sentence.
  static String why(JsonNode tried) {
    String why = tried.path("problem").asText();
    for (var host : tried.path("hosts")) {
      why = why.isEmpty() ? host.path("problem").asText() : why;
    }
    String shown = Words.shown(why);
    return shown.endsWith(".") ? shown : shown + ".";
  }

  /// What the relay that runs finds out with what stands in the file now, or says that it gets no
  /// token with it; empty: none could be asked.
  ///
  /// @param proven the account that gets in by it; null: none
  /// @param trial what is to be tried
  Optional<ObjectNode> byRelay(Loaded loaded, @Nullable Account proven, ObjectNode trial) {
    try {
      var api = common.api(loaded);
      if (proven != null && proven.grant() != null) {
        var whom = JsonNodeFactory.instance.objectNode().put("connector", proven.connector());
        var renewed = api.post("oauth/refresh", whom.put("user", proven.user()));
        if (!renewed.path("renewed").asBoolean()) {
          return Optional.of(renewed); // The token that it has would let it in all the same.
        }
      }
      return Optional.of(api.post("connectors/test", trial.put("rotated", proven != null)));
    } catch (Failure _) {
      return Optional.empty(); // It was proven before.
    }
  }

  /// What the relay that runs has said when the new one does not work there.
  int refusedByRelay(JsonNode proof) {
    return proof.has("renewed")
        ? refused(
            null,
            "The running relay gets no token with the new "
                + what
                + ": "
                + Words.shown(proof.path("accounts").path(0).path("problem").asText())
                + ". The old one is back.")
        : refused(proof, "The running relay cannot use the new " + what + "; the old one is back.");
  }

  /// @param tried the trial in which it did not work; null: there was none
  int refused(@Nullable JsonNode tried, String problem) {
    if (common.json()) {
      var report = report(false).put("problem", problem);
      if (tried != null) {
        report.set("trial", tried);
      }
      common.print(report);
      return Exit.NO;
    }
    if (tried != null) {
      var text = new TrialText(common.out(), tried, common.os().time().now());
      text.show(text.byRelay() ? "the running relay" : "this command first");
      common.out().println();
    }
    common.out().println(problem);
    return Exit.NO;
  }

  ObjectNode report(boolean done) {
    var report = JsonNodeFactory.instance.objectNode().put("rotated", done);
    return report.put("file", file.toString());
  }
}
