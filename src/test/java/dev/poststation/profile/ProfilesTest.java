package dev.poststation.profile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProfilesTest {
  private static final Instant NOW = Instant.parse("2026-11-02T09:00:00Z");
  private static final Profiles.Key PRINTER = new Profiles.Key("printers", "10.0.0.5");

  @TempDir Path data;

  private static Observation mail(String hello) {
    var mail = new Draft(NOW, new Random(1));
    mail.hello = hello;
    return mail.observed();
  }

  @Test
  void whatWasLearnedOutlivesARestart() throws Exception {
    try (var profiles = new Profiles(Os.real(), data)) {
      for (int i = 0; i < 6; i++) {
        profiles.learn(PRINTER, mail("printer"));
      }
    }
    Files.writeString(
        data.resolve("profiles"), Files.readString(data.resolve("profiles")) + "no line of ours\n");
    try (var again = new Profiles(Os.real(), data)) {
      assertThat(again.count()).isEqualTo(1);
      assertThat(again.judge(PRINTER, mail("notebook")).score()).isEqualTo(25);
      assertThat(again.reset("10.0.0.5")).containsExactly(PRINTER);
      assertThat(again.judge(PRINTER, mail("notebook"))).isEqualTo(Assessment.NOTHING);
    }
    assertThat(data.resolve("profiles")).isEmptyFile();
  }

  @Test
  void aDeviceThatHasToLogInHasToAfterACrashToo() {
    try (var crashed = new Profiles(Os.real(), data)) {
      crashed.learn(PRINTER, mail("printer"));
      crashed.deviated(PRINTER, mail("notebook"), new Assessment(50, List.of("why")), true);
      // What is written when it is closed comes too late for this one.
      try (var after = new Profiles(Os.real(), data)) {
        assertThat(after.steppedUp(PRINTER)).isTrue();
      }
    }
  }

  @Test
  void whoeverWasIdleForLongestIsForgotten() {
    var profiles = new Profiles(Os.real());
    for (int i = 0; i < Profiles.MOST + 10; i++) {
      profiles.learn(new Profiles.Key("lan", "host" + i), mail("x"));
      profiles.learn(PRINTER, mail("printer"));
    }
    assertThat(profiles.count()).isEqualTo(Profiles.MOST);
    assertThat(profiles.any("10.0.0.5")).isPresent();
    assertThat(profiles.any("host0")).isEmpty();
  }

  @Test
  void aDeviceIsNamedByItsEntryItsAddressOrItsUser() {
    var profiles = new Profiles(Os.real());
    var anna = new Profiles.Key("staff", "user anna");
    profiles.learn(PRINTER, mail("printer"));
    profiles.learn(anna, mail("notebook"));
    assertThat(profiles.show("")).hasSize(2);
    assertThat(profiles.show("printers")).hasSize(1);
    assertThat(profiles.show("anna").getFirst().path("who").asText()).isEqualTo("user anna");
    assertThat(profiles.accept("anna")).isEmpty();
    profiles.deviated(anna, mail("x"), new Assessment(50, List.of("why")), true);
    assertThat(profiles.deviating()).isEqualTo(1);
    assertThat(profiles.accept("anna")).containsExactly(anna);
    assertThat(profiles.deviating()).isZero();
  }
}
