package dev.poststation.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// That the judge of the system calls condemns what must be condemned.
final class SyncTraceTest {
  private static final String WRITE = "10 write(7</x/data/spool/000004.log>, \"…token…\", 9) = 9\n";
  private static final String SYNC = "10 fdatasync(7</x/data/spool/000004.log>) = 0\n";
  private static final String REPLY =
      "11 write(9<socket:[55]>, \"250 2.0.0 Ok: queued as ID1\\r\\n\", 30) = 30\n";
  private static final Map<String, String> MAIL = Map.of("token", "ID1");

  @Test
  void aSyncBetweenWriteAndReplyCovers() {
    assertThat(SyncTrace.of(WRITE + SYNC + REPLY).uncovered(MAIL)).isEmpty();
  }

  @Test
  void aSyncBeforeTheWriteDoesNot() {
    assertThat(SyncTrace.of(SYNC + WRITE + REPLY).uncovered(MAIL))
        .singleElement()
        .asString()
        .contains("no sync");
  }

  @Test
  void aSyncAfterTheReplyDoesNot() {
    assertThat(SyncTrace.of(WRITE + REPLY + SYNC).uncovered(MAIL))
        .singleElement()
        .asString()
        .contains("no sync");
  }

  @Test
  void aSyncThatBeganBeforeTheWriteEndedDoesNot() {
    String began = "12 fdatasync(7</x/data/spool/000004.log> <unfinished ...>\n";
    String ended = "12 <... fdatasync resumed>) = 0\n";
    assertThat(SyncTrace.of(began + WRITE + ended + REPLY).uncovered(MAIL)).isNotEmpty();
  }

  @Test
  void aSyncThatEndsAfterTheReplyBeganDoesNot() {
    String began = "12 fdatasync(7</x/data/spool/000004.log> <unfinished ...>\n";
    String ended = "12 <... fdatasync resumed>) = 0\n";
    assertThat(SyncTrace.of(WRITE + began + REPLY + ended).uncovered(MAIL)).isNotEmpty();
    assertThat(SyncTrace.of(WRITE + began + ended + REPLY).uncovered(MAIL)).isEmpty();
  }

  @Test
  void aSyncOfAnotherFileDoesNot() {
    assertThat(SyncTrace.of(WRITE + SYNC.replace("000004", "000005") + REPLY).uncovered(MAIL))
        .isNotEmpty();
  }

  @Test
  void aFailedSyncDoesNot() {
    String failed = SYNC.replace("= 0", "= -1 EIO (Input/output error)");
    assertThat(SyncTrace.of(WRITE + failed + REPLY).uncovered(MAIL)).isNotEmpty();
  }

  @Test
  void aReplyOrAWriteThatIsMissingIsTold() {
    assertThat(SyncTrace.of(WRITE + SYNC).uncovered(MAIL))
        .singleElement()
        .asString()
        .contains("250 was not seen");
    assertThat(SyncTrace.of(SYNC + REPLY).uncovered(MAIL))
        .singleElement()
        .asString()
        .contains("not written");
  }
}
