package dev.poststation.system;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// A private Dovecot 2.4 that takes mail as a submission server and passes it on to a sink. It lets
/// in `sales` with the password `sales-secret`, also bound to the channel (SCRAM-*-PLUS).
final class DovecotSubmissionPeer implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      dovecot_config_version = 2.4.1
      dovecot_storage_version = 2.4.1
      base_dir = /run/dovecot
      state_dir = /run/state
      log_path = /dev/stderr
      auth_verbose = yes
      auth_failure_delay = 0
      protocols = submission
      listen = 127.0.0.1
      hostname = localhost
      mail_driver = mbox
      mail_path = /here/mail
      first_valid_uid = 1
      ssl = required
      ssl_server_cert_file = /here/chain.pem
      ssl_server_key_file = /here/key.pem
      auth_mechanisms = plain login cram-md5 scram-sha-1 scram-sha-256 scram-sha-1-plus scram-sha-256-plus
      passdb passwd-file {
        passwd_file_path = /here/users
      }
      userdb static {
        fields {
          uid = 8
          gid = 8
          home = /here/mail
        }
      }
      service submission-login {
        inet_listener submission {
          port = @PORT@
        }
        inet_listener submissions {
          port = 0
        }
      }
      submission_relay_host = 127.0.0.1
      submission_relay_port = @SINK@
      submission_relay_trusted = yes
      """;

  private final Home home;
  private final SmtpSinkPeer sink;
  private final int port;
  private final Program program;

  private DovecotSubmissionPeer(Home home, SmtpSinkPeer sink, int port, Program program) {
    this.home = home;
    this.sink = sink;
    this.port = port;
    this.program = program;
  }

  static DovecotSubmissionPeer start() {
    Home home = Home.create("submission");
    var sink = SmtpSinkPeer.start();
    int port = Port.free();
    Certificate.in(home.path());
    home.write("users", "sales:{PLAIN}sales-secret\n", Map.of());
    Path mail = home.directoryOf("mail", "mail");
    Program.run(List.of("chmod", "755", home.path().toString(), mail.toString()));
    var words = Map.of("PORT", Integer.toString(port), "SINK", Integer.toString(sink.port()));
    home.write("dovecot.conf", CONFIGURATION, words);
    Program program =
        Peers.newer(
            home, "dovecot-submissiond", "/usr/sbin/dovecot", "-F", "-c", "/here/dovecot.conf");
    Port.awaitListening(program, port);
    return new DovecotSubmissionPeer(home, sink, port, program);
  }

  int port() {
    return port;
  }

  /// Waits until it has passed on so many mails.
  List<String> awaitMails(int count) {
    return sink.awaitMails(count);
  }

  @Override
  public void close() {
    program.close();
    sink.close();
    home.close();
  }
}
