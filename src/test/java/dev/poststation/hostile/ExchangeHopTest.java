package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.log.Trace;
import dev.poststation.message.QueueId;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.spool.SpoolException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/// Mail between servers of an Exchange organisation, and mail of those who pretend to be one,
/// before the whole relay, in virtual time.
class ExchangeHopTest {
  private static final String TENANT = "0f3c2d9a-5b7e-4c1d-8a6f-2e9b4d7c1a05";
  private static final String MICROSOFT = "40.107.9.9";
  private static final String EXCHANGE = "10.0.0.10";
  private static final String PRINTER = "10.0.20.7";
  private static final String ANNA = "anna@mail.example.com";
  private static final String BOB = "bob@example.com";
  private static final String INTERNAL = "X-MS-Exchange-Organization-AuthAs: Internal\r\n";

  private static final String RELAY =
      """
      clients = [
        { name = exchange, networks = ["10.0.0.10"], exchange = ["example.com", "cloud.example"] }
        { name = cloud, peer = microsoft365, tenant = "%s", exchange = ["example.com", "cloud.example"] }
        { name = printers, networks = ["10.0.20.0/24"] }
      ]
      rewrite = [ { map = "bob@example.com robert@elsewhere.example", in = [recipient] } ]
      masquerade { domains = ["example.com"] }
      connectors { hub { hosts = ["192.0.2.1:25"], tls = off, replace-sender = "account@provider.example" } }
      routes = [ { via = [hub] } ]
      """
          .formatted(TENANT);

  /// What came to the next hop: MAIL, RCPT and the content.
  private final List<String> taken = new CopyOnWriteArrayList<>();

  private WholeRelay begin() {
    var relay = new WholeRelay(RELAY);
    relay.house("192.0.2.1:25", this::serve);
    return relay.start();
  }

  private void serve(MemoryConnection connection) {
    try {
      say(connection, "220 host.example");
      byte[] buffer = new byte[8192];
      var unread = new StringBuilder();
      var mail = new StringBuilder();
      boolean inContent = false;
      for (int count = 0; count >= 0; count = connection.read(buffer, 0, buffer.length)) {
        unread.append(new String(buffer, 0, count, StandardCharsets.US_ASCII));
        for (int end = unread.indexOf("\r\n"); end >= 0; end = unread.indexOf("\r\n")) {
          String line = unread.substring(0, end);
          unread.delete(0, end + 2);
          if (inContent && line.equals(".")) {
            inContent = false;
            taken.add(mail.toString());
            mail.setLength(0);
            say(connection, "250 2.0.0 ok");
          } else {
            mail.append(inContent || line.matches("(MAIL|RCPT).*") ? line + '\n' : "");
            boolean begins = !inContent && line.equals("DATA");
            inContent |= begins;
            if (begins || !inContent) {
              say(connection, begins ? "354 go" : "250 2.0.0 ok");
            }
          }
        }
      }
    } catch (IOException _) {
      // It is gone.
    }
  }

