package dev.poststation.cli;

import static dev.poststation.sim.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.demo.MailClient;
import dev.poststation.os.Os;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Mail that a service keeps from its recipients, in the hands of an administrator.
class QuarantineCommandsTest {
  private static final String CONTENT =
      """
      content = [ { use = attachments, names = ["*.exe"], on-found = quarantine
                    for { to = ["@there.example"] } } ]
      quarantine { keep = "2 days" }
      clients = [ { name = local, networks = ["127.0.0.1"], min-deliver-by = 1s } ]
      """;

  private static final String MAIL =
      """
      From: =?utf-8?q?J=C3=B6rg?= <joerg@shop.example>
      Subject: Your =?utf-8?q?invoice_=C3=BC?=
      MIME-Version: 1.0
      Content-Type: multipart/mixed; boundary=b

      --b
      Content-Type: text/html; charset=utf-8

      <p>Dear <b>customer</b>,</p><script>x()</script><p>pay\u001b[31m &lt;now&gt;</p>
      --b
      Content-Type: application/octet-stream; name=a.exe
      Content-Disposition: attachment; filename=a.exe

      MZ
      --b--
      """
          .replace("\n", "\r\n");

  @TempDir Path directory;
  private LiveRelay relay;

  @BeforeEach
  void begin() throws Exception {
    relay = new LiveRelay(directory, CONTENT);
  }

  @AfterEach
  void end() {
    relay.close();
  }

  private Ran run(String line) {
    return Ran.with(relay.file(), line);
  }

  private String send(String from, String... to) throws Exception {
    return sendMail(MAIL, "", from, to);
  }

  private String sendMail(String mail, String parameter, String from, String... to)
      throws Exception {
    try (var client =
        MailClient.connect(Os.real(), relay.relay().listening().getFirst(), false, _ -> {})) {
      byte[] content = mail.getBytes(StandardCharsets.UTF_8);
      return client
          .send(from, List.of(to), "BODY=8BITMIME" + parameter, content)
          .id()
          .orElseThrow();
    }
  }

  private boolean tried(String id) {
    return run("queue show " + id).out().contains("refused");
  }

  private String log() throws Exception {
    return Files.readString(directory.resolve("mail.log"));
  }

  @Test
  void whatIsKeptIsListedShownAndReleased() throws Exception {
    assertThat(run("quarantine list").out()).isEqualTo("The quarantine is empty.\n");
    assertThat(run("quarantine list").exit()).isEqualTo(Exit.NO);
    String id = send("bank@shop.example", "bob@there.example");

    assertThat(run("quarantine list").out())
        .contains(id, "attachments", "<bank@shop.example>", "<bob@there.example>", "invoice ü");
    var shown = run("quarantine show " + id).out();
    assertThat(shown)
        .contains(
            id + ": in quarantine by attachments\nbecause  on-found = quarantine: ",
            "from     Jörg <joerg@shop.example>\nsubject  Your invoice ü\n",
            "file     \"a.exe\", application/octet-stream\n",
            "| Dear customer,\n| pay?[31m <now>\n")
        .doesNotContain("x()", "\u001b");
    assertThat(run("status").out())
        .containsPattern("1 mail in quarantine; the next one goes in (1 d 23 h|2 d 0 h)\n");
    assertThat(run("trace " + id).out())
        .contains("in quarantine; it is not tried", "Quarantine: keep, by attachments");
    assertThat(run("queue list").out()).isEqualTo("The queue is empty.\n");

    var ran = run("quarantine release " + id + " --text known");
    assertThat(ran.out()).isEqualTo("Released " + id + "\n");
    assertThat(ran.exit()).isZero();
    eventually("tried", () -> tried(id));
    assertThat(run("quarantine show " + id).exit()).isEqualTo(Exit.NO);
    assertThat(run("quarantine release " + id).out()).isEqualTo(id + " is not in quarantine.\n");
    assertThat(log())
        .containsPattern("event=quarantine id=" + id + " action=keep by=attachments text=")
        .containsPattern(
            "event=quarantine id="
                + id
                + " action=release by="
                + System.getProperty("user.name")
                + " text=known");
  }

