package dev.poststation.dns;

import dev.poststation.config.DnsSettings;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/// The resolver that asks name servers, and remembers what they said for as long as they said. Safe
/// for any thread.
///
/// - Whom: the servers of `dns.servers`, or those of `/etc/resolv.conf`; a change of that file is
///   noticed. Each gets the time-out of the settings, those that stay silent get a second one. No
///   search list: names are complete.
/// - Addresses that stand in `/etc/hosts` are taken from there, as administrators expect of the
///   name of a smarthost. `localhost` and `invalid` are never asked about (RFC 6761 6.3, 6.4).
/// - A name in Unicode is asked for by its A-labels (RFC 5890); what cannot be a name does not
///   exist.
/// - Answers are kept for their TTL, one second to one hour; "no" for what the SOA says, 15 minutes
///   at most (RFC 2308); a failure for five seconds. At most 10,000 answers.
public final class DnsResolver implements Resolver {
  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final int ANSWERS_MAX = 10_000;

  /// Addresses of one family that are used of a host, and mail exchangers of a domain that are
  /// looked at.
  private static final int ADDRESSES_MAX = 10;

  private static final int EXCHANGERS_MAX = 100;

  /// As old as its TTL allows.
  private static final Duration ANY_AGE = Duration.ofDays(1);

  private static final List<InetAddress> LOOPBACK = List.of(literal("::1"), literal("127.0.0.1"));

  private final Os os;
  private final HostsFile hosts;
  private final AnswerCache cache;
  private final Lookup lookup;

  /// A resolver that knows nothing yet.
  public DnsResolver(DnsSettings settings, Os os) {
    this(settings, os, HOSTS, RESOLV_CONF);
  }

  DnsResolver(DnsSettings settings, Os os, Path hosts, Path resolvConf) {
    this.os = os;
    this.hosts = new HostsFile(os, hosts);
    this.cache = new AnswerCache(os.time(), ANSWERS_MAX);
    var servers = new NameServers(settings, os, resolvConf);
    this.lookup = new Lookup(new Inquiry(servers, settings.timeout(), os));
  }

  @Override
  public Answer<MailExchanger> mailExchangers(String domain) {
    var key = DomainName.ascii(domain);
    if (key.isEmpty() || isUnder("invalid", key.get())) {
      return new Answer.NoName<>();
    }
    if (isUnder("localhost", key.get())) {
      return new Answer.NoRecord<>();
    }
    return switch (find(new Question(name(key.get()), Type.MX), ANY_AGE)) {
      case Answer.Found<Record>(var records) -> new Answer.Found<>(exchangers(records));
      case Answer.NoRecord<Record> _ -> new Answer.NoRecord<>();
      case Answer.Failed<Record>(var reason) -> new Answer.Failed<>(reason);
      case Answer.NoName<Record> _ ->
          // A name of /etc/hosts exists, though the DNS has never heard of it.
          hosts.addresses(key.get()).isEmpty() ? new Answer.NoName<>() : new Answer.NoRecord<>();
    };
  }

  private static List<MailExchanger> exchangers(List<Record> records) {
    List<MailExchanger> exchangers = new ArrayList<>();
    for (Record entry : records) {
      if (entry instanceof MXRecord mx && exchangers.size() < EXCHANGERS_MAX) {
        var host = mx.getTarget();
        exchangers.add(
            new MailExchanger(
                mx.getPriority(), host.equals(Name.root) ? "." : host.toString(true)));
      }
    }
    return exchangers;
  }

  @Override
  public Answer<InetAddress> addresses(String host) {
    return addresses(host, ANY_AGE);
  }

  @Override
  public Answer<InetAddress> addresses(String host, Duration notOlder) {
    var numeric = NumericAddress.parse(host);
    if (numeric.isPresent()) {
      return new Answer.Found<>(List.of(numeric.get()));
    }
    var key = DomainName.ascii(host);
    if (key.isEmpty()) {
      return new Answer.NoName<>();
    }
    var listed = hosts.addresses(key.get());
    if (!listed.isEmpty()) {
      return new Answer.Found<>(sixFirst(listed));
    }
    if (isUnder("localhost", key.get())) {
      return new Answer.Found<>(LOOPBACK);
    }
    return isUnder("invalid", key.get()) ? new Answer.NoName<>() : asked(name(key.get()), notOlder);
  }

