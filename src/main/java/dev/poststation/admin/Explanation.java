package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.account.AllAccounts;
import dev.poststation.bounce.NoticeRules;
import dev.poststation.conditions.MailFacts;
import dev.poststation.config.ClientRule;
import dev.poststation.config.ClientTerms;
import dev.poststation.config.Configuration;
import dev.poststation.config.Peer;
import dev.poststation.config.Rate;
import dev.poststation.config.Tolerance;
import dev.poststation.config.Units;
import dev.poststation.config.Zones;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Treatment;
import dev.poststation.intake.ExchangeHop;
import dev.poststation.intake.TenantCheck;
import dev.poststation.message.Envelope;
import dev.poststation.message.Hold;
import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import dev.poststation.policy.Facts;
import dev.poststation.policy.Objection;
import dev.poststation.policy.Permit;
import dev.poststation.policy.Policy;
import dev.poststation.policy.RateUse;
import dev.poststation.policy.Verdict;
import dev.poststation.queue.Directions;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AuthReplies;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a configuration would do with a mail, decision by decision, asked of the very objects that
/// decide in the relay: [Policy] at MAIL and RCPT, [Directions] in the queue. Nothing is sent; the
/// DNS is asked where the way depends on it. Immutable; safe for any thread.
public final class Explanation {
  private final Configuration configuration;
  private final Policy policy;
  private final Directions directions;
  private final Entrance entrance;
  private final ContentTrial content;

  /// Of a configuration, in force or a candidate.
  ///
  /// @param bans of the running relay
  /// @param services what looks at the content of mail
  public Explanation(
      Configuration configuration,
      Policy policy,
      Directions directions,
      Bans bans,
      Pipeline services,
      Time time) {
    this.content = new ContentTrial(configuration, services, time);
    this.configuration = configuration;
    this.policy = policy;
    this.directions = directions;
    this.entrance = new Entrance(configuration, policy, bans);
  }

