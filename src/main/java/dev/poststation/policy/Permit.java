package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.ClientTerms;
import dev.poststation.config.ClientTerms.Otherwise;
import dev.poststation.config.Limits;
import dev.poststation.config.Rewriting;
import dev.poststation.config.Senders;
import dev.poststation.config.Units;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.dns.Resolver.MailExchanger;
import dev.poststation.message.AddressPatterns;
import dev.poststation.message.HeaderAddresses;
import dev.poststation.message.Hold;
import dev.poststation.message.Priority;
import dev.poststation.profile.Profiles;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.rewrite.Srs;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.FutureRelease;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the clients of one entry may send. Immutable but for what is counted; safe for any thread.
public final class Permit {
  private final ClientRule rule;
  private final ClientTerms terms;
  private final String hostname;
  private final ClientMemory memory;
  private final ClientUse.Mark use;
  private final Allowance allowance;
  private final Rewriter rewriter;
  private final long largest;
  private final AddressPatterns senders;
  private final AddressPatterns headerSenders;
  private final AddressPatterns recipients;

  /// One under which every address stays.
  Permit(ClientRule rule, String hostname, ClientMemory memory) {
    var rewriter = new Rewriter(Rewriting.NONE, memory.os(), memory.directories());
    this(rule, hostname, memory, rewriter, Long.MAX_VALUE);
  }

  /// @param largest octets of a mail that finds a way
  Permit(ClientRule rule, String hostname, ClientMemory memory, Rewriter rewriter, long largest) {
    this.largest = largest;
    this.rewriter = rewriter;
    this.rule = rule;
    this.terms = rule.terms();
    this.hostname = hostname;
    this.memory = memory;
    this.use = memory.uses().mark(rule.name());
    this.allowance = new Allowance(rule, memory);
    this.senders = new AddressPatterns(terms.senders().patterns());
    this.headerSenders = new AddressPatterns(terms.headerSenders().patterns());
    this.recipients = new AddressPatterns(terms.recipients());
  }

  /// The entry.
  public ClientRule rule() {
    return rule;
  }

  private String by(String key) {
    return by(rule, key);
  }

  /// A setting of an entry, for the log.
  static String by(ClientRule rule, String key) {
    return key + " of client rule \"" + rule.name() + "\" (" + rule.origin() + ")";
  }

  /// What is to be said against this sender in MAIL FROM; may ask the DNS, where the entry says so.
  public Optional<Objection> sender(Facts client, Address sender) {
    var objection = listed(client, sender);
    if (objection.isPresent() && objection.get().refuses()) {
      return objection;
    }
    var replacement = objection.map(Objection::replacement).orElse(null);
    var allowed = replacement == null ? sender : replacement.by();
    // What was learned of it was learned under the address that it becomes.
    var known = learned(Rewriting.Place.SENDER, allowed);
    var outbreak = memory.outbreaks().flatMap(all -> all.objection(rule.name(), client, known));
    return outbreak.map(it -> it.refuses() ? it : it.with(replacement)).or(() -> objection);
  }

  /// Under which address something was learned of this one.
  private Address learned(Rewriting.Place place, Address address) {
    try {
      return rewritten(place, address).map(Rewriter.Change::to).orElse(address);
    } catch (UnavailableException _) {
      return address; // It will not be taken.
    }
  }

  /// A mail was taken.
  public void taken(Facts client, Address sender, int recipients) {
    use.used(memory.os().time().now(), client.tls() != null);
    memory.outbreaks().ifPresent(all -> all.taken(rule.name(), client, sender, recipients));
  }

  private Optional<Objection> listed(Facts client, Address sender) {
    var own = own(terms.senders(), client);
    if (!mayBe(terms.senders(), senders, client, own, sender)) {
      if (own.isEmpty()) {
        return Optional.of(unknown("senders", client));
      }
      String named = sender.isNull() ? "<>" : sender.toString();
      String reason = by("senders") + ": " + named + " is none of " + terms.senders();
      return Optional.of(
          otherwise(
              PolicyReplies.SENDER_NOT_ALLOWED,
              reason,
              sender.isNull() ? null : replacement(terms.senders(), client, own.get())));
    }
    if (rule.refuseNullMx() && !sender.isNull() && takesNoMail(sender.domain())) {
      return Optional.of(Objection.refusal(Replies.SENDER_NULL_MX, by("refuse-null-mx")));
    }
    return Optional.empty();
  }

