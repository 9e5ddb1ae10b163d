package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.admin.LiveRelay;
import dev.poststation.config.SourceAddress;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `connector test` takes the address that mail would take, and what it sends counts as any mail.
class CountedTrialTest {
  private static final String MAIL = "connector test out --from a@x.example --to b@y.example";

  /// Nearly all goes from the first, while it can.
  private static final String TWO =
      "source = [ { address = \"127.0.0.2\", weight = 100 }, \"127.0.0.3\" ]";

  @TempDir Path directory;

  private static String plan() {
    return "source = [ { address = \"127.0.0.2\", warm-up { from = \"%s\", start = 2, days = 9 } } ]"
        .formatted(LocalDate.now(ZoneId.systemDefault()));
  }

  private LiveRelay relay(PickyHost host, String more) throws Exception {
    return new LiveRelay(
        directory,
        "connectors.out { hosts = [\"127.0.0.1:%d\"], %s }%n".formatted(host.port(), more));
  }

  private static SourceAddress first(LiveRelay relay) {
    return relay.relay().configuration().connectors().get("out").egress().sources().getFirst();
  }

  private static String state(LiveRelay relay) {
    return relay.relay().sources().view(first(relay)).state();
  }

  private static int sent(LiveRelay relay) {
    return relay.relay().sources().view(first(relay)).sent();
  }

  @Test
  void anAddressThatTheNextHopRefusesIsLeftOutAndTheReportSaysSo() throws Exception {
    for (String at : new String[] {"GREETING", "MAIL", "RCPT"}) {
      try (var host = new PickyHost("127.0.0.2", at);
          var relay = relay(host, TWO)) {
        // The first to be refused may be any, for the addresses are drawn by lot.
        for (int i = 0; i < 100 && !state(relay).equals("listed"); i++) {
          var ran = Ran.with(relay.file(), MAIL);
          assertThat(ran.exit()).as(ran.toString()).isZero();
          if (state(relay).equals("listed")) {
            assertThat(ran.out())
                .contains("blocked using zen.example", "is listed there: another one is tried");
          }
        }
        assertThat(state(relay)).as(at).isEqualTo("listed");
        for (int i = 0; i < 5; i++) {
          var ran = Ran.with(relay.file(), MAIL);
          assertThat(ran.exit()).as(ran.toString()).isZero();
          assertThat(ran.out())
              .contains("* source 127.0.0.2 is left out, for it is listed at 127.0.0.1")
              .contains("from 127.0.0.3");
        }
        assertThat(host.taken()).containsOnly("127.0.0.3");
      }
    }
  }

  @Test
  void withoutARelayItKnowsWhatOneHasWrittenDown() throws Exception {
    try (var host = new PickyHost("127.0.0.2", "GREETING")) {
      Path file;
      try (var relay = relay(host, TWO)) {
        file = relay.file();
        for (int i = 0; i < 100 && !state(relay).equals("listed"); i++) {
          Ran.with(file, MAIL);
        }
      }
      for (int i = 0; i < 5; i++) {
        var ran = Ran.with(file, MAIL);
        assertThat(ran.exit()).as(ran.toString()).isZero();
        assertThat(ran.out())
            .contains("tried by this command, for no relay runs")
            .contains("* source 127.0.0.2 is left out, for it is listed at 127.0.0.1");
      }
    }
  }

  @Test
  void aMailThatIsSentIsOneOfTheDayAndNothingElseIs() throws Exception {
    try (var host = new PickyHost("nobody", "");
        var relay = relay(host, plan())) {
      assertThat(Ran.with(relay.file(), "connector test out").exit()).isZero();
      assertThat(Ran.with(relay.file(), MAIL + " --dry-run").exit()).isZero();
      assertThat(Ran.with(relay.file(), MAIL.replace("b@", "unknown@")).exit()).isEqualTo(Exit.NO);
      assertThat(sent(relay)).isZero();
      assertThat(Ran.with(relay.file(), MAIL).exit()).isZero();
      assertThat(sent(relay)).isEqualTo(1);
      assertThat(Ran.with(relay.file(), MAIL).exit()).isZero();
      var ran = Ran.with(relay.file(), MAIL);
      assertThat(ran.exit()).isEqualTo(Exit.NO);
      assertThat(ran.out()).contains("may send no more today: 127.0.0.2 (2 of 2 mails)");
      assertThat(host.taken()).hasSize(2);
    }
  }

  @Test
  void whatIsSentWhileNoRelayRunsCountsForTheNextOne() throws Exception {
    try (var host = new PickyHost("nobody", "")) {
      LiveRelay former = relay(host, plan() + ", quota = [\"2/hour\"]");
      Path file = former.file();
      assertThat(Ran.with(file, MAIL).exit()).isZero();
      former.close();
      var ran = Ran.with(file, MAIL);
      assertThat(ran.exit()).as(ran.toString()).isZero();
      assertThat(ran.out()).contains("tried by this command");
      ran = Ran.with(file, MAIL);
      assertThat(ran.exit()).isEqualTo(Exit.WRONG);
      assertThat(ran.err()).contains("Nothing was sent: quota 2/hour of connector out is used up");
      try (var relay = former.again()) {
        assertThat(sent(relay)).isEqualTo(2);
        assertThat(Ran.with(file, "connector list").out()).contains("2 of 2/hour");
      }
      assertThat(host.taken()).hasSize(2);
    }
  }

  @Test
  void whatTheNextHopRefusesDoesNotCountForTheQuota() throws Exception {
    try (var host = new PickyHost("nobody", "");
        var relay = relay(host, "quota = [\"1/hour\"], quota-recipients = [\"1000/day\"]")) {
      assertThat(Ran.with(relay.file(), MAIL.replace("b@", "unknown@")).exit()).isEqualTo(Exit.NO);
      assertThat(Ran.with(relay.file(), MAIL).exit()).isZero();
      assertThat(Ran.with(relay.file(), MAIL).err()).contains("quota 1/hour", "is used up until");
      assertThat(host.taken()).hasSize(1);
    }
  }
}
