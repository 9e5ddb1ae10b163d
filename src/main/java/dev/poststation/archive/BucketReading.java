package dev.poststation.archive;

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
  private static final Pattern NAME =
      Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})/[0-9A-Za-z]{1,40}-([0-9a-f]{16})");

  /// That are asked for at the same time.
  private static final int AT_ONCE = 16;

  /// For one request.
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// What comes with a mail besides its octets.
  private static final int MORE = 1024;

  private final S3Bucket bucket;
  private final Os os;
  private final Workers threads;
  private final Store store;

  /// The objects of one mail.
  ///
  /// @param name without ending, below the prefix
  private record Item(String name, boolean mail, boolean record) {}

  /// A record.
  ///
  /// @param entry null: it cannot be read
  /// @param problem why
  private record Read(Item item, @Nullable Entry entry, String problem) {}

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
              unreadable.accept(full(read.item.name + Place.RECORD), read.problem);
            } else if (search.means(read.entry)) {
              each.accept(read.entry, full(read.item.name + Place.MAIL));
            }
          }
        });
  }

  /// Reads all of it: each record must be what its name says, each mail what its record says.
  ///
  /// @throws IOException when the bucket cannot be read
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
            if (!each.record) {
              String what = each.name + ".eml has no .json: it was never acknowledged, or that is";
              found.add(new Found(Kind.MISSING, 0, 0, what + " missing"));
            }
          }
        });
    return new Result(found, sums[0], sums[1]);
  }

  private long verify(Read read, List<Found> found) throws IOException {
    String name = read.item.name;
    if (read.entry == null) {
      found.add(new Found(Kind.CHANGED, 0, 0, name + ".json: " + read.problem));
      return 0;
    }
    if (!read.item.mail) {
      found.add(new Found(Kind.MISSING, 0, 0, name + ".eml is missing"));
      return 0;
    }
    long octets = read.entry.octets();
    var body = get(name + Place.MAIL, Math.toIntExact(octets + MORE));
    if (body.length != octets || !Hashes.of(body).equals(read.entry.sha256())) {
      found.add(new Found(Kind.CHANGED, 0, 0, name + ".eml is not as it was written"));
    }
    return body.length;
  }

  /// The records among them, some at the same time.
  private List<Read> records(List<Item> items) {
    List<Read> all = new ArrayList<>(items.size());
    List<Supplier<Read>> questions = new ArrayList<>(AT_ONCE);
    for (Item each : items) {
      if (each.record) {
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
    try {
      byte[] json = get(item.name + Place.RECORD, RECORD_MAX);
      var name = NAME.matcher(item.name);
      return name.matches() && Bucket.hash(json).startsWith(name.group(2))
          ? new Read(item, Entry.of(json), "")
          : new Read(item, null, "it is not as it was written");
    } catch (IOException e) {
      return new Read(item, null, String.valueOf(e.getMessage()));
    }
  }

  /// A record names each recipient twice at most.
  private static final int RECORD_MAX = 64 * 1024 * 1024;

  private byte[] get(String name, int most) throws IOException {
    var answer = ask(bucket.prefix() + name, "", most);
    if (!answer.isGood()) {
      throw new IOException(bucket.endpoint() + " answers " + answer);
    }
    return answer.body();
  }

  private StoreAnswer ask(String name, String query, int most) throws IOException {
    var request =
        new Store.Request(SdkHttpMethod.GET, name, query, Map.of(), Octets.of(new byte[0]));
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
    var names = new Names();
    do {
      String query =
          "list-type=2"
              + (next.isEmpty() ? "" : "&continuation-token=" + encoded(next))
              + "&prefix="
              + encoded(bucket.prefix())
              + "&start-after="
              + encoded(bucket.prefix() + first);
      var answer = ask("", query, LIST_MAX);
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

  /// Names that came; the two of a mail stand side by side, but may come in two parts.
  private static final class Names {
    private final List<Item> items = new ArrayList<>();

    void add(String key, String prefix) {
      int dot = key.lastIndexOf('.');
      if (dot < 0 || !key.startsWith(prefix) || dot < prefix.length()) {
        return; // Another one's.
      }
      String name = key.substring(prefix.length(), dot);
      String ending = key.substring(dot);
      if (!NAME.matcher(name).matches()) {
        return;
      }
      boolean mail = ending.equals(Place.MAIL);
      boolean record = ending.equals(Place.RECORD);
      if (!items.isEmpty() && items.getLast().name.equals(name)) {
        var before = items.removeLast();
        items.add(new Item(name, mail || before.mail, record || before.record));
      } else if (mail || record) {
        items.add(new Item(name, mail, record));
      }
    }

    /// The name that came last.
    String last() {
      return items.isEmpty() ? "" : items.getLast().name;
    }

    /// Those of which both must have come.
    List<Item> whole(boolean end) {
      if (end || items.size() < 2) {
        var all = end ? List.copyOf(items) : List.<Item>of();
        if (end) {
          items.clear();
        }
        return all;
      }
      var last = items.removeLast();
      var all = List.copyOf(items);
      items.clear();
      items.add(last);
      return all;
    }
  }

  @Override
  public void close() {
    store.close();
    threads.close();
  }
}
