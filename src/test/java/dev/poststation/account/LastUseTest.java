package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Disk;
import dev.poststation.os.Os;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// When and from where passwords were used, as it is kept.
class LastUseTest {
  private static final Path FILE = Path.of("data/users.used");

  /// Made once: her keys take a while.
  private static final User ANNA = Sample.anna();

  private final MemoryDisk disk = new MemoryDisk();
  private final ManualTime time = new ManualTime();
  private final List<Runnable> tasks = new ArrayList<>();
  private LastUse.Known known = () -> new Users(Map.of("anna", ANNA));

  private Os os(Disk on) {
    return Sample.os(on, time, tasks);
  }

  private LastUse lastUse() {
    return new LastUse(os(disk), Sample.DATA, () -> known.now());
  }

  private String written() throws IOException {
    return new String(disk.read(FILE), StandardCharsets.UTF_8);
  }

  @Test
  void manyLoginsAreWrittenTogetherMinutesLater() throws Exception {
    var lastUse = lastUse();
    for (int i = 0; i < 100; i++) {
      lastUse.used(new Login("Anna", "main"), "Anna", "192.0.2.1");
    }
    assertThat(tasks).hasSize(1);
    assertThat(disk.size(FILE)).isZero();

    tasks.removeFirst().run();

    assertThat(time.now()).isEqualTo("2026-01-01T00:05:00Z");
    assertThat(written())
        .isEqualTo("anna main@2025-12-01T00:00:00Z 2026-01-01T00:00:00Z 192.0.2.1\n");
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    assertThat(tasks).hasSize(1);
  }

  @Test
  void theLatestAddressesAreKnownAfterARestart() {
    var before = lastUse();
    for (int i = 1; i <= 6; i++) {
      before.used(new Login("anna", "main"), "anna", "192.0.2." + i);
      time.advance(Duration.ofHours(1));
    }
    before.used(new Login("anna", "main"), "anna", "192.0.2.4");
    before.close();

    var after = lastUse();
    assertThat(after.isUsual("anna", "192.0.2.3")).isTrue();
    assertThat(after.isUsual("anna", "192.0.2.2")).isFalse();
    assertThat(after.isUsual("berta", "192.0.2.3")).isFalse();
    var use = LastUse.of(disk, Sample.DATA, Sample.anna()).getFirst();
    assertThat(use.when()).isEqualTo("2026-01-01T06:00:00Z");
    assertThat(use.addresses()).containsExactly("192.0.2.4", "192.0.2.6", "192.0.2.5", "192.0.2.3");
  }

  @Test
  void whatIsGoneFromTheUsersFileIsForgotten() throws Exception {
    var lastUse = lastUse();
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    lastUse.used(new Login("anna", "revoked"), "anna", "192.0.2.2");
    lastUse.write();

    assertThat(written()).doesNotContain("revoked");
    assertThat(lastUse.isUsual("anna", "192.0.2.2")).isFalse();
    known = () -> Users.NONE;
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    lastUse.write();
    assertThat(written()).isEmpty();
    assertThat(lastUse.isUsual("anna", "192.0.2.1")).isFalse();
  }

  /// Of a directory there is no list.
  @Test
  void somebodyOfAnotherStoreIsAtHomeForThreeMonths() throws Exception {
    var others =
        new LastUse.Known() {
          @Override
          public Users now() {
            return new Users(Map.of("anna", ANNA));
          }

          @Override
          public boolean others() {
            return true;
          }
        };
    var lastUse = new LastUse(os(disk), Sample.DATA, others);
    lastUse.used(new Login("anna", "revoked"), "anna", "192.0.2.1");
    lastUse.used(new Login("berta", ""), "berta", "192.0.2.2");
    lastUse.used(new Login("carla", "main"), "carla", "192.0.2.3");
    lastUse.write();
    assertThat(written()).isEqualTo("berta - 2026-01-01T00:00:00Z 192.0.2.2\n");
    assertThat(lastUse.isUsual("berta", "192.0.2.2")).isTrue();

    time.advance(Duration.ofDays(90));
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    lastUse.write();
    assertThat(lastUse.isUsual("berta", "192.0.2.2")).isFalse();
  }

