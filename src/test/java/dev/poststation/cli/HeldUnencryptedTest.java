package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import dev.poststation.message.RecipientState;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What should have been encrypted and is not goes out only by an order that says so.
class HeldUnencryptedTest {
  private static final String CONTENT =
      "content = [ { use = openpgp-encrypt, policy = always, on-missing = hold } ]\n";

  @TempDir Path directory;

  private static Ran run(LiveRelay relay, String line) {
    return Ran.with(relay.file(), line);
  }

  @Test
  void whatShouldHaveBeenEncryptedIsReleasedOnlyByThatWordAlsoAfterARestart() throws Exception {
    String left = "1 should have been encrypted and is not: --unencrypted releases it, too\n";
    var before = new LiveRelay(directory, CONTENT);
    try (before) {
      String id = before.send("anna@here.example", "bob@there.example");
      assertThat(run(before, "queue show " + id).out())
          .contains("held: on-missing = hold: unencrypted: it must be encrypted, but ");
      assertThat(run(before, "queue release " + id).out())
          .isEqualTo("release: 0 of 1 mail; " + left);
    }
    try (var relay = before.again()) {
      var ran = run(relay, "queue release --all");
      assertThat(ran.out()).isEqualTo("release: 0 of 1 mail; " + left);
      assertThat(ran.exit()).isEqualTo(Exit.NO);
      assertThat(run(relay, "queue release --all --dry-run").out())
          .isEqualTo("0 of 1 mail would be meant; " + left);
      assertThat(run(relay, "queue list").out()).contains("held: on-missing");
      assertThat(run(relay, "queue hold --unencrypted --all").exit()).isNotZero();
      assertThat(run(relay, "queue release --unencrypted --all").out())
          .startsWith("release: 1 of 1 mail\n");
    }
  }

  @Test
  void theTableOfMailsHasTheBeginningOfALongReasonAndAllElseHasTheWhole() throws Exception {
    String to = "b".repeat(60) + "@" + "there.".repeat(20) + "example";
    try (var relay = new LiveRelay(directory, CONTENT)) {
      String id = relay.send("anna@here.example", to);
      String whole =
          new ObjectMapper()
              .readTree(run(relay, "queue show --json " + id).out())
              .findPath("reason")
              .asText();
      assertThat(whole).startsWith("held: on-missing").hasSizeGreaterThan(150);
      String row = run(relay, "queue list").out().lines().toList().get(1);
      String shown = row.substring(row.indexOf("held: on-missing"));
      assertThat(shown).endsWith("...").hasSizeLessThanOrEqualTo(100);
      assertThat(whole).startsWith(shown.substring(0, shown.length() - 3) + " ");
      assertThat(run(relay, "queue list --json").out()).contains(whole);
      assertThat(run(relay, "queue show " + id).out()).contains(whole);
      assertThat(run(relay, "trace " + id).out()).contains(whole.substring("held: ".length()));
    }
  }

  @Test
  void whatAnEarlierBuildHasHeldForWantOfAKeyCountsToo() {
    String old = "held: on-missing = hold: it must be encrypted, but there is no valid key of b@x";
    assertThat(RecipientState.unencrypted(old)).isTrue();
    assertThat(RecipientState.unencrypted("held: on-found = hold: clamd found Eicar")).isFalse();
  }
}
