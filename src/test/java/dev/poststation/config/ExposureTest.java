package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Others;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Whoever can write what the relay reads has the relay.
class ExposureTest {
  private static final String CREDENTIALS = "/run/credentials/poststation.service";

  private final Bench bench = new Bench();

  private static Others root(int mode) {
    return new Others("root", "root", mode);
  }

  private static Others staff(int mode) {
    return new Others("root", "staff", mode);
  }

  private List<String> told(Loaded loaded) {
    return loaded.problems().stream().map(Problem::toString).toList();
  }

  private List<String> login(String password) {
    return bench.problems(
        Bench.BASE
            + "connectors { provider { auth { user = me, password = \""
            + password
            + "\" } } }");
  }

  @Test
  void aConfigurationFileThatOthersCanWriteIsTold() {
    bench.disk.with("/etc/relay/relay.conf", "include \"more.conf\"");
    bench.disk.with("/etc/relay/more.conf", text("base.conf"));
    assertThat(told(bench.loader().load(Path.of("/etc/relay/relay.conf")))).isEmpty();

    bench.disk.with("/etc/relay/relay.conf", root(0666)).with("/etc/relay/more.conf", staff(0664));

    assertThat(told(bench.loader().load(Path.of("/etc/relay/relay.conf"))))
        .containsExactly(
            "/etc/relay/relay.conf: warning: file /etc/relay/relay.conf can be written by others"
                + " (mode 0666, group root); run: chmod go-w /etc/relay/relay.conf",
            "/etc/relay/relay.conf:1: warning: the included file /etc/relay/more.conf can be"
                + " written by others (mode 0664, group staff); run: chmod go-w"
                + " /etc/relay/more.conf");
  }

  private String text(String file) {
    try {
      return new String(bench.disk.read(Path.of(file)), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aConfigurationFileMayBeReadAndTheGroupOfItsOwnerMayWriteIt() {
    bench.disk.with("/etc/relay/relay.conf", text("base.conf"));
    for (var others :
        List.of(root(0644), root(0664), staff(0644), new Others("admin", "admin", 0664))) {
      bench.disk.with("/etc/relay/relay.conf", others);
      assertThat(told(bench.loader().load(Path.of("/etc/relay/relay.conf")))).isEmpty();
    }
  }

  @Test
  void aDirectoryInWhichOthersReplaceFilesIsToldOnce() {
    bench.disk.with("/etc/relay/a.secret", "a").with("/etc/relay/b.secret", "b");
    bench.disk.with("/etc/relay", staff(0775));
    bench.disk.with(
        "/etc/relay/relay.conf",
        text("base.conf")
            + """
            srs {
              domain = srs.example.com
              own = ["@example.com"]
              secrets = ["file:a.secret", "file:b.secret"]
            }
            """);

    assertThat(told(bench.loader().load(Path.of("/etc/relay/relay.conf"))))
        .containsExactly(
            "/etc/relay/relay.conf: warning: others can put files into the directory /etc/relay, in"
                + " the place of those there (mode 0775, group staff); run: chmod go-w /etc/relay");

    bench.disk.with("/etc/relay", root(01777));
    assertThat(told(bench.loader().load(Path.of("/etc/relay/relay.conf")))).isEmpty();
  }

  /// Who can rename a directory puts one of his in its place.
  @Test
  void aDirectoryFurtherUpInWhichOthersReplaceItIsTold() {
    bench.disk.with("/srv/mail/relay/relay.conf", text("base.conf"));
    bench.disk.with("/srv/mail/relay", root(0750)).with("/srv/mail", root(0750));
    bench.disk.with("/srv", staff(0775));

    assertThat(told(bench.loader().load(Path.of("/srv/mail/relay/relay.conf"))))
        .containsExactly(
            "/srv/mail/relay/relay.conf: warning: others can put files into the directory /srv, in"
                + " the place of those there (mode 0775, group staff); run: chmod go-w /srv");
  }

  @Test
  void aSecretThatOthersCanWriteIsToldAndUsed() {
    bench.disk.with("provider.secret", root(0602));

    assertThat(login("file:provider.secret"))
        .containsExactly(
            "poststation.conf:1: warning: file provider.secret can be written by others (mode"
                + " 0602, group root); run: chmod 600 provider.secret");
  }

  @Test
  void aPrivateKeyThatOthersCanWriteIsTold() {
    bench.disk.with("key.pem", root(0602));

    assertThat(
            bench.problems(
                Bench.BASE + "certificates = [ { chain = \"chain.pem\", key = \"key.pem\" } ]"))
        .containsExactly(
            "poststation.conf:1: warning: the private key key.pem can be written by others (mode"
                + " 0602, group root); run: chmod 600 key.pem");
  }

  /// As systemd 252 shows one, with an access control list for the user of the service.
  @Test
  void aCredentialOfSystemdIsForTheServiceAlone() {
    bench.environment.put("CREDENTIALS_DIRECTORY", CREDENTIALS);
    bench.disk.with(CREDENTIALS + "/smtp", "secret\n");
    bench.disk.with(CREDENTIALS, root(0550)).with(CREDENTIALS + "/smtp", root(0440));

    assertThat(login("credential:smtp")).isEmpty();
  }

  @Test
  void aCredentialThatOthersCanReadOrWriteIsToldAndUsed() {
    bench.environment.put("CREDENTIALS_DIRECTORY", CREDENTIALS);
    bench.disk.with(CREDENTIALS + "/smtp", "secret\n");

    bench.disk.with(CREDENTIALS + "/smtp", root(0444));
    assertThat(login("credential:smtp"))
        .containsExactly(
            "poststation.conf:1: warning: credential smtp can be read by others ("
                + CREDENTIALS
                + "/smtp: mode 0444, group root); let systemd hand it out (LoadCredential=), or"
                + " run: chmod 600 "
                + CREDENTIALS
                + "/smtp");

    bench.disk.with(CREDENTIALS + "/smtp", staff(0460));
    assertThat(login("credential:smtp"))
        .hasSize(2)
        .anyMatch(it -> it.contains("credential smtp can be read by others"))
        .anyMatch(it -> it.contains("credential smtp can be written by others"));
  }
}