  /// RFC 7505 3. What the DNS does not know now is no reason.
  private boolean takesNoMail(String domain) {
    if (domain.startsWith("[")) {
      return false;
    }
    return memory.resolver().mailExchangers(domain)
            instanceof Answer.Found<MailExchanger>(var published)
        && published.stream().allMatch(exchanger -> exchanger.host().equals("."));
  }

  private Objection otherwise(Reply reply, String reason, @Nullable Address by) {
    return switch (terms.otherwise()) {
      case REJECT -> Objection.refusal(reply, reason);
      case HOLD -> Objection.held(reply, Hold.otherwise(reason));
      case REPLACE ->
          by == null
              ? Objection.refusal(reply, reason)
              : new Objection(
                  reply,
                  reason,
                  null,
                  new Objection.Replacement(by, reason + ": replaced by " + by));
    };
  }

  /// Who takes the place of a sender that is not allowed; null: nobody can.
  private @Nullable Address replacement(Senders allowed, Facts client, List<String> own) {
    String user = client.user();
    var written = terms.replacement();
    if (terms.otherwise() != Otherwise.REPLACE || written != null) {
      return written;
    }
    return (allowed.own() && user != null
            ? OwnAddresses.first(user, own, hostname)
            : Optional.<Address>empty())
        .or(allowed::firstAddress)
        .orElse(null);
  }

  private boolean mayBe(
      Senders allowed,
      AddressPatterns patterns,
      Facts client,
      Optional<List<String>> own,
      Address sender) {
    String user = client.user();
    return allowed.any()
        || (!patterns.isEmpty() && patterns.match(sender))
        || (allowed.own()
            && user != null
            && own.isPresent()
            && memory.ownAddresses().include(user, own.get(), hostname, sender));
  }

  /// The user's own addresses, where they matter; empty while nobody can tell.
  private Optional<List<String>> own(Senders allowed, Facts client) {
    String user = client.user();
    return allowed.own() && user != null ? memory.own(user) : Optional.of(List.of());
  }

  private Objection unknown(String key, Facts client) {
    return Objection.refusal(
        PolicyReplies.OWN_UNKNOWN,
        by(key) + ": the addresses of " + client.user() + " cannot be looked up now");
  }

  /// Whether it matters who stands in the From field.
  public boolean looksAtHeader() {
    return !terms.headerSenders().any();
  }

  /// Whether a From field may have to be replaced.
  public boolean mayReplaceAuthors() {
    return looksAtHeader() && terms.otherwise() == Otherwise.REPLACE;
  }

  /// What is to be said against these From fields.
  ///
  /// @param from the text of each; null: not all of the header could be read
  public Optional<Objection> header(Facts client, @Nullable List<String> from) {
    if (!looksAtHeader()) {
      return Optional.empty();
    }
    var own = own(terms.headerSenders(), client);
    return complaint(client, own, from)
        .map(
            what ->
                own.isEmpty()
                    ? unknown("header-senders", client)
                    : otherwise(
                        PolicyReplies.AUTHOR_NOT_ALLOWED,
                        by("header-senders") + ": " + what,
                        from == null
                            ? null
                            : replacement(terms.headerSenders(), client, own.get())));
  }

  private Optional<String> complaint(
      Facts client, Optional<List<String>> own, @Nullable List<String> from) {
    if (from == null) {
      return Optional.of("the header cannot be understood");
    }
    if (from.isEmpty()) {
      return Optional.of("there is no From field");
    }
    for (String field : from) {
      Optional<List<Address>> authors = HeaderAddresses.parse(field);
      if (authors.isEmpty()) {
        return Optional.of("the From field cannot be understood");
      }
      for (Address author : authors.get()) {
        if (!mayBe(terms.headerSenders(), headerSenders, client, own, author)) {
          return Optional.of(author + " is none of " + terms.headerSenders());
        }
      }
    }
    return Optional.empty();
  }

