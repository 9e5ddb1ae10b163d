package dev.poststation.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A profile as a line of JSON, in the file and in the API. Pure functions.
final class ProfileText {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ProfileText() {}

  /// All of it.
  static ObjectNode write(Profile profile) {
    synchronized (profile) {
      var out = JsonNodeFactory.instance.objectNode();
      out.put("client", profile.key.client());
      out.put("who", profile.key.who());
      out.put("mails", profile.mails);
      out.put("first", profile.first.toString());
      out.put("last", profile.last.toString());
      if (profile.lenient > 0) {
        out.put("lenient", profile.lenient);
      }
      out.put("hour", profile.hour);
      out.put("inThisHour", profile.inThisHour);
      var traits = out.putObject("traits");
      profile.habits.forEach((trait, habit) -> write(traits.putObject(trait.key()), habit));
      var deviated = profile.deviated;
      if (deviated != null || profile.steppedUp) {
        var deviation = out.putObject("deviation");
        deviation.put("when", deviated == null ? null : deviated.toString());
        deviation.put("mails", profile.deviations);
        deviation.put("score", profile.why.score());
        deviation.put("steppedUp", profile.steppedUp);
        profile.why.reasons().forEach(deviation.putArray("reasons")::add);
        var pending = deviation.putArray("pending");
        profile.pending.forEach(seen -> write(pending.addObject(), seen));
      }
      return out;
    }
  }

  private static void write(ObjectNode out, Habit habit) {
    out.put("seen", habit.seen());
    out.put("surprises", habit.surprises());
    var values = out.putObject("values");
    habit.counts().forEach(values::put);
  }

  private static void write(ObjectNode out, Observation seen) {
    out.put("when", seen.when().toString());
    var values = out.putObject("values");
    seen.values().forEach((trait, each) -> each.forEach(values.putArray(trait.key())::add));
  }

  /// What a line says; empty when it is none of ours.
  static Optional<Profile> read(String line) {
    try {
      var in = MAPPER.readTree(line);
      String client = in.path("client").asText();
      String who = in.path("who").asText();
      if (client.isEmpty() || who.isEmpty()) {
        return Optional.empty();
      }
      var profile =
          new Profile(new Profiles.Key(client, who), Instant.parse(in.path("first").asText()));
      profile.last = Instant.parse(in.path("last").asText());
      profile.mails = in.path("mails").asLong();
      profile.lenient = in.path("lenient").asInt();
      profile.hour = in.path("hour").asLong();
      profile.inThisHour = in.path("inThisHour").asInt();
      in.path("traits")
          .properties()
          .forEach(
              each -> {
                var trait = trait(each.getKey());
                if (trait != null) {
                  profile.habits.put(trait, habit(trait, each.getValue()));
                }
              });
      deviation(in.path("deviation"), profile);
      return Optional.of(profile);
    } catch (JsonProcessingException | DateTimeException _) {
      return Optional.empty(); // Another line may be whole.
    }
  }

  private static Habit habit(Trait trait, JsonNode in) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    in.path("values")
        .properties()
        .forEach(each -> counts.put(each.getKey(), each.getValue().asInt()));
    return new Habit(trait, in.path("seen").asInt(), in.path("surprises").asInt(), counts);
  }

  private static void deviation(JsonNode in, Profile profile) {
    if (in.isMissingNode()) {
      return;
    }
    var when = in.path("when");
    profile.deviated = when.isTextual() ? Instant.parse(when.asText()) : null;
    profile.deviations = in.path("mails").asLong();
    profile.steppedUp = in.path("steppedUp").asBoolean();
    profile.why = new Assessment(in.path("score").asInt(), texts(in.path("reasons")));
    for (var each : in.path("pending")) {
      if (profile.pending.size() < Profile.PENDING_MAX) {
        profile.pending.add(observation(each));
      }
    }
  }

  private static Observation observation(JsonNode in) {
    var values = new EnumMap<Trait, List<String>>(Trait.class);
    in.path("values")
        .properties()
        .forEach(
            each -> {
              var trait = trait(each.getKey());
              if (trait != null) {
                values.put(trait, texts(each.getValue()));
              }
            });
    return new Observation(Instant.parse(in.path("when").asText()), values);
  }

  private static List<String> texts(JsonNode in) {
    List<String> texts = new ArrayList<>();
    in.forEach(each -> texts.add(each.asText()));
    return texts;
  }

  private static @Nullable Trait trait(String key) {
    for (Trait trait : Trait.values()) {
      if (trait.key().equals(key)) {
        return trait;
      }
    }
    return null;
  }
}