  private static void say(MemoryConnection connection, String line) throws IOException {
    byte[] octets = (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    connection.write(octets, 0, octets.length);
  }

  /// The reply to the content.
  private static String send(WholeRelay relay, String from, String content, String... to) {
    try (var caller = relay.call(from)) {
      caller.hear();
      caller.ask("EHLO sender.example");
      assertThat(caller.ask("MAIL FROM:<" + ANNA + ">")).startsWith("250");
      for (String each : to) {
        assertThat(caller.ask("RCPT TO:<" + each + ">")).startsWith("250");
      }
      caller.ask("DATA");
      return caller.ask(content + ".");
    }
  }

  private static String mail(String header) {
    return header + "From: <" + ANNA + ">\r\nTo: <" + BOB + ">\r\nSubject: x\r\n\r\nHello\r\n";
  }

  private String delivered(WholeRelay relay) {
    relay.pass(Duration.ofSeconds(5));
    assertThat(taken).hasSize(1);
    return taken.removeFirst();
  }

  private static String trace(WholeRelay relay, String reply) throws SpoolException {
    String id = reply.substring(reply.lastIndexOf(' ') + 1);
    return Trace.text(Trace.shown(relay.spool.trace(QueueId.parse(id).orElseThrow())));
  }

  private static String tenant(String as) {
    return "X-MS-Exchange-CrossTenant-Id: "
        + TENANT
        + "\r\nX-MS-Exchange-CrossTenant-AuthAs: "
        + as
        + "\r\n";
  }

  @Test
  void aMailFromOneServerOfExchangeToAnotherStaysAsItIs() throws Exception {
    try (var relay = begin()) {
      String reply = send(relay, EXCHANGE, mail(INTERNAL), BOB);
      assertThat(delivered(relay))
          .contains("MAIL FROM:<" + ANNA + ">")
          .contains("RCPT TO:<" + BOB + ">")
          .contains("(Poststation, hop of Exchange from exchange) with ESMTP")
          .endsWith(mail(INTERNAL).replace("\r\n", "\n"))
          .doesNotContain("Date:", "Message-ID:");
      assertThat(relay.log("event=queued")).allMatch(line -> line.endsWith(" hop=exchange"));
      assertThat(trace(relay, reply))
          .contains("(/etc/poststation/poststation.conf:10): internal hop of Exchange, left alone")
          .contains("internal hop of Exchange: the sender stays as it is")
          .doesNotContain("became");
    }
  }

  @Test
  void itIsLeftAloneAfterARestartToo() {
    try (var relay = new WholeRelay(RELAY)) {
      relay.start();
      assertThat(send(relay, EXCHANGE, mail(INTERNAL), BOB)).startsWith("250");
      relay.pass(Duration.ofSeconds(5));
      relay.restart();
      relay.house("192.0.2.1:25", this::serve);
      relay.pass(Duration.ofMinutes(10));
      assertThat(taken).hasSize(1);
      assertThat(taken.getFirst()).contains("MAIL FROM:<" + ANNA + ">", "From: <" + ANNA + ">");
    }
  }

  @Test
  void mailOfExchangeOnlineIsAHopWhenItIsOfOurTenantAndGoesToOurDomains() throws Exception {
    try (var relay = begin()) {
      assertThat(send(relay, MICROSOFT, mail(tenant("Anonymous")), BOB)).startsWith("250");
      assertThat(delivered(relay)).contains("MAIL FROM:<" + ANNA + ">", "RCPT TO:<" + BOB + ">");
      assertThat(send(relay, MICROSOFT, mail(tenant("Internal")), "x@there.example"))
          .startsWith("250");
      assertThat(delivered(relay))
          .as("mail to the world is changed as all mail is")
          .contains("MAIL FROM:<account@provider.example>", "RCPT TO:<x@there.example>");
      String reply = send(relay, MICROSOFT, mail(tenant("Internal")), BOB, "x@there.example");
      assertThat(delivered(relay)).contains("RCPT TO:<robert@elsewhere.example>");
      assertThat(trace(relay, reply))
          .contains("no internal hop: x@there.example is none of the organisation")
          .contains("bob@example.com became robert@elsewhere.example");
    }
  }

  @Test
  void withoutWhatExchangeWritesForItselfAMailIsOneLikeAnyOther() {
    try (var relay = begin()) {
      for (String header : List.of("", INTERNAL + INTERNAL, tenant("Internal"))) {
        assertThat(send(relay, EXCHANGE, mail(header), BOB)).startsWith("250");
        assertThat(delivered(relay))
            .as(header)
            .contains("MAIL FROM:<account@provider.example>", "RCPT TO:<robert@elsewhere.example>")
            .contains("Message-ID:");
      }
    }
  }

  @Test
  void whatOthersWriteInTheNameOfExchangeIsRemovedAndNotBelieved() throws Exception {
    String forged =
        INTERNAL
            + "x-ms-exchange-organization-SCL:\r\n -1\r\n"
            + "X-MS-Exchange-CrossPremises-AuthAs : Internal\r\n"
            + "X-MS-Exchange-Forest-Language: en\r\n"
            + "X-MS-Exchange-CrossTenant-AuthAs: Internal\r\n"
            + "X-MS-Exchange-Organisation: x\r\n";
    try (var relay = begin()) {
      String reply = send(relay, PRINTER, mail(forged), BOB);
      assertThat(delivered(relay))
          .contains("RCPT TO:<robert@elsewhere.example>", "From: <account@provider.example>")
          .contains("X-MS-Exchange-CrossTenant-AuthAs: Internal\nX-MS-Exchange-Organisation: x\n")
          .doesNotContainIgnoringCase("exchange-organization")
          .doesNotContain("-1", "CrossPremises", "Forest");
      assertThat(trace(relay, reply))
          .contains("header firewall: x-ms-exchange-organization-authas, ")
          .contains("client rule \"printers\" has no exchange");
    }
  }

  @Test
  void whatStandsBehindALineThatIsNoFieldIsNoHeaderForAnybody() {
    try (var relay = begin()) {
      for (String stray : List.of("no field", ":", "t/ck\u0001: x")) {
        String content = "Subject: x\r\n" + stray + "\r\n" + INTERNAL + "\r\nHello\r\n";
        assertThat(send(relay, PRINTER, content, BOB)).startsWith("250");
        assertThat(delivered(relay)).contains("Subject: x\n\n" + stray + "\n" + INTERNAL.strip());
      }
    }
  }

  @Test
  void aMailThatComesFromTheSameSideToTheSameRecipientAgainIsALoop() {
    try (var relay = begin()) {
      assertThat(send(relay, EXCHANGE, mail(INTERNAL), BOB)).startsWith("250");
      String back = content(delivered(relay));
      assertThat(send(relay, MICROSOFT, tenant("Internal") + back, BOB))
          .as("the other half may send it on to the first")
          .startsWith("250");
      String again = content(delivered(relay));
      assertThat(send(relay, EXCHANGE, again, BOB))
          .isEqualTo(
              "554 5.4.6 This mail came from the same servers before: each side believes that the"
                  + " other has the mailbox");
      assertThat(relay.log("event=reject"))
          .anyMatch(line -> line.contains("it came from there before, to the same recipient"));
      assertThat(send(relay, EXCHANGE, again, "carl@example.com"))
          .as("who got it has it forwarded")
          .startsWith("250");
    }
  }

  @Test
  void whoeverGetsItAMailThatCameThreeTimesFromOneSideIsALoop() {
    try (var relay = begin()) {
      var content = mail(INTERNAL);
      List<String> replies = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        replies.add(send(relay, EXCHANGE, content, BOB, "carl@example.com").substring(0, 9));
        content = replies.getLast().startsWith("250") ? content(delivered(relay)) : content;
      }
      assertThat(replies).containsExactly("250 2.0.0", "250 2.0.0", "250 2.0.0", "554 5.4.6");
    }
  }

  /// What was taken, without its envelope, as a client sends it.
  private static String content(String mail) {
    return mail.substring(mail.indexOf("Received:")).replace("\n", "\r\n");
  }
}
