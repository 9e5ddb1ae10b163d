package dev.poststation.archive;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.config.S3Bucket;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.http.SdkHttpMethod;

/// An archive in a bucket of an object store: each mail is an object, and its envelope another one
/// behind it. Safe for any thread; blocks the calling one.
public final class Bucket {
  private static final Logger LOG = LoggerFactory.getLogger(Bucket.class);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String ENABLED = "<ObjectLockEnabled>Enabled</ObjectLockEnabled>";

  /// Digits of the hash in a name: of mails with one queue id there are few.
  private static final int DIGITS = 16;

  private final S3Bucket settings;
  private final Os os;
  private final Store store;

  /// Whether it can lock objects, or nobody may ask.
  private volatile boolean locking;

  /// Whether an object was locked as it should be, or nobody may ask.
  private volatile boolean proven;

  /// Whether the store knows `If-None-Match`.
  private volatile boolean conditional = true;

  private volatile @Nullable Instant lastAt;

  /// How it is.
  ///
  /// @param bucket as people call it
  /// @param lastAt when a mail came last; null: none has come since the start
  public record Standing(String bucket, @Nullable Instant lastAt) {}

  /// What became of a mail.
  ///
  /// @param name of its object
  /// @param until when its lock ends; null: it has none
  /// @param held whether it has a legal hold
  public record Stored(String name, String sha256, @Nullable Instant until, boolean held) {}

  /// Something that only this mail is to blame for. The message is a clause.
  public static final class UnfitException extends IOException {
    private static final long serialVersionUID = 1;

    private UnfitException(String message) {
      super(message);
    }
  }

  Bucket(S3Bucket settings, Os os, Workers threads) {
    this.settings = settings;
    this.os = os;
    this.store = new Store(settings, os, threads);
  }

  /// Adds a mail. When this returns both objects are there.
  ///
  /// @param atMost how long it may take; what was begun by then may be there all the same
  /// @throws UnfitException when the store takes others, but not this one
  /// @throws IOException when that cannot be done: the mail must not be taken
  public Stored add(ObjectLock lock, About about, Octets content, Duration atMost)
      throws IOException {
    long end = os.time().nanos() + atMost.toNanos();
    var now = os.time().now();
    if (lock.isAny() && !locking) {
      mustLock(end);
    }
    var sums = store.onWorker(() -> Sums.of(content), store.left(end));
    var applied = lock.at(now, about);
    byte[] record = json(now, content.size(), sums, about, applied);
    String name =
        settings.prefix()
            + LocalDate.ofInstant(now, ZoneOffset.UTC)
            + "/"
            + about.id()
            + "-"
            + hash(record).substring(0, DIGITS);
    put(name + Place.MAIL, "message/rfc822", content, sums, applied, end);
    if (applied.until() != null && !proven) {
      mustBeLocked(name + Place.MAIL, applied, end);
    }
    // Behind it: with its record an entry is whole.
    var json = Octets.of(record);
    put(name + Place.RECORD, "application/json", json, Sums.of(json), applied, end);
    lastAt = now;
    return new Stored(name + Place.MAIL, sums.sha256(), applied.until(), applied.held());
  }

