package dev.poststation.disclaimer;

import dev.poststation.mime.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Finds the parts that people read as the text of a mail. Pure functions.
final class Targets {
  private Targets() {}

  /// Texts that are shown. Where one mail has several behind each other, as Apple Mail writes them
  /// around pictures, the last one, or the first.
  ///
  /// @param last whether the last one is meant
  static List<Part> of(Part root, boolean last) {
    List<Part> found = new ArrayList<>(2);
    find(root, last, found);
    return found;
  }

  private static void find(Part part, boolean last, List<Part> found) {
    switch (part.type()) {
      case "text/plain", "text/html" -> {
        if (isShown(part)) {
          found.add(part);
        }
      }
      // Each is another form of the same.
      case "multipart/alternative" -> part.parts().forEach(each -> find(each, last, found));
      case "multipart/related" -> start(part).ifPresent(each -> find(each, last, found));
      default -> {
        if (part.isMultipart()) {
          int before = found.size();
          for (Part each : last ? part.parts().reversed() : part.parts()) {
            find(each, last, found);
            if (found.size() > before) {
              return;
            }
          }
        }
      }
    }
  }

  /// A file that is shown at its place is a file all the same.
  private static boolean isShown(Part part) {
    return !part.isAttachment() && part.names().isEmpty();
  }

  /// RFC 2387 3.2.
  private static Optional<Part> start(Part related) {
    var start = related.contentType().parameter("start");
    return related.parts().stream()
        .filter(part -> start.isPresent() && part.text("content-id").equals(start))
        .findFirst()
        .or(() -> related.parts().stream().findFirst());
  }
}
