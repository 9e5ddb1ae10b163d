package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.admin.TrialRoutes;
import dev.poststation.cli.Ran;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import dev.poststation.sim.ServerLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// `connector test` at servers of other people.
@Tag("peer")
@Timeout(120)
final class ConnectorTrialAtPeersTest {
  @TempDir Path directory;

  private static Ran tried(LiveRelay relay, String words) {
    var ran = Ran.on(Os.real(), "connector test " + words + " --config " + relay.file());
    assertThat(ran.out() + ran.err()).doesNotContain("sales-secret", "wrong-secret");
    return ran;
  }

  private String secret(String text) throws Exception {
    Path file = directory.resolve(text);
    Files.writeString(file, text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return "password = \"file:" + file + "\"";
  }

  @Test
  void whatIsWrongAtPostfixIsFoundOutStepByStepUntilItReplacesSenders() throws Exception {
    try (var dovecot = DovecotPeer.start();
        var relay = new LiveRelay(directory)) {
      int back = relay.relay().listening().getFirst().getPort();
      try (var postfix =
          PostfixPeer.start(
              Stream.concat(
                      Stream.of(dovecot.forPostfix()),
                      Stream.of(
                          "smtpd_recipient_restrictions = permit_sasl_authenticated,"
                              + " reject_unauth_destination",
                          "virtual_mailbox_domains = there.test",
                          "sender_canonical_maps = static:account@provider.test",
                          "relay_domains = back.test",
                          "transport_maps = inline:{back.test=smtp:[127.0.0.1]:" + back + "}"))
                  .toArray(String[]::new))) {
        String hosts = "hosts = [\"127.0.0.1:" + postfix.port() + "\"]";
        String good = "auth { user = sales, " + secret("sales-secret") + " }";
        String bad = "auth { user = sales, " + secret("wrong-secret") + " }";
        String plain = relay.read();
        relay.write(
            plain
                + """
                connectors {
                  unknown { %1$s, %2$s, tls = verify }
                  open { %1$s, tls = required }
                  wrong { %1$s, %3$s, tls = required, login-at = anyone }
                }
                """
                    .formatted(hosts, good, bad));

        var unknown = tried(relay, "unknown");
        assertThat(unknown.exit()).isEqualTo(1);
        assertThat(unknown.out())
            .contains("FAILED: ", "no authority that this machine trusts", "-> pin it");
        var pin = Pattern.compile("sha256:[0-9a-f]{64}").matcher(unknown.out());
        assertThat(pin.find()).isTrue();

        var wrong = tried(relay, "wrong");
        assertThat(wrong.exit()).isEqualTo(1);
        assertThat(wrong.out())
            .contains("C: AUTH SCRAM-SHA-256 ***", "FAILED: ", "535 5.7.8", "-> a wrong user or");

        var open = tried(relay, "open --from a@here.test --to b@elsewhere.test --dry-run");
        assertThat(open.exit()).isEqualTo(1);
        assertThat(open.out())
            .contains("<b@elsewhere.test>: refused: ", "Relay access denied")
            .contains("-> it does not relay for us");

        relay.write(
            plain
                + "connectors.right { %s, %s, tls = pinned, pin = [\"%s\"] }\n"
                    .formatted(hosts, good, pin.group()));
        var right =
            tried(relay, "right --from a@here.test --to b@back.test --to c@there.test --wait 20s");
        assertThat(right.exit()).as(right.toString()).isZero();
        assertThat(right.out())
            .contains(
                "tls = pinned: good", "tls = required: good", "tls = verify: no mail would go")
            .contains("login: as sales by SCRAM-SHA-256", "takes mails of up to 209.7 MB")
            .contains("<c@there.test>: sent: 250 2.0.0 Ok: ")
            .contains("From: <account@provider.test> (REPLACED, it was <a@here.test>)")
            .contains("MAIL FROM: <account@provider.test> (another one");
        assertThat(postfix.awaitMails(1).getFirst())
            .contains(
                "Subject: Poststation tries connector: try-", "From: <account@provider.test>");
      }
    }
  }

  @Test
  void eximTellsNothingMoreThanThatItRefuses() throws Exception {
    try (var exim = EximPeer.start(AccountsAtPeersTest.EXIM);
        var relay = new LiveRelay(directory)) {
      relay.write(
          relay.read()
              + "connectors.exim { hosts = [\"127.0.0.1:%d\"], tls = required, login-at = anyone,"
                  .formatted(exim.port())
              + " auth { user = sales, "
              + secret("wrong-secret")
              + " } }\n");
      var wrong = tried(relay, "exim");
      assertThat(wrong.exit()).isEqualTo(1);
      assertThat(wrong.out()).contains("C: AUTH CRAM-MD5", "535 ", "-> a wrong user or password");
      secret("wrong-secret");
      Files.writeString(directory.resolve("wrong-secret"), "sales-secret");
      var right = tried(relay, "exim --from a@here.test --to b@there.test");
      assertThat(right.exit()).as(right.toString()).isZero();
      assertThat(right.out()).contains("login: as sales by CRAM-MD5", "<b@there.test>: sent: 250");
    }
  }

  private Ran rotated(LiveRelay relay, String words, String fresh) throws Exception {
    Path file = directory.resolve("fresh");
    Files.writeString(file, fresh + "\n");
    var ran =
        Ran.on(
            Os.real(),
            "credential rotate %s --secret-from %s --config %s"
                .formatted(words, file, relay.file()));
    assertThat(ran.out() + ran.err())
        .doesNotContain("sales-secret", "wrong-secret", "other-secret");
    return ran;
  }

  private static void replace(Path file, String text) throws IOException {
    Os.real().disk().renew(file, text.getBytes(StandardCharsets.UTF_8));
  }

  /// What was written is not what the relay reads, and then nothing can be written any more.
  private Ran lostMeanwhile(LiveRelay relay) throws Exception {
    Path fresh = directory.resolve("fresh");
    Files.writeString(fresh, "sales-secret\n");
    var real = Os.real();
    var writes = new AtomicInteger();
    var disk =
        new PassingDisk(real.disk()) {
          @Override
          public void renew(Path file, byte[] content) throws IOException {
            if (writes.getAndIncrement() > 0) {
              throw new IOException("no space left");
            }
            super.renew(file, "other-secret\n".getBytes(StandardCharsets.UTF_8));
          }
        };
    var os =
        new Os(real.time(), real.network(), real.tasks(), real.chance(), disk, real.processes());
    return Ran.on(
        os, "credential rotate exim --secret-from %s --config %s".formatted(fresh, relay.file()));
  }

  @Test
  void aNewSecretTakesThePlaceOfTheOldOneOnlyWhenItWorks() throws Exception {
    try (var exim = EximPeer.start(AccountsAtPeersTest.EXIM);
        var relay = new LiveRelay(directory)) {
      secret("wrong-secret");
      Path file = directory.resolve("wrong-secret");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--------"));
      Path link = directory.resolve("link");
      Files.createSymbolicLink(link, file);
      String host =
          "hosts = [\"127.0.0.1:%d\"], tls = required, login-at = anyone".formatted(exim.port());
      relay.write(
          relay.read()
              + """
              connectors {
                exim { %1$s, auth { user = sales, password = "file:%2$s" } }
                script { %1$s, auth { user = sales, password = "exec:echo x" } }
              }
              """
                  .formatted(host, link));
      var bad = rotated(relay, "exim", "other-secret");
      assertThat(bad.exit()).isEqualTo(1);
      assertThat(bad.out()).contains("-> a wrong user or password", "nothing was changed");
      assertThat(Files.readString(file)).isEqualTo("wrong-secret");

      var said = ServerLog.of(TrialRoutes.class);
      var good = rotated(relay, "exim", "sales-secret");
      assertThat(said.end())
          .contains(
              "INFO The credential of sales at connector exim was replaced: the new one lets us"
                  + " in");
      assertThat(good.exit()).as(good.toString()).isZero();
      assertThat(good.out()).contains("the running relay has logged in with it");
      assertThat(Files.readString(file)).isEqualTo("sales-secret\n");
      assertThat(Files.isSymbolicLink(link)).isTrue();
      assertThat(Files.getPosixFilePermissions(file))
          .isEqualTo(PosixFilePermissions.fromString("r--------"));
      assertThat(tried(relay, "exim").exit()).isZero();

      replace(file, "wrong-secret");
      var lost = lostMeanwhile(relay);
      assertThat(lost.exit()).isEqualTo(4);
      assertThat(lost.err())
          .contains(
              "The running relay cannot use the new secret, and the old one cannot be put back")
          .doesNotContain("The new secret works");
      replace(file, "sales-secret");

      var same = rotated(relay, "exim", "sales-secret");
      assertThat(same.exit()).isEqualTo(2);
      assertThat(same.err()).contains("has already");
      var script = rotated(relay, "script", "sales-secret");
      assertThat(script.exit()).isEqualTo(2);
      assertThat(script.err()).contains("comes from a command (exec:)");
      assertThat(rotated(relay, "next", "sales-secret").err()).contains("does not log in anywhere");
    }
  }
}
