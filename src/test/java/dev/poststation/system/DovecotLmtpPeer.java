package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A private Dovecot that takes mail by LMTP, at a Unix socket and at a port, for `anna`, `bert`
/// and `broken` at example.net; the mailbox of the last one cannot be written.
///
/// Its program looks for its modules in the place where Debian puts them: it runs in a mount
/// namespace of its own, where they are.
final class DovecotLmtpPeer implements AutoCloseable {
  private static final String CONFIGURATION =
      """
      base_dir = @HOME@/run
      state_dir = @HOME@/state
      libexec_dir = @ROOT@/usr/lib/dovecot
      mail_plugin_dir = @ROOT@/usr/lib/dovecot/modules
      log_path = @HOME@/log
      protocols = lmtp
      ssl = no
      import_environment = LD_LIBRARY_PATH
      default_internal_user = mail
      default_internal_group = mail
      default_login_user = nobody
      first_valid_uid = 1
      mail_location = maildir:@HOME@/mail/%u
      postmaster_address = postmaster@there.test
      hostname = dovecot.test
      passdb {
        driver = passwd-file
        args = scheme=PLAIN username_format=%u @HOME@/users
      }
      userdb {
        driver = static
        args = uid=mail gid=mail home=@HOME@/mail/%u
      }
      service anvil {
        unix_listener anvil-auth-penalty {
          mode = 0
        }
      }
      service auth {
        user = root
      }
      service lmtp {
        user = mail
        unix_listener @HOME@/lmtp {
          mode = 0666
        }
        inet_listener lmtp {
          address = 127.0.0.1
          port = @PORT@
        }
      }
      """;

  private final Home home;
  private final Program program;
  private final int port;

  private DovecotLmtpPeer(Home home, Program program, int port) {
    this.home = home;
    this.program = program;
    this.port = port;
  }

  static DovecotLmtpPeer start() {
    Home home = Home.create("lmtp");
    int port = Port.free();
    Path root = Peers.file("").toAbsolutePath();
    var words =
        Map.of(
            "HOME", home.path().toString(), "ROOT", root.toString(), "PORT", String.valueOf(port));
    home.write(
        "users",
        "anna@example.net:{PLAIN}x\nbert@example.net:{PLAIN}x\nbroken@example.net:{PLAIN}x\n",
        Map.of());
    Path mail = home.directoryOf("mail", "mail");
    String file = home.write("dovecot.conf", CONFIGURATION, words).toString();
    try {
      Files.writeString(mail.resolve("broken@example.net"), "no directory");
      Files.createDirectory(home.path().resolve("lib"));
      Files.createSymbolicLink(home.path().resolve("lib/dovecot"), root.resolve("usr/lib/dovecot"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var program =
        Program.start(
            List.of(
                "unshare",
                "--mount",
                "sh",
                "-ec",
                "mount -t overlay overlay -o lowerdir=$1:/usr/lib /usr/lib; exec $2 -f"
                    + " service=master -c $3 -m master -e $4 -F -c $3",
                "sh",
                home.path().resolve("lib").toString(),
                Path.of(Peers.program("doveconf")).toAbsolutePath().toString(),
                file,
                root.resolve("usr/sbin/dovecot").toString()));
    Until.present(
        "the socket of Dovecot",
        Duration.ofSeconds(20),
        () -> Optional.of(home.path().resolve("lmtp")).filter(it -> it.toFile().exists()));
    return new DovecotLmtpPeer(home, program, port);
  }

  int port() {
    return port;
  }

  Path socket() {
    return home.path().resolve("lmtp");
  }

  /// The mails in somebody's mailbox.
  List<String> mails(String user) {
    Path inbox = home.path().resolve("mail/" + user + "@example.net/new");
    List<String> mails = new ArrayList<>();
    try {
      if (Files.isDirectory(inbox)) {
        try (var files = Files.list(inbox)) {
          for (Path each : files.sorted().toList()) {
            mails.add(Files.readString(each));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return mails;
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
