package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.dkim.Algorithm;
import dev.poststation.dkim.Form;
import dev.poststation.dkim.KeyPairOf;
import dev.poststation.dkim.KeyRecord;
import dev.poststation.dkim.RandomMails;
import dev.poststation.dkim.Signer;
import dev.poststation.dkim.SigningKey;
import dev.poststation.dkim.Terms;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Verifiers that others have written find our signatures good, and those of mails that somebody
/// has changed bad: dkimpy, and OpenDKIM as the filter of a Postfix.
@Tag("peer")
final class DkimAtPeersTest {
  private static final SigningKey RSA =
      new SigningKey("example.com", "s1", KeyPairOf.make(Algorithm.RSA_SHA256, 2048));
  private static final SigningKey ED25519 =
      new SigningKey("example.com", "s1-ed25519", KeyPairOf.make(Algorithm.ED25519_SHA256, 0));

  /// Prints for each file what dkimpy thinks of each of its signatures.
  private static final String DKIMPY =
      """
      import os, sys, dkim
      records = dict(line.split(' ', 1) for line in open(sys.argv[2]).read().splitlines())
      def dns(name, timeout=5):
          return records.get(name.decode().rstrip('.'), '').encode()
      for name in sorted(os.listdir(sys.argv[1])):
          mail = dkim.DKIM(open(os.path.join(sys.argv[1], name), 'rb').read())
          said = []
          for i in range(2):
              try:
                  said.append('good' if mail.verify(idx=i, dnsfunc=dns) else 'bad')
              except dkim.ValidationError as e:
                  said.append('bad')
          print(name, *said)
      """;

  @TempDir Path directory;

  private static byte[] signed(RandomMails.Mail mail, Form header, Form body) {
    var terms = new Terms(header, body, Duration.ofDays(14), List.of("X-Mailer"), "");
    try {
      return Signer.sign(
          mail.header(),
          () -> new ByteArrayInputStream(mail.body()),
          List.of(new Signer.Order(RSA, terms), new Signer.Order(ED25519, terms)),
          Instant.now());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Form form(int bit) {
    return bit % 2 == 0 ? Form.RELAXED : Form.SIMPLE;
  }

  @Test
  void dkimpyFindsAllOursGoodAndAllChangedOnesBad() throws IOException {
    var mails = new RandomMails(6376);
    Path good = Files.createDirectory(directory.resolve("good"));
    Path bad = Files.createDirectory(directory.resolve("bad"));
    for (int i = 0; i < 300; i++) {
      var mail = mails.next();
      byte[] signature = signed(mail, form(i / 3), form(i / 6));
      Files.write(good.resolve("%03d".formatted(i)), mail.with(signature));
      Files.write(bad.resolve("%03d".formatted(i)), mails.changed(mail, signature));
    }
    assertThat(dkimpy(good)).hasSize(300).allMatch(line -> line.endsWith(" good good"));
    assertThat(dkimpy(bad)).hasSize(300).allMatch(line -> line.endsWith(" bad bad"));
  }

  private List<String> dkimpy(Path mails) throws IOException {
    Peers.mark("python3-dkim");
    Path records = directory.resolve("records");
    Files.write(
        records,
        List.of(
            KeyRecord.of(RSA).name() + " " + KeyRecord.of(RSA).text(),
            KeyRecord.of(ED25519).name() + " " + KeyRecord.of(ED25519).text()));
    return Program.run(
            List.of(Peers.program("python3"), "-c", DKIMPY, mails.toString(), records.toString()))
        .lines()
        .toList();
  }

  private static final String OPENDKIM =
      """
      Mode v
      Socket inet:@PORT@@127.0.0.1
      TestPublicKeys @HOME@/keys
      PidFile @HOME@/pid
      AuthservID judge.test
      AlwaysAddARHeader yes
      Syslog no
      Background no
      InternalHosts @HOME@/nobody
      ExternalIgnoreList @HOME@/nobody
      MinimumKeyBits 1024
      """;

  private static final String SEND =
      """
      import os, sys, smtplib
      with smtplib.SMTP('127.0.0.1', int(sys.argv[1])) as smtp:
          for name in sorted(os.listdir(sys.argv[2])):
              smtp.sendmail('somebody@example.com', ['to@there.test'],
                            open(os.path.join(sys.argv[2], name), 'rb').read())
      """;

  @Test
  void openDkimAtPostfixFindsOursGoodAndChangedOnesBad() throws IOException {
    var mails = new RandomMails(8463);
    Path all = Files.createDirectory(directory.resolve("all"));
    for (int i = 0; i < 20; i++) {
      var mail = whole(mails);
      byte[] signature = signed(mail, form(i), form(i / 2));
      Files.write(all.resolve("%02d-good".formatted(i)), mail.with(signature));
      Files.write(all.resolve("%02d-bad".formatted(i)), mails.changed(mail, signature));
    }
    try (var home = Home.create("opendkim");
        var opendkim = opendkim(home);
        var postfix =
            PostfixPeer.start(
                "smtpd_milters = inet:127.0.0.1:" + opendkim.port(),
                "local_header_rewrite_clients =")) {
      Program.run(
          List.of(
              Peers.program("python3"),
              "-c",
              SEND,
              Integer.toString(postfix.port()),
              all.toString()));
      var results = postfix.awaitMails(40).stream().map(DkimAtPeersTest::results).toList();
      assertThat(results.stream().filter(each -> each.equals("pass pass"))).hasSize(20);
      assertThat(results.stream().filter(each -> each.equals("fail fail"))).hasSize(20);
    }
  }

  /// One without signatures of others, of which OpenDKIM would tell, too.
  private static RandomMails.Mail whole(RandomMails mails) {
    while (true) {
      var mail = mails.next();
      if (!new String(mail.header(), StandardCharsets.ISO_8859_1).contains("DKIM-Signature")) {
        return mail;
      }
    }
  }

  /// What a mail says that became of its signatures.
  private static String results(String mail) {
    String field = mail.substring(mail.indexOf("Authentication-Results: judge.test"));
    return String.join(
        " ",
        java.util.regex.Pattern.compile("dkim=(\\w+)")
            .matcher(field.substring(0, field.indexOf("\nReceived") + 1))
            .results()
            .map(found -> found.group(1))
            .toList());
  }

  private record OpenDkim(int port, Program program) implements AutoCloseable {
    @Override
    public void close() {
      program.close();
    }
  }

  private static OpenDkim opendkim(Home home) {
    int port = Port.free();
    List<String> keys = new ArrayList<>();
    for (var key : List.of(RSA, ED25519)) {
      keys.add(KeyRecord.of(key).name() + " " + KeyRecord.of(key).text());
    }
    home.write("keys", String.join("\n", keys) + "\n", Map.of());
    home.write("nobody", "192.0.2.1\n", Map.of());
    Path file =
        home.write(
            "opendkim.conf",
            OPENDKIM.replace("@PORT@@", port + "@"),
            Map.of("HOME", home.path().toString()));
    var program = Program.start(List.of(Peers.program("opendkim"), "-x", file.toString()));
    Port.awaitListening(program, port);
    return new OpenDkim(port, program);
  }
}
