package dev.poststation.archive;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Names of objects in the order in which a bucket lists them; the two of a mail stand side by
/// side, but may come in two parts. Confined to one thread.
final class BucketNames {
  /// Of a mail, below the prefix and without ending: its day, and what its record is hashed to.
  static final Pattern NAME =
      Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2})/[0-9A-Za-z]{1,40}-([0-9a-f]{16})");

  private final List<Item> items = new ArrayList<>();

  /// The objects of one mail.
  ///
  /// @param name without ending, below the prefix
  record Item(String name, boolean mail, boolean record) {}

  /// Another name.
  void add(String key, String prefix) {
    int dot = key.lastIndexOf('.');
    if (dot < 0 || !key.startsWith(prefix) || dot < prefix.length()) {
      return; // Another one's.
    }
    String name = key.substring(prefix.length(), dot);
    String ending = key.substring(dot);
    if (!NAME.matcher(name).matches()) {
      return;
    }
    boolean mail = ending.equals(Place.MAIL);
    boolean record = ending.equals(Place.RECORD);
    if (!items.isEmpty() && items.getLast().name.equals(name)) {
      var before = items.removeLast();
      items.add(new Item(name, mail || before.mail, record || before.record));
    } else if (mail || record) {
      items.add(new Item(name, mail, record));
    }
  }

  /// The name that came last.
  String last() {
    return items.isEmpty() ? "" : items.getLast().name;
  }

  /// Those of which both must have come.
  List<Item> whole(boolean end) {
    if (end || items.size() < 2) {
      var all = end ? List.copyOf(items) : List.<Item>of();
      if (end) {
        items.clear();
      }
      return all;
    }
    var last = items.removeLast();
    var all = List.copyOf(items);
    items.clear();
    items.add(last);
    return all;
  }
}