  /// As JSON. All entries of `clients` up to the one that matches are in `considered`, with what
  /// was found of all their conditions; those behind it, at which nobody looks, in `notAsked`.
  /// Whether the mail would be taken is in `accepted`, with the reply to RCPT, or to MAIL, in
  /// `reply`; of a running relay, how much of each rate is used now, in `used`. Whether it would
  /// then find a way is in `deliverable`. Where only a rate or sessions that are used up, or an
  /// outbreak, stand against it, there is `later`.
  ///
  /// @throws IllegalArgumentException when it names a listener that is not there
  public ObjectNode explain(Question question) {
    var facts = entrance.facts(question);
    var from = question.from();
    var to = question.to();
    var answer = Json.object();
    answer.put("client", IpText.of(question.client()));
    answer.put("from", from.toString());
    answer.put("to", to.toString());
    if (question.when() != null) {
      answer.put("at", WayOut.local(policy.moment(facts)));
    }
    considered(facts, answer);
    entrance.unseen(question).ifPresent(why -> answer.put("certificate", why));
    entrance.blocked(facts).ifPresent(why -> answer.put("blocked", why));
    var turnedAway = entrance.turnedAway(facts);
    if (!turnedAway.isEmpty()) {
      answer.set("turnedAway", Json.texts(turnedAway));
    }
    var ungreeted = entrance.ungreeted(facts, turnedAway);
    if (ungreeted.isPresent()) {
      return refused(answer, ungreeted.get());
    }
    var verdict = policy.decide(facts);
    var recipient = Policy.qualified(to, configuration.hostname());
    if (verdict instanceof Verdict.Allowed(var permit, _) && question.when() == null) {
      used(permit.ratesUsed(facts, counted(permit, facts, question)), answer);
    }
    var objection =
        entrance
            .beforeMail(facts)
            .or(() -> verdict.size(question.size(), configuration.limits()))
            .or(() -> objection(verdict, facts, question, recipient));
    if (objection.isPresent() && objection.get().hold() != null) {
      answer.put("held", objection.get().reason());
    }
    boolean accepted = objection.isEmpty() || !objection.get().refuses();
    if (!accepted || !(verdict instanceof Verdict.Allowed allowed)) {
      refused(answer, objection.orElseThrow());
      return isForNow(verdict, objection.get(), facts, recipient)
          ? answer.put("later", true)
          : answer;
    }
    answer.put("accepted", true);
    answer.put("reply", Replies.RECIPIENT_OK.toString());
    answer.put("because", allowed.reason());
    answer.put("rule", allowed.client().name());
    entrance.where(facts, answer);
    zone(allowed.client(), facts, answer);
    limits(allowed.permit(), answer.putObject("limits"));
    var peer = allowed.permit().rule().when().peer();
    if (peer != null && !peer.tenant().isEmpty() && question.header() == null) {
      answer.put("provided", "that its header has " + Peer.TENANT_FIELD + ": " + peer.tenant());
    }
    profile(allowed.permit(), facts, answer);
    if (!allowed.client().tolerate().isEmpty()) {
      answer.set(
          "tolerates",
          Json.texts(allowed.client().tolerate().stream().sorted().map(Tolerance::word).toList()));
    }
    answer.put("recipient", recipient.toString());
    var sender = replaced(allowed.permit(), facts, question, answer);
    var permit = allowed.permit();
    boolean hop = hop(permit.rule(), question, recipient, answer);
    String author = author(permit, facts, question);
    Rewritten mail;
    try {
      mail =
          hop
              ? new Rewritten(sender, recipient, author, List.of())
              : Rewritten.of(permit, sender, recipient, author);
    } catch (UnavailableException e) {
      return refused(
          answer, Objection.refusal(PolicyReplies.DIRECTORY_SILENT, "rewrite: " + e.getMessage()));
    }
    if (!mail.reasons().isEmpty()) {
      answer.set("rewritten", Json.texts(mail.reasons()));
    }
    var onTheWay =
        new SenderOnTheWay(mail.sender(), mail.author(), from, question.headerFrom(), hop);
    var source = source(allowed.client().name(), facts);
    var asked = MailFacts.of(source, mail.sender(), question.size(), question.header());
    var taken = new ContentTrial.Taken(permit, facts, source, mail.sender(), mail.recipient(), hop);
    if (question.content().length == 0) {
      answer.put("unseen", content.concerns(taken));
    } else {
      var played = content.play(taken, question.content());
      switch (played.treatment()) {
        case Treatment.Refused(var reply, var rule, var notes) -> {
          ContentTrial.tell(notes, answer);
          return refused(answer, Objection.refusal(reply, rule));
        }
        case Treatment.Discarded(var rule, var notes, _) -> {
          ContentTrial.tell(notes, answer);
          return answer.put("discarded", rule).put("deliverable", false);
        }
        case Treatment.Passed passed -> {
          content.tell(taken, played.came(), passed, answer);
          if (answer.has("discarded")) {
            return answer.put("deliverable", false);
          }
          asked = ContentTrial.after(taken, passed);
        }
      }
    }
    boolean waits =
        new WayOut(directions)
            .tell(asked, mail.recipient(), onTheWay, policy.moment(facts), answer);
    if (waits) {
      retry(mail.sender(), answer.putObject("retry"));
    }
    return answer;
  }

  private static ObjectNode refused(ObjectNode answer, Objection why) {
    answer.put("accepted", false);
    answer.put("reply", why.reply().toString());
    answer.put("because", why.reason());
    return answer.put("deliverable", false);
  }

  /// @return the sender that the mail has then
  private static Address replaced(
      Permit permit, Facts facts, Question question, ObjectNode answer) {
    List<Objection.Replacement> all = new ArrayList<>(2);
    var sender = permit.sender(facts, question.from()).map(Objection::replacement);
    sender.ifPresent(all::add);
    if (!question.headerFrom().isEmpty()) {
      permit
          .header(facts, List.of(question.headerFrom()))
          .map(Objection::replacement)
          .ifPresent(all::add);
    }
    if (!all.isEmpty()) {
      answer.set("replaced", Json.texts(all.stream().map(each -> each.reason()).toList()));
    }
    return sender.map(Objection.Replacement::by).orElse(question.from());
  }

  /// What stands in the From field of a mail that is accepted; empty: not said.
  private static String author(Permit permit, Facts facts, Question question) {
    return question.headerFrom().isEmpty()
        ? ""
        : permit
            .header(facts, List.of(question.headerFrom()))
            .map(Objection::replacement)
            .map(replacement -> replacement.by().toString())
            .orElse(question.headerFrom());
  }

  private void considered(Facts facts, ObjectNode answer) {
    var considered = policy.consider(facts);
    entries(considered, answer.putArray("considered"));
    var behind = configuration.clients().subList(considered.size(), configuration.clients().size());
    if (!behind.isEmpty()) {
      var in = answer.putArray("notAsked");
      behind.forEach(
          rule -> in.addObject().put("rule", rule.name()).put("origin", rule.origin().text()));
    }
  }

