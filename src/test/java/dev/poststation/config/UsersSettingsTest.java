package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class UsersSettingsTest {
  private static final String DIRECTORY =
      """
      users { ldap {
        url = ["ldaps://dc1.example.com", "LDAP://[2001:db8::1]", "ldap://192.0.2.1:1389/"]
        base = "dc=example,dc=com", bind-dn = "relay@example.com", bind-password = "env:SECRET"
      } }
      """;

  private final Bench bench = new Bench();

  @Test
  void aDirectoryIsReadWithSafeDefaults() throws Exception {
    var ldap = Objects.requireNonNull(bench.right(Bench.BASE + DIRECTORY).users().ldap());
    assertThat(ldap.servers())
        .containsExactly(
            new LdapSettings.Server("dc1.example.com", 636, true),
            new LdapSettings.Server("2001:db8::1", 389, false),
            new LdapSettings.Server("192.0.2.1", 1389, false));
    assertThat(ldap.servers().get(1)).hasToString("[2001:db8::1]:389");
    assertThat(ldap.tls()).isEqualTo(LdapSettings.Tls.STARTTLS);
    assertThat(ldap.own()).containsExactly("mail", "proxyAddresses");
    assertThat(ldap.group()).isNull();
    assertThat(ldap.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(Objects.requireNonNull(ldap.binding()).password().reveal()).isEqualTo("from-env");
  }

  @Test
  void anIssuerSaysWhereItsConfigurationIs() {
    for (String issuer :
        new String[] {"https://id.example.com/realm", "https://id.example.com/realm/"}) {
      String text = "users { oauth { issuer = \"" + issuer + "\", audience = poststation } }";
      var oauth = Objects.requireNonNull(bench.right(Bench.BASE + text).users().oauth());
      assertThat(oauth.issuer()).isEqualTo(issuer);
      assertThat(oauth.configuration())
          .isEqualTo("https://id.example.com/realm/.well-known/openid-configuration");
    }
  }

  @Test
  void thePasswordOfTheRelayIsNotShown() {
    String shown = bench.effective(Bench.BASE + DIRECTORY).text();
    assertThat(shown).contains("bind-password = \"***\"").doesNotContain("env:SECRET");
    assertThat(bench.right(Bench.BASE + DIRECTORY).users().toString()).doesNotContain("from-env");
  }
}
