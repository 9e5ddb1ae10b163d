package dev.poststation.os;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/// A connected Unix socket as the JDK's class of sockets, which has none: enough of it for
/// [SocketConnection]. Both ends are called the loopback address. Reading and writing are confined
/// to one thread each; closing and shutting down are safe for any.
final class UnixSocket extends Socket {
  private static final SocketAddress HERE =
      new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

  private final SocketChannel channel;
  private final Input input = new Input();

  private UnixSocket(SocketChannel channel) {
    this.channel = channel;
  }

  /// Connects.
  ///
  /// @throws IOException when nobody listens there, or it is not for us
  static UnixSocket connected(Path path) throws IOException {
    var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(path));
      return new UnixSocket(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /// Channels have no class of their own for a peer that has hung up; sockets have.
  private static SocketException asOfSockets(IOException e) {
    String why = e.getMessage();
    return new SocketException(why == null ? "the connection is closed" : why, e);
  }

  private final class Input extends InputStream {
    private final ByteBuffer ahead = ByteBuffer.allocate(512).limit(0);
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (ahead.hasRemaining()) {
        int count = Math.min(length, ahead.remaining());
        ahead.get(buffer, offset, count);
        return count;
      }
      try {
        return ended ? -1 : channel.read(ByteBuffer.wrap(buffer, offset, length));
      } catch (IOException e) {
        throw asOfSockets(e);
      }
    }

    /// Looks without waiting.
    @Override
    public int available() throws IOException {
      if (!ahead.hasRemaining() && !ended) {
        ahead.clear();
        channel.configureBlocking(false);
        try {
          ended = channel.read(ahead) < 0;
        } finally {
          ahead.flip();
          channel.configureBlocking(true);
        }
      }
      return ahead.remaining();
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int octet) throws IOException {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] buffer, int offset, int length) throws IOException {
      var octets = ByteBuffer.wrap(buffer, offset, length);
      try {
        while (octets.hasRemaining()) {
          channel.write(octets);
        }
      } catch (IOException e) {
        throw asOfSockets(e);
      }
    }
  }

  @Override
  public InputStream getInputStream() {
    return input;
  }

  @Override
  public OutputStream getOutputStream() {
    return new Output();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return HERE;
  }

  @Override
  public SocketAddress getRemoteSocketAddress() {
    return HERE;
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void shutdownInput() throws IOException {
    channel.shutdownInput();
  }

  @Override
  public void shutdownOutput() throws IOException {
    channel.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    channel.close();
    super.close();
  }
}
