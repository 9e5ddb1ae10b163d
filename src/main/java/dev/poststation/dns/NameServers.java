package dev.poststation.dns;

import dev.poststation.config.DnsSettings;
import dev.poststation.os.IpText;
import dev.poststation.os.Os;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whom to ask: the configured servers, or those of resolv.conf(5). One that did not answer is
/// asked last for a while, so that a dead first server does not slow every question down; one that
/// still does not is a concern, and told once to the log. With `dnssec = trust` those of this
/// machine only: what another one says of a bogus answer is that it is unsigned. Safe for any
/// thread.
final class NameServers {
  static final int PORT = 53;
  private static final Duration REST = Duration.ofSeconds(30);

  /// So many questions in a row without an answer are no lost packet any more.
  static final int NO_ACCIDENT = 4;

  private static final Logger LOG = LoggerFactory.getLogger(NameServers.class);

  private final Os os;
  private final boolean hereOnly;
  private final List<InetSocketAddress> configured;
  private final WatchedFile<List<InetSocketAddress>> system;
  private final Map<InetSocketAddress, Silence> silent = new ConcurrentHashMap<>();

  /// It has not answered since it last did.
  ///
  /// @param restUntil by the clock that nobody sets
  /// @param questions without an answer
  /// @param since the first of them
  /// @param reason of the last one
  private record Silence(long restUntil, int questions, Instant since, String reason) {
    boolean isNoAccident() {
      return questions >= NO_ACCIDENT;
    }
  }

  NameServers(DnsSettings settings, Os os, Path resolvConf) {
    this.os = os;
    this.hereOnly = settings.dnssec() == DnsSettings.Dnssec.TRUST;
    this.configured = settings.servers();
    this.system = new WatchedFile<>(os, resolvConf, NameServers::parse);
  }

  private List<InetSocketAddress> named() {
    return configured.isEmpty() ? system.value() : configured;
  }

  private boolean counts(InetSocketAddress server) {
    return !hereOnly || (server.getAddress() != null && server.getAddress().isLoopbackAddress());
  }

  /// Those that are named and not asked.
  List<InetSocketAddress> unheeded() {
    return named().stream().filter(server -> !counts(server)).toList();
  }

  /// In the order to ask.
  List<InetSocketAddress> inOrder() {
    var all = named().stream().filter(this::counts).toList();
    if (silent.isEmpty()) {
      return all;
    }
    long now = os.time().nanos();
    List<InetSocketAddress> order = new ArrayList<>(all.size());
    List<InetSocketAddress> resting = new ArrayList<>();
    for (var server : all) {
      var silence = silent.get(server);
      (silence != null && silence.restUntil - now > 0 ? resting : order).add(server);
    }
    order.addAll(resting);
    return order;
  }

  /// It did not answer.
  ///
  /// @param reason in words
  void silent(InetSocketAddress server, String reason) {
    long until = os.time().nanos() + REST.toNanos();
    var first = new Silence(until, 1, os.time().now(), reason);
    var now =
        silent.merge(
            server,
            first,
            (old, fresh) -> new Silence(until, old.questions + 1, old.since, reason));
    if (now.questions == NO_ACCIDENT) {
      LOG.warn("{}", sentence(server, now));
    }
  }

  /// It answered.
  void heard(InetSocketAddress server) {
    var before = silent.isEmpty() ? null : silent.remove(server);
    if (before != null && before.isNoAccident()) {
      LOG.info("The name server {} answers again", IpText.at(server));
    }
  }

  /// One sentence for each that is asked and does not answer, and one more if none does.
  List<String> concerns() {
    var asked = inOrder();
    List<String> concerns = new ArrayList<>();
    for (var server : asked) {
      var silence = silent.get(server);
      if (silence != null && silence.isNoAccident()) {
        concerns.add(sentence(server, silence));
      }
    }
    if (!concerns.isEmpty() && concerns.size() == asked.size()) {
      concerns.add(
          "No name server answers: mails whose destinations must be looked up wait; see dns.servers"
              + " and /etc/resolv.conf");
    }
    return concerns;
  }

  private static String sentence(InetSocketAddress server, Silence silence) {
    return "The name server "
        + IpText.at(server)
        + " has answered none of the last "
        + silence.questions
        + " questions, since "
        + silence.since.truncatedTo(ChronoUnit.SECONDS)
        + " ("
        + silence.reason
        + ")";
  }

  /// The lines `nameserver ADDRESS`; without any, this machine (as resolv.conf(5) says).
  private static List<InetSocketAddress> parse(String text) {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : (Iterable<String>) text.lines()::iterator) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length > 1 && words[0].equals("nameserver")) {
        NumericAddress.parse(words[1])
            .ifPresent(address -> servers.add(new InetSocketAddress(address, PORT)));
      }
    }
    if (servers.isEmpty()) {
      servers.add(new InetSocketAddress(InetAddress.getLoopbackAddress(), PORT));
    }
    return List.copyOf(servers);
  }
}
