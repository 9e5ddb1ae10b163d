package dev.poststation.server;

import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.os.TlsStart;
import dev.poststation.sim.MemoryConnection;
import dev.poststation.sim.SimTime;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/// How a dialogue reaches the session: within memory, by TCP, or by TCP with TLS from the first
/// octet.
interface Wire extends Closeable {
  /// The client's end.
  Connection client();

  /// Waits until the server waits: for us, or for time to pass.
  void settle() throws InterruptedException;

  /// Moves time on; only where it is virtual.
  void advance(Duration by) throws InterruptedException;

  /// The listener stops.
  void drain();

  @Override
  void close();

  /// Whether the client is seen to come from elsewhere.
  static Wire memory(Relay relay, SimTime time, String clientAddress) {
    var pair =
        MemoryConnection.pair(
            time,
            new InetSocketAddress(clientAddress, 40_000),
            new InetSocketAddress("192.0.2.1", 25));
    var draining = new AtomicBoolean();
    var session =
        new Session(
            "s-1",
            pair.server(),
            Peer.direct(pair.server().remote()),
            relay::current,
            draining::get,
            relay.intake,
            relay.logins,
            relay.journal,
            time);
    Thread.ofVirtual().name("session-s-1").start(session);
    return new Wire() {
      @Override
      public Connection client() {
        return pair.client();
      }

      @Override
      public void settle() throws InterruptedException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (time.sleepers() == 0 && !pair.server().awaitIdle(Duration.ofMillis(1))) {
          if (System.nanoTime() > end) {
            throw new AssertionError("the session does not come to rest");
          }
        }
      }

      @Override
      public void advance(Duration by) throws InterruptedException {
        settle();
        time.advance(by);
      }

      @Override
      public void drain() {
        draining.set(true);
        session.drain();
      }

      @Override
      public void close() {
        pair.client().close();
      }
    };
  }

  /// A real socket on this machine.
  static Wire tcp(Relay relay, Os os, boolean implicitTls) throws IOException {
    var sessions = new Sessions(os.time());
    var listener =
        new Listener(relay::current, sessions, relay.intake, relay.logins, relay.journal, os);
    listener.start();
    Connection client = os.network().connect(listener.address(), null, Duration.ofSeconds(5));
    client.deadline(Duration.ofSeconds(20));
    if (implicitTls) {
      client.startTls(trustAll(null));
    }
    return new Wire() {
      @Override
      public Connection client() {
        return client;
      }

      @Override
      public void settle() {
        // The kernel may join packets; dialogues hold either way.
      }

      @Override
      public void advance(Duration by) {
        throw new IllegalStateException("real time cannot be moved");
      }

      @Override
      public void drain() {
        listener.drain();
      }

      @Override
      public void close() {
        client.close();
        listener.close();
      }
    };
  }

  /// As a client that takes any certificate.
  static TlsStart trustAll(String name) {
    return trustAll(name, null);
  }

  /// The same with keys of its own; null: none.
  static TlsStart trustAll(String name, KeyManager[] own) {
    var anybody =
        new X509TrustManager() {
          @Override
          public void checkClientTrusted(X509Certificate[] chain, String type) {}

          @Override
          public void checkServerTrusted(X509Certificate[] chain, String type) {}

          @Override
          public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
          }
        };
    try {
      var context = SSLContext.getInstance("TLS");
      context.init(own, new TrustManager[] {anybody}, null);
      return new TlsStart(context, false, name, false, List.of("TLSv1.3", "TLSv1.2"));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