  /// How long a mail may be held before it is sent (RFC 4865); zero: not at all.
  public Duration futureRelease() {
    return terms.futureRelease();
  }

  /// Whether mail may say before which other it wants to go (RFC 6710).
  public boolean offersPriority() {
    return terms.maxPriority() != null;
  }

  /// The priority of a mail that wants this one.
  public int priority(int wanted) {
    var most = terms.maxPriority();
    return most == null ? wanted : Math.min(wanted, most);
  }

  /// Which setting is in the way of a higher one, for the trace.
  public String priorityRule() {
    return by("max-priority") + " is " + terms.maxPriority();
  }

  /// What is to be said against what a mail asks for.
  public Optional<Objection> wishes(Command.Mail mail, Instant now) {
    if (mail.priority() != 0 && !offersPriority()) {
      return Optional.of(
          Objection.refusal(Replies.PARAMETER_UNKNOWN, by("max-priority") + ": there is none"));
    }
    return release(mail.release(), now).or(() -> deliverBy(mail, now));
  }

  /// The least time within which mail may have to be delivered or be returned (RFC 2852); zero: no
  /// such wish is heard.
  public Duration minDeliverBy() {
    return terms.minDeliverBy();
  }

  private Optional<Objection> deliverBy(Command.Mail mail, Instant now) {
    var wanted = mail.deliverBy();
    if (wanted == null) {
      return Optional.empty();
    }
    if (minDeliverBy().isZero()) {
      return Optional.of(
          Objection.refusal(Replies.PARAMETER_UNKNOWN, by("min-deliver-by") + ": there is none"));
    }
    long least = minDeliverBy().toSeconds();
    if (wanted.returns() && wanted.seconds() < least) {
      return Optional.of(
          Objection.refusal(
              PolicyReplies.tooSoon(least), by("min-deliver-by") + ": " + wanted + " is below it"));
    }
    var release = mail.release();
    if (release != null && wanted.seconds() > 0 && !wanted.at(now).isAfter(release.at(now))) {
      return Optional.of(
          Objection.refusal(PolicyReplies.DELIVERED_BEFORE_SENT, wanted + " is before " + release));
    }
    return Optional.empty();
  }

  /// @param wanted null: it is to be sent at once
  private Optional<Objection> release(@Nullable FutureRelease wanted, Instant now) {
    if (wanted == null) {
      return Optional.empty();
    }
    if (futureRelease().isZero()) {
      return Optional.of(
          Objection.refusal(Replies.PARAMETER_UNKNOWN, by("future-release") + ": there is none"));
    }
    if (wanted.at(now).isAfter(now.plus(futureRelease()))) {
      return Optional.of(
          Objection.refusal(
              PolicyReplies.heldTooLong(Units.show(futureRelease())),
              by("future-release") + ": " + wanted + " is beyond it"));
    }
    return Optional.empty();
  }

  /// What is to be said against this recipient.
  public Optional<Objection> recipient(Facts client, Address to) {
    var now = client.moment(memory.os().time());
    if (recipients.match(to)) {
      return switch (rewriter.forwarded(to, now)) {
        case Srs.Finding.Original _ -> Optional.empty();
        case Srs.Finding.Other _ -> suppressed(to, now);
        case Srs.Finding.Forged(var why) ->
            Optional.of(Objection.refusal(PolicyReplies.SRS_FORGED, "srs: " + to + ": " + why));
        case Srs.Finding.Unknown(var why) ->
            Optional.of(Objection.refusal(PolicyReplies.SRS_UNKNOWN, "srs.secrets: " + why));
      };
    }
    return Optional.of(
        Objection.refusal(
            PolicyReplies.RECIPIENT_NOT_ALLOWED,
            by("recipients") + ": " + to + " is none of them"));
  }

  /// What next hops have said about a recipient, under the address that it becomes. That the mail
  /// is bulk by its header or its recipients nobody knows yet: the queue looks again.
  private Optional<Objection> suppressed(Address to, Instant now) {
    var list = memory.suppression();
    boolean bulk = Priority.isBulk(rule.precedence().urgency().priority());
    if (list.isEmpty() || list.get().count() == 0 || !list.get().reaches(bulk)) {
      return Optional.empty(); // A directory may have to be asked for the address.
    }
    var known = learned(Rewriting.Place.RECIPIENT, to);
    return list.get().objection(rule.name(), known, bulk, now);
  }

