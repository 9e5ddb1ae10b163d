package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// When each password was last used, as the commands tell it while passwords and users change: the
/// whole relay, over SMTP.
class LastUsedTest {
  private static final String PASSWORD = "correct horse";
  private static final String OTHER = "battery staple";
  private static final String HOME = "198.51.100.7";

  private final WholeRelay relay =
      new WholeRelay("clients = [ { name = staff, users = [\"*\"] } ]\n");

  @BeforeEach
  void start() {
    relay.password("user add anna", PASSWORD);
    relay.start();
    later();
  }

  @AfterEach
  void stop() {
    relay.close();
  }

  private void login(String password) {
    assertThat(relay.login(HOME, "anna", password)).startsWith("235 ");
  }

  /// So late that what was used is written.
  private void later() {
    relay.pass(Duration.ofMinutes(10));
  }

  /// Label and last use of each password.
  private List<String> used() {
    return relay
        .command("user list")
        .lines()
        .skip(1)
        .map(line -> line.strip().split("  +"))
        .map(cells -> cells[cells.length - 5] + ": " + cells[cells.length - 1])
        .toList();
  }

  @Test
  void theLastUseOfAPasswordThatIsKeptGoesWithIt() {
    login(PASSWORD);
    later();
    relay.password("user password anna --keep-old 7d", OTHER);
    assertThat(used()).containsExactly("main: -", "main-old: 10 m 0 s ago");
    login(OTHER);
    later();
    assertThat(used()).containsExactly("main: 10 m 0 s ago", "main-old: 20 m 0 s ago");
    login(PASSWORD);
    later();
    assertThat(used()).containsExactly("main: 20 m 0 s ago", "main-old: 10 m 0 s ago");
    relay.restart(); // Which takes a while.
    assertThat(used().toString()).matches("\\[main: 2\\d m .*, main-old: 1\\d m .*]");
    relay.password("user password anna --keep-old 7d", "paper jam today");
    assertThat(used().toString()).matches("\\[main: -, main-old: 2\\d m .*]");
  }

  @Test
  void theLastUseOfAPasswordThatIsKeptGoesWithItWhileTheRelayDoesNotRun() {
    login(PASSWORD);
    later();
    relay.close();
    relay.password("user password anna --keep-old 7d", OTHER);
    assertThat(used().toString()).matches("\\[main: -, main-old: 1\\d m .*]");
    relay.spool = relay.spool.restarted();
    relay.start();
    login(OTHER);
    later();
    assertThat(used().toString()).matches("\\[main: 10 m .*, main-old: 2\\d m .*]");
  }

  @Test
  void aPasswordThatWasChangedHasNotBeenUsedYet() {
    login(PASSWORD);
    later();
    relay.password("user password anna", OTHER);
    assertThat(used()).containsExactly("main: -");
    login(OTHER);
    later();
    assertThat(used()).containsExactly("main: 10 m 0 s ago");
  }

  @Test
  void whoIsAddedAnewHasUsedNothingYet() {
    login(PASSWORD);
    later();
    relay.command("user delete anna");
    relay.password("user add anna", PASSWORD);
    assertThat(used()).containsExactly("main: -");
  }
}
