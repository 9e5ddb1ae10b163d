package dev.poststation.delivery;

import dev.poststation.config.Connector;
import dev.poststation.config.Limits;
import dev.poststation.config.SourceAddress;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.smtp.Capabilities;
import dev.poststation.tls.ClientTls;
import dev.poststation.tlsrpt.TlsSession;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Opens conversations: tries host after host of a destination, address after address, until one
/// takes mail. Safe for any thread; blocks the calling one.
public final class Dialer {
  private static final int ADDRESSES_MAX = 10;
  private static final int REMEMBERED_MAX = 1000;

  /// Threads that hash passwords as next hops want it, and how many logins may wait for them.
  private static final int HASHING = 2;

  private static final int HASHING_WAITS = 1000;

  private final Introduction.Means means;
  private final Resolver resolver;
  private final SourceAddresses sources;
  private final Pace.Book paces;
  private final Graph graph;
  private final Endpoints endpoints;

  /// Those that offer CHUNKING but do not know BDAT, until the next start.
  private final Set<String> withoutChunking = ConcurrentHashMap.newKeySet();

  /// @param hostname what we are called; greeted with it, a next hop is ourselves
  /// @param tokens for accounts that log in by OAuth 2
  /// @param sources for connectors that name addresses of ours
  public Dialer(
      Os os,
      Resolver resolver,
      ClientTls tls,
      String hostname,
      Supplier<Limits> limits,
      Tokens tokens,
      SourceAddresses sources) {
    this(os, resolver, tls, hostname, limits, tokens, sources, hashing(os));
  }

  /// The same where several share the threads that hash passwords, which never end.
  ///
  /// @param hashing as `hashing` makes it
  public Dialer(
      Os os,
      Resolver resolver,
      ClientTls tls,
      String hostname,
      Supplier<Limits> limits,
      Tokens tokens,
      SourceAddresses sources,
      Workers hashing) {
    this.means =
        new Introduction.Means(
            os, tls, hostname, limits, tokens, hashing, new Outward(os.network(), resolver));
    this.resolver = resolver;
    this.sources = sources;
    this.paces = new Pace.Book(os.time());
    this.graph = new Graph(means);
    this.endpoints = new Endpoints(means);
  }

  /// Threads that hash passwords for logins at next hops; none runs before it is needed.
  public static Workers hashing(Os os) {
    return new Workers(os.tasks(), "scram", HASHING, HASHING_WAITS);
  }

  /// One without tokens.
  public Dialer(Os os, Resolver resolver, ClientTls tls, String hostname, Supplier<Limits> limits) {
    this(os, resolver, tls, hostname, limits, Tokens.NONE, SourceAddresses.unkept(os));
  }

  /// Opens a conversation with the first host that takes mail.
  ///
  /// Bounded: ten addresses, and none is tried any more when the time-outs for connection, greeting
  /// and EHLO taken together have passed. Never throws for what peers or the network do.
  public Opening open(Destination destination) {
    var account = destination.connector().account();
    var missing = account == null ? Optional.<String>empty() : means.tokens().missing(account);
    if (missing.isPresent()) {
      return Graph.withoutToken(Objects.requireNonNull(account), missing.get());
    }
    return switch (destination.connector().type()) {
      case GRAPH -> graph.open(destination);
      case HTTP -> endpoints.open(destination);
      case SMARTHOST, MX, LMTP, HOLD, DISCARD -> new Search(destination).run();
    };
  }

  /// An administrator wants a destination tried as if for the first time: an account that the next
  /// hop let send nothing is asked again before its time.
  public void forget(Destination destination) {
    var account = destination.connector().account();
    if (account != null && destination.connector().type() == Connector.Type.GRAPH) {
      graph.forget(account);
    }
  }

  private void rememberWithoutChunking(String relay) {
    if (withoutChunking.size() >= REMEMBERED_MAX) {
      withoutChunking.clear(); // Each is learned anew at the cost of one more connection.
    }
    withoutChunking.add(relay);
  }

  /// One call of `open`.
  private final class Search {
    private final Destination destination;
    private final Connector connector;
    private final long start = means.os().time().nanos();
    private final Transcript transcript = new Transcript();
    private final List<Opening.Refusal> refusals = new ArrayList<>(0);
    private final List<TlsSession> sessions = new ArrayList<>(1);
    private int tried;
    private String relay = "none";
    private Outcome outcome;

    /// What became of the present host.
    private Outcome at;

    /// What the outcome says, in kind.
    private Obstacle obstacle = Obstacle.NAME;

    private boolean nowhere = true;

    /// Whether some host could not be met, which may take the mail another time.
    private boolean open;

    /// From where the present host is called; null: the choice of the system.
    private @Nullable Departure departure;

    /// When an address of ours may send again that may not now; null: none is such.
    private @Nullable Instant later;

    /// Whether this machine has none of the addresses of a family.
    private boolean absent;

