package dev.poststation.system;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The program `openssl`.
final class OpenSsl {
  private OpenSsl() {}

  static String run(String... arguments) {
    return run(List.of(), arguments);
  }

  /// @param runner a program that runs it, with its arguments; empty: none
  static String run(List<String> runner, String... arguments) {
    List<String> command = new ArrayList<>(runner);
    command.add(Peers.program("openssl"));
    command.addAll(List.of(arguments));
    return Program.run(command);
  }

  /// The runner that has it believe in another time.
  static List<String> at(String time) {
    Peers.mark("faketime");
    String library = "LD_PRELOAD=" + Peers.library("faketime/libfaketime.so.1");
    return List.of("env", library, "FAKETIME=" + time);
  }

  /// The fingerprint of a certificate, as the configuration has it.
  static String fingerprint(Path certificate) {
    String shown = run("x509", "-noout", "-fingerprint", "-sha256", "-in", certificate.toString());
    return "sha256:" + shown.replaceAll(".*=|:|\\s", "").toLowerCase(Locale.ROOT);
  }
}
