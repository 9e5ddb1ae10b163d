package dev.poststation.tls;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// Makes sockets that take only our protocols, and only a certificate that is valid for the host to
/// which they are connected. Safe for any thread.
final class VerifyingSockets extends SSLSocketFactory {
  /// The rules of RFC 2830 3.6, which those of HTTPS are for names in a certificate.
  private static final String IDENTIFICATION = "LDAPS";

  private final Source source;
  private final String[] protocols;

  /// Where the authorities come from, which may change.
  @FunctionalInterface
  interface Source {
    SSLContext context() throws IOException;
  }

  VerifyingSockets(Source source, List<String> protocols) {
    this.source = source;
    this.protocols = protocols.toArray(String[]::new);
  }

  private SSLSocketFactory factory() throws IOException {
    return source.context().getSocketFactory();
  }

  private Socket pinned(Socket made) {
    var socket = (SSLSocket) made;
    var parameters = socket.getSSLParameters();
    parameters.setProtocols(protocols);
    parameters.setEndpointIdentificationAlgorithm(IDENTIFICATION);
    socket.setSSLParameters(parameters);
    return socket;
  }

  @Override
  public Socket createSocket() throws IOException {
    return pinned(factory().createSocket());
  }

  @Override
  public Socket createSocket(Socket socket, String host, int port, boolean close)
      throws IOException {
    return pinned(factory().createSocket(socket, host, port, close));
  }

  // Connected at once, without a time-out: for none of those who use this.

  @Override
  public Socket createSocket(String host, int port) throws IOException {
    return pinned(factory().createSocket(host, port));
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress from, int fromPort)
      throws IOException {
    return pinned(factory().createSocket(host, port, from, fromPort));
  }

  @Override
  public Socket createSocket(InetAddress host, int port) throws IOException {
    return pinned(factory().createSocket(host, port));
  }

  @Override
  public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort)
      throws IOException {
    return pinned(factory().createSocket(host, port, from, fromPort));
  }

  @Override
  public String[] getDefaultCipherSuites() {
    return new String[0];
  }

  @Override
  public String[] getSupportedCipherSuites() {
    return new String[0];
  }
}
