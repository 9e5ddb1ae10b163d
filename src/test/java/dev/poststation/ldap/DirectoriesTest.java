package dev.poststation.ldap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.unboundid.ldap.listener.InMemoryDirectoryServer;
import com.unboundid.ldap.listener.InMemoryDirectoryServerConfig;
import com.unboundid.ldap.listener.InMemoryListenerConfig;
import com.unboundid.ldap.listener.interceptor.InMemoryInterceptedSearchRequest;
import com.unboundid.ldap.listener.interceptor.InMemoryOperationInterceptor;
import dev.poststation.config.Configuration;
import dev.poststation.config.DirectorySettings.Query;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.config.Rewriting.Place;
import dev.poststation.os.Os;
import dev.poststation.rewrite.Rewriter;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Directories that are asked about addresses; the server is within this process.
class DirectoriesTest {
  private final ManualTime time = new ManualTime();
  private final AtomicInteger searches = new AtomicInteger();
  private final Os os =
      new Os(time, Os.real().network(), Os.real().tasks(), Os.real().chance(), Os.real().disk());
  private InMemoryDirectoryServer server;
  private Directories directories;

  @BeforeEach
  void start() throws Exception {
    server = server(0);
    directories = new Directories(os, new ScriptedResolver());
  }

  private InMemoryDirectoryServer server(int port) throws Exception {
    var config = new InMemoryDirectoryServerConfig("dc=example,dc=com");
    config.setSchema(null);
    config.setListenerConfigs(
        InMemoryListenerConfig.createLDAPConfig(
            "plain", InetAddress.getLoopbackAddress(), port, null));
    config.addInMemoryOperationInterceptor(
        new InMemoryOperationInterceptor() {
          @Override
          public void processSearchRequest(InMemoryInterceptedSearchRequest request) {
            searches.incrementAndGet();
          }
        });
    var made = new InMemoryDirectoryServer(config);
    made.add("dn: dc=example,dc=com", "objectClass: domain", "dc: example");
    made.add(
        "dn: uid=anna,dc=example,dc=com",
        "objectClass: person",
        "uid: anna",
        "mail: anna@intern.example",
        "proxyAddresses: smtp:info@intern.example",
        "public: smtp:a.b@example.com",
        "public: SMTP:anna.berger@example.com",
        "several: one@example.com",
        "several: two@example.com",
        "nonsense: no address");
    made.add("dn: uid=twin1,dc=example,dc=com", "uid: twin1", "mail: twin@intern.example");
    made.add("dn: uid=twin2,dc=example,dc=com", "uid: twin2", "mail: twin@intern.example");
    made.add(
        "dn: uid=dora,dc=example,dc=com",
        "objectClass: person",
        "uid: dora",
        "inside: dora@intern.example",
        "mail: dora.d@example.com");
    made.add(
        "dn: uid=erik,dc=example,dc=com",
        "objectClass: person",
        "uid: erik@uid.example",
        "inside: erik@intern.example",
        "mail: shared@example.com",
        "proxyAddresses: SMTP:erik.e@example.com");
    made.add(
        "dn: uid=fred,dc=example,dc=com",
        "objectClass: person",
        "inside: fred@intern.example",
        "mail: shared@example.com");
    made.add("dn: cn=cloud,dc=example,dc=com", "cn: cloud", "member: uid=anna,dc=example,dc=com");
    made.startListening();
    return made;
  }

  @AfterEach
  void stop() {
    directories.close();
    server.shutDown(true);
  }

  private Configuration configured(String rest) {
    String text =
        """
        hostname = relay.example.com
        clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
        connectors { internet { type = mx } }
        directories { staff { url = "ldap://127.0.0.1:%d", tls = off, base = "dc=example,dc=com"
                              timeout = 2 s } }
        %s
        """
            .formatted(server.getListenPort(), rest);
    var loaded = new Loader(Os.real(), Map.of()).parse(text, Path.of("test.conf"));
    assertThat(loaded).as(loaded.problems().toString()).isInstanceOf(Loaded.Good.class);
    return ((Loaded.Good) loaded).configuration();
  }

  private Query recipient(String keys) {
    var routes = configured("routes = [ { " + keys + ", via = internet }, { via = internet } ]");
    return Objects.requireNonNull(routes.routes().getFirst().when().recipient());
  }

  private Rewriter rewriter(String keys) {
    return rewriter(keys, "");
  }

