package dev.poststation.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A private s3rver with a bucket `mails`: it knows its key, and cannot lock.
final class S3Peer implements AutoCloseable {
  /// Its only key, and the secret of it.
  static final String KEY = "S3RVER";

  private static final String ENDING = "._S3rver_object";

  private final Home home;
  private final int port;
  private Program program;

  private S3Peer(Home home, int port) {
    this.home = home;
    this.port = port;
    this.program = begin();
  }

  static S3Peer start() {
    return new S3Peer(Home.create("s3rver"), Port.free());
  }

  private Program begin() {
    var started =
        Program.start(
            List.of(
                Peers.program("s3rver"),
                "--directory",
                home.path().toString(),
                "--address",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--no-vhost-buckets",
                "--configure-bucket",
                "mails"));
    Port.awaitListening(started, port);
    return started;
  }

  int port() {
    return port;
  }

  void kill() {
    program.killAll();
  }

  void restart() {
    program = begin();
  }

  /// The objects of the bucket whose names end so, by name.
  List<Path> objects(String ending) {
    try (var all = Files.walk(home.path().resolve("mails"))) {
      return new ArrayList<>(
          all.filter(file -> file.toString().endsWith(ending + ENDING)).sorted().toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    program.close();
    home.close();
  }
}
