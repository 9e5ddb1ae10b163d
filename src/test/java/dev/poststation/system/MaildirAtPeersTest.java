package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Mail that the packed relay archives in a maildir and in mboxes, over a kill under load, read by
/// a real Dovecot, and by Python.
@Tag("peer")
@Timeout(240)
final class MaildirAtPeersTest {
  private static final Pattern TO = Pattern.compile("(?m)(?:^X-Envelope-To:|^id=[^ ]+) <([^@]+)@");

  /// Writes a line for each mail: its id, and who got it.
  private static final String READER =
      """
      import glob, mailbox, sys
      for path in sorted(glob.glob(sys.argv[1] + '/*.mbox')):
          for mail in mailbox.mbox(path):
              print(mail['X-Archived'].split(';')[0], mail['X-Envelope-To'])
      """;

  private static final String CONFIGURATION =
      """
      base_dir = @HOME@/run
      state_dir = @HOME@/state
      mail_plugin_dir = @ROOT@/usr/lib/dovecot/modules
      log_path = @HOME@/log
      ssl = no
      first_valid_uid = 1
      default_internal_user = mail
      default_internal_group = mail
      default_login_user = nobody
      mail_uid = mail
      mail_gid = mail
      """;

  /// Its programs look for each other where Debian puts them: it runs in a mount namespace of its
  /// own, where they are. It reads no mail as root.
  private static final String DOVEADM =
      """
      mkdir -p $1/lib $1/bin
      ln -sfn $2/usr/lib/dovecot $1/lib/dovecot
      ln -sfn $2/usr/bin/doveconf $1/bin/doveconf
      mount -t overlay overlay -o lowerdir=$1/lib:/usr/lib /usr/lib
      mount -t overlay overlay -o lowerdir=$1/bin:/usr/bin /usr/bin
      chown -R mail:mail $1/mail
      USER=mail HOME=$1/mail exec $2/usr/bin/doveadm -c $1/dovecot.conf -o mail_location=$3 fetch "hdr body" all
      """;

  private static String fetch(Home home, String location) {
    Path root = Peers.file("").toAbsolutePath();
    var words = Map.of("HOME", home.path().toString(), "ROOT", root.toString());
    home.write("dovecot.conf", CONFIGURATION, words);
    var library =
        Home.readFile(Path.of(Peers.program("doveconf")))
            .lines()
            .filter(line -> line.startsWith("export LD_LIBRARY_PATH"))
            .findFirst()
            .orElse("true");
    return Program.run(
        List.of(
            "unshare",
            "--mount",
            "sh",
            "-ec",
            library + "\n" + DOVEADM,
            "sh",
            home.path().toString(),
            root.toString(),
            location));
  }

  private static Set<String> recipients(String text) {
    Set<String> all = new HashSet<>();
    TO.matcher(text).results().forEach(each -> all.add(each.group(1)));
    return all;
  }

  @Test
  void whatWasAcknowledgedOverAKillIsReadByDovecot() {
    try (var home = Home.create("maildir");
        var sink = SmtpSinkPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + """
                    own-domains = ["here.test"]
                    content = [
                      { use = archive, to = files, format = maildir, directory = "%1$s/archive" }
                      { use = archive, name = second, to = files, format = mbox, directory = "%1$s/mbox" }
                    ]
                    """
                        .formatted(home.path().resolve("mail")))) {
      Set<String> acknowledged;
      try (var client = RecordingClient.start("mail", relay.port(), 10, 3000)) {
        Until.holds("under load", Duration.ofSeconds(60), () -> client.acknowledged().size() >= 50);
        relay.kill();
        client.awaitEnd();
        acknowledged = new HashSet<>(client.acknowledged().keySet());
      }
      Path mail = home.path().resolve("mail");
      String read = fetch(home, "maildir:" + mail + "/archive");
      assertThat(recipients(read)).containsAll(acknowledged);
      assertThat(read).contains("Return-Path: <", "X-Archived: id=", "copy=plain");
      // It may write into the file what it has seen.
      assertThat(recipients(fetch(home, "mbox:" + mail + "/mbox:INBOX=" + mail + "/inbox")))
          .containsAll(acknowledged);
      relay.restart();
      relay.awaitLog("event=content .*archived in the maildir .*/mail/archive as [0-9]+\\.R");
      try (var client = RecordingClient.start("more", relay.port(), 2, 3000)) {
        Until.holds("taken again", Duration.ofSeconds(60), () -> client.acknowledged().size() > 5);
        acknowledged.addAll(client.acknowledged().keySet());
      }
      relay.awaitLog(
          "event=content .*archived in the mbox .*/mail/mbox as .*\\.mbox at octet [0-9]+");
      String listed = Program.run(List.of(Peers.program("python3"), "-c", READER, mail + "/mbox"));
      assertThat(recipients(listed)).containsAll(acknowledged);
      assertThat(listed.lines().map(line -> line.split(" ", 2)[0])).doesNotHaveDuplicates();
    }
  }
}