  @Test
  void aUserIsNotAtHomeAnyMoreWhereHeWasLongAgo() {
    var before = lastUse();
    before.used(new Login("anna", "main"), "anna", "192.0.2.1");
    time.advance(Duration.ofDays(60));
    before.used(new Login("anna", "main"), "anna", "2001:db8:1:2::/64");
    before.close();

    var after = lastUse();
    assertThat(after.isUsual("anna", "192.0.2.1")).isTrue();
    assertThat(after.isUsual("192.0.2.1")).isTrue();
    time.advance(Duration.ofDays(30));
    assertThat(after.isUsual("anna", "192.0.2.1")).isFalse();
    assertThat(after.isUsual("192.0.2.1")).isFalse();
    assertThat(after.isUsual("anna", "2001:db8:1:2::/64")).isTrue();
    assertThat(after.isUsual("2001:db8:1:2::/64")).isTrue();
    assertThat(LastUse.of(disk, Sample.DATA, Sample.anna()).getFirst().addresses())
        .containsExactly("2001:db8:1:2::/64", "192.0.2.1");
  }

  private static User with(Instant created, String label) {
    var one = Sample.password(label, "garden");
    return Sample.anna()
        .withPasswords(
            List.of(
                new Password(label, one.kind(), created, null, one.sha256(), one.sha1(), null)));
  }

  @Test
  void aPasswordThatWasChangedHasNotBeenUsed() {
    var lastUse = lastUse();
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    var anew = with(time.now().plusSeconds(1), "main");
    known = () -> new Users(Map.of("anna", anew));
    lastUse.close();
    var uses = LastUse.of(disk, Sample.DATA, anew);
    assertThat(LastUse.of(anew.passwords().getFirst(), uses)).isEmpty();
  }

  /// His telephone goes on with the old one until it is told.
  @Test
  void whosePasswordIsChangedStaysAtHomeForThreeMonths() {
    var before = lastUse();
    before.used(new Login("anna", "main"), "anna", "192.0.2.1");
    known = () -> new Users(Map.of("anna", with(time.now().plusSeconds(1), "main")));
    assertThat(before.isUsual("anna", "192.0.2.1")).isTrue();
    before.used(new Login("anna", "main"), "anna", "192.0.2.2");
    before.close();

    var after = lastUse();
    assertThat(after.isUsual("anna", "192.0.2.1")).isTrue();
    assertThat(after.isUsual("192.0.2.1")).isTrue();
    assertThat(after.isUsual("anna", "192.0.2.2")).isTrue();
    time.advance(Duration.ofDays(90));
    assertThat(after.isUsual("anna", "192.0.2.1")).isFalse();
  }

  @Test
  void ofPasswordsThatWereChangedSoManyAreRemembered() throws Exception {
    var lastUse = lastUse();
    for (int i = 1; i <= 9; i++) {
      var now = time.now();
      known = () -> new Users(Map.of("anna", with(now, "main")));
      lastUse.used(new Login("anna", "main"), "anna", "192.0.2." + i);
      time.advance(Duration.ofHours(1));
    }
    lastUse.write();
    assertThat(written().lines()).hasSize(1 + LastUse.CHANGED_MAX);
    assertThat(lastUse.isUsual("anna", "192.0.2.5")).isTrue();
    assertThat(lastUse.isUsual("anna", "192.0.2.4")).isFalse();
  }

  /// As builds before have written it: they had one line for certificates and tokens.
  @Test
  void aUseWithoutAPasswordThatAnOlderBuildWroteIsKept() {
    var erp = User.named("erp").withCertificates(List.of("sha256:" + "ab".repeat(32)));
    var web = User.named("web");
    known = () -> new Users(Map.of("erp", erp, "web", web));
    disk.with(
        "data/users.used",
        "erp - 2026-01-01T00:00:00Z 192.0.2.1\nweb - 2026-01-01T00:00:00Z 192.0.2.2\n");
    var lastUse = lastUse();
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.3");
    lastUse.close();

    assertThat(lastUse().isUsual("erp", "192.0.2.1")).isTrue();
    assertThat(lastUse().isUsual("web", "192.0.2.2")).isTrue();
    var ofErp = LastUse.of(disk, Sample.DATA, erp);
    assertThat(LastUse.ofCertificate(erp, ofErp)).isPresent();
    assertThat(LastUse.ofToken(erp, ofErp)).isEmpty();
    assertThat(LastUse.ofToken(web, LastUse.of(disk, Sample.DATA, web))).isPresent();
  }

