package dev.poststation.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// A secret is made once, and outlives a restart.
class SecretFileTest {
  private static final Path FILE = Path.of("data/some.secret");

  private final MemoryDisk disk = new MemoryDisk();

  private static SecretFile secret(Disk disk) {
    var real = Os.real();
    return new SecretFile(
        new Os(new ManualTime(), real.network(), real.tasks(), real.chance(), disk), FILE);
  }

  @Test
  void itIsMadeWhenItIsNeededAndStaysTheSame() throws IOException {
    assertThat(secret(disk).known()).isEmpty();
    assertThat(disk.identity(FILE)).as("who only asks makes none").isEmpty();
    byte[] made = secret(disk).kept();
    assertThat(made).hasSize(32);
    assertThat(disk.readableByOthers(FILE)).isFalse();
    assertThat(secret(disk).kept()).isEqualTo(made);
    assertThat(secret(disk).known().orElseThrow()).isEqualTo(made);
    assertThat(secret(disk).orAnother("nothing")).isEqualTo(made);
  }

  @Test
  void whereTheDiskFailsAnotherOneDoesUntilTheNextStart() throws IOException {
    byte[] made = secret(disk).kept();
    var broken =
        new PassingDisk(disk) {
          @Override
          public byte[] read(Path file) throws IOException {
            throw new IOException("no such sector");
          }
        };
    var other = secret(broken);
    assertThatThrownBy(other::kept).hasMessage("no such sector");
    byte[] another = other.orAnother("nobody is known again");
    assertThat(another).hasSize(32).isNotEqualTo(made);
    assertThat(other.orAnother("nobody is known again")).isEqualTo(another);
    assertThat(secret(disk).kept()).as("nothing was written over it").isEqualTo(made);
  }
}
