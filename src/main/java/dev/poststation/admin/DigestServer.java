package dev.poststation.admin;

import dev.poststation.Poststation;
import dev.poststation.config.DigestSettings;
import dev.poststation.content.ServiceException;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import dev.poststation.quarantine.DigestLink;
import dev.poststation.quarantine.DigestWords;
import dev.poststation.quarantine.Digests;
import dev.poststation.quarantine.Letter;
import dev.poststation.quarantine.Plain;
import dev.poststation.queue.Quarantine;
import dev.poststation.spool.SpoolException;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Serves the page of the links in digests, and nothing else, to people who have no other way in.
/// Safe for any thread.
final class DigestServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DigestServer.class);
  private static final int CONNECTIONS_MAX = 100;
  private static final int BODY_MAX = 10_000;
  private static final int FACT_MAX = 300;

  private final Os os;
  private final Poststation relay;
  private final QuarantineRoutes quarantine;
  private final DigestPace pace;
  private final InetSocketAddress bind;
  private final Javalin javalin;

  private DigestServer(Os os, Poststation relay, InetSocketAddress bind) {
    this.os = os;
    this.relay = relay;
    this.quarantine = new QuarantineRoutes(relay, os.time());
    this.pace = new DigestPace(os.time());
    this.bind = bind;
    this.javalin = Javalin.create(this::configure);
  }

  /// Serves it where the configuration says so; empty: there are no links.
  ///
  /// @throws IOException when it cannot; the message says why in one sentence
  static Optional<DigestServer> start(Os os, Poststation relay) throws IOException {
    var settings = relay.configuration().quarantine().digest();
    if (settings.filter(DigestSettings::hasLinks).isEmpty()) {
      return Optional.empty();
    }
    var server = new DigestServer(os, relay, settings.get().bind());
    AdminServer.listen(os, server.javalin, server.bind, "quarantine.digest.bind");
    return Optional.of(server);
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.http.maxRequestSize = BODY_MAX;
    config.jetty.threadPool = AdminServer.threads("digest");
    config.jetty.modifyServer(
        server -> server.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX, server)));
    var routes = config.routes;
    routes.get("/<path>", this::answer);
    routes.post("/<path>", this::answer);
    routes.exception(
        Exception.class,
        (e, ctx) -> {
          LOG.error("Our own fault at the page of the digests", e);
          show(ctx, DigestPage.saying(500, words(), words().broken()));
        });
    routes.error(404, ctx -> unlessSaid(ctx, 404));
    routes.error(405, ctx -> unlessSaid(ctx, 405));
  }

  private void unlessSaid(Context ctx, int status) {
    if (ctx.res().getHeader("Content-Security-Policy") == null) {
      show(ctx, DigestPage.saying(status, words(), words().invalid()));
    }
  }

  private DigestWords words() {
    return DigestWords.of(
        relay
            .configuration()
            .quarantine()
            .digest()
            .map(DigestSettings::language)
            .orElse(DigestSettings.Language.EN));
  }

  private static void show(Context ctx, DigestPage page) {
    ctx.status(page.status());
    ctx.contentType("text/html; charset=utf-8");
    ctx.header("Content-Security-Policy", DigestPage.POLICY);
    ctx.header("Referrer-Policy", "no-referrer"); // The address of the page is the permission.
    ctx.header("X-Content-Type-Options", "nosniff");
    ctx.header("Cache-Control", "no-store");
    ctx.result(page.html());
  }

  /// What came of a call, as the metrics count it, and what is shown.
  private record Came(String result, DigestPage page) {}

  private void answer(Context ctx) {
    var came = came(ctx);
    relay.digests().called(came.result);
    show(ctx, came.page);
  }

  private Came came(Context ctx) {
    var words = words();
    var from = client(ctx);
    try {
      String path = ctx.path();
      var link =
          DigestLink.read(
              path.substring(path.lastIndexOf('/') + 1), relay.digests().key().secret());
      var settings = relay.configuration().quarantine().digest();
      if (link.isEmpty()
          || settings.isEmpty()
          || !settings.get().actions().contains(link.get().action())) {
        // Only who guesses has to be slowed down: a whole house may stand behind one address.
        return pace.allows(from)
            ? new Came("invalid", DigestPage.saying(404, words, words.invalid()))
            : new Came("limited", DigestPage.saying(429, words, words.later()));
      }
      if (os.time().now().isAfter(link.get().until())) {
        return new Came("expired", DigestPage.saying(410, words, words.expired()));
      }
      return came(ctx, link.get(), settings.get(), words, from);
    } catch (IOException e) { // The spool's, too.
      LOG.error("The page of the digests fails: {}", e.getMessage());
      return new Came("failed", DigestPage.saying(503, words, words.broken()));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return new Came("failed", DigestPage.saying(503, words, words.broken()));
    }
  }

  private Came came(
      Context ctx, DigestLink link, DigestSettings settings, DigestWords words, InetAddress from)
      throws IOException, InterruptedException {
    var kept = relay.queue().quarantine().find(link.mail());
    var way =
        kept.map(it -> Digests.way(settings, it, link.recipient(), link.action()))
            .orElse(Digests.Way.NONE);
    if (way == Digests.Way.NONE) {
      return new Came("over", DigestPage.saying(200, words, words.over()));
    }
    if (way == Digests.Way.UNEXAMINED) {
      return new Came("over", DigestPage.saying(200, words, words.unexamined()));
    }
    if (link.action() != DigestSettings.Action.DELETE && kept.get().overdue(os.time().now())) {
      return new Came("over", DigestPage.saying(200, words, words.late())); // RFC 2852
    }
    if (!HandlerType.POST.equals(ctx.method())) {
      return new Came("asked", DigestPage.asking(words, link.action(), facts(kept.get(), words)));
    }
    String done = act(link, kept.get(), words, "from " + IpText.of(from));
    return done.isEmpty()
        ? new Came("over", DigestPage.saying(200, words, words.over()))
        : new Came("done", DigestPage.saying(200, words, done));
  }

  private List<String> facts(Quarantine.Kept kept, DigestWords words) throws IOException {
    var letter = Letter.brief(relay.spool(), kept.mail());
    String subject = Plain.line(letter.subject(), FACT_MAX);
    List<String> facts = new ArrayList<>();
    facts.add(subject.isEmpty() ? words.noSubject() : "\u201c" + subject + "\u201d");
    facts.add(words.from() + ": " + Plain.line(letter.from(), FACT_MAX));
    facts.add(words.at(kept.mail().envelope().arrived()));
    return facts;
  }

  /// @return what to say; empty: somebody else was there before
  private String act(DigestLink link, Quarantine.Kept kept, DigestWords words, String from)
      throws SpoolException, InterruptedException {
    Set<Integer> numbers = Digests.numbers(kept, link.recipient());
    String by = "<" + link.recipient() + "> by digest";
    var id = link.mail();
    var at = relay.queue().quarantine();
    return switch (link.action()) {
      case RELEASE -> at.release(id, numbers, by, from).isPresent() ? words.released() : "";
      case DELETE -> at.delete(id, numbers, by, from) ? words.deleted() : "";
      case GOOD -> {
        boolean learned = learned(kept, by, from);
        yield at.release(id, numbers, by, from).isEmpty()
            ? ""
            : learned ? words.learned() : words.notLearned();
      }
    };
  }

  private boolean learned(Quarantine.Kept kept, String by, String from) throws SpoolException {
    try {
      String said = quarantine.learned(kept);
      relay.queue().quarantine().note(kept, "report", by, said + "; " + from);
      return true;
    } catch (ServiceException e) {
      LOG.warn("{} is not learned as good, as {} wishes: {}", kept.mail().id(), by, e.reason());
      return false;
    }
  }

  /// Who calls: a proxy of this machine says for whom it does, behind all that it was told itself.
  private static InetAddress client(Context ctx) {
    var peer = InetAddress.ofLiteral(ctx.req().getRemoteAddr());
    var fields = Collections.list(ctx.req().getHeaders("X-Forwarded-For"));
    if (fields.isEmpty() || !peer.isLoopbackAddress()) {
      return peer;
    }
    String said = fields.getLast();
    try {
      return InetAddress.ofLiteral(said.substring(said.lastIndexOf(',') + 1).strip());
    } catch (IllegalArgumentException _) {
      return peer;
    }
  }

  /// Where it really listens.
  InetSocketAddress address() {
    return new InetSocketAddress(bind.getAddress(), javalin.port());
  }

  @Override
  public void close() {
    javalin.stop();
  }
}
