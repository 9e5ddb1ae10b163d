package dev.poststation.seal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.config.Cidr;
import dev.poststation.dns.Resolver;
import dev.poststation.dns.Resolver.Answer;
import dev.poststation.os.Connection;
import dev.poststation.os.IpText;
import dev.poststation.os.Network;
import dev.poststation.os.Networks;
import dev.poststation.smtp.PeerText;
import dev.poststation.tls.ClientTls;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Asks a place that a stranger names, in a certificate or by his address, over HTTP/1.1 (RFC 9112)
/// or HTTPS, as much of it as that needs. Because he says where, nothing within our own networks is
/// called, and nothing but the port of the web, unless the administrator has allowed it; the
/// address that was looked at is the one that is called, and redirections are not followed. Safe
/// for any thread; blocks the calling one.
///
/// @param allowed networks of ours that may be called
/// @param setting where the configuration has these
/// @param tls whom to trust at places of HTTPS
public record WebCall(
    Network network, Resolver resolver, List<Cidr> allowed, String setting, ClientTls tls) {
  /// The port of HTTP.
  public static final int HTTP = 80;

  private static final int HTTPS = 443;
  private static final int HEADER_MAX = 16 * 1024;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.[01] ([1-5][0-9]{2})( .*)?");
  private static final byte[] HEADER_END = "\r\n\r\n".getBytes(US_ASCII);

  public WebCall {
    allowed = List.copyOf(allowed);
  }

  /// A place has answered, and nothing of use: at others of its host that says nothing.
  public static final class Useless extends IOException {
    private static final long serialVersionUID = 1;
    private final int status;

    private Useless(String why, int status, IOException cause) {
      super(why, cause);
      this.status = status;
    }

    /// That of HTTP; 0: it does not speak that.
    public int status() {
      return status;
    }
  }

  /// A place is not called, because it is within a network.
  public static final class Within extends IOException {
    private static final long serialVersionUID = 1;

    private Within(String why) {
      super(why);
    }
  }

  /// What came.
  ///
  /// @param header its octets; 0: it has not ended
  private record Came(byte[] octets, int header) {
    private Optional<String> field(String name) {
      return head()
          .filter(each -> each.toLowerCase(Locale.ROOT).startsWith(name + ":"))
          .map(each -> each.substring(name.length() + 1).strip())
          .findFirst();
    }

    private Stream<String> head() {
      return new String(octets, 0, header, ISO_8859_1).lines();
    }

    /// Where it ends, as far as it says so itself.
    private Optional<Long> end() {
      return field("content-length")
          .filter(each -> each.matches("[0-9]{1,9}"))
          .map(each -> header + Long.parseLong(each));
    }
  }

  /// Asks.
  ///
  /// @param question null: it is only fetched
  /// @param type of the question
  /// @param sizeMax octets of the answer
  /// @throws Useless when there is one that is of no use; the message is a clause that names the
  ///   place
  /// @throws IOException when there is none; the message is one, too
  public byte[] ask(URI to, byte @Nullable [] question, String type, int sizeMax, Duration timeout)
      throws IOException {
    var at = place(to);
    Came came;
    try (var connection = network.connect(at, null, timeout)) {
      connection.deadline(timeout);
      if (isSecure(to)) {
        tls.verifiedOrFail();
        connection.startTls(tls.start(bare(to), true));
      }
      write(connection, header(to, question, type));
      if (question != null) {
        write(connection, question);
      }
      came = read(connection, (long) sizeMax + HEADER_MAX);
    } catch (IOException e) {
      throw new IOException(why(to, e), e);
    }
    try {
      return content(came, sizeMax);
    } catch (IOException e) {
      throw new Useless(why(to, e), status(came), e);
    }
  }

  private static String why(URI to, IOException e) {
    return to
        + ": "
        + PeerText.of(e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage());
  }

  private static boolean isSecure(URI to) {
    return "https".equalsIgnoreCase(to.getScheme());
  }

  private static String bare(URI to) {
    String host = to.getHost();
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private InetSocketAddress place(URI to) throws IOException {
    String host = to.getHost();
    if (!(resolver.addresses(bare(to)) instanceof Answer.Found<InetAddress>(var addresses))) {
      throw new IOException(to + ": " + host + " has no address, or cannot be looked up now");
    }
    int usual = isSecure(to) ? HTTPS : HTTP;
    int port = to.getPort() == -1 ? usual : to.getPort();
    var own = network.localAddresses();
    for (var address : addresses) {
      boolean meant = allowed.stream().anyMatch(each -> each.contains(address));
      if (!meant && (port != usual || own.contains(address) || !Networks.isOfInternet(address))) {
        throw new Within(
            to
                + ": "
                + IpText.of(address)
                + (port == usual
                    ? " is not in the Internet"
                    : " is called at port " + usual + " only")
                + ", and not in "
                + setting);
      }
    }
    // Not every machine has a way to IPv6, and one address is called only.
    var first =
        addresses.stream()
            .filter(Inet4Address.class::isInstance)
            .findFirst()
            .orElse(addresses.getFirst());
    return new InetSocketAddress(first, port);
  }

  private static void write(Connection connection, byte[] octets) throws IOException {
    connection.write(octets, 0, octets.length);
  }

  private static byte[] header(URI to, byte @Nullable [] question, String type) {
    String path = to.getRawPath().isEmpty() ? "/" : to.getRawPath();
    String query = to.getRawQuery() == null ? "" : "?" + to.getRawQuery();
    String content =
        question == null
            ? ""
            : "Content-Type: " + type + "\r\nContent-Length: " + question.length + "\r\n";
    return "%s %s HTTP/1.1\r\nHost: %s\r\n%sConnection: close\r\n\r\n"
        .formatted(question == null ? "GET" : "POST", path + query, to.getRawAuthority(), content)
        .getBytes(US_ASCII);
  }

  /// All that comes until the end, or as much as is announced; a little more than `most` at most.
  private static Came read(Connection connection, long most) throws IOException {
    var all = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    int header = 0;
    long end = most + 1;
    while (all.size() < end) {
      int count = connection.read(buffer, 0, buffer.length);
      if (count < 0) {
        break;
      }
      all.write(buffer, 0, count);
      if (header == 0) { // What follows is not looked at again with each octet that comes.
        byte[] octets = all.toByteArray();
        var came = new Came(octets, header(octets));
        header = came.header;
        if (header > 0) {
          end = Math.min(end, came.end().orElse(end));
        } else if (all.size() > HEADER_MAX) {
          break;
        }
      }
    }
    return new Came(all.toByteArray(), header);
  }

  /// Where the header ends; 0: it does not yet.
  private static int header(byte[] answer) {
    int last = Math.min(answer.length, HEADER_MAX) - HEADER_END.length;
    for (int i = 0; i <= last; i++) {
      if (Arrays.equals(answer, i, i + HEADER_END.length, HEADER_END, 0, HEADER_END.length)) {
        return i + HEADER_END.length;
      }
    }
    return 0;
  }

  private static int status(Came came) {
    var status = STATUS.matcher(came.head().findFirst().orElse(""));
    return status.matches() ? Integer.parseInt(status.group(1)) : 0;
  }

  private static byte[] content(Came came, int sizeMax) throws IOException {
    int status = status(came);
    if (status == 0) {
      throw new IOException("it does not speak HTTP");
    }
    if (status != 200) {
      throw new IOException("it answers " + status);
    }
    byte[] answer = came.octets;
    if (answer.length > (long) sizeMax + HEADER_MAX) {
      throw new IOException("its answer is larger than " + sizeMax + " octets");
    }
    byte[] body = Arrays.copyOfRange(answer, came.header, answer.length);
    boolean chunked =
        came.field("transfer-encoding")
            .filter(each -> each.equalsIgnoreCase("chunked"))
            .isPresent();
    if (!chunked && answer.length < came.end().orElse((long) answer.length)) {
      throw new IOException("its answer ends too early");
    }
    return chunked ? unchunked(body) : body;
  }

  /// RFC 9112 7.1.
  private static byte[] unchunked(byte[] body) throws IOException {
    var all = new ByteArrayOutputStream(body.length);
    int at = 0;
    while (true) {
      int line = at;
      while (line < body.length && body[line] != '\n') {
        line++;
      }
      String size = new String(body, at, line - at, ISO_8859_1).replaceFirst(";.*", "").strip();
      if (line == body.length || !size.matches("[0-9A-Fa-f]{1,7}")) {
        throw new IOException("its answer ends too early");
      }
      int octets = Integer.parseInt(size, 16);
      if (octets == 0) {
        return all.toByteArray();
      }
      if (line + 1 + octets + 2 > body.length) {
        throw new IOException("its answer ends too early");
      }
      all.write(body, line + 1, octets);
      at = line + 1 + octets + 2;
    }
  }
}
