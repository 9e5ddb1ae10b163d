package dev.poststation.server;

import dev.poststation.config.Zones;
import dev.poststation.content.Visit;
import dev.poststation.intake.Arrival;
import dev.poststation.intake.HeaderFirewall;
import dev.poststation.intake.Submission;
import dev.poststation.log.Event;
import dev.poststation.message.Envelope;
import dev.poststation.message.Hold;
import dev.poststation.message.Priority;
import dev.poststation.message.Recipient;
import dev.poststation.policy.Objection;
import dev.poststation.policy.Permit;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.Xtext;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The facts of one mail from MAIL on; its absence is what "send MAIL first" means. Confined to the
/// session's thread.
final class Transaction {
  /// Below, comparing with each is faster than hashing.
  private static final int FEW = 16;

  /// More recipients that became others are not in the trace of a mail, but their ORCPT is.
  private static final int REASONS_MAX = 50;

  private Command.Mail mail;

  /// The mail without what was rewritten; null: nobody asks.
  private @Nullable AsSaid said;

  private Address counted;
  private final Instant arrived;
  private final long startedNanos;
  private final List<Recipient> recipients = new ArrayList<>(4);
  private @Nullable Set<AsSaid.Named> known;

  /// The recipients whose ORCPT we have added.
  private final BitSet ours = new BitSet(0);

  private boolean refusedAny;
  private boolean tooManyTold;
  private final @Nullable Hold hold;
  private @Nullable Chunks chunks;
  private @Nullable Visit visit;
  private @Nullable String replaced;

  /// The sender that the client said, where the mail has another one by now; else null.
  private @Nullable Address first;

  private final List<String> rewritten = new ArrayList<>(0);
  private final Envelope.@Nullable Release release;
  private final Envelope.@Nullable Deadline deadline;

  /// @param hold why it is to wait for an administrator, or null
  Transaction(Command.Mail mail, Instant arrived, long startedNanos, @Nullable Hold hold) {
    this.hold = hold;
    this.mail = mail;
    this.counted = mail.from();
    this.arrived = arrived;
    this.startedNanos = startedNanos;
    var wanted = mail.release();
    var at = wanted == null ? arrived : wanted.at(arrived);
    // What is over is no wish any more: clocks differ.
    this.release =
        wanted != null && at.isAfter(arrived) ? new Envelope.Release(at, wanted.request()) : null;
    var by = mail.deliverBy();
    this.deadline =
        by == null ? null : new Envelope.Deadline(by.at(arrived), by.returns(), by.trace());
  }

  /// The client is a server of Exchange: what it said may have to stay.
  void remember() {
    said = new AsSaid(mail);
  }

  Address sender() {
    return mail.from();
  }

  /// The sender before it was rewritten: whose rates it is counted in, for many may become one.
  Address counted() {
    return counted;
  }

  /// It has another sender than the client said.
  void replaced(Objection.Replacement replacement) {
    first = mail.from();
    mail = mail.from(replacement.by());
    counted = replacement.by();
    replaced = replacement.reason();
  }

  /// The sender is another from now on.
  void rewritten(Rewriter.Change change) {
    first = first == null ? mail.from() : first;
    mail = mail.from(change.to());
    rewritten.add(change.reason());
  }

  boolean smtputf8() {
    return mail.smtputf8();
  }

  boolean binary() {
    return mail.body() == BodyType.BINARY_MIME;
  }

  /// Adds a recipient. One that is there already with the very same parameters is kept once: nobody
  /// wants the same mail twice, and the client gets its 250 for it.
  void add(Address to, Set<DsnNotify> notifyOn, @Nullable String orcpt) {
    if (said != null) {
      said.add(to, notifyOn, orcpt);
    }
    if (!isKnown(to, notifyOn, orcpt)) {
      recipients.add(new Recipient(recipients.size(), to, notifyOn, orcpt));
    }
  }

  /// Adds a recipient that becomes another one. Notices go on to name the one that the client named
  /// (RFC 3461 4.2).
  void add(Address to, Rewriter.Change change, Set<DsnNotify> notifyOn, @Nullable String orcpt) {
    if (said != null) {
      said.add(to, notifyOn, orcpt);
      said = change.forwarded() ? null : said; // It is for somebody else.
    }
    if (rewritten.size() < REASONS_MAX) {
      rewritten.add(change.reason());
    }
    if (!isKnown(change.to(), notifyOn, orcpt)) {
      var original = orcpt;
      if (original == null) {
        original = original(to.toString(), to.isInternational());
        ours.set(recipients.size());
      }
      recipients.add(new Recipient(recipients.size(), change.to(), notifyOn, original));
    }
  }

  private static String original(String address, boolean international) {
    return international
        ? "utf-8;" + Xtext.encodeUtf8Address(address)
        : "rfc822;" + Xtext.encode(address);
  }

