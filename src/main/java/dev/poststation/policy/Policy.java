package dev.poststation.policy;

import dev.poststation.config.ClientRule;
import dev.poststation.config.Configuration;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Rewriting;
import dev.poststation.config.Tolerance;
import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Who may relay, decided on its own and closed by default: the first entry of `clients`, in the
/// order of the file, all of whose conditions hold. Whom no entry names may send to nobody. Used by
/// the server and by `explain` alike. Immutable but for what [ClientMemory] learns; safe for any
/// thread.
///
/// Where an entry goes by names and the DNS has not answered yet, only the session that it is about
/// waits, and only for a moment (docs/adr/0010-names-of-clients.md).
public final class Policy {
  /// So long a decision waits for the DNS. What is not known by then does not hold.
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private final ClientMemory memory;
  private final Clients clients;
  private final Rewriter rewriter;
  private final List<Entry> entries;

  /// All exceptions that any entry makes.
  private final Set<Tolerance> tolerated = EnumSet.noneOf(Tolerance.class);

  /// @param conditions those that cost least first
  /// @param narrow whether it names a place that is no good part of the Internet
  private record Entry(Permit permit, Verdict verdict, List<Condition> conditions, boolean narrow) {
    static Entry of(
        ClientRule rule, String hostname, ClientMemory memory, Rewriter rewriter, long largest) {
      var permit = new Permit(rule, hostname, memory, rewriter, largest);
      String reason = "client rule \"" + rule.name() + "\" (" + rule.origin() + ")";
      return new Entry(
          permit,
          new Verdict.Allowed(permit, reason),
          Condition.of(rule.when(), memory),
          rule.when().nameNarrowPlace());
    }

    /// An entry fails where one condition does, whatever the DNS may still say of others.
    Condition.Standing standing(Facts client) {
      var all = Condition.Standing.HOLDS;
      for (int i = 0; i < conditions.size(); i++) {
        switch (conditions.get(i).standing(client)) {
          case FAILS -> {
            return Condition.Standing.FAILS;
          }
          case OPEN -> all = Condition.Standing.OPEN;
          case HOLDS -> {}
        }
      }
      return all;
    }

    void await(Facts client, Time time, long end) {
      for (Condition condition : conditions) {
        if (condition.standing(client) == Condition.Standing.OPEN) {
          long left = end - time.nanos();
          if (left > 0) {
            condition.await(client, Duration.ofNanos(left));
          }
        }
      }
    }
  }

  /// An entry that was looked at.
  ///
  /// @param matches whether all its conditions hold
  /// @param conditions all of them
  public record Considered(ClientRule rule, boolean matches, List<Found> conditions) {
    public Considered {
      conditions = List.copyOf(conditions);
    }
  }

  /// A condition that was looked at.
  ///
  /// @param key its key in the configuration
  /// @param why what was found
  public record Found(String key, boolean holds, String why) {}

  /// @param rules `clients`, in the order of the file
  /// @param hostname our name
  public Policy(List<ClientRule> rules, String hostname, ClientMemory memory) {
    this(rules, hostname, memory, new Rewriter(Rewriting.NONE, memory.os(), memory.directories()));
  }

  /// The one of a configuration.
  public Policy(Configuration configuration, ClientMemory memory) {
    this(
        configuration.clients(),
        configuration.hostname(),
        memory,
        new Rewriter(configuration.rewriting(), memory.os(), memory.directories()),
        configuration.largestMail());
  }

  /// One whose mail gets other addresses.
  public Policy(List<ClientRule> rules, String hostname, ClientMemory memory, Rewriter rewriter) {
    this(rules, hostname, memory, rewriter, Long.MAX_VALUE);
  }

  /// @param largest octets of a mail that finds a way
  private Policy(
      List<ClientRule> rules,
      String hostname,
      ClientMemory memory,
      Rewriter rewriter,
      long largest) {
    this.rewriter = rewriter;
    this.memory = memory;
    this.clients = new Clients(rules);
    List<Entry> all = new ArrayList<>(rules.size());
    for (ClientRule rule : rules) {
      all.add(Entry.of(rule, hostname, memory, rewriter, largest));
      tolerated.addAll(rule.tolerate());
      // Most of them are known when the first client comes.
      rule.when().hosts().forEach(host -> memory.addresses().now(host));
    }
    this.entries = List.copyOf(all);
  }

