package dev.poststation.archive;

import static dev.poststation.archive.Ground.os;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.message.Octets;
import dev.poststation.os.Disk;
import dev.poststation.os.GrowingFile;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Mail in mboxes, and what a failure or a crash leaves there.
class MboxesTest {
  private static final Path DIRECTORY = Path.of("/mbox");
  private static final Duration LONG = Duration.ofMinutes(1);

  private final MemoryDisk disk = new MemoryDisk();
  private final ManualTime time = new ManualTime();

  /// A file on which so many octets more can be written; what is tried then fails, also to take
  /// them back where the process is dead.
  private static final class FailingDisk extends PassingDisk {
    private final boolean dead;
    private int left;

    FailingDisk(Disk disk, int octets, boolean dead) {
      super(disk);
      this.left = octets;
      this.dead = dead;
    }

    @Override
    public GrowingFile grow(Path file) throws IOException {
      var under = super.grow(file);
      return new GrowingFile() {
        private void live() throws IOException {
          if (left < 0) {
            throw new IOException("no room");
          }
        }

        @Override
        public long size() throws IOException {
          return under.size();
        }

        @Override
        public int read(long at, byte[] into) throws IOException {
          return under.read(at, into);
        }

        @Override
        public void append(byte[] octets, int from, int count) throws IOException {
          live();
          under.append(octets, from, Math.min(count, left));
          left -= count;
          live();
        }

        @Override
        public void sync() throws IOException {
          left--;
          live();
        }

        @Override
        public void cut(long size) throws IOException {
          if (dead) {
            live();
          }
          under.cut(size);
        }

        @Override
        public void close() throws IOException {
          under.close();
        }
      };
    }
  }

  private String add(Mboxes mboxes, String id, String text) throws IOException {
    var about = Ground.about(id, "a@here.test", "b@there.test");
    return mboxes.add(DIRECTORY, about, Octets.of(text.getBytes(UTF_8)), LONG);
  }

  private Mboxes mboxes(Disk beneath) {
    return new Mboxes(os(beneath, time));
  }

  private List<Path> files(Disk where) throws IOException {
    return where.list(DIRECTORY).stream()
        .filter(each -> each.toString().endsWith(".mbox"))
        .toList();
  }

  private String only(Disk where) throws IOException {
    assertThat(files(where)).hasSize(1);
    return new String(where.read(files(where).getFirst()), UTF_8);
  }

  /// The ids of the mails in it, each of which is as it was.
  private List<String> ids(Disk where) throws IOException {
    return Stream.of(only(where).split("(?m)^(?=From )"))
        .map(
            entry -> {
              String id = entry.replaceAll("(?s).*X-Archived: id=([^;]*);.*", "$1");
              assertThat(entry).endsWith("\nSubject: " + id + "\n\nbody\n\n");
              return id;
            })
        .toList();
  }

  @Test
  void aMailStandsThereWithItsEnvelopeAndQuotedAndIsReadBackToTheOctet() throws IOException {
    var mboxes = mboxes(disk);
    assertThat(add(mboxes, "A1", "From x\r\n>From y\r\n\r\n>>From z\r\n> From w\r\nFrom\r\n>Fro"))
        .endsWith(".mbox at octet 0");
    String file = files(disk).getFirst().getFileName().toString();
    assertThat(file).matches("[0-9]{4}-[0-9]{2}-[0-9]{2}\\.mbox");
    String text = only(disk);
    String behind = text.substring(text.indexOf("Return-Path"), text.length() - 1);
    assertThat(text)
        .matches(
            "(?s)From a@here\\.test [A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [0-9]{4}\n"
                + "X-Entry-Octets: "
                + behind.length()
                + "\nReturn-Path.*")
        .endsWith(
            """
            Return-Path: <a@here.test>
            X-Envelope-To: <b@there.test>
            X-Archived: id=A1; service=archive; copy=plain; direction=outbound
            >From x
            >>From y

            >>>From z
            > From w
            From
            >Fro

            """);
    assertThat(add(mboxes, "A2", "Subject: A2\r\n\r\nbody\r\n"))
        .isEqualTo(file + " at octet " + text.length());
  }

  @Test
  void whateverIsCutWhereverItIsReadQuotingIsTheSame() throws IOException {
    String line = "From here\n>From there\n>>>\nFro\n\n";
    String all = line.repeat(Hashes.WINDOW / line.length() * 2);
    var out = new StringBuilder();
    LfLines.quoted(
        Octets.of(all.getBytes(UTF_8)),
        (octets, from, count) -> out.append(new String(octets, from, count, UTF_8)));
    assertThat(out.toString()).isEqualTo(all.replaceAll("(?m)^(>*From )", ">$1"));
  }

  @Test
  void anotherDayIsAnotherFile() throws IOException {
    var mboxes = mboxes(disk);
    add(mboxes, "A1", "Subject: A1\r\n");
    time.advance(Duration.ofDays(1));
    add(mboxes, "A2", "Subject: A2\r\n");
    assertThat(files(disk)).hasSize(2);
  }

