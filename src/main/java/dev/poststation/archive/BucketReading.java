package dev.poststation.archive;

import dev.poststation.archive.BucketNames.Item;
import dev.poststation.archive.Verification.Found;
import dev.poststation.archive.Verification.Kind;
import dev.poststation.config.S3Bucket;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.os.Together;
import dev.poststation.os.Workers;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.SdkHttpMethod;

/// What lies in a bucket, for commands: it only reads, and relays may write meanwhile. Confined to
/// one thread.
public final class BucketReading implements AutoCloseable {
  private static final Pattern KEY = Pattern.compile("<Key>([^<]+)</Key>");
  private static final Pattern NEXT =
      Pattern.compile("<NextContinuationToken>([^<]+)</NextContinuationToken>");

  /// That are asked for at the same time.
  private static final int AT_ONCE = 16;

  /// For one request.
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// What comes with a mail besides its octets.
  private static final int MORE = 1024;

  /// Of a mail that a record may tell of.
  private static final int OCTETS_MAX = Integer.MAX_VALUE - MORE;

  private static final byte[] NOTHING = {};

  private final S3Bucket bucket;
  private final Os os;
  private final Workers threads;
  private final Store store;

  /// A record.
  ///
  /// @param entry null: it has none
  /// @param kind what is wrong then
  /// @param problem the same in words
  private record Read(Item item, @Nullable Entry entry, Kind kind, String problem) {
    private static Read without(Item item, Kind kind, String problem) {
      return new Read(item, null, kind, problem);
    }
  }

  /// What a look through a bucket found.
  ///
  /// @param found what is wrong
  /// @param entries how many mails are there
  /// @param octets of mail that were read
  public record Result(List<Found> found, long entries, long octets) {
    public Result {
      found = List.copyOf(found);
    }
  }

  /// Gets the items of a part of the bucket.
  @FunctionalInterface
  private interface Part {
    void take(List<Item> items) throws IOException;
  }

  /// Nobody is called yet.
  public BucketReading(S3Bucket bucket, Os os) {
    this.bucket = bucket;
    this.os = os;
    this.threads = new Workers(os.tasks(), "s3", AT_ONCE, 10_000);
    this.store = new Store(bucket, os, threads);
  }

  /// Gives all entries that are meant, the eldest day first, each with the name of its `.eml`.
  ///
  /// @param unreadable gets what cannot be read, and why
  /// @throws IOException when the bucket cannot be read
  public void search(
      Search search, BiConsumer<Entry, String> each, BiConsumer<String, String> unreadable)
      throws IOException {
    parts(
        search.since(),
        search.until(),
        items -> {
          for (var read : records(items)) {
            if (read.entry == null) {
              unreadable.accept(full(read.item.name() + Place.RECORD), read.problem);
            } else if (search.means(read.entry)) {
              each.accept(read.entry, full(read.item.name() + Place.MAIL));
            }
          }
        });
  }

  /// Reads all of it: each record must be what its name says, each mail what its record says. One
  /// that cannot be read is told as that, and the next one is read.
  ///
  /// @throws IOException when the bucket cannot be listed
  public Result verify() throws IOException {
    List<Found> found = new ArrayList<>();
    long[] sums = {0, 0};
    parts(
        null,
        null,
        items -> {
          for (var read : records(items)) {
            sums[0]++;
            sums[1] += verify(read, found);
          }
          for (Item each : items) {
            if (!each.record()) {
              var late = read(each); // It may have come since the list was made.
              if (late.kind == Kind.MISSING) {
                String what = ".eml has no .json: it was never acknowledged, or that is missing";
                tell(found, Kind.MISSING, each.name() + what);
              } else {
                sums[0]++;
                sums[1] += verify(late, found);
              }
            }
          }
        });
    return new Result(found, sums[0], sums[1]);
  }

  private static void tell(List<Found> found, Kind kind, String what) {
    found.add(new Found(kind, 0, 0, what));
  }

  /// @return octets that were read
  private long verify(Read read, List<Found> found) {
    String name = read.item.name();
    if (read.entry == null) {
      tell(found, read.kind, name + ".json: " + read.problem);
      return 0;
    }
    if (!read.item.mail()) {
      tell(found, Kind.MISSING, name + ".eml is missing");
      return 0;
    }
    long octets = read.entry.octets();
    if (octets < 0 || octets > OCTETS_MAX) {
      tell(found, Kind.CHANGED, name + ".json: no mail has " + octets + " octets");
      return 0;
    }
    try {
      return compare(name, (int) octets, read.entry.sha256(), found);
    } catch (IOException e) {
      tell(found, Kind.UNREADABLE, name + ".eml: " + e.getMessage());
      return 0;
    }
  }

