package dev.poststation.server;

import dev.poststation.intake.AuthorCheck;
import dev.poststation.policy.Facts;
import dev.poststation.policy.Permit;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Judges the authors of mail by what a permit says of them. Used by one thread.
///
/// @param known of the client, at the moment of the judgement
public record AuthorJudge(Permit permit, Supplier<Facts> known) implements AuthorCheck {
  @Override
  public boolean mayReplace() {
    return permit.mayReplaceAuthors();
  }

  @Override
  public AuthorCheck.@Nullable Finding judge(@Nullable List<String> from) {
    var objection = permit.header(known.get(), from).orElse(null);
    if (objection == null) {
      return null;
    }
    var replacement = objection.replacement();
    return replacement == null
        ? new Finding(objection.hold() == null ? objection.reply() : null, objection.reason(), null)
        : new Finding(null, replacement.reason(), replacement.by());
  }
}
