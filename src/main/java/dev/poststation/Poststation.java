package dev.poststation;

import dev.poststation.account.AllAccounts;
import dev.poststation.account.LastUse;
import dev.poststation.account.LoginGuard;
import dev.poststation.bounce.NoticeRate;
import dev.poststation.bounce.Notices;
import dev.poststation.config.Configuration;
import dev.poststation.config.JournalService;
import dev.poststation.config.Machine;
import dev.poststation.content.Kept;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Seals;
import dev.poststation.delivery.Dialer;
import dev.poststation.delivery.SourceAddresses;
import dev.poststation.dkim.SigningDomains;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver;
import dev.poststation.intake.Intake;
import dev.poststation.log.Event;
import dev.poststation.log.MailJournal;
import dev.poststation.log.Metrics;
import dev.poststation.message.Alignment;
import dev.poststation.oauth.AccessTokens;
import dev.poststation.os.Os;
import dev.poststation.policy.ClientMemory;
import dev.poststation.policy.Policy;
import dev.poststation.profile.Profiles;
import dev.poststation.quarantine.Digests;
import dev.poststation.queue.Control;
import dev.poststation.queue.Directions;
import dev.poststation.queue.Informing;
import dev.poststation.queue.LostCopies;
import dev.poststation.queue.Queue;
import dev.poststation.reporting.Outbox;
import dev.poststation.reporting.Reporter;
import dev.poststation.server.Logins;
import dev.poststation.server.Sessions;
import dev.poststation.spool.Spool;
import dev.poststation.spool.SpoolException;
import dev.poststation.store.Ledger;
import dev.poststation.sts.Policies;
import dev.poststation.tls.Certificates;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.OldTls;
import dev.poststation.tls.ShownCertificates;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The whole relay, wired by constructors in the order in which a mail goes through it. Safe for
/// any thread.
public final class Poststation implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Poststation.class);

  private final Os os;
  private final Instant started;
  private final Resolver resolver;
  private final Policies policies;
  private final ClientMemory memory;
  private final Kept kept;
  private final Metrics metrics;
  private final MailJournal journal;
  private final Spool spool;
  private final Queue queue;
  private final Concerns concerns;
  private final LostCopies lostCopies;
  private final Sessions sessions;
  private final AllAccounts accounts;
  private final LastUse lastUse;
  private final LoginGuard guard;
  private final AccessTokens tokens;
  private final SigningDomains signing;
  private final Seals seals;
  private final Returns returns;
  private final ShownCertificates shown;
  private final SourceAddresses sources;
  private final Reporter reporter;
  private final Outbox outbox;
  private final Digests digests;
  private final Listeners listeners;
  private volatile Rules rules;
  private boolean closed;

  /// Why the relay cannot start or reload: one sentence for the administrator.
  public static final class StartException extends Exception {
    StartException(String message, Throwable cause) {
      super(message, cause);
    }

    StartException(Exception cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  /// Where mail goes by this configuration: what the relay does, and what `explain` says that it
  /// would do.
  public static Directions directions(Configuration configuration, Os os) {
    return Ways.beside(configuration, new DnsResolver(configuration.dns(), os), os);
  }

  private Poststation(Configuration configuration, Os os, Ground ground) throws StartException {
    this.os = os;
    this.started = os.time().now();
    OldTls.permit(configuration.clients());
    var certificates = Preparations.certificates(configuration, os);
    this.resolver = ground.resolver(configuration, os);
    this.accounts =
        new AllAccounts(os, configuration.data(), () -> configuration().users(), resolver);
    this.metrics = new Metrics(os);
    this.journal = Preparations.journal(configuration, os, metrics);
    this.spool = spool(configuration, ground); // From here on, `data` is nobody else's.
    var site = ground.policySite(() -> configuration().sts(), os);
    this.policies = Policies.keeping(resolver, site, os, configuration.data());
    this.memory =
        new ClientMemory(
            resolver,
            os,
            accounts::ownIfKnown,
            configuration.data(),
            this::configuration,
            this::tell,
            ground.peerSite(resolver, os));
    this.kept = Kept.in(os, configuration.data(), spool::isScarce);
    this.rules = rules(configuration, certificates);
    this.concerns = new Concerns(os.time(), Machine.look(os.disk()));
    this.sessions =
        new Sessions(os.time(), from -> concerns.warn(policy(), configuration().listeners(), from));
    this.lastUse = new LastUse(os, configuration.data(), accounts.known());
    this.guard =
        new LoginGuard(os, () -> configuration().users(), lastUse, journal, accounts::answer);

    this.tokens = new AccessTokens(os, configuration.data(), ground::tokenSite, this::tell);
    this.signing =
        new SigningDomains(os, configuration.data(), () -> configuration().dkim(), resolver);
    this.seals = Seals.of(os, configuration.data(), resolver, this::configuration);
    var onward = new AccountTokens(tokens);
    var tls = ClientTls.system(os.disk());
    this.shown = new ShownCertificates(tls, os);
    this.sources = new SourceAddresses(os, configuration.data(), this::tell);
    var dialer =
        new Dialer(
            os,
            resolver,
            tls,
            configuration.hostname(),
            () -> configuration().limits(),
            onward,
            sources);
    this.reporter =
        new Reporter(
            os,
            configuration.data(),
            () -> configuration().tlsReports(),
            () -> configuration().hostname(),
            resolver,
            ground.reportSite(() -> configuration().tlsReports(), resolver, os),
            this::tell);
    var notices =
        new Notices(configuration, os.chance(), from -> policy().putBack(from), this::signed);
    var rate =
        new NoticeRate(
            configuration.bounces().perHour(), Preparations.pace(spool, this::closeStores));
    this.lostCopies = new LostCopies(os.time());
    this.queue =
        new Queue(
            new Queue.Wiring(
                os,
                spool,
                journal,
                new Dialing(dialer),
                new Informing(
                    notices,
                    rate,
                    journal,
                    spool::nextId,
                    JournalService.alternates(() -> configuration().content()),
                    lostCopies),
                rules.directions(),
                memory.witness(),
                reporter,
                configuration.data()),
            configuration.queue(),
            configuration.limits());

    this.returns = new Returns(new ToQueue(queue), os.time());
    var taking = BounceWatch.before(returns, os.tasks(), spool, memory);
    var intake = new Intake(spool, journal, taking, os.time(), () -> rules.services());
    this.outbox = new Outbox(intake, this::configuration, os.time());
    this.digests =
        new Digests(
            os, configuration.data(), this::configuration, queue, spool, journal, this::signed);
    var logins = new Logins(() -> accounts, guard, os);
    this.listeners =
        new Listeners(
            () -> rules, configuration.listeners(), sessions, intake, logins, journal, os);
    Measures.begin(this, seals, metrics);
  }

  private Rules rules(Configuration file, Certificates keys) {
    return Rules.of(
        file, keys, resolver, policies, memory, this::signing, () -> seals, kept, this::tell, os);
  }

  private byte[] signed(byte[] ours) {
    return rules.signs() ? signing.signed(ours) : ours;
  }

  private void tell(Event event) {
    journal.report(event);
  }

  private Spool spool(Configuration configuration, Ground ground) throws StartException {
    try {
      return ground.spool(configuration, os);
    } catch (SpoolException e) {
      journal.close();
      throw new StartException(e);
    }
  }

  private void closeStores() {
    reporter.close();
    tokens.close();
    signing.close();
    sources.close();
    policies.close();
    lastUse.close();
    accounts.close();
    memory.close();
    kept.close();
    spool.close();
    journal.close();
  }

  /// Starts the relay: it listens when this returns.
  ///
  /// @throws StartException when it cannot; then nothing of it is left running
  public static Poststation start(Os os, Configuration configuration) throws StartException {
    return start(os, configuration, new RealGround());
  }

  /// The same on another ground.
  ///
  /// @throws StartException when it cannot; then nothing of it is left running
  public static Poststation start(Os os, Configuration configuration, Ground ground)
      throws StartException {
    var relay = new Poststation(configuration, os, ground);
    try {
      relay.accounts.mechanisms(); // Reads the users, so that no client waits for it.
      os.tasks().platform("suffixes", Alignment::prepare);
      relay.kept.use(configuration);
      relay.listeners.start();
      relay.tokens.start(configuration, relay.queue::resume);
      relay.signing.start();
      relay.sources.use(configuration, relay.resolver);
      relay.queue.start();
      relay.reporter.start(relay.outbox);
      relay.digests.start();
      LOG.info("Mails that wait in the spool: {}", relay.spool.usage().mails());
      return relay;
    } catch (IOException e) {
      relay.close();
      throw new StartException(e);
    }
  }

  /// Takes a new configuration for all that comes from now on; mail that waits is routed anew.
  /// Listeners, `data`, `spool`, `dns`, `queue`, `bounces` and the bound of memory are taken at the
  /// next start.
  ///
  /// @throws StartException when it cannot be used; then the old one stays
  public void reload(Configuration file) throws StartException {
    var changed = file.asStarted(rules.configuration());
    var fresh = rules(changed, Preparations.certificates(changed, os));
    try {
      journal.reload(changed.log(), changed.trace());
    } catch (IOException e) {
      throw Preparations.unwritable(changed.log(), e);
    }
    tokens.use(changed); // Before anything goes by its accounts.
    rules = fresh.after(rules);
    kept.use(changed);
    signing.start();
    sources.use(changed, resolver);
    queue.redirect(fresh.directions());
    digests.start();
    LOG.info("The configuration was reloaded");
  }

  /// The configuration in force; what is only taken at a start is as it was then.
  public Configuration configuration() {
    return rules.configuration();
  }

  /// Where it really listens, in the order of `configuration().listeners()`.
  public List<InetSocketAddress> listening() {
    return listeners.addresses();
  }

  /// The queue.
  public Queue queue() {
    return queue;
  }

  /// The queue in the hands of an administrator.
  public Control control() {
    return new Control(queue);
  }

  /// The spool.
  public Spool spool() {
    return spool;
  }

  /// Why it does not do what it is for, in a sentence for the administrator; empty while it does.
  public Optional<String> problem() {
    return Concerns.problem(spool);
  }

  /// The certificates that clients are shown.
  public Certificates certificates() {
    return rules.certificates();
  }

  /// The test mails that came back.
  public Returns returns() {
    return returns;
  }

  /// What domains are told of TLS.
  public Reporter reporter() {
    return reporter;
  }

  /// What recipients are told of the quarantine.
  public Digests digests() {
    return digests;
  }

  /// The certificates that next hops are shown.
  public ShownCertificates shownCertificates() {
    return shown;
  }

  /// What an administrator should know, though the relay does what it is for: one sentence each.
  public List<String> concerns() {
    var all =
        concerns.all(
            rules.certificates(),
            policy(),
            configuration().listeners(),
            sessions.onlySource(),
            profiles(),
            memory.outbreaks());
    all.addAll(accounts.concerns());
    all.addAll(memory.directories().concerns());
    all.addAll(memory.peers().concerns());
    all.addAll(Ledger.concerns(os.disk(), configuration().data()));
    all.addAll(tokens.concerns());
    all.addAll(signing.concerns());
    all.addAll(seals.concerns(configuration()));
    all.addAll(resolver.concerns());
    all.addAll(shown.concerns(configuration().connectors().values()));
    all.addAll(sources.concerns(configuration()));
    all.addAll(lostCopies.concerns());
    all.addAll(rules.services().down());
    return all;
  }

  /// The addresses of ours that connectors send from.
  public SourceAddresses sources() {
    return sources;
  }

  /// What is known of clients.
  public ClientMemory clients() {
    return memory;
  }

  /// Who may relay.
  public Policy policy() {
    return rules.policy();
  }

  /// What devices have always done.
  public Profiles profiles() {
    return memory.profiles();
  }

  /// Who can log in.
  public AllAccounts accounts() {
    return accounts;
  }

  /// The tokens that accounts log in with at next hops.
  public AccessTokens tokens() {
    return tokens;
  }

  /// What looks at the content of mail now.
  public Pipeline services() {
    return rules.services();
  }

  /// The domains whose mail is signed.
  public SigningDomains signing() {
    return signing;
  }

  /// What domains publish about TLS to their mail exchangers.
  public Policies policies() {
    return policies;
  }

  /// Who stands before those who guess.
  public LoginGuard guard() {
    return guard;
  }

  /// Where mail goes.
  public Directions directions() {
    return rules.directions();
  }

  /// The metrics.
  public Metrics metrics() {
    return metrics;
  }

  /// When it started.
  public Instant started() {
    return started;
  }

  /// Sessions with clients now.
  public int sessions() {
    return sessions.count();
  }

  /// What its last connection did, for which a stranger is not let in from there; empty: nothing.
  public String offence(InetAddress address) {
    return sessions.offence(address, configuration().limits());
  }

  /// Opens the mail log anew, after it was moved away.
  public void reopenLog() {
    journal.reopen();
  }

  /// Stops gracefully: nothing new is accepted, mails on their way in or out come to their end
  /// within the grace of `limits.shutdown-grace`, then everything is closed, the spool last.
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    long end = os.time().nanos() + configuration().limits().shutdownGrace().toNanos();
    reporter.drain();
    digests.drain();
    listeners.drain();
    queue.drain();
    try {
      listeners.awaitSessions(() -> left(end));
      queue.awaitDrained(left(end));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    listeners.close();
    digests.close();
    closeStores();
  }

  private Duration left(long end) {
    return Duration.ofNanos(Math.max(0, end - os.time().nanos()));
  }
}