  private int compare(String name, int octets, String sha256, List<Found> found)
      throws IOException {
    // One octet more, if there is one: another mail may be too large for us.
    Map<String, String> range = octets == 0 ? Map.of() : Map.of("Range", "bytes=0-" + octets);
    var answer = ask(bucket.prefix() + name + Place.MAIL, "", range, octets + MORE);
    if (answer.isMissing()) {
      tell(found, Kind.MISSING, name + ".eml is missing");
      return 0;
    }
    if (!answer.isGood() && !answer.isShorter()) {
      throw new IOException(bucket.endpoint() + " answers " + answer);
    }
    var body = answer.body();
    if (!answer.isGood() || body.length != octets || !Hashes.of(body).equals(sha256)) {
      tell(found, Kind.CHANGED, name + ".eml is not as it was written");
    }
    return body.length;
  }

  /// The records among them, some at the same time.
  private List<Read> records(List<Item> items) {
    List<Read> all = new ArrayList<>(items.size());
    List<Supplier<Read>> questions = new ArrayList<>(AT_ONCE);
    for (Item each : items) {
      if (each.record()) {
        questions.add(() -> read(each));
      }
      if (questions.size() == AT_ONCE) {
        all.addAll(Together.ask(os.tasks(), "s3", questions));
        questions.clear();
      }
    }
    all.addAll(Together.ask(os.tasks(), "s3", questions));
    return all;
  }

  private Read read(Item item) {
    StoreAnswer answer;
    try {
      answer = ask(bucket.prefix() + item.name() + Place.RECORD, "", Map.of(), RECORD_MAX);
    } catch (IOException e) {
      return Read.without(item, Kind.UNREADABLE, String.valueOf(e.getMessage()));
    }
    if (!answer.isGood()) {
      var kind = answer.isMissing() ? Kind.MISSING : Kind.UNREADABLE;
      return Read.without(item, kind, bucket.endpoint() + " answers " + answer);
    }
    try {
      var name = BucketNames.NAME.matcher(item.name());
      return name.matches() && Bucket.hash(answer.body()).startsWith(name.group(2))
          ? new Read(item, Entry.of(answer.body()), Kind.CHANGED, "")
          : Read.without(item, Kind.CHANGED, "it is not as it was written");
    } catch (IOException e) {
      return Read.without(item, Kind.CHANGED, String.valueOf(e.getMessage()));
    }
  }

  /// A record names each recipient twice at most.
  private static final int RECORD_MAX = 64 * 1024 * 1024;

  private StoreAnswer ask(String name, String query, Map<String, String> fields, int most)
      throws IOException {
    var request = new Store.Request(SdkHttpMethod.GET, name, query, fields, Octets.of(NOTHING));
    return store.ask(request, most, os.time().nanos() + PATIENCE.toNanos());
  }

  private String full(String name) {
    return bucket + name;
  }

  /// Gives what lies there in parts, in the order of names.
  private void parts(@Nullable Instant since, @Nullable Instant until, Part part)
      throws IOException {
    String first = since == null ? "" : LocalDate.ofInstant(since, ZoneOffset.UTC).toString();
    String last = until == null ? "~" : LocalDate.ofInstant(until, ZoneOffset.UTC) + "~";
    String next = "";
    var names = new BucketNames();
    do {
      String query =
          "list-type=2"
              + (next.isEmpty() ? "" : "&continuation-token=" + encoded(next))
              + "&prefix="
              + encoded(bucket.prefix())
              + "&start-after="
              + encoded(bucket.prefix() + first);
      var answer = ask("", query, Map.of(), LIST_MAX);
      if (!answer.isGood()) {
        throw new IOException(bucket.endpoint() + " answers " + answer);
      }
      String body = answer.text();
      var keys = KEY.matcher(body);
      while (keys.find()) {
        names.add(keys.group(1), bucket.prefix());
      }
      var token = NEXT.matcher(body);
      next = token.find() ? token.group(1).replace("&amp;", "&") : "";
      part.take(names.whole(next.isEmpty()));
    } while (!next.isEmpty() && names.last().compareTo(last) <= 0);
  }

  private static final int LIST_MAX = 4 * 1024 * 1024;

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  @Override
  public void close() {
    store.close();
    threads.close();
  }
}
