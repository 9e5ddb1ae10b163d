package dev.poststation.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which entries of the suppression list are meant; all that is given must hold. Confined to the
/// main thread.
final class SuppressFilter {
  @Option(names = "--domain", paramLabel = "DOMAIN", description = "Recipients in this domain.")
  private @Nullable String domain;

  @Option(
      names = "--client",
      paramLabel = "NAME",
      description = "Of the mail of this entry of clients; '*' is what counts for all.")
  private @Nullable String client;

  /// What was given.
  Map<String, String> given() {
    Map<String, String> given = new LinkedHashMap<>();
    if (domain != null) {
      given.put("domain", domain);
    }
    if (client != null) {
      given.put("client", client);
    }
    return given;
  }
}
