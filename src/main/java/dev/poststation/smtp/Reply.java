package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// An SMTP reply (RFC 5321 4.2): ours to a client, or a next hop's to us. Immutable, safe for any
/// thread.
///
/// It is no record only because it keeps its octets: those of the constants in [Replies] are made
/// once and then sent a million times.
public final class Reply {
  private final int code;
  private final @Nullable EnhancedStatus status;
  private final List<String> lines;
  private volatile byte @Nullable [] wire;

  /// A reply.
  ///
  /// @param code 200 to 599
  /// @param status the enhanced status, or null where there is none (greeting, EHLO, 354, or a peer
  ///   without)
  /// @param lines the text, one element a line, without code and status; at least one
  public Reply(int code, @Nullable EnhancedStatus status, List<String> lines) {
    if (code < 200 || code > 599) {
      throw new IllegalArgumentException("not a reply code: " + code);
    }
    this.code = code;
    this.status = status;
    this.lines = lines.isEmpty() ? List.of("") : List.copyOf(lines);
  }

  /// A reply of one line with its enhanced status, such as `of(250, "2.1.0", "Sender ok")`.
  public static Reply of(int code, String status, String text) {
    return new Reply(code, EnhancedStatus.parse(status).orElseThrow(), List.of(text));
  }

  /// A reply of one line without enhanced status.
  public static Reply plain(int code, String text) {
    return new Reply(code, null, List.of(text));
  }

  /// The reply code, 200 to 599.
  public int code() {
    return code;
  }

  /// The enhanced status, or null where there is none.
  public @Nullable EnhancedStatus status() {
    return status;
  }

  /// The text, one element a line, without code and status; at least one.
  public List<String> lines() {
    return lines;
  }

  /// 2yz.
  public boolean positive() {
    return code < 300;
  }

  /// 3yz: go on.
  public boolean intermediate() {
    return code >= 300 && code < 400;
  }

  /// 4yz.
  public boolean transientFailure() {
    return code >= 400 && code < 500;
  }

  /// 5yz.
  public boolean permanentFailure() {
    return code >= 500;
  }

  /// The same with so many characters of its text at most, this very one if it has no more.
  public Reply cut(int most) {
    int left = most;
    List<String> kept = new ArrayList<>();
    for (String line : lines) {
      if (line.length() > left) {
        kept.add(line.substring(0, left) + "…");
        return new Reply(code, status, kept);
      }
      kept.add(line);
      left -= line.length();
    }
    return this;
  }

  /// As it goes over the wire, with CRLF after each line. The same array each time: not to be
  /// changed.
  public byte[] wire() {
    byte[] made = wire;
    if (made == null) {
      made = make();
      wire = made;
    }
    return made;
  }

  private byte[] make() {
    var text = new StringBuilder(64);
    for (int i = 0; i < lines.size(); i++) {
      text.append(code).append(i < lines.size() - 1 ? '-' : ' ');
      if (status != null) {
        text.append(status).append(' ');
      }
      text.append(lines.get(i)).append("\r\n");
    }
    return text.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Reply reply
        && code == reply.code
        && Objects.equals(status, reply.status)
        && lines.equals(reply.lines);
  }

  @Override
  public int hashCode() {
    return (code * 31 + Objects.hashCode(status)) * 31 + lines.hashCode();
  }

  /// On one line, for logs: `250 2.1.0 Sender ok`.
  @Override
  public String toString() {
    String text = String.join(" / ", lines);
    return status == null ? code + " " + text : code + " " + status + " " + text;
  }
}
