package dev.poststation.cli;

import dev.poststation.config.Secret;
import dev.poststation.seal.Names;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Which files have keys or certificates of mail, and whom they are for. Confined to the main
/// thread.
final class KeyFileOptions {
  private static final Pattern NAME = Pattern.compile("[^@\\s,]*@[^@\\s,]+");

  @Parameters(paramLabel = "FILE", arity = "1..*", description = "The files.")
  private List<Path> files = new ArrayList<>();

  @Option(
      names = "--for",
      paramLabel = "NAME",
      description = "Whom it is for: an address, or @domain. May be given several times.")
  private List<String> names = new ArrayList<>();

  List<Path> files() {
    return files;
  }

  /// Whom all of them are for; empty: they say so themselves.
  List<String> names() {
    for (String name : names) {
      if (!NAME.matcher(name).matches()) {
        throw new Failure(
            Exit.WRONG, "--for: " + Words.shown(name) + " is no address, and no @domain.");
      }
    }
    return names.stream().map(Names::written).distinct().toList();
  }

  /// Without a password no private key is kept.
  ///
  /// @param section of the configuration
  static void require(@Nullable Secret password, String section) {
    if (password == null) {
      throw new Failure(
          Exit.WRONG,
          "Private keys are kept encrypted: write "
              + section
              + " { password = \"file:PATH\" } into the configuration, with a long password in that"
              + " file.");
    }
  }
}
