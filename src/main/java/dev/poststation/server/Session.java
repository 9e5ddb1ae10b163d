package dev.poststation.server;

import dev.poststation.config.Limits;
import dev.poststation.config.ListenerSettings;
import dev.poststation.intake.Intake;
import dev.poststation.log.Journal;
import dev.poststation.os.Connection;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.CommandParser;
import dev.poststation.smtp.Line;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.SmtpReader;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of a client, from the greeting to the end: line, [Command], [Answer], reply. What
/// carries mail is in [MailDialogue]. Runs on a virtual thread of its own; `drain` and `close` may
/// come from any.
///
/// Replies are collected and sent when we would wait for the client, which is all that PIPELINING
/// asks of a server (RFC 2920 3.2).
final class Session implements Runnable, Pool.Guest {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Set<String> HTTP_METHODS =
      Set.of("GET", "POST", "PUT", "HEAD", "OPTIONS", "CONNECT");
  private static final Answer NOOP = Answer.done(Replies.NOOP);
  private static final Answer HELP = Answer.done(Replies.HELP);
  private static final Answer VRFY = Answer.done(Replies.VRFY);
  private static final Answer QUIT = Answer.last(Replies.GOODBYE, "", "", Ending.QUIT);
  private static final int LOGGED_MAX = 200;
  private static final Answer BARE_NEWLINE =
      Answer.last(Replies.LINE_BARE_NEWLINE, "UNKNOWN", "syntax", Ending.BROKEN);
  private static final Answer SHUTTING_DOWN =
      Answer.last(Replies.SHUTTING_DOWN, "", "", Ending.SHUTDOWN);
  private static final Answer TURNED_AWAY = Answer.done(PolicyReplies.NOT_GREETED);
  private static final String ALL_TAKEN = "limits.sessions";

  /// A client that is sent away has so long to notice.
  private static final Duration LINGER = Duration.ofSeconds(1);

  private final String name;
  private final boolean check;
  private final Connection connection;
  private final BooleanSupplier draining;
  private final Time time;
  private final Client client;
  private final SmtpReader reader;
  private final ReplyWriter writer;
  private final Patience patience;
  private final DeviceWatch device;
  private final MailDialogue mail;
  private final SessionReport report;
  private final TlsUpgrade tls;
  private final AuthDialogue auth;
  private final ForwardDialogue forward;
  private final UnnamedBalancer balancer;
  private volatile boolean waiting;
  private volatile boolean unwelcome;
  private volatile String offence = "";
  private volatile @Nullable Long quietSince;
  private boolean betweenCommands;
  private boolean turnedAway;
  private String after = "CONNECT";
  private int errors;
  private int errorsSinceMail;
  private int idleCommands;

  /// @param peer whom it is with
  /// @param settings the newest configuration
  /// @param draining whether the listener stops
  Session(
      String name,
      Connection connection,
      Peer peer,
      Supplier<ServerSettings> settings,
      BooleanSupplier draining,
      Intake intake,
      Logins logins,
      Journal journal,
      Time time) {
    this.name = name;
    this.check = peer.check();
    this.connection = connection;
    this.draining = draining;
    this.time = time;
    this.client = new Client(peer, connection.local(), settings, time);
    var limits = client.settings().limits();
    this.reader = new SmtpReader(connection, limits.commandLine());
    this.writer = new ReplyWriter(connection);
    this.patience = new Patience(connection, time, limits);
    this.report = new SessionReport(journal, name, client);
    this.device = new DeviceWatch(client, report, time);
    this.mail = new MailDialogue(name, client, reader, writer, patience, intake, device, time);
    this.tls = new TlsUpgrade(connection, client, reader, patience, report);
    this.auth = new AuthDialogue(connection, client, reader, writer, patience, logins, report);
    this.forward = new ForwardDialogue(client, mail, report);
    this.balancer = new UnnamedBalancer(reader, client, report);
  }