  /// @param orcpt as the client said it: two that have become one are one
  private boolean isKnown(Address to, Set<DsnNotify> notifyOn, @Nullable String orcpt) {
    var named = new AsSaid.Named(to.local(), to.domainKey(), notifyOn, orcpt);
    if (known == null && recipients.size() < FEW) {
      for (int i = 0; i < recipients.size(); i++) {
        if (named.equals(named(i))) {
          return true;
        }
      }
      return false;
    }
    if (known == null) {
      known = new HashSet<>();
      for (int i = 0; i < recipients.size(); i++) {
        known.add(named(i));
      }
    }
    return !known.add(named);
  }

  private AsSaid.Named named(int recipient) {
    var one = recipients.get(recipient);
    var address = one.address();
    return new AsSaid.Named(
        address.local(),
        address.domainKey(),
        one.notifyOn(),
        ours.get(recipient) ? null : one.orcpt());
  }

  int recipientCount() {
    return recipients.size();
  }

  /// The domains of the recipients, in lower case.
  Set<String> domains() {
    Set<String> domains = new HashSet<>();
    recipients.forEach(each -> domains.add(each.address().domainKey()));
    return domains;
  }

  /// A recipient was refused.
  void refused() {
    refusedAny = true;
  }

  boolean refusedAny() {
    return refusedAny;
  }

  /// Whether this is the first recipient beyond the limit: the others need no line in the log.
  boolean firstTooMany() {
    boolean first = !tooManyTold;
    tooManyTold = true;
    return first;
  }

  /// Milters hear of it.
  void visit(Visit begun) {
    visit = begun;
  }

  /// The milters that hear of it, or null.
  @Nullable Visit visit() {
    return visit;
  }

  /// The content that comes by BDAT, or null before the first chunk.
  @Nullable Chunks chunks() {
    return chunks;
  }

  /// The first chunk comes.
  Chunks begin(Arrival arrival, boolean normalise) {
    var begun = new Chunks(arrival, normalise && !binary());
    chunks = begun;
    return begun;
  }

  /// Before which other mail it goes.
  int priority(Permit permit) {
    return permit.priority(mail.priority());
  }

  /// Whether it has a lower one than was asked for.
  boolean lowered(Permit permit) {
    return priority(permit) < mail.priority();
  }

  /// All that the intake wants to know.
  Submission submission(String session, Client client, Permit permit) {
    List<String> decisions = new ArrayList<>(3);
    decisions.add(client.verdict().reason());
    var identity = client.identity();
    Event.Login login = null;
    if (identity != null) {
      decisions.add(identity.reason());
      login = new Event.Login(identity.user(), identity.mechanism().word());
    } else if (!client.login().isEmpty()) {
      login = new Event.Login(client.login(), "XCLIENT"); // As Postfix logs it.
    }
    decisions.addAll(client.provenance());
    if (replaced != null) {
      decisions.add(replaced);
    }
    int before = decisions.size();
    decisions.addAll(rewritten);
    int behind = decisions.size();
    if (release != null) {
      decisions.add(mail.release() + ": " + release.words());
    }
    if (mail.priority() != priority(permit)) {
      decisions.add("MT-PRIORITY=" + mail.priority() + ": " + permit.priorityRule());
    } else if (mail.priority() != Priority.NORMAL) {
      decisions.add("MT-PRIORITY=" + mail.priority());
    }
    if (deadline != null) {
      decisions.add(mail.deliverBy() + ": " + deadline.words());
    }
    if (mail.requireTls()) {
      decisions.add("REQUIRETLS: only over TLS to hosts that are proven");
    }
    if (mail.strayUsed()) {
      decisions.add("stray space before the address tolerated");
    }
    boolean foreign = client.settings().exchange() && permit.rule().exchange().isEmpty();
    Function<byte[], Rewriter.HeaderChange> rewriting =
        permit.rewritesHeaders() ? permit::rewritten : null;
    return new Submission(
        session,
        arrived,
        startedNanos,
        client.source(mail.smtputf8()),
        client.tls(),
        login,
        permit.rule(),
        Zones.of(permit.rule(), client.known().zone()),
        mail,
        first,
        recipients,
        hold,
        release,
        deadline,
        priority(permit),
        permit.looksAtHeader() ? new AuthorJudge(permit, client::known) : null,
        foreign ? new HeaderFirewall(permit.rule().name(), rewriting) : rewriting,
        said == null ? null : said.submitted(decisions, before, behind),
        foreign ? Submission.Exchange.FOREIGN : Submission.Exchange.NONE,
        client.messageSize(),
        permit.messageSizeRule(client.settings().limits()),
        decisions,
        client.settings().hostname(),
        client.settings().limits());
  }

  /// Discards what came by BDAT and was not committed.
  void close() {
    if (chunks != null) {
      chunks.close();
    }
    if (visit != null) {
      visit.close();
    }
  }
}