  private static void entries(List<Policy.Considered> considered, ArrayNode in) {
    for (var each : considered) {
      var entry = in.addObject();
      entry.put("rule", each.rule().name());
      entry.put("origin", each.rule().origin().text());
      entry.put("matches", each.matches());
      if (!each.rule().owner().isEmpty()) {
        entry.put("owner", each.rule().owner());
      }
      var conditions = entry.putArray("conditions");
      for (var found : each.conditions()) {
        var condition = conditions.addObject();
        condition.put("key", found.key());
        condition.put("holds", found.holds());
        condition.put("why", found.why());
      }
    }
  }

  /// What is said against it, in the order in which the relay would look; nothing is counted.
  private static Optional<Objection> objection(
      Verdict verdict, Facts facts, Question question, Address recipient) {
    return switch (verdict) {
      case Verdict.Refused(var reply, var reason) -> Optional.of(Objection.refusal(reply, reason));
      case Verdict.Allowed(var permit, _) -> {
        var sessions = permit.sessionsUsedUp(facts);
        if (sessions.isPresent()
            && question.when() == null) { // At another moment they may be over.
          yield sessions;
        }
        var sender = permit.sender(facts, question.from());
        if (sender.isPresent() && sender.get().refuses()) {
          yield sender;
        }
        boolean stepsUp =
            permit.rule().profile() == ClientRule.Profile.STEP_UP && facts.user() == null;
        if (stepsUp && permit.profiles().steppedUp(permit.device(facts))) {
          String why =
              "profile = step-up of client rule \""
                  + permit.rule().name()
                  + "\" ("
                  + permit.rule().origin()
                  + "): this device was not itself, it has to authenticate";
          yield Optional.of(Objection.refusal(PolicyReplies.STEP_UP, why));
        }
        var counted = counted(permit, facts, question);
        var to =
            permit
                .mailsUsedUp(facts, counted)
                .or(() -> permit.recipient(facts, recipient))
                .or(() -> permit.recipientsUsedUp(facts, counted));
        if (to.isPresent()) {
          yield to;
        }
        var header =
            question.headerFrom().isEmpty()
                ? Optional.<Objection>empty()
                : permit.header(facts, List.of(question.headerFrom()));
        var tenant = header.isPresent() ? header : tenant(permit.rule(), question);
        yield tenant.isPresent() && tenant.get().refuses() ? tenant : sender.or(() -> tenant);
      }
    };
  }

  /// The sender for whom it counts.
  private static Address counted(Permit permit, Facts facts, Question question) {
    return permit
        .sender(facts, question.from())
        .map(Objection::replacement)
        .map(Objection.Replacement::by)
        .orElse(question.from());
  }

  private static void used(List<RateUse> all, ObjectNode answer) {
    if (all.isEmpty()) {
      return;
    }
    var in = answer.putArray("used");
    for (var each : all) {
      in.addObject()
          .put("limit", each.limit())
          .put("rate", each.rate().toString())
          .put("used", each.used());
    }
  }

  /// Whether it would be taken when a rate or a session is free again, or an outbreak is over.
  private static boolean isForNow(Verdict verdict, Objection why, Facts facts, Address recipient) {
    return verdict instanceof Verdict.Allowed(var permit, _)
        && (PolicyReplies.isForTooMuch(why.reply())
            || why.reply().equals(Replies.TOO_MANY_SESSIONS_OF_CLIENT))
        && permit.recipient(facts, recipient).isEmpty();
  }

  private static Optional<Objection> tenant(ClientRule rule, Question question) {
    String header = question.header();
    String why = header == null ? null : TenantCheck.judge(rule, header);
    if (why == null) {
      return Optional.empty();
    }
    var reply = PolicyReplies.TENANT_NOT_ALLOWED;
    return Optional.of(
        rule.terms().otherwise() == ClientTerms.Otherwise.HOLD
            ? Objection.held(reply, Hold.otherwise(why))
            : Objection.refusal(reply, why));
  }

