package dev.poststation.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Configuration;
import dev.poststation.config.Connector;
import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.dns.Tlsa;
import dev.poststation.os.Os;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import dev.poststation.sim.ToyPolicySite;
import dev.poststation.smtp.TlsWish;
import dev.poststation.sts.Policies;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What is known of hosts by DANE, and which domains share a destination then.
class AssurancesTest {
  private static final int WEEK = 604_800;
  private static final Tlsa OWN = new Tlsa(3, 1, 1, "ab".repeat(32));
  private static final Tlsa AUTHORITY = new Tlsa(2, 1, 1, "cd".repeat(32));

  private final ScriptedResolver resolver =
      new ScriptedResolver()
          .address("mx.example", "192.0.2.1")
          .mx("signed.example", 10, "mx.example")
          .mx("other.example", 10, "mx.example")
          .mx("plain.example", 10, "mx.example")
          .mx("strict.example", 10, "mx.example")
          .secure("mx.example", "signed.example", "other.example", "_25._tcp.mx.example");

  private final Configuration configuration =
      switch (new Loader(Os.real(), Map.of())
          .parse(
              """
              hostname = "relay.example.com"
              dns { dnssec = validate }
              clients = [ { name = lan, networks = ["10.0.0.0/8"] } ]
              connectors { internet { type = mx, tls = dane, tls-for = [ { to = ["strict.example"], tls = verify } ] }
                           smart { hosts = ["mx.example", "mx:signed.example", "mx:plain.example"], tls = dane }
                           sts { hosts = ["mx.example"], tls = mta-sts }
                           policies { type = mx, tls = mta-sts } }
              routes = [ { via = [internet, smart, sts, policies] } ]
              """,
              Path.of("test.conf"))) {
        case Loaded.Good good -> good.configuration();
        case Loaded.Bad bad -> throw new AssertionError(bad.problems().toString());
      };

  private Resolution.Found find(String connector, String domain) {
    return found(configuration.connectors().get(connector), domain);
  }

  private Resolution.Found found(Connector connector, String domain) {
    var destinations =
        new Destinations(
            resolver,
            ToyPolicySite.none(resolver, Os.real()),
            Ourselves.of(configuration, Os.real()),
            Os.real());
    return (Resolution.Found) destinations.resolve(connector, domain);
  }

  private String name(String domain) {
    return find("internet", domain).destination().name();
  }

  /// Else what is wrong with the policy of one would be reported to the others, and mail that
  /// demands to know whose hosts these are would go back because of these.
  @Test
  void aDomainWhosePolicyCannotBeHadSharesNoConnectionWithOthers() {
    resolver.text("_mta-sts.plain.example", "v=STSv1; id=1;").fail("_mta-sts.strict.example", "no");
    var policies = configuration.connectors().get("policies");
    assertThat(found(policies, "plain.example").destination())
        .matches(it -> it.name().equals("policies/sts-unknown(plain.example):mx.example"))
        .matches(it -> Destination.leads(policies, it.name()));
    assertThat(found(policies, "other.example").destination().name())
        .isEqualTo("policies:mx.example");
    assertThat(found(policies, "strict.example").destination().name())
        .as("perhaps there is none, which only matters to REQUIRETLS")
        .isEqualTo("policies:mx.example");
    var strict = policies.under(policies.tls().wished(TlsWish.REQUIRED));
    assertThat(found(strict, "strict.example").destination().name())
        .isEqualTo("policies/requiretls-mta-sts/sts-unknown(strict.example):mx.example");
  }

  /// What a mail wishes of TLS counts under `tls-for`, too.
  @Test
  void aDestinationIsKnownAsItsConnectorsWhateverTheMailWishesOfTls() {
    var internet = configuration.connectors().get("internet");
    for (var wish : TlsWish.values()) {
      var wished = internet.under(internet.tls().wished(wish));
      String name = found(wished, "strict.example").destination().name();
      assertThat(Destination.leads(wished, name)).as(name).isTrue();
    }
    var strict = internet.under(internet.tls().wished(TlsWish.REQUIRED));
    assertThat(Destination.leads(internet, "internet/requiretls-verify:mx.example")).isFalse();
    assertThat(Destination.leads(strict, "internet/requiretls-verify:mx.example")).isTrue();
  }

  @Test
  void domainsThatDnssecVouchesForShareNoConnectionWithOthers() {
    resolver.tlsa("_25._tcp.mx.example", OWN);
    assertThat(name("signed.example"))
        .isEqualTo("internet/signed:mx.example")
        .isEqualTo(name("other.example"));
    assertThat(name("plain.example")).isEqualTo("internet:mx.example");
    assertThat(find("internet", "signed.example").facts())
        .contains("TLSA _25._tcp.mx.example: 3 1 1 abababababababab…");
    assertThat(find("internet", "plain.example").facts())
        .contains("DNSSEC does not vouch for the mail exchangers of plain.example: no DANE");
  }

