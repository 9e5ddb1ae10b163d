package dev.poststation.content;

import dev.poststation.smtp.Reply;
import java.util.List;

/// What becomes of a mail after all services have had it.
public sealed interface Treatment {
  /// It goes on.
  ///
  /// @param variants together they have every recipient once
  record Passed(List<Variant> variants) implements Treatment {
    public Passed {
      variants = List.copyOf(variants);
    }
  }

  /// It is taken, and thrown away.
  ///
  /// @param rule which entry of the configuration says so, and why
  record Discarded(String rule, List<Note> notes) implements Treatment {
    public Discarded {
      notes = List.copyOf(notes);
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
