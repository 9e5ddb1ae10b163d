package dev.poststation.intake;

import dev.poststation.profile.HeaderFacts;
import dev.poststation.smtp.Reply;
import org.jspecify.annotations.Nullable;

/// Judges whether a mail is like the device that it comes from, once its header was read. Used by
/// one thread.
@FunctionalInterface
public interface DeviceCheck {
  /// What is to be said against it.
  ///
  /// @param reply what the client is told; null: the mail is taken
  /// @param hold whether it waits for an administrator
  /// @param reason for log and trace
  record Finding(@Nullable Reply reply, boolean hold, String reason) {}

  /// Judges.
  ///
  /// @param octets of the mail
  /// @param held whether it is to be held anyway
  /// @return what is to be said against it, or null
  @Nullable Finding judge(HeaderFacts header, long octets, boolean held);
}
