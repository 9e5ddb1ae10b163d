package dev.poststation.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class SecretTest {
  private final Bench bench = new Bench();

  private Secret secret(String reference) {
    Connector connector =
        bench
            .right(
                Bench.BASE
                    + "\nconnectors { provider { auth { user = me, password = \""
                    + reference
                    + "\" } } }")
            .connectors()
            .get("provider");
    assertThat(connector).isNotNull();
    Account account = connector.account();
    assertThat(account).isNotNull();
    return account.password();
  }

  @Test
  void secretOfAFileIsReadAnewEachTime() throws IOException {
    Secret secret = secret("file:provider.secret");
    assertThat(secret.reveal()).isEqualTo("secret");
    bench.disk.with("provider.secret", "changed\r\n");
    assertThat(secret.reveal()).isEqualTo("changed");
  }

  @Test
  void onlyTheLastNewlineIsTakenOff() throws IOException {
    bench.disk.with("provider.secret", " a b \n");
    assertThat(secret("file:provider.secret").reveal()).isEqualTo(" a b ");
  }

  @Test
  void ofTwoLinesNobodyKnowsWhichIsTheSecret() {
    Secret secret = secret("file:provider.secret");
    for (String text : new String[] {"old\nnew\n", "old\n\n"}) {
      bench.disk.with("provider.secret", text);
      assertThatThrownBy(secret::reveal)
          .isInstanceOf(IOException.class)
          .hasMessage("file provider.secret has more than one line");
    }
  }

  @Test
  void fileThatBecomesReadableByOthersIsRefused() {
    Secret secret = secret("file:provider.secret");
    bench.disk.withReadable("provider.secret", "secret");
    assertThatThrownBy(secret::reveal)
        .isInstanceOf(IOException.class)
        .hasMessage("file provider.secret can be read by others");
  }

  @Test
  void secretsComeFromEnvironmentCredentialsAndCommands() throws IOException {
    bench.environment.put("CREDENTIALS_DIRECTORY", "/run/credentials/poststation");
    bench.disk.with("/run/credentials/poststation/smtp", "from-systemd");
    assertThat(secret("env:SECRET").reveal()).isEqualTo("from-env");
    assertThat(secret("credential:smtp").reveal()).isEqualTo("from-systemd");
    assertThat(secret("exec:pass show smtp").reveal())
        .isEqualTo("ran [/bin/sh, -c, pass show smtp]");
  }

  @Test
  void anEnvironmentIsRenewedByARestartAlone() {
    bench.environment.put("CREDENTIALS_DIRECTORY", "/run/credentials/poststation");
    bench.disk.with("/run/credentials/poststation/smtp", "from-systemd");
    assertThat(secret("env:SECRET").untilRestart()).isTrue();
    assertThat(secret("file:provider.secret").untilRestart()).isFalse();
    assertThat(secret("exec:pass show smtp").untilRestart()).isFalse();
    Secret credential = secret("credential:smtp");
    assertThat(credential.untilRestart()).isFalse();
  }

  @Test
  void whatSystemdHandsOutIsReadAnewWhenItFillsItsDirectory() throws IOException {
    bench.environment.put("CREDENTIALS_DIRECTORY", "/run/credentials/poststation");
    bench.disk.with("/run/credentials/poststation/smtp", "from-systemd");
    assertThat(secret("env:SECRET").handedOut()).isFalse();
    assertThat(secret("file:provider.secret").handedOut()).isFalse();
    Secret credential = secret("credential:smtp");
    assertThat(credential.handedOut()).isTrue();
    assertThat(credential.reveal()).isEqualTo("from-systemd");
    bench.disk.with("/run/credentials/poststation/smtp", "changed");
    assertThat(credential.reveal()).isEqualTo("changed");
  }

  @Test
  void secretIsNeverPrinted() {
    Secret secret = secret("file:provider.secret");
    assertThat(secret).hasToString("***");
    assertThat(secret.origin().text()).isEqualTo("poststation.conf:2");
    assertThat(new Account("provider", "me", null, secret, null, secret.origin()).toString())
        .doesNotContain("provider.secret");
  }

  @Test
  void secretInPlainTextIsNotRepeatedInTheMessage() {
    assertThat(
            bench
                .problems(
                    Bench.BASE
                        + "connectors { provider { auth { user = me, password = \"hunter2\" } } }")
                .toString())
        .contains("plain text")
        .doesNotContain("hunter2");
  }
}
