package dev.poststation.smtp;

import java.util.Locale;

/// What kind of reason it was that a recipient was not taken, in the words that are common in the
/// field: so that failures can be counted, and treated alike. A table of the room of messages finds
/// it (docs/reference/bounce-categories.md). Immutable; safe for any thread.
public enum Category {
  INVALID_RECIPIENT("there is no such mailbox", "InvalidRecipient", "bad-mailbox"),
  INACTIVE_MAILBOX("the mailbox is closed or switched off", "InactiveMailbox", "inactive-mailbox"),
  MAILBOX_FULL("the mailbox is full", "QuotaIssues", "quota-issues"),
  BAD_DOMAIN("the domain is not there, or takes no mail at all", "BadDomain", "bad-domain"),
  INVALID_SENDER("the sender is not accepted", "InvalidSender", "invalid-sender"),
  RELAY_DENIED(
      "the next hop does not relay for us, or not there", "RelayDenied", "relaying-issues"),
  SPAM_BLOCK(
      "our address, or the sender's domain, is on a list or has a bad reputation",
      "SpamBlock",
      "spam-related"),
  SPAM_CONTENT("the mail looks like spam to the next hop", "SpamContent", "spam-related"),
  VIRUS("the mail carries a virus, says the next hop", "VirusRelated", "virus-related"),
  CONTENT(
      "the form or an attachment of the mail is not accepted", "ContentRelated", "content-related"),
  TOO_LARGE("the mail is too large", "ContentRelated", "content-related"),
  AUTHENTICATION(
      "who sends could not be verified: SPF, DKIM, DMARC, ARC, reverse DNS",
      "AuthenticationFailed",
      "policy-related"),
  POLICY("rules of the next hop are against it", "PolicyRelated", "policy-related"),
  RATE_LIMIT(
      "too many connections, mails or recipients for its taste", "TooManyRecipients", "other"),
  GREYLISTING("a first attempt is never taken there", "TransientFailure", "other"),
  NO_ANSWER(
      "the next hop takes no connection, or is silent", "NoAnswerFromHost", "no-answer-from-host"),
  BAD_CONNECTION("the connection broke", "BadConnection", "bad-connection"),
  TLS("there is no TLS that could be relied on", "BadConnection", "bad-connection"),
  LOGIN("our account is not let in there", "PolicyRelated", "policy-related"),
  DNS_FAILURE("the DNS does not answer", "DNSFailure", "routing-errors"),
  ROUTING("no way leads there, or it goes in a circle", "RoutingErrors", "routing-errors"),
  SYSTEM("the mail system there has a problem of its own", "BadConfiguration", "bad-configuration"),
  PROTOCOL("the two did not understand each other", "ProtocolErrors", "protocol-errors"),
  EXPIRED("its time was up", "MessageExpired", "message-expired"),
  LOCAL(
      "this relay itself: its configuration, a quota, a pause, an administrator",
      "Uncategorized",
      "other"),
  TRANSIENT("not now, and nothing else is said", "TransientFailure", "other"),
  OTHER("nothing is said that would be known", "Uncategorized", "other");

  private final String meaning;
  private final String kumo;
  private final String power;

  Category(String meaning, String kumo, String power) {
    this.meaning = meaning;
    this.kumo = kumo;
    this.power = power;
  }

  /// As it stands in log, trace and metrics: `invalid-recipient`.
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// In plain words, a clause in lower case.
  public String meaning() {
    return meaning;
  }

  /// What KumoMTA calls it.
  public String kumo() {
    return kumo;
  }

  /// What PowerMTA calls it.
  public String power() {
    return power;
  }
}
