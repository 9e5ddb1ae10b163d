package dev.poststation.config;

import java.util.List;

/// A key of the configuration as it was read: what it may be, what it is, where that stands, and
/// its documentation. A tree of them is at once the effective configuration and, read from nothing,
/// the reference manual. Immutable.
sealed interface Setting {
  String key();

  /// What it means and why the default is what it is: a paragraph of Markdown.
  String doc();

  /// A value, or a list of values.
  ///
  /// @param kind what a value may be
  /// @param many whether it is a list
  /// @param values as written in the file; of one value, one or none
  /// @param given whether it stands in the file
  record Leaf(
      String key,
      Kind<?> kind,
      boolean many,
      List<String> values,
      boolean given,
      Origin origin,
      Standard<?> standard,
      String doc)
      implements Setting {
    public Leaf {
      values = List.copyOf(values);
    }

    /// The value as it is to be written in the file; empty when there is none.
    String written() {
      return many ? written(values) : values.isEmpty() ? "" : kind.written(values.getFirst());
    }

    private String written(List<String> texts) {
      return "[" + String.join(", ", texts.stream().map(kind::written).toList()) + "]";
    }

    /// What the manual gives as an example where there is no default to give.
    String example() {
      String first = standard.example().getFirst();
      // The example of a secret is a reference, which is none.
      String one = kind.form() == Kind.Form.SECRET ? Kind.quoted(first) : kind.written(first);
      boolean list = many && kind.form() != Kind.Form.SECRET;
      return list ? written(standard.example()) : many ? "[" + one + "]" : one;
    }
  }

  /// An object with fixed keys.
  ///
  /// @param key its key; within `Groups` its name, or its place in the list
  /// @param optional whether to write it, even with nothing in it, is not the same as not to
  record Group(String key, String doc, List<Setting> members, Origin origin, boolean optional)
      implements Setting {
    public Group {
      members = List.copyOf(members);
    }

    Group(String key, String doc, List<Setting> members, Origin origin) {
      this(key, doc, members, origin, false);
    }
  }

  /// Objects of one form: named ones, or a list.
  ///
  /// @param named whether they have names; else they have an order
  /// @param standard what the manual says where there is none of them
  record Groups(
      String key, String doc, boolean named, String standard, List<Group> groups, Origin origin)
      implements Setting {
    public Groups {
      groups = List.copyOf(groups);
    }
  }
}