  @Override
  public Answer<String> names(InetAddress address) {
    return switch (find(new Question(ReverseMap.fromAddress(address), Type.PTR), ANY_AGE)) {
      case Answer.Found<Record>(var records) -> new Answer.Found<>(targets(records));
      case Answer.NoRecord<Record> _ -> new Answer.NoRecord<>();
      case Answer.NoName<Record> _ -> new Answer.NoName<>();
      case Answer.Failed<Record>(var reason) -> new Answer.Failed<>(reason);
    };
  }

  private static List<String> targets(List<Record> records) {
    List<String> names = new ArrayList<>();
    for (Record entry : records) {
      if (entry instanceof PTRRecord pointer && names.size() < ADDRESSES_MAX) {
        names.add(pointer.getTarget().toString(true));
      }
    }
    return names;
  }

  private static List<InetAddress> sixFirst(List<InetAddress> addresses) {
    List<InetAddress> sorted = new ArrayList<>(addresses.size());
    addresses.stream().filter(address -> !isFour(address)).forEach(sorted::add);
    addresses.stream().filter(DnsResolver::isFour).forEach(sorted::add);
    return sorted;
  }

  private static boolean isFour(InetAddress address) {
    return address.getAddress().length == 4;
  }

  /// Both families at the same time, for one that stays silent would double the wait.
  private Answer<InetAddress> asked(Name host, Duration notOlder) {
    var four = new Question(host, Type.A);
    var six = new Question(host, Type.AAAA);
    Optional<Finding> knownSix = cache.known(six, notOlder);
    if (knownSix.isPresent()) {
      return both(knownSix.get().answer(), find(four, notOlder));
    }
    List<Supplier<Answer<Record>>> questions =
        List.of(() -> find(six, notOlder), () -> find(four, notOlder));
    var answers = Together.ask(os.tasks(), "dns-" + host, questions);
    return both(answers.get(0), answers.get(1));
  }

  private Answer<Record> find(Question question, Duration notOlder) {
    return cache.find(question, notOlder, lookup::find).answer();
  }

  /// What one family gives is enough, even if nobody knows about the other. "No" takes a no from
  /// both.
  private Answer<InetAddress> both(Answer<Record> six, Answer<Record> four) {
    List<InetAddress> addresses = new ArrayList<>();
    addShuffled(six, addresses);
    addShuffled(four, addresses);
    if (!addresses.isEmpty()) {
      return new Answer.Found<>(addresses);
    }
    if (six instanceof Answer.Failed<Record>(var reason)) {
      return new Answer.Failed<>(reason);
    }
    if (four instanceof Answer.Failed<Record>(var reason)) {
      return new Answer.Failed<>(reason);
    }
    boolean noName = six instanceof Answer.NoName && four instanceof Answer.NoName;
    return noName ? new Answer.NoName<>() : new Answer.NoRecord<>();
  }

  /// Shuffled, for the cache would otherwise send everything to the address that came first (RFC
  /// 1794).
  private void addShuffled(Answer<Record> answer, List<InetAddress> addresses) {
    if (!(answer instanceof Answer.Found<Record>(var records))) {
      return;
    }
    List<Record> left = new ArrayList<>(records);
    for (int i = 0; i < ADDRESSES_MAX && !left.isEmpty(); i++) {
      switch (left.remove(os.chance().below(left.size()))) {
        case ARecord a -> addresses.add(a.getAddress());
        case AAAARecord aaaa -> addresses.add(aaaa.getAddress());
        default -> {} // Lookup gives only what was asked for.
      }
    }
  }

  private static boolean isUnder(String top, String name) {
    return name.endsWith(top)
        && (name.length() == top.length() || name.charAt(name.length() - top.length() - 1) == '.');
  }

  private static Name name(String ascii) {
    try {
      return Name.fromString(ascii, Name.root);
    } catch (TextParseException e) {
      throw new IllegalArgumentException(ascii, e); // DomainName has checked it.
    }
  }

  private static InetAddress literal(String text) {
    return NumericAddress.parse(text).orElseThrow();
  }
}
