package dev.poststation.admin;

import dev.poststation.message.QueueId;
import dev.poststation.queue.Control;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The mails that an administrator means. They may be all of a queue of millions: eight octets
/// each, and more only where single recipients are meant. Confined to one thread.
final class Chosen {
  private long[] ids = new long[64];
  private int size;
  private final Map<Long, Set<Integer>> parts = new HashMap<>();

  void add(Control.Meant mail) {
    if (size == ids.length) {
      ids = Arrays.copyOf(ids, 2 * size);
    }
    ids[size++] = mail.id().value();
    if (!mail.recipients().isEmpty()) {
      parts.put(mail.id().value(), mail.recipients());
    }
  }

  int size() {
    return size;
  }

  /// Some of them.
  List<Control.Meant> part(int from, int most) {
    int end = Math.min(size, from + most);
    List<Control.Meant> some = new ArrayList<>(end - from);
    for (int i = from; i < end; i++) {
      some.add(new Control.Meant(new QueueId(ids[i]), parts.getOrDefault(ids[i], Set.of())));
    }
    return some;
  }
}
