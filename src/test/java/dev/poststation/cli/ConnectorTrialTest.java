package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.os.FreePort;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `connector test`: a connector is tried before it is trusted.
class ConnectorTrialTest {
  @TempDir Path directory;
  @TempDir Path other;

  /// A provider that throws away what it takes, but for what comes back.
  private LiveRelay provider(String more) throws Exception {
    return new LiveRelay(
        other, "connectors.next.type = discard\nconnectors.next.hosts = null\n" + more);
  }

  private static int port(LiveRelay relay) {
    return relay.relay().listening().getFirst().getPort();
  }

  private LiveRelay relay(String connectors) throws Exception {
    return new LiveRelay(directory, "connectors { " + connectors + " }\n");
  }

  private static long accepted(LiveRelay relay) {
    return relay.relay().spool().usage().commits();
  }

  @Test
  void itIsSaidWhatAHostOffersAndNothingIsSentUnlessAsked() throws Exception {
    try (var provider = provider("");
        var relay = relay("good { hosts = [\"127.0.0.1:%d\"] }".formatted(port(provider)))) {
      var ran = Ran.with(relay.file(), "connector test good");
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(ran.out())
          .contains("Connector good of the file, tried by the running relay")
          .contains("S: 220 relay.test", "C: EHLO relay.test")
          .contains("TLS: none, all goes in clear", "login: none", "limits: takes mails of up to")
          .contains("8BITMIME", "SMTPUTF8", "WORKS, as far as one can tell without a mail");

      var asked =
          Ran.with(
              relay.file(), "connector test good --from a@x.example --to b@y.example --dry-run");
      assertThat(asked.exit()).as(asked.toString()).isZero();
      assertThat(asked.out())
          .contains("C: MAIL FROM:<a@x.example>", "C: RCPT TO:<b@y.example>", "C: RSET")
          .contains("<b@y.example>: would be taken");
      assertThat(accepted(provider)).isZero();

      var sent = Ran.with(relay.file(), "connector test good --from a@x.example --to b@y.example");
      assertThat(sent.exit()).as(sent.toString()).isZero();
      assertThat(sent.out())
          .contains("<b@y.example>: sent: 250 2.0.0")
          .contains("Look into the mailbox for \"Poststation tries connector: try-");
      assertThat(accepted(provider)).isEqualTo(1);
      assertThat(accepted(relay)).as("nothing went through the queue").isZero();
    }
  }

  @Test
  void aProviderThatReplacesSendersIsFoundOutWhenTheMailComesBack() throws Exception {
    try (var relay =
        relay(
            """
            good { hosts = ["127.0.0.1:9"] }
            signs = ${connectors.good} { srs = on }
            both = ${connectors.good} { replace-sender = "account@mine.example" }
            outside = ${connectors.both} { replace-in = envelope }
            inside = ${connectors.both} { replace-in = header } }
            srs { domain = "srs.here.example", secrets = ["exec:echo 0123456789abcdef"]
            """)) {
      String back =
          """
          connectors { plain { hosts = ["127.0.0.1:%d"] }
                       back = ${connectors.plain} { replace-sender = "account@provider.example" } }
          routes = [ { to = ["here.example"], via = [back] }
                     { via = [plain] } ]
          """
              .formatted(port(relay));
      try (var provider = provider(back)) {
        relay.write(relay.read().replace("127.0.0.1:9\"", "127.0.0.1:" + port(provider) + "\""));
        var ran =
            Ran.with(
                relay.file(),
                "connector test good --from a@x.example --to b@here.example --wait 20s");
        assertThat(ran.exit()).as(ran.toString()).isZero();
        assertThat(ran.out())
            .contains("The mail came back as ", "let in by client local")
            .containsPattern("From: .*account@provider.example.* \\(REPLACED, it was <a@x.example>")
            .contains("MAIL FROM: <account@provider.example> (another one")
            .contains("replace-sender of the connector does it");
        whatTheConnectorReplacesIsNotHeldAgainstTheProvider(relay);
      }
    }
  }

  private static void whatTheConnectorReplacesIsNotHeldAgainstTheProvider(LiveRelay relay) {
    var said =
        Map.of(
            "signs",
            List.of("From: <a@x.example> (kept)", "MAIL FROM: <SRS0="),
            "both",
            List.of(
                "From: <account@mine.example> (kept)", "MAIL FROM: <account@mine.example> (kept)"),
            "outside",
            List.of("From: <a@x.example> (kept)", "MAIL FROM: <account@mine.example> (kept)"),
            "inside",
            List.of("From: <account@mine.example> (kept)", "MAIL FROM: <a@x.example> (kept)"));
    said.forEach(
        (connector, lines) -> {
          var ran =
              Ran.with(
                  relay.file(),
                  "connector test "
                      + connector
                      + " --from a@x.example --to b@plain.example --wait 20s");
          assertThat(ran.exit()).as(ran.toString()).isZero();
          assertThat(ran.out())
              .as(connector)
              .contains("The mail came back as ")
              .contains(lines)
              .contains("the connector made of <a@x.example>")
              .doesNotContain("REPLACED", "another one", "->");
        });
  }

