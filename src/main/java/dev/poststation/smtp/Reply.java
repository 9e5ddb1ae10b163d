package dev.poststation.smtp;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An SMTP reply (RFC 5321 4.2): ours to a client, or a next hop's to us.
///
/// @param code 200 to 599
/// @param status the enhanced status, or null where there is none (greeting, EHLO, 354, or a peer without)
/// @param lines the text, one element a line, without code and status; at least one
public record Reply(int code, @Nullable EnhancedStatus status, List<String> lines) {
  public Reply {
    if (code < 200 || code > 599) {
      throw new IllegalArgumentException("not a reply code: " + code);
    }
    lines = lines.isEmpty() ? List.of("") : List.copyOf(lines);
  }

  /// A reply of one line with its enhanced status, such as `of(250, "2.1.0", "Sender ok")`.
  public static Reply of(int code, String status, String text) {
    return new Reply(code, EnhancedStatus.parse(status).orElseThrow(), List.of(text));
  }

  /// A reply of one line without enhanced status.
  public static Reply plain(int code, String text) {
    return new Reply(code, null, List.of(text));
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

  /// As it goes over the wire, with CRLF after each line.
  public byte[] wire() {
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

  /// On one line, for logs: `250 2.1.0 Sender ok`.
  @Override
  public String toString() {
    String text = lines.stream().collect(Collectors.joining(" / "));
    return status == null ? code + " " + text : code + " " + status + " " + text;
  }
}
