package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.cli.Ran;
import dev.poststation.config.Configuration;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.content.Facts;
import dev.poststation.content.Kept;
import dev.poststation.content.Message;
import dev.poststation.content.Pipeline;
import dev.poststation.content.Seals;
import dev.poststation.content.ServiceWatch;
import dev.poststation.content.Services;
import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import dev.poststation.delivery.SevenBitEntity;
import dev.poststation.dns.DnsResolver;
import dev.poststation.dns.Resolver;
import dev.poststation.ldap.Directories;
import dev.poststation.message.Envelope;
import dev.poststation.message.Octets;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.os.Os;
import dev.poststation.smtp.Address;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;

/// Keys and certificates that OpenSSL makes, services of S/MIME that have them, and OpenSSL and
/// others as the judge. Confined to one thread.
final class SmimeBench implements AutoCloseable {
  private static final String RECEIVED = "Received: from here by relay.here.test; now\r\n";

  private final Home home = Home.create("smime");
  private final Map<String, Seals> opened = new HashMap<>();
  private final StringBuilder more = new StringBuilder();
  private String top = "";
  private String pgp = "";
  private Os os = Os.real();
  private Function<Configuration, Resolver> resolvers = it -> new DnsResolver(it.dns(), os);

  SmimeBench() {
    sh(
        "%1$s req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj '/CN=Test"
            + " CA'");
    write("password", "a long password for keys\n");
    sh("chmod 600 password");
  }

  Path file(String name) {
    return home.path().resolve(name);
  }

  void write(String name, String text) {
    write(name, text.getBytes(ISO_8859_1));
  }

  void write(String name, byte[] octets) {
    try {
      Files.write(file(name), octets);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  byte[] octets(String name) {
    try {
      return Files.readAllBytes(file(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text(String name) {
    return new String(octets(name), ISO_8859_1);
  }

  /// Runs a shell where the files are; `%1$s` is openssl.
  String sh(String line) {
    String command =
        "cd "
            + home.path()
            + " && "
            + line.formatted(Peers.program("openssl"))
            + " 2>err || { cat err; exit 1; }";
    return Program.run(List.of("sh", "-c", command));
  }

  /// Makes a key and a certificate for an address: `NAME.key`, `NAME.pem`, `NAME.p12` with the
  /// password "secret".
  ///
  /// @param key as `req -newkey` takes it
  /// @param days until it ends; below 0: it has ended
  void person(String name, String address, String key, int days) {
    write(
        name + ".ext",
        "subjectAltName=email:%s\nextendedKeyUsage=emailProtection\n%s\n".formatted(address, more));
    sh(
        "%1$s req -newkey "
            + key
            + " -nodes -keyout NAME.key -out NAME.csr -subj /CN=NAME".replace("NAME", name));
    sh(
        ("%1$s x509 -req -in NAME.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days DAYS"
                + " -extfile NAME.ext -out NAME.pem")
            .replace("NAME", name)
            .replace("DAYS", Integer.toString(days)));
    sh(
        "%1$s pkcs12 -export -inkey NAME.key -in NAME.pem -certfile ca.pem -passout pass:secret -out NAME.p12"
            .replace("NAME", name));
    write("p12", "secret\n");
  }

  /// Lines of the extensions of certificates that are made from now on.
  void extensions(String lines) {
    more.setLength(0);
    more.append(lines).append('\n');
  }

  /// Sections of the configuration besides those that are always there.
  void top(String sections) {
    top = sections;
  }

  /// Settings of `openpgp` besides its password.
  void pgp(String settings) {
    pgp = settings;
  }

  /// Another world outside for the services.
  void outside(Os os, Resolver resolver) {
    this.os = os;
    this.resolvers = _ -> resolver;
  }

  /// The file of a configuration with these services.
  Path conf(String services, String smime) {
    Path file = file("poststation.conf");
    write(
        "poststation.conf",
        """
        hostname = "relay.here.test"
        data = "%1$s/data"
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { internet { type = mx } }
        routes = [ { via = [internet] } ]
        smime { password = "file:%1$s/password", %3$s }
        openpgp { password = "file:%1$s/password", %5$s }
        content = [
        %2$s
        ]
        %4$s
        """
            .formatted(home.path(), services, smime, top, pgp));
    return file;
  }

  /// Runs a command of `smime`, which must succeed.
  Ran smime(String line) {
    return done("smime " + line);
  }

  /// Runs a command, which must succeed.
  Ran done(String line) {
    var ran = Ran.with(conf("", ""), line);
    assertThat(ran.exit()).as(ran.toString()).isZero();
    return ran;
  }

  /// Keeps the key of somebody here.
  void own(String name, String... more) {
    smime(
        String.join(
                " ",
                "import",
                file(name + ".p12").toString(),
                "--password-file",
                file("p12").toString(),
                String.join(" ", more))
            .strip());
  }

  /// Keeps the certificate of somebody else.
  void partner(String name, String... more) {
    smime(("import " + file(name + ".pem") + " " + String.join(" ", more)).strip());
  }

  Configuration configuration(String services, String smime) {
    return switch (new Loader(Os.real(), Map.of()).load(conf(services, smime))) {
      case Loaded.Good good -> good.configuration();
      case Loaded bad -> throw new AssertionError(bad.problems().toString());
    };
  }

  /// What services make of a mail.
  Treatment treat(String services, String smime, byte[] mail, String from, String... to) {
    return treat(Envelope.Source.SELF, services, smime, mail, from, to);
  }

  /// The same of a mail that somebody hands over.
  Treatment treat(
      Envelope.Source source,
      String services,
      String smime,
      byte[] mail,
      String from,
      String... to) {
    var configuration = configuration(services, smime);
    var resolver = resolvers.apply(configuration);
    var kept =
        kept(smime + pgp, () -> Seals.of(os, configuration.data(), resolver, () -> configuration));
    Pipeline pipeline =
        Services.of(
            configuration,
            resolver,
            new Directories(os, resolver),
            () -> {
              throw new AssertionError("no domain signs here");
            },
            () -> kept,
            SevenBitEntity::of,
            Kept.asWritten(os, configuration.data()),
            os,
            ServiceWatch.NOBODY);
    List<Recipient> recipients = new ArrayList<>();
    for (String each : to) {
      recipients.add(new Recipient(recipients.size(), address(each), Set.of(), null));
    }
    var facts =
        new Facts(
            new QueueId(1),
            source,
            address(from),
            recipients,
            configuration.hostname(),
            null,
            false);
    try {
      return pipeline.treat(
          Message.of(RECEIVED.getBytes(ISO_8859_1), Octets.of(mail), 500_000), facts);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Keys are opened once.
  private Seals kept(String settings, Supplier<Seals> fresh) {
    return opened.computeIfAbsent(settings, _ -> fresh.get());
  }

  private static Address address(String text) {
    int at = text.lastIndexOf('@');
    return new Address(text.substring(0, at), text.substring(at + 1));
  }

  /// What becomes of a mail that passes, in `out` afterwards.
  Variant passed(String services, String smime, String mail, String from, String... to) {
    var treatment = treat(services, smime, mail.getBytes(ISO_8859_1), from, to);
    assertThat(treatment).isInstanceOf(Treatment.Passed.class);
    var variants = ((Treatment.Passed) treatment).variants();
    write("out", octets(variants.getFirst()));
    return variants.getFirst();
  }

  static byte[] octets(Variant variant) {
    try {
      return variant.message().octets().bytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    home.close();
  }
}