  /// Serves the client. The one place where exceptions are caught: the peer is gone, or too slow,
  /// or we have a fault.
  @Override
  public void run() {
    var ending = Ending.BROKEN;
    try {
      ending = converse();
      writer.flush();
    } catch (SocketTimeoutException _) {
      ending = timedOut();
    } catch (IOException _) {
      ending =
          ending == Ending.BROKEN ? Ending.CLOSED : ending; // It did not wait for our farewell.
    } catch (RuntimeException e) {
      LOG.error("session {}: a fault of ours", name, e);
      farewell(Replies.INTERNAL_ERROR);
    } finally {
      offence = offence(ending);
      try {
        mail.reset();
        client.leave();
        balancer.ended();
        report.disconnected(ending, after, mail, errors, patience.lasted());
      } finally {
        hangUp(ending);
      }
    }
  }

  /// Whom we send away in the middle of what he says shall still hear why.
  private void hangUp(Ending ending) {
    if (mayStillTalk(ending)) {
      connection.closeGently(LINGER);
    } else {
      connection.close();
    }
  }

  private boolean mayStillTalk(Ending ending) {
    return switch (ending) {
      case CLOSED -> false;
      case QUIT, SHUTDOWN -> saidMore();
      case TIMEOUT, ERRORS, LOGINS, EARLY, LIMIT, BROKEN, FAULT -> true;
    };
  }

  private boolean saidMore() {
    try {
      return connection.available() > 0;
    } catch (IOException _) {
      return false;
    }
  }

  private Ending converse() throws IOException {
    report.connected(check);
    reader.beforeRead(this::beforeRead);
    Ending ending = null;
    if (client.tlsMode() == ListenerSettings.Tls.IMPLICIT) {
      ending = tls.start();
    }
    if (ending == null) {
      ending = settle(greeting(), null, null);
    }
    while (ending == null) {
      ending = next();
    }
    return ending;
  }

  /// Greets, unless the client spoke first, as those do that only want to be rid of their mail (RFC
  /// 5321 3.1).
  private Answer greeting() throws IOException {
    var settings = client.settings();
    var delay = settings.listener().greetingDelay();
    try {
      if (!delay.isZero()) {
        time.sleep(delay);
      }
    } catch (InterruptedException _) {
      return SHUTTING_DOWN;
    }
    if (draining.getAsBoolean()) {
      return SHUTTING_DOWN;
    }
    if (client.tls() == null && reader.waiting()) {
      return Answer.last(Replies.EARLY_TALK, "CONNECT", balancer.earlyTalk(), Ending.EARLY);
    }
    if (client.turnedAway()) {
      turnedAway = true;
      String rule = "listeners." + settings.listener().name() + ".refuse-strangers";
      return Answer.refused(PolicyReplies.TURNED_AWAY, "CONNECT", rule);
    }
    device.greeted();
    return Answer.done(Replies.greeting(settings.hostname()));
  }

  private void beforeRead() throws IOException {
    patience.beforeRead();
    device.waits();
    writer.flush();
    if (betweenCommands) {
      if (quietSince == null && !mail.contentBegun()) {
        quietSince = time.nanos();
      }
      // In this order, or `drain` could miss us while we miss it.
      waiting = true;
      if (draining.getAsBoolean() || unwelcome) {
        connection.deadline(Duration.ZERO);
      }
    }
  }

  private @Nullable Ending next() throws IOException {
    patience.command();
    betweenCommands = true;
    reader.tolerateLineFeeds(client.normalises());
    reader.authenticates(auth.possible());
    Line line = reader.readLine();
    betweenCommands = false;
    waiting = false;
    quietSince = null;
    if (draining.getAsBoolean()) {
      return settle(SHUTTING_DOWN, null, null);
    }
    if (unwelcome) {
      return settle(Answer.last(Replies.BUSY, after, ALL_TAKEN, Ending.LIMIT), null, null);
    }
    if (balancer.speaks()) {
      return settle(balancer.answer(), null, null);
    }
    return switch (line) {
      case Line.Text text -> command(text);
      case Line.TooLong _ ->
          settle(noCommand(Replies.LINE_TOO_LONG, "limits.command-line"), null, null);
      case Line.BareNewline _ -> settle(BARE_NEWLINE, null, null);
      case Line.End _ -> Ending.CLOSED;
    };
  }

  private static Answer noCommand(Reply reply, String rule) {
    return Answer.refused(reply, "UNKNOWN", rule);
  }

