package dev.poststation.spool;

import dev.poststation.config.SpoolSettings;
import dev.poststation.config.TraceSettings;
import dev.poststation.os.Os;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

class LocalSpoolTest extends SpoolContract {
  static final SpoolSettings SETTINGS = new SpoolSettings(1 << 20, 1L << 40, 64L << 20);
  static final TraceSettings TRACE = new TraceSettings(Duration.ofDays(30), 1L << 30, true);
  static final RocksEngines ENGINES = new RocksEngines(Os.real().disk(), SETTINGS, TRACE);

  @TempDir Path data;

  @Override
  Spool create() throws IOException {
    return LocalSpool.open(Os.real(), data, SETTINGS, TRACE, 16 << 20);
  }

  @Override
  Spool reopen(Spool closed) throws IOException {
    return create();
  }
}