  /// As builds before have written it.
  @Test
  void aUseOfWhichNobodyKnowsTheSettingIsOfThePasswordThatWasThereThen() {
    disk.with("data/users.used", "anna main 2026-01-01T00:00:00Z 192.0.2.1\n");
    assertThat(lastUse().isUsual("anna", "192.0.2.1")).isTrue();
    var later = with(Instant.parse("2026-01-01T00:00:01Z"), "main");
    known = () -> new Users(Map.of("anna", later));
    var uses = LastUse.of(disk, Sample.DATA, later);
    assertThat(LastUse.of(later.passwords().getFirst(), uses)).isEmpty();
  }

  @Test
  void whoIsAtHomeByAPasswordThatIsKeptStaysAtHome() {
    var lastUse = lastUse();
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    known = () -> new Users(Map.of("anna", with(Sample.CREATED, "main-old")));
    assertThat(lastUse.isUsual("anna", "192.0.2.1")).isTrue();
    lastUse.used(new Login("anna", "main-old"), "anna", "192.0.2.2");
    assertThat(lastUse.isUsual("anna", "192.0.2.1")).isTrue();
    assertThat(lastUse.isUsual("anna", "192.0.2.2")).isTrue();
  }

  @Test
  void aCertificateAndATokenHaveLastUsesOfTheirOwn() {
    String first = "sha256:" + "ab".repeat(32);
    String second = "sha256:" + "cd".repeat(32);
    var both = User.named("erp").withCertificates(List.of(first, second));
    known = () -> new Users(Map.of("erp", both));
    var lastUse = lastUse();
    lastUse.used(new Login("erp", ""), "erp", "192.0.2.1");
    time.advance(Duration.ofHours(1));
    lastUse.used(new Login("erp", "", () -> true), "erp", "192.0.2.2");
    lastUse.close();
    var uses = LastUse.of(disk, Sample.DATA, both);
    assertThat(LastUse.ofCertificate(both, uses).orElseThrow().when())
        .isEqualTo("2026-01-01T00:00:00Z");
    assertThat(LastUse.ofToken(both, uses).orElseThrow().when()).isEqualTo("2026-01-01T01:00:00Z");
    var renewed = both.withCertificates(List.of(second));
    assertThat(LastUse.ofCertificate(renewed, uses)).isPresent();
    var another = both.withCertificates(List.of("sha256:" + "ef".repeat(32)));
    assertThat(LastUse.ofCertificate(another, uses)).isEmpty();
    known = () -> new Users(Map.of("erp", another));
    assertThat(lastUse.isUsual("erp", "192.0.2.1")).isFalse();
  }

  @Test
  void whereNobodyIsLeftNobodyIsAtHome() {
    known = () -> new Users(Map.of("anna", ANNA, "berta", ANNA));
    var lastUse = lastUse();
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    lastUse.used(new Login("berta", "main"), "berta", "192.0.2.1");
    lastUse.used(new Login("berta", "main"), "berta", "192.0.2.2");
    time.advance(Duration.ofMinutes(5));
    known = () -> new Users(Map.of("anna", ANNA));
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.3");
    lastUse.write();
    assertThat(lastUse.isUsual("192.0.2.1")).isTrue();
    assertThat(lastUse.isUsual("192.0.2.2")).isFalse();
    assertThat(lastUse.isUsual("192.0.2.3")).isTrue();
  }