  private @Nullable Ending command(Line.Text text) throws IOException {
    var transaction = mail.transaction();
    if (transaction == null) {
      client.refresh();
      patience.use(client.settings().limits());
    }
    boolean international = transaction != null && transaction.smtputf8();
    var options = new CommandParser.Options(client.straySpace(), international);
    Command command = CommandParser.parse(text.buffer(), text.offset(), text.length(), options);
    after = verb(command);
    device.said(command, text);
    var sender = transaction == null ? null : transaction.sender();
    if (patience.exhausted()) {
      return settle(tooLong(), command, sender);
    }
    if (turnedAway && !(command instanceof Command.Quit)) {
      return settle(
          TURNED_AWAY, command, sender); // Until QUIT, or too many of them (RFC 5321 3.1).
    }
    if (command instanceof Command.StartTls) {
      return startTls();
    }
    int before = mail.queued();
    Answer answer =
        command instanceof Command.Invalid wrong ? invalid(wrong, text) : answer(command);
    if (mail.normalised()) {
      report.tolerated(client.ruleName(), "bare-newlines");
    }
    if (mail.queued() > before) {
      idleCommands = 0;
      errorsSinceMail = 0;
    } else if (command.carriesNothing() && ++idleCommands > limits().idleCommands()) {
      answer =
          Answer.last(Replies.TOO_MANY_IDLE_COMMANDS, after, "limits.idle-commands", Ending.LIMIT);
    }
    return settle(answer, command, sender);
  }

  private Limits limits() {
    return client.settings().limits();
  }

  private Answer tooLong() {
    return Answer.last(patience.farewell(), after, patience.limit(), Ending.TIMEOUT);
  }

  private Answer answer(Command command) throws IOException {
    return switch (command) {
      case Command.Mail said -> mail(said);
      case Command.Rcpt said -> mail.rcpt(said);
      case Command.Data _ -> mail.data();
      case Command.Bdat said -> mail.bdat(said);
      case Command.Rset _ -> mail.rset();
      case Command.Hello said -> hello(said);
      case Command.Quit _ -> QUIT;
      case Command.Noop _ -> NOOP;
      case Command.Help _ -> HELP;
      case Command.Vrfy _ -> VRFY;
      case Command.Expn _ -> Answer.refused(Replies.EXPN, "EXPN", "not offered");
      case Command.Auth said -> auth.auth(said, mail.transaction() != null);
      case Command.Forwarded said -> forward.forwarded(said);
      case Command.StartTls _ -> throw new IllegalStateException("STARTTLS gives no answer");
      case Command.Unknown said -> unknown(said);
      case Command.Invalid _ -> throw new IllegalStateException("answered before");
    };
  }

  /// A browser that was made to talk to us says a request, and then what the attacker wants in its
  /// body.
  private Answer unknown(Command.Unknown said) {
    if (said.verb().equals("PROXY")) {
      return balancer.answer();
    }
    return HTTP_METHODS.contains(said.verb())
        ? Answer.last(Replies.NOT_SMTP, "UNKNOWN", "an HTTP request", Ending.BROKEN)
        : mail.unknown(said);
  }

  /// The log shows a MAIL or RCPT that makes no sense, for it names nobody else; other lines may
  /// hold secrets.
  private static Answer invalid(Command.Invalid wrong, Line.Text text) {
    boolean envelope = wrong.verb().equals("MAIL") || wrong.verb().equals("RCPT");
    String rule = envelope ? "syntax: " + text.start(LOGGED_MAX) : "syntax";
    boolean over = wrong.outOfStep() || wrong.reply().code() == 421;
    return over
        ? Answer.last(wrong.reply(), wrong.verb(), rule, Ending.BROKEN)
        : Answer.refused(wrong.reply(), wrong.verb(), rule);
  }

  private Answer mail(Command.Mail said) {
    report.begun();
    var answer = mail.mail(said, auth::shutOut);
    if (said.strayUsed() && answer.rule().isEmpty()) {
      report.tolerated(client.ruleName(), "stray-space");
    }
    var forwarded = client.forwarded();
    if (forwarded != null && answer.rule().isEmpty()) {
      report.announced(forwarded);
    }
    return answer;
  }