  /// Whatever was there when the process died, each mail that was taken is there once, whole.
  @Test
  void whatACrashLeavesHalfWrittenIsMovedAside() throws IOException {
    int asides = 0;
    int entry = 0;
    for (int octets = 0; octets <= entry + 1; octets++) {
      var beneath = new MemoryDisk();
      add(mboxes(beneath), "A1", "Subject: A1\r\n\r\nbody\r\n");
      entry = only(beneath).length();
      boolean taken = false;
      try {
        add(mboxes(new FailingDisk(beneath, octets, true)), "A2", "Subject: A2\r\n\r\nbody\r\n");
        taken = true;
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("no room");
      }
      add(mboxes(beneath), "A3", "Subject: A3\r\n\r\nbody\r\n");
      boolean whole = octets >= entry;
      assertThat(taken).isEqualTo(octets > entry);
      assertThat(ids(beneath))
          .as(octets + " octets")
          .isEqualTo(whole ? List.of("A1", "A2", "A3") : List.of("A1", "A3"));
      asides += beneath.list(DIRECTORY.resolve("unfinished")).size();
    }
    assertThat(asides).isEqualTo(entry - 1);
  }

  @Test
  void twoThatACrashLeavesAtTheSamePlaceAreBothMovedAside() throws IOException {
    add(mboxes(disk), "A1", "Subject: A1\r\n\r\nbody\r\n");
    for (String id : List.of("A2", "A3")) {
      var dying = mboxes(new FailingDisk(disk, 100, true));
      assertThatThrownBy(() -> add(dying, id, "Subject: " + id + "\r\n\r\nbody\r\n"))
          .hasMessageContaining("no room");
    }
    add(mboxes(disk), "A4", "Subject: A4\r\n\r\nbody\r\n");
    assertThat(ids(disk)).containsExactly("A1", "A4");
    assertThat(disk.list(DIRECTORY.resolve("unfinished"))).hasSize(2);
  }

  @Test
  void aFailureIsToldAndTakenBackAndThenItGoesOn() throws IOException {
    for (boolean dead : new boolean[] {false, true}) {
      var beneath = new MemoryDisk();
      var mboxes = mboxes(beneath);
      add(mboxes, "A1", "Subject: A1\r\n\r\nbody\r\n");
      var failing = new FailingDisk(beneath, 100, dead);
      var there = mboxes(failing);
      assertThatThrownBy(() -> add(there, "A2", "Subject: A2\r\n\r\nbody\r\n"))
          .hasMessageContaining("no room");
      failing.left = 10_000;
      add(there, "A3", "Subject: A3\r\n\r\nbody\r\n");
      assertThat(ids(beneath)).containsExactly("A1", "A3");
    }
  }

  @Test
  void aFirstMailThatIsHalfThereIsMovedAsideAndWhatOthersChangedIsNot() throws IOException {
    Path file = DIRECTORY.resolve("2020-01-01.mbox");
    for (String torn : List.of("F", "From ", "From a@here.test Tue", "\0\0\0")) {
      var beneath = new MemoryDisk().with(file.toString(), torn);
      add(mboxes(beneath), "A1", "Subject: A1\r\n");
      assertThat(beneath.size(file)).as(torn).isZero();
      assertThat(beneath.list(DIRECTORY.resolve("unfinished"))).hasSize(1);
    }
    Path inbox = DIRECTORY.resolve("inbox.mbox");
    var shared = new MemoryDisk().with(file.toString(), "From ").with(inbox.toString(), "no mail");
    add(mboxes(shared), "A1", "Subject: A1\r\n");
    assertThat(shared.size(file)).as("behind it in the list is one of somebody else").isZero();
    assertThat(new String(shared.read(inbox), UTF_8)).isEqualTo("no mail");
    for (String others :
        List.of(
            "From x\nStatus: RO\n\nx\n\n",
            "From x\nX-Entry-Octets: 3\nStatus: RO\n\nx\n\n",
            "From x\nX-Entry-Octets: many\n\nx\n\n")) {
      var beneath = new MemoryDisk().with(file.toString(), others);
      add(mboxes(beneath), "A1", "Subject: A1\r\n");
      assertThat(new String(beneath.read(file), UTF_8)).isEqualTo(others);
    }
  }

  @Test
  void whatSomebodyElseHasMadeOfTheEndIsClosedBeforeTheNextMail() throws IOException {
    var mboxes = mboxes(disk);
    add(mboxes, "A1", "Subject: A1\r\n\r\nbody\r\n");
    Path file = files(disk).getFirst();
    byte[] all = disk.read(file);
    disk.replace(file, Arrays.copyOf(all, all.length - 1), true);
    add(mboxes, "A2", "Subject: A2\r\n\r\nbody\r\n");
    assertThat(ids(disk)).containsExactly("A1", "A2");
  }

  @Test
  void aSenderThatIsNoWordDoesNotStandInTheLineWithTheDate() throws IOException {
    for (String sender : List.of("", "\"a b\"@here.test", "grün@here.test")) {
      var beneath = new MemoryDisk();
      var about = Ground.about("A1", sender, "b@there.test");
      mboxes(beneath).add(DIRECTORY, about, Ground.content("A1"), LONG);
      assertThat(only(beneath)).startsWith("From MAILER-DAEMON ");
    }
  }
}
