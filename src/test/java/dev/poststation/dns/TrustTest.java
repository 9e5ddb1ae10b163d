package dev.poststation.dns;

import static dev.poststation.dns.ToyNameServer.answer;
import static dev.poststation.dns.ToyNameServer.nothing;
import static dev.poststation.dns.ToyNameServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DnsSettings;
import dev.poststation.config.DnsSettings.Dnssec;
import dev.poststation.dns.Resolver.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Rcode;

/// Taking the word of name servers that validate (`dnssec = trust` and `trust-network`): what is
/// bogus never becomes "unsigned" because another server is asked.
class TrustTest {
  private Bench bench;

  @BeforeEach
  void setUp(@TempDir Path directory) {
    bench = new Bench(directory);
  }

  private DnsResolver resolver(Dnssec dnssec, ToyNameServer... servers) {
    return resolver(Bench.TIMEOUT, dnssec, servers);
  }

  private DnsResolver resolver(Duration timeout, Dnssec dnssec, ToyNameServer... servers) {
    var addresses = Arrays.stream(servers).map(ToyNameServer::address).toList();
    var settings = new DnsSettings(addresses, timeout, dnssec, "", List.of());
    return new DnsResolver(settings, bench.os(), bench.hosts, bench.resolvConf);
  }

  private static Message proven(Message answer) {
    answer.getHeader().setFlag(Flags.AD);
    return answer;
  }

  @ParameterizedTest
  @EnumSource(
      value = Dnssec.class,
      names = {"TRUST", "TRUST_NETWORK"})
  void whatOneServerRefusesIsNotUnsignedBecauseAnotherSaysSo(Dnssec dnssec) throws IOException {
    try (var validating = ToyNameServer.saying(question -> reply(question, Rcode.SERVFAIL));
        var careless =
            ToyNameServer.saying(
                question -> answer(question, Rcode.NOERROR, "a.test. 60 IN MX 5 evil.test."))) {
      var found = resolver(dnssec, validating, careless).assuredExchangers("a.test");
      assertThat(found.answer()).isInstanceOf(Answer.Failed.class);
      assertThat(((Answer.Failed<?>) found.answer()).reason()).contains("SERVFAIL");
    }
  }

  @Test
  void butWhatAnotherHasProvenCounts() throws IOException {
    try (var broken = ToyNameServer.saying(question -> reply(question, Rcode.SERVFAIL));
        var validating =
            ToyNameServer.saying(
                question ->
                    proven(answer(question, Rcode.NOERROR, "a.test. 60 IN MX 5 mx.test.")))) {
      var found = resolver(Dnssec.TRUST, broken, validating).assuredExchangers("a.test");
      assertThat(found.answer()).isInstanceOf(Answer.Found.class);
      assertThat(found.secure()).isTrue();
    }
  }

  /// One that is not allowed to ask says nothing of signatures.
  @Test
  void aServerThatDoesNotTakeUsIsNoReasonToDoubtTheOthers() throws IOException {
    try (var closed = ToyNameServer.saying(question -> reply(question, Rcode.REFUSED));
        var open = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      var found = resolver(Dnssec.TRUST, closed, open).assuredExchangers("a.test");
      assertThat(found.answer()).isInstanceOf(Answer.NoName.class);
    }
  }

  @Test
  void withTrustOnlyServersOfThisMachineAreAsked() throws IOException {
    Files.writeString(
        bench.resolvConf, "nameserver 127.0.0.1\nnameserver 192.0.2.53\nnameserver ::1\n");
    assertThat(ofSystem(Dnssec.TRUST).inOrder()).containsExactly(at("127.0.0.1"), at("::1"));
    assertThat(ofSystem(Dnssec.TRUST_NETWORK).inOrder()).hasSize(3);
    assertThat(ofSystem(Dnssec.OFF).inOrder()).hasSize(3);
    assertThat(ofSystem(Dnssec.VALIDATE).inOrder()).hasSize(3);
  }

  @Test
  void withoutAnySuchServerNothingIsKnownAndItIsSaidWhy() throws IOException {
    Files.writeString(bench.resolvConf, "nameserver 192.0.2.53\n");
    var resolver = resolver(Dnssec.TRUST);
    var failed = (Answer.Failed<?>) resolver.mailExchangers("a.test");
    assertThat(failed.reason())
        .isEqualTo(
            "dns.dnssec = trust asks name servers of this machine only, and neither dns.servers nor"
                + " /etc/resolv.conf names one");
    assertThat(resolver.concerns()).containsExactly(failed.reason() + ": nothing is looked up");
  }

