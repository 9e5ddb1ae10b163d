package dev.poststation.archive;

import dev.poststation.config.S3Bucket;
import dev.poststation.message.Octets;
import dev.poststation.os.Os;
import dev.poststation.os.Workers;
import dev.poststation.tls.ClientTls;
import dev.poststation.tls.HttpsCall;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.http.ContentStreamProvider;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import software.amazon.awssdk.http.auth.spi.signer.HttpSigner;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;

/// Sends requests to an object store: signed (version 4), over connections that last, and once more
/// where that may help. Safe for any thread; blocks the calling one.
///
/// What it asks may be done twice: it puts the same under the same name.
final class Store implements AutoCloseable {
  private static final int ATTEMPTS = 3;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration CONNECT_MAX = Duration.ofSeconds(10);
  private static final int ANSWER_MAX = 256 * 1024;

  /// These the client of the JDK writes itself.
  private static final Set<String> OF_CLIENT = Set.of("host", "content-length");

  private final S3Bucket bucket;
  private final Os os;
  private final Workers threads;
  private final ClientTls tls;
  private final AwsV4HttpSigner signer = AwsV4HttpSigner.create();
  private @Nullable Line line;

  /// Whom it trusts, and what speaks with them.
  private record Line(SSLContext trust, HttpClient client) {}

  /// A request.
  ///
  /// @param name of the object; empty: the bucket itself is meant
  /// @param query behind the question mark; empty: none
  record Request(
      SdkHttpMethod method, String name, String query, Map<String, String> fields, Octets body) {}

  /// @param threads all that the client does, and what reads whole mails, is done there
  Store(S3Bucket bucket, Os os, Workers threads) {
    this.bucket = bucket;
    this.os = os;
    this.threads = threads;
    this.tls = ClientTls.trusting(bucket.authorities(), os.disk());
  }

  /// Sends it, and again when the store has too much to do or does not answer.
  ///
  /// @param end when the clock shows this, it is too late
  /// @throws IOException when there is no answer; the message is a clause
  StoreAnswer ask(Request request, long end) throws IOException {
    return ask(request, ANSWER_MAX, end);
  }

  /// The same of an answer with more in it.
  ///
  /// @param most octets
  StoreAnswer ask(Request request, int most, long end) throws IOException {
    var pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt == ATTEMPTS;
      var wait = pause;
      try {
        var answer = once(request, most, last ? left(end) : left(end).dividedBy(2));
        wait = answer.pause().compareTo(pause) > 0 ? answer.pause() : pause;
        if (!answer.isPassing() || last || !isTimeFor(wait, end)) {
          return answer;
        }
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        if (last || !isTimeFor(wait, end)) {
          throw e;
        }
      }
      rest(wait);
      pause = pause.multipliedBy(4);
    }
  }

  private void rest(Duration pause) throws InterruptedIOException {
    try {
      os.time().sleep(pause);
    } catch (InterruptedException _) {
      throw new InterruptedIOException("interrupted");
    }
  }

  private boolean isTimeFor(Duration pause, long end) {
    return pause.toNanos() < end - os.time().nanos();
  }

  /// How long it is until then.
  ///
  /// @throws IOException when it is too late
  Duration left(long end) throws IOException {
    var left = Duration.ofNanos(end - os.time().nanos());
    if (!left.isPositive()) {
      throw new IOException(bucket.endpoint() + " has not done it in time");
    }
    return left;
  }

  private StoreAnswer once(Request request, int most, Duration atMost) throws IOException {
    long begun = os.time().nanos();
    var signed = onWorker(() -> signed(request), atMost);
    var left = atMost.minusNanos(os.time().nanos() - begun);
    if (!left.isPositive()) {
      throw new IOException(bucket.endpoint() + " has not done it in time");
    }
    var call = new HttpsCall(tls, left, most, threads);
    return StoreAnswer.of(call.send(client(), signed));
  }

  /// Has something done that reads a whole mail.
  ///
  /// @throws IOException when it cannot be read, or not in time
  <T> T onWorker(Callable<T> work, Duration atMost) throws IOException {
    try {
      return threads
          .ask(work, atMost)
          .orElseThrow(() -> new IOException("too many mails wait for it already"));
    } catch (TimeoutException e) {
      throw new IOException("this machine has not read the mail in time", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private HttpRequest signed(Request request) throws IOException {
    var uri = uri(request);
    var unsigned = SdkHttpRequest.builder().method(request.method).uri(uri);
    request.fields.forEach(unsigned::putHeader);
    var identity = AwsCredentialsIdentity.create(bucket.accessKey(), bucket.secretKey().reveal());
    ContentStreamProvider payload = request.body::open;
    try {
      var signed =
          signer.sign(
              each ->
                  each.identity(identity)
                      .request(unsigned.build())
                      .payload(payload)
                      .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, "s3")
                      .putProperty(AwsV4HttpSigner.REGION_NAME, bucket.region())
                      .putProperty(AwsV4HttpSigner.DOUBLE_URL_ENCODE, false)
                      .putProperty(AwsV4HttpSigner.NORMALIZE_PATH, false)
                      .putProperty(AwsV4HttpSigner.PAYLOAD_SIGNING_ENABLED, true)
                      .putProperty(
                          HttpSigner.SIGNING_CLOCK, Clock.fixed(os.time().now(), ZoneOffset.UTC)));
      var out =
          HttpRequest.newBuilder(uri)
              .version(HttpClient.Version.HTTP_1_1) // No offer of HTTP/2 where there is no TLS.
              .method(request.method.name(), body(request.body));
      signed
          .request()
          .forEachHeader(
              (name, values) -> {
                if (!OF_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                  values.forEach(value -> out.header(name, value));
                }
              });
      return out.build();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static BodyPublisher body(Octets content) {
    return content.size() == 0
        ? BodyPublishers.noBody()
        : BodyPublishers.fromPublisher(BodyPublishers.ofInputStream(content::open), content.size());
  }

  private URI uri(Request request) {
    var at = bucket.endpoint();
    String host =
        bucket.pathStyle() ? at.getRawAuthority() : bucket.name() + "." + at.getRawAuthority();
    String path =
        (bucket.pathStyle() ? "/" + bucket.name() : "")
            + (bucket.pathStyle() && request.name.isEmpty() ? "" : "/" + request.name);
    return URI.create(
        at.getScheme()
            + "://"
            + host
            + path
            + (request.query.isEmpty() ? "" : "?" + request.query));
  }

  /// A new one when the authorities have changed.
  private synchronized HttpClient client() throws IOException {
    var trust = tls.verifiedOrFail();
    var open = line;
    if (open == null || !open.trust.equals(trust)) {
      close();
      open = new Line(trust, new HttpsCall(tls, CONNECT_MAX, ANSWER_MAX, threads).client());
      line = open;
    }
    return open.client;
  }

  /// What is under way goes on to its end.
  @Override
  public synchronized void close() {
    if (line != null) {
      line.client.shutdown();
      line = null;
    }
  }
}
