package dev.poststation.profile;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/// What is learned of a device, and what is said of one that is not itself.
class ProfileTest {
  private static final Instant MONDAY = Instant.parse("2026-11-02T09:00:00Z");

  private final Profile profile = new Profile(new Profiles.Key("printers", "10.0.0.5"), MONDAY);
  private Instant when = MONDAY;
  private final Random dice = new Random(7);

  private Draft mail() {
    when = when.plus(Duration.ofMinutes(70));
    var mail = new Draft(when, dice);
    mail.hello = "printer";
    mail.sender = "scan@example.com";
    mail.mailer = "HP LaserJet (firmware 20230411)";
    mail.type = "multipart/mixed; boundary=\"--=_Next" + mail.digits(8) + "\"";
    mail.octets = 300_000;
    return mail;
  }

  private void learn(int mails) {
    for (int i = 0; i < mails; i++) {
      profile.learn(mail().observed());
    }
  }

  private Draft notebook() {
    var mail = mail();
    mail.hello = "[10.0.0.5]";
    mail.mailer = "Mozilla Thunderbird";
    mail.tls = "t13d1714_5b57614c22b0_3d5424432f57";
    return mail;
  }

  @Test
  void nothingIsJudgedBeforeFiveMails() {
    learn(4);
    assertThat(profile.judge(notebook().observed())).isEqualTo(Assessment.NOTHING);
    learn(1);
    assertThat(profile.judge(notebook().observed()).deviates()).isTrue();
  }

  @Test
  void whatIsNewIsSaidInPlainWords() {
    learn(8);
    var found = profile.judge(notebook().observed());
    assertThat(found.score()).isEqualTo(75);
    assertThat(found.reasons())
        .containsExactlyInAnyOrder(
            "it has always said \"HP LaserJet (firmware 0)\" (X-Mailer), and now says \"Mozilla"
                + " Thunderbird\"",
            "the EHLO name was \"printer\", and now is \"[address]\"",
            "it has never used TLS, and now it does");
  }

  @Test
  void anotherHardwareAddressIsEnough() {
    for (int i = 0; i < 5; i++) {
      var mail = mail();
      mail.hardware = "00:11:22:33:44:55";
      profile.learn(mail.observed());
    }
    var mail = mail();
    mail.hardware = "d4:5d:64:00:11:22";
    assertThat(profile.judge(mail.observed()).score()).isEqualTo(50);
    mail.hardware = null; // The kernel has forgotten it.
    assertThat(profile.judge(mail.observed())).isEqualTo(Assessment.NOTHING);
  }

  @Test
  void whatChangesWithEachMailCountsNothing() {
    for (int i = 0; i < 10; i++) {
      var mail = mail();
      mail.messageId = "<" + "abcdefghij".charAt(i) + "zzz." + i + "@h>";
      mail.names = List.of("From", "X-Count-" + (char) ('a' + i), "To");
      profile.learn(mail.observed());
    }
    var mail = mail();
    mail.names = List.of("Subject", "To", "Date");
    assertThat(profile.judge(mail.observed()).deviates()).isFalse();
  }

  @Test
  void whatPeopleDoWithADeviceIsNeverEnough() {
    learn(20);
    var mail = mail();
    mail.sender = "somebody@example.com";
    mail.domains = Set.of("elsewhere.example");
    mail.recipients = 90;
    mail.octets = 25_000_000;
    var found =
        profile.judge(
            new Observation(
                when.plus(Duration.ofHours(12)), // At night.
                mail.observed().values()));
    assertThat(found.score()).isEqualTo(25);
    assertThat(found.deviates()).isFalse();
  }

  @Test
  void anImpostorDoesNotBecomeUsual() {
    learn(10);
    for (int i = 0; i < 50; i++) {
      var seen = notebook().observed();
      var found = profile.judge(seen);
      assertThat(found.deviates()).isTrue();
      profile.deviated(seen, found, false);
    }
    assertThat(profile.pending).hasSize(1);
  }

