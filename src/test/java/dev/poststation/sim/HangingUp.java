package dev.poststation.sim;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;

/// A server of HTTPS that accepts one request on each connection and then hangs up: while nobody
/// asks, or in the face of the next one. Over real sockets.
public final class HangingUp implements AutoCloseable {
  private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *([0-9]+)");

  private final SSLServerSocket listener;
  private final boolean inTheFace;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger accepted = new AtomicInteger();
  private final AtomicInteger over = new AtomicInteger();

  private HangingUp(SSLServerSocket listener, boolean inTheFace) {
    this.listener = listener;
    this.inTheFace = inTheFace;
  }

  /// Starts one.
  ///
  /// @param inTheFace whether it waits for the next request
  public static HangingUp start(boolean inTheFace) throws Exception {
    var listener =
        (SSLServerSocket)
            ToyIssuer.tls()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.ofLiteral("127.0.0.1"));
    var server = new HangingUp(listener, inTheFace);
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

  /// Connections that both ends have closed.
  public int over() {
    return over.get();
  }

  private void listen() {
    try {
      while (true) {
        var socket = (SSLSocket) listener.accept();
        threads.execute(() -> serve(socket));
      }
    } catch (IOException _) {
      // It is closed.
    }
  }

  private void serve(SSLSocket socket) {
    try (socket) {
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
