package dev.poststation.log;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// A strict reader of logfmt lines, for tests: complains about anything that a common parser would
/// not take.
final class Logfmt {
  private Logfmt() {}

  static Map<String, String> parse(String line) throws IOException {
    var fields = new LinkedHashMap<String, String>();
    int at = 0;
    while (at < line.length()) {
      int equals = line.indexOf('=', at);
      var key = line.substring(at, equals);
      if (key.isEmpty() || !key.chars().allMatch(c -> (c >= 'a' && c <= 'z') || c == '-')) {
        throw new IOException("bad key at " + at + ": " + line);
      }
      at = equals + 1;
      int end;
      if (at < line.length() && line.charAt(at) == '"') {
        end = at + 1;
        while (line.charAt(end) != '"') {
          end += line.charAt(end) == '\\' ? 2 : 1;
        }
        end++;
        fields.put(key, new ObjectMapper().readValue(line.substring(at, end), String.class));
      } else {
        end = line.indexOf(' ', at);
        end = end < 0 ? line.length() : end;
        var value = line.substring(at, end);
        if (value.isEmpty() || value.contains("=") || value.contains("\"")) {
          throw new IOException("bad value of " + key + ": " + line);
        }
        fields.put(key, value);
      }
      if (end < line.length() && line.charAt(end) != ' ') {
        throw new IOException("no space after " + key + ": " + line);
      }
      at = end + 1;
    }
    return fields;
  }
}
