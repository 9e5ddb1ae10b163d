package dev.poststation;

import dev.poststation.config.Loaded;
import dev.poststation.config.Loader;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

final class Main {
  private Main() {}

  public static void main(String[] args) throws Exception {
    var os = Os.real();
    switch (new Loader(os, System.getenv()).load(Path.of(args[2]))) {
      case Loaded.Good good -> {
        var relay = Poststation.start(os, good.configuration());
        Runtime.getRuntime().addShutdownHook(new Thread(relay::close));
        new CountDownLatch(1).await();
      }
      case Loaded.Bad bad -> bad.problems().forEach(System.err::println);
    }
  }
}