  @Test
  void whereAnAuthorityVouchesTheDomainIsPartOfIt() {
    resolver.tlsa("_25._tcp.mx.example", OWN, AUTHORITY);
    assertThat(name("signed.example")).isEqualTo("internet/signed(signed.example):mx.example");
    assertThat(name("other.example")).isEqualTo("internet/signed(other.example):mx.example");
    assertThat(find("internet", "signed.example").destination().hosts().getFirst().assurance())
        .matches(Assurance::vouched)
        .matches(assurance -> assurance.names().contains("signed.example"));
  }

  /// RFC 7672 3.2.2: both names count of an alias.
  @Test
  void whereAnAuthorityVouchesTheDomainBehindAnAliasIsPartOfItToo() {
    resolver.tlsa("_25._tcp.mx.example", OWN, AUTHORITY).alias("renamed.example", "signed.example");
    assertThat(name("renamed.example")).as("nobody vouches").isEqualTo("internet:mx.example");
    resolver.secure("renamed.example");
    assertThat(find("internet", "renamed.example").destination().hosts().getFirst().assurance())
        .matches(Assurance::vouched)
        .matches(each -> each.names().equals(List.of("renamed.example", "signed.example")));
    assertThat(name("renamed.example"))
        .isEqualTo("internet/signed(renamed.example,signed.example):mx.example");
  }

  /// What is put off is otherwise tried anew at each reload.
  @Test
  void aDestinationIsKnownAsItsConnectorsWhateverIsKnownOfTheHosts() {
    resolver.tlsa("_25._tcp.mx.example", OWN, AUTHORITY);
    var internet = configuration.connectors().get("internet");
    for (String domain : List.of("signed.example", "plain.example", "strict.example")) {
      assertThat(Destination.leads(internet, name(domain))).as(name(domain)).isTrue();
      assertThat(Destination.leads(configuration.connectors().get("smart"), name(domain)))
          .isFalse();
    }
    assertThat(name("strict.example")).isEqualTo("internet/verify:mx.example");
    assertThat(Destination.leads(internet, "internet/required:mx.example")).isFalse();
    assertThat(Destination.leads(internet, "internet2:mx.example")).isFalse();
    assertThat(Destination.leads(internet, "internet/sts(a.example):mx.a.example")).isTrue();
    assertThat(Destination.leads(internet, "internet/sts-testing(a.example):mx.a.example"))
        .isTrue();
  }

  @Test
  void aSmarthostIsVouchedForByTheConfigurationOrByItsDomain() {
    resolver.tlsa("_25._tcp.mx.example", OWN);
    assertThat(find("smart", "any.example").destination().hosts())
        .extracting(hop -> hop.assurance().vouched())
        .containsExactly(true, true, false);
  }

  /// RFC 8461 3.4: what is demanded of a connection to the same host.
  @Test
  void aPolicyThatIsEnforcedFromNowOnDemandsSomethingElseAndOneFetchedAnewTheSame() {
    var site = new ToyPolicySite();
    var time = new SimTime();
    var real = Os.real();
    var os = new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
    resolver.text("_mta-sts.mx.example", "v=STSv1; id=1;");
    site.publish("mx.example", "testing", WEEK, "mx.example");
    var destinations =
        new Destinations(
            resolver, Policies.forgetting(resolver, site, os), Ourselves.of(configuration, os), os);
    var sts = configuration.connectors().get("sts");
    var testing = known(destinations, sts);
    assertThat(testing.sts()).isNotNull();
    assertThat(known(destinations, sts).demandsAs(testing)).isTrue();

    site.publish("mx.example", "enforce", WEEK, "mx.example");
    resolver.text("_mta-sts.mx.example", "v=STSv1; id=2;");
    time.advance(Duration.ofDays(1));
    known(destinations, sts); // Has it fetched.
    var enforced = known(destinations, sts);
    assertThat(enforced.otherwise()).isEqualTo(Connector.Tls.VERIFY);
    assertThat(enforced.demandsAs(testing)).isFalse();
    assertThat(enforced.demandsAs(enforced)).isTrue();
  }

  private static Assurance known(Destinations destinations, Connector sts) {
    var found = (Resolution.Found) destinations.resolve(sts, "any.example");
    return found.destination().hosts().getFirst().assurance();
  }
}