  @Test
  void serversThatAreNotAskedAreTold() throws IOException {
    Files.writeString(bench.resolvConf, "nameserver 127.0.0.1\nnameserver 192.0.2.53\n");
    assertThat(ofSystem(Dnssec.TRUST).unheeded()).containsExactly(at("192.0.2.53"));
    assertThat(ofSystem(Dnssec.TRUST_NETWORK).unheeded()).isEmpty();
  }

  @Test
  void aServerThatDoesNotProveTheRootIsTold() throws IOException {
    try (var validating =
            ToyNameServer.saying(question -> proven(answer(question, Rcode.NOERROR)));
        var careless = ToyNameServer.saying(question -> answer(question, Rcode.NOERROR));
        var silent = ToyNameServer.silent()) {
      var second = Duration.ofSeconds(1);
      assertThat(resolver(second, Dnssec.TRUST, validating, careless, silent).concerns())
          .containsExactly(
              "The name server "
                  + careless.address().getAddress().getHostAddress()
                  + ":"
                  + careless.address().getPort()
                  + " does not validate (the signed root comes back without AD), as dns.dnssec ="
                  + " trust wants it: with it there is no DANE; let it validate, or write dnssec ="
                  + " validate");
      assertThat(resolver(Dnssec.TRUST, validating).concerns()).isEmpty();
      assertThat(resolver(Dnssec.OFF, careless).concerns()).isEmpty();
      assertThat(careless.asked).containsExactly(". NS");
    }
  }

  @Test
  void aFamilyThatIsNotThereSaysNothingOfTheOther() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                Bench.isFour(question)
                    ? proven(answer(question, Rcode.NOERROR, "mx.test. 60 IN A 192.0.2.1"))
                    : nothing(question, Rcode.NOERROR, 60))) {
      assertThat(resolver(Dnssec.TRUST, server).assuredAddresses("mx.test").secure()).isTrue();
    }
  }

  /// Else its records would be looked for under a name that nobody vouches for.
  @Test
  void theNameIsThatOfTheFamilyThatIsProven() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                Bench.isFour(question)
                    ? proven(answer(question, Rcode.NOERROR, "mx.test. 60 IN A 192.0.2.1"))
                    : answer(
                        question,
                        Rcode.NOERROR,
                        "mx.test. 60 IN CNAME evil.test.",
                        "evil.test. 60 IN AAAA 2001:db8::1"))) {
      var found = resolver(Dnssec.TRUST, server).assuredAddresses("mx.test");
      assertThat(found.secure()).isTrue();
      assertThat(found.name()).isEqualTo("mx.test");
      assertThat(Bench.texts(found.answer())).hasSize(2);
    }
  }

  @Test
  void thatThereIsNoAddressMustBeProvenOfBoth() throws IOException {
    try (var half =
            ToyNameServer.saying(
                question ->
                    Bench.isFour(question)
                        ? proven(nothing(question, Rcode.NOERROR, 60))
                        : nothing(question, Rcode.NOERROR, 60));
        var whole =
            ToyNameServer.saying(question -> proven(nothing(question, Rcode.NOERROR, 60)))) {
      assertThat(resolver(Dnssec.TRUST, half).assuredAddresses("mx.test").secure()).isFalse();
      assertThat(resolver(Dnssec.TRUST, whole).assuredAddresses("mx.test").secure()).isTrue();
    }
  }

  @Test
  void whatIsNamedAsUnsignedIsTakenAsItIsAndProvesNothing() throws IOException {
    try (var own =
        ToyNameServer.saying(
            question ->
                proven(
                    Bench.isFour(question)
                        ? answer(question, Rcode.NOERROR, "mail.firma.local. 60 IN A 10.0.0.5")
                        : nothing(question, Rcode.NOERROR, 60)))) {
      var strict = resolver(Dnssec.VALIDATE, own);
      var refused = (Answer.Failed<?>) strict.addresses("mail.firma.local");
      assertThat(refused.reason()).startsWith("DNSSEC ").contains("dns.unsigned");
      var settings =
          new DnsSettings(
              List.of(own.address()), Bench.TIMEOUT, Dnssec.VALIDATE, "", List.of("firma.local"));
      var resolver = new DnsResolver(settings, bench.os(), bench.hosts, bench.resolvConf);
      var found = resolver.assuredAddresses("Mail.Firma.local");
      assertThat(Bench.texts(found.answer())).containsExactly("10.0.0.5");
      assertThat(found.secure()).isFalse();
      assertThat(resolver.addresses("mail.firma.example")).isInstanceOf(Answer.Failed.class);
    }
  }

  private NameServers ofSystem(Dnssec dnssec) {
    var settings = new DnsSettings(List.of(), Bench.TIMEOUT, dnssec, "", List.of());
    return new NameServers(settings, bench.os(), bench.resolvConf);
  }

  private static InetSocketAddress at(String numeric) {
    return new InetSocketAddress(InetAddress.ofLiteral(numeric), 53);
  }
}
