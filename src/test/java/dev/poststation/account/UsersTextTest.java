package dev.poststation.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Problem;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The text of the users file: what it means, and what is said of mistakes in it.
class UsersTextTest {
  private static final String KEYS = Sample.password("main", "garden").sha256().text();

  private static final String WHOLE =
      """
      # Two users.
      user anna
        own anna@example.com @sales.example.com
        password main main created=2026-11-29T19:40:11Z %s

      user Scanner-3
        disabled
        cram-md5
        certificate sha256:%s
      """
          .formatted(KEYS, "ab".repeat(32));

  private static UsersText.Read read(String text) {
    return UsersText.read(text, Sample.FILE);
  }

  private static String problems(String text) {
    return read(text).problems().stream().map(Problem::toString).collect(Collectors.joining("\n"));
  }

  @Test
  void eachLineSaysOneThingOfTheUserAboveIt() {
    var users = read(WHOLE).users();

    var anna = users.find("ANNA").orElseThrow();
    assertThat(anna.name()).isEqualTo("anna");
    assertThat(anna.own()).containsExactly("anna@example.com", "@sales.example.com");
    assertThat(anna.passwords()).hasSize(1);
    assertThat(anna.passwords().getFirst().kind()).isEqualTo(Password.Kind.MAIN);
    assertThat(anna.passwords().getFirst().created())
        .isEqualTo(Instant.parse("2026-11-29T19:40:11Z"));
    var scanner = users.find("scanner-3").orElseThrow();
    assertThat(scanner.disabled()).isTrue();
    assertThat(scanner.cramMd5()).isTrue();
    assertThat(scanner.certificates()).containsExactly("sha256:" + "ab".repeat(32));
  }

  @Test
  void whatIsWrittenIsReadAsTheSame() {
    var old =
        Sample.password("old", "hedge").until("main-old", Instant.parse("2026-12-24T00:00:00Z"));
    var clear =
        new Password(
            "scanner",
            Password.Kind.APPLICATION,
            Sample.CREATED,
            null,
            Sample.password("x", "pond").sha256(),
            null,
            "pönd");
    var user =
        new User(
            "anna",
            List.of("anna@example.com"),
            true,
            true,
            List.of("sha256:" + "0f".repeat(32)),
            List.of(Sample.password("main", "garden"), old, clear));

    assertThat(read(UsersText.text(user)).users().all()).containsExactly(user);
  }

