package dev.poststation.sts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.sim.LonelyNetwork;
import dev.poststation.sim.MemoryDisk;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.sim.SimTime;
import dev.poststation.sim.ToyPolicySite;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// How policies are found, kept and fetched anew (RFC 8461 3.3, 5.1, 10.2), without threads.
class PoliciesTest {
  private static final int WEEK = 604_800;
  private static final Path DATA = Path.of("data");

  private final SimTime time = new SimTime();
  private final MemoryDisk disk = new MemoryDisk();
  private final ScriptedResolver resolver =
      new ScriptedResolver().text("_mta-sts.example.com", "v=STSv1; id=1;");
  private final ToyPolicySite site =
      new ToyPolicySite().publish("example.com", "enforce", WEEK, "mx.example.com");
  private Policies policies = start();

  /// Nothing goes on by itself.
  private static final class NoTasks implements Tasks {
    @Override
    public Thread virtual(String name, Runnable body) {
      return Thread.currentThread();
    }

    @Override
    public Thread platform(String name, Runnable body) {
      return Thread.currentThread();
    }
  }

  private Policies start() {
    var os = new Os(time, new LonelyNetwork(), new NoTasks(), new PickedChance(), disk);
    return Policies.keeping(resolver, site, os, DATA);
  }

  private void restart() {
    policies.close();
    policies = start();
  }

  private String of(String domain) {
    return switch (policies.of(domain)) {
      case Policies.Found.None(var why, _, _) -> why;
      case Policies.Found.Policy found -> found.id() + " " + found.policy().describe();
    };
  }

  private Policies.Found.Policy policy() {
    return (Policies.Found.Policy) policies.of("example.com");
  }

  private void changed(String id, String mx) {
    resolver.text("_mta-sts.example.com", "v=STSv1; id=" + id + ";");
    site.publish("example.com", "enforce", WEEK, mx);
  }

  @Test
  void aPolicyIsFetchedOnceAndHoldsAlsoInAnotherSpelling() {
    assertThat(of("example.com")).isEqualTo("1 enforce, mx mx.example.com");
    assertThat(of("Example.COM.")).isEqualTo("1 enforce, mx mx.example.com");
    time.advance(Duration.ofHours(20));
    assertThat(of("example.com")).isEqualTo("1 enforce, mx mx.example.com");
    assertThat(site.asked()).containsExactly("example.com");
    assertThat(policies.fetched()).isEqualTo(1);
  }

  @Test
  void withoutARecordNoSiteIsAsked() {
    assertThat(of("plain.example")).isEqualTo("plain.example has no MTA-STS policy");
    resolver.text("_mta-sts.two.example", "v=STSv1; id=1;", "v=STSv1; id=2;");
    assertThat(of("two.example")).contains("has not exactly one record v=STSv1");
    resolver.fail("_mta-sts.silent.example", "no server answers");
    assertThat(of("silent.example")).contains("is not known now: no server answers");
    assertThat(of("[192.0.2.1]")).contains("is no domain");
    assertThat(of("192.0.2.1")).contains("is no domain");
    assertThat(site.asked()).isEmpty();
  }

  @Test
  void anotherIdMeansAnotherPolicyAtOnce() {
    assertThat(of("example.com")).startsWith("1 ");
    changed("2", "new.example.com");
    assertThat(of("example.com")).isEqualTo("2 enforce, mx new.example.com");
  }

  @Test
  void aPolicyOutlivesItsRecordAndItsSiteUntilItsEnd() {
    assertThat(of("example.com")).startsWith("1 ");
    resolver.forget("_mta-sts.example.com");
    site.fails("nobody answers");
    time.advance(Duration.ofDays(6));
    policies.look();
    assertThat(of("example.com")).startsWith("1 ");
    assertThat(policy().problem()).contains("nobody answers");
    resolver.fail("_mta-sts.example.com", "no server answers");
    assertThat(of("example.com")).startsWith("1 ");
    time.advance(Duration.ofDays(1));
    assertThat(of("example.com")).contains("is not known now");
    policies.look();
    assertThat(policies.all()).isEmpty();
  }

