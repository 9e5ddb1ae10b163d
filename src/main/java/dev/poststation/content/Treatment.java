package dev.poststation.content;

import dev.poststation.smtp.Reply;
import java.util.List;

/// What becomes of a mail after all services have had it.
public sealed interface Treatment {
  /// It goes on.
  ///
  /// @param variants at least one; with what is dropped they have every recipient once
  /// @param dropped what some would have got, and nobody gets
  /// @param reports what goes to journal mailboxes and filters
  record Passed(List<Variant> variants, List<Dropped> dropped, List<Companion> reports)
      implements Treatment {
    public Passed {
      variants = List.copyOf(variants);
      dropped = List.copyOf(dropped);
      reports = List.copyOf(reports);
    }
  }

  /// What is thrown away while the mail goes on to others.
  ///
  /// @param rule which entry of the configuration says so, and why
  /// @param variant with the recipients who would have got it
  record Dropped(String rule, Variant variant) {}

  /// It is taken, and thrown away.
  ///
  /// @param rule which entry of the configuration says so, and why
  /// @param reports what goes to journal mailboxes and filters
  record Discarded(String rule, List<Note> notes, List<Companion> reports) implements Treatment {
    public Discarded {
      notes = List.copyOf(notes);
      reports = List.copyOf(reports);
    }
  }

  /// It is refused.
  ///
  /// @param rule which entry of the configuration says so, and why
  record Refused(Reply reply, String rule, List<Note> notes) implements Treatment {
    public Refused {
      notes = List.copyOf(notes);
    }
  }
}
