package dev.poststation.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.admin.LiveRelay;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How much of its rates a client has used, as `explain` tells it.
class ExplainUseTest {
  private static final String CLIENTS =
      """
      clients = [ { name = local, networks = ["127.0.0.1"], rate = ["60/hour", "500/day"]
                    recipients-rate = "100/day", sender-rate = "3/day" }
                  { name = free, networks = ["10.0.0.0/8"] } ]
      """;

  private static final String QUESTION =
      "explain --client 127.0.0.1 --from anna@here.example --to bob@there.example";

  @TempDir Path directory;
  private LiveRelay relay;

  @BeforeEach
  void start() throws Exception {
    relay = new LiveRelay(directory, CLIENTS);
  }

  @AfterEach
  void end() {
    relay.close();
  }

  private String asked(String line) {
    return Ran.with(relay.file(), line).out();
  }

  @Test
  void explainTellsHowMuchOfEachRateIsUsed() throws Exception {
    assertThat(asked(QUESTION))
        .contains(
            "used      0 of 60/hour and 0 of 500/day mails, 0 of 100/day recipients,"
                + " 0 of 3/day mails of this sender\n");
    relay.send("anna@here.example", "bob@there.example", "carl@there.example");
    relay.send("bert@here.example", "bob@there.example");

    assertThat(asked(QUESTION))
        .contains(
            "used      2 of 60/hour and 2 of 500/day mails, 3 of 100/day recipients,"
                + " 1 of 3/day mails of this sender\n");
    var used = new ObjectMapper().readTree(asked(QUESTION + " --json")).path("used");
    assertThat(used).hasSize(4);
    assertThat(used.get(2).toString())
        .isEqualTo("{\"limit\":\"recipients-rate\",\"rate\":\"100/day\",\"used\":3}");
    assertThat(asked(QUESTION.replace("127.0.0.1", "10.0.0.1"))).doesNotContain("used ");
  }

  @Test
  void whatIsRefusedForOneRateSaysHowMuchOfAllIsUsed() throws Exception {
    for (int i = 0; i < 3; i++) {
      relay.send("anna@here.example", "bob@there.example");
    }

    assertThat(asked(QUESTION))
        .contains("because   sender-rate of client rule \"local\"")
        .contains("3 of 3/day mails of this sender\n");
  }

  @Test
  void ofTheFileAloneAndOfAnotherMomentNobodyKnowsIt() {
    assertThat(asked(QUESTION + " --offline")).contains("accepted").doesNotContain("used ");
    assertThat(Ran.with(relay.file(), QUESTION + " --at 23:30").out())
        .contains("accepted")
        .doesNotContain("used ");
  }
}
