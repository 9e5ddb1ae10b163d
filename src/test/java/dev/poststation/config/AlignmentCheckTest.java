package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// What `check` says of changes that part the envelope from the author.
class AlignmentCheckTest {
  private static final String CONNECTORS =
      """
      connectors {
        own { hosts = ["192.0.2.1"], replace-sender = "a@b.example" }
        spare { hosts = ["192.0.2.2"] }
        cloud { preset = microsoft365-graph
                auth { user = "a@b.example", tenant = "b.example", client-id = "11111111-2222-3333-4444-555555555555"
                       client-secret = "file:provider.secret" } }
        mx { type = mx }
      }
      """;

  private final Bench bench = new Bench();

  private List<String> told(String text) {
    var loaded = bench.load(text);
    Bench.configuration(loaded);
    return loaded.problems().stream()
        .map(Problem::toString)
        .filter(each -> each.contains("DMARC"))
        .toList();
  }

  private List<String> routes(String routes) {
    return told(
        "clients = [ { name = lan, networks = [\"10.0.0.0/8\"] } ]\n"
            + CONNECTORS
            + "routes = "
            + routes);
  }

  private List<String> rewriting(String text) {
    return told(
        """
        clients = [ { name = lan, networks = ["10.0.0.0/8"] }, { name = two, networks = ["192.0.2.0/24"] } ]
        connectors { mx { type = mx } }
        routes = [ { via = [mx] } ]
        """
            + text);
  }

  private List<String> client(String terms) {
    return told(
        "clients = [ { name = lan, networks = [\"10.0.0.0/8\"], otherwise = replace, "
            + terms
            + " } ]\nconnectors { mx { type = mx } }\nroutes = [ { via = [mx] } ]\n");
  }

  @Test
  void aShareOfTheMailLeavesUnderItsOwnSenderWhicheverStandsFirst() {
    assertThat(routes("[ { via = [ { connector = own, weight = 3 }, spare ] } ]"))
        .singleElement()
        .asString()
        .contains(
            "this route shares mail between own and spare, which has no replace-sender: SPF and"
                + " DMARC");
    assertThat(routes("[ { via = [ { connector = spare, weight = 3 }, own ] } ]"))
        .singleElement()
        .asString()
        .contains("between own and spare,");
    assertThat(routes("[ { via = [ { connector = spare, weight = 3 }, mx ] } ]")).isEmpty();
  }

  @Test
  void aFallbackThatPassesOthersOnItsWayIsSeen() {
    assertThat(routes("[ { via = [own, cloud, mx] } ]"))
        .singleElement()
        .asString()
        .contains("this route falls back from own to mx, which has no replace-sender");
    assertThat(routes("[ { via = [mx, own] } ]")).isEmpty();
    assertThat(routes("[ { via = [own, mx], fallback = [] } ]")).isEmpty();
  }

  @Test
  void sendersOfTheSameOrganisationLoseNothingByAFallback() {
    assertThat(routes("[ { from = [\"@sub.b.example\"], via = [own, mx] }, { via = [own] } ]"))
        .isEmpty();
    assertThat(routes("[ { from = [\"@x.example\"], via = [own, mx] }, { via = [own] } ]"))
        .hasSize(1);
  }

  @Test
  void aMapForOneOfEnvelopeAndHeaderPartsThem() {
    assertThat(rewriting("rewrite = [ { map = \"@a.example @b.example\", in = [sender] } ]"))
        .containsExactly(
            "poststation.conf:4: warning: rewrite[1] takes \"@a.example\" to b.example in sender,"
                + " and header-sender has a.example then: where MAIL FROM and From are of different"
                + " domains, DMARC counts nothing but a DKIM signature; write in = [sender,"
                + " header-sender]");
    assertThat(rewriting("rewrite = [ { map = \"@a.example @b.example\", in = [header-sender] } ]"))
        .singleElement()
        .asString()
        .contains("to b.example in header-sender, and sender has a.example then");
  }

  @Test
  void aMapThatLeavesBothInOneOrganisationIsFine() {
    String sender = "{ map = \"@a.example @b.example\", in = [sender] }";
    assertThat(rewriting("rewrite = [ { map = \"@a.example @b.example\" } ]")).isEmpty();
    assertThat(rewriting("rewrite = [ { map = \"@pc.a.example @a.example\", in = [sender] } ]"))
        .isEmpty();
    assertThat(rewriting("rewrite = [ { map = \"@a.example @b.example\", in = [recipient] } ]"))
        .isEmpty();
    String header = ", { map = \"@a.example @sub.b.example\", in = [header-sender] } ]";
    assertThat(rewriting("rewrite = [ " + sender + header)).isEmpty();
    String some = ", { map = \"@a.example @b.example\", in = [header-sender], client = [lan] } ]";
    assertThat(rewriting("rewrite = [ " + sender + some)).hasSize(1);
    assertThat(
            rewriting(
                "rewrite = [ "
                    + sender
                    + " ]\ndkim { \"a.example\" { } }\ncontent = [ { use = dkim-sign } ]"))
        .isEmpty();
  }

  @Test
  void aMasqueradeOfOneOfBothNamesWhatSuffersFromIt() {
    assertThat(rewriting("masquerade { domains = [\"a.example\"], in = [sender] }"))
        .singleElement()
        .asString()
        .contains("masquerade.in has sender, and not header-sender")
        .contains("aspf=s");
    assertThat(rewriting("masquerade { domains = [\"a.example\"], in = [header-sender] }"))
        .hasSize(1);
    assertThat(rewriting("masquerade { domains = [\"a.example\"] }")).isEmpty();
    assertThat(rewriting("masquerade { domains = [\"a.example\"], in = [header-recipient] }"))
        .isEmpty();
  }

  @Test
  void aSenderOfAClientThatIsReplacedInOnePlaceOnlyIsTold() {
    assertThat(client("senders = [\"a@b.example\"]"))
        .singleElement()
        .asString()
        .contains("client \"lan\" has otherwise = replace for senders, and not for header-senders");
    assertThat(client("header-senders = [\"a@b.example\"]")).hasSize(1);
    assertThat(
            client(
                "senders = [\"a@b.example\"], header-senders = [\"@b.example\"],"
                    + " replacement = \"a@b.example\""))
        .isEmpty();
  }

  @Test
  void nothingIsSaidWhereEveryConnectorReplacesBothAfterwards() {
    assertThat(
            told(
                """
                clients = [ { name = lan, networks = ["10.0.0.0/8"], otherwise = replace, senders = ["a@b.example"] } ]
                connectors { own { hosts = ["192.0.2.1"], replace-sender = "a@b.example" } }
                routes = [ { via = [own] } ]
                rewrite = [ { map = "@a.example @b.example", in = [sender] } ]
                """))
        .isEmpty();
  }
}
