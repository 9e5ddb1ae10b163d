package dev.poststation.archive;

import static dev.poststation.archive.Ground.DIRECTORY;
import static dev.poststation.archive.Ground.append;
import static dev.poststation.archive.Ground.os;
import static dev.poststation.archive.Ground.problems;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.sim.MemoryDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is told of an archive in which somebody has put his hands.
class VerificationTest {
  private final MemoryDisk disk = new MemoryDisk();
  private Path day = DIRECTORY;

  @BeforeEach
  void fiveMails() throws IOException {
    append(new Folder(os(disk), DIRECTORY), disk, "A", "B", "C", "D", "E");
    day = Place.days(disk, DIRECTORY).getFirst();
    assertThat(problems(disk)).isEmpty();
  }

  private void vanish(String name) {
    disk.vanish(day.resolve(name).toString());
  }

  private String text(String name) throws IOException {
    return new String(disk.read(day.resolve(name)), UTF_8);
  }

  private void put(String name, String text) {
    disk.with(day.resolve(name).toString(), text);
  }

  private String place(String name) {
    return day.getFileName() + "/" + name;
  }

  @Test
  void aMailWithoutItsContent() throws IOException {
    vanish("000000000003-C.eml");
    assertThat(problems(disk)).containsExactly("MISSING " + place("000000000003-C.eml is missing"));
  }

  @Test
  void aMailWithoutItsRecord() throws IOException {
    vanish("000000000003-C.json");
    assertThat(problems(disk))
        .containsExactly("MISSING " + place("000000000003-C.json is missing"));
  }

  @Test
  void entriesThatAreMissingInTheMiddleAtTheBeginningAndAtTheEnd() throws IOException {
    for (String name : List.of("000000000001-A", "000000000003-C", "000000000005-E")) {
      vanish(name + ".eml");
      vanish(name + ".json");
    }
    assertThat(problems(disk))
        .containsExactly(
            "MISSING entry 1 is missing",
            "MISSING entry 3 is missing",
            "MISSING entry 5 is missing");
  }

  @Test
  void aContentThatWasChanged() throws IOException {
    String was = text("000000000002-B.eml");
    put("000000000002-B.eml", was.replace("body", "text"));
    assertThat(problems(disk))
        .containsExactly("CHANGED " + place("000000000002-B.eml is not as it was written"));
    put("000000000002-B.eml", was + "more");
    assertThat(problems(disk)).hasSize(1);
  }

  @Test
  void aRecordThatWasChanged() throws IOException {
    put(
        "000000000002-B.json",
        text("000000000002-B.json").replace("b@there", "x@there").replace("B@there", "x@there"));
    assertThat(problems(disk))
        .containsExactly(
            "CHANGED the .json of entry 2 is not what " + place("000000000003-C.json says it was"));
  }

  @Test
  void theFirstAndTheLastRecordAreNotFreeEither() throws IOException {
    put("000000000001-A.json", text("000000000001-A.json").replace("00000", "10000"));
    put("000000000005-E.json", text("000000000005-E.json").replace("lan", "wan"));
    assertThat(problems(disk))
        .contains(
            "CHANGED " + place("000000000001-A.json is not what chain.json begins with"),
            "CHANGED entry 5 is not what chain.json says it was");
  }

  @Test
  void aRecordThatIsNoneAnyMore() throws IOException {
    put("000000000002-B.json", "{");
    assertThat(problems(disk))
        .contains("CHANGED " + place("000000000002-B.json: it cannot be read"));
  }

  @Test
  void whatNobodyHasWritten() throws IOException {
    put("000000000003-X.json", text("000000000003-C.json"));
    put("000000000003-X.eml", text("000000000003-C.eml"));
    put("notes.txt", "");
    put("000000000006-Y.json", text("000000000005-E.json"));
    put("000000000006-Y.eml", text("000000000005-E.eml"));
    assertThat(problems(disk))
        .contains(
            "INSERTED " + place("000000000003-X: there is another of that number"),
            "INSERTED " + place("notes.txt is no entry"),
            "INSERTED entries from 6 on are behind the last one that chain.json knows (the next"
                + " start of the relay looks at them)");
  }

  /// Whoever can write all of it can make a chain that holds, but not one with a hash that was
  /// written down elsewhere.
  @Test
  void aChainThatWasWrittenAnewIsToldByAHashThatWasWrittenDown() throws IOException {
    var last = Verification.of(disk, DIRECTORY, Map.of()).chain();
    var forged = new MemoryDisk();
    append(new Folder(os(forged), DIRECTORY), forged, "A", "B", "C", "X", "E");
    assertThat(problems(forged)).isEmpty();
    var expected = Map.of(last.last(), last.hash(), 9L, last.hash());
    assertThat(Verification.of(forged, DIRECTORY, expected).found())
        .extracting(each -> each.kind() + " " + each.entry())
        .containsExactly("CHANGED 5", "MISSING 9");
    assertThat(Verification.of(disk, DIRECTORY, Map.of(5L, last.hash())).found()).isEmpty();
  }

  @Test
  void aDirectoryWithoutAnArchiveIsNone() {
    assertThatThrownBy(() -> Verification.of(new MemoryDisk(), DIRECTORY, Map.of()))
        .hasMessage("There is no archive in /archive: it has no chain.json");
  }
}
