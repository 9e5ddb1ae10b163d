package dev.poststation.spool;

import static dev.poststation.spool.Mails.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.spool.Engine.Family;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TablesTest extends DamagedSpool {
  /// Each opening makes a table of what was written before.
  private void write(String... entries) throws Exception {
    try (var engine = engine();
        var changes = engine.changes()) {
      for (String entry : entries) {
        if (entry.contains("=")) {
          changes.put(Family.RECORDS, bytes(entry.split("=")[0]), bytes(entry.split("=")[1]));
        } else {
          changes.delete(Family.RECORDS, bytes(entry));
        }
      }
      changes.write(true);
    }
  }

  private List<String> between(String from, String to) throws Exception {
    var shown = new ArrayList<String>();
    try (var engine = engine();
        var tables = new Tables(engine, Family.RECORDS)) {
      assertThat(engine.tables(Family.RECORDS)).hasSize(3);
      tables.visit(
          bytes(from), bytes(to), (key, value) -> shown.add(text(key) + '=' + text(value)));
    }
    return shown;
  }

  private static String text(byte[] octets) {
    return new String(octets, StandardCharsets.UTF_8);
  }

  @Test
  void eachKeyIsShownOnceAndInOrderWithItsNewestValue() throws Exception {
    write("a=1", "b=1", "c=1", "f=1");
    write("b=2", "d=2", "g=2");
    write("b=3", "c", "d=3", "e=3");
    assertThat(between("a", "z")).containsExactly("a=1", "b=3", "c=1", "d=3", "e=3", "f=1", "g=2");
    assertThat(between("b", "d")).containsExactly("b=3", "c=1");
  }
}