  @Test
  void ofPeopleOfADirectoryOnlySoManyAreRememberedThoseWhoCameLast() throws Exception {
    var others =
        new LastUse.Known() {
          @Override
          public Users now() {
            return new Users(Map.of("anna", ANNA));
          }

          @Override
          public boolean others() {
            return true;
          }
        };
    var lastUse = new LastUse(os(disk), Sample.DATA, others);
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    int came = 2 * LastUse.OTHERS_MAX;
    for (int i = 0; i < came; i++) {
      time.advance(Duration.ofSeconds(1));
      lastUse.used(new Login("u" + i, ""), "u" + i, "10.0." + i / 256 + "." + i % 256);
    }
    assertThat(lastUse.size()).isLessThan(LastUse.OTHERS_MAX / 2 * 3);
    lastUse.write();
    assertThat(written().lines()).hasSize(LastUse.OTHERS_MAX + 1);
    assertThat(lastUse.isUsual("anna", "192.0.2.1")).isTrue();
    assertThat(lastUse.isUsual("u" + (came - 1), "10.0.78.31")).isTrue();
    assertThat(lastUse.isUsual("u0", "10.0.0.0")).isFalse();
    assertThat(lastUse.isUsual("10.0.0.0")).isFalse();
  }

  @Test
  void whoIsCalledOtherwiseByTheDirectoryIsAtHomeByBothNamesAfterARestart() {
    var others =
        new LastUse.Known() {
          @Override
          public Users now() {
            return Users.NONE;
          }

          @Override
          public boolean others() {
            return true;
          }
        };
    try (var before = new LastUse(os(disk), Sample.DATA, others)) {
      before.used(new Login("berta", ""), "Berta@example.com", "192.0.2.2");
    }
    var after = new LastUse(os(disk), Sample.DATA, others);
    assertThat(after.isUsual("berta", "192.0.2.2")).isTrue();
    assertThat(after.isUsual("berta@example.com", "192.0.2.2")).isTrue();
  }

  @Test
  void aNameThatSomebodyElseSaidIsNoLoginOfTheUserOfTheFileWhoHasIt() {
    known = () -> new Users(Map.of("anna", ANNA, "berta", ANNA));
    var lastUse = lastUse();
    lastUse.used(new Login("berta", "main"), "anna", "192.0.2.2");
    assertThat(lastUse.isUsual("berta", "192.0.2.2")).isTrue();
    assertThat(lastUse.isUsual("anna", "192.0.2.2")).isFalse();
    lastUse.close();
    assertThat(LastUse.ofToken(ANNA, LastUse.of(disk, Sample.DATA, ANNA))).isEmpty();
  }

  @Test
  void whileNobodyCanTellWhoIsGoneAllIsKept() throws Exception {
    known =
        () -> {
          throw new UnavailableException("broken");
        };
    var lastUse = lastUse();
    lastUse.used(new Login("anna", ""), "anna", "192.0.2.1");
    lastUse.close();
    assertThat(written()).isEqualTo("anna - 2026-01-01T00:00:00Z 192.0.2.1\n");
  }

  @Test
  void aDamagedFileCostsOnlyItsDamagedLines() {
    disk.with(
        "data/users.used",
        "\n"
            + "\u0000 x\n"
            + "anna main never 192.0.2.1\n"
            + "anna main\n"
            + "anna main 2026-01-01T00:00:00Z 192.0.2.9\n");
    assertThat(lastUse().isUsual("anna", "192.0.2.9")).isTrue();
    assertThat(lastUse().isUsual("anna", "192.0.2.1")).isFalse();
  }

  @Test
  void aDiskThatIsFullIsTriedAgain() throws Exception {
    var full =
        new PassingDisk(disk) {
          private boolean room;

          @Override
          public void replace(Path file, byte[] content, boolean ownerOnly) throws IOException {
            if (!room) {
              room = true;
              throw new IOException("no space left on device");
            }
            super.replace(file, content, ownerOnly);
          }
        };
    var lastUse = new LastUse(os(full), Sample.DATA, () -> known.now());
    lastUse.used(new Login("anna", "main"), "anna", "192.0.2.1");
    lastUse.write();
    assertThat(disk.size(FILE)).isZero();
    lastUse.write();
    assertThat(written()).contains("192.0.2.1");
  }
}
