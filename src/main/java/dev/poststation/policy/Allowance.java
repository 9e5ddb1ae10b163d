package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Rate;
import dev.poststation.config.Units;
import dev.poststation.message.AddressPatterns;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.PolicyReplies;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How much an entry of `clients` lets its clients, and each sender, send in a time. Immutable but
/// for what is counted; safe for any thread.
final class Allowance {
  private final ClientRule rule;
  private final Rates rates;
  private final Time time;
  private final Limit mails;
  private final Limit mailsOfSender;
  private final Limit recipients;
  private final Limit recipientsOfSender;

  /// @param things what is counted, for the client
  private record Limit(String key, String things, List<Rate> rates) {}

  Allowance(ClientRule rule, ClientMemory memory) {
    var terms = rule.terms();
    this.rule = rule;
    this.rates = memory.rates();
    this.time = memory.os().time();
    this.mails = new Limit("rate", "mails", terms.rate());
    this.mailsOfSender = new Limit("sender-rate", "mails of this sender", terms.senderRate());
    this.recipients = new Limit("recipients-rate", "recipients", terms.recipientsRate());
    this.recipientsOfSender =
        new Limit(
            "sender-recipients-rate", "recipients of this sender", terms.senderRecipientsRate());
  }

  /// Counts a mail that begins, or says that it is one too many of its client or its sender.
  Optional<Objection> mail(Facts client, Address sender) {
    return rates
        .take(keys(mails, mailsOfSender, client, sender))
        .map(lack -> exceeded(lack, sender));
  }

  /// Counts a recipient, or says that it is one too many.
  Optional<Objection> recipient(Facts client, Address sender) {
    return rates
        .take(keys(recipients, recipientsOfSender, client, sender))
        .map(lack -> exceeded(lack, sender));
  }

  /// What would be said against a mail at the moment that is asked about; nothing is counted.
  Optional<Objection> mailsUsedUp(Facts client, Address sender) {
    return lack(keys(mails, mailsOfSender, client, sender), client)
        .map(lack -> exceeded(lack, sender));
  }

  /// The same of a recipient.
  Optional<Objection> recipientsUsedUp(Facts client, Address sender) {
    return lack(keys(recipients, recipientsOfSender, client, sender), client)
        .map(lack -> exceeded(lack, sender));
  }

  /// How much is used now of each rate; empty where no relay counts.
  List<RateUse> used(Facts client, Address sender) {
    List<Rates.Key> keys = new ArrayList<>();
    for (var all : List.of(mails, recipients)) {
      addKeys(keys, all, client.who());
    }
    for (var each :
        sender.isNull() ? List.<Limit>of() : List.of(mailsOfSender, recipientsOfSender)) {
      addKeys(keys, each, AddressPatterns.mailboxKey(sender));
    }
    return rates.used(keys);
  }

  /// What is lacking now grows back until then, and of what was before nothing is known.
  private Optional<Rates.Lack> lack(List<Rates.Key> keys, Facts client) {
    var ahead = Duration.between(time.now(), client.moment(time));
    return ahead.isNegative()
        ? Optional.empty()
        : rates
            .lack(keys)
            .map(lack -> new Rates.Lack(lack.key(), lack.after().minus(ahead)))
            .filter(lack -> lack.after().isPositive());
  }

  /// All at once: a sender that sends too much takes nothing of its client, which others use, too.
  private List<Rates.Key> keys(Limit all, Limit each, Facts client, Address sender) {
    List<Rates.Key> keys = new ArrayList<>(all.rates.size() + each.rates.size());
    if (!each.rates.isEmpty() && !sender.isNull()) {
      addKeys(keys, each, AddressPatterns.mailboxKey(sender));
    }
    if (!all.rates.isEmpty()) {
      addKeys(keys, all, client.who());
    }
    return keys;
  }

  private void addKeys(List<Rates.Key> keys, Limit what, String who) {
    for (Rate rate : what.rates) {
      keys.add(new Rates.Key(rule.name(), what.key, rate, who));
    }
  }

  private Objection exceeded(Rates.Lack lack, Address sender) {
    String key = lack.key().limit();
    boolean each = key.equals(mailsOfSender.key) || key.equals(recipientsOfSender.key);
    boolean mail = key.equals(mails.key) || key.equals(mailsOfSender.key);
    var what = mail ? (each ? mailsOfSender : mails) : (each ? recipientsOfSender : recipients);
    String rate = lack.key().rate().toString();
    String until = Units.show(rounded(lack.after()));
    return Objection.refusal(
        PolicyReplies.rateExceeded(what.things, rate, until),
        Permit.by(rule, key)
            + ": "
            + (each ? sender + ": " : "")
            + rate
            + ", free again in "
            + until);
  }

  /// Up to whole seconds, or minutes or hours where it takes long: nobody wants to read more.
  private static Duration rounded(Duration wait) {
    long seconds = Math.max(1, wait.plusNanos(999_999_999).toSeconds());
    long unit = seconds > 5 * 3600 ? 3600 : seconds > 120 ? 60 : 1;
    return Duration.ofSeconds((seconds + unit - 1) / unit * unit);
  }
}
