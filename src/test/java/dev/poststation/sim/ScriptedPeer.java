package dev.poststation.sim;

import dev.poststation.os.Connection;
import dev.poststation.os.TlsFacts;
import dev.poststation.os.TlsStart;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;

/// A connection to a server that plays a script, without threads: what the client wrote is compared
/// with the lines `C: …`, what the lines `S: …` say is there to be read. A client that waits though
/// the script waits for it fails, and so does one that says something else. Confined to one thread.
///
/// - `C: text` a line of the client; `*` at the end stands for anything
/// - `C: <content>` all up to the final dot; `C: <chunk>` as many octets as BDAT announced
/// - `S: text` a line of the server; `S> text` octets without line end; in both `\r \n \0 \t \e`
///   and `\xNN` are known
/// - `<close>` the server closes; `<reset>` the connection breaks; `<timeout>` the server says
///   nothing more
/// - `<wait 4m>` the clock goes on
/// - `<endless text>` the server says this for ever
/// - `<tls>` a handshake; `<tls fails>` one that fails
public final class ScriptedPeer implements Connection {
  private InetSocketAddress remote;
  private final ManualTime time;
  private final List<String> script;
  private int at;

  private final ByteArrayOutputStream fromClient = new ByteArrayOutputStream();
  private byte[] unread = {};
  private byte[] endless = {};
  private IOException ending;
  private boolean closedByServer;
  private boolean closedByClient;
  private boolean tlsAwaited;
  private TlsFacts tls;
  private Duration deadline = Duration.ZERO;
  private final List<Integer> writes = new ArrayList<>();
  private final List<byte[]> contents = new ArrayList<>();
  private final List<String> said = new ArrayList<>();
  private int chunkSize;

  ScriptedPeer(InetSocketAddress remote, ManualTime time, List<String> script) {
    this.remote = remote;
    this.time = time;
    this.script = List.copyOf(script);
    play();
  }

  /// Octets of each write of the client.
  public List<Integer> writes() {
    return writes;
  }

  /// All lines of the client, contents left out.
  public List<String> said() {
    return said;
  }

  /// The contents, as they came over the wire: dots doubled, with the final dot.
  public List<byte[]> contents() {
    return contents;
  }

  public boolean closed() {
    return closedByClient;
  }

  /// The last time-out that was set.
  public Duration deadline() {
    return deadline;
  }

  /// Fails if the script was not played to its end.
  void verify() {
    if (at < script.size()) {
      throw new AssertionError(
          "the script stands at: " + script.get(at) + ", the client said " + said);
    }
    String rest = fromClient.toString(StandardCharsets.UTF_8);
    if (!rest.isEmpty() && !rest.equals("QUIT\r\n")) {
      throw new AssertionError("the client said more: " + rest);
    }
  }

  private void play() {
    while (at < script.size() && step(script.get(at))) {
      at++;
    }
  }

  private boolean step(String line) {
    if (line.equals("C: <content>")) {
      return takeContent();
    } else if (line.equals("C: <chunk>")) {
      return takeChunk();
    } else if (line.startsWith("C: ")) {
      return takeLine(line.substring(3));
    } else if (line.startsWith("S: ")) {
      give(octets(line.substring(3) + "\\r\\n"));
    } else if (line.startsWith("S> ")) {
      give(octets(line.substring(3)));
    } else if (line.startsWith("<wait ")) {
      time.advance(Duration.parse("PT" + line.substring(6, line.length() - 1)));
    } else if (line.startsWith("<endless ")) {
      endless = octets(line.substring(9, line.length() - 1));
    } else if (line.equals("<tls>") || line.equals("<tls fails>")) {
      boolean before = tlsAwaited;
      tlsAwaited = true;
      return before && (tls != null || ending != null);
    } else {
      ending =
          switch (line) {
            case "<close>" -> new SocketException("Broken pipe");
            case "<reset>" -> new SocketException("Connection reset");
            case "<timeout>" -> new SocketTimeoutException("the peer did not answer in time");
            default -> throw new IllegalArgumentException("not a line of a script: " + line);
          };
      closedByServer = line.equals("<close>");
    }
    return true;
  }