  /// Whether it is left alone on its way from one server of Exchange to another.
  private static boolean hop(
      ClientRule rule, Question question, Address recipient, ObjectNode answer) {
    if (rule.exchange().isEmpty()) {
      return false;
    }
    String header = question.header();
    if (header == null && !ExchangeHop.isStranger(rule, recipient)) {
      answer.put("exchange", "left alone if its header has " + ExchangeHop.wanted(rule));
      return false;
    }
    var finding = ExchangeHop.judge(rule, header == null ? "" : header, recipient);
    answer.put("exchange", finding.reason());
    return finding.internal();
  }

  private static void zone(ClientRule client, Facts facts, ObjectNode answer) {
    String zone = Zones.of(client, facts.zone());
    if (!zone.isEmpty()) {
      answer.put("zone", zone);
      answer.put(
          "zoneBy",
          client.zone().isEmpty()
              ? "zone of listener " + facts.listener()
              : "zone-label of client rule \"" + client.name() + "\" (" + client.origin() + ")");
    }
  }

  private static void profile(Permit permit, Facts facts, ObjectNode in) {
    if (permit.rule().profile() != ClientRule.Profile.OFF) {
      in.put("profile", Json.word(permit.rule().profile()));
      in.put("steppedUp", permit.profiles().steppedUp(permit.device(facts)));
    }
  }

  private void limits(Permit permit, ObjectNode in) {
    var limits = configuration.limits();
    var terms = permit.rule().terms();
    in.put("messageSize", permit.messageSize(limits));
    in.put("recipients", permit.recipientsPerMail(limits));
    in.put("hops", limits.hops());
    in.put("senders", terms.senders().toString());
    in.put("headerSenders", terms.headerSenders().toString());
    in.put("recipientAddresses", terms.recipients().isEmpty() ? "any" : "listed");
    var maxPriority = terms.maxPriority();
    if (maxPriority != null) {
      in.put("maxPriority", maxPriority);
    }
    if (!terms.minDeliverBy().isZero()) {
      in.put("minDeliverBy", Units.show(terms.minDeliverBy()));
    }
    if (!terms.futureRelease().isZero()) {
      in.put("futureRelease", Units.show(terms.futureRelease()));
    }
    if (terms.connections() > 0) {
      in.put("connections", terms.connections());
    }
    rates(in, "rate", terms.rate());
    rates(in, "recipientsRate", terms.recipientsRate());
    rates(in, "senderRate", terms.senderRate());
    rates(in, "senderRecipientsRate", terms.senderRecipientsRate());
  }

  private static void rates(ObjectNode in, String key, List<Rate> rates) {
    if (!rates.isEmpty()) {
      in.set(key, Json.texts(rates.stream().map(Rate::toString).toList()));
    }
  }

  private static Envelope.Source source(String client, Facts facts) {
    String user = facts.user() == null ? "" : facts.user();
    return new Envelope.Source(
        client, facts.listener(), IpText.of(facts.address()), facts.hello(), "ESMTP", user);
  }

  private void retry(Address from, ObjectNode in) {
    var queue = configuration.queue();
    var lifetime = queue.lifetimeFor(from);
    boolean told = !NoticeRules.nobodyToTell(from);
    boolean warned =
        told && !queue.warnAfter().isZero() && queue.warnAfter().compareTo(lifetime) < 0;
    in.set("after", Json.texts(queue.retry().stream().map(Units::show).toList()));
    in.put("lifetime", Units.show(lifetime));
    in.put("warnAfter", warned ? Units.show(queue.warnAfter()) : "never");
    in.put("told", told);
  }

  /// Adds which store knows the user that the question names, if it names one; who cannot log in is
  /// refused, and of whom only a token could name that is said.
  public static ObjectNode withUser(ObjectNode answer, Question question, AllAccounts accounts) {
    String user = question.user();
    if (user.isEmpty()) {
      return answer;
    }
    if (answer.path("accepted").asBoolean()) {
      switch (accounts.whoIs(user)) {
        case KNOWN -> {}
        case NOT_NOW -> answer.put("provided", "that there is a user " + user + " at all");
        case BY_TOKEN ->
            answer.put("provided", "that a token of the issuer names " + user + ": no store does");
        case NOBODY -> {
          answer.retain(
              "client",
              "from",
              "to",
              "considered",
              "notAsked",
              "turnedAway",
              "certificate",
              "blocked");
          refused(
              answer,
              Objection.refusal(AuthReplies.FAILED, "AUTH fails: nobody can log in as " + user));
        }
      }
    }
    return answer.put("user", user + " " + accounts.describe(user));
  }
}
