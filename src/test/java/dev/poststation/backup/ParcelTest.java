package dev.poststation.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Os;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A backup on its way arrives as a whole, or not at all.
class ParcelTest {
  @TempDir Path home;
  private Path data = Path.of("");
  private Path place = Path.of("");

  @BeforeEach
  void fill() throws IOException {
    data = Sample.data(home.resolve("data"));
    Files.writeString(data.resolve("spool/000012.sst"), "a table");
    place = home.resolve("backup");
  }

  private byte[] packed() throws IOException {
    var out = new ByteArrayOutputStream();
    Parcel.pack(Os.real(), Sample.inventory(data), Sample.ABOUT, out);
    return out.toByteArray();
  }

  private Manifest unpack(byte[] parcel) throws IOException {
    try (var target = Target.begin(Sample.hasty(), place)) {
      return Parcel.unpack(new ByteArrayInputStream(parcel), target);
    }
  }

  @Test
  void itArrivesAsItIsWrittenWithoutARelay() throws IOException {
    var direct = Sample.backup(data, home.resolve("direct"));
    assertThat(unpack(packed())).isEqualTo(direct);
    assertThat(Sample.files(place)).isEqualTo(Sample.files(home.resolve("direct")));
  }

  @Test
  void whereverItIsCutOffThereIsNoBackup() throws IOException {
    byte[] whole = packed();
    Path expected = home.resolve("direct");
    Sample.backup(data, expected);
    int refused = 0;
    for (int length = 0; length < whole.length; length += 7) {
      refused += arrives(Arrays.copyOf(whole, length), expected) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(whole.length / 7 / 2);
  }

  @Test
  void whateverIsChangedOnTheWayIsNoticed() throws IOException {
    byte[] whole = packed();
    Path expected = home.resolve("direct");
    Sample.backup(data, expected);
    int refused = 0;
    for (int at = 0; at < whole.length; at += 5) {
      byte[] changed = whole.clone();
      changed[at] ^= 0x55;
      refused += arrives(changed, expected) ? 0 : 1;
    }
    assertThat(refused).isGreaterThan(whole.length / 5 / 2);
  }

  /// Whether it is taken, which it may only be as it was sent.
  private boolean arrives(byte[] parcel, Path expected) throws IOException {
    try {
      unpack(parcel);
    } catch (BackupException e) {
      assertThat(place).doesNotExist();
      assertThat(home.resolve("backup.incomplete")).doesNotExist();
      return false;
    }
    var files = Sample.files(place);
    files.remove(Manifest.FILE);
    var sent = Sample.files(expected);
    sent.remove(Manifest.FILE);
    assertThat(files).isEqualTo(sent);
    Os.real().disk().remove(place);
    return true;
  }

  @Test
  void nothingIsWrittenOutsideOfTheBackup() throws IOException {
    for (String name :
        new String[] {"../evil", "/etc/evil", "spool/../../evil", "spool//x", "", ".x", "a\\b"}) {
      var out = new ByteArrayOutputStream();
      try (var zip = new ZipOutputStream(out)) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write("evil".getBytes(StandardCharsets.US_ASCII));
      }
      assertThatThrownBy(() -> unpack(out.toByteArray())).isInstanceOf(BackupException.class);
    }
    assertThat(home.resolve("evil")).doesNotExist();
  }
}
