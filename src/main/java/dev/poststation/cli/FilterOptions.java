package dev.poststation.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which mails are meant, by what they are like; all that is given must hold. Confined to the main
/// thread.
final class FilterOptions {
  @Option(
      names = "--sender",
      paramLabel = "ADDRESS",
      description = "From user@domain, @domain, or <> for notices.")
  private @Nullable String sender;

  @Option(
      names = "--recipient",
      paramLabel = "ADDRESS",
      description = "Waiting for user@domain or @domain.")
  private @Nullable String recipient;

  @Option(
      names = "--domain",
      paramLabel = "DOMAIN",
      description = "Waiting for a recipient in this domain.")
  private @Nullable String domain;

  @Option(
      names = "--destination",
      paramLabel = "TEXT",
      description = "Whose destination has this in its name, such as a connector.")
  private @Nullable String destination;

  @Option(
      names = "--reason",
      paramLabel = "TEXT",
      description = "Whose reason for waiting has this in it.")
  private @Nullable String reason;

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "In the queue for longer than, say, 2h or 3d.")
  private @Nullable String olderThan;

  @Option(
      names = "--place",
      paramLabel = "PLACE",
      description = "incoming, active, deferred, parked, held or quarantine.")
  private @Nullable String place;

  /// What is given, by the names of the API.
  Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    put(given, "sender", sender);
    put(given, "recipient", recipient);
    put(given, "domain", domain);
    put(given, "destination", destination);
    put(given, "reason", reason);
    put(given, "older-than", olderThan);
    put(given, "place", place);
    return given;
  }

  private static void put(Map<String, String> given, String name, @Nullable String value) {
    if (value != null) {
      given.put(name, value);
    }
  }
}
