package dev.poststation.cli;

import dev.poststation.message.MailDate;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

/// A plain mail of one text part, as `send` makes it. Immutable.
///
/// @param from the bare address
/// @param to bare addresses
record TestMail(String from, List<String> to, String subject, String body) {
  /// An encoded word has 75 characters at most (RFC 2047 2); 45 octets are 60 in base64.
  private static final int WORD_OCTETS = 45;

  TestMail {
    to = List.copyOf(to);
  }

  /// With line ends as in a file; in UTF-8.
  ///
  /// @param host the name that makes the Message-ID unique
  byte[] content(Instant now, String host) {
    String text =
        """
        From: <%s>
        To: %s
        Subject: %s
        Date: %s
        Message-ID: <%d.send@%s>
        MIME-Version: 1.0
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        %s
        """
            .formatted(
                from,
                to.stream().map(each -> "<" + each + ">").collect(Collectors.joining(", ")),
                words(subject.replaceAll("[\r\n]", " ")),
                MailDate.at(now),
                now.toEpochMilli(),
                host,
                body);
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// RFC 2047: without SMTPUTF8 a header has nothing but ASCII.
  private static String words(String text) {
    if (text.chars().allMatch(c -> c < 128)) {
      return text;
    }
    var out = new StringBuilder();
    var word = new StringBuilder();
    int octets = 0;
    for (int point : text.codePoints().toArray()) {
      String character = Character.toString(point);
      int more = character.getBytes(StandardCharsets.UTF_8).length;
      if (octets + more > WORD_OCTETS) {
        out.append(word(word)).append("\n ");
        word.setLength(0);
        octets = 0;
      }
      word.append(character);
      octets += more;
    }
    return out.append(word(word)).toString();
  }

  private static String word(StringBuilder text) {
    byte[] octets = text.toString().getBytes(StandardCharsets.UTF_8);
    return "=?UTF-8?B?" + Base64.getEncoder().encodeToString(octets) + "?=";
  }
}
