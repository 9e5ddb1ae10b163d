package dev.poststation.attachments;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MimeTypes;

/// Says by its first octets what a file is. Safe for any thread.
final class Magic {
  /// As much as the library looks at.
  static final int HEAD = 64 * 1024;

  private static final MimeTypes TYPES = MimeTypes.getDefaultMimeTypes();

  private Magic() {}

  /// Its type, and more general ones that it is, without parameters: `application/x-sharedlib`,
  /// `application/x-elf`, `application/octet-stream`.
  static List<String> types(byte[] head) {
    List<String> types = new ArrayList<>(3);
    try {
      var registry = TYPES.getMediaTypeRegistry();
      MediaType type = TYPES.detect(new ByteArrayInputStream(head), new Metadata());
      while (type != null) {
        String base = type.getBaseType().toString();
        if (!types.contains(base)) {
          types.add(base);
        }
        type = registry.getSupertype(type);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e); // There is no disk in it.
    }
    return types;
  }
}
