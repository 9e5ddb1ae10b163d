package dev.poststation;

import dev.poststation.config.ClientRule;
import dev.poststation.config.ListenerSettings;
import dev.poststation.config.Machine;
import dev.poststation.os.IpText;
import dev.poststation.os.Time;
import dev.poststation.os.TlsFacts;
import dev.poststation.policy.Facts;
import dev.poststation.policy.Outbreaks;
import dev.poststation.policy.Policy;
import dev.poststation.policy.Verdict;
import dev.poststation.profile.Profiles;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.spool.Spool;
import dev.poststation.tls.Certificates;
import dev.poststation.tls.OldTls;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What an administrator should know though the relay does what it is for, in one sentence each.
/// Safe for any thread.
///
/// @param machine where the relay runs
record Concerns(Time time, Machine machine) {
  /// More are told by `poststation outbreak list`.
  private static final int OUTBREAKS_MOST = 20;

  private static final Logger LOG = LoggerFactory.getLogger(Concerns.class);

  private static final TlsFacts ENCRYPTED = new TlsFacts("TLSv1.3", "", null, List.of());

  private static final String OLD_TLS_LATER =
      "An entry of clients tolerates TLS 1.0 or 1.1, which this process cannot speak: it was not"
          + " yet so when the relay started; start it anew";

  /// Why it does not do what it is for; empty while it does.
  static Optional<String> problem(Spool spool) {
    return spool
        .problem()
        .map(
            why ->
                (why.full()
                        ? "New mail is refused with 452: "
                        : "New mail is refused with 451, and none leaves: ")
                    + why.text());
  }

  /// All of them; more may be added.
  ///
  /// @param listeners where clients come
  /// @param onlySource the address that all clients came from lately, if there is one
  /// @param outbreaks of clients
  List<String> all(
      Certificates certificates,
      Policy policy,
      List<ListenerSettings> listeners,
      Optional<InetAddress> onlySource,
      Profiles profiles,
      Optional<Outbreaks> outbreaks) {
    List<String> concerns = new ArrayList<>(certificates.concerns(authorities(listeners)));
    onlySource.flatMap(source -> hiding(policy, listeners, source)).ifPresent(concerns::add);
    int deviating = profiles.deviating();
    if (deviating > 0) {
      concerns.add(
          (deviating == 1 ? "1 device is" : deviating + " devices are")
              + " not as always: poststation profile list says which, poststation profile accept"
              + " makes it usual");
    }
    outbreaks.map(Outbreaks::now).orElse(List.of()).stream()
        .limit(OUTBREAKS_MOST)
        .forEach(outbreak -> concerns.add(outbreak.sentence()));
    if (policy.toleratesAny(OldTls.TOLERANCES) && !OldTls.possible()) {
      concerns.add(OLD_TLS_LATER);
    }
    return concerns;
  }

  /// The files of `client-authorities`.
  static Set<Path> authorities(List<ListenerSettings> listeners) {
    return listeners.stream()
        .flatMap(each -> each.clientCertificates().authorities().stream())
        .collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /// All clients begin to come from one address.
  void warn(Policy policy, List<ListenerSettings> listeners, InetAddress source) {
    hiding(policy, listeners, source).ifPresent(concern -> LOG.warn("{}", concern));
  }

  /// Whether clients may hide behind an address that is let in at some listener, or would be if it
  /// hid nobody. Whoever can encrypt will.
  private Optional<String> hiding(
      Policy policy, List<ListenerSettings> listeners, InetAddress source) {
    if (!machine.mayForward(source)) {
      return Optional.empty();
    }
    for (var listener : listeners) {
      var encrypted = listener.tls() == ListenerSettings.Tls.OFF ? null : ENCRYPTED;
      var client = new Facts(source, listener.name(), listener.zone(), encrypted, null, null, "");
      var concern = hiding(policy, client);
      if (concern.isPresent()) {
        return concern;
      }
    }
    return Optional.empty();
  }

  private Optional<String> hiding(Policy policy, Facts client) {
    var source = client.address();
    String all = "All clients of the last hour came from " + IpText.of(source) + ", ";
    return switch (policy.decide(client)) {
      case Verdict.Allowed allowed when !machine.forwarders().contains(source) ->
          byNetwork(allowed.client(), source)
              ? Optional.of(all + mesh(allowed.client().name(), source))
              : Optional.empty();
      case Verdict.Allowed allowed ->
          Optional.of(
              all
                  + "from where connections are forwarded, and client \""
                  + allowed.client().name()
                  + "\" lets that address in: whoever reaches the port may relay; use the host's"
                  + " network, or proxy-protocol");
      case Verdict.Refused(var reply, var reason) when reply.equals(PolicyReplies.BEHIND_GATEWAY) ->
          Optional.of(all + "which hides their own addresses, and are refused: " + reason);
      case Verdict.Refused _ -> Optional.empty();
    };
  }

  /// Whether a network that is wider lets it in: who names an address alone knows whose it is.
  private static boolean byNetwork(ClientRule rule, InetAddress source) {
    return rule.networks().stream().anyMatch(each -> each.contains(source))
        && rule.networks().stream().noneMatch(each -> each.isSingle() && each.contains(source));
  }

  private String mesh(String name, InetAddress source) {
    return "and client \""
        + name
        + "\" lets that address in: if connections are forwarded to "
        + machine.behind()
        + " from there, whoever reaches the port may relay; use the host's network, or"
        + " proxy-protocol (if it is one machine of yours, put "
        + IpText.of(source)
        + " by itself into its networks)";
  }
}
