package dev.poststation.os;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of a real disk that grow while others read them.
class LockedFileTest {
  @TempDir Path directory;

  @Test
  void itGrowsAtItsEndAndIsForTheOwnerAndNobodyElseWritesMeanwhile() throws IOException {
    var disk = Os.real().disk();
    Path file = directory.resolve("mbox");
    try (var out = disk.grow(file)) {
      out.append("0123456789".getBytes(US_ASCII), 2, 6);
      out.sync();
      assertThat(out.size()).isEqualTo(6);
      byte[] room = new byte[4];
      assertThat(out.read(4, room)).isEqualTo(2);
      assertThat(new String(room, 0, 2, US_ASCII)).isEqualTo("67");
      assertThat(out.read(6, room)).isZero();
      out.cut(5);
      assertThatThrownBy(() -> disk.grow(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("this relay itself");
    }
    try (var out = disk.grow(file)) {
      out.append("x".getBytes(US_ASCII), 0, 1);
    }
    assertThat(file).hasContent("23456x");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
