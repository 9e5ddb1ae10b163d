package dev.poststation.cli;

import dev.poststation.config.Origin;
import dev.poststation.config.S3Bucket;
import dev.poststation.config.S3Service;
import dev.poststation.config.Secret;
import dev.poststation.os.Disk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// By which key a command reads buckets: that of the relay need not be able to. Confined to the
/// main thread.
final class ReadingKey {
  @Option(
      names = "--access-key",
      paramLabel = "ID",
      description =
          "For buckets: an access key that may list and read them; that of the configuration may"
              + " only write, perhaps.")
  private @Nullable String accessKey;

  @Option(
      names = "--secret-file",
      paramLabel = "FILE",
      description = "The file with the secret of that key.")
  private @Nullable Path secretFile;

  /// The secret of a key in a file.
  private record Filed(Path path, Disk disk) implements Secret {
    @Override
    public String reveal() throws IOException {
      return new String(disk.read(path), StandardCharsets.UTF_8).strip();
    }

    @Override
    public Origin origin() {
      return Origin.DEFAULT;
    }

    @Override
    public String toString() {
      return "***";
    }
  }

  /// Those of the configuration; none where a directory is named.
  List<S3Bucket> buckets(Common common, @Nullable Path named) {
    if ((accessKey == null) != (secretFile == null)) {
      throw new Failure(Exit.WRONG, "--access-key and --secret-file go together: give both.");
    }
    return named != null
        ? List.of()
        : common.configuration().content().stream()
            .filter(rule -> rule.service() instanceof S3Service)
            .map(rule -> ((S3Service) rule.service()).bucket())
            .distinct()
            .map(each -> with(each, common))
            .toList();
  }

  private S3Bucket with(S3Bucket bucket, Common common) {
    return accessKey == null || secretFile == null
        ? bucket
        : bucket.with(accessKey, new Filed(secretFile, common.os().disk()));
  }

  static Failure failure(S3Bucket bucket, IOException e) {
    String why = String.valueOf(e.getMessage());
    return new Failure(
        Exit.WRONG,
        "The archive in "
            + bucket
            + " cannot be read: "
            + Words.shown(why)
            + "."
            + (why.contains(" 403 ")
                ? " The key of the relay need not be able to read: name one that is, by"
                    + " --access-key and --secret-file."
                : ""));
  }
}
