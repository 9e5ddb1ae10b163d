package dev.poststation.tls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLSession;

/// One request over HTTPS, to a server whose certificate is verified, without redirections, within
/// a time and a size. Safe for any thread; blocks the calling one.
///
/// The JDK's client does its own I/O. One is made for each request, for they are rare, so that no
/// thread of it lives on; who has many in a row makes one for these, and ends it. It looks names up
/// by the means of the machine (`/etc/nsswitch.conf`), in native code that may hold its thread for
/// long; nobody waits longer than the time-out.
///
/// @param tls whom to trust
/// @param connect until there is a connection
/// @param timeout of all of it
/// @param sizeMax octets of the answer
/// @param threads all that the client does, it does there
public record HttpsCall(
    ClientTls tls, Duration connect, Duration timeout, int sizeMax, Executor threads) {
  /// Behind the header, where that alone decides.
  private static final Duration BODY_MAX = Duration.ofSeconds(10);

  /// Whoever answers late may do so at any step.
  public HttpsCall(ClientTls tls, Duration timeout, int sizeMax, Executor threads) {
    this(tls, timeout, timeout, sizeMax, threads);
  }

  /// Sends it and gives the answer, whatever its status is.
  ///
  /// @throws IOException when there is none; the message is one clause that names the place
  public HttpResponse<byte[]> send(HttpRequest request) throws IOException {
    var http = client();
    try {
      return send(http, request);
    } finally {
      http.shutdownNow();
    }
  }

  /// What such requests are sent by; its connections are used again. To be shut down.
  public HttpClient client() throws IOException {
    return HttpClient.newBuilder()
        .sslContext(tls.verifiedOrFail())
        .sslParameters(ClientTls.parameters())
        .connectTimeout(connect)
        .followRedirects(HttpClient.Redirect.NEVER)
        .executor(threads)
        .build();
  }

  /// Sends it by a client that lives on.
  ///
  /// @throws IOException when there is no answer; the message is one clause that names the place
  public HttpResponse<byte[]> send(HttpClient http, HttpRequest request) throws IOException {
    var body = BodyHandlers.limiting(BodyHandlers.ofByteArray(), sizeMax);
    // The time-out of a request ends with the header of the answer; this one does not.
    return got(() -> http.sendAsync(request, body), timeout, request);
  }

  /// The same where what was decided matters, and not what is said about it: with the header there
  /// is an answer (RFC 9110 15), however long its body is and whatever becomes of that. Nobody
  /// waits for the body longer than ten seconds.
  ///
  /// @throws IOException when no header came; the message is one clause that names the place
  public HttpsAnswer decided(HttpClient http, HttpRequest request) throws IOException {
    var beginning = new Beginning(sizeMax);
    Optional<SSLSession> tls = Optional.empty();
    try {
      tls = got(() -> http.sendAsync(request, beginning), timeout, request).sslSession();
      var most = timeout.compareTo(BODY_MAX) < 0 ? timeout : BODY_MAX;
      got(beginning::end, most, request);
    } catch (IOException e) {
      beginning.stop();
      return beginning.answer(tls).orElseThrow(() -> e);
    }
    return beginning.answer(tls).orElseThrow();
  }

  private static <T> T got(
      Supplier<CompletableFuture<T>> call, Duration atMost, HttpRequest request)
      throws IOException {
    var to = request.uri();
    String place = to.getScheme() + "://" + to.getRawAuthority() + to.getRawPath();
    try {
      var answer = call.get();
      try {
        return answer.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
      } finally {
        answer.cancel(true); // Nobody waits for it any more; where it is done this does nothing.
      }
    } catch (TimeoutException e) {
      throw new IOException(place + " does not answer in time", e);
    } catch (RejectedExecutionException e) {
      throw new IOException(place + ": the DNS of this machine has not answered for long", e);
    } catch (ExecutionException e) {
      throw new IOException(place + ": " + HttpsFailure.reason(e), e);
    } catch (InterruptedException _) {
      throw new InterruptedIOException("interrupted");
    }
  }
}