  private static byte[] octets(String text) {
    var octets = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        octets.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
        continue;
      }
      char escaped = text.charAt(++i);
      switch (escaped) {
        case 'r' -> octets.write('\r');
        case 'n' -> octets.write('\n');
        case 't' -> octets.write('\t');
        case 'e' -> octets.write(27);
        case '0' -> octets.write(0);
        case 'x' -> {
          octets.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
          i += 2;
        }
        default -> octets.write(escaped);
      }
    }
    return octets.toByteArray();
  }

  private void give(byte[] octets) {
    int old = unread.length;
    unread = Arrays.copyOf(unread, old + octets.length);
    System.arraycopy(octets, 0, unread, old, octets.length);
  }

  private byte[] take(int count) {
    byte[] all = fromClient.toByteArray();
    fromClient.reset();
    fromClient.write(all, count, all.length - count);
    return Arrays.copyOf(all, count);
  }

  private boolean takeLine(String expected) {
    String all = fromClient.toString(StandardCharsets.ISO_8859_1);
    int end = all.indexOf("\r\n");
    if (end < 0) {
      return false;
    }
    String line = new String(take(end + 2), 0, end, StandardCharsets.UTF_8);
    said.add(line);
    boolean wild = expected.endsWith("*");
    boolean fits =
        wild
            ? line.startsWith(expected.substring(0, expected.length() - 1))
            : line.equals(expected);
    if (!fits) {
      throw new AssertionError("the client said: " + line + ", expected was: " + expected);
    }
    if (line.startsWith("BDAT ")) {
      chunkSize = Integer.parseInt(line.split(" ", -1)[1]);
    }
    return true;
  }

  private boolean takeContent() {
    String all = fromClient.toString(StandardCharsets.ISO_8859_1);
    int end = all.startsWith(".\r\n") ? 3 : all.indexOf("\r\n.\r\n") + 5;
    if (end < 5 && !all.startsWith(".\r\n")) {
      return false;
    }
    contents.add(take(end));
    return true;
  }

  private boolean takeChunk() {
    if (fromClient.size() < chunkSize) {
      return false;
    }
    contents.add(take(chunkSize));
    return true;
  }

  @Override
  public InetSocketAddress local() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 40000);
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
    deadline = fromNow;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (closedByClient) {
      throw new SocketException("Socket closed");
    }
    if (unread.length == 0 && endless.length > 0) {
      // Slowly, so that time-outs count, too.
      time.advance(Duration.ofMillis(10));
      give(endless);
    }
    if (unread.length > 0) {
      int count = Math.min(length, unread.length);
      System.arraycopy(unread, 0, buffer, offset, count);
      unread = Arrays.copyOfRange(unread, count, unread.length);
      return count;
    }
    if (closedByServer) {
      return -1;
    }
    if (ending != null) {
      if (ending instanceof SocketTimeoutException) {
        time.advance(deadline);
      }
      throw ending;
    }
    String next = at < script.size() ? script.get(at) : "nothing more";
    throw new AssertionError(
        "the client waits, but the script waits for: "
            + next
            + ", there is: "
            + fromClient.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void write(byte[] buffer, int offset, int length) throws IOException {
    if (closedByClient) {
      throw new SocketException("Socket closed");
    }
    if (ending != null && !(ending instanceof SocketTimeoutException)) {
      throw ending;
    }
    writes.add(length);
    fromClient.write(buffer, offset, length);
    play();
  }

  @Override
  public int available() {
    return unread.length;
  }

  @Override
  public TlsFacts startTls(TlsStart how) throws IOException {
    if (!tlsAwaited) {
      throw new AssertionError("no handshake in the script at: " + script.get(at));
    }
    if (script.get(at).equals("<tls fails>")) {
      ending = new SSLHandshakeException("Received fatal alert: handshake_failure");
      play();
      throw ending;
    }
    tls = new TlsFacts("TLSv1.3", "TLS_AES_128_GCM_SHA256", null, List.of());
    play();
    return tls;
  }

  @Override
  public TlsFacts tls() {
    return tls;
  }

  @Override
  public void close() {
    closedByClient = true;
  }
}