  private Rewriter rewriter(String keys, String more) {
    var rewriting =
        configured(
                "routes = [ { via = internet } ]\nrewrite = [ { "
                    + keys
                    + " }\n{ map = \"rest@intern.example rest@example.com\" } ]\n"
                    + more)
            .rewriting();
    return new Rewriter(rewriting, os, directories);
  }

  private static Address address(String text) {
    return AddressParser.parse(text).orElseThrow();
  }

  private static String becomes(Rewriter rewriter, String text) throws UnavailableException {
    return rewriter
        .change(Place.SENDER, "lan", address(text))
        .map(change -> change.to().toString())
        .orElse("stays");
  }

  @Test
  void whoIsInAGroupIsFoundByAnyOfHisAddresses() throws Exception {
    var query = recipient("to-group = \"cn=cloud,dc=example,dc=com\"");
    assertThat(directories.has(query, address("anna@intern.example"))).isTrue();
    assertThat(directories.has(query, address("INFO@intern.example"))).isTrue();
    assertThat(directories.has(query, address("berta@intern.example"))).isFalse();
    var other = recipient("to-group = \"cn=others,dc=example,dc=com\"");
    assertThatThrownBy(() -> directories.has(other, address("anna@intern.example")))
        .as("a group that is not there is no group without members")
        .isInstanceOf(UnavailableException.class)
        .hasMessageContaining("no such object");
  }

  @Test
  void whomAFilterFindsIsFoundAlsoMoreThanOnceAndWhateverTheAddressHasInIt() throws Exception {
    var query = recipient("to-filter = \"(mail={address})\"");
    assertThat(directories.has(query, address("twin@intern.example"))).isTrue();
    assertThat(directories.has(query, address("*@intern.example"))).isFalse();
    assertThat(directories.has(query, new Address("x)(uid=*", "intern.example"))).isFalse();
  }

  @Test
  void anAnswerHoldsForAWhileAlsoThatThereIsNone() throws Exception {
    var query = recipient("to-filter = \"(mail={address})\"");
    assertThat(directories.hasAsKnown(query, address("anna@intern.example"))).isEmpty();
    for (int i = 0; i < 3; i++) {
      assertThat(directories.has(query, address("anna@intern.example"))).isTrue();
      assertThat(directories.has(query, address("nobody@intern.example"))).isFalse();
    }
    assertThat(searches.get()).isEqualTo(2);
    assertThat(directories.hasAsKnown(query, address("nobody@intern.example"))).contains(false);
    time.advance(Duration.ofMinutes(5));
    assertThat(directories.hasAsKnown(query, address("nobody@intern.example"))).isEmpty();
    assertThat(directories.has(query, address("anna@intern.example"))).isTrue();
    assertThat(searches.get()).isEqualTo(3);
  }

  @Test
  void aReloadThatChangesNothingForgetsNothing() throws Exception {
    assertThat(directories.has(recipient("to-filter = \"(mail={address})\""), address("a@b.c")))
        .isFalse();
    assertThat(directories.has(recipient("to-filter = \"(mail={address})\""), address("a@b.c")))
        .isFalse();
    assertThat(searches.get()).isEqualTo(1);
  }

  @Test
  void anAddressBecomesThatOfTheAttributeThePrimaryOneWhereThereAreSeveral() throws Exception {
    var rewriter = rewriter("attribute = public");
    assertThat(becomes(rewriter, "anna@intern.example")).isEqualTo("anna.berger@example.com");
    assertThat(becomes(rewriter, "info@intern.example")).isEqualTo("anna.berger@example.com");
    assertThat(becomes(rewriter, "nobody@intern.example")).isEqualTo("stays");
    assertThat(becomes(rewriter, "rest@intern.example")).isEqualTo("rest@example.com");
    assertThat(becomes(rewriter("attribute = nothing"), "anna@intern.example")).isEqualTo("stays");
    assertThat(becomes(rewriter("attribute = nonsense"), "anna@intern.example")).isEqualTo("stays");
    var both = rewriter("attribute = public, map = \"info@intern.example desk@example.com\"");
    assertThat(becomes(both, "info@intern.example")).isEqualTo("desk@example.com");
    assertThat(becomes(both, "anna@intern.example")).isEqualTo("anna.berger@example.com");
    assertThat(rewriter.change(Place.RECIPIENT, "lan", address("anna@intern.example"))).isEmpty();
    assertThat(rewriter.changeOfNotice(address("anna@intern.example"))).isEmpty();
  }

  private static String wasBefore(Rewriter rewriter, String text) throws UnavailableException {
    return rewriter
        .change(Place.RECIPIENT, "lan", address(text))
        .map(change -> change.to().toString())
        .orElse("stays");
  }

