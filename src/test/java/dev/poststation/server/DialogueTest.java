package dev.poststation.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.poststation.config.ListenerSettings;
import dev.poststation.os.Os;
import dev.poststation.sim.SimTime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// Every dialogue, within memory and virtual time, and again over TCP and over TLS.
class DialogueTest {
  /// One for all: it keeps a thread for deadlines.
  private static final Os OS = Os.real();

  private static final Path DIALOGUES = Path.of("src/test/resources/dialogues");
  private static final Duration BOUND = Duration.ofSeconds(30);
  private static final String DEFAULT_CLIENT = "192.0.2.10";

  private static List<Dialogue> dialogues() throws IOException {
    List<Dialogue> dialogues = new ArrayList<>();
    try (Stream<Path> files = Files.list(DIALOGUES)) {
      for (Path file : files.sorted().toList()) {
        dialogues.add(Dialogue.read(file));
      }
    }
    return dialogues;
  }

  private static Stream<DynamicTest> each(String wire) throws IOException {
    return dialogues().stream()
        .filter(dialogue -> dialogue.only().contains(wire))
        .map(
            dialogue ->
                DynamicTest.dynamicTest(
                    dialogue.name(),
                    () -> assertTimeoutPreemptively(BOUND, () -> play(dialogue, wire))));
  }

  private static void play(Dialogue dialogue, String kind) throws Exception {
    String client = DEFAULT_CLIENT;
    var time = new SimTime();
    var relay = new Relay(kind.equals("memory") ? time : OS.time());
    if (kind.equals("tls")) {
      relay.tls = ListenerSettings.Tls.IMPLICIT;
    }
    for (var setting : dialogue.settings()) {
      if (setting.key().equals("client")) {
        client = setting.value();
      } else {
        relay.set(setting.key(), setting.value());
      }
    }
    try (Wire wire =
        kind.equals("memory")
            ? Wire.memory(relay, time, client)
            : Wire.tcp(relay, OS, kind.equals("tls"))) {
      new DialoguePlayer(dialogue, relay, wire).play();
    }
  }

  @TestFactory
  Stream<DynamicTest> withinMemory() throws IOException {
    return each("memory");
  }

  @TestFactory
  Stream<DynamicTest> overTcp() throws IOException {
    return each("tcp");
  }

  @TestFactory
  Stream<DynamicTest> overTls() throws IOException {
    return each("tls");
  }

  @Test
  void thereIsADialogueForEveryBehaviour() throws IOException {
    assertThat(dialogues()).hasSizeGreaterThan(60);
  }

  /// A player that never complains would make all of the above worthless.
  @Test
  void aWrongExpectationIsNoticed() throws Exception {
    var steps =
        List.of(
            new Dialogue.Step(1, "S:", "220 *"),
            new Dialogue.Step(2, "C:", "NOOP"),
            new Dialogue.Step(3, "S:", "251 *"));
    var wrong = new Dialogue("wrong", List.of(), steps, List.of("memory"));
    try {
      play(wrong, "memory");
    } catch (AssertionError e) {
      assertThat(e).hasMessageContaining("wrong:3").hasMessageContaining("250 2.0.0");
      return;
    }
    fail("it passed");
  }
}
