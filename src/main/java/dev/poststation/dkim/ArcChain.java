package dev.poststation.dkim;

import dev.poststation.message.HeaderFields.Field;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What those who forwarded a mail say of it, each with a seal over all that the others before said
/// (ARC, RFC 8617). Immutable.
///
/// @param state how it is
/// @param sets of fields, the oldest first; empty where they are in no order
/// @param why a clause; empty where it is good, or there is none
record ArcChain(State state, List<Link> sets, String why) {
  /// RFC 8617 4.2.1.
  static final int MOST = 50;

  /// RFC 8617 4.1.1: it begins with `i=`.
  private static final Pattern INSTANCE = Pattern.compile("\\s*i\\s*=\\s*([0-9]{1,2})\\s*;(?s:.*)");

  private static final List<String> MESSAGE_TAGS = List.of("i", "a", "b", "bh", "d", "h", "s");
  private static final List<String> SEAL_TAGS = List.of("i", "a", "b", "cv", "d", "s");

  /// RFC 8617 4.3.
  enum State {
    /// Nobody has sealed it.
    NONE,
    /// All is as it was sealed.
    PASS,
    /// It is not, and never will be again.
    FAIL,
    /// Nobody knows now.
    TEMPERROR;

    /// As `cv=` has it.
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// What one of them has added.
  record Link(Field results, Field message, Tags messageTags, Field seal, Tags sealTags) {
    /// In which order they are sealed (RFC 8617 5.1.1).
    List<Field> fields() {
      return List.of(results, message, seal);
    }
  }

  /// What was found of one number so far.
  private static final class Draft {
    private @Nullable Field results;
    private @Nullable Field message;
    private @Nullable Tags messageTags;
    private @Nullable Field seal;
    private @Nullable Tags sealTags;
  }

  /// Why it is broken.
  private static final class Broken extends Exception {
    private static final long serialVersionUID = 1;

    private Broken(String why) {
      super(why);
    }
  }

  ArcChain {
    sets = List.copyOf(sets);
  }

  /// Looks whether a mail is as it was sealed (RFC 8617 5.2).
  ///
  /// @throws IOException when the body cannot be read
  static ArcChain validate(Verifier mail) throws IOException {
    List<Link> links;
    try {
      links = links(mail);
    } catch (Broken e) {
      return new ArcChain(State.FAIL, List.of(), String.valueOf(e.getMessage()));
    }
    if (links.isEmpty()) {
      return new ArcChain(State.NONE, links, "");
    }
    var newest = links.getLast();
    if (newest.sealTags.get("cv").equals("fail")) {
      return new ArcChain(State.FAIL, links, "it was broken before (cv=fail)");
    }
    for (int i = 0; i < links.size(); i++) {
      String wanted = i == 0 ? "none" : "pass";
      if (!links.get(i).sealTags.get("cv").equals(wanted)) {
        return new ArcChain(State.FAIL, links, "cv= of seal " + (i + 1) + " is not " + wanted);
      }
    }
    var verdict = mail.messageSignature(newest.message, newest.messageTags);
    if (verdict.result() != Verifier.Result.PASS) {
      return unproven(links, verdict, "signature " + links.size());
    }
    for (int i = links.size(); i > 0; i--) {
      var link = links.get(i - 1);
      var seal = mail.seal(link.seal, link.sealTags, sealed(links.subList(0, i)));
      if (seal.result() != Verifier.Result.PASS) {
        return unproven(links, seal, "seal " + i);
      }
    }
    return new ArcChain(State.PASS, links, "");
  }

  private static ArcChain unproven(List<Link> links, Verifier.Verdict verdict, String what) {
    var state = verdict.result() == Verifier.Result.TEMPERROR ? State.TEMPERROR : State.FAIL;
    return new ArcChain(state, links, what + ": " + verdict.why());
  }

  /// The fields that the seal of the last of them is about, without that seal.
  private static List<Field> sealed(List<Link> links) {
    List<Field> fields = new ArrayList<>();
    links.forEach(link -> fields.addAll(link.fields()));
    fields.removeLast();
    return fields;
  }

  private static List<Link> links(Verifier mail) throws Broken {
    var drafts = new TreeMap<Integer, Draft>();
    for (var field : mail.fields().fields()) {
      if (field.name().startsWith("arc-")) {
        sort(mail, field, drafts);
      }
    }
    List<Link> links = new ArrayList<>(drafts.size());
    for (var draft : drafts.entrySet()) {
      links.add(link(draft.getKey(), links.size() + 1, draft.getValue()));
    }
    return links;
  }

  private static void sort(Verifier mail, Field field, TreeMap<Integer, Draft> drafts)
      throws Broken {
    String value = mail.value(field);
    switch (field.name()) {
      case "arc-authentication-results" -> {
        var instance = INSTANCE.matcher(value);
        if (!instance.matches()) {
          throw new Broken("ARC-Authentication-Results has no i= in front");
        }
        var draft = draft(instance.group(1), drafts);
        once(draft.results, "ARC-Authentication-Results");
        draft.results = field;
      }
      case "arc-message-signature" -> {
        var tags = tags(value, MESSAGE_TAGS, "ARC-Message-Signature");
        var draft = draft(tags.get("i"), drafts);
        once(draft.message, "ARC-Message-Signature");
        draft.message = field;
        draft.messageTags = tags;
      }
      case "arc-seal" -> {
        var tags = tags(value, SEAL_TAGS, "ARC-Seal");
        var draft = draft(tags.get("i"), drafts);
        once(draft.seal, "ARC-Seal");
        draft.seal = field;
        draft.sealTags = tags;
      }
      default -> {}
    }
  }

  /// The number of a field of ARC that stands in a set; 0: it has none.
  static int instance(byte[] header, Field field) {
    String value = field.raw(header);
    var instance = INSTANCE.matcher(value);
    String text =
        field.name().equals("arc-authentication-results")
            ? instance.matches() ? instance.group(1) : ""
            : Tags.parse(value).map(tags -> tags.get("i")).orElse("");
    return text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : 0;
  }

  private static Tags tags(String value, List<String> needed, String name) throws Broken {
    var tags = Tags.parse(value).orElseThrow(() -> new Broken(name + " is no list of tags"));
    for (String tag : needed) {
      if (!tags.has(tag)) {
        throw new Broken(name + " has no " + tag + "=");
      }
    }
    return tags;
  }

  private static Draft draft(String text, TreeMap<Integer, Draft> drafts) throws Broken {
    int number = text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : 0;
    if (number < 1 || number > MOST) {
      throw new Broken("i=" + text + " is no number from 1 to " + MOST);
    }
    return drafts.computeIfAbsent(number, _ -> new Draft());
  }

  private static void once(@Nullable Field seen, String name) throws Broken {
    if (seen != null) {
      throw new Broken("two fields " + name + " have the same i=");
    }
  }

  private static Link link(int number, int expected, Draft draft) throws Broken {
    var results = draft.results;
    var message = draft.message;
    var messageTags = draft.messageTags;
    var seal = draft.seal;
    var sealTags = draft.sealTags;
    if (number != expected
        || results == null
        || message == null
        || messageTags == null
        || seal == null
        || sealTags == null) {
      throw new Broken("set " + expected + " is not whole");
    }
    return new Link(results, message, messageTags, seal, sealTags);
  }
}
