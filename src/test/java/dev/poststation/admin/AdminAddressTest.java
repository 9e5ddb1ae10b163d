package dev.poststation.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdminAddressTest {
  private final Os real = Os.real();
  @TempDir Path data;

  @Test
  void whenItCannotBeNotedThatOfTheStartBeforeIsForgotten() {
    var address = new InetSocketAddress("127.0.0.1", 8025);
    AdminAddress.note(real, data, address);
    assertThat(AdminAddress.read(real, data)).contains(address);
    var full =
        new PassingDisk(real.disk()) {
          @Override
          public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    var os = new Os(real.time(), real.network(), real.tasks(), real.chance(), full);
    AdminAddress.note(os, data, new InetSocketAddress("127.0.0.1", 8026));
    assertThat(AdminAddress.read(real, data)).isEmpty();
  }
}
