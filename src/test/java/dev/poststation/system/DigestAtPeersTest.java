package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Recipients whose mailboxes are in a real Dovecot are told what a real spamd kept, and let it go
/// on by links; and the real program is killed while it tells many.
@Tag("peer")
@Timeout(240)
final class DigestAtPeersTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  /// Takes a digest apart with the library of another language: its links, and what it is.
  private static final String READ =
      """
      import email, email.policy, re, sys
      mail = email.message_from_binary_file(open(sys.argv[1], 'rb'), policy=email.policy.default)
      text, html = mail.get_payload()
      print(mail['Return-Path'], mail['Auto-Submitted'], mail.get_content_type(), html.get_content_type())
      print(mail['Subject'])
      found = re.findall('(?m)^   (?:Release to me|Delete|It is no spam: release): (http[^ \\n]*)$', text.get_content())
      for link in found:
          assert link in html.get_content()
          print(link)
      assert mail['Date'].datetime and mail['Message-ID'] and '<script>' not in html.get_content()
      """;

  private static final String DKIMPY =
      """
      import sys, dkim
      key = open(sys.argv[2]).read().strip()
      print(dkim.verify(open(sys.argv[1], 'rb').read(), dnsfunc=lambda name, timeout=5: ('v=DKIM1; p=' + key).encode()))
      """;

  @TempDir Path directory;

  private static String run(RunningRelay relay, String... words) {
    List<String> command = new ArrayList<>(PackedProgram.command());
    command.addAll(List.of(words));
    command.addAll(List.of("--config", relay.home().resolve("poststation.conf").toString()));
    var program = Program.start(command);
    program.awaitExit(LONG);
    return program.output();
  }

  private static void send(RunningRelay relay, String to, String... more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Peers.program("swaks"),
                "--server",
                "127.0.0.1:" + relay.port(),
                "--from",
                "offer@shop.test",
                "--to",
                to));
    command.addAll(List.of(more));
    Program.run(command);
  }

  private static String digests(SpamdPeer spamd, String domain, int page, String more) {
    return """
    content = [ { use = spamd, at = ["127.0.0.1:%d"], quarantine-at = 8, learn = on
                  for { to = ["@%s"] } }
                { use = dkim-sign } ]
    quarantine { digest { every = "31 days", for = ["%s"], from = "quarantine@example.net"
      url = "http://127.0.0.1:%d/quarantine", bind = "127.0.0.1:%d", %s } }
    """
        .formatted(spamd.port(), domain, domain, page, page, more);
  }

  private String key() throws Exception {
    Path key = directory.resolve("mail.private");
    String open =
        Program.run(
            List.of(
                "sh",
                "-c",
                "%1$s genrsa -out %2$s 2048 2>/dev/null; %1$s rsa -in %2$s -pubout -outform DER 2>/dev/null | base64 -w0"
                    .formatted(Peers.program("openssl"), key)));
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(directory.resolve("open"), open);
    return "dkim { \"example.net\" { selectors = [ { name = mail, key = \"file:%s\" } ] } }\n"
        .formatted(key);
  }

  private static String curl(String... words) {
    List<String> command = new ArrayList<>(List.of(Peers.program("curl"), "-s", "-i"));
    command.addAll(List.of(words));
    return Program.run(command);
  }

  private List<String> read(String mail) throws Exception {
    Path file = directory.resolve("mail");
    Files.write(file, mail.getBytes(ISO_8859_1));
    return Program.run(List.of(Peers.program("python3"), "-c", READ, file.toString()))
        .lines()
        .toList();
  }

  private String verified(String mail) throws Exception {
    Peers.mark("python3-dkim");
    Path file = directory.resolve("signed");
    String signed = mail.substring(mail.indexOf("DKIM-Signature:")).replace("\r\n", "\n");
    Files.write(file, signed.replace("\n", "\r\n").getBytes(ISO_8859_1));
    String open = directory.resolve("open").toString();
    return Program.run(List.of(Peers.program("python3"), "-c", DKIMPY, file.toString(), open))
        .strip();
  }

  private static List<String> await(DovecotLmtpPeer dovecot, String who, int mails) {
    Until.holds(mails + " mails for " + who, LONG, () -> dovecot.mails(who).size() >= mails);
    return dovecot.mails(who);
  }

  @Test
  void aDigestIsReadInItsMailboxAndTheMailComesByAClick() throws Exception {
    int page = Port.free();
    try (var dovecot = DovecotLmtpPeer.start();
        var spamd = SpamdPeer.start();
        var relay =
            RunningRelay.start(
                "connectors { home { type = lmtp, hosts = [\"127.0.0.1:%d\"] } }\n"
                        .formatted(dovecot.port())
                    + "routes = [ { via = [home] } ]\n"
                    + key()
                    + digests(spamd, "example.net", page, "actions = [release, delete, good]"))) {
      send(
          relay,
          "anna@example.net,bert@example.net",
          "--h-Subject",
          "<script>alert(1)</script> http://evil.test",
          "--body",
          RspamdAtPeersTest.GTUBE);
      assertThat(run(relay, "quarantine", "digest")).contains("2 digests sent");
      relay.kill();
      relay.restart();
      assertThat(run(relay, "quarantine", "digest")).contains("Nobody has anything new");
      String digest = await(dovecot, "anna", 1).getFirst();
      assertThat(verified(digest)).isEqualTo("True");
      var read = read(digest);
      assertThat(read.get(0)).isEqualTo("<> auto-generated multipart/alternative text/html");
      assertThat(read.get(1)).isEqualTo("Kept from you: 1");
      assertThat(read).hasSize(5);

      String asked = curl(read.get(2));
      assertThat(asked)
          .contains(" 200 ", "&lt;script&gt;", "<form method=\"post\">")
          .doesNotContain("<script");
      assertThat(dovecot.mails("anna")).hasSize(1);
      assertThat(curl("-X", "POST", read.get(2))).contains("on its way to you");
      assertThat(await(dovecot, "anna", 2)).anyMatch(it -> it.contains("GTUBE"));
      assertThat(curl("-X", "POST", read.get(2))).contains("There is nothing left to do");
      assertThat(dovecot.mails("anna")).hasSize(2);
      assertThat(await(dovecot, "bert", 1)).hasSize(1);

      var bert = read(dovecot.mails("bert").getFirst());
      assertThat(curl("-X", "POST", bert.get(4))).contains("reported as good");
      assertThat(await(dovecot, "bert", 2)).anyMatch(it -> it.contains("GTUBE"));
      relay.awaitLog("action=report by=\"<bert@example.net> by digest\" text=\"spamd has learned");
      assertThat(run(relay, "quarantine", "list")).contains("The quarantine is empty");
    }
  }

  /// Who is told of which mails by how many digests, whatever a kill made of deliveries.
  private static Map<String, Set<String>> told(SmtpSinkPeer sink) {
    Map<String, Set<String>> told = new HashMap<>();
    var to = Pattern.compile("(?m)^To: <(.*)>$");
    var id = Pattern.compile("(?m)^Message-ID: (.*)$");
    for (String mail : sink.mails()) {
      var who = to.matcher(mail);
      var which = id.matcher(mail);
      assertThat(who.find() && which.find()).as(mail).isTrue();
      told.computeIfAbsent(who.group(1), _ -> new HashSet<>()).add(which.group(1));
    }
    return told;
  }

  @Test
  void aKillWhileManyAreToldNeitherLosesNorDoublesADigest() throws Exception {
    int many = 200;
    try (var sink = SmtpSinkPeer.start();
        var spamd = SpamdPeer.start();
        var relay =
            RunningRelay.start(
                RunningRelay.towards(sink.port())
                    + key()
                    + digests(spamd, "example.net", Port.free(), ""))) {
      String all =
          IntStream.range(0, many)
              .mapToObj(it -> "r" + it + "@example.net")
              .collect(Collectors.joining(","));
      send(relay, all, "--body", RspamdAtPeersTest.GTUBE);
      for (int kill = 1; kill <= 2; kill++) {
        int before = kill * many / 4;
        List<String> command = new ArrayList<>(PackedProgram.command());
        command.addAll(List.of("quarantine", "digest", "--config"));
        command.add(relay.home().resolve("poststation.conf").toString());
        var program = Program.start(command);
        Until.holds("some are told", LONG, () -> count(relay) >= before);
        relay.kill();
        program.awaitExit(LONG);
        relay.restart();
      }
      run(relay, "quarantine", "digest");
      assertThat(run(relay, "quarantine", "digest")).doesNotContain("sent");
      Until.holds("all are told", LONG, () -> told(sink).size() == many);
      // A second digest might still be on its way.
      Until.holds("none is left", LONG, () -> run(relay, "queue", "list").contains("is empty"));
      Set<String> twice = new TreeSet<>();
      told(sink).forEach((who, digests) -> twice.addAll(digests.size() == 1 ? Set.of() : digests));
      assertThat(twice).isEmpty();
    }
  }

  private static int count(RunningRelay relay) {
    return relay.log().split(" action=digest ", -1).length - 1;
  }
}
