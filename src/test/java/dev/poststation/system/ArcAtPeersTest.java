package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.DkimDomain;
import dev.poststation.config.Origin;
import dev.poststation.config.Secret;
import dev.poststation.dkim.Algorithm;
import dev.poststation.dkim.ArcSealer;
import dev.poststation.dkim.KeyPairOf;
import dev.poststation.dkim.KeyRecord;
import dev.poststation.dkim.RandomMails;
import dev.poststation.dkim.Signing;
import dev.poststation.dkim.SigningDomains;
import dev.poststation.dkim.SigningKey;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Seals of ARC that go on from program to program: dkimpy and this relay seal in turn, and each
/// finds good what the other one did.
@Tag("peer")
final class ArcAtPeersTest {
  private static final KeyPairOf KEYS = KeyPairOf.make(Algorithm.RSA_SHA256, 2048);
  private static final int MAILS = 30;

  /// Seals each file, or prints what it thinks of the seals of each.
  private static final String DKIMPY =
      """
      import os, sys, dkim
      what, where, key, record = sys.argv[1:5]
      def dns(name, timeout=5):
          return open(record, 'rb').read() if b'._domainkey.' in name else b''
      for name in sorted(os.listdir(where)):
          path = os.path.join(where, name)
          mail = open(path, 'rb').read()
          cv, results, reason = dkim.arc_verify(mail, dnsfunc=dns)
          if what == 'verify':
              print(name, cv.decode() if cv else 'None')
              continue
          found = b'Authentication-Results: first.test; arc=' + (cv or b'none').lower() + b'\\r\\n'
          lines = dkim.arc_sign(found + mail, b's', b'first.test', open(key, 'rb').read(), b'first.test')
          open(path, 'wb').write(b''.join(lines) + mail)
      """;

  @TempDir Path directory;

  private record Given(String text) implements Secret {
    @Override
    public String reveal() {
      return text;
    }

    @Override
    public boolean byCommand() {
      return false;
    }

    @Override
    public Origin origin() {
      return Origin.DEFAULT;
    }
  }

  private static DkimDomain domain() {
    var selector =
        new DkimDomain.Selector("s", new Given(new String(KEYS.pem(), US_ASCII)), Origin.DEFAULT);
    return new DkimDomain(
        "relay.test",
        List.of(selector),
        List.of(DkimDomain.Algorithm.RSA_SHA256),
        2048,
        true,
        List.of(),
        true,
        true,
        null,
        List.of(),
        null,
        Duration.ofDays(7),
        Origin.DEFAULT);
  }

  private SigningDomains ours() {
    var dns = new ScriptedResolver();
    for (String name : List.of("first.test", "relay.test")) {
      var record = KeyRecord.of(new SigningKey(name, "s", KEYS));
      dns.text(record.name(), record.text());
    }
    return new SigningDomains(Os.real(), directory, () -> Map.of("relay.test", domain()), dns);
  }

  private List<String> dkimpy(String what, Path mails) throws IOException {
    Peers.mark("python3-dkim");
    Path key = Files.write(directory.resolve("key"), KEYS.pem());
    Path record =
        Files.writeString(
            directory.resolve("record"),
            KeyRecord.of(new SigningKey("relay.test", "s", KEYS)).text());
    return Program.run(
            List.of(
                Peers.program("python3"),
                "-c",
                DKIMPY,
                what,
                mails.toString(),
                key.toString(),
                record.toString()))
        .lines()
        .toList();
  }

  /// Changes the body, as a list does, and seals what came of it.
  private static void sealAll(ArcSealer sealer, Path mails, String found) throws IOException {
    try (var files = Files.list(mails)) {
      for (Path file : files.toList()) {
        byte[] mail = Files.readAllBytes(file);
        int gap = new String(mail, ISO_8859_1).indexOf("\r\n\r\n");
        byte[] header = Arrays.copyOf(mail, gap + 2);
        byte[] body = Arrays.copyOfRange(mail, gap + 4, mail.length);
        byte[] longer = (new String(body, ISO_8859_1) + "-- \r\nlist\r\n").getBytes(ISO_8859_1);
        var result =
            sealer.seal(
                new ArcSealer.Mail(header, () -> new ByteArrayInputStream(body)),
                new ArcSealer.Mail(header, () -> new ByteArrayInputStream(longer)),
                "relay.test",
                "relay.test",
                Duration.ofMinutes(1));
        assertThat(result).isInstanceOf(Signing.Result.Signed.class);
        var signed = (Signing.Result.Signed) result;
        assertThat(signed.by().getFirst()).endsWith(found);
        Files.write(file, new RandomMails.Mail(header, longer).with(signed.fields()));
      }
    }
  }

  @Test
  void dkimpyAndTheRelaySealInTurnAndFindEachOthersSealsGood() throws IOException {
    var random = new RandomMails(8617);
    Path mails = Files.createDirectory(directory.resolve("mails"));
    for (int i = 0; i < MAILS; i++) {
      // Of two that stand there by chance verifiers would have to choose.
      var mail = random.next();
      Files.write(mails.resolve("%02d".formatted(i)), mail.with(new byte[0]));
    }
    try (var ours = ours()) {
      dkimpy("sign", mails);
      sealAll(ours.sealer(), mails, "i=2, arc=pass");
      assertThat(dkimpy("verify", mails)).hasSize(MAILS).allMatch(line -> line.endsWith(" pass"));
      dkimpy("sign", mails);
      sealAll(ours.sealer(), mails, "i=4, arc=pass");
      assertThat(dkimpy("verify", mails)).hasSize(MAILS).allMatch(line -> line.endsWith(" pass"));

      for (int i = 0; i < MAILS; i++) {
        Path file = mails.resolve("%02d".formatted(i));
        Files.writeString(file, Files.readString(file, ISO_8859_1) + "more\r\n", ISO_8859_1);
      }
      assertThat(dkimpy("verify", mails)).hasSize(MAILS).allMatch(line -> line.endsWith(" fail"));
    }
  }
}