  @Test
  void anAddressIsPutBackToTheOneThatItWas() throws Exception {
    var rewriter =
        rewriter(
            "attribute = mail, filter = \"(&(objectClass=person)(inside={address}))\", back-in ="
                + " [recipient]",
            "subaddress = \"+\"");
    assertThat(becomes(rewriter, "dora@intern.example")).isEqualTo("dora.d@example.com");
    assertThat(wasBefore(rewriter, "dora.d@example.com")).isEqualTo("dora@intern.example");
    assertThat(wasBefore(rewriter, "DORA.D+news@example.com"))
        .isEqualTo("dora+news@intern.example");
    assertThat(wasBefore(rewriter, "nobody@example.com")).isEqualTo("stays");
    assertThat(rewriter.changeOfNotice(address("dora.d@example.com"))).isEmpty();
    assertThatThrownBy(() -> wasBefore(rewriter, "shared@example.com"))
        .hasMessage(
            "directories.staff has more than one entry of shared@example.com:"
                + " (&(objectClass=person)(mail={address}))");
  }

  @Test
  void whereSeveralAttributesFindAnAddressTheEntrySaysWhichItIsPutBackTo() throws Exception {
    String keys =
        "attribute = proxyAddresses, filter = \"(|(inside={address})(uid={address}))\", back-in ="
            + " [recipient]";
    assertThat(wasBefore(rewriter(keys), "erik.e@example.com")).isEqualTo("stays");
    var rewriter = rewriter(keys + ", back-attribute = inside");
    assertThat(becomes(rewriter, "erik@intern.example")).isEqualTo("erik.e@example.com");
    assertThat(wasBefore(rewriter, "erik.e@example.com")).isEqualTo("erik@intern.example");
    var by = rewriter(keys + ", back-attribute = inside, back-filter = \"(uid={address})\"");
    assertThat(wasBefore(by, "erik@uid.example")).isEqualTo("erik@intern.example");
  }

  @Test
  void aDetailGoesOnBehindTheNewLocalPart() throws Exception {
    var rewriter = rewriter("attribute = public", "subaddress = \"+\"");
    assertThat(becomes(rewriter, "anna+news@intern.example"))
        .isEqualTo("anna.berger+news@example.com");
  }

  @Test
  void whatIsAmbiguousIsNotGuessed() {
    assertThatThrownBy(() -> becomes(rewriter("attribute = several"), "anna@intern.example"))
        .hasMessage("directories.staff has more than one several of anna@intern.example");
    assertThatThrownBy(() -> becomes(rewriter("attribute = uid"), "twin@intern.example"))
        .hasMessageContaining("has more than one entry of twin@intern.example");
  }

  @Test
  void aHeaderIsNotRewrittenByHalf() throws Exception {
    var rewriter = rewriter("attribute = public");
    byte[] header =
        "From: Anna <anna@intern.example>, nobody@intern.example\r\n"
            .getBytes(StandardCharsets.US_ASCII);
    assertThat(rewriter.header("lan", header).edits()).hasSize(1);
    assertThat(rewriter.header("lan", header).unknown()).isEmpty();
    time.advance(Duration.ofMinutes(5));
    int port = server.getListenPort();
    server.shutDown(true);
    var change = rewriter.header("lan", header);
    assertThat(change.edits()).isEmpty();
    assertThat(change.unknown()).startsWith("the directory cannot be asked: 127.0.0.1:" + port);
  }

  @Test
  void whileNobodyAnswersThatIsSaidAtOnceAndSoonSomebodyIsAskedAgain() throws Exception {
    var query = recipient("to-filter = \"(mail={address})\"");
    int port = server.getListenPort();
    server.shutDown(true);
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> directories.has(query, address("anna@intern.example")))
          .isInstanceOf(UnavailableException.class);
    }
    assertThat(directories.concerns())
        .singleElement()
        .asString()
        .startsWith("Server 127.0.0.1:" + port + " of directories.staff cannot be asked since")
        .endsWith("; mail whose addresses it has to be asked about waits");
    server = server(port);
    assertThatThrownBy(() -> directories.has(query, address("anna@intern.example")))
        .as("within a few seconds nobody is asked")
        .isInstanceOf(UnavailableException.class);
    assertThat(searches.get()).isZero();
    time.advance(Duration.ofSeconds(5));
    assertThat(directories.has(query, address("anna@intern.example"))).isTrue();
    assertThat(directories.concerns()).isEmpty();
  }
}
