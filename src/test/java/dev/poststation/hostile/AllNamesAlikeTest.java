package dev.poststation.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.sasl.ScramClient;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sim.MemoryAccounts;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Worlds that differ only in what `anna` is: nobody, a user, one who comes and goes. Somebody who
/// does not know her password does the same in each of them, also from the address where she is at
/// home. He must be told the same, after the same time, in the same steps.
class AllNamesAlikeTest {
  private static final String HOME = "198.51.100.7";
  private static final String PASSWORD = "correct horse";

  /// Time enough to be answered twice as late as can be.
  private static final Duration LIFE = Duration.ofSeconds(20);

  /// Places from where he tries; behind the first there are users.
  private static final List<String> PLACES =
      List.of(HOME, HOME, HOME, "203.0.113.9", "203.0.113.10", "2001:db8::1", "2001:db8::2");

  private static final List<String> NAMES =
      List.of("anna", "anna", "anna", "Anna", "nobody", "bert", "dora", "anna@example.com");

  private enum Anna {
    NOBODY,
    NEVER_HERE,
    DISABLED,
    AT_HOME,
    /// Comes, changes her passwords, leaves, is back.
    COMES_AND_GOES
  }

  private enum Way {
    PLAIN,
    LOGIN,
    CRAM,
    SCRAM,
    SCRAM_CANCELLED
  }

  /// One password of one session.
  private record Try(String name, Way way, String password) {}

  /// One session, or one from each of many places, and what comes after it.
  ///
  /// @param life what she does meanwhile, if she is there: nothing, log in, or mistype and log in
  private record Slot(List<String> from, List<Try> tries, int life, Duration pause) {}

  /// What happened in one world.
  private record Told(List<String> heard, int spared, List<String> blocks) {}

  private static List<Slot> plan(long seed, int slots) {
    var random = new Random(seed);
    List<Slot> plan = new ArrayList<>();
    for (int i = 0; i < slots; i++) {
      if (i % 20 == 10) {
        plan.add(swarm(i % 40 == 10 ? "anna" : "nobody", random.nextInt(4)));
        continue;
      }
      List<Try> tries = new ArrayList<>();
      int many = 1 + random.nextInt(4);
      String name = NAMES.get(random.nextInt(NAMES.size()));
      for (int j = 0; j < many; j++) {
        name = random.nextInt(4) == 0 ? NAMES.get(random.nextInt(NAMES.size())) : name;
        var way = Way.values()[random.nextInt(Way.values().length)];
        tries.add(new Try(name, way, "guess " + random.nextInt(3)));
      }
      if (random.nextInt(6) == 0) {
        tries.add(new Try("mallory", Way.values()[random.nextInt(4)], PASSWORD));
      }
      var pause = random.nextInt(12) == 0 ? Duration.ofMinutes(random.nextInt(12)) : Duration.ZERO;
      var from = List.of(PLACES.get(random.nextInt(PLACES.size())));
      plan.add(new Slot(from, tries, random.nextInt(4), pause));
    }
    return plan;
  }

