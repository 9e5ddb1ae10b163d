package dev.poststation.tls;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Takes one answer: its header, and the beginning of its body, whose rest is dropped. That the
/// body is too long, or breaks off, changes nothing of what the header says. Safe for any thread.
final class Beginning implements BodyHandler<Beginning>, BodySubscriber<Beginning> {
  private final int octetsMax;
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final CompletableFuture<Beginning> end = new CompletableFuture<>();
  private @Nullable ResponseInfo header;
  private @Nullable Subscription subscription;

  /// @param octetsMax so much of the body is kept
  Beginning(int octetsMax) {
    this.octetsMax = octetsMax;
  }

  @Override
  public synchronized BodySubscriber<Beginning> apply(ResponseInfo info) {
    header = info;
    return this;
  }

  /// Is there with the header: nobody has to wait for the body.
  @Override
  public CompletionStage<Beginning> getBody() {
    return CompletableFuture.completedStage(this);
  }

  @Override
  public synchronized void onSubscribe(Subscription body) {
    subscription = body;
    body.request(Long.MAX_VALUE);
  }

  @Override
  public synchronized void onNext(List<ByteBuffer> pieces) {
    for (var piece : pieces) {
      byte[] octets = new byte[Math.min(piece.remaining(), octetsMax - kept.size())];
      piece.get(octets);
      kept.writeBytes(octets);
    }
  }

  @Override
  public void onError(Throwable failure) {
    end.complete(this); // What came is what it says.
  }

  @Override
  public void onComplete() {
    end.complete(this);
  }

  /// Is done when nothing of the body comes any more.
  CompletableFuture<Beginning> end() {
    return end;
  }

  /// What came so far is all: whoever sends more has the connection closed.
  synchronized void stop() {
    if (subscription != null) {
      subscription.cancel();
    }
  }

  /// What came; empty: not even the header.
  synchronized Optional<HttpsAnswer> answer(Optional<SSLSession> tls) {
    return Optional.ofNullable(header)
        .map(each -> new HttpsAnswer(each.statusCode(), each.headers(), kept.toByteArray(), tls));
  }
}
