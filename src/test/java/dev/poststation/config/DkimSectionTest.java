package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What may stand in `dkim`.
final class DkimSectionTest {
  private final Bench bench = new Bench();

  private DkimDomain domain(String text) {
    var domains = Bench.configuration(bench.load(Bench.BASE + "dkim { " + text + " }")).dkim();
    assertThat(domains).hasSize(1);
    return domains.values().iterator().next();
  }

  @Test
  void defaultsAreThoseOfMostDomains() {
    var domain = domain("\"example.com\" {}");
    assertThat(domain.name()).isEqualTo("example.com");
    assertThat(domain.selectors()).isEmpty();
    assertThat(domain.algorithms()).containsExactly(DkimDomain.Algorithm.values());
    assertThat(domain.keySize()).isEqualTo(2048);
    assertThat(domain.subdomains()).isTrue();
    assertThat(domain.relaxedHeader()).isTrue();
    assertThat(domain.relaxedBody()).isTrue();
    assertThat(domain.expires()).isNull();
    assertThat(domain.rotateAfter()).isEqualTo(Duration.ofDays(365));
    assertThat(domain.keep()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void selectorsAreNamesOrKeysOfOthers() {
    bench.disk.with("mail.private", "-----BEGIN …\nmany\nlines\n");
    var selectors =
        domain(
                "\"example.com\" { selectors = [s1, s2, { name = mail, key = \"file:mail.private\""
                    + " }] }")
            .selectors();
    assertThat(selectors).extracting(DkimDomain.Selector::name).containsExactly("s1", "s2", "mail");
    assertThat(selectors.get(0).key()).isNull();
    assertThat(selectors.get(2).key()).isNotNull().hasToString("***");
  }

  @Test
  void theFormOfHeaderAndBodyIsReadApart() {
    var domain = domain("\"example.com\" { canonicalization = \"relaxed/simple\" }");
    assertThat(domain.relaxedHeader()).isTrue();
    assertThat(domain.relaxedBody()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          example.com {}                                     | write "example.com" { … }
          com {}                                             | dkim: "com" is no domain; write one as in "example.com" { … }
          "a b.com" {}                                       | dkim: "a b.com" is no domain
          "a.com" { selectors = [s1] }                       | dkim.a.com.selectors has one name: the next key would have none
          "a.com" { selectors = [s1, s1] }                   | dkim.a.com.selectors has s1 twice
          "a.com" { selectors = [s_1, s2, s3] }              | "s_1" is no selector; use letters, digits and hyphens
          "a.com" { selectors = [{ name = m, key = "x" }] }  | dkim.a.com.selectors[1].key: the value is a secret in plain text
          "a.com" { selectors = [{ name = m, key = "file:gone" }] } | file gone does not exist
          "a.com" { selectors = [{ name = m, key = "file:open.secret" }] } | can be read by others; run: chmod 600
          "a.com" { algorithms = [rsa-sha1] }                | "rsa-sha1" is none of the words known here
          "a.com" { algorithms = [] }                        | dkim.a.com.algorithms is empty; write rsa-sha256
          "a.com" { key-size = 1024 }                        | is out of range
          "a.com" { canonicalization = relaxed }             | write header and body, as in "relaxed/relaxed"
          "a.com" { headers = [Received] }                   | "Received" changes on the way
          "a.com" { headers = ["X-Own:"] }                   | is no name of a header field
          "a.com" { also-for = ["*@b.com"] }                 | has a wildcard
          "a.com" { keep = "2 days" }                        | dkim.a.com.keep is shorter than queue.lifetime
          "a.com" { selector = s1 }                          | unknown key "selector" in dkim.a.com; did you mean "selectors"?
          """)
  void mistakesAreToldWithTheRemedy(String text, String problem) {
    assertThat(bench.problems(Bench.BASE + "dkim { " + text + " }"))
        .anyMatch(each -> each.contains(problem));
  }

  @Test
  void thatNothingSignsYetIsTold() {
    assertThat(bench.problems(Bench.BASE + "dkim { \"example.com\" {} }"))
        .singleElement()
        .asString()
        .contains(
            "warning: dkim has the keys of domains, and nothing signs by them; write content = [ {"
                + " use = dkim-sign } ]");
  }

  @Test
  void moreDomainsThanAnybodyHasAreRefused() {
    String many =
        IntStream.rangeClosed(0, 10_000)
            .mapToObj(i -> "\"d" + i + ".example\" {}")
            .collect(Collectors.joining("\n"));
    assertThat(bench.problems(Bench.BASE + "dkim {\n" + many + "\n}"))
        .anyMatch(each -> each.contains("dkim has more than 10000 domains"));
  }

  @Test
  void allIsADomainAndNotEveryAuthor() {
    assertThat(bench.problems(Bench.BASE + "dkim { \"example.com\" { also-for = [all] } }"))
        .anyMatch(
            each ->
                each.contains("also-for: \"all\" is the domain with the name all; write any for"));
  }
}
