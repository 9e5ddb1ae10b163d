package dev.poststation.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.config.Origin;
import dev.poststation.config.S3Bucket;
import dev.poststation.config.S3Service.Lock;
import dev.poststation.config.Secret;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.sim.PassingTime;
import dev.poststation.sim.ToyIssuer;
import dev.poststation.sim.ToyStore;
import dev.poststation.sim.ToyStore.Answer;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a store is asked when a mail is put into a bucket, and what becomes of it when the store
/// does not do as it should.
class BucketTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final ObjectLock NONE = new ObjectLock(Lock.NONE, new Terms(null, List.of()));

  /// Waits between tries are cut short.
  private final Os os = impatient(Os.real());

  private String secret = ToyStore.SECRET;
  private ToyStore store;
  private Buckets buckets;

  private static Os impatient(Os real) {
    var time =
        new PassingTime(real.time()) {
          @Override
          public void sleep(Duration duration) throws InterruptedException {
            super.sleep(duration.dividedBy(50));
          }
        };
    return new Os(time, real.network(), real.tasks(), real.chance(), real.disk());
  }

  private record Word(String reveal) implements Secret {
    @Override
    public boolean byCommand() {
      return false;
    }

    @Override
    public Origin origin() {
      return Origin.DEFAULT;
    }
  }

  @BeforeEach
  void begin() throws IOException {
    store = ToyStore.start();
    buckets = new Buckets(os);
  }

  @AfterEach
  void end() {
    buckets.close();
    store.close();
  }

  private S3Bucket settings(String scheme, int port, @Nullable Path authorities) {
    return new S3Bucket(
        URI.create(scheme + "://127.0.0.1:" + port),
        "eu-central-1",
        "mails",
        "relay1/",
        true,
        "AKIDEXAMPLE",
        new Word(secret),
        authorities,
        S3Bucket.Encryption.KMS,
        "alias/mails");
  }

  private Bucket bucket() {
    return buckets.at(settings("http", store.port(), null));
  }

  private Bucket.Stored add(ObjectLock lock, String id, Duration atMost) throws IOException {
    return bucket()
        .add(lock, Ground.about(id, "a@here.test", "b@there.test"), Ground.content(id), atMost);
  }

  private static byte[] digest(String algorithm, byte[] octets) throws Exception {
    return MessageDigest.getInstance(algorithm).digest(octets);
  }

  @Test
  void aMailIsAnObjectAndItsEnvelopeAnotherOneBehindIt() throws Exception {
    var stored = add(NONE, "A1", LONG);
    var asked = store.asked();
    assertThat(asked).extracting(ToyStore.Asked::method).containsExactly("PUT", "PUT");
    var mail = asked.getFirst();
    assertThat(mail.path()).matches("/mails/relay1/20[0-9-]{8}/A1-[0-9a-f]{16}\\.eml");
    assertThat(mail.path()).isEqualTo("/mails/" + stored.name());
    assertThat(mail.body()).isEqualTo(Ground.content("A1").bytes());
    String hash = HexFormat.of().formatHex(digest("SHA-256", mail.body()));
    assertThat(stored.sha256()).isEqualTo(hash);
    assertThat(asked.getLast().path()).isEqualTo(mail.path().replace(".eml", ".json"));
    var json = new ObjectMapper().readTree(asked.getLast().body());
    assertThat(json.path("sha256").asText()).isEqualTo(hash);
    assertThat(json.path("octets").asLong()).isEqualTo(mail.body().length);
    assertThat(json.path("id").asText()).isEqualTo("A1");
    assertThat(json.path("recipients").toString()).isEqualTo("[\"b@there.test\"]");
    assertThat(json.path("legalHold").asBoolean(true)).isFalse();
    for (var each : asked) {
      var base64 = Base64.getEncoder();
      assertThat(each.field("content-md5"))
          .isEqualTo(base64.encodeToString(digest("MD5", each.body())));
      assertThat(each.field("x-amz-checksum-sha256"))
          .isEqualTo(base64.encodeToString(digest("SHA-256", each.body())));
      assertThat(each.field("x-amz-content-sha256"))
          .isEqualTo(HexFormat.of().formatHex(digest("SHA-256", each.body())));
      assertThat(each.field("content-length")).isEqualTo(Integer.toString(each.body().length));
      assertThat(each.field("if-none-match")).isEqualTo("*");
      assertThat(each.field("x-amz-server-side-encryption")).isEqualTo("aws:kms");
      assertThat(each.field("x-amz-server-side-encryption-aws-kms-key-id"))
          .isEqualTo("alias/mails");
      assertThat(each.field("authorization"))
          .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/")
          .contains("/eu-central-1/s3/aws4_request", "content-md5", "host", "if-none-match")
          .doesNotContain(ToyStore.SECRET);
      assertThat(each.fields()).doesNotContainKeys("upgrade", "x-amz-object-lock-mode");
    }
  }

  @Test
  void objectsAreLockedForTheirTimeAndMailOfSomeHasALegalHold() throws Exception {
    var lock =
        new ObjectLock(
            Lock.COMPLIANCE, new Terms(Period.ofYears(10), List.of("director@here.test")));
    var stored = add(lock, "A2", LONG);
    var about = Ground.about("A3", "director@here.test", "b@there.test");
    bucket().add(lock, about, Ground.content("A3"), LONG);
    var asked = store.asked();
    assertThat(asked.getFirst().path()).isEqualTo("/mails?object-lock");
    assertThat(asked.get(2).path()).isEqualTo("/mails/" + stored.name() + "?retention");
    assertThat(asked).hasSize(6); // Both is asked once.
    for (var each : List.of(asked.get(1), asked.get(3), asked.get(4), asked.get(5))) {
      assertThat(each.field("x-amz-object-lock-mode")).isEqualTo("COMPLIANCE");
      assertThat(each.field("authorization")).contains("x-amz-object-lock-retain-until-date");
    }
    assertThat(asked.get(1).field("x-amz-object-lock-retain-until-date"))
        .isEqualTo(String.valueOf(stored.until()));
    var now = os.time().now();
    assertThat(stored.until().atZone(ZoneOffset.UTC).minusYears(10).toInstant())
        .isBetween(now.minusSeconds(600), now);
    assertThat(asked)
        .extracting(each -> each.field("x-amz-object-lock-legal-hold"))
        .containsExactly("", "", "", "", "ON", "ON");
    assertThat(asked.getLast().text()).contains("\"legalHold\":true", "\"lock\":\"compliance\"");
  }

  @Test
  void aBucketThatCannotLockOrDoesNotGetsNoMail() throws Exception {
    var lock = new ObjectLock(Lock.GOVERNANCE, new Terms(Period.ofDays(1), List.of()));
    store.locks("");
    assertThatThrownBy(() -> add(lock, "A4", LONG))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the bucket cannot lock objects");
    assertThat(store.objects()).isEmpty();
    store.retains("<Retention><Mode>COMPLIANCE</Mode></Retention>");
    store.locks("\n  <ObjectLockEnabled>Enabled</ObjectLockEnabled>\n");
    assertThatThrownBy(() -> add(lock, "A4", LONG))
        .hasMessageContaining(".eml and has not locked it; it answers 200");
    store.retains("");
    assertThatThrownBy(() -> add(lock, "A4", LONG))
        .hasMessageContaining("has not locked it; it answers 404");
    for (Answer fault : List.of(Answer.FAULT, Answer.NO_BUCKET)) {
      store.answersOfLocks(fault);
      assertThatThrownBy(() -> add(lock, "A4", LONG))
          .as("that says nothing of the lock")
          .hasMessageMatching(".*, asked whether it locked .*\\.eml, answers (500|404) .*");
    }
    store.answersOfLocks(Answer.GOOD);
    assertThat(store.objects().keySet()).allMatch(each -> each.endsWith(".eml"));
    store.retains("<Retention><Mode>GOVERNANCE</Mode></Retention>");
    assertThat(add(lock, "A4", LONG).until()).isNotNull();
  }

  @Test
  void aLostAnswerAndAStoreThatHasTooMuchToDoLeaveOneObject() throws Exception {
    store.answers(Answer.LOST, Answer.GOOD, Answer.SLOW_DOWN, Answer.LOST, Answer.GOOD);
    add(NONE, "A5", LONG);
    assertThat(store.objects()).hasSize(2);
    assertThat(store.asked()).hasSize(5);
    store.answers(Answer.SILENT); // Half of the time is for the first try.
    add(NONE, "A6", Duration.ofSeconds(2));
    assertThat(store.objects()).hasSize(4);
    int before = store.asked().size();
    store.answers(Answer.SLOW_DOWN, Answer.SLOW_DOWN);
    assertThatThrownBy(() -> add(NONE, "A10", Duration.ofMillis(900)))
        .as("the third try would come after a second")
        .hasMessageContaining("503 SlowDown");
    assertThat(store.asked()).hasSize(before + 2);
  }

  @Test
  void aStoreThatKnowsNoConditionIsNotAskedForOneAgain() throws Exception {
    store.answers(Answer.UNKNOWN);
    add(NONE, "A7", LONG);
    assertThat(store.asked())
        .extracting(each -> each.field("if-none-match"))
        .containsExactly("*", "", "");
    assertThat(store.objects()).hasSize(2);
  }

  @Test
  void whatTheStoreRefusesIsToldWithWhatToLookAt() {
    store.always(Answer.DENIED);
    assertThatThrownBy(() -> add(NONE, "A8", LONG))
        .hasMessageContaining("403 AccessDenied: It is so; may this key put objects there");
    secret = "another";
    assertThatThrownBy(() -> add(NONE, "A8", LONG))
        .hasMessageContaining("403 SignatureDoesNotMatch")
        .hasMessageContaining("is secret-key that of access-key?");
    secret = ToyStore.SECRET;
    store.always(Answer.NO_BUCKET);
    assertThatThrownBy(() -> add(NONE, "A8", LONG)).hasMessageContaining("404 NoSuchBucket");
    assertThat(store.asked()).hasSize(3); // Another try would not help.
    store.always(Answer.TOO_LARGE);
    assertThatThrownBy(() -> add(NONE, "A8", LONG)).isInstanceOf(Bucket.UnfitException.class);
    store.always(Answer.FAULT);
    assertThatThrownBy(() -> add(NONE, "A8", LONG)).hasMessageContaining("500 InternalError");
    store.always(Answer.SILENT);
    assertThatThrownBy(() -> add(NONE, "A8", Duration.ofMillis(300)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("time");
    store.close();
    assertThatThrownBy(() -> add(NONE, "A8", LONG)).isInstanceOf(IOException.class);
  }

  @Test
  void aLargeMailIsNotInMemoryAndGoesOverTlsToWhomTheFileTrusts() throws Exception {
    try (var other = ToyStore.startTls()) {
      Path authorities = ToyIssuer.AUTHORITY;
      var content = Octets.of("x".repeat(3_000_000).getBytes(UTF_8));
      var about = Ground.about("A9", "a@here.test", "b@there.test");
      buckets.at(settings("https", other.port(), authorities)).add(NONE, about, content, LONG);
      assertThat(other.asked().getFirst().body()).hasSize(3_000_000);
      assertThatThrownBy(
              () ->
                  buckets.at(settings("https", other.port(), null)).add(NONE, about, content, LONG))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatLiesThereIsFoundAndWhatWasChangedIsTold() throws Exception {
    var settings = settings("http", store.port(), null);
    var mail = add(NONE, "B1", LONG);
    add(NONE, "B2", LONG);
    var third = add(NONE, "B3", LONG);
    store.change("/mails/relay1/2026-12-01/notes.txt", new byte[0]);
    try (var reading = new BucketReading(settings, os)) {
      List<String> found = new java.util.ArrayList<>();
      var all = new Search(Instant.EPOCH, null, "A@HERE", List.of(), null, null, null);
      reading.search(all, (entry, name) -> found.add(entry.about().id() + " " + name), null);
      assertThat(found).hasSize(3).contains("B1 s3://mails/" + mail.name());
      found.clear();
      var one =
          new Search(os.time().now().minusSeconds(90000), null, null, List.of(), null, null, "B2");
      reading.search(one, (entry, name) -> found.add(name), null);
      assertThat(found).hasSize(1);
      var past = new Search(null, Instant.EPOCH, null, List.of(), null, null, null);
      reading.search(past, (entry, name) -> found.add(name), null);
      assertThat(found).hasSize(1);

      assertThat(reading.verify().found()).isEmpty();
      assertThat(reading.verify().entries()).isEqualTo(3);
      String record = "/mails/" + third.name().replace(".eml", ".json");
      String was = new String(store.objects().get(record), UTF_8);
      store.change(record, was.replace("a@here.test", "x@here.test").getBytes(UTF_8));
      store.change("/mails/" + mail.name(), "something else".getBytes(UTF_8));
      assertThat(reading.verify().found())
          .extracting(each -> each.kind() + " " + each.text().replaceAll(".*/|-[0-9a-f]+", ""))
          .containsExactly(
              "CHANGED B1.eml is not as it was written",
              "CHANGED B3.json: it is not as it was written");
      store.change("/mails/" + mail.name(), null);
      store.change(record, null);
      assertThat(reading.verify().found())
          .extracting(each -> each.kind() + " " + each.text().replaceAll(".*/|-[0-9a-f]+", ""))
          .containsExactly(
              "MISSING B1.eml is missing",
              "MISSING B3.eml has no .json: it was never acknowledged, or that is missing");
    }
  }

  @Test
  void anObjectThatNobodyCanReadOrThatIsAnotherOneIsToldAndTheNextIsRead() throws Exception {
    String larger = path("C1");
    store.change(larger, "x".repeat(5_000).getBytes(UTF_8));
    String denied = path("C2");
    store.denies(denied);
    store.change(path("C3"), new byte[0]);
    String record = new String(store.objects().get(larger.replace(".eml", ".json")), UTF_8);
    String folder = larger.substring(0, larger.lastIndexOf('/') + 1);
    for (long octets : new long[] {-1, 3_000_000_000L}) {
      byte[] forged =
          record.replaceAll("\"octets\":[0-9]+", "\"octets\":" + octets).getBytes(UTF_8);
      String name = folder + "C4-" + Bucket.hash(forged).substring(0, 16);
      store.change(name + ".json", forged);
      store.change(name + ".eml", new byte[0]);
    }
    store.hides(path("C5").replace(".eml", ".json"));
    try (var reading = new BucketReading(settings("http", store.port(), null), os)) {
      var result = reading.verify();
      assertThat(result.found())
          .extracting(each -> each.kind() + " " + each.text().replaceAll("^.*?/|-[0-9a-f]{16}", ""))
          .anyMatch(each -> each.matches("UNREADABLE C2\\.eml: http:.* answers 403 AccessDenied.*"))
          .contains(
              "CHANGED C1.eml is not as it was written",
              "CHANGED C3.eml is not as it was written",
              "CHANGED C4.json: no mail has -1 octets",
              "CHANGED C4.json: no mail has 3000000000 octets")
          .hasSize(5);
      assertThat(result.entries()).as("C5 came meanwhile").isEqualTo(6);
      store.denies(denied.replace(".eml", ".json"));
      assertThat(reading.verify().found())
          .filteredOn(each -> each.text().contains("C2"))
          .singleElement()
          .extracting(each -> each.kind().name())
          .isEqualTo("UNREADABLE");
    }
  }

  /// Adds a mail: the path of its `.eml`.
  private String path(String id) throws IOException {
    return "/mails/" + add(NONE, id, LONG).name();
  }
}
