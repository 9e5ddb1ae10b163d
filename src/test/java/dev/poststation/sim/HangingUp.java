package dev.poststation.sim;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// A server of HTTPS that accepts one request on each connection and then hangs up: while nobody
/// asks, or in the face of the next one. Over real sockets.
public final class HangingUp implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *([0-9]+)");

  private final ServerSocket listener;
  private final SSLSocketFactory tls;
  private final boolean inTheFace;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger over = new AtomicInteger();

  private HangingUp(ServerSocket listener, SSLSocketFactory tls, boolean inTheFace) {
    this.listener = listener;
    this.tls = tls;
    this.inTheFace = inTheFace;
  }

  /// Starts one.
  ///
  /// @param inTheFace whether it waits for the next request
  public static HangingUp start(boolean inTheFace) throws Exception {
    var listener = new ServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    var server = new HangingUp(listener, ToyIssuer.tls().getSocketFactory(), inTheFace);
    server.threads.execute(server::listen);
    return server;
  }

  public int port() {
    return listener.getLocalPort();
  }

  /// Requests that were accepted.
  public int accepted() {
    return accepted.get();
  }

  /// Connections that the other end has closed too, so that it has none of them left: to the end of
  /// TLS it answers sooner.
  public int over() {
    return over.get();
  }

  private void listen() {
    try {
      while (true) {
        var socket = listener.accept();
        threads.execute(() -> serve(socket));
      }
    } catch (IOException _) {
      // It is closed.
    }
  }

  private void serve(Socket bare) {
    try (bare;
        var socket = (SSLSocket) tls.createSocket(bare, null, false)) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      request(in);
      accepted.incrementAndGet();
      String answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
      socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
      if (inTheFace) {
        request(in);
      } else {
        socket.shutdownOutput();
        while (in.read() >= 0) {}
        while (bare.getInputStream().read() >= 0) {}
      }
    } catch (IOException _) {
      // The client is gone.
    } finally {
      over.incrementAndGet();
    }
  }

  private static void request(InputStream in) throws IOException {
    var header = new StringBuilder();
    while (header.indexOf("\r\n\r\n") < 0) {
      int octet = in.read();
      if (octet < 0) {
        throw new IOException("no request");
      }
      header.append((char) octet);
    }
    var length = LENGTH.matcher(header);
    in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    threads.shutdownNow();
  }
}