  @Test
  void whatStrangersWroteIsShownShortened() throws Exception {
    String much = "x".repeat(900);
    String mail =
        MAIL.replaceFirst(
                "Subject: .*", "Subject: " + ("begin " + much + "\r\n ").repeat(90) + "end")
            .replace("filename=a.exe", "filename=\"" + much + ".exe\"")
            .replace("<p>Dear", "<head><title>unseen</title></head>one<br>two<p>Dear");
    String id = sendMail(mail, "", "bank@shop.example", "bob@there.example");
    var json = new ObjectMapper().readTree(run("quarantine list --json").out());
    var listed = json.path("mails").path(0);
    assertThat(listed.path("id").asText()).isEqualTo(id);
    assertThat(listed.path("from").asText()).isEqualTo("Jörg <joerg@shop.example>");
    assertThat(listed.path("subject").asText()).startsWith("begin x").hasSize(505);
    var shown = new ObjectMapper().readTree(run("quarantine show --json " + id).out());
    assertThat(shown.path("subject").asText()).hasSize(505);
    assertThat(shown.path("header"))
        .allSatisfy(it -> assertThat(it.asText()).hasSizeLessThan(2010));
    assertThat(shown.path("parts").path(0).asText()).hasSize(505).endsWith("x[...]");
    assertThat(shown.path("text").asText()).startsWith("one\ntwo\nDear customer");
  }

  @Test
  void oneRecipientGetsItAndForTheOthersItStays() throws Exception {
    String id = send("a@shop.example", "bob@there.example", "eve@there.example");
    for (String act : List.of("release ", "delete ")) {
      var ran = run("quarantine " + act + id + " --for nobody@there.example");
      assertThat(ran.out()).isEqualTo(id + ": it does not wait for <nobody@there.example>\n");
      assertThat(ran.exit()).isEqualTo(Exit.NO);
    }

    var json = run("quarantine release --json " + id + " --for eve@there.example").out();
    String copy = new ObjectMapper().readTree(json).path("done").path(0).path("as").asText();
    assertThat(copy).isNotEqualTo(id);
    eventually("tried", () -> tried(copy));
    assertThat(run("queue show " + copy).out())
        .contains("<eve@there.example>")
        .doesNotContain("bob@");
    assertThat(run("quarantine show " + id).out())
        .contains(
            "for      <bob@there.example>", "not for  <eve@there.example>: released as " + copy);
    assertThat(run("trace " + id).out()).contains("released as mail " + copy, "in quarantine");
    assertThat(run("trace " + copy).out()).contains("released from quarantine as a copy of " + id);

    assertThat(run("quarantine delete " + id + " --for bob@there.example").out())
        .isEqualTo("Deleted " + id + "\n");
    assertThat(run("quarantine list").exit()).isEqualTo(Exit.NO);
    assertThat(run("trace " + id).out()).contains("deleted from quarantine", "It is done");
  }

  @Test
  void whatItsSenderWantedBackByNowIsNotReleased() throws Exception {
    var sent = Instant.now();
    String id = sendMail(MAIL, " BY=1;R", "a@shop.example", "bob@there.example");
    eventually("its time is over", () -> Instant.now().isAfter(sent.plusSeconds(2)));
    for (String order : List.of("release " + id, "report " + id + " --release")) {
      var ran = run("quarantine " + order);
      assertThat(ran.out())
          .isEqualTo(
              id
                  + ": its sender wanted it back, had it not been delivered by now (DELIVERBY), and"
                  + " would get it; --to sends a copy\n");
      assertThat(ran.exit()).isEqualTo(Exit.NO);
    }
    assertThat(run("quarantine release " + id + " --to admin@here.example").exit()).isZero();
    assertThat(run("quarantine delete " + id).exit()).isZero();
  }

