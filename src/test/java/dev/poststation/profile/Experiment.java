package dev.poststation.profile;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/// The impostor experiment: how many impostors are noticed within three mails, and how many genuine
/// mails are reported. `make profiles` prints it.
final class Experiment {
  private static final Instant BEGIN = Instant.parse("2026-03-02T08:00:00Z");
  private static final int MAILS = 100;
  private static final int EARLY = 20;
  private static final int IMPOSTOR_MAILS = 3;

  /// An administrator looks after so many reports of a device, and accepts.
  private static final int ACCEPTED_AFTER = 3;

  /// Of one kind.
  static final class Tally {
    int of;
    int noticed;

    void count(boolean yes) {
      of++;
      noticed += yes ? 1 : 0;
    }

    double percent() {
      return of == 0 ? 0 : 100.0 * noticed / of;
    }
  }

  final Map<String, Tally> impostors = new LinkedHashMap<>();
  final Map<String, Tally> impostorsByDevice = new LinkedHashMap<>();
  final Map<String, Tally> genuine = new LinkedHashMap<>();
  final Tally allImpostors = new Tally();
  final Tally allGenuine = new Tally();

  /// Runs it over so many devices of each kind.
  static Experiment run(long seed, int ofEachKind) {
    var experiment = new Experiment();
    for (int i = 0; i < ofEachKind; i++) {
      int number = 0;
      for (var member : Fleet.all(seed + 1_000_000L * i)) {
        experiment.follow(member, new Random(seed + 100L * i + number++));
      }
    }
    return experiment;
  }

  private void follow(Fleet.Member member, Random dice) {
    var profile = new Profile(new Profiles.Key("lan", member.kind()), BEGIN);
    var tally = genuine.computeIfAbsent(member.kind(), _ -> new Tally());
    Instant when = BEGIN;
    int reported = 0;
    for (int number = 0; number < MAILS; number++) {
      when = member.hours().after(when, dice);
      if (number == EARLY) {
        attack(profile, member, when, number, dice);
      }
      var seen = member.mail(when, dice, number);
      var assessment = profile.judge(seen);
      if (number >= Profile.ENOUGH) {
        tally.count(assessment.deviates());
        allGenuine.count(assessment.deviates());
      }
      if (!assessment.deviates()) {
        profile.learn(seen);
      } else {
        profile.deviated(seen, assessment, false);
        if (++reported % ACCEPTED_AFTER == 0) {
          profile.accept();
        }
      }
    }
    attack(profile, member, when, MAILS, dice);
  }

  private void attack(Profile profile, Fleet.Member member, Instant when, int number, Random dice) {
    String line = ProfileText.write(profile).toString();
    for (var impostor : Impostors.ALL) {
      var victim = ProfileText.read(line).orElseThrow();
      Instant now = when;
      boolean noticed = false;
      for (int i = 0; i < IMPOSTOR_MAILS; i++) {
        now = now.plusSeconds(dice.nextInt(20, 4000));
        var seen = impostor.mail(new Draft(now, dice), member, number + i);
        var assessment = victim.judge(seen);
        noticed |= assessment.deviates();
        if (!assessment.deviates()) {
          victim.learn(seen);
        }
      }
      impostors.computeIfAbsent(impostor.kind(), _ -> new Tally()).count(noticed);
      impostorsByDevice.computeIfAbsent(member.kind(), _ -> new Tally()).count(noticed);
      allImpostors.count(noticed);
    }
  }

  /// Whether it is as good as it has to be.
  boolean good() {
    return allImpostors.percent() >= 95 && allGenuine.percent() <= 1;
  }

  /// As a table.
  String table() {
    var out = new StringBuilder();
    out.append("IMPOSTORS                                          NOTICED WITHIN 3 MAILS\n");
    impostors.forEach((kind, tally) -> row(out, kind, tally));
    row(out, "all", allImpostors);
    out.append(
        "\nGENUINE DEVICES                   IMPOSTORS NOTICED       GENUINE MAILS REPORTED\n");
    genuine.forEach(
        (kind, tally) -> {
          var taken = impostorsByDevice.get(kind);
          out.append(
              "%-34s%5d of %5d %6.2f %%   %5d of %6d %6.2f %%%n"
                  .formatted(
                      kind,
                      taken.noticed,
                      taken.of,
                      taken.percent(),
                      tally.noticed,
                      tally.of,
                      tally.percent()));
        });
    out.append(
        "%-34s%5d of %5d %6.2f %%   %5d of %6d %6.2f %%%n"
            .formatted(
                "all",
                allImpostors.noticed,
                allImpostors.of,
                allImpostors.percent(),
                allGenuine.noticed,
                allGenuine.of,
                allGenuine.percent()));
    return out.toString();
  }

  private static void row(StringBuilder out, String kind, Tally tally) {
    out.append(
        "%-50s%5d of %5d %6.2f %%%n".formatted(kind, tally.noticed, tally.of, tally.percent()));
  }

  /// Prints it.
  ///
  /// @param args how many devices of each kind, and a seed; or nothing
  public static void main(String[] args) {
    int ofEachKind = args.length > 0 ? Integer.parseInt(args[0]) : 25;
    long seed = args.length > 1 ? Long.parseLong(args[1]) : 20_261_130;
    var experiment = run(seed, ofEachKind);
    System.out.print(experiment.table());
    System.exit(experiment.good() ? 0 : 1);
  }
}
