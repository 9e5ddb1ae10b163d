package dev.poststation.admin;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.poststation.Poststation;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.demo.MailClient;
import dev.poststation.log.Trace;
import dev.poststation.message.QueueId;
import dev.poststation.os.Connection;
import dev.poststation.os.Network;
import dev.poststation.os.Os;
import dev.poststation.sim.Sink;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What `explain` says of a mail is what the relay does with it: 10,000 generated mails from many
/// addresses are explained, then sent, and the reply, the rule, the route and the destination of
/// the trace are compared.
@Tag("slow")
class AgreementTest {
  private static final int MAILS = 10_000;
  private static final int PER_SESSION = 25;
  private static final int AT_ONCE = 8;
  private static final long SEED = 20261124;

  private static final String TEXT =
      """
      hostname = "relay.test"
      data = "data"
      listeners { relay { bind = "127.0.0.1:0" } }
      clients = [
        { name = single, networks = ["127.0.1.7"] }
        { name = half, networks = ["127.0.1.0/25"] }
        { name = whole, networks = ["127.0.2.0/24", "127.0.3.1"] }
      ]
      connectors {
        first  { hosts = ["127.0.0.1:@PORT@"] }
        second { hosts = ["127.0.0.1:@PORT@"] }
        third  { hosts = ["127.0.0.1:@PORT@"] }
      }
      routes = [
        { to = ["one.example", ".two.example"], via = [first] }
        { from = ["<>"], client = [half], via = [second] }
        { from = ["@three.example", "Anna@four.example"], via = [third, first] }
        { to = ["postmaster@five.example"], client = [single, whole], via = [second, third] }
        { client = [whole], via = [first] }
        { to = [".example"], from = ["four.example", ".five.example"], via = [second] }
      ]
      log { file = "mail.log" }
      admin { bind = "127.0.0.1:0" }
      """;

  @TempDir Path directory;

  private final Os os = Os.real();

  /// @param expected what explain said: the reply and, when it was accepted, rule, route and
  ///   connector
  private record Sent(Question question, String expected, String reply, @Nullable QueueId id) {}

  private static final List<String> DOMAINS =
      List.of(
          "one.example",
          "two.example",
          "a.two.example",
          "three.example",
          "four.example",
          "FOUR.example",
          "five.example",
          "b.five.example",
          "six.test",
          "ONE.Example");
  private static final List<String> LOCALS =
      List.of("anna", "Anna", "postmaster", "bob", "\"a b\"");
  private static final List<String> ADDRESSES =
      List.of(
          "127.0.1.7",
          "127.0.1.8",
          "127.0.1.127",
          "127.0.1.128",
          "127.0.2.0",
          "127.0.2.255",
          "127.0.3.1",
          "127.0.3.2",
          "127.0.0.1",
          "127.9.9.9");

  private static <T> T pick(List<T> list, Random random) {
    return list.get(random.nextInt(list.size()));
  }

  private static String mailbox(Random random) {
    return pick(LOCALS, random) + "@" + pick(DOMAINS, random);
  }

  @Test
  void explainAndRelayAgreeAboutTenThousandMails() throws Exception {
    try (var sink = new Sink(os, List.of("PIPELINING"), null, false, false)) {
      String text = TEXT.replace("@PORT@", Integer.toString(sink.port()));
      var loaded = new Loader(os, Map.of()).parse(text, directory.resolve("poststation.conf"));
      var configuration = ((Loaded.Good) loaded).configuration();
      try (var relay = Poststation.start(os, configuration)) {
        var explanation =
            new Explanation(
                configuration,
                relay.policy(),
                relay.directions(),
                Bans.UNKNOWN,
                relay.services(),
                os.time());
        var sent = sendAll(relay.listening().getFirst(), explanation);
        assertThat(sent).hasSize(MAILS);
        eventually("each mail was tried", () -> sent.stream().allMatch(mail -> tried(relay, mail)));

        List<String> wrong = new ArrayList<>();
        for (var mail : sent) {
          String did = did(relay, mail);
          if (!did.equals(mail.expected())) {
            wrong.add(
                mail.question() + ": explained \"" + mail.expected() + "\", did \"" + did + "\"");
          }
        }
        assertThat(wrong.stream().limit(10)).isEmpty();
        assertThat(sent.stream().map(AgreementTest::route).distinct().count())
            .as("every route, none, and refusal occur")
            .isEqualTo(8);
      }
    }
  }