  @Test
  void windowsLineEndsMakeNoDifference() {
    assertThat(read(WHOLE.replace("\n", "\r\n")).users().all())
        .containsExactlyElementsOf(read(WHOLE).users().all());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "own a@b.example        | users:1: \"own\" stands before any user; begin with a line user",
        "user                   | users:1: a user has one name without blanks; write user NAME",
        "user a b               | users:1: a user has one name without blanks",
        "user a*b               | users:1: \"a*b\" is no name of a user; use letters, digits and",
        "user a~ownn x          | users:2: \"ownn\" is nothing that a user has; a line begins with",
        "user a~own             | users:2: own names no address; write own user@example.com",
        "user a~own example.com | users:2: \"example.com\" is no address; write user@example.com",
        "user a~disabled yes    | users:2: nothing may stand behind disabled; remove it",
        "user a~certificate x   | users:2: \"x\" is no fingerprint; write sha256: and what openssl",
        "user a~password        | users:2: \"\" is no label of a password; write password LABEL",
        "user a~password m main | users:2: password m says not when it was set; write created=",
        "user a~password m KEYS | users:2: password m says not what it is; write main or",
        "user a~password m created=soon   | users:2: \"soon\" is no time; write it in UTC, as in",
        "user a~password m geheim         | users:2: password m: a word is nothing that a password",
        "user a~password m SCRAM-SHA-256$ | users:2: the keys of a password are damaged; let",
        "user a~password m CRAM-MD5$%     | users:2: the secret of CRAM-MD5 is damaged; let",
        "user anna~~user Anna             | users:3: user Anna is there already, in line 1; make",
      })
  void eachMistakeIsToldWithItsLineAndTheRemedy(String text, String told) {
    assertThat(problems(text.replace('~', '\n').replace("KEYS", KEYS)))
        .contains(told)
        .doesNotContain("geheim");
  }

  @Test
  void allMistakesAreToldAtOnceAndOfVeryManyTheFirstOnes() {
    assertThat(read("user a\n  on\n  off\nuser b\n  on\n").problems()).hasSize(3);
    assertThat(read("user a\n" + "  on\n".repeat(1000)).problems()).hasSize(20);
  }

  @Test
  void passwordsOfOneUserMustHaveTheSameSalt() {
    var other = Sample.password("b", "hedge", new byte[] {1, 2, 3, 4});
    var user = User.named("anna").withPasswords(List.of(Sample.password("a", "garden"), other));

    assertThat(problems(UsersText.text(user)))
        .contains("users:1: the passwords of anna have different salts or iterations; set those");
  }

  @Test
  void twoPasswordsMustNotHaveTheSameLabelNorTwoUsersTheSameCertificate() {
    var user = User.named("anna").withPasswords(List.of(Sample.password("a", "garden")));
    String line = UsersText.text(user).lines().toList().get(1) + "\n";
    assertThat(problems(UsersText.text(user) + line)).contains("users:3: anna has two passwords");
    String print = "certificate sha256:" + "ab".repeat(32) + "\n";
    assertThat(problems("user a\n" + print + "user b\n" + print))
        .contains("users:4: this certificate belongs to a already; remove it from one of them");
  }

  @Property(tries = 2000)
  void anyTextGivesUsersOrProblemsWithLineAndRemedy(@ForAll("texts") String text) {
    var read = read(text);

    for (var problem : read.problems()) {
      assertThat(problem.origin().line()).isBetween(1, text.split("\n", -1).length);
      assertThat(problem.message()).isNotBlank().doesNotContain("\n");
      assertThat(problem.remedy()).isNotBlank();
    }
    assertThat(read.problems().isEmpty() || read.users().all().isEmpty()).isTrue();
  }

  @Provide
  Arbitrary<String> texts() {
    List<String> words =
        List.of(
            "user",
            "own",
            "disabled",
            "cram-md5",
            "certificate",
            "password",
            "anna",
            "a@b.c",
            "main",
            "application",
            "created=2026-11-29T19:40:11Z",
            "expires=",
            "expires=+999999999-12-31",
            KEYS,
            KEYS.substring(3),
            "CRAM-MD5$eA==",
            "sha256:",
            "sha256:" + "ab".repeat(32),
            "#",
            "");
    var word =
        Arbitraries.oneOf(
            Arbitraries.of(words), Arbitraries.of(words), Arbitraries.strings().ofMaxLength(8));
    return word.list()
        .ofMaxSize(6)
        .map(line -> String.join(" ", line))
        .list()
        .ofMaxSize(12)
        .map(lines -> String.join("\n", lines));
  }

  @Property(tries = 500)
  void aDamagedFileGivesUsersOrProblems(@ForAll long seed) {
    var random = new Random(seed);
    var text = new StringBuilder(WHOLE);
    for (int i = random.nextInt(5); i >= 0; i--) {
      int at = random.nextInt(text.length());
      if (random.nextBoolean()) {
        text.deleteCharAt(at);
      } else {
        text.insert(at, (char) random.nextInt(0x10000));
      }
    }
    var read = read(text.toString());
    assertThat(read.problems()).allMatch(problem -> problem.origin().line() > 0);
  }

  @Test
  void aHundredThousandUsersAreReadQuickly() {
    String password =
        UsersText.text(Sample.anna()).lines().skip(1).collect(Collectors.joining("\n"));
    String text =
        IntStream.range(0, 100_000)
            .mapToObj(i -> "user u" + i + "\n" + password + "\n")
            .collect(Collectors.joining());
    long[] times = new long[3];
    for (int i = 0; i < times.length; i++) {
      long begin = System.nanoTime();
      assertThat(read(text).users().all()).hasSize(100_000);
      times[i] = System.nanoTime() - begin;
    }
    // A second and less where nothing else runs; here it must only not be out of all proportion.
    assertThat(Arrays.stream(times).min().orElseThrow()).isLessThan(20_000_000_000L);
  }
}