  @Test
  void anotherIdWhoseFetchFailsLeavesTheOldOneInForceAndTheSiteInPeace() {
    assertThat(of("example.com")).startsWith("1 ");
    changed("2", "new.example.com");
    site.fails("https://mta-sts.example.com: it takes no connection");
    for (int i = 0; i < 3; i++) {
      assertThat(of("example.com")).isEqualTo("1 enforce, mx mx.example.com");
    }
    assertThat(site.asked()).hasSize(2);
    assertThat(policy().problem()).contains("takes no connection");
    site.fails("");
    assertThat(of("example.com")).startsWith("1 ");
    time.advance(Policies.PAUSE);
    assertThat(of("example.com")).isEqualTo("2 enforce, mx new.example.com");
    assertThat(policy().problem()).isEmpty();
    assertThat(policies.failed()).isEqualTo(1);
  }

  @Test
  void withoutAPolicyAFailingSiteIsAskedAgainLaterOrForAnotherId() {
    site.fails("https://mta-sts.example.com answers 503");
    assertThat(of("example.com"))
        .isEqualTo(
            "the MTA-STS policy of example.com cannot be had:"
                + " https://mta-sts.example.com answers 503");
    site.fails("");
    assertThat(of("example.com")).contains("answers 503");
    resolver.text("_mta-sts.example.com", "v=STSv1; id=2;");
    assertThat(of("example.com")).startsWith("2 ");
  }

  @Test
  void whatIsNoPolicyIsNone() {
    site.text("example.com", "version: STSv1\nmode: enforce\nmax_age: 1\n");
    assertThat(of("example.com")).endsWith("cannot be had: it names no mx");
    assertThat(policies.failed()).isEqualTo(1);
  }

  @Test
  void aPolicyIsFetchedAnewEveryDayAndThenLastsLonger() {
    var first = policy().until();
    time.advance(Duration.ofHours(23));
    policies.look();
    assertThat(site.asked()).hasSize(1);
    time.advance(Duration.ofHours(1));
    policies.look();
    assertThat(site.asked()).hasSize(2);
    assertThat(policy().until()).isEqualTo(first.plus(Duration.ofDays(1)));
  }

  @Test
  void whoeverHidesTheRecordDoesNotMakeAnEndOfAPolicyThatItsSiteStillGives() {
    var first = policy().until();
    resolver.forget("_mta-sts.example.com");
    time.advance(Duration.ofDays(1));
    policies.look();
    assertThat(policy().until()).isEqualTo(first.plus(Duration.ofDays(1)));
    assertThat(policy().id()).isEqualTo("1");
  }

  @Test
  void aShortPolicyIsFetchedAnewBeforeItsEnd() {
    site.publish("example.com", "enforce", 7200, "mx.example.com");
    assertThat(of("example.com")).startsWith("1 ");
    time.advance(Duration.ofHours(1));
    policies.look();
    assertThat(site.asked()).hasSize(2);
  }

  @Test
  void whatNobodyUsesIsNotFetchedForEver() {
    site.publish("example.com", "enforce", 90 * 86_400, "mx.example.com");
    assertThat(of("example.com")).startsWith("1 ");
    time.advance(Duration.ofDays(31));
    policies.look();
    assertThat(site.asked()).hasSize(1);
    assertThat(of("example.com")).startsWith("1 ");
    policies.look();
    assertThat(site.asked()).hasSize(2);
  }

  @Test
  void aPolicyOutlivesARestart() {
    site.publish("example.com", "testing", WEEK, "mx.example.com", "*.example.net");
    var before = policy();
    restart();
    site.fails("nobody answers");
    resolver.forget("_mta-sts.example.com");
    assertThat(policy()).isEqualTo(before);
    assertThat(site.asked()).hasSize(1);
    time.advance(Duration.ofDays(7));
    restart();
    assertThat(of("example.com")).isEqualTo("example.com has no MTA-STS policy");
  }