  private Answer hello(Command.Hello said) {
    mail.reset(); // RFC 5321 4.1.4
    client.refresh();
    client.hello(said);
    return Answer.done(
        said.extended()
            ? Extensions.reply(client, auth.offered(), time.now())
            : Replies.hello(client.settings().hostname()));
  }

  private @Nullable Ending startTls() throws IOException {
    var refusal = tls.refusal();
    if (refusal != null) {
      return settle(refusal, null, null);
    }
    writer.add(Replies.START_TLS);
    writer.flush();
    mail.reset(); // RFC 3207 4.2: all that was said before is forgotten.
    return tls.start();
  }

  /// Sends the reply, counts and reports a refusal, and says how the session ends, or null: it goes
  /// on.
  private @Nullable Ending settle(
      Answer answer, @Nullable Command command, @Nullable Address sender) throws IOException {
    if (!answer.rule().isEmpty()) {
      var from = command instanceof Command.Mail said ? said.from() : sender;
      var to = command instanceof Command.Rcpt said ? said.to() : null;
      balancer.rejected(answer, from, to);
    }
    // Only what is the client's own fault counts: not our full disk, nor a 452 for the many
    // recipients it has.
    if (answer.reply().permanentFailure()) {
      errors++;
      errorsSinceMail++;
      if (errorsSinceMail > limits().errors() && answer.ending() == null) {
        writer.add(Replies.TOO_MANY_ERRORS);
        return Ending.ERRORS;
      }
    }
    writer.add(answer.reply());
    return answer.ending();
  }

  private Ending timedOut() {
    if (draining.getAsBoolean()) {
      farewell(Replies.SHUTTING_DOWN);
      return Ending.SHUTDOWN;
    }
    var transaction = mail.transaction();
    var sender = transaction == null ? null : transaction.sender();
    if (unwelcome && waiting) {
      balancer.rejected(Answer.refused(Replies.BUSY, after, ALL_TAKEN), sender, null);
      farewell(Replies.BUSY);
      return Ending.LIMIT;
    }
    balancer.rejected(tooLong(), sender, null);
    farewell(patience.farewell());
    return Ending.TIMEOUT;
  }

  private void farewell(Reply reply) {
    try {
      writer.add(reply);
      writer.flush();
    } catch (IOException _) {
      // It is gone already.
    }
  }

  private static String verb(Command command) {
    return switch (command) {
      case Command.Hello said -> said.extended() ? "EHLO" : "HELO";
      case Command.Mail _ -> "MAIL";
      case Command.Rcpt _ -> "RCPT";
      case Command.Data _ -> "DATA";
      case Command.Bdat _ -> "BDAT";
      case Command.Rset _ -> "RSET";
      case Command.Noop _ -> "NOOP";
      case Command.Quit _ -> "QUIT";
      case Command.Vrfy _ -> "VRFY";
      case Command.Expn _ -> "EXPN";
      case Command.Help _ -> "HELP";
      case Command.StartTls _ -> "STARTTLS";
      case Command.Auth _ -> "AUTH";
      case Command.Forwarded said -> said.xclient() ? "XCLIENT" : "XFORWARD";
      case Command.Unknown _ -> "UNKNOWN";
      case Command.Invalid wrong -> wrong.verb();
    };
  }

  /// The listener stops: a session that waits for a command is woken, every other notices at its
  /// next one.
  void drain() {
    if (waiting) {
      connection.deadline(Duration.ZERO);
    }
  }

  /// The fault of the client by which it ended: a clause, or empty.
  String offence() {
    return offence;
  }

  Handshake handshake() {
    return tls.last();
  }

  /// Who only looks whether somebody listens has done nothing wrong; how TLS went is told apart.
  private String offence(Ending ending) {
    boolean wordless = ending == Ending.TIMEOUT && after.equals("CONNECT");
    return wordless || tls.failed() ? "" : ending.offence();
  }

  @Override
  public @Nullable Long quietSince() {
    return quietSince;
  }

  @Override
  public boolean loggedIn() {
    return client.identity() != null;
  }

  /// Others need the place more: as with `drain`, but for this session alone.
  @Override
  public void giveWay() {
    unwelcome = true;
    drain();
  }

  /// Ends the session at once.
  void close() {
    connection.close();
  }
}
