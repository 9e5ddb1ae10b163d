package dev.poststation.content;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.poststation.config.SealService;
import dev.poststation.message.Edit;
import dev.poststation.message.FieldWatch;
import java.util.ArrayList;
import java.util.List;

/// Whether the sender of a mail wishes that it is signed or encrypted: by a tag in its subject, or
/// by a field. Immutable.
///
/// @param wished whether he does
/// @param without the mail without tag and field
record Wished(boolean wished, Message without) {
  private static final String SUBJECT = "subject";

  static Wished of(Message message, SealService.Wish wish) {
    byte[] header = message.header();
    List<Edit> edits = new ArrayList<>(1);
    for (var field : message.fields().fields()) {
      var pattern = wish.field();
      var tag = wish.tag();
      if (pattern != null
          && field.name().equals(pattern.name())
          && pattern.matches(FieldWatch.text(header, field))) {
        edits.add(new Edit(field.start(), field.end(), new byte[0]));
      } else if (tag != null && field.name().equals(SUBJECT)) {
        String subject = FieldWatch.text(header, field);
        int at = find(tag, subject);
        if (at >= 0) {
          String rest =
              subject.substring(0, at).stripTrailing()
                  + " "
                  + subject.substring(at + tag.length()).stripLeading();
          String left = FieldEdits.field("Subject", FieldEdits.encoded("Subject", rest));
          edits.add(new Edit(field.start(), field.end(), left.getBytes(US_ASCII)));
        }
      }
    }
    return edits.isEmpty()
        ? new Wished(false, message)
        : new Wished(true, message.withHeader(Edit.apply(edits, header, 0)));
  }

  /// Where it begins, in any case; below 0: nowhere. Not by lower case of the whole, in which some
  /// letters are longer.
  private static int find(String tag, String subject) {
    for (int at = 0; at <= subject.length() - tag.length(); at++) {
      if (subject.regionMatches(true, at, tag, 0, tag.length())) {
        return at;
      }
    }
    return -1;
  }
}