  @Test
  void aTestMailIsOneOfTheQuota() throws Exception {
    try (var provider = provider("");
        var relay =
            relay(
                "good { hosts = [\"127.0.0.1:%d\"], quota = [\"1/hour\"] }"
                    .formatted(port(provider)))) {
      String line = "connector test good --from a@x.example --to b@y.example";
      assertThat(Ran.with(relay.file(), line).exit()).isZero();
      var ran = Ran.with(relay.file(), line);
      assertThat(ran.exit()).isEqualTo(Exit.WRONG);
      assertThat(ran.err()).contains("Nothing was sent: quota 1/hour of connector good is used up");
      assertThat(accepted(provider)).isEqualTo(1);
    }
  }

  @Test
  void whatIsWrongIsSaidWithWhatToDoAndTheRelayIsNotDisturbed() throws Exception {
    int closed = FreePort.find();
    try (var relay =
        relay("bad { hosts = [\"127.0.0.1:%d\", \"127.0.0.1:%d\"] }".formatted(closed, closed))) {
      var ran = Ran.with(relay.file(), "connector test bad");
      assertThat(ran.exit()).isEqualTo(Exit.NO);
      assertThat(ran.out())
          .contains("FAILED: connect to 127.0.0.1[127.0.0.1]:" + closed)
          .contains("-> nothing listens there");
      assertThat(Ran.with(relay.file(), "connector list").out())
          .containsPattern("bad +smarthost +unused")
          .containsPattern("bad +127.0.0.1:" + closed + " +not used since the start");
    }
  }

  @Test
  void theRelayTriesWhatItHasWhileTheFileHasAMistakeElsewhere() throws Exception {
    try (var provider = provider("");
        var relay = relay("good { hosts = [\"127.0.0.1:%d\"] }".formatted(port(provider)))) {
      relay.write(
          relay.read()
              + "connectors.secret { hosts = [\"127.0.0.1:9\"], auth { user = a, password ="
              + " \"file:nowhere\" } }\n");
      var ran = Ran.with(relay.file(), "connector test good");
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(ran.out())
          .contains(
              "Connector good as the running relay has it, for its file has errors, tried by");
      assertThat(ran.err())
          .contains("nowhere does not exist")
          .endsWith("The relay is asked all the same; poststation check tells all errors.\n");
      assertThat(Ran.with(relay.file(), "connector test secret").exit()).isEqualTo(Exit.WRONG);
      assertThat(Ran.with(relay.file(), "connector reach").out())
          .startsWith(
              "Connectors as the running relay has them, for its file has errors, tried by the"
                  + " running relay\n")
          .contains("good");
      assertThat(Ran.with(relay.file(), "connector reach --json").out())
          .contains("\"by\" : \"relay\"", "\"configuration\" : \"running\"");

      relay.close();
      var alone = Ran.with(relay.file(), "connector test good");
      assertThat(alone.exit()).isEqualTo(Exit.WRONG);
      assertThat(alone.err()).contains("nowhere does not exist").doesNotContain("asked all the");
    }
  }

  @Test
  void withoutARelayTheCommandTriesItself() throws Exception {
    try (var provider = provider("")) {
      Path file;
      try (var relay = relay("good { hosts = [\"127.0.0.1:%d\"] }".formatted(port(provider)))) {
        file = relay.file();
      }
      var ran = Ran.with(file, "connector test good --from a@x.example --to b@y.example");
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(ran.out()).contains("tried by this command, for no relay runs", "sent: 250");
      assertThat(Ran.with(file, "connector reach").out())
          .startsWith("Connectors of the file, tried by this command, for no relay runs\n\n");
    }
  }

  @Test
  void whatIsNotSaidWellIsAskedFor() throws Exception {
    try (var relay =
        relay(
            """
            internet { type = mx }
            kept { type = hold }
            several { hosts = ["127.0.0.1:9"], auth = [
              { from = ["@a.example"], user = one, password = "file:secret" }
              { user = two, password = "file:secret" } ] }
            """
                .replace("\"file:secret\"", "\"exec:echo x\""))) {
      var lines =
          Map.of(
              "nobody", "There is no connector \"nobody\"; there are: ",
              "internet", "say the mail exchangers of which domain",
              "kept", "sends nothing",
              "several", "has several accounts, say which (--account): one, two",
              "several --account three", "has no account \"three\"",
              "next --from a@x.example", "say to whom, too (--to)",
              "next --to b@x.example", "From whom?",
              "next --to b", "\"b\" is no address");
      lines.forEach(
          (words, said) -> {
            var ran = Ran.with(relay.file(), "connector test " + words);
            assertThat(ran.exit()).as(words).isEqualTo(Exit.WRONG);
            assertThat(ran.err()).as(words).contains(said);
          });
      for (String line : List.of("connector reach nobody", "credential rotate nobody")) {
        String rest = line.startsWith("credential") ? " --secret-from -" : "";
        assertThat(Ran.with(relay.file(), line + rest).exit()).as(line).isEqualTo(Exit.WRONG);
      }
      assertThat(Ran.with(relay.file(), "connector test next --wait 5s").err())
          .contains("nothing is sent that could come back");
    }
  }
}
