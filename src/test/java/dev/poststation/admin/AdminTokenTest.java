package dev.poststation.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminTokenTest {
  private final Os os = Os.real();

  @TempDir Path data;

  @Test
  void aNewTokenHas256BitsAndIsForItsOwnerOnly() throws IOException {
    AdminToken.open(os, data);

    var file = data.resolve("admin.token");
    assertThat(Files.readString(file).strip()).matches("[0-9a-f]{64}");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void theTokenOutlivesARestart() throws IOException {
    AdminToken.open(os, data);
    String text = AdminToken.read(os, data);

    assertThat(AdminToken.open(os, data).authorises("Bearer " + text)).isTrue();
    assertThat(AdminToken.read(os, data)).isEqualTo(text);
  }

  @Test
  void twoRelaysHaveDifferentTokens(@TempDir Path other) throws IOException {
    AdminToken.open(os, data);
    AdminToken.open(os, other);

    assertThat(AdminToken.read(os, data)).isNotEqualTo(AdminToken.read(os, other));
  }

  @Test
  void aTokenThatWasCutOffIsMadeAnew() throws IOException {
    Files.writeString(data.resolve("admin.token"), "\n");

    var token = AdminToken.open(os, data);

    assertThat(token.authorises("Bearer ")).isFalse();
    assertThat(AdminToken.read(os, data)).hasSize(64);
  }

  @Test
  void aTokenThatOthersCanReadIsRefused() throws IOException {
    AdminToken.open(os, data);
    var file = data.resolve("admin.token");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

    assertThatThrownBy(() -> AdminToken.open(os, data))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("chmod 600 " + file);
  }

  @Test
  void aTokenThatWasChangedIsTakenWithoutARestart() throws IOException {
    var token = AdminToken.open(os, data);
    String old = AdminToken.read(os, data);
    var file = data.resolve("admin.token");
    String fresh = "0123456789abcdef".repeat(3);

    Files.writeString(file, fresh + "\n");
    assertThat(token.authorises("Bearer " + old)).isFalse();
    assertThat(token.authorises("Bearer " + fresh)).isTrue();

    Files.writeString(file, "short\n");
    assertThat(token.authorises("Bearer short")).isFalse();
    assertThat(token.authorises("Bearer " + fresh)).isTrue();

    Files.writeString(file, old + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(token.authorises("Bearer " + old)).isFalse();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(token.authorises("Bearer " + old)).isTrue();

    Files.delete(file);
    assertThat(token.authorises("Bearer " + old)).isTrue();
  }

  @Test
  void onlyTheWholeTokenInTheRightSchemeAuthorises() throws IOException {
    var token = AdminToken.open(os, data);
    String text = AdminToken.read(os, data);

    assertThat(token.authorises("bearer " + text)).isTrue();
    assertThat(token.authorises(null)).isFalse();
    assertThat(token.authorises("")).isFalse();
    assertThat(token.authorises(text)).isFalse();
    assertThat(token.authorises("Basic " + text)).isFalse();
    assertThat(token.authorises("Bearer " + text.substring(1))).isFalse();
    assertThat(token.authorises("Bearer " + text + "0")).isFalse();
    assertThat(token.authorises("Bearer " + text.toUpperCase(java.util.Locale.ROOT) + "G"))
        .isFalse();
  }
}
