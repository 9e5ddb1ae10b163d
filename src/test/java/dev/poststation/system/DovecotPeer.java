package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A private Dovecot that only knows who somebody is: the SASL of a Postfix.
///
/// It knows the accounts `sales`, `erp` and `office`, each with its name and `-secret` as the
/// password, and takes JSON Web Tokens that are signed with `KEY`.
final class DovecotPeer implements AutoCloseable {
  /// Of the tokens, with HMAC and SHA-256.
  static final String KEY = "the key that signs the tokens of the tests";

  private static final String CONFIGURATION =
      """
      base_dir = @HOME@/run
      state_dir = @HOME@/state
      libexec_dir = @ROOT@/usr/lib/dovecot
      log_path = @HOME@/log
      auth_verbose = yes
      protocols =
      ssl = no
      import_environment = LD_LIBRARY_PATH
      default_internal_user = mail
      default_internal_group = mail
      default_login_user = nobody
      auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 oauthbearer xoauth2
      auth_failure_delay = 0
      passdb {
        driver = passwd-file
        mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256
        args = scheme=PLAIN @HOME@/users
      }
      passdb {
        driver = oauth2
        mechanisms = oauthbearer xoauth2
        args = @HOME@/oauth2.conf
      }
      userdb {
        driver = static
        args = uid=mail gid=mail home=/
      }
      service anvil {
        unix_listener anvil-auth-penalty {
          mode = 0
        }
      }
      service auth {
        user = root
        unix_listener @HOME@/sasl {
          mode = 0666
        }
      }
      """;

  private static final String OAUTH2 =
      """
      introspection_mode = local
      local_validation_key_dict = fs:posix:prefix=@HOME@/keys/
      username_attribute = sub
      """;

  private final Home home;
  private final Program program;

  private DovecotPeer(Home home, Program program) {
    this.home = home;
    this.program = program;
  }

  static DovecotPeer start() {
    Home home = Home.create("dovecot");
    var words =
        Map.of("HOME", home.path().toString(), "ROOT", Peers.file("").toAbsolutePath().toString());
    home.write("oauth2.conf", OAUTH2, words);
    home.write(
        "users",
        "sales:{PLAIN}sales-secret\nerp:{PLAIN}erp-secret\noffice:{PLAIN}office-secret\n",
        Map.of());
    assertThat(home.path().resolve("keys/default/HS256").toFile().mkdirs()).isTrue();
    byte[] key = KEY.getBytes(StandardCharsets.UTF_8);
    home.write("keys/default/HS256/default", Base64.getEncoder().encodeToString(key), Map.of());
    String file = home.write("dovecot.conf", CONFIGURATION, words).toString();
    // As it calls itself, by a path that is its own, once it is installed.
    var program =
        Program.start(
            List.of(
                Peers.program("doveconf"),
                "-f",
                "service=master",
                "-c",
                file,
                "-m",
                "master",
                "-e",
                Peers.file("usr/sbin/dovecot").toString(),
                "-F",
                "-c",
                file));
    Until.present(
        "the socket of Dovecot",
        Duration.ofSeconds(20),
        () -> Optional.of(home.path().resolve("sasl")).filter(it -> it.toFile().exists()));
    return new DovecotPeer(home, program);
  }

  /// What a Postfix needs in its main.cf.
  String[] forPostfix() {
    return new String[] {
      "smtpd_sasl_auth_enable = yes",
      "smtpd_sasl_type = dovecot",
      "smtpd_sasl_path = " + home.path().resolve("sasl"),
      "smtpd_sasl_security_options = noanonymous",
      "smtpd_sasl_authenticated_header = yes",
      "smtpd_tls_auth_only = yes",
      "smtpd_error_sleep_time = 0"
    };
  }

  String log() {
    return home.read("log");
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