  private static String route(Sent mail) {
    return mail.expected().replaceAll(".*(route [0-9]|no route).*", "$1");
  }

  private List<Sent> sendAll(InetSocketAddress to, Explanation explanation) throws Exception {
    var sent = new ConcurrentLinkedQueue<Sent>();
    try (var threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<?>> sessions = new ArrayList<>();
      for (int i = 0; i < MAILS / PER_SESSION; i++) {
        var random = new Random(SEED + i);
        sessions.add(threads.submit(() -> session(to, explanation, random, sent)));
      }
      for (var session : sessions) {
        session.get();
      }
    }
    return List.copyOf(sent);
  }

  private Void session(
      InetSocketAddress to,
      Explanation explanation,
      Random random,
      ConcurrentLinkedQueue<Sent> sent)
      throws IOException {
    String address = pick(ADDRESSES, random);
    var from = new From(os.network(), InetAddress.getByName(address));
    var here = new Os(os.time(), from, os.tasks(), os.chance(), os.disk(), os.processes());
    byte[] content = "Subject: a\r\n\r\nb\r\n".getBytes(StandardCharsets.US_ASCII);
    for (int done = 0; done < PER_SESSION; ) {
      // A client that was refused some times is sent away, so it comes again.
      try (var client = MailClient.connect(here, to, false, _ -> {})) {
        for (int i = 0; i < 5; i++, done++) {
          String sender = random.nextInt(5) == 0 ? "" : mailbox(random);
          String recipient = random.nextInt(20) == 0 ? "Postmaster" : mailbox(random);
          var question = Question.parse(address, sender, recipient);
          String expected = expected(explanation.explain(question));
          var result = client.send(sender, List.of(recipient), "", content);
          var id = result.id().flatMap(QueueId::parse).orElse(null);
          sent.add(new Sent(question, expected, result.reply().toString(), id));
        }
      }
    }
    return null;
  }

  private static String expected(JsonNode explained) {
    if (!explained.path("accepted").asBoolean()) {
      return explained.path("reply").asText();
    }
    String route = explained.path("route").asText();
    boolean found = explained.path("deliverable").asBoolean();
    return explained.path("because").asText()
        + ", "
        + (found ? route : "no route")
        + ", "
        + (found ? explained.path("connectors").path(0).path("destination").asText() : "");
  }

  private static List<byte[]> trace(Poststation relay, Sent mail) {
    try {
      var id = mail.id();
      return id == null ? List.of() : relay.spool().trace(id);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean tried(Poststation relay, Sent mail) {
    return mail.id() == null || trace(relay, mail).size() > 1;
  }

  private static String did(Poststation relay, Sent mail) {
    if (mail.id() == null) {
      return mail.reply();
    }
    String because = "";
    String way = "";
    for (var entry : Json.parse(Trace.json(trace(relay, mail)))) {
      switch (entry.path("event").asText()) {
        case "queued" -> because = entry.path("decisions").path(0).asText();
        case "attempt" ->
            way = entry.path("route").asText() + ", " + entry.path("destination").asText();
        default -> {}
      }
    }
    return because + ", " + way;
  }

  /// The network, seen from one of our many addresses.
  private record From(Network network, InetAddress address) implements Network {
    @Override
    public Acceptor listen(InetSocketAddress at, int backlog) throws IOException {
      return network.listen(at, backlog);
    }

    @Override
    public Connection connect(InetSocketAddress to, @Nullable InetAddress from, Duration timeout)
        throws IOException {
      return network.connect(to, address, timeout);
    }

    @Override
    public byte[] exchange(
        InetSocketAddress to,
        byte[] datagram,
        int sizeMax,
        Duration timeout,
        Predicate<byte[]> answers)
        throws IOException {
      return network.exchange(to, datagram, sizeMax, timeout, answers);
    }

    @Override
    public Set<InetAddress> localAddresses() throws IOException {
      return network.localAddresses();
    }
  }
}
