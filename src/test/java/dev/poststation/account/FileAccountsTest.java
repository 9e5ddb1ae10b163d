package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.poststation.config.UsersSettings;
import dev.poststation.sasl.Accounts.Login;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.ScramKeys.Hash;
import dev.poststation.sasl.UnavailableException;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PassingDisk;
import dev.poststation.tls.Fingerprint;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the mechanisms are answered from the users file, and what a stranger can learn from that.
class FileAccountsTest {
  private final MemoryDisk disk = new MemoryDisk();
  private final ManualTime time = new ManualTime();
  private final FileAccounts accounts = accounts();

  private FileAccounts accounts() {
    return new FileAccounts(Sample.os(disk, time), Sample.DATA, () -> Sample.settings(10));
  }

  private void write(User... users) throws Exception {
    UsersFile file = UsersFile.read(new MemoryDisk(), Sample.FILE);
    for (User user : users) {
      file = file.with(user);
    }
    file.write(disk);
  }

  @Test
  void thePasswordIsTakenWhoeverWritesTheNameHowever() throws Exception {
    write(Sample.anna());

    assertThat(accounts.password("Anna", "garden")).contains(new Login("anna", "main"));
    assertThat(accounts.password("anna", "Garden")).isEmpty();
    assertThat(accounts.password("berta", "garden")).isEmpty();
  }

  @Test
  void eachOfSeveralPasswordsIsTakenAndNamedByItsLabel() throws Exception {
    write(
        Sample.anna()
            .withPasswords(
                List.of(Sample.password("main", "garden"), Sample.password("scanner", "hedge"))));

    assertThat(accounts.password("anna", "hedge")).contains(new Login("anna", "scanner"));
    assertThat(accounts.scram("anna", Hash.SHA_1).keys())
        .extracting(each -> each.label() + " " + each.keys().hash())
        .containsExactly("main SHA_1", "scanner SHA_1");
  }

  /// Beside the configuration the relay may not write: the unit of systemd in the manual says so.
  @Test
  void usersWhoseFileVanishedAreSavedInDataAlone() throws Exception {
    var file = Path.of("etc/users");
    var relay =
        new FileAccounts(
            Sample.os(disk, time),
            Sample.DATA,
            () -> new UsersSettings(file, Sample.ITERATIONS, null, 10, Duration.ofMinutes(15)));
    UsersFile.read(new MemoryDisk(), file).with(Sample.anna()).write(disk);
    String before = new String(disk.read(file), StandardCharsets.UTF_8);
    assertThat(relay.password("anna", "garden")).isPresent();
    assertThat(relay.save()).isZero();
    disk.vanish(file.toString());

    assertThat(relay.save()).isEqualTo(1);
    assertThat(disk.identity(file)).isEmpty();
    var saved = Sample.DATA.resolve(FileAccounts.SAVED);
    assertThat(new String(disk.read(saved), StandardCharsets.UTF_8)).isEqualTo(before);
    assertThat(disk.readableByOthers(saved)).isFalse();
  }

  @Test
  void whenTheFileVanishesThoseReadBeforeCanLogInUntilItIsBack() throws Exception {
    write(Sample.anna());
    assertThat(accounts.password("anna", "garden")).isPresent();
    disk.vanish(Sample.FILE.toString());
    assertThat(accounts.password("anna", "garden")).isPresent();
    assertThat(accounts.mechanisms()).isNotEmpty();
    assertThat(accounts.problem().orElseThrow().message()).isEqualTo("the users file is gone");
    assertThat(accounts().password("anna", "garden")).as("after a restart").isEmpty();

    write(Sample.anna().disabled(true));
    assertThat(accounts.password("anna", "garden")).isEmpty();
    assertThat(accounts.problem()).isEmpty();
  }

  @Test
  void aPasswordIsTakenUntilItExpires() throws Exception {
    var end = time.now().plus(Duration.ofDays(7));
    write(
        Sample.anna()
            .withPasswords(List.of(Sample.password("main", "garden").until("main-old", end))));

    assertThat(accounts.password("anna", "garden")).isPresent();
    time.advance(Duration.ofDays(7));
    assertThat(accounts.password("anna", "garden")).isEmpty();
    assertThat(accounts.scram("anna", Hash.SHA_256).keys()).isEmpty();
  }

  @Test
  void somebodyUnknownGetsASaltOfHisOwnThatIsAlwaysTheSame() throws Exception {
    write(Sample.anna());

    var first = accounts.scram("berta", Hash.SHA_256);
    assertThat(first.keys()).isEmpty();
    assertThat(first.salt()).hasSameSizeAs(Sample.SALT);
    assertThat(first.iterations()).isEqualTo(Sample.ITERATIONS);
    assertThat(accounts.scram("Berta", Hash.SHA_1).salt()).isEqualTo(first.salt());
    assertThat(accounts.scram("carla", Hash.SHA_256).salt()).isNotEqualTo(first.salt());
    assertThat(accounts().scram("berta", Hash.SHA_256).salt())
        .as("after a restart")
        .isEqualTo(first.salt());
  }

