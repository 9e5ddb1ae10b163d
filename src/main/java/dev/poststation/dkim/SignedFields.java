package dev.poststation.dkim;

import dev.poststation.message.HeaderFields;
import dev.poststation.message.HeaderFields.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Which fields of a header are signed, in the order in which they are hashed. Immutable.
///
/// A name is named once for each field that has it, which verifiers take from the bottom upwards
/// (RFC 6376 5.4.2), and where it is protected once more: nobody can then add another field of that
/// name in front, which mail programs might show (8.15).
///
/// @param names as `h=` has them
/// @param fields those of them that are there, in the same order
record SignedFields(List<String> names, List<Field> fields) {
  /// Signed if they are there, and protected in any case: what a mail program shows or reads the
  /// body by.
  static final List<String> ALWAYS =
      List.of(
          "From",
          "To",
          "Cc",
          "Subject",
          "Date",
          "Message-ID",
          "Reply-To",
          "MIME-Version",
          "Content-Type",
          "Content-Transfer-Encoding");

  /// Signed and protected if they are there: mailing lists and others on the way may add theirs to
  /// a mail that has none.
  static final List<String> IF_THERE =
      List.of(
          "Sender",
          "In-Reply-To",
          "References",
          "Content-Disposition",
          "Content-ID",
          "Content-Description",
          "Content-Language",
          "Disposition-Notification-To",
          "Auto-Submitted",
          "Feedback-ID",
          "Autocrypt",
          "OpenPGP",
          "List-ID",
          "List-Help",
          "List-Unsubscribe",
          "List-Unsubscribe-Post",
          "List-Subscribe",
          "List-Post",
          "List-Owner",
          "List-Archive");

  /// So often a name is named at most: a header with more of them is none that a program made.
  static final int SAME_MOST = 50;

  SignedFields {
    names = List.copyOf(names);
    fields = List.copyOf(fields);
  }

  /// @param also names that are signed as well if they are there
  static SignedFields of(HeaderFields header, List<String> also) {
    Map<String, List<Field>> byName = new LinkedHashMap<>();
    for (Field field : header.fields()) {
      byName.computeIfAbsent(field.name(), _ -> new ArrayList<>(1)).add(field);
    }
    List<String> names = new ArrayList<>();
    List<Field> fields = new ArrayList<>();
    ALWAYS.forEach(name -> add(name, byName, true, names, fields));
    IF_THERE.forEach(name -> add(name, byName, false, names, fields));
    also.forEach(name -> add(name, byName, false, names, fields));
    return new SignedFields(names, fields);
  }

  /// The same with the fields of one more name, which is not protected: others may add theirs.
  SignedFields with(HeaderFields header, String name) {
    List<String> more = new ArrayList<>(names);
    List<Field> all = new ArrayList<>(fields);
    for (var field : header.fields().reversed()) {
      if (field.name().equals(name.toLowerCase(Locale.ROOT))) {
        more.add(name);
        all.add(field);
      }
    }
    return new SignedFields(more, all);
  }

  private static void add(
      String name,
      Map<String, List<Field>> byName,
      boolean always,
      List<String> names,
      List<Field> fields) {
    var there = byName.remove(name.toLowerCase(Locale.ROOT)); // So that none is taken twice.
    if (there != null) {
      for (var field : there.reversed()) {
        names.add(name);
        fields.add(field);
      }
    }
    if (always || there != null) {
      names.add(name);
    }
  }

  /// Why a header is not to be signed; empty: it may be. RFC 5322 3.6 wants one From, and whoever
  /// has two shows one person to us and another one to his readers.
  static String objection(HeaderFields header) {
    Map<String, Integer> counts = new LinkedHashMap<>();
    header.fields().forEach(field -> counts.merge(field.name(), 1, Integer::sum));
    int froms = counts.getOrDefault("from", 0);
    if (froms != 1) {
      return froms == 0 ? "the mail has no From" : "the mail has " + froms + " fields From";
    }
    for (var name : List.of(ALWAYS, IF_THERE).stream().flatMap(List::stream).toList()) {
      int count = counts.getOrDefault(name.toLowerCase(Locale.ROOT), 0);
      if (count > SAME_MOST) {
        return "the mail has " + count + " fields " + name;
      }
    }
    return "";
  }
}
