package dev.poststation.spool;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class RocksEngineTest extends EngineContract {
  @TempDir Path data;

  @Override
  Engine open() throws Exception {
    return LocalSpoolTest.ENGINES.open(data.resolve("spool"), Engines.Care.STRICT);
  }
}
