package dev.poststation.archive;

import static dev.poststation.archive.Ground.os;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Octets;
import dev.poststation.os.Disk;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Mail in maildirs, and what a failure leaves there.
class MaildirsTest {
  private static final Path DIRECTORY = Path.of("/maildir");
  private static final Duration LONG = Duration.ofMinutes(1);

  private final MemoryDisk disk = new MemoryDisk();

  /// Fails at an operation.
  private static final class FailingDisk extends FrailDisk {
    private int left;

    FailingDisk(Disk disk, int operations) {
      super(disk);
      this.left = operations;
    }

    @Override
    void live() throws IOException {
      if (left-- == 0) {
        throw new IOException("no room");
      }
    }

    boolean hasFailed() {
      return left < 0;
    }

    @Override
    public void makeDirectory(Path directory) throws IOException {
      live();
      super.makeDirectory(directory);
    }
  }

  private static String add(Maildirs maildirs, String text) throws IOException {
    var about = Ground.about("A1", "a@here.test", "b@there.test", "c@there.test");
    return maildirs.add(DIRECTORY, "relay.test", about, Octets.of(text.getBytes(UTF_8)), LONG);
  }

  private String read(String name) throws IOException {
    return new String(disk.read(DIRECTORY.resolve("new").resolve(name)), UTF_8);
  }

  @Test
  void aMailIsInNewWithItsEnvelopeInFrontAndLinesThatEndWithLf() throws IOException {
    var maildirs = new Maildirs(os(disk));
    String name = add(maildirs, "Subject: x\r\n\r\nbare\r CR\r\r\nend\r");
    assertThat(name).matches("[0-9]+\\.R[0-9a-f]{16}QA1\\.relay\\.test");
    assertThat(read(name))
        .isEqualTo(
            """
            Return-Path: <a@here.test>
            X-Envelope-To: <b@there.test>
            X-Envelope-To: <c@there.test>
            X-Archived: id=A1; service=archive; copy=plain; direction=outbound
            Subject: x

            bare\r CR\r
            end\r\
            """);
    assertThat(disk.list(DIRECTORY.resolve("tmp"))).isEmpty();
    assertThat(add(maildirs, "Subject: x\r\n")).isNotEqualTo(name);
  }

  /// So that whoever makes it syncs its entry: that of `cur` in it is another one.
  @Test
  void theMaildirItselfIsMadeBeforeWhatIsInIt() throws IOException {
    List<Path> made = new ArrayList<>();
    var maildirs =
        new Maildirs(
            os(
                new PassingDisk(disk) {
                  @Override
                  public void makeDirectory(Path directory) throws IOException {
                    made.add(directory);
                    super.makeDirectory(directory);
                  }
                }));
    add(maildirs, "Subject: x\r\n");
    assertThat(made).startsWith(DIRECTORY, DIRECTORY.resolve("cur"));
  }

  @Test
  void aFailureAtAnyMomentIsToldAndLeavesNothingAndThenItGoesOn() throws IOException {
    boolean failed = true;
    int operations = 0;
    for (; failed; operations++) {
      var beneath = new MemoryDisk();
      var failing = new FailingDisk(beneath, operations);
      var maildirs = new Maildirs(os(failing));
      failed = true;
      try {
        add(maildirs, "Subject: x\r\n");
        failed = failing.hasFailed();
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("no room");
      }
      if (failed) {
        assertThat(beneath.list(DIRECTORY.resolve("new"))).isEmpty();
        assertThat(beneath.list(DIRECTORY.resolve("tmp"))).isEmpty();
        add(maildirs, "Subject: x\r\n");
      }
      assertThat(beneath.list(DIRECTORY.resolve("new"))).hasSize(1);
    }
    assertThat(operations).isGreaterThan(6);
  }

  @Test
  void onlyWhatIsThereWholeIsInNewWhenTheProcessDies() throws IOException {
    var dead =
        new PassingDisk(disk) {
          @Override
          public void move(Path from, Path to) throws IOException {
            throw new IOException("dead");
          }

          @Override
          public void remove(Path path) {}
        };
    assertThatThrownBy(() -> add(new Maildirs(os(dead)), "Subject: x\r\n"))
        .isInstanceOf(IOException.class);
    assertThat(disk.list(DIRECTORY.resolve("new"))).isEmpty();
    assertThat(disk.list(DIRECTORY.resolve("tmp"))).hasSize(1);
    assertThat(List.of(add(new Maildirs(os(disk)), "Subject: x\r\n"))).hasSize(1);
  }
}