  private static byte[] json(
      Instant archived, long octets, Sums sums, About about, ObjectLock.Applied applied) {
    var json = MAPPER.createObjectNode();
    Entry.describe(json, archived, octets, sums.sha256(), about);
    if (applied.until() != null) {
      json.put("lock", applied.mode().word()).put("until", applied.until().toString());
    }
    json.put("legalHold", applied.held());
    return (json + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /// What a record has besides when it was written.
  static String hash(byte[] record) throws IOException {
    try {
      var json = MAPPER.readTree(new String(record, StandardCharsets.UTF_8));
      if (json instanceof ObjectNode object) {
        object.put("archived", "");
      }
      return Hashes.of(json.toString().getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw new IOException("it cannot be read", e);
    }
  }

  private void put(
      String name, String type, Octets content, Sums sums, ObjectLock.Applied lock, long end)
      throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("Content-Type", type);
    fields.put("Content-MD5", sums.md5Text()); // With a lock there has to be one of the two.
    fields.put("x-amz-checksum-sha256", sums.sha256Text());
    fields.putAll(lock.fields());
    fields.putAll(encryption());
    var answer =
        conditionally(new Store.Request(SdkHttpMethod.PUT, name, "", fields, content), end);
    if (answer.isGood() || answer.isThere()) {
      return; // Nobody else has this name: it is there by a try whose answer was lost.
    }
    String what = settings.endpoint() + " answers " + answer;
    throw answer.isOfTheMail() ? new UnfitException(what) : new IOException(what);
  }

  private StoreAnswer conditionally(Store.Request request, long end) throws IOException {
    if (conditional) {
      Map<String, String> fields = new LinkedHashMap<>(request.fields());
      fields.put("If-None-Match", "*");
      var answer =
          store.ask(
              new Store.Request(
                  request.method(), request.name(), request.query(), fields, request.body()),
              end);
      if (!answer.isUnknown()) {
        return answer;
      }
      conditional = false;
    }
    return store.ask(request, end);
  }

  private Map<String, String> encryption() {
    Map<String, String> fields = new LinkedHashMap<>();
    switch (settings.encryption()) {
      case NONE -> {}
      case AES256 -> fields.put("x-amz-server-side-encryption", "AES256");
      case KMS -> {
        fields.put("x-amz-server-side-encryption", "aws:kms");
        if (!settings.kmsKey().isEmpty()) {
          fields.put("x-amz-server-side-encryption-aws-kms-key-id", settings.kmsKey());
        }
      }
    }
    return fields;
  }

  /// Many a store takes the fields of a lock and does not lock.
  private void mustLock(long end) throws IOException {
    var answer = get("", "object-lock", end);
    if (answer.isForbidden()) {
      LOG.warn(
          "Nobody can tell whether {} can lock: the access key lacks the right"
              + " s3:GetBucketObjectLockConfiguration",
          settings);
    } else if (!answer.isGood()
        && !answer.isUnknown()
        && !answer.code().equals("ObjectLockConfigurationNotFoundError")) {
      throw new IOException(
          settings.endpoint() + ", asked whether it locks objects, answers " + answer);
    } else if (!answer.text().replaceAll("\\s", "").contains(ENABLED)) {
      throw new IOException(
          "the bucket cannot lock objects: make one with object lock, or write lock = none and no"
              + " legal-hold");
    }
    locking = true;
  }

  /// Some say that they can, and take the fields, and do nothing. One object tells.
  private void mustBeLocked(String name, ObjectLock.Applied lock, long end) throws IOException {
    var answer = get(name, "retention", end);
    if (answer.isForbidden()) {
      LOG.warn(
          "Nobody can tell whether {} locks what it gets: the access key lacks the right"
              + " s3:GetObjectRetention",
          settings);
    } else if (!answer.isGood() && !answer.isWithoutLock()) {
      throw new IOException(
          settings.endpoint() + ", asked whether it locked " + name + ", answers " + answer);
    } else if (!answer.text().contains("<Mode>" + lock.mode().name() + "</Mode>")) {
      throw new IOException(
          settings.endpoint()
              + " has taken "
              + name
              + " and has not locked it; it answers "
              + answer
              + ". Take another store, or write lock = none where the bucket locks by itself");
    }
    proven = true;
  }

  private StoreAnswer get(String name, String query, long end) throws IOException {
    return store.ask(
        new Store.Request(SdkHttpMethod.GET, name, query, Map.of(), Octets.of(new byte[0])), end);
  }

  /// How it is.
  public Standing standing() {
    return new Standing(settings.toString(), lastAt);
  }

  void close() {
    store.close();
  }

  /// As people call it.
  @Override
  public String toString() {
    return settings.toString();
  }
}
