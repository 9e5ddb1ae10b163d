package dev.poststation.cli;

import dev.poststation.Poststation;
import dev.poststation.Poststation.StartException;
import dev.poststation.admin.AdminServer;
import dev.poststation.admin.Reload;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.spool.SpoolException;
import dev.poststation.tls.OldTls;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// `run`.
@Command(
    name = "run",
    description = {
      "Run the relay until SIGTERM or SIGINT, which let mails on their way come to their end.",
      "SIGHUP reloads the configuration and opens the mail log anew.",
      "The server log goes to standard error, the mail log where log.file says."
    })
final class RunCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(RunCommand.class);

  @Mixin private final Common common;

  RunCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() throws InterruptedException {
    common.refuseJson("the mail log is in JSON with log { format = json }.");
    var loaded = common.loadedByService();
    OldTls.permit(loaded.configuration().clients()); // Before TLS is first made ready.
    loaded.problems().forEach(problem -> LOG.warn("{}", problem.logged()));
    // What is an error ends the start with its own words.
    Surroundings.warnings(common.os(), loaded).forEach(problem -> LOG.warn("{}", problem.logged()));
    CertificateFlaws.withoutOwn(common.os(), loaded).forEach(flaw -> LOG.warn("{}", flaw));
    var relay = start(common.os(), loaded);
    var admin = serve(relay, loaded);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(relay, admin), "stop"));
    Signals.on("HUP", () -> reload(relay, loaded.file()));
    announce(relay, admin);
    new CountDownLatch(1).await(); // Until a signal ends the process.
    return Exit.OK;
  }

  private static Poststation start(Os os, Loaded.Good loaded) {
    try {
      return Poststation.start(os, loaded.configuration());
    } catch (StartException e) {
      throw e.getCause() instanceof SpoolException
          ? failure(loaded, "data", e)
          : new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
    }
  }

  private AdminServer serve(Poststation relay, Loaded.Good loaded) {
    try {
      return AdminServer.start(common.os(), relay, () -> load(loaded.file()));
    } catch (IOException e) {
      relay.close();
      throw String.valueOf(e.getMessage()).startsWith("admin.bind")
          ? failure(loaded, "admin.bind", e)
          : new Failure(Exit.WRONG, String.valueOf(e.getMessage()));
    }
  }

  /// With the place in the file, as `check` says it.
  private static Failure failure(Loaded.Good loaded, String key, Exception e) {
    return new Failure(Exit.WRONG, loaded.effective().origin(key) + ": " + e.getMessage());
  }

  private static void announce(Poststation relay, AdminServer admin) {
    var listeners = relay.configuration().listeners();
    for (int i = 0; i < listeners.size(); i++) {
      var address = relay.listening().get(i);
      LOG.info(
          "Listening on {}:{} ({})",
          IpText.of(address.getAddress()),
          address.getPort(),
          listeners.get(i).name());
    }
    LOG.info("The admin API is at http:/{}", admin.address());
    LOG.info(
        "Poststation {} runs as {}", VersionCommand.version(), relay.configuration().hostname());
  }

  private Loaded load(Path file) {
    return new Loader(common.os(), System.getenv()).load(file);
  }

  private void reload(Poststation relay, Path file) {
    relay.reopenLog();
    new Reload(relay, () -> load(file)).apply();
  }

  private static void stop(Poststation relay, AdminServer admin) {
    LOG.info("Stopping: mails on their way come to their end");
    admin.close();
    relay.close();
    LOG.info("Stopped");
  }
}
