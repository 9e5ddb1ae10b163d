package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.poststation.config.IcapService;
import dev.poststation.message.Octets;
import dev.poststation.smtp.PeerText;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/// A request to an ICAP server and its answer (RFC 3507 4). Confined to one thread.
final class IcapExchange {
  private static final String PROTOCOL = "ICAP/";

  /// Of the HTTP that it gives back, header, and body besides what the mail has.
  private static final int HEADER_MAX = 64 * 1024;

  /// What servers say where they have found something. The first is from draft-stecher-icap-subid;
  /// the others are the words of products.
  private static final List<String> FOUND =
      List.of("x-infection-found", "x-virus-id", "x-violations-found", "x-virus-name", "x-blocked");

  private static final Pattern THREAT = Pattern.compile("(?i)threat=([^;]*)");
  private static final Pattern PLACE =
      Pattern.compile("(req-hdr|res-hdr|req-body|res-body|null-body|opt-body) *= *([0-9]{1,6})");

  private final Wire wire;
  private final IcapService settings;
  private final String at;

  /// Whether all of the last request was written, and all of its answer read.
  private boolean open;

  /// What it says of a mail.
  sealed interface Verdict {
    /// Nothing is in it.
    record Clean(String why) implements Verdict {}

    /// Something is.
    record Found(String what) implements Verdict {}
  }

  /// The HTTP that came back: which header, and whether a body follows.
  private record Enclosed(boolean response, int headerOctets, boolean body) {}

  /// @param at where the server is, as its address names it
  IcapExchange(Wire wire, IcapService settings, String at) {
    this.wire = wire;
    this.settings = settings;
    this.at = at;
  }

  /// Whether the connection can be used again.
  boolean open() {
    return open;
  }

  /// The question what it offers.
  static String options(IcapService settings, String at) {
    return first("OPTIONS", settings, at) + "Encapsulated: null-body=0\r\n\r\n";
  }

  /// Asks what it offers.
  IcapOffer options(long now) throws IOException, ServiceException {
    open = false;
    wire.write(options(settings, at));
    var head = Head.read(wire, PROTOCOL);
    check(head);
    var enclosed = enclosed(head);
    if (enclosed.body) {
      Head.chunked(wire, HEADER_MAX);
    }
    open = stays(head);
    if (!IcapOffer.has(head, method())) {
      throw ServiceException.down(
          "the service %s at %s offers %s, not %s"
              .formatted(
                  settings.path(),
                  at,
                  PeerText.of(head.fields().getOrDefault("methods", "")),
                  method()));
    }
    return IcapOffer.of(head, now);
  }

  /// Shows it a mail.
  Verdict show(Octets octets, Facts facts, IcapOffer offer) throws IOException, ServiceException {
    open = false;
    String name = "http://%s/%s.eml".formatted(facts.hostname(), facts.id());
    String about = "Content-Type: message/rfc822\r\nContent-Length: " + octets.size() + "\r\n\r\n";
    String request;
    String places;
    if (settings.method() == IcapService.Method.REQMOD) {
      request = "POST %s HTTP/1.1\r\nHost: %s\r\n%s".formatted(name, facts.hostname(), about);
      places = "req-hdr=0, req-body=" + request.length();
    } else {
      String asked = "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n".formatted(name, facts.hostname());
      request = asked + "HTTP/1.1 200 OK\r\n" + about;
      places = "req-hdr=0, res-hdr=%d, res-body=%d".formatted(asked.length(), request.length());
    }
    var icap = new StringBuilder(first(method(), settings, at)).append("Allow: 204\r\n");
    if (offer.preview() >= 0) {
      icap.append("Preview: ").append(offer.preview()).append("\r\n");
    }
    if (offer.clientAddress() && !facts.source().address().isEmpty()) {
      icap.append("X-Client-IP: ").append(facts.source().address()).append("\r\n");
    }
    Head head;
    boolean sent = false;
    try {
      wire.write(icap + "Encapsulated: " + places + "\r\n\r\n" + request);
      head = sent(octets, offer);
      sent = true;
    } catch (IOException e) {
      head = Head.early(wire, PROTOCOL, e);
    }
    var verdict = verdict(head, octets);
    open &= sent;
    return verdict;
  }

  private Head sent(Octets octets, IcapOffer offer) throws IOException, ServiceException {
    long shown = 0;
    if (offer.preview() >= 0) {
      shown = Math.min(offer.preview(), octets.size());
      chunks(octets.slice(0, shown));
      wire.write(shown == octets.size() ? "0; ieof\r\n\r\n" : "0\r\n\r\n");
      var head = Head.read(wire, PROTOCOL);
      if (head.status() != 100) {
        return head;
      }
    }
    chunks(octets.slice(shown, octets.size()));
    wire.write("0\r\n\r\n");
    return Head.read(wire, PROTOCOL);
  }

