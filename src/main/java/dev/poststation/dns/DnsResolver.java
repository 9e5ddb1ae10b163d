package dev.poststation.dns;

import dev.poststation.config.DnsSettings;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Record;
import org.xbill.DNS.ReverseMap;
import org.xbill.DNS.TLSARecord;
import org.xbill.DNS.TXTRecord;
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
///   at most (RFC 2308); a failure for five seconds. At most 10,000 answers, and 16 MB.
public final class DnsResolver implements Resolver {
  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final int ANSWERS_MAX = 10_000;
  private static final long ANSWER_OCTETS_MAX = 16_000_000;

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
  private final Trust trust;

  /// A resolver that knows nothing yet.
  public DnsResolver(DnsSettings settings, Os os) {
    this(settings, os, HOSTS, RESOLV_CONF);
  }

  DnsResolver(DnsSettings settings, Os os, Path hosts, Path resolvConf) {
    this.os = os;
    this.hosts = new HostsFile(os, hosts);
    this.cache = new AnswerCache(os.time(), ANSWERS_MAX, ANSWER_OCTETS_MAX);
    var servers = new NameServers(settings, os, resolvConf);
    var inquiry = new Inquiry(servers, settings.timeout(), settings.dnssec(), os);
    this.lookup =
        new Lookup(
            settings.dnssec() == DnsSettings.Dnssec.VALIDATE
                ? new Validation(inquiry, settings.anchors(), settings.unsigned(), os.time())
                : inquiry);
    this.trust = new Trust(servers, inquiry, settings.dnssec(), os);
  }

  @Override
  public List<String> concerns() {
    return trust.concerns();
  }

  @Override
  public Answer<MailExchanger> mailExchangers(String domain) {
    return assuredExchangers(domain).answer();
  }

  @Override
  public Assured<MailExchanger> assuredExchangers(String domain) {
    var key = DomainName.ascii(domain);
    if (key.isEmpty() || isUnder("invalid", key.get())) {
      return unproven(new Answer.NoName<>(), domain);
    }
    if (isUnder("localhost", key.get())) {
      return unproven(new Answer.NoRecord<>(), domain);
    }
    var found = assured(new Question(name(key.get()), Type.MX), DnsResolver::exchangers);
    // A name of /etc/hosts exists, though the DNS has never heard of it.
    boolean listed =
        found.answer() instanceof Answer.NoName && !hosts.addresses(key.get()).isEmpty();
    return listed ? unproven(new Answer.NoRecord<>(), key.get()) : found;
  }

  @Override
  public Assured<String> assuredAlias(String name) {
    return assured(
        name,
        Type.CNAME,
        records ->
            records.stream()
                .filter(CNAMERecord.class::isInstance)
                .map(each -> ((CNAMERecord) each).getTarget().toString(true))
                .toList());
  }

  @Override
  public Assured<Tlsa> tlsa(String name) {
    return assured(
        name,
        Type.TLSA,
        records ->
            records.stream()
                .filter(TLSARecord.class::isInstance)
                .map(each -> tlsa((TLSARecord) each))
                .toList());
  }

  private static Tlsa tlsa(TLSARecord written) {
    return new Tlsa(
        written.getCertificateUsage(),
        written.getSelector(),
        written.getMatchingType(),
        HexFormat.of().formatHex(written.getCertificateAssociationData()));
  }

  @Override
  public Assured<String> texts(String name) {
    return assured(
        name,
        Type.TXT,
        records ->
            records.stream()
                .filter(TXTRecord.class::isInstance)
                .map(each -> String.join("", ((TXTRecord) each).getStrings()))
                .toList());
  }

  private <T> Assured<T> assured(String text, int type, Function<List<Record>, List<T>> read) {
    var key = DomainName.ascii(text);
    return key.isEmpty()
        ? unproven(new Answer.NoName<>(), text)
        : assured(new Question(name(key.get()), type), read);
  }

  private <T> Assured<T> assured(Question question, Function<List<Record>, List<T>> read) {
    var finding = finding(question, ANY_AGE);
    Answer<T> answer =
        switch (finding.answer()) {
          case Answer.Found<Record>(var records) -> new Answer.Found<>(read.apply(records));
          case Answer.NoRecord<Record> _ -> new Answer.NoRecord<>();
          case Answer.NoName<Record> _ -> new Answer.NoName<>();
          case Answer.Failed<Record>(var reason) -> new Answer.Failed<>(reason);
        };
    return new Assured<>(answer, finding.secure(), finding.name().toString(true));
  }

  private static <T> Assured<T> unproven(Answer<T> answer, String name) {
    return new Assured<>(answer, false, name);
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
    return assuredAddresses(host, notOlder).answer();
  }

  @Override
  public Assured<InetAddress> assuredAddresses(String host) {
    return assuredAddresses(host, ANY_AGE);
  }

  private Assured<InetAddress> assuredAddresses(String host, Duration notOlder) {
    var numeric = NumericAddress.parse(host);
    if (numeric.isPresent()) {
      return unproven(new Answer.Found<>(List.of(numeric.get())), host);
    }
    var key = DomainName.ascii(host);
    if (key.isEmpty()) {
      return unproven(new Answer.NoName<>(), host);
    }
    var listed = hosts.addresses(key.get());
    if (!listed.isEmpty()) {
      return unproven(new Answer.Found<>(sixFirst(listed)), host);
    }
    if (isUnder("localhost", key.get())) {
      return unproven(new Answer.Found<>(LOOPBACK), host);
    }
    return isUnder("invalid", key.get())
        ? unproven(new Answer.NoName<>(), host)
        : asked(name(key.get()), notOlder);
  }

  @Override
  public Answer<String> names(InetAddress address) {
    return switch (finding(new Question(ReverseMap.fromAddress(address), Type.PTR), ANY_AGE)
        .answer()) {
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
  private Assured<InetAddress> asked(Name host, Duration notOlder) {
    var four = new Question(host, Type.A);
    var six = new Question(host, Type.AAAA);
    Optional<Finding> knownSix = cache.known(six, notOlder);
    if (knownSix.isPresent()) {
      return both(knownSix.get(), finding(four, notOlder));
    }
    List<Supplier<Finding>> questions =
        List.of(() -> finding(six, notOlder), () -> finding(four, notOlder));
    var answers = Together.ask(os.tasks(), "dns-" + host, questions);
    return both(answers.get(0), answers.get(1));
  }

  private Finding finding(Question question, Duration notOlder) {
    return cache.find(question, notOlder, lookup::find);
  }

  private static boolean hasRecords(Finding finding) {
    return finding.answer() instanceof Answer.Found;
  }

  /// A family of which nobody knows now, or which is not there, says nothing of the other: the
  /// proof of one that is there is enough, for the host is then known by its certificate.
  private Assured<InetAddress> both(Finding six, Finding four) {
    boolean none = !hasRecords(six) && !hasRecords(four);
    boolean bySix = hasRecords(six) && six.secure();
    boolean byFour = hasRecords(four) && four.secure();
    boolean secure = none ? six.secure() && four.secure() : bySix || byFour;
    var named = bySix || (hasRecords(six) && !byFour) ? six : four;
    var answer = both(six.answer(), four.answer());
    return new Assured<>(answer, secure, named.name().toString(true));
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
