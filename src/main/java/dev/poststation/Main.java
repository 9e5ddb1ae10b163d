package dev.poststation;

import dev.poststation.cli.Program;

/// Where the Java VM begins.
final class Main {
  private Main() {}

  public static void main(String[] args) {
    System.exit(Program.real().run(args));
  }
}