  @Test
  void aReportForSomebodyForWhomItIsNotTeachesNothing() throws Exception {
    String id = send("a@shop.example", "bob@there.example");
    var ran = run("quarantine report " + id + " --release --for eve@there.example");
    assertThat(ran.out()).isEqualTo(id + ": it does not wait for <eve@there.example>\n");
    assertThat(ran.exit()).isEqualTo(Exit.NO);
  }

  @Test
  void aCopyGoesToSomebodyElseAndTheMailStays() throws Exception {
    String id = send("a@shop.example", "bob@there.example");
    var ran = run("quarantine release " + id + " --to admin@here.example");
    assertThat(ran.out()).startsWith("Sent a copy of " + id + ", as mail ");
    String copy = ran.out().strip().replaceAll(".* ", "");
    eventually("tried", () -> tried(copy));
    assertThat(run("queue show " + copy).out()).contains("<admin@here.example>");
    assertThat(run("quarantine show " + id).out()).contains("for      <bob@there.example>");
    assertThat(run("quarantine release " + id + " --to admin").err())
        .contains("to: \"admin\" is no address");
    assertThat(run("quarantine release " + id + " --to a@b.example --for bob@there.example").exit())
        .isEqualTo(Exit.WRONG);
  }

  @Test
  void itIsKeptOnlyFromThoseForWhomTheServiceWasAsked() throws Exception {
    send("a@shop.example", "bob@there.example", "carl@elsewhere.example");
    eventually(
        "goes on to the other", () -> run("queue list").out().contains("<carl@elsewhere.example>"));
    assertThat(run("queue list").out()).doesNotContain("bob@");
    assertThat(run("quarantine list").out())
        .contains("<bob@there.example>")
        .doesNotContain("carl@");
  }

  @Test
  void commandsOfTheQueueDoNotTouchIt() throws Exception {
    String id = send("a@shop.example", "bob@there.example");
    for (String order : List.of("release --all", "bounce " + id, "delete --all", "hold " + id)) {
      assertThat(run("queue " + order).exit()).as(order).isEqualTo(Exit.NO);
    }
    assertThat(run("quarantine list").out()).contains(id);
    assertThat(run("queue list --place quarantine").out())
        .contains(id, "quarantined by attachments: on-found = quarantine: ");
  }

  @Test
  void itIsFoundByWhatItIs() throws Exception {
    String id = send("bank@shop.example", "bob@there.example");
    for (String found :
        List.of(
            "--from BANK@ --to bob --since 1h",
            "--from jörg --subject INVOICE --service attachments --since 2026-01-01")) {
      assertThat(run("quarantine list " + found).out()).as(found).contains(id);
    }
    for (String other :
        List.of(
            "--from <>",
            "--to carl",
            "--subject offer",
            "--service rspamd",
            "--since 2099-01-01")) {
      assertThat(run("quarantine list " + other).out()).as(other).isEqualTo("No mail matches.\n");
    }
    assertThat(run("quarantine list --since yesterday").err()).contains("is no time; write");
  }

  @Test
  void explainSaysThatAMailWouldComeThere() throws Exception {
    var letter = directory.resolve("letter.eml");
    Files.writeString(letter, MAIL);
    assertThat(
            run("explain --client 127.0.0.1 --from a@b.example --to bob@there.example --message "
                    + letter)
                .out())
        .containsPattern("quarantine +by attachments, for 2 days: on-found = quarantine: ");
  }

  @Test
  void itIsStillThereAfterTheRelayHasEnded() throws Exception {
    String id = send("a@shop.example", "bob@there.example", "eve@there.example");
    run("quarantine delete " + id + " --for eve@there.example");
    relay.close();
    relay = relay.again();
    assertThat(run("quarantine show " + id).out()).contains("for      <bob@there.example>");
    assertThat(run("status").out()).contains("1 mail in quarantine");
    assertThat(run("quarantine release " + id).exit()).isZero();
    eventually("tried", () -> tried(id));
  }
}