  /// Whether mail from this client is taken, and which. May wait for a moment: to be asked by the
  /// thread of the session that it is about.
  public Verdict decide(Facts client) {
    Time time = memory.os().time();
    long end = time.nanos() + PATIENCE.toNanos();
    Entry open = null;
    for (int number : clients.around(client.address())) {
      Entry entry = entries.get(number);
      var standing = entry.standing(client);
      if (standing == Condition.Standing.OPEN) {
        entry.await(client, time, end);
        standing = entry.standing(client);
      }
      switch (standing) {
        case HOLDS -> {
          return entry.verdict();
        }
        case OPEN -> open = open == null ? entry : open;
        case FAILS -> {}
      }
    }
    return refusal(client, open, end);
  }

  private Verdict refusal(Facts client, @Nullable Entry open, long end) {
    var hidden = open == null ? hidden(client) : null;
    if (hidden != null) {
      return new Verdict.Refused(
          PolicyReplies.BEHIND_GATEWAY,
          "client rule \""
              + hidden.name()
              + "\" ("
              + hidden.origin()
              + ") lets in no "
              + hidden.when().gateways().kind(client.address())
              + ", from where everybody's connections may seem to come: use the host's network or"
              + " proxy-protocol, so that clients keep their addresses; or name "
              + IpText.of(client.address())
              + " in its networks, if nobody else reaches the port");
    }
    if (open != null) {
      return unknown(client, open.permit().rule());
    }
    var missed = missed(client, end);
    if (missed == null) {
      missed = unproven(client);
    }
    if (missed == null) {
      return new Verdict.Refused(
          Replies.RELAY_DENIED, "no rule in clients matches " + IpText.of(client.address()));
    }
    return missed.unknown() ? unknown(client, missed.rule()) : missed.refusal(client);
  }

  private static Verdict unknown(Facts client, ClientRule rule) {
    return new Verdict.Refused(
        PolicyReplies.RELAY_UNKNOWN,
        "the DNS does not say now whether client rule \""
            + rule.name()
            + "\" ("
            + rule.origin()
            + ") matches "
            + IpText.of(client.address()));
  }

  /// The first entry that would let the client in if it did not come from a gateway; null: none.
  private @Nullable ClientRule hidden(Facts client) {
    for (int number : clients.around(client.address())) {
      Entry entry = entries.get(number);
      ClientRule rule = entry.permit().rule();
      if (rule.when().gateways().include(client.address())
          && entry.conditions().stream()
              .allMatch(
                  each ->
                      each instanceof Condition.FromNetwork
                          || each.standing(client) == Condition.Standing.HOLDS)) {
        return rule;
      }
    }
    return null;
  }

  /// The first entry that only the hour or the lack of encryption keeps from matching; one where
  /// the DNS does not tell the rest until the end, and then one that has expired, where there is no
  /// other; null: none.
  private @Nullable NearMiss missed(Facts client, long end) {
    NearMiss best = null;
    for (int number : clients.around(client.address())) {
      Entry entry = entries.get(number);
      var missed = NearMiss.of(entry.permit().rule(), entry.conditions(), client);
      if (missed != null && missed.unknown()) {
        entry.await(client, memory.os().time(), end);
        missed = NearMiss.of(entry.permit().rule(), entry.conditions(), client);
      }
      if (missed != null && missed.tellsAll()) {
        return missed;
      }
      if (missed != null && (best == null || (best.expired() && !missed.expired()))) {
        best = missed;
      }
    }
    return best;
  }

  /// The entry of which least is missing among those for the place that the client comes from; of
  /// those that are for a good part of the Internet none, for of whom nothing is known but that he
  /// is somewhere, nothing is to be said. Null: none.
  private @Nullable NearMiss unproven(Facts client) {
    NearMiss best = null;
    for (int number : clients.around(client.address())) {
      Entry entry = entries.get(number);
      if (entry.narrow()) {
        var missed = NearMiss.unproven(entry.permit().rule(), entry.conditions(), client);
        if (missed != null && (best == null || missed.failing().size() < best.failing().size())) {
          best = missed;
        }
      }
    }
    return best;
  }

  /// Whether an entry is for the place that this client comes from, as far as that is known when it
  /// connects: who has to prove something first is a stranger until then. Never waits.
  public boolean isStranger(Facts client) {
    for (int number : clients.around(client.address())) {
      Entry entry = entries.get(number);
      if (entry.permit().rule().when().namePlace() && isAtItsPlace(entry, client)) {
        return false;
      }
    }
    return true;
  }

  /// The first entry for the place that this client comes from, whatever it has to prove later,
  /// that makes an exception for it; null: none does. May wait for a moment, as `decide`.
  public @Nullable ClientRule tolerates(Facts client, Tolerance what) {
    if (!tolerated.contains(what)) {
      return null; // Mostly.
    }
    Time time = memory.os().time();
    long end = time.nanos() + PATIENCE.toNanos();
    for (int number : clients.around(client.address())) {
      Entry entry = entries.get(number);
      ClientRule rule = entry.permit().rule();
      if (rule.tolerate().contains(what) && rule.when().namePlace()) {
        entry.await(client, time, end);
        if (isAtItsPlace(entry, client)) {
          return rule;
        }
      }
    }
    return null;
  }

