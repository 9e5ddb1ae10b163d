package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Addresses that become others when a mail comes in, as a real Postfix behind the relay sees them;
/// and a notice of the relay that comes back to the address that it was.
@Tag("peer")
final class RewrittenTest {
  @Test
  void postfixSeesTheNewAddressesAndANoticeFindsTheOldOne() throws IOException {
    Path map = Files.createTempFile("addresses", ".map");
    Files.writeString(map, "anna@inside.test a.b@outside.test\n");
    try (var postfix =
            PostfixPeer.start(
                "smtpd_recipient_restrictions = check_recipient_access"
                    + " inline:{{gone@new.test=550 5.1.1 unknown}}, reject_unauth_destination");
        var relay =
            RunningRelay.start(
                RunningRelay.towards(postfix.port())
                    + """
                    rewrite = [ { map = "file:%s", back-in = [recipient] }
                                { map = "@old.test @new.test", in = [recipient, header-recipient] } ]
                    masquerade { domains = ["outside.test"] }
                    """
                        .formatted(map))) {
      send(relay.port(), "anna@inside.test", "bob@old.test");
      assertThat(postfix.awaitMails(1).getFirst())
          .startsWith("Return-Path: <a.b@outside.test>\nX-Original-To: bob@new.test\n")
          .contains("\nFrom: Anna <a.b@outside.test>\nTo: bob@new.test\n");
      assertThat(postfix.log()).contains("ORCPT=rfc822;bob@old.test");

      send(relay.port(), "anna@inside.test", "gone@old.test");
      assertThat(mailTo(postfix, "anna@inside.test"))
          .contains("\nTo: <a.b@outside.test>\n")
          .contains("Original-Recipient: rfc822; gone@old.test\n")
          .contains("Final-Recipient: rfc822; gone@new.test\n");

      Files.writeString(map, "anna@inside.test anna@pc7.outside.test\n# another now\n");
      relay.awaitLog("event=removed");
      Until.holds(
          "read anew",
          Duration.ofSeconds(20),
          () -> {
            send(relay.port(), "anna@inside.test", "bob@old.test");
            return relay.log().contains("from=<anna@pc7.outside.test>");
          });
      send(relay.port(), "carl@pc7.outside.test", "bob@old.test");
      relay.awaitLog("event=queued .* from=<carl@outside.test>");
    } finally {
      Files.delete(map);
    }
  }

  @Test
  void aNoticeToTheSenderOfForwardedMailFindsHimAndAForgedOneDoesNot() throws IOException {
    Path secret = Files.createTempFile("srs", ".secret");
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(secret, "correct horse battery staple\n");
    try (var postfix = PostfixPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(postfix.port(), "srs = on")
                    + "srs { domain = \"srs.test\", secrets = [\"file:%s\"], own = [\"@own.test\"] }"
                        .formatted(secret))) {
      send(relay.port(), "anna@else.test", "bob@there.test");
      String mail = postfix.awaitMails(1).getFirst();
      assertThat(mail).contains("\nFrom: Anna <anna@else.test>\n");
      var path =
          Pattern.compile("^Return-Path: <(SRS0=\\w+=\\w+=else\\.test=anna@srs\\.test)>\n")
              .matcher(mail);
      assertThat(path.find()).isTrue();
      relay.awaitLog("event=attempt .* sender=<?\"?<?SRS0=");

      send(relay.port(), "<>", path.group(1));
      assertThat(mailTo(postfix, "anna@else.test")).contains("\nSubject: x\n");

      send(relay.port(), "me@own.test", "carl@there.test");
      assertThat(mailTo(postfix, "carl@there.test")).startsWith("Return-Path: <me@own.test>\n");

      var forged =
          Program.start(
              List.of(
                  Peers.program("swaks"),
                  "--server",
                  "127.0.0.1:" + relay.port(),
                  "--from",
                  "<>",
                  "--to",
                  path.group(1).replace("=anna@", "=bert@")));
      assertThat(forged.awaitExit(Duration.ofSeconds(30))).isEqualTo(24); // No recipient taken.
      relay.awaitLog("event=reject .* dsn=5\\.1\\.1 .* rule=\"srs: ");
    } finally {
      Files.delete(secret);
    }
  }

  private static String mailTo(PostfixPeer postfix, String to) {
    return Until.present(
        "mail to " + to,
        Duration.ofSeconds(20),
        () ->
            postfix.mails().stream()
                .filter(mail -> mail.contains("X-Original-To: " + to + "\n"))
                .findFirst());
  }

  private static void send(int port, String from, String to) {
    Program.run(
        List.of(
            Peers.program("swaks"),
            "--server",
            "127.0.0.1:" + port,
            "--from",
            from,
            "--to",
            to,
            "--data",
            "From: Anna <" + from + ">\\nTo: " + to + "\\nSubject: x\\n\\nHello"));
  }
}
