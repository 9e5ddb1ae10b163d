package dev.poststation.delivery;

import dev.poststation.message.Content;
import dev.poststation.message.Edit;
import java.io.IOException;
import java.util.List;

/// A content of which some octets near the beginning are others than in the spool. Safe for any
/// thread.
///
/// @param edits by rising place, none within another
/// @param sizes of the first chunks, up to the last one with an edit
record EditedContent(Content content, List<Edit> edits, List<Integer> sizes) implements Content {
  EditedContent {
    edits = List.copyOf(edits);
    sizes = List.copyOf(sizes);
  }

  @Override
  public int chunks() {
    return content.chunks();
  }

  @Override
  public byte[] chunk(int number) throws IOException {
    byte[] chunk = content.chunk(number);
    if (number >= sizes.size()) {
      return chunk;
    }
    if (chunk.length != sizes.get(number)) {
      throw new IOException("the content has changed");
    }
    int from = 0;
    for (int i = 0; i < number; i++) {
      from += sizes.get(i);
    }
    return Edit.apply(edits, chunk, from);
  }
}