  private void chunks(Octets octets) throws IOException, ServiceException {
    byte[] piece = new byte[Math.clamp(octets.size(), 1, 64 * 1024)];
    for (long from = 0; from < octets.size(); ) {
      int count = Wire.read(octets, from, piece, 0, piece.length);
      wire.write(Integer.toHexString(count) + "\r\n");
      wire.write(piece, count);
      wire.write("\r\n");
      from += count;
    }
  }

  // --- The answer
  // ----------------------------------------------------------------------------------

  private Verdict verdict(Head head, Octets octets) throws IOException, ServiceException {
    String found = found(head);
    if (found.isEmpty() || head.status() == 200) {
      check(head);
    }
    if (head.status() == 204) {
      open = stays(head);
      return found.isEmpty()
          ? new Verdict.Clean("the ICAP server found nothing")
          : new Verdict.Found(found);
    }
    if (head.status() != 200) {
      return new Verdict.Found(found); // What follows is not read: the connection ends here.
    }
    var enclosed = enclosed(head);
    String header = new String(wire.exactly(enclosed.headerOctets), ISO_8859_1);
    boolean same = enclosed.body && same(octets);
    open = stays(head);
    if (!found.isEmpty()) {
      return new Verdict.Found(found);
    }
    boolean refused = settings.method() == IcapService.Method.REQMOD && enclosed.response;
    String line = header.lines().findFirst().orElse("nothing");
    return same && !refused
        ? new Verdict.Clean("the ICAP server gave it back as it was")
        : new Verdict.Found("the ICAP server gave back something else: " + PeerText.of(line));
  }

  /// What it says in its own header of what it found; empty: nothing.
  private static String found(Head head) {
    for (String name : FOUND) {
      var value = head.field(name);
      if (value != null && !value.strip().equals("0")) {
        var threat = THREAT.matcher(value);
        String what = threat.find() ? threat.group(1).strip() : value;
        return "the ICAP server found "
            + PeerText.of(what.substring(0, Math.min(what.length(), 200)));
      }
    }
    return "";
  }

  /// Compares what comes with the mail. All of it is read, for the next answer comes behind it.
  private boolean same(Octets octets) throws IOException, ServiceException {
    long at = 0;
    boolean same = true;
    while (true) {
      byte[] chunk = Head.chunk(wire);
      if (chunk.length == 0) {
        return same && at == octets.size();
      }
      if (at + chunk.length > octets.size() + HEADER_MAX * 16L) {
        throw ServiceException.atThisMail("the answer of the ICAP server is too long");
      }
      same = same && equal(octets, at, chunk);
      at += chunk.length;
    }
  }

  private static boolean equal(Octets octets, long at, byte[] chunk) throws ServiceException {
    if (at + chunk.length > octets.size()) {
      return false;
    }
    byte[] ours = new byte[chunk.length];
    for (int i = 0; i < chunk.length; ) {
      i += Wire.read(octets, at + i, ours, i, ours.length - i);
    }
    return Arrays.equals(ours, chunk);
  }

  private void check(Head head) throws IOException, ServiceException {
    int status = head.status();
    String line = PeerText.of(head.line());
    if (status == 404 || status == 405 || status == 403 || status == 407) {
      throw ServiceException.down("%s answers for %s: %s".formatted(at, settings.path(), line));
    }
    if (status == 503 || status == 408) { // It has too much to do: another one may not.
      throw new UnableException("it answers " + line);
    }
    if (status != 200 && status != 204) {
      throw ServiceException.atThisMail("the ICAP server answers " + line);
    }
  }

  /// Where in what it gave back the header is, and whether a body follows (RFC 3507 4.4.1).
  private static Enclosed enclosed(Head head) throws IOException {
    var places = PLACE.matcher(head.fields().getOrDefault("encapsulated", "null-body=0"));
    boolean response = false;
    while (places.find()) {
      String part = places.group(1);
      response |= part.equals("res-hdr");
      if (part.endsWith("-body")) {
        int octets = Integer.parseInt(places.group(2));
        if (octets > HEADER_MAX) {
          throw new IOException("its answer has a header that is too long");
        }
        return new Enclosed(response, octets, !part.equals("null-body"));
      }
    }
    throw new IOException("its answer does not say what is in it");
  }

  private static boolean stays(Head head) {
    return !head.fields().getOrDefault("connection", "").equalsIgnoreCase("close");
  }

  /// A socket of this machine has no name.
  private static String first(String method, IcapService settings, String at) {
    String host = at.startsWith("unix:") ? "localhost" : at;
    return "%s icap://%s/%s ICAP/1.0\r\nHost: %s\r\nUser-Agent: Poststation\r\n"
        .formatted(method, host, settings.path(), host);
  }

  private String method() {
    return settings.method().name();
  }
}
