package dev.poststation.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AlignmentTest {
  @ParameterizedTest
  @CsvSource({
    "example.com, EXAMPLE.com, true",
    "bounce.example.com, news.example.com, true",
    "example.com, provider.example, false",
    "a.co.uk, b.co.uk, false",
    "x.a.co.uk, a.co.uk, true",
    "a.de, b.de, false",
    "straße.de, xn--strae-oqa.de, true",
    "localhost, localhost, true",
    "mx-ha02.web.de, mx-ha03.web.de, true",
    "sap.de, mail.sap.de, true",
    "bmw.de, bounces.news.bmw.de, true",
    "web.de, sap.de, false",
    "mail.firm.com.au, firm.com.au, true",
    "one.com.au, two.com.au, false",
    "one.github.io, two.github.io, false",
    "www.one.github.io, one.github.io, true",
    "one.github.io, github.io, false",
    "co.uk, firm.co.uk, false",
    "a.公司.cn, b.xn--55qx5d.cn, false",
    "x.a.公司.cn, a.xn--55qx5d.cn, true",
    "mx1.hub.lan, mx2.hub.lan, true",
    "mx1.hub.lan, mx1.box.lan, false",
    "[192.0.2.1], [198.51.2.1], false",
    "not a name..de, also not..de, false",
  })
  void domainsOfOneOrganisationAreAligned(String one, String other, boolean aligned) {
    assertThat(Alignment.aligned(one, other)).isEqualTo(aligned);
    assertThat(Alignment.aligned(other, one)).isEqualTo(aligned);
  }

  @ParameterizedTest
  @CsvSource({
    "mx-ha02.web.de, web.de",
    "MAIL.sap.de, sap.de",
    "bmw.de, bmw.de",
    "x.y.firm.co.uk, firm.co.uk",
    "co.uk, co.uk",
    "x.firm.com.au, firm.com.au",
    "x.one.github.io, one.github.io",
    "straße.de, xn--strae-oqa.de",
    "a.mx.lan, mx.lan",
    "localhost, localhost",
    "'', ''",
    "., .",
  })
  void theOrganisationIsOneLabelBelowAPublicSuffix(String domain, String organisation) {
    assertThat(Alignment.organisation(domain)).isEqualTo(organisation);
  }
}
