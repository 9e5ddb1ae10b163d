package dev.poststation.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SystemProcessesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final Processes processes = new SystemProcesses();

  @Test
  void outputOfAProgramIsGiven() throws IOException {
    assertThat(processes.run(List.of("/bin/sh", "-c", "echo one; echo two"), LONG))
        .isEqualTo("one\ntwo\n");
  }

  @Test
  void ofAProgramThatFailsNothingIsShownThatItWrote() {
    String command = "set -x; echo s3cret >&2; exit 3";
    assertThatThrownBy(() -> processes.run(List.of("/bin/sh", "-c", command), LONG))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "ended with status 3; what it wrote is not shown, for it may be secret: run it by hand"
                + " to see why");
  }

  @Test
  void programThatDoesNotEndIsKilled() {
    assertThatThrownBy(() -> processes.run(List.of("/bin/sleep", "60"), Duration.ofMillis(50)))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("did not end within");
  }

  @Test
  void programThatIsNotThereIsTold() {
    assertThatThrownBy(() -> processes.run(List.of("/no/such/program"), LONG))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot be started");
  }
}