  @Test
  void commandsBesideTheRelaySeeWhatItKeepsAndWriteNothing() throws Exception {
    assertThat(of("example.com")).startsWith("1 ");
    policies.close();
    byte[] written = disk.read(DATA.resolve("mta-sts.policies"));
    changed("2", "new.example.com");
    var os = new Os(time, new LonelyNetwork(), new NoTasks(), new PickedChance(), disk);
    policies = Policies.reading(resolver, site, os, DATA);
    assertThat(policies.all()).hasSize(1);
    assertThat(of("example.com")).startsWith("2 ");
    policies.close();
    assertThat(disk.read(DATA.resolve("mta-sts.policies"))).isEqualTo(written);
  }

  @Test
  void damagedLinesAreLeftOut() {
    policies.close();
    disk.with(
        "data/mta-sts.policies",
        "good.example a enforce 2026-11-24T04:00:00Z 604800 2026-11-24T04:00:00Z mx.good.example\n"
            + "bad.example a enforce 2026-11-24T04:00:00Z 604800 2026-11-24T04:00:00Z\n"
            + "bad.example a often 2026-11-24T04:00:00Z 604800 2026-11-24T04:00:00Z"
            + " mx.good.example\n"
            + "bad.example a enforce yesterday 604800 2026-11-24T04:00:00Z mx.good.example\n");
    policies = start();
    assertThat(policies.all())
        .extracting(Policies.Found.Policy::domain)
        .containsExactly("good.example");
    policies.close();
    assertThat(new String(read(), StandardCharsets.UTF_8)).startsWith("good.example ");
  }

  private byte[] read() {
    try {
      return disk.read(DATA.resolve("mta-sts.policies"));
    } catch (java.io.IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void whoeverPublishesManyDoesNotMakeUsForgetTheOneOfAnother() {
    assertThat(of("example.com")).startsWith("1 ");
    time.advance(Duration.ofHours(2));
    for (int i = 0; i < 5_100; i++) {
      String domain = "d" + i + ".example";
      resolver.text("_mta-sts." + domain, "v=STSv1; id=1;");
      site.publish(domain, "testing", WEEK, "mx.example.com");
      assertThat(of(domain)).startsWith("1 ");
    }
    assertThat(policies.all())
        .hasSize(5_000)
        .extracting(Policies.Found.Policy::domain)
        .contains("example.com");
  }

  @Test
  void theNumberOfPoliciesIsBounded() {
    IntStream.range(0, 5_100)
        .forEach(
            i -> {
              String domain = "d" + i + ".example";
              resolver.text("_mta-sts." + domain, "v=STSv1; id=1;");
              site.publish(domain, "enforce", WEEK, "mx.example.com");
              assertThat(of(domain)).startsWith("1 ");
            });
    assertThat(policies.all()).hasSize(5_000);
  }

  /// Each may have 64 KB, and memory is not for that.
  @Test
  void theSizeOfAllPoliciesTogetherIsBounded() {
    assertThat(of("example.com")).startsWith("1 ");
    time.advance(Duration.ofHours(2));
    String[] long500 =
        IntStream.range(0, 500)
            .mapToObj(
                i -> "m" + i + "." + "label0123456789012345678901234567890.".repeat(3) + "test")
            .toArray(String[]::new);
    for (int i = 0; i < 400; i++) {
      String domain = "d" + i + ".example";
      resolver.text("_mta-sts." + domain, "v=STSv1; id=1;");
      site.publish(domain, i < 350 ? "testing" : "enforce", WEEK, long500);
      assertThat(of(domain)).startsWith("1 ");
    }
    assertThat(policies.all())
        .hasSizeBetween(50, 150)
        .extracting(Policies.Found.Policy::domain)
        .contains("example.com", "d399.example")
        .doesNotContain("d0.example");
    restart();
    assertThat(policies.all()).hasSizeBetween(50, 150);
  }
}
