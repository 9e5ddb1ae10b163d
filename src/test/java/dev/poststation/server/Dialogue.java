package dev.poststation.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A file of `src/test/resources/dialogues`: what is said, in which order, and what is true
/// afterwards.
///
/// ```
/// # what it shows                  ! recipients 2        a setting
/// C: EHLO client.example           a line of the client, sent with CRLF; lines that follow go in the same packet
/// C- abc                           the same without CRLF
/// S: 250 *                         a reply line of the server; * stands for anything
/// S+ 250 *                         a reply of any number of lines; this is the last one
/// <hello> <envelope>               greeting and EHLO; MAIL from a@client.example and RCPT to b@example.org
/// <packet> <close> <hangup> <wait 5m> <starttls> <drain> <reload errors 7> <spool full|broken|works>
/// <mails 1> <held 1>               so many mails are in the spool, or held in it
/// D: line                          the content of the last mail, line by line (D- without CRLF)
/// T: Received: *                   a field that we put in front of it
/// E: from=<a@b.example> *          its envelope        R: c@d.example *   its next recipient
/// J: Rejected RCPT 554 *           an event that was reported
/// ```
///
/// In lines of the client and of the content, `\r \n \t \0 \\ \xHH` are octets, and `{{1000*x}}` is
/// repetition.
record Dialogue(String name, List<Setting> settings, List<Step> steps, List<String> only) {
  private static final Pattern REPEAT = Pattern.compile("\\{\\{(\\d+)\\*(.+?)\\}\\}");

  private static final List<Step> HELLO =
      List.of(
          new Step(0, "S:", "220 relay.example.com ESMTP *"),
          new Step(0, "C:", "EHLO client.example"),
          new Step(0, "S+", "250 *"));
  private static final List<Step> ENVELOPE =
      List.of(
          new Step(0, "C:", "MAIL FROM:<a@client.example>"),
          new Step(0, "S:", "250 2.1.0 *"),
          new Step(0, "C:", "RCPT TO:<b@example.org>"),
          new Step(0, "S:", "250 2.1.5 *"));

  record Setting(String key, String value) {}

  /// One line of the script.
  record Step(int line, String kind, String text) {}

  static Dialogue read(Path file) throws IOException {
    List<Setting> settings = new ArrayList<>();
    List<Step> steps = new ArrayList<>();
    List<String> only = List.of("memory", "tcp", "tls");
    var lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      if (line.startsWith("!")) {
        String[] words = line.substring(1).strip().split(" ", 2);
        if (words[0].equals("only")) {
          only = List.of(words[1].split(" "));
        } else {
          settings.add(new Setting(words[0], words[1]));
        }
      } else if (line.equals("<hello>")) {
        steps.addAll(HELLO);
      } else if (line.equals("<envelope>")) {
        steps.addAll(ENVELOPE);
      } else if (line.startsWith("<")) {
        steps.add(new Step(i + 1, "<>", line.strip().substring(1, line.strip().length() - 1)));
      } else {
        String text = line.length() > 3 ? line.substring(3) : "";
        steps.add(new Step(i + 1, line.substring(0, 2), text));
      }
    }
    String name = file.getFileName().toString().replace(".smtp", "");
    return new Dialogue(name, settings, steps, only);
  }

  /// The octets that a line of the client stands for, one `char` each.
  static byte[] octets(String text) {
    Matcher repeat = REPEAT.matcher(text);
    String all =
        repeat.replaceAll(
            found ->
                Matcher.quoteReplacement(found.group(2).repeat(Integer.parseInt(found.group(1)))));
    byte[] utf8 = all.getBytes(StandardCharsets.UTF_8);
    byte[] out = new byte[utf8.length];
    int length = 0;
    for (int i = 0; i < utf8.length; i++) {
      if (utf8[i] != '\\') {
        out[length++] = utf8[i];
        continue;
      }
      i++;
      switch (utf8[i]) {
        case 'r' -> out[length++] = '\r';
        case 'n' -> out[length++] = '\n';
        case 't' -> out[length++] = '\t';
        case '0' -> out[length++] = 0;
        case '\\' -> out[length++] = '\\';
        case 'x' -> {
          out[length++] =
              (byte) Integer.parseInt(new String(utf8, i + 1, 2, StandardCharsets.US_ASCII), 16);
          i += 2;
        }
        default -> throw new IllegalArgumentException("unknown escape in " + text);
      }
    }
    return java.util.Arrays.copyOf(out, length);
  }

  /// Whether `text` is like `pattern`, where `*` stands for anything.
  static boolean matches(String pattern, String text) {
    var regex = new StringBuilder();
    for (String part : pattern.split("\\*", -1)) {
      regex.append(regex.isEmpty() ? "" : ".*").append(Pattern.quote(part));
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL).matcher(text).matches();
  }
}
