package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// `source` of routes.
class RouteSourcesTest {
  private static final String BASE =
      """
      clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
      connectors {
        out { type = mx, source = [ { address = "192.0.2.10", hello = "one.example", weight = 3 }, "192.0.2.11" ] }
        other { type = mx, prefer = only-ipv6 }
        kept { type = hold }
      }
      """;

  private final Bench bench = new Bench();

  private Configuration read(String route) {
    return Bench.configuration(bench.load(BASE + "routes = [ { " + route + " } ]"));
  }

  private List<String> problems(String routes) {
    return bench.load(BASE + "routes = [ " + routes + " ]").problems().stream()
        .map(Problem::toString)
        .filter(text -> text.contains("ource"))
        .toList();
  }

  @Test
  void whatTheConnectorSaysOfAnAddressHoldsWhereItStandsAlone() {
    var source = read("via = [out], source = \"192.0.2.10\"").routes().getFirst().source();
    assertThat(source).hasSize(1);
    assertThat(source.getFirst().hello()).isEqualTo("one.example");
    assertThat(source.getFirst().weight()).as("its share is that of the route").isEqualTo(1);
  }

  @Test
  void connectorsOfDifferentRoutesHaveNamesThatTellThemApart() {
    var out = read("via = [out]").connectors().get("out");
    assertThat(out.label()).isEqualTo("out");
    assertThat(labelled(out, "source = \"192.0.2.20\"")).isEqualTo("out@192.0.2.20");
    assertThat(labelled(out, "source = [\"192.0.2.20\", { address = \"192.0.2.21\", weight = 2 }]"))
        .isEqualTo("out@192.0.2.20,192.0.2.21*2");
    assertThat(labelled(out, "source = \"2001:db8::1\"")).isEqualTo("out@[2001:db8::1]");
    var many = new StringBuilder("source = [");
    for (int i = 1; i < 50; i++) {
      many.append("\"192.0.2.").append(100 + i).append("\"\n");
    }
    assertThat(labelled(out, many + "]")).matches("out@192\\.0\\.2\\.101\\+48-[0-9a-f]{8}");
  }

  private String labelled(Connector connector, String source) {
    return connector.from(read("via = [out], " + source).routes().getFirst().source()).label();
  }

  @Test
  void aWrongAddressIsToldWithItsLine() {
    assertThat(problems("{ via = [out], source = \"192.0.2\" }"))
        .singleElement()
        .asString()
        .startsWith("poststation.conf:7: routes[1].source[1].address");
    assertThat(problems("{ via = [out], source = [] }"))
        .singleElement()
        .asString()
        .contains("routes[1].source is an empty list");
    assertThat(problems("{ via = [out], source = [\"192.0.2.20\", \"192.0.2.20\"] }"))
        .singleElement()
        .asString()
        .contains("stands in source twice");
  }

  @Test
  void anAddressOfWhichSomethingElseIsSaidElsewhereIsAnError() {
    assertThat(
            problems("{ via = [out], source = { address = \"192.0.2.10\", hello = x.example } }"))
        .singleElement()
        .asString()
        .contains("of 192.0.2.10 something else is said in connector out (poststation.conf:3)")
        .contains("write the address alone");
    assertThat(
            problems(
                """
                { from = ["a@x.example"], via = [out], source = { address = "192.0.2.20", hello = x.example } }
                { via = [out], source = { address = "192.0.2.20", hello = y.example } }
                """))
        .singleElement()
        .asString()
        .contains("is said in the route at poststation.conf:7");
  }

  @Test
  void whereItIsOfNoUseCheckSaysSo() {
    assertThat(problems("{ via = [kept], source = \"192.0.2.20\" }"))
        .singleElement()
        .asString()
        .contains("of no effect for connector kept: it sends nothing");
    assertThat(problems("{ via = [other], source = \"192.0.2.20\" }"))
        .singleElement()
        .asString()
        .contains("no address that connector other can use, which has prefer = only-ipv6");
  }
}