  /// Whether any entry makes one of these exceptions.
  public boolean toleratesAny(Set<Tolerance> exceptions) {
    return !Collections.disjoint(tolerated, exceptions);
  }

  private static boolean isAtItsPlace(Entry entry, Facts client) {
    for (Condition condition : entry.conditions()) {
      boolean shownLater =
          switch (condition) {
            case Condition.Encrypted _,
                Condition.Authenticated _,
                Condition.ByUser _,
                Condition.ByCertificate _ ->
                true;
            case Condition.OnListener _,
                Condition.InZone _,
                Condition.FromNetwork _,
                Condition.FromPeer _,
                Condition.NotExpired _,
                Condition.Within _,
                Condition.FromHost _,
                Condition.ByName _ ->
                false;
          };
      if (!shownLater && condition.standing(client) != Condition.Standing.HOLDS) {
        return false;
      }
    }
    return true;
  }

  /// Whether a client is told in the place of the greeting that it cannot come to relay. Who speaks
  /// for others is greeted, also when it speaks for itself, as checks of our health do.
  ///
  /// @param speaker who connects, whomever it speaks for
  public boolean turnsAway(Facts client, InetAddress speaker, ListenerSettings listener) {
    return listener.refuseStrangers() == ListenerSettings.RefuseStrangers.BEFORE_GREETING
        && !listener.forwarders().balancer(speaker)
        && !listener.forwarders().mayXclient(speaker)
        && isHopeless(client, listener);
  }

  /// Whether no entry can come to match this client in the session that begins now, whatever it
  /// does: it comes from elsewhere, or would have to prove what this listener gives nobody occasion
  /// to prove. What the DNS does not say yet may turn out well, and its hours may begin. Never
  /// waits.
  boolean isHopeless(Facts client, ListenerSettings listener) {
    for (int number : clients.around(client.address())) {
      if (canMatch(entries.get(number), client, listener)) {
        return false;
      }
    }
    return true;
  }

  private static boolean canMatch(Entry entry, Facts client, ListenerSettings listener) {
    boolean tls = listener.tls() != ListenerSettings.Tls.OFF;
    for (Condition condition : entry.conditions()) {
      boolean possible =
          switch (condition) {
            case Condition.Encrypted _ -> tls;
            case Condition.Authenticated _, Condition.ByUser _ ->
                listener.auth() != ListenerSettings.Auth.OFF;
            case Condition.ByCertificate _ -> tls && listener.clientCertificates().requested();
            case Condition.Within _ -> true; // It is told so at RCPT, and comes back.
            case Condition.OnListener _,
                Condition.InZone _,
                Condition.FromNetwork _,
                Condition.FromPeer _,
                Condition.NotExpired _,
                Condition.FromHost _,
                Condition.ByName _ ->
                condition.standing(client) != Condition.Standing.FAILS;
          };
      if (!possible) {
        return false;
      }
    }
    return true;
  }

  /// The moment that is asked about.
  public Instant moment(Facts client) {
    return client.moment(memory.os().time());
  }

  /// The time by the clock that it goes by.
  public Instant now() {
    return memory.os().time().now();
  }

  /// What `decide` looks at: all entries up to the one that matches, each with all its conditions,
  /// also those that `decide` need not look at because another one does not hold.
  public List<Considered> consider(Facts client) {
    Time time = memory.os().time();
    long end = time.nanos() + PATIENCE.toNanos();
    List<Considered> all = new ArrayList<>();
    for (Entry entry : entries) {
      entry.await(client, time, end);
      List<Found> found = new ArrayList<>();
      boolean matches = true;
      for (Condition condition : entry.conditions()) {
        boolean holds = condition.standing(client) == Condition.Standing.HOLDS;
        found.add(new Found(condition.key(), holds, condition.why(client)));
        matches &= holds;
      }
      all.add(new Considered(entry.permit().rule(), matches, found));
      if (matches) {
        break;
      }
    }
    return all;
  }

  /// To whom a notice to this sender goes: where addresses are put back that come to us, to the one
  /// that it was.
  public Address putBack(Address sender) {
    return rewriter.changeOfNotice(sender).map(Rewriter.Change::to).orElse(sender);
  }

  /// The recipient to store for one that was named: `<Postmaster>` without domain is ours (RFC 5321
  /// 4.5.1) and gets our name; every other is kept as it is.
  public static Address qualified(Address to, String hostname) {
    return to.domain().isEmpty() && !to.isNull() ? new Address(to.local(), hostname) : to;
  }
}