    Search(Destination destination) {
      this.destination = destination;
      this.connector = destination.connector();
      this.outcome =
          Diagnosis.deferred(
              Stage.ROUTE, "4.4.4", "connector " + connector.name() + " leads to no host");
      this.at = outcome;
    }

    Opening run() {
      for (NextHop hop : destination.hosts()) {
        int before = tried;
        List<InetAddress> addresses = hop.local() ? here() : addresses(hop);
        var tls = addresses.isEmpty() ? Optional.<HopTls>empty() : tls(hop);
        if (tls.isEmpty()) {
          if (at instanceof Outcome.Deferred) {
            refusals.add(new Opening.Refusal(hop, at)); // Else it is the mail that wants too much.
          }
          continue;
        }
        note(hop, addresses);
        for (InetAddress address : addresses) {
          if (tried == ADDRESSES_MAX || isLate()) {
            if (tried > before) {
              refusals.add(new Opening.Refusal(hop, at));
            }
            transcript.note("more addresses are left for the next attempt");
            if (outcome instanceof Outcome.Bounced) {
              outcome = Diagnosis.deferred(Stage.ROUTE, "4.7.30", outcome.text());
            }
            return failed();
          }
          switch (meet(hop, tls.get(), address)) {
            case Introduction.Result.Ready ready -> {
              return opened(ready);
            }
            case Introduction.Result.Refused refused -> {
              at = refused.outcome();
              obstacle = refused.obstacle();
              if (refused.then() == Introduction.Then.STOP) {
                outcome = at;
                return failed();
              }
              tried += refused.then() == Introduction.Then.OTHER_SOURCE ? 0 : 1;
              met();
            }
          }
        }
        if (tried > before) {
          refusals.add(new Opening.Refusal(hop, at));
        }
      }
      return failed();
    }

    private boolean named(NextHop hop) {
      return !hop.local() && !connector.egress().sources().isEmpty();
    }

    /// Which addresses of ours are listed there.
    private void note(NextHop hop, List<InetAddress> addresses) {
      for (boolean six : named(hop) ? List.of(false, true) : List.<Boolean>of()) {
        if (addresses.stream().anyMatch(each -> each instanceof Inet6Address == six)) {
          sources.notes(connector, hop, six).forEach(transcript::note);
        }
      }
    }

    /// From one address of ours after the other, until this machine has the one that was chosen,
    /// and the host does not refuse it.
    private Introduction.Result meet(NextHop hop, HopTls tls, InetAddress address) {
      boolean named = named(hop);
      while (true) {
        SourceAddress from = null;
        departure = null;
        if (named) {
          switch (sources.choose(connector, hop, address instanceof Inet6Address)) {
            case SourceAddresses.Choice.From(var chosen) -> {
              departure = chosen;
              from = chosen.source();
            }
            case SourceAddresses.Choice.Later(var until, var why) -> {
              later = later == null || until.isBefore(later) ? until : later;
              return noSource(why);
            }
            case SourceAddresses.Choice.None(var why) -> {
              absent = true;
              return noSource(why);
            }
          }
        }
        var introduction = new Introduction(means, connector, hop, tls, address, from, transcript);
        relay = introduction.diagnosis().relay();
        var result = meet(introduction);
        if (departure == null || from == null) {
          return result;
        }
        if (!(result instanceof Introduction.Result.Ready)) {
          departure.end();
        }
        if (!(result instanceof Introduction.Result.Refused refused)
            || refused.then() != Introduction.Then.OTHER_SOURCE) {
          sources.present(from);
          if (result instanceof Introduction.Result.Refused no && departure.refused(no.outcome())) {
            transcript.note("source " + from + " is listed there: another one is tried");
            continue;
          }
          return result;
        }
        sources.absent(connector, from, refused.outcome().text());
      }
    }

    private Introduction.Result noSource(Outcome.Deferred why) {
      transcript.note(why.text());
      return new Introduction.Result.Refused(why, Introduction.Then.OTHER_SOURCE, Obstacle.SOURCE);
    }

    private Introduction.Result meet(Introduction introduction) {
      var result = introduction.run(false);
      introduction.seen().ifPresent(sessions::add);
      if (result instanceof Introduction.Result.Refused refused
          && refused.then() == Introduction.Then.IN_CLEAR) {
        transcript.note("TLS failed: once more in clear (RFC 7435)");
        return introduction.run(true);
      }
      return result;
    }

    /// What the host must show; empty when nobody knows now: then it gets nothing.
    private Optional<HopTls> tls(NextHop hop) {
      return switch (HopTls.of(connector, hop, resolver)) {
        case HopTls.Decision.Good(var tls) -> {
          if (!tls.note().isEmpty()) {
            transcript.note(tls.note());
          }
          yield Optional.of(tls);
        }
        case HopTls.Decision.Unknown(var why, var seen) -> {
          if (seen != null) {
            sessions.add(seen);
          }
          unreachable(hop, "4.7.5", "host " + hop.host() + " is not used: " + why);
          yield Optional.empty();
        }
        case HopTls.Decision.Never(var why) -> {
          String text = "host " + hop.host() + " is not used: " + why;
          relay = tried == 0 ? hop.toString() : relay;
          at = Diagnosis.bounced(Stage.ROUTE, "5.7.30", text);
          met();
          transcript.note(text);
          yield Optional.empty();
        }
      };
    }

