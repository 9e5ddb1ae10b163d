package dev.poststation.system;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.content.Treatment;
import dev.poststation.content.Variant;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Certificates that OpenLDAP has, by which OpenSSL's recipients can be written to.
@Tag("peer")
@Timeout(180)
final class SmimeDirectoryTest {
  private static final String KEY = "ec -pkeyopt ec_paramgen_curve:P-256";
  private static final String ENCRYPT = "{ use = smime-encrypt, directory = partners }";

  private static SmimeBench bench = new SmimeBench();
  private static SlapdPeer slapd;

  @BeforeAll
  static void start() throws Exception {
    slapd = SlapdPeer.withPeople();
    bench.person("bert", "bert@there.test", KEY, 20);
    bench.person("late", "bert@there.test", KEY, -1);
    bench.person("cleo", "cleo@there.test", KEY, 20);
    bench.person("dora", "dora@there.test", KEY, 20);
    for (String name : new String[] {"bert", "late", "dora"}) {
      bench.sh("%1$s x509 -in NAME.pem -outform DER -out NAME.der".replace("NAME", name));
    }
    bench.sh(
        "%1$s crl2pkcs7 -nocrl -certfile cleo.pem -certfile ca.pem -outform DER -out cleo.der");
    add("bert", "userCertificate;binary", "late", "bert");
    add("cleo", "userSMIMECertificate", "cleo");
    add("fake", "userCertificate;binary", "dora");
    bench.top(
        """
        directories { partners {
          url = "ldaps://127.0.0.1:%d", authorities = "%s"
          base = "ou=people,dc=example,dc=com", entry = "(mail={address})"
          bind-dn = "cn=relay,dc=example,dc=com", bind-password = "file:%s"
          timeout = "2 s"
        } }
        """
            .formatted(slapd.tlsPort(), slapd.authority(), bench.file("bind")));
    bench.write("bind", "secret\n");
    bench.sh("chmod 600 bind");
  }

  @AfterAll
  static void end() {
    slapd.close();
    bench.close();
  }

  private static void add(String who, String attribute, String... certificates) throws Exception {
    var lines = new java.util.ArrayList<String>();
    lines.add("dn: uid=" + who + ",ou=people,dc=example,dc=com");
    lines.add("objectClass: inetOrgPerson");
    lines.add("uid: " + who);
    lines.add("cn: " + who);
    lines.add("sn: " + who);
    lines.add("mail: " + who + "@there.test");
    for (String each : certificates) {
      var encoded = Base64.getEncoder().encodeToString(bench.octets(each + ".der"));
      lines.add(attribute + ":: " + encoded);
    }
    slapd.add(lines.toArray(String[]::new));
  }

  private static Treatment treated(String services, String to) {
    String mail = "From: anna@here.test\r\nTo: " + to + "\r\nSubject: s\r\n\r\nHello\r\n";
    return bench.treat(services, "", mail.getBytes(ISO_8859_1), "anna@here.test", to);
  }

  private static Variant passed(String to) {
    var treatment = treated(ENCRYPT, to);
    assertThat(treatment).as(treatment.toString()).isInstanceOf(Treatment.Passed.class);
    return ((Treatment.Passed) treatment).variants().getFirst();
  }

  private static void opened(String to, String who) {
    var variant = passed(to);
    assertThat(variant.notes().getFirst().reason()).contains("@there.test, directory)");
    bench.write("mail", SmimeBench.octets(variant));
    bench.sh(
        "%1$s cms -decrypt -in mail -recip WHO.pem -inkey WHO.key -out inner".replace("WHO", who));
    assertThat(bench.text("inner")).contains("Hello");
  }

  @Test
  void theValidCertificateOfTheEntryIsTakenUnlessOneWasImportedAndAnOutageSendsNothingInTheClear() {
    opened("Bert@there.test", "bert");
    opened("cleo@there.test", "cleo");
    assertThat(passed("fake@there.test").notes().getFirst().reason())
        .isEqualTo("not encrypted: there is no valid certificate of fake@there.test");
    assertThat(passed("nobody@there.test").notes().getFirst().reason())
        .contains("there is no valid certificate of nobody@there.test");

    slapd.stop();
    var waits = (Treatment.Refused) treated(ENCRYPT, "else@there.test");
    assertThat(waits.reply().toString()).contains("451");
    assertThat(waits.rule()).contains("the directory cannot be asked: ");
    bench.partner("cleo", "--for", "else@there.test");
    bench.top("");
    assertThat(treated("{ use = smime-encrypt }", "else@there.test"))
        .isInstanceOf(Treatment.Passed.class);
  }
}