  /// A challenge waits for nothing: so it must cost the same.
  @Test
  void theSaltOfANameIsMadeOfItAlsoWhereSomebodyHasKeys() throws Exception {
    write(Sample.anna());
    accounts.scram("anna", Hash.SHA_256);
    assertThat(Salts.known(Sample.os(disk, time), Sample.DATA)).isPresent();
  }

  private NewPassword main(String password) {
    return new NewPassword("main", Password.Kind.MAIN, password, null, null);
  }

  @Test
  void theSaltOfANameStaysWhetherSomebodyHasItAndWhateverHisPasswordIs() throws Exception {
    var os = Sample.os(disk, time);
    byte[] salt = accounts.scram("berta", Hash.SHA_256).salt();
    var salts = Salts.kept(os, Sample.DATA);
    var berta = main("garden").of(User.named("Berta"), Sample.ITERATIONS, salts, time);
    write(berta);
    assertThat(accounts.scram("berta", Hash.SHA_256).salt()).isEqualTo(salt);
    assertThat(accounts.password("berta", "garden")).isPresent();
    for (int iterations : new int[] {Sample.ITERATIONS, 5000}) {
      berta = main("hedge" + iterations).of(berta, iterations, salts, time);
      write(berta);
      assertThat(accounts.scram("berta", Hash.SHA_256).salt()).isEqualTo(salt);
    }
    write(berta.withPasswords(List.of()));
    assertThat(accounts.scram("berta", Hash.SHA_1).salt()).isEqualTo(salt);
  }

  @Test
  void whoHasKeysOfBeforeIsTold() throws Exception {
    var salts = Salts.kept(Sample.os(disk, time), Sample.DATA);
    var anna = Sample.anna();
    write(anna, User.named("none"), main("x").of(User.named("few"), 4097, salts, time));
    assertThat(accounts.old()).extracting(User::name).containsExactly("anna", "few");

    anna = main("hedge").of(anna, Sample.ITERATIONS, salts, time);
    write(anna);
    time.advance(Duration.ofSeconds(1));
    assertThat(accounts.old()).isEmpty();

    var fax = new NewPassword("fax", Password.Kind.APPLICATION, "of the fax", null, null);
    anna = fax.of(Sample.anna(), Sample.ITERATIONS, salts, time);
    assertThat(salts.isOld(anna, Sample.ITERATIONS))
        .as("main stays, and with it its salt")
        .isTrue();
  }

  @Test
  void somebodyDisabledKeepsHisSaltAndHasNoKeys() throws Exception {
    write(Sample.anna().disabled(true));

    var offer = accounts.scram("anna", Hash.SHA_256);
    assertThat(offer.salt()).isEqualTo(Sample.SALT);
    assertThat(offer.keys()).isEmpty();
    assertThat(accounts.password("anna", "garden")).isEmpty();
  }

  @Test
  void theIterationsOfUnknownNamesAreSpreadAsThoseOfUsers() throws Exception {
    byte[] salt = Sample.SALT;
    List<User> users = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      int iterations = i < 7 ? 4096 : 5000;
      users.add(
          User.named("u" + i)
              .withPasswords(
                  List.of(
                      new Password(
                          "main",
                          Password.Kind.MAIN,
                          Sample.CREATED,
                          null,
                          ScramKeys.derive(Hash.SHA_256, "garden", salt, iterations),
                          null,
                          null))));
    }
    write(users.toArray(User[]::new));

