package dev.poststation.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DnsSettings;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.xbill.DNS.Message;
import org.xbill.DNS.Type;

/// Resolvers on toy name servers, on the real network with a clock that a test moves.
final class Bench {
  /// Long: a server that answers must not seem to be silent on a busy machine.
  static final Duration TIMEOUT = Duration.ofSeconds(20);

  final ManualTime clock = new ManualTime();
  final Path hosts;
  final Path resolvConf;

  /// @param directory for `hosts` and `resolv.conf`
  Bench(Path directory) {
    this.hosts = directory.resolve("hosts");
    this.resolvConf = directory.resolve("resolv.conf");
  }

  static DnsSettings settings(ToyNameServer... servers) {
    return new DnsSettings(Arrays.stream(servers).map(ToyNameServer::address).toList(), TIMEOUT);
  }

  DnsResolver resolver(ToyNameServer... servers) {
    return new DnsResolver(settings(servers), os(), hosts, resolvConf);
  }

  /// Where one of them is silent.
  DnsResolver impatient(Duration timeout, ToyNameServer... servers) {
    var impatient = new DnsSettings(settings(servers).servers(), timeout);
    return new DnsResolver(impatient, os(), hosts, resolvConf);
  }

  Os os() {
    var real = Os.real();
    return new Os(
        clock, real.network(), real.tasks(), real.chance(), real.disk(), real.processes());
  }

  static boolean isFour(Message question) {
    return question.getQuestion().getType() == Type.A;
  }

  static <T> List<T> found(Answer<T> answer) {
    assertThat(answer).isInstanceOf(Answer.Found.class);
    return ((Answer.Found<T>) answer).records();
  }

  static List<String> texts(Answer<InetAddress> answer) {
    return found(answer).stream().map(InetAddress::getHostAddress).toList();
  }
}
