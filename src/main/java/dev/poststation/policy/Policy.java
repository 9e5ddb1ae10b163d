package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Replies;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/// Who may relay, decided on its own and closed by default: a client that no rule in `clients`
/// names may send to nobody. Pure functions of the configuration, used by the server and by
/// `explain` alike. Immutable; safe for any thread.
///
/// Nothing is asked of the DNS here. A sender domain that takes no mail (null MX, RFC 7505 4.2)
/// might be refused at MAIL, but whoever gets this far is trusted by address, a bounce to such a
/// sender ends at the next hop all the same, and a slow name server must not be able to hold the
/// door.
public final class Policy {
  private final Clients clients;
  private final List<Verdict> verdicts;

  /// @param rules `clients`, in the order of the file
  public Policy(List<ClientRule> rules) {
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
        Replies.RELAY_DENIED, "no rule in clients matches " + client.getHostAddress());
  }

  /// The recipient to store for one that was named: `<Postmaster>` without domain is ours (RFC 5321
  /// 4.5.1) and gets our name; every other is kept as it is.
  public static Address qualified(Address to, String hostname) {
    return to.domain().isEmpty() && !to.isNull() ? new Address(to.local(), hostname) : to;
  }
}