  /// What an address becomes that was allowed; empty: it stays.
  ///
  /// @throws UnavailableException when a directory does not say
  public Optional<Rewriter.Change> rewritten(Rewriting.Place place, Address address)
      throws UnavailableException {
    return rewriter.change(place, rule.name(), address);
  }

  /// Whether addresses in headers may become others.
  public boolean rewritesHeaders() {
    return rewriter.looksAtHeader();
  }

  /// What of a header becomes other.
  public Rewriter.HeaderChange rewritten(byte[] header) {
    return rewriter.header(rule.name(), header);
  }

  /// Counts a mail that begins, or says that it is one too many of its client or its sender.
  public Optional<Objection> mail(Facts client, Address sender) {
    return allowance.mail(client, sender);
  }

  /// Counts a recipient, or says that it is one too many.
  public Optional<Objection> oneMoreRecipient(Facts client, Address sender) {
    return allowance.recipient(client, sender);
  }

  /// What [#mail] would say at the moment that is asked about; nothing is counted.
  public Optional<Objection> mailsUsedUp(Facts client, Address sender) {
    return allowance.mailsUsedUp(client, sender);
  }

  /// What [#oneMoreRecipient] would say at the moment that is asked about; nothing is counted.
  public Optional<Objection> recipientsUsedUp(Facts client, Address sender) {
    return allowance.recipientsUsedUp(client, sender);
  }

  /// How much this client and this sender have used of each rate; empty where no relay counts.
  public List<RateUse> ratesUsed(Facts client, Address sender) {
    return allowance.used(client, sender);
  }

  /// How large a mail may be, in octets.
  public long messageSize(Limits limits) {
    long own = terms.messageSize() == 0 ? largest : terms.messageSize();
    return Math.min(limits.messageSize(), Math.min(largest, own));
  }

  /// Which setting says so, for the log.
  public String messageSizeRule(Limits limits) {
    long size = messageSize(limits);
    String some = size == terms.messageSize() ? by("message-size") : "max-size of all connectors";
    return size == limits.messageSize() ? "limits.message-size" : some;
  }

  /// How many recipients a mail may have.
  public int recipientsPerMail(Limits limits) {
    return terms.recipientsPerMail() == 0
        ? limits.recipients()
        : Math.min(limits.recipients(), terms.recipientsPerMail());
  }

  /// Which setting says so, for the log.
  public String recipientsPerMailRule(Limits limits) {
    return recipientsPerMail(limits) < limits.recipients()
        ? by("recipients-per-mail")
        : "limits.recipients";
  }

  /// What devices have always done.
  public Profiles profiles() {
    return memory.profiles();
  }

  /// Whose profile a mail of this client belongs to.
  public Profiles.Key device(Facts client) {
    return Profiles.Key.of(rule.name(), client.user(), client.address());
  }

  /// Counts a session of this client, until it is closed.
  ///
  /// @return empty when it is one too many
  public Optional<Stay> enter(Facts client) {
    if (terms.connections() == 0) {
      return Optional.of(Stay.UNCOUNTED);
    }
    var place = new Occupancy.Place(rule.name(), client.who());
    return memory.sessions().take(place, terms.connections())
        ? Optional.of(() -> memory.sessions().giveBack(place))
        : Optional.empty();
  }

  /// What [#enter] would say now; nothing is counted.
  public Optional<Objection> sessionsUsedUp(Facts client) {
    int most = terms.connections();
    var place = new Occupancy.Place(rule.name(), client.who());
    return most > 0 && memory.sessions().full(place, most)
        ? Optional.of(
            Objection.refusal(
                Replies.TOO_MANY_SESSIONS_OF_CLIENT,
                connectionsRule() + ": " + most + " of " + most + " in use"))
        : Optional.empty();
  }

  /// Which setting is in the way of one more session, for the log.
  public String connectionsRule() {
    return by("connections");
  }

  /// A session that counts. To be closed once.
  public interface Stay extends AutoCloseable {
    /// One that nobody counts.
    Stay UNCOUNTED = () -> {};

    @Override
    void close();
  }
}
