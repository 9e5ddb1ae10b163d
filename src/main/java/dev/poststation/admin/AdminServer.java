package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.Loaded;
import dev.poststation.config.Units;
import dev.poststation.log.Trace;
import dev.poststation.message.QueueId;
import dev.poststation.os.Os;
import dev.poststation.queue.Control;
import dev.poststation.spool.SpoolException;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.util.JavalinException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The HTTP API of a relay (docs/reference/api.md). Safe for any thread.
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int BODY_MAX = 1_000_000;

  /// Of `explain`, with a mail in base64.
  private static final int MAIL_MAX = 200_000_000;

  private static final String NO_PAGE =
      """
      This is Poststation, a mail relay. There is no web page for administrators here: ask it by
      "poststation status" and the other commands (poststation --help).
      For programs: /health, /metrics, and /api/v1 with the token of data/admin.token; see
      docs/reference/api.md.
      """;

  private static final int LIMIT = 100;
  private static final int LIMIT_MAX = 10_000;

  /// Connections at the same time; further ones wait in the kernel.
  private static final int CONNECTIONS_MAX = 100;

  private final Os os;
  private final Poststation relay;
  private final AdminToken token;
  private final Reload reload;
  private final QueueReport queue;
  private final StatusReport status;
  private final UpkeepRoutes upkeep;
  private final ProfileRoutes profiles;
  private final BlockRoutes blocks;
  private final UserRoutes users;
  private final ClientRoutes clients;
  private final TokenRoutes tokens;
  private final SuppressionRoutes suppression;
  private final TrialRoutes trials;
  private final TlsReportRoutes tlsReports;
  private final QuarantineRoutes quarantine;
  private final InetSocketAddress bind;
  private @Nullable DigestServer digests;
  private final Javalin javalin;

  private AdminServer(Os os, Poststation relay, AdminToken token, Supplier<Loaded> file) {
    this.os = os;
    this.relay = relay;
    this.token = token;
    this.reload = new Reload(relay, file);
    this.trials = new TrialRoutes(os, relay, file);
    this.queue = new QueueReport(relay.control());
    this.status = new StatusReport(relay, os.time());
    this.upkeep = new UpkeepRoutes(os, relay);
    this.profiles = new ProfileRoutes(relay.profiles());
    this.blocks = new BlockRoutes(relay);
    this.users = new UserRoutes(relay);
    this.clients = new ClientRoutes(relay, os.time());
    this.tokens = new TokenRoutes(relay);
    this.suppression = new SuppressionRoutes(relay, os.time());
    this.tlsReports = new TlsReportRoutes(relay, os.time());
    this.quarantine = new QuarantineRoutes(relay, os.time());
    this.bind = relay.configuration().admin().bind();
    this.javalin = Javalin.create(this::configure);
  }

  /// Serves the API of a relay, where its configuration says.
  ///
  /// @param file reads the configuration anew, for reload
  /// @throws IOException when it cannot; the message says why in one sentence
  public static AdminServer start(Os os, Poststation relay, Supplier<Loaded> file)
      throws IOException {
    var token = AdminToken.open(os, relay.configuration().data());
    var server = new AdminServer(os, relay, token, file);
    try {
      listen(os, server.javalin, server.bind, "admin.bind");
      server.digests = DigestServer.start(os, relay).orElse(null);
      AdminAddress.note(os, relay.configuration().data(), server.address());
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /// @param key which setting says where
  static void listen(Os os, Javalin javalin, InetSocketAddress bind, String key)
      throws IOException {
    try {
      // Javalin has a lot to say about a port that is taken: so this is found out without it.
      os.network().listen(bind, 1).close();
      javalin.start(bind.getAddress().getHostAddress(), bind.getPort());
    } catch (IOException | JavalinException e) {
      throw new IOException(
          key
              + ": cannot listen on "
              + bind.getAddress().getHostAddress()
              + ":"
              + bind.getPort()
              + ": the port is in use or not ours; name another one, or stop what uses it",
          e);
    }
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.http.maxRequestSize = BODY_MAX;
    config.http.defaultContentType = "application/json";
    config.jetty.threadPool = threads("admin");
    config.jetty.modifyServer(
        server -> server.addBean(new NetworkConnectionLimit(CONNECTIONS_MAX, server)));
    var routes = config.routes;
    routes.before("/api/*", this::authorise);
    routes.before("/api/*", AdminServer::queryIsKnown);
    routes.get("/", ctx -> ctx.contentType("text/plain").result(NO_PAGE));
    routes.get("/health", this::health);
    routes.get(
        "/metrics",
        ctx ->
            ctx.contentType("text/plain; version=0.0.4; charset=utf-8")
                .result(relay.metrics().scrape()));
    routes.get("/api/v1/status", ctx -> answer(ctx, status.now()));
    routes.get("/api/v1/queue", this::list);
    routes.get("/api/v1/queue/{id}", ctx -> answer(ctx, queue.show(id(ctx))));
    routes.post("/api/v1/queue/{action}", this::act);
    routes.get("/api/v1/trace/{id}", this::trace);
    routes.post("/api/v1/explain", this::explain);
    routes.get("/api/v1/configuration", this::configuration);
    routes.post("/api/v1/reload", this::reload);
    routes.get("/api/v1/users/blocks", ctx -> answer(ctx, blocks.list()));
    routes.post("/api/v1/users/save", ctx -> answer(ctx, users.save()));
    routes.post("/api/v1/users/unblock", ctx -> answer(ctx, blocks.lift(ctx.body())));
    routes.get("/api/v1/clients", ctx -> answer(ctx, clients.list()));
    routes.get("/api/v1/outbreaks", ctx -> answer(ctx, clients.outbreaks()));
    routes.post("/api/v1/outbreaks/lift", ctx -> answer(ctx, clients.lift(ctx.body())));
    routes.get("/api/v1/connectors", ctx -> answer(ctx, ConnectorReport.of(relay)));
    routes.get("/api/v1/suppression", ctx -> answer(ctx, suppression.list(ctx)));
    routes.post("/api/v1/suppression/add", ctx -> answer(ctx, suppression.add(ctx.body())));
    routes.post("/api/v1/suppression/remove", ctx -> answer(ctx, suppression.remove(ctx.body())));
    routes.post(
        "/api/v1/sources/restore", ctx -> answer(ctx, SourceRoutes.restore(relay, ctx.body())));
    routes.post("/api/v1/connectors/test", ctx -> answer(ctx, trials.run(ctx.body())));
    routes.post("/api/v1/connectors/reach", ctx -> answer(ctx, trials.reach(ctx.body())));
    routes.get(
        "/api/v1/connectors/test/{mark}",
        ctx -> answer(ctx, trials.returned(ctx.pathParam("mark"))));
    routes.get("/api/v1/oauth", ctx -> answer(ctx, tokens.list()));
    routes.post("/api/v1/oauth/refresh", ctx -> answer(ctx, tokens.refresh(ctx.body())));
    routes.post("/api/v1/oauth/try", ctx -> answer(ctx, tokens.attempt(ctx.body())));
    routes.post("/api/v1/oauth/login", ctx -> answer(ctx, tokens.login(ctx.body())));
    routes.get("/api/v1/mta-sts", ctx -> answer(ctx, PolicyReport.of(relay.policies().all())));
    routes.get("/api/v1/tls-reports", ctx -> answer(ctx, tlsReports.list()));
    routes.get(
        "/api/v1/tls-reports/{domain}",
        ctx -> answer(ctx, tlsReports.preview(ctx.pathParam("domain"))));
    routes.get("/api/v1/quarantine", ctx -> answer(ctx, quarantine.list(ctx)));
    routes.get("/api/v1/quarantine/{id}", ctx -> answer(ctx, quarantine.show(id(ctx))));
    routes.post(
        "/api/v1/quarantine/{action}",
        ctx -> answer(ctx, quarantine.act(ctx.pathParam("action"), ctx.body())));
    routes.get("/api/v1/backup", upkeep::backup);
    routes.post("/api/v1/spool/check", ctx -> answer(ctx, upkeep.beginCheck()));
    routes.get("/api/v1/spool/check", ctx -> answer(ctx, upkeep.state()));
    routes.get("/api/v1/profiles", ctx -> answer(ctx, profiles.list(ctx)));
    routes.post("/api/v1/profiles/{action}", ctx -> answer(ctx, profiles.act(ctx)));
    routes.exception(Refusal.class, (e, ctx) -> refuse(ctx, e.status(), e.message()));
    routes.exception(
        HttpResponseException.class, (e, ctx) -> refuse(ctx, e.getStatus(), e.getMessage() + "."));
    routes.exception(
        SpoolException.class,
        (e, ctx) -> {
          LOG.error("The spool fails the admin API", e);
          refuse(ctx, 503, "The spool fails: " + e.getMessage());
        });
    routes.exception(
        Exception.class,
        (e, ctx) -> {
          LOG.error("Our own fault in the admin API: {}", ctx.path(), e);
          refuse(ctx, 500, "Internal error; the server log has it.");
        });
    routes.error(404, ctx -> refuseUnlessSaid(ctx, "There is nothing at " + ctx.path() + "."));
  }

  /// What a load balancer asks: whether clients had better go elsewhere. What else an administrator
  /// should know stands in further lines.
  private void health(Context ctx) {
    var problem = relay.problem();
    ctx.status(problem.isPresent() ? 503 : 200);
    var text = new StringBuilder(problem.orElse("ok")).append('\n');
    relay.concerns().forEach(concern -> text.append(concern).append('\n'));
    ctx.contentType("text/plain").result(text.toString());
  }

  /// Few threads of the platform: requests run on virtual ones.
  static QueuedThreadPool threads(String name) {
    var threads = new QueuedThreadPool(10, 4);
    threads.setName(name);
    threads.setDaemon(true);
    threads.setVirtualThreadsExecutor(VirtualThreads.getDefaultVirtualThreadsExecutor());
    return threads;
  }

  private void authorise(Context ctx) {
    if (!token.authorises(ctx.header("Authorization"))) {
      ctx.header("WWW-Authenticate", "Bearer");
      throw new Refusal(
          401, "Not authorised: send the token of the file admin.token as a bearer token.");
    }
  }

  private static void queryIsKnown(Context ctx) {
    var known =
        switch (HandlerType.GET.equals(ctx.method()) ? ctx.path() : "") {
          case "/api/v1/queue" -> Filter.QUERY;
          case "/api/v1/profiles" -> ProfileRoutes.QUERY;
          case "/api/v1/quarantine" -> QuarantineRoutes.QUERY;
          case "/api/v1/suppression" -> SuppressionRoutes.QUERY;
          default -> Set.<String>of();
        };
    Known.parameters(ctx.queryParamMap(), known);
  }

  private void list(Context ctx) throws SpoolException {
    var selection = Filter.query(name -> Optional.ofNullable(ctx.queryParam(name)));
    int limit = limit(ctx.queryParam("limit"));
    var group = ctx.queryParam("group");
    if (group != null && !group.equals("destination")) {
      throw Refusal.badRequest("group: only \"destination\" is known.");
    }
    answer(ctx, group == null ? queue.list(selection, limit) : queue.groups(selection, limit));
  }

  private static int limit(@Nullable String text) {
    if (text == null) {
      return LIMIT;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= LIMIT_MAX) {
        return limit;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw Refusal.badRequest("limit: write a number from 1 to " + LIMIT_MAX + ".");
  }

  private void act(Context ctx) throws SpoolException, InterruptedException {
    var action = action(ctx.pathParam("action"));
    var body = Json.body(ctx.body());
    Known.keys(body, Filter.BODY);
    var selection = Filter.body(body);
    if (selection.all() && !Json.flag(body, "all")) {
      throw Refusal.badRequest("This means the whole queue: say so with \"all\": true.");
    }
    var how =
        new QueueReport.How(
            Json.flag(body, "dryRun"),
            Json.flag(body, "unencrypted"),
            Json.text(body, "text").orElse(""));
    answer(ctx, queue.act(action, selection, how));
  }

  private static Control.Action action(String name) {
    for (var action : Control.Action.values()) {
      if (action.name().toLowerCase(Locale.ROOT).equals(name)) {
        return action;
      }
    }
    throw Refusal.notFound("\"" + name + "\" is none of hold, release, retry, bounce, delete.");
  }

  private void trace(Context ctx) throws SpoolException {
    var id = id(ctx);
    List<byte[]> entries = relay.spool().trace(id);
    if (entries.isEmpty()) {
      throw Refusal.notFound(
          "Nothing is known of " + id + ": it never was, or its trace was kept long enough.");
    }
    var answer = Json.object();
    answer.put("id", id.toString());
    var shown = Trace.shown(entries);
    answer.put("text", Trace.text(shown));
    answer.set("entries", Json.parse(Trace.json(shown)));
    answer.put("omitted", entries.size() - shown.size());
    answer(ctx, answer);
  }

  /// A body that may have a mail in it.
  private static String whole(Context ctx) {
    try {
      byte[] octets = ctx.bodyInputStream().readNBytes(MAIL_MAX + 1);
      if (octets.length > MAIL_MAX) {
        throw new Refusal(413, "The mail is larger than " + Units.show(MAIL_MAX) + ".");
      }
      return new String(octets, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw Refusal.badRequest("The body cannot be read: " + e.getMessage() + ".");
    }
  }

  private void explain(Context ctx) {
    var body = Json.body(whole(ctx));
    Known.keys(body, Question.WORDS);
    try {
      Map<String, String> words = new HashMap<>();
      if (body.path("tls").isBoolean()) {
        body.put("tls", body.path("tls").asText());
      }
      for (String word : Question.WORDS) {
        Json.text(body, word).ifPresent(text -> words.put(word, text));
      }
      var asked = Question.parse(words);
      var question = asked.as(relay.accounts().nameOf(asked.user()));
      var explanation =
          new Explanation(
              relay.configuration(),
              relay.policy(),
              relay.directions(),
              new RelayBans(relay),
              relay.services(),
              os.time());
      var found = WayNow.told(SourceRoutes.told(explanation.explain(question), relay), relay);
      answer(ctx, Explanation.withUser(found, question, relay.accounts()));
    } catch (IllegalArgumentException e) {
      throw Refusal.badRequest(String.valueOf(e.getMessage()));
    }
  }

  private void configuration(Context ctx) {
    var pending =
        reload
            .pending()
            .orElseThrow(
                () ->
                    new Refusal(409, "The configuration file has errors: run poststation check."));
    var answer = Json.object();
    answer.put("file", pending.file().toAbsolutePath().normalize().toString());
    answer.set("reload", Json.texts(pending.reload()));
    answer.set("nextStart", Json.texts(pending.nextStart()));
    answer(ctx, answer);
  }

  private void reload(Context ctx) {
    if (!ctx.body().isBlank()) {
      Known.keys(Json.body(ctx.body()), Set.of());
    }
    var result = reload.apply();
    var answer = Json.object();
    answer.put("reloaded", result.done());
    answer.set("problems", Json.texts(result.problems()));
    answer.set("nextStart", Json.texts(result.nextStart()));
    if (!result.done()) {
      answer.put("error", "The configuration was not reloaded; the old one stays in force.");
      ctx.status(409);
    }
    answer(ctx, answer);
  }

  private static QueueId id(Context ctx) {
    return Filter.id(ctx.pathParam("id"));
  }

  private static void answer(Context ctx, ObjectNode answer) {
    ctx.contentType("application/json").result(answer.toString());
  }

  private static void refuse(Context ctx, int status, String sentence) {
    ctx.status(status);
    answer(ctx, Json.object().put("error", sentence));
  }

  private static void refuseUnlessSaid(Context ctx, String sentence) {
    var said = ctx.result();
    if (said == null || !said.startsWith("{")) {
      refuse(ctx, 404, sentence);
    }
  }

  /// Where it really listens.
  public InetSocketAddress address() {
    return new InetSocketAddress(bind.getAddress(), javalin.port());
  }

  /// Where the page of the links in digests is; empty: there is none.
  public Optional<InetSocketAddress> digestPage() {
    return Optional.ofNullable(digests).map(DigestServer::address);
  }

  @Override
  public void close() {
    var page = digests;
    if (page != null) {
      page.close();
    }
    javalin.stop();
  }
}
