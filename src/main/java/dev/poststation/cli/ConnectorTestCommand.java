package dev.poststation.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.admin.TrialRoutes;
import dev.poststation.config.Units;
import dev.poststation.os.Os;
import dev.poststation.spool.DataDirectory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `connector test`.
@Command(
    name = "test",
    description = {
      "Try a connector of the file, on the way that mail goes: connection, TLS, login, and with"
          + " --to a mail. Shows what was said, and says what is wrong and what to do. No mail in"
          + " the queue is touched.",
      "The running relay does it, which has the secrets and tokens; where none runs, the command"
          + " does. Ends with 0 when all is well, else with 1."
    })
final class ConnectorTestCommand implements Callable<Integer> {
  private static final Duration LOOK_EVERY = Duration.ofMillis(500);

  @Mixin private final Common common;

  @Parameters(paramLabel = "CONNECTOR", description = "The connector.")
  private String connector = "";

  @Option(
      names = "--account",
      paramLabel = "USER",
      description = "As which of its accounts, where it has several.")
  private @Nullable String account;

  @Option(
      names = "--host",
      paramLabel = "HOST",
      description = "Only this one of its hosts, HOST or HOST:PORT.")
  private @Nullable String host;

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      description = "With type = mx: the mail exchangers of this domain.")
  private @Nullable String domain;

  @Option(
      names = "--from",
      paramLabel = "ADDRESS",
      description = "The sender of the test mail; default: the account, where it is an address.")
  private @Nullable String from;

  @Option(
      names = "--to",
      paramLabel = "ADDRESS",
      description =
          "Send a test mail there, which says what it is; may be given again. It does not go"
              + " through the queue.")
  private List<String> to = List.of();

  @Option(
      names = "--dry-run",
      description = "With --to: ask with MAIL and RCPT, and take it back; nothing is sent.")
  private boolean dryRun;

  @Option(
      names = "--wait",
      paramLabel = "TIME",
      description =
          "Wait until the mail comes back through this relay, and compare its senders: for a --to"
              + " whose mail comes in here.")
  private @Nullable String wait;

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      description = "How long each step may take (default: 20s), if the connector has no less.")
  private String timeout = "20s";

  ConnectorTestCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() throws InterruptedException {
    var patience = span("--timeout", timeout);
    var waits = wait == null ? Duration.ZERO : span("--wait", wait);
    if (!waits.isZero() && (to.isEmpty() || dryRun)) {
      throw new Failure(Exit.WRONG, "--wait: nothing is sent that could come back: say --to.");
    }
    if (dryRun && to.isEmpty()) {
      throw new Failure(Exit.WRONG, "--dry-run: without --to nothing is sent anyway.");
    }
    var body = body(patience);
    var relay = common.trying();
    var answer = relay.isPresent() ? relay.get().post("connectors/test", body) : here(body);
    boolean mailed = answer.path("mail").path("sent").asBoolean();
    boolean taken = mailed && taken(answer.path("mail"));
    var back =
        taken && relay.isPresent() && !waits.isZero()
            ? await(relay.get(), answer.path("mail").path("mark").asText(), waits)
            : null;
    if (back != null) {
      answer.set("returned", back);
    }
    if (common.json()) {
      common.print(answer);
    } else {
      var text = new TrialText(common.out(), answer, common.os().time().now());
      text.show();
      if (taken) {
        text.showReturn(back, !waits.isZero() && relay.isPresent(), Units.show(waits));
      }
    }
    boolean missing = !waits.isZero() && back == null;
    return answer.path("good").asBoolean() && !missing ? Exit.OK : Exit.NO;
  }

  private static boolean taken(JsonNode mail) {
    for (var each : mail.path("recipients")) {
      if (each.path("status").asText().equals("sent")) {
        return true;
      }
    }
    return false;
  }

  private ObjectNode body(Duration patience) {
    var body = JsonNodeFactory.instance.objectNode().put("connector", connector);
    put(body, "account", account);
    put(body, "host", host);
    put(body, "domain", domain);
    put(body, "from", from);
    if (!to.isEmpty()) {
      to.forEach(body.putArray("to")::add);
    }
    body.put("dryRun", dryRun);
    body.put("seconds", Math.max(1, patience.toSeconds()));
    return body;
  }

  private static void put(ObjectNode body, String key, @Nullable String value) {
    if (value != null) {
      body.put(key, value);
    }
  }

  private static Duration span(String option, String text) {
    return Units.parse(text)
        .orElseThrow(
            () ->
                new Failure(
                    Exit.WRONG,
                    option + ": \"" + Words.shown(text) + "\" is no duration, as 30s is."));
  }

  private ObjectNode here(ObjectNode body) {
    var os = common.os();
    var configuration = common.configuration();
    var data = configuration.data();
    try {
      if (!TrialRoutes.counts(configuration, body) || !hasRun(data)) {
        return TrialRoutes.here(os, configuration, body, false);
      }
      try (var _ = Offline.claim(os, data).orElseThrow(() -> used(data))) {
        return TrialRoutes.here(os, configuration, body, true);
      }
    } catch (IllegalArgumentException e) {
      throw new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
    }
  }

  /// Whether a relay has run, which counts what is sent.
  private boolean hasRun(Path data) {
    try {
      return common.os().disk().identity(data.resolve(DataDirectory.SPOOL)).isPresent();
    } catch (IOException _) {
      return true; // Whoever claims it is told whose it is.
    }
  }

  private static Failure used(Path data) {
    return new Failure(
        Exit.UNREACHABLE,
        "The directory "
            + data
            + " is in use, but no relay answers: one that is just starting, most likely. Run this"
            + " again, for the mail counts there; or without --to.");
  }

  private @Nullable ObjectNode await(Api api, String mark, Duration atMost)
      throws InterruptedException {
    var time = common.os().time();
    long end = time.nanos() + atMost.toNanos();
    while (true) {
      var found = api.find("connectors/test/" + Api.encoded(mark));
      if (found != null || time.nanos() - end >= 0) {
        return found;
      }
      time.sleep(LOOK_EVERY);
    }
  }
}