  @Test
  void whatWasAcceptedIsUsualAndSoIsWhatWas() {
    learn(10);
    var seen = notebook().observed();
    profile.deviated(seen, profile.judge(seen), true);
    assertThat(profile.steppedUp()).isTrue();
    profile.accept();
    assertThat(profile.steppedUp()).isFalse();
    assertThat(profile.deviations).isZero();
    learn(5);
    assertThat(profile.judge(notebook().observed()).deviates()).isFalse();
    assertThat(profile.judge(mail().observed()).deviates()).isFalse();
    var other = mail();
    other.hello = "other";
    other.mailer = "swaks";
    other.names = List.of("Date", "To", "From");
    assertThat(profile.judge(other.observed()).deviates()).isTrue();
  }

  @Test
  void itIsNotItselfForADay() {
    learn(10);
    var seen = notebook().observed();
    profile.deviated(seen, profile.judge(seen), false);
    assertThat(profile.deviates(seen.when().plus(Duration.ofHours(23)))).isTrue();
    assertThat(profile.deviates(seen.when().plus(Duration.ofHours(25)))).isFalse();
    assertThat(profile.hasDeviated()).isTrue();
  }

  @Test
  void whatIsWrittenIsReadBack() {
    learn(10);
    var seen = notebook().observed();
    profile.deviated(seen, profile.judge(seen), true);
    String line = ProfileText.write(profile).toString();
    var read = ProfileText.read(line).orElseThrow();
    assertThat(ProfileText.write(read).toString()).isEqualTo(line);
    assertThat(read.judge(seen)).isEqualTo(profile.judge(seen));
    assertThat(ProfileText.read("{\"client\":\"x\"}")).isEmpty();
    assertThat(ProfileText.read("{")).isEmpty();
  }

  @Test
  void aProfileIsBounded() {
    for (int i = 0; i < 3000; i++) {
      var mail = mail();
      mail.hello = mail.letters("ghijklmnopqrstuvwxyz", 200);
      mail.sender = mail.letters("ghijklmnopqrstuvwxyz", 200);
      mail.mailer = mail.letters("ghijklmnopqrstuvwxyz", 400);
      mail.messageId = mail.letters("<>@.-_$+ghijk", 600);
      mail.type = "multipart/mixed; boundary=\"" + mail.letters("-_=ghijk", 600) + "\"";
      mail.names = IntStream.range(0, 40).mapToObj(_ -> mail.letters("GHIJKghijk", 30)).toList();
      mail.domains = Set.of(mail.letters("ghijklmnopqrstuvwxyz", 200));
      profile.learn(mail.observed());
    }
    assertThat(ProfileText.write(profile).toString().length()).isLessThan(16_000);
  }

  /// Firmware, people, ids, days and hours of work, and how busy the network is.
  @Property(tries = 200)
  void whatVariesFromDayToDayDoesNotTrip(
      @ForAll long seed, @ForAll @IntRange(min = 5, max = 60) int learned) {
    var printer = new Profile(new Profiles.Key("printers", "10.0.0.5"), MONDAY);
    var random = new Random(seed);
    Instant at = MONDAY;
    for (int i = 0; i < learned + 40; i++) {
      at = Fleet.Hours.OFFICE.after(at, random);
      var mail = new Draft(at, random);
      mail.hello = "NPI0A1B2C";
      mail.untilHello = random.nextInt(20, 70);
      mail.sender = "scan" + random.nextInt(5) + "@example.com";
      mail.domains = Set.of("example.com", "d" + random.nextInt(20) + ".example");
      mail.recipients = random.nextInt(1, 6);
      mail.octets = mail.between(20_000, 9_000_000);
      mail.mailer =
          "HP LaserJet MFP M527 (fw "
              + random.nextInt(2020, 2027)
              + "-"
              + mail.one("Jan", "Sep")
              + "-1"
              + random.nextInt(10)
              + ", build "
              + mail.hex(3)
              + random.nextInt(10)
              + ")";
      mail.messageId = "<" + mail.stamp() + "." + mail.digits(6) + "@npi0a1b2c>";
      mail.type = "multipart/mixed; boundary=\"b1_" + mail.hex(32) + "\"";
      var seen = mail.observed();
      if (i >= learned) {
        assertThat(printer.judge(seen)).matches(found -> !found.deviates());
      }
      printer.learn(seen);
    }
  }
}