    long few = 0;
    for (int i = 0; i < 1000; i++) {
      few += accounts.scram("x" + i, Hash.SHA_256).iterations() == 4096 ? 1 : 0;
    }
    assertThat(few).isBetween(620L, 780L);
  }

  @Test
  void aWrongPasswordTakesAsLongForAnUnknownUserAsForAKnownOne() throws Exception {
    var keys = Sample.password("main", "garden").sha256();
    write(Sample.anna(), Sample.anna().withOwn(List.of()));
    assertThat(keys.iterations()).isEqualTo(accounts.scram("berta", Hash.SHA_256).iterations());
    for (int i = 0; i < 20; i++) {
      accounts.password("anna", "warm" + i);
    }
    long known = Long.MAX_VALUE;
    long unknown = Long.MAX_VALUE;
    long strange = Long.MAX_VALUE;
    for (int i = 0; i < 40; i++) {
      known = Math.min(known, nanos("anna", "wrong"));
      unknown = Math.min(unknown, nanos("berta", "wrong"));
      strange = Math.min(strange, nanos("berta", "\u0007"));
    }
    assertThat((double) unknown / known).isBetween(0.5, 2.0);
    assertThat((double) strange / known).isBetween(0.5, 2.0);
  }

  private long nanos(String user, String password) throws UnavailableException {
    var thread = ManagementFactory.getThreadMXBean(); // Whatever else runs on this machine.
    long begin = thread.getCurrentThreadCpuTime();
    assertThat(accounts.password(user, password)).isEmpty();
    return thread.getCurrentThreadCpuTime() - begin;
  }

  @Test
  void theClearPasswordIsThereOnlyWhereItIsKept() throws Exception {
    var with = Sample.password("main", "garden");
    write(
        Sample.anna(),
        User.named("berta")
            .withPasswords(
                List.of(
                    new Password(
                        "main",
                        with.kind(),
                        with.created(),
                        null,
                        with.sha256(),
                        with.sha1(),
                        "garden"))));

    assertThat(accounts.clearText("anna")).isEmpty();
    assertThat(accounts.clearText("berta").orElseThrow().secret()).isEqualTo("garden");
    assertThat(accounts.mechanisms()).contains(Mechanism.CRAM_MD5);
  }

  @Test
  void onlyMechanismsThatSomebodyCanUseAreThere() throws Exception {
    assertThat(accounts.mechanisms()).isEmpty();
    write(Sample.anna());
    time.advance(Duration.ofSeconds(1));
    assertThat(accounts.mechanisms())
        .containsExactlyInAnyOrder(
            Mechanism.SCRAM_SHA_256_PLUS,
            Mechanism.SCRAM_SHA_256,
            Mechanism.SCRAM_SHA_1_PLUS,
            Mechanism.SCRAM_SHA_1,
            Mechanism.PLAIN,
            Mechanism.LOGIN);
  }

  @Test
  void aChangedFileIsTakenAtTheNextLogin() throws Exception {
    assertThat(accounts.password("anna", "garden")).isEmpty();
    write(Sample.anna());
    assertThat(accounts.password("anna", "garden")).isPresent();
    write(Sample.anna(), User.named("berta"));
    write(Sample.anna().disabled(true));
    assertThat(accounts.password("anna", "garden")).isEmpty();
  }

  @Test
  void aBrokenFileIsNotTakenAndWhatWasBeforeHolds() throws Exception {
    write(Sample.anna());
    assertThat(accounts.password("anna", "garden")).isPresent();
    disk.with("data/users", "usre berta\n");

    assertThat(accounts.password("anna", "garden")).isPresent();
    assertThat(accounts.problem().orElseThrow().toString())
        .startsWith("data/users:1: \"usre\" stands before any user");
    write(Sample.anna().disabled(true));
    assertThat(accounts.password("anna", "garden")).isEmpty();
    assertThat(accounts.problem()).isEmpty();
  }

  @Test
  void aFileThatOthersCanReadIsRefusedUntilItIsClosed() throws Exception {
    String text = UsersText.text(Sample.anna());
    disk.withReadable("data/users", text);

    assertThatThrownBy(() -> accounts.password("anna", "garden"))
        .isInstanceOf(UnavailableException.class)
        .hasMessage("data/users: the users file can be read by others; run: chmod 600 data/users");
    assertThat(accounts.mechanisms()).isNotEmpty();
    disk.replace(Sample.FILE, disk.read(Sample.FILE), true);
    assertThat(accounts.password("anna", "garden")).isPresent();
  }

  @Test
  void aFileThatDoesNotChangeIsReadOnce() throws Exception {
    write(Sample.anna());
    List<Path> reads = new ArrayList<>();
    var counting =
        new PassingDisk(disk) {
          @Override
          public byte[] read(Path file) throws IOException {
            reads.add(file);
            return super.read(file);
          }
        };
    var watched = new WatchedUsers(Sample.os(counting, time), () -> Sample.FILE);
    for (int i = 0; i < 10; i++) {
      assertThat(watched.now().all()).hasSize(1);
    }
    disk.with("data/users", "broken");
    for (int i = 0; i < 10; i++) {
      assertThat(watched.now().all()).hasSize(1);
    }
    assertThat(reads).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "zz", "00"})
  void aDamagedSecretIsMadeAnew(String content) throws Exception {
    disk.with("data/users.secret", content);
    assertThat(accounts.scram("berta", Hash.SHA_256).salt()).hasSize(16);
    assertThat(new String(disk.read(Path.of("data/users.secret")), StandardCharsets.US_ASCII))
        .hasSize(65);
    assertThat(disk.readableByOthers(Path.of("data/users.secret"))).isFalse();
  }

  @Test
  void aCertificateIsItsUsersAndOnlyUnderHisName() throws Exception {
    var pem = Files.readAllBytes(Path.of("src/test/resources/tls/relay.pem"));
    var certificate =
        (X509Certificate)
            CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem));
    var erp =
        new User("erp", List.of(), false, false, List.of(Fingerprint.of(certificate)), List.of());
    write(Sample.anna(), erp);
    var chain = List.of(certificate);

    assertThat(accounts.mechanisms()).contains(Mechanism.EXTERNAL);
    assertThat(accounts.certificate(chain, "")).contains(new Login("erp", ""));
    assertThat(accounts.certificate(chain, "ERP")).contains(new Login("erp", ""));
    assertThat(accounts.certificate(chain, "anna")).isEmpty();
    assertThat(accounts.certificate(List.of(), "erp")).isEmpty();
    assertThat(accounts.password("erp", "garden")).isEmpty();
    write(Sample.anna(), erp.disabled(true));
    assertThat(accounts.certificate(chain, "")).isEmpty();
  }
}