    private boolean isLate() {
      var timeouts = connector.timeouts();
      long passed = means.os().time().nanos() - start;
      return passed > timeouts.connect().plus(timeouts.greeting()).plus(timeouts.hello()).toNanos();
    }

    private List<InetAddress> here() {
      nowhere = false;
      return List.of(InetAddress.getLoopbackAddress());
    }

    private List<InetAddress> addresses(NextHop hop) {
      return switch (resolver.addresses(hop.host())) {
        case Resolver.Answer.Found<InetAddress> found -> {
          List<InetAddress> usable = inOrder(found.records());
          if (usable.isEmpty()) {
            unreachable(
                hop,
                "4.4.4",
                "host "
                    + hop.host()
                    + " has no address of the family that connector "
                    + connector.name()
                    + " may use");
          }
          nowhere = false;
          yield usable;
        }
        case Resolver.Answer.NoRecord<InetAddress> _ -> {
          unreachable(hop, "4.4.4", "host " + hop.host() + " has no address");
          yield List.of();
        }
        case Resolver.Answer.NoName<InetAddress> _ -> {
          unreachable(hop, "4.4.4", "host " + hop.host() + " does not exist");
          yield List.of();
        }
        case Resolver.Answer.Failed<InetAddress> failed -> {
          nowhere = false;
          unreachable(
              hop, "4.4.3", "host " + hop.host() + " cannot be looked up now: " + failed.reason());
          yield List.of();
        }
      };
    }

    private void unreachable(NextHop hop, String status, String text) {
      relay = tried == 0 ? hop.toString() : relay;
      at = Diagnosis.deferred(Stage.ROUTE, status, text);
      outcome = tried == 0 || outcome instanceof Outcome.Bounced ? at : outcome;
      open = true;
      transcript.note(text);
    }

    /// What one host has not is the last word only if no other one may have it.
    private void met() {
      boolean last = at instanceof Outcome.Bounced;
      outcome = last && open ? outcome : at;
      open |= !last;
    }

    /// The preferred family first, then in turn, so that a family that does not work costs little.
    private List<InetAddress> inOrder(List<InetAddress> addresses) {
      List<InetAddress> six = new ArrayList<>();
      List<InetAddress> four = new ArrayList<>();
      for (InetAddress address : addresses) {
        (address instanceof Inet6Address ? six : four).add(address);
      }
      if (!connector.egress().reaches(true)) {
        six.clear();
      }
      if (!connector.egress().reaches(false)) {
        four.clear();
      }
      return switch (connector.prefer()) {
        case IPV6 -> inTurn(six, four);
        case IPV4 -> inTurn(four, six);
        case ONLY_IPV6 -> six;
        case ONLY_IPV4 -> four;
      };
    }

    private static List<InetAddress> inTurn(List<InetAddress> first, List<InetAddress> second) {
      List<InetAddress> all = new ArrayList<>(first.size() + second.size());
      for (int i = 0; i < Math.max(first.size(), second.size()); i++) {
        if (i < first.size()) {
          all.add(first.get(i));
        }
        if (i < second.size()) {
          all.add(second.get(i));
        }
      }
      return all;
    }

    private Opening opened(Introduction.Result.Ready ready) {
      var diagnosis = ready.diagnosis();
      String name = diagnosis.relay();
      var can = ready.can();
      var conversation =
          new SmtpConversation(
              ready.dialogue(),
              withoutChunking.contains(name) ? can.without(Capabilities.Extension.CHUNKING) : can,
              ready.login(),
              departure,
              connector,
              means.limits().get(),
              diagnosis,
              means.os().time(),
              paces.of(connector),
              () -> rememberWithoutChunking(name));
      boolean unasked = open || !refusals.isEmpty();
      return new Opening.Opened(
          conversation, passed(), transcript.lines(), refusals, sessions, unasked);
    }

    private Opening failed() {
      if (tried == 0
          && later != null
          && !absent
          && outcome instanceof Outcome.Deferred why
          && why.stage() == Stage.QUOTA) {
        return new Opening.Withheld(later, why, transcript.lines());
      }
      if (nowhere && connector.type() == Connector.Type.MX && !destination.hosts().isEmpty()) {
        // RFC 5321 5.1: the domain names hosts, and none of them exists.
        outcome = Diagnosis.bounced(Stage.ROUTE, "5.4.4", outcome.text());
      }
      if (destination.incomplete() && outcome instanceof Outcome.Bounced) {
        String text = outcome.text() + "; another host cannot be found now";
        outcome = Diagnosis.deferred(Stage.ROUTE, "4.7.30", text);
      }
      return new Opening.Failed(
          outcome, relay, passed(), transcript.lines(), refusals, obstacle, sessions);
    }

    private long passed() {
      return means.os().time().nanos() - start;
    }
  }
}
