package dev.poststation.content;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.config.ContentService;
import dev.poststation.config.HeaderPattern;
import dev.poststation.message.Edit;
import dev.poststation.message.FieldWatch;
import dev.poststation.message.HeaderFields;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Removes, replaces and adds fields of the header. All others stay as they are, to the octet.
/// Immutable, safe for any thread.
final class HeaderEditing implements Service {
  private static final String RECEIVED = "received";

  /// Stands for a passage through here whose `Received` was hidden, and so shows a loop.
  private static final String LOOP = "X-Loop";

  private final ContentService.HeaderEdits edits;

  HeaderEditing(ContentService.HeaderEdits edits) {
    this.edits = edits;
  }

  @Override
  public String describe() {
    return "header";
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) {
    byte[] header = message.header();
    List<Edit> changes = new ArrayList<>();
    Set<String> replaced = new HashSet<>();
    List<String> told = new ArrayList<>();
    boolean ours = true;
    boolean hidden = false;
    for (var field : message.fields().fields()) {
      boolean received = field.name().equals(RECEIVED);
      if (received && ours) {
        ours = false; // The first one is that of this relay.
        continue;
      }
      var instead = replacement(field.name());
      if (instead != null) {
        String text = replaced.add(field.name()) ? line(instead) : "";
        changes.add(new Edit(field.start(), field.end(), text.getBytes(UTF_8)));
      } else if ((received && edits.hideReceived()) || removes(header, field)) {
        hidden |= received;
        changes.add(new Edit(field.start(), field.end(), new byte[0]));
        told.add("-" + name(header, field));
      }
    }
    var front = new StringBuilder();
    edits.add().forEach(field -> front.append(line(field)));
    for (var field : edits.replace()) {
      told.add("=" + field.name());
      if (!replaced.contains(field.name().toLowerCase(Locale.ROOT))) {
        front.append(line(field));
      }
    }
    edits.add().forEach(field -> told.add("+" + field.name()));
    if (hidden) {
      front.append(line(new ContentService.Field(LOOP, facts.hostname())));
      told.add("+" + LOOP);
    }
    if (changes.isEmpty() && front.isEmpty()) {
      return new Finding.Unchanged("the header has nothing to change");
    }
    var changed = message;
    if (!changes.isEmpty()) {
      changed = changed.withHeader(Edit.apply(changes, header, 0));
    }
    if (!front.isEmpty()) {
      changed = changed.withFront(front.toString().getBytes(UTF_8));
    }
    return new Finding.Changed(changed, String.join(", ", told));
  }

  private ContentService.@Nullable Field replacement(String name) {
    for (var field : edits.replace()) {
      if (field.name().equalsIgnoreCase(name)) {
        return field;
      }
    }
    return null;
  }

  private boolean removes(byte[] header, HeaderFields.Field field) {
    if (edits.privacy() && PrivateFields.has(field.name())) {
      return true;
    }
    for (HeaderPattern pattern : edits.remove()) {
      if (pattern.name().equals(field.name())
          && (pattern.value().isEmpty() || pattern.matches(FieldWatch.text(header, field)))) {
        return true;
      }
    }
    return false;
  }

  private static String name(byte[] header, HeaderFields.Field field) {
    return new String(header, field.start(), field.value() - 1 - field.start(), ISO_8859_1).strip();
  }

  private static String line(ContentService.Field field) {
    return field + "\r\n";
  }
}
