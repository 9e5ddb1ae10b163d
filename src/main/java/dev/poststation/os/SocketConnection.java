package dev.poststation.os;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/// A TCP socket with a deadline. The sweeper of [SocketNetwork] first shuts down the input (the
/// reader wakes with an end of stream that is reported as a time-out, and may still say farewell),
/// and closes after a grace. Reading and writing confined to one thread; the rest safe for any.
final class SocketConnection implements Connection {
  private static final long NONE = Long.MAX_VALUE;
  private static final long GRACE_NANOS = Duration.ofSeconds(5).toNanos();

  /// Who sends more than this into a connection that is over gets the reset.
  private static final int THROWN_AWAY_MAX = 1024 * 1024;

  private final Socket socket;
  private final Time time;
  private final Consumer<SocketConnection> onClose;
  private final InetSocketAddress local;
  private volatile InetSocketAddress remote;
  private InputStream in;
  private OutputStream out;
  private @Nullable SSLSocket secure;
  private @Nullable Thread user;
  private @Nullable TlsFacts tls;
  private volatile long deadline = NONE;
  private volatile boolean expired;

  SocketConnection(Socket socket, Time time, Consumer<SocketConnection> onClose)
      throws IOException {
    this.socket = socket;
    this.time = time;
    this.onClose = onClose;
    this.local = (InetSocketAddress) socket.getLocalSocketAddress();
    this.remote = (InetSocketAddress) socket.getRemoteSocketAddress();
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  @Override
  public InetSocketAddress local() {
    return local;
  }

  @Override
  public InetSocketAddress remote() {
    return remote;
  }

  @Override
  public void onward(InetSocketAddress peer) {
    remote = peer;
  }

  @Override
  public void deadline(Duration fromNow) {
    deadline = time.nanos() + fromNow.toNanos();
  }

  /// Called by the sweeper.
  void expire(long now) {
    long limit = deadline;
    if (limit == NONE || now - limit < 0) {
      return;
    }
    if (!expired) {
      expired = true;
      try {
        socket.shutdownInput();
      } catch (IOException _) {
        close();
      }
    } else if (now - limit > GRACE_NANOS) {
      close();
    }
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    try {
      int count = in.read(buffer, offset, length);
      if (count < 0 && expired) {
        throw timedOut();
      }
      return count;
    } catch (SocketTimeoutException e) {
      throw e;
    } catch (IOException e) {
      throw expired ? timedOut() : e;
    }
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    try {
      out.write(buffer, offset, length);
    } catch (IOException e) {
      throw expired ? timedOut() : e;
    }
  }

  private static SocketTimeoutException timedOut() {
    return new SocketTimeoutException("the peer did not answer in time");
  }

  @Override
  public int available() throws IOException {
    return in.available();
  }

  @Override
  public TlsFacts startTls(TlsStart how) throws IOException {
    var factory = how.context().getSocketFactory();
    var peer = remote;
    String name = how.peerName() == null ? peer.getAddress().getHostAddress() : how.peerName();
    byte[] hello = how.server() ? firstRecord() : new byte[0];
    if (how.server() && hello.length == 0) {
      throw new EOFException("the client went away without a word");
    }
    var upgraded =
        (SSLSocket)
            (how.server()
                ? factory.createSocket(socket, new Reread(hello, in), true)
                : factory.createSocket(socket, name, peer.getPort(), true));
    upgraded.setUseClientMode(!how.server());
    upgraded.setSSLParameters(parameters(upgraded.getSSLParameters(), how));
    try {
      upgraded.startHandshake();
    } catch (IOException e) {
      throw expired ? timedOut() : e;
    }
    secure = upgraded;
    user = Thread.currentThread();
    in = upgraded.getInputStream();
    out = upgraded.getOutputStream();
    tls = facts(upgraded.getSession(), how, ClientHello.fingerprint(hello));
    return tls;
  }

  /// The record in which a client introduces itself, or as much of it as comes: JSSE gets it back,
  /// and says what is wrong with it.
  private byte[] firstRecord() throws IOException {
    byte[] record = new byte[ClientHello.RECORD_HEADER];
    int first = firstOctets(record);
    if (first == 0) {
      return new byte[0];
    }
    int begun = fill(record, first);
    if (begun < record.length || record[0] != ClientHello.HANDSHAKE) {
      return Arrays.copyOf(record, begun);
    }
    int length = ((record[3] & 0xff) << 8) | (record[4] & 0xff);
    if (length > ClientHello.RECORD_MAX) {
      return record;
    }
    byte[] whole = Arrays.copyOf(record, record.length + length);
    int filled = fill(whole, record.length);
    return filled == whole.length ? whole : Arrays.copyOf(whole, filled);
  }

  /// How many octets came first; 0: the client went, be it by a reset.
  ///
  /// @throws SilentPeerException when time is up before any came
  private int firstOctets(byte[] buffer) throws SilentPeerException {
    try {
      return Math.max(0, read(buffer, 0, buffer.length));
    } catch (SocketTimeoutException _) {
      throw new SilentPeerException();
    } catch (IOException _) {
      return 0;
    }
  }

  private int fill(byte[] buffer, int from) throws IOException {
    int filled = from;
    for (int count; filled < buffer.length; filled += count) {
      count = read(buffer, filled, buffer.length - filled);
      if (count < 0) {
        break;
      }
    }
    return filled;
  }

  private static SSLParameters parameters(SSLParameters parameters, TlsStart how) {
    parameters.setProtocols(how.protocols().toArray(String[]::new));
    if (!how.suites().isEmpty()) {
      parameters.setCipherSuites(how.suites().toArray(String[]::new));
    }
    if (how.clientCheck() != null) {
      parameters.setWantClientAuth(true);
    }
    if (!how.server() && how.peerName() != null) {
      parameters.setServerNames(serverNames(how.peerName()));
    }
    if (how.verifyName()) {
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
    }
    return parameters;
  }

  /// What is sent as SNI: a name, be it one of a single word, and no address (RFC 6066 3).
  private static List<SNIServerName> serverNames(String name) {
    try {
      InetAddress.ofLiteral(name);
      return List.of();
    } catch (IllegalArgumentException _) {
      // A name.
    }
    try {
      return List.of(new SNIHostName(name));
    } catch (IllegalArgumentException _) {
      return List.of(); // None that DNS could have.
    }
  }

  private static TlsFacts facts(SSLSession session, TlsStart how, @Nullable String fingerprint) {
    List<X509Certificate> chain = new ArrayList<>();
    try {
      for (Certificate certificate : session.getPeerCertificates()) {
        if (certificate instanceof X509Certificate x509) {
          chain.add(x509);
        }
      }
    } catch (SSLPeerUnverifiedException _) {
      // The peer showed none.
    }
    String requested = null;
    if (how.server() && session instanceof ExtendedSSLSession extended) {
      for (SNIServerName name : extended.getRequestedServerNames()) {
        if (name instanceof SNIHostName host) {
          requested = host.getAsciiName();
        }
      }
    }
    var check = how.clientCheck();
    boolean verified = check == null ? how.verifyName() : !chain.isEmpty() && check.test(chain);
    return new TlsFacts(
        session.getProtocol(), session.getCipherSuite(), requested, chain, verified, fingerprint);
  }

  @Override
  public @Nullable TlsFacts tls() {
    return tls;
  }

  @Override
  public byte @Nullable [] binding(Binding kind) {
    var encrypted = secure;
    return encrypted == null
        ? null
        : ChannelBinding.of(encrypted.getSession(), encrypted.getUseClientMode(), kind);
  }

  @Override
  public void closeGently(Duration atMost) {
    if (expired) {
      close(); // The input is shut down already: there is nothing that could be thrown away.
      return;
    }
    try {
      deadline(atMost);
      var encrypted = secure;
      if (encrypted != null) {
        encrypted.shutdownOutput(); // Sends close_notify.
      }
      if (!socket.isOutputShutdown()) {
        socket.shutdownOutput();
      }
      throwAway();
    } catch (IOException _) {
      // The peer is gone: nobody is left who could miss our last words.
    } finally {
      end();
    }
  }

  /// Reads until the peer ends, below TLS: the content does not matter any more.
  private void throwAway() throws IOException {
    var input = socket.getInputStream();
    byte[] octets = new byte[8192];
    int count = 0;
    for (int total = 0; count >= 0 && total < THROWN_AWAY_MAX; total += count) {
      count = input.read(octets, 0, octets.length);
    }
  }

  private void end() {
    try {
      socket.close();
    } catch (IOException _) {
      // It is closed all the same.
    } finally {
      onClose.accept(this);
    }
  }

  /// Says goodbye in TLS only in the thread that reads and writes: another one would wait for a
  /// writer that is stuck. After the deadline, the sweeper bounds how long that takes.
  @Override
  public void close() {
    try {
      var encrypted = secure;
      if (encrypted != null && Thread.currentThread() == user) {
        encrypted.close(); // Sends close_notify.
      }
    } catch (IOException _) {
      // It could not be said.
    } finally {
      end();
    }
  }
}
