package dev.poststation.archive;

import dev.poststation.config.S3Bucket;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/// The buckets that archives of a relay are in, with their connections. Safe for any thread.
public final class Buckets implements AutoCloseable {
  /// That read mails and serve connections.
  private static final int THREADS = 16;

  private static final int WAITING_MAX = 10_000;

  private final Os os;
  private final Workers threads;
  private final Map<S3Bucket, Bucket> all = new LinkedHashMap<>();

  /// None yet.
  public Buckets(Os os) {
    this.os = os;
    this.threads = new Workers(os.tasks(), "s3", THREADS, WAITING_MAX);
  }

  /// One. Nobody is called before a mail comes.
  public synchronized Bucket at(S3Bucket settings) {
    return all.computeIfAbsent(settings, each -> new Bucket(each, os, threads));
  }

  /// From now on these are in use. All others end their connections when what is under way is done.
  public synchronized void use(Set<S3Bucket> now) {
    all.entrySet()
        .removeIf(
            each -> {
              boolean over = !now.contains(each.getKey());
              if (over) {
                each.getValue().close();
              }
              return over;
            });
  }

  /// All end their connections.
  @Override
  public synchronized void close() {
    use(Set.of());
  }
}
