package dev.poststation.server;

import dev.poststation.intake.Submission;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.DsnNotify;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A mail as the client said it, without what `rewrite` and `masquerade` made of it. Confined to
/// the session's thread.
final class AsSaid {
  private final Command.Mail mail;
  private final List<Recipient> recipients = new ArrayList<>(1);
  private final Set<Named> known = new HashSet<>();

  AsSaid(Command.Mail mail) {
    this.mail = mail;
  }

  /// One that is there already with the very same parameters is kept once.
  void add(Address to, Set<DsnNotify> notifyOn, @Nullable String orcpt) {
    if (known.add(new Named(to.local(), to.domainKey(), notifyOn, orcpt))) {
      recipients.add(new Recipient(recipients.size(), to, notifyOn, orcpt));
    }
  }

  /// @param decisions those of the mail, of which `from` to before `to` tell what was rewritten
  Submission.AsSaid submitted(List<String> decisions, int from, int to) {
    List<String> others = new ArrayList<>(decisions);
    others.subList(from, to).clear();
    return new Submission.AsSaid(mail, recipients, others);
  }

  /// What makes a recipient the same: the domain in any case, the local part as it is (RFC 5321
  /// 2.4).
  record Named(String local, String domain, Set<DsnNotify> notifyOn, @Nullable String orcpt) {}
}
