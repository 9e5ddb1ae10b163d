package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.dns.Resolver.MailExchanger;
import dev.poststation.os.IpText;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Replies;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Who may relay, decided on its own and closed by default: a client that no rule in `clients`
/// names may send to nobody. Used by the server and by `explain` alike. Immutable; safe for any
/// thread.
///
/// The DNS is asked only about senders, and only where a rule says so: whoever gets this far is
/// trusted by address, and a slow name server must not be able to hold the door.
public final class Policy {
  private final Clients clients;
  private final List<Verdict> verdicts;
  private final Resolver resolver;

  /// @param rules `clients`, in the order of the file
  public Policy(List<ClientRule> rules, Resolver resolver) {
    this.resolver = resolver;
    this.clients = new Clients(rules);
    List<Verdict> allowed = new ArrayList<>(rules.size());
    for (ClientRule rule : rules) {
      allowed.add(new Verdict.Allowed(rule, reason(rule)));
    }
    this.verdicts = List.copyOf(allowed);
  }

  private static String reason(ClientRule rule) {
    return "client rule \"" + rule.name() + "\" (" + rule.origin() + ")";
  }

  /// Whether mail from this address is taken, to wherever it goes.
  public Verdict mayRelay(InetAddress client) {
    int rule = clients.match(client);
    if (rule != Clients.NONE) {
      return verdicts.get(rule);
    }
    return new Verdict.Refused(
        Replies.RELAY_DENIED, "no rule in clients matches " + IpText.of(client));
  }

  /// Whether a client that may relay may do so for this sender; may ask the DNS.
  ///
  /// @return the refusal, or empty
  public Optional<Verdict.Refused> refusesSender(ClientRule rule, Address sender) {
    if (!rule.refuseNullMx() || sender.isNull() || !takesNoMail(sender.domain())) {
      return Optional.empty();
    }
    String reason = "refuse-null-mx of client rule \"" + rule.name() + "\"";
    return Optional.of(new Verdict.Refused(Replies.SENDER_NULL_MX, reason));
  }

  /// RFC 7505 3. What the DNS does not know now is no reason.
  private boolean takesNoMail(String domain) {
    if (domain.startsWith("[")) {
      return false;
    }
    return resolver.mailExchangers(domain) instanceof Answer.Found<MailExchanger>(var published)
        && published.stream().allMatch(exchanger -> exchanger.host().equals("."));
  }

  /// The recipient to store for one that was named: `<Postmaster>` without domain is ours (RFC 5321
  /// 4.5.1) and gets our name; every other is kept as it is.
  public static Address qualified(Address to, String hostname) {
    return to.domain().isEmpty() && !to.isNull() ? new Address(to.local(), hostname) : to;
  }
}
