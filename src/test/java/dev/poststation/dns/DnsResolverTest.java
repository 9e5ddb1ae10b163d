package dev.poststation.dns;

import static dev.poststation.dns.Bench.found;
import static dev.poststation.dns.Bench.isFour;
import static dev.poststation.dns.Bench.texts;
import static dev.poststation.dns.ToyNameServer.answer;
import static dev.poststation.dns.ToyNameServer.nothing;
import static dev.poststation.dns.ToyNameServer.reply;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DnsSettings;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.dns.Resolver.MailExchanger;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class DnsResolverTest {
  private Bench bench;

  @BeforeEach
  void setUp(@TempDir Path directory) {
    bench = new Bench(directory);
  }

  @Test
  void mailExchangersComeAsPublished() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                answer(
                    question,
                    Rcode.NOERROR,
                    "a.test. 60 IN MX 10 mx1.a.test.",
                    "a.test. 60 IN MX 5 MX2.a.test."))) {
      assertThat(found(bench.resolver(server).mailExchangers("A.Test.")))
          .containsExactlyInAnyOrder(
              new MailExchanger(10, "mx1.a.test"), new MailExchanger(5, "MX2.a.test"));
    }
  }

  @Test
  void nullMxIsADot() throws IOException {
    try (var server =
        ToyNameServer.saying(question -> answer(question, Rcode.NOERROR, "a.test. 60 IN MX 0 ."))) {
      assertThat(found(bench.resolver(server).mailExchangers("a.test")))
          .containsExactly(new MailExchanger(0, "."));
    }
  }

  @Test
  void addressesOfBothFamiliesComeSixFirst() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                isFour(question)
                    ? answer(
                        question,
                        Rcode.NOERROR,
                        "a.test. 60 IN A 192.0.2.1",
                        "a.test. 60 IN A 192.0.2.2")
                    : answer(question, Rcode.NOERROR, "a.test. 60 IN AAAA 2001:db8::1"))) {
      var addresses = texts(bench.resolver(server).addresses("a.test"));
      assertThat(addresses.getFirst()).isEqualTo("2001:db8:0:0:0:0:0:1");
      assertThat(addresses).hasSize(3).contains("192.0.2.1", "192.0.2.2");
    }
  }

  @Test
  void nxdomainIsNoName() throws IOException {
    try (var server = ToyNameServer.saying(question -> nothing(question, Rcode.NXDOMAIN, 60))) {
      assertThat(bench.resolver(server).mailExchangers("a.test")).isInstanceOf(Answer.NoName.class);
      assertThat(bench.resolver(server).addresses("a.test")).isInstanceOf(Answer.NoName.class);
    }
  }

  @Test
  void emptyAnswerIsNoRecord() throws IOException {
    try (var server = ToyNameServer.saying(question -> nothing(question, Rcode.NOERROR, 60))) {
      assertThat(bench.resolver(server).mailExchangers("a.test"))
          .isInstanceOf(Answer.NoRecord.class);
      assertThat(bench.resolver(server).addresses("a.test")).isInstanceOf(Answer.NoRecord.class);
    }
  }

  @Test
  void emptyAnswerWithoutSoaIsNoRecord() throws IOException {
    try (var server = ToyNameServer.saying(question -> reply(question, Rcode.NOERROR))) {
      assertThat(bench.resolver(server).mailExchangers("a.test"))
          .isInstanceOf(Answer.NoRecord.class);
    }
  }

  @Test
  void servfailIsFailedAndSaysWhy() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question -> {
              var message = reply(question, Rcode.SERVFAIL);
              var bogus = new ExtendedErrorCodeOption(ExtendedErrorCodeOption.DNSSEC_BOGUS);
              message.addRecord(new OPTRecord(1232, 0, 0, 0, bogus), Section.ADDITIONAL);
              return message;
            })) {
      assertThat(bench.resolver(server).mailExchangers("a.test"))
          .isEqualTo(new Answer.Failed<>("the name server says SERVFAIL (DNSSEC_BOGUS)"));
      assertThat(server.asked).hasSize(1);
    }
  }

  @Test
  void refusedIsFailed() throws IOException {
    try (var server = ToyNameServer.saying(question -> reply(question, Rcode.REFUSED))) {
      assertThat(bench.resolver(server).mailExchangers("a.test"))
          .isEqualTo(new Answer.Failed<>("the name server says REFUSED"));
    }
  }

  @Test
  void referralIsNotTakenForNoRecord() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question -> {
              var message = reply(question, Rcode.NOERROR);
              message.getHeader().unsetFlag(Flags.RA);
              message.addRecord(ToyNameServer.parse("test. 60 IN NS ns.test."), Section.AUTHORITY);
              return message;
            })) {
      assertThat(bench.resolver(server).mailExchangers("a.test")).isInstanceOf(Answer.Failed.class);
    }
  }

  @Test
  void silenceIsFailedAfterTwoTries() throws IOException {
    try (var server = ToyNameServer.silent()) {
      assertThat(bench.impatient(Duration.ofMillis(300), server).mailExchangers("a.test"))
          .isEqualTo(new Answer.Failed<>("the name server does not answer"));
      assertThat(server.asked).hasSize(2);
    }
  }

  @Test
  void closedPortIsFailed() throws IOException {
    var server = ToyNameServer.silent();
    server.close();
    assertThat(bench.resolver(server).addresses("a.test"))
        .isInstanceOfSatisfying(
            Answer.Failed.class, failed -> assertThat(failed.reason()).doesNotContain("null"));
  }

  @Test
  void damagedAnswerIsFailed() throws IOException {
    try (var server =
        new ToyNameServer(
            (question, _) -> {
              byte[] wire =
                  answer(question, Rcode.NOERROR, "a.test. 60 IN MX 10 mx.a.test.").toWire();
              return List.of(Arrays.copyOf(wire, wire.length - 5));
            })) {
      assertThat(bench.resolver(server).mailExchangers("a.test"))
          .isEqualTo(new Answer.Failed<>("the name server's answer is damaged"));
    }
  }

  @Test
  void forgedAnswersArePassedOver() throws IOException {
    try (var server =
        new ToyNameServer(
            (question, _) -> {
              var otherId = answer(question, Rcode.NXDOMAIN);
              otherId.getHeader().setID(question.getHeader().getID() ^ 1);
              var other = new Message(question.getHeader().getID());
              other.addRecord(
                  Record.newRecord(Name.fromString("b.test."), Type.MX, DClass.IN),
                  Section.QUESTION);
              var otherQuestion = reply(other, Rcode.NXDOMAIN);
              var noQuestion = new Message(question.getHeader().getID());
              noQuestion.getHeader().setFlag(Flags.QR);
              var right = answer(question, Rcode.NOERROR, "a.test. 60 IN MX 10 mx.a.test.");
              return List.of(
                  otherId.toWire(),
                  otherQuestion.toWire(),
                  noQuestion.toWire(),
                  question.toWire(),
                  new byte[3],
                  right.toWire());
            })) {
      assertThat(found(bench.resolver(server).mailExchangers("a.test")))
          .containsExactly(new MailExchanger(10, "mx.a.test"));
    }
  }

  @Test
  void truncatedAnswerIsAskedForOverTcp() throws IOException {
    try (var server =
        new ToyNameServer(
            (question, tcp) -> {
              var message =
                  tcp
                      ? answer(question, Rcode.NOERROR, "a.test. 60 IN MX 10 mx.a.test.")
                      : reply(question, 0);
              if (!tcp) {
                message.getHeader().setFlag(Flags.TC);
              }
              return List.of(message.toWire());
            })) {
      assertThat(found(bench.resolver(server).mailExchangers("a.test"))).hasSize(1);
      assertThat(server.asked).containsExactly("a.test. MX", "tcp a.test. MX");
    }
  }

  @Test
  void serverOfBeforeEdnsIsAskedWithoutIt() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                question.getOPT() != null
                    ? reply(question, Rcode.FORMERR)
                    : answer(question, Rcode.NOERROR, "a.test. 60 IN MX 10 mx.a.test."))) {
      assertThat(found(bench.resolver(server).mailExchangers("a.test"))).hasSize(1);
    }
  }

  @Test
  void aliasesAreFollowedWithinAnAnswerAndBeyond() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                question.getQuestion().getName().toString().equals("a.test.")
                    ? answer(
                        question, 0, "b.test. 60 IN CNAME c.test.", "a.test. 60 IN CNAME b.test.")
                    : answer(question, 0, "c.test. 60 IN MX 10 mx.c.test."))) {
      assertThat(found(bench.resolver(server).mailExchangers("a.test")))
          .containsExactly(new MailExchanger(10, "mx.c.test"));
      assertThat(server.asked).containsExactly("a.test. MX", "c.test. MX");
    }
  }

  @Test
  void aliasToNowhereIsNoName() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question -> answer(question, Rcode.NXDOMAIN, "a.test. 60 IN CNAME b.test."))) {
      assertThat(bench.resolver(server).mailExchangers("a.test")).isInstanceOf(Answer.NoName.class);
    }
  }

  @Test
  void aliasToANameWithoutSuchRecordsIsNoRecord() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question -> {
              var message = nothing(question, Rcode.NOERROR, 60);
              message.addRecord(ToyNameServer.parse("a.test. 60 IN CNAME b.test."), Section.ANSWER);
              return message;
            })) {
      assertThat(bench.resolver(server).mailExchangers("a.test"))
          .isInstanceOf(Answer.NoRecord.class);
      assertThat(server.asked).hasSize(1);
    }
  }

  @Test
  void loopOfAliasesIsFailed() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                answer(
                    question, 0, "a.test. 60 IN CNAME b.test.", "b.test. 60 IN CNAME a.test."))) {
      assertThat(bench.resolver(server).mailExchangers("a.test")).isInstanceOf(Answer.Failed.class);
    }
  }

  @Test
  void loopOfAliasesOverSeveralAnswersIsFailed() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                question.getQuestion().getName().toString().equals("a.test.")
                    ? answer(question, 0, "a.test. 60 IN CNAME b.test.")
                    : answer(question, 0, "b.test. 60 IN CNAME a.test."))) {
      assertThat(bench.resolver(server).mailExchangers("a.test")).isInstanceOf(Answer.Failed.class);
      assertThat(server.asked).hasSizeLessThan(20);
    }
  }

  @Test
  void oneFamilyIsEnoughWhenTheOtherFails() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                isFour(question)
                    ? answer(question, Rcode.NOERROR, "a.test. 60 IN A 192.0.2.1")
                    : reply(question, Rcode.SERVFAIL))) {
      assertThat(texts(bench.resolver(server).addresses("a.test"))).containsExactly("192.0.2.1");
    }
  }

  @Test
  void noOfOneFamilyIsNotEnoughWhenTheOtherFails() throws IOException {
    try (var server =
        ToyNameServer.saying(
            question ->
                isFour(question)
                    ? nothing(question, Rcode.NXDOMAIN, 60)
                    : reply(question, Rcode.SERVFAIL))) {
      assertThat(bench.resolver(server).addresses("a.test")).isInstanceOf(Answer.Failed.class);
    }
  }

  @Test
  void ofAThousandRecordsTheFirstHundredAreReadAndTheNextQuestionIsAnswered() throws IOException {
    List<Record> addresses = new ArrayList<>();
    List<Record> exchangers = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      addresses.add(ToyNameServer.parse("x.test. 60 IN A 192.0.2.9")); // Not what was asked for.
      addresses.add(ToyNameServer.parse("a.test. 60 IN A 10.0." + i / 250 + "." + i % 250));
      exchangers.add(ToyNameServer.parse("a.test. 60 IN MX " + i + " mx" + i + ".a.test."));
    }
    try (var server =
        new ToyNameServer(
            (question, tcp) -> {
              var asked = question.getQuestion();
              boolean flooded = asked.getName().toString().equals("a.test.");
              if (!flooded || asked.getType() == Type.AAAA) {
                return List.of(nothing(question, Rcode.NOERROR, 60).toWire());
              }
              var message = reply(question, Rcode.NOERROR);
              if (tcp) {
                (isFour(question) ? addresses : exchangers)
                    .forEach(line -> message.addRecord(line, Section.ANSWER));
              } else {
                message.getHeader().setFlag(Flags.TC);
              }
              return List.of(message.toWire());
            })) {
      var patient = new DnsSettings(List.of(server.address()), Duration.ofSeconds(20));
      var servers = new NameServers(patient, bench.os(), bench.resolvConf);
      var lookup =
          new Lookup(new Inquiry(servers, patient.timeout(), DnsSettings.Dnssec.OFF, bench.os()));
      var four = new Question(Name.fromString("a.test."), Type.A);
      assertThat(found(lookup.find(four).answer()))
          .hasSize(100)
          .allMatch(line -> line.rdataToString().startsWith("10.0.0."))
          .last()
          .matches(line -> line.rdataToString().equals("10.0.0.99"));

      var resolver = new DnsResolver(patient, bench.os(), bench.hosts, bench.resolvConf);
      assertThat(found(resolver.mailExchangers("a.test")))
          .hasSize(100)
          .allMatch(exchanger -> exchanger.preference() < 100);
      assertThat(texts(resolver.addresses("a.test")))
          .hasSize(10)
          .allMatch(text -> Integer.parseInt(text.replace("10.0.0.", "")) < 100);
      assertThat(resolver.mailExchangers("b.test")).isInstanceOf(Answer.NoRecord.class);
    }
  }
}