  /// Forty guesses of one name.
  private static Slot swarm(String name, int life) {
    List<String> from = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      from.add("192.0.2." + i);
    }
    var tries = List.of(new Try(name, Way.PLAIN, "1"), new Try(name, Way.LOGIN, "2"));
    return new Slot(from, tries, life, Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(longs = 1)
  void whoDoesNotKnowHerPasswordFindsNothingOutAboutHer(long seed) {
    compare(seed, 40);
  }

  @Tag("slow")
  @Test
  void norDoesHeInALongTrial() {
    compare(100, 80);
  }

  private static void compare(long seed, int slots) {
    var plan = plan(seed, slots);
    var expected = run(Anna.NOBODY, plan);
    assertThat(expected.heard.toString()).contains("235 ", "454 ", "535 ", "421 ", "334 ");
    assertThat(expected.blocks)
        .as("users at an address, users everywhere, and addresses are blocked")
        .anyMatch(block -> block.contains("user=") && block.contains("address="))
        .anyMatch(block -> block.contains("user=") && !block.contains("address="))
        .anyMatch(block -> !block.contains("user="));
    for (var anna : Anna.values()) {
      var told = run(anna, plan);
      assertThat(told.heard).as(seed + " " + anna).isEqualTo(expected.heard);
      if (anna == Anna.AT_HOME) {
        assertThat(told.spared).as("she logs in while there is a block").isPositive();
      }
    }
  }

  private static Told run(Anna anna, List<Slot> plan) {
    try (var relay =
        new WholeRelay(
            """
            clients = [ { name = staff, users = ["*"] } ]
            limits { auth-failures = 4 }
            users { block-after = 4, block-for = "5 minutes", iterations = 4096 }
            """)) {
      for (String other : List.of("bert", "dora", "mallory")) {
        relay.password("user add " + other + " --cram-md5", PASSWORD);
      }
      if (anna != Anna.NOBODY && anna != Anna.COMES_AND_GOES) {
        relay.password("user add anna --cram-md5", PASSWORD);
      }
      relay.start();
      assertThat(relay.login(HOME, "bert", PASSWORD)).startsWith("235 ");
      if (anna == Anna.DISABLED || anna == Anna.AT_HOME) {
        assertThat(relay.login(HOME, "anna", PASSWORD)).startsWith("235 ");
      }
      if (anna == Anna.DISABLED) {
        relay.command("user disable anna");
      }
      return new Attack(relay, anna).run(plan);
    }
  }

  /// Goes through a plan in one world.
  private static final class Attack {
    private final WholeRelay relay;
    private final Anna anna;
    private final List<String> heard = new ArrayList<>();
    private final Map<String, String> salts = new HashMap<>();
    private int spared;
    private int changes;

    Attack(WholeRelay relay, Anna anna) {
      this.relay = relay;
      this.anna = anna;
    }

    Told run(List<Slot> plan) {
      for (var slot : plan) {
        for (String from : slot.from) {
          session(from, slot.tries);
        }
        long at = relay.time.nanos(); // The same in all worlds, if he is told the same.
        if (anna == Anna.AT_HOME) {
          live(slot.life);
        }
        if (anna == Anna.COMES_AND_GOES) {
          change(changes++ % 8);
        }
        passUntil(at + LIFE.plus(slot.pause).toNanos());
      }
      return new Told(heard, spared, relay.log("event=block"));
    }

    private void passUntil(long nanos) {
      assertThat(relay.time.nanos()).as("she has time enough").isLessThanOrEqualTo(nanos);
      relay.pass(Duration.ofNanos(nanos - relay.time.nanos()));
    }

    /// She logs in at home, if she can: what she tries in vain may be seen, as what anybody does.
    private void live(int what) {
      var guard = relay.relay().guard();
      var home = World.address(HOME);
      if (what == 0 || guard.blocked(home, "anna").isPresent()) {
        return;
      }
      boolean blocked = guard.blocked(home, "nobody").isPresent();
      boolean mistypes =
          what == 1
              && guard.blocks().isEmpty()
              && guard.delay(guard.passage(home, "anna")).isZero();
      try (var client = relay.secure(HOME)) {
        if (mistypes) {
          assertThat(client.cram("anna", "of yesterday")).startsWith("535 ");
        }
        assertThat(client.plain("anna", PASSWORD)).startsWith("235 ");
        spared += blocked ? 1 : 0;
      }
    }

    private void change(int what) {
      switch (what) {
        case 0 -> relay.password("user add anna --cram-md5", PASSWORD);
        case 1 -> relay.password("user password anna", PASSWORD + "2");
        case 2 -> relay.password("user password anna --label fax --application", PASSWORD + "3");
        case 3 -> relay.command("user password anna --revoke main");
        case 4 -> relay.command("user password anna --revoke fax");
        case 5 -> relay.password("user password anna", PASSWORD);
        case 6 -> relay.command("user disable anna");
        default -> relay.command("user delete anna");
      }
    }

    private void session(String from, List<Try> tries) {
      try (var client = relay.call(from)) {
        note(client, client.hear());
        if (!ask(client, "EHLO client.example").startsWith("250 ")) {
          return;
        }
        ask(client, "STARTTLS");
        client.secure();
        ask(client, "EHLO client.example");
        for (var each : tries) {
          heard.add(each.toString());
          String answer = attempt(client, each);
          if (!answer.matches("(454|535|501) .*")) {
            return;
          }
        }
      }
    }

    private String attempt(WholeRelay.Client client, Try one) {
      String plain = "\0" + one.name + "\0" + one.password;
      return switch (one.way) {
        case PLAIN -> ask(client, "AUTH PLAIN " + MemoryAccounts.base64(plain));
        case LOGIN ->
            ask(client, "AUTH LOGIN", MemoryAccounts.base64(one.name), base64(one.password));
        case CRAM -> {
          String challenge = ask(client, "AUTH CRAM-MD5");
          yield challenge.startsWith("334 ")
              ? ask(client, base64(one.name + " " + digest(one.password, text(challenge))))
              : challenge;
        }
        case SCRAM, SCRAM_CANCELLED -> scram(client, one);
      };
    }

    private String scram(WholeRelay.Client client, Try one) {
      var scram = new ScramClient(ScramKeys.Hash.SHA_256, one.name, one.password);
      String answer = ask(client, "AUTH SCRAM-SHA-256 " + base64(scram.first()));
      if (!answer.startsWith("334 ")) {
        return answer;
      }
      String challenge = text(answer);
      String salt = challenge.replaceFirst(".*,s=([^,]*).*", "$1");
      assertThat(salts.merge(one.name.toLowerCase(Locale.ROOT), salt, (old, _) -> old))
          .as("always the same salt")
          .isEqualTo(salt);
      heard.add(challenge.replaceAll("r=[^,]*,s=[^,]*", ""));
      if (one.way == Way.SCRAM_CANCELLED) {
        return ask(client, "*");
      }
      try {
        answer = ask(client, base64(scram.last(challenge.getBytes(StandardCharsets.UTF_8))));
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      return answer.startsWith("334 ") ? ask(client, "") : answer;
    }

    /// What comes of the last one.
    private String ask(WholeRelay.Client client, String... lines) {
      String answer = "";
      for (String line : lines) {
        answer = client.ask(line);
        note(client, answer);
        if (!answer.startsWith("334 ")) {
          break;
        }
      }
      return answer;
    }

    private void note(WholeRelay.Client client, String answer) {
      String told = answer.startsWith("334 ") ? "334" : answer; // Else nonces are in it.
      heard.add(told + " after " + client.waited());
    }

    private static String base64(String text) {
      return MemoryAccounts.base64(text);
    }

    private static String base64(byte[] octets) {
      return Base64.getEncoder().encodeToString(octets);
    }

    private static String text(String reply) {
      return new String(Base64.getDecoder().decode(reply.substring(4)), StandardCharsets.UTF_8);
    }

    private static String digest(String password, String challenge) {
      try {
        var mac = Mac.getInstance("HmacMD5");
        mac.init(new SecretKeySpec(password.getBytes(StandardCharsets.UTF_8), "HmacMD5"));
        byte[] digest = mac.doFinal(challenge.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest);
      } catch (GeneralSecurityException e) {
        throw new AssertionError(e);
      }
    }
  }
}
