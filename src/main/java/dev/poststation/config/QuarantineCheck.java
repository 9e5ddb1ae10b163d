package dev.poststation.config;

import java.util.List;
import java.util.stream.Collectors;

/// Looks at what may come into quarantine: that it was meant, and may be released. Confined to one
/// thread.
final class QuarantineCheck {
  private final Section in;

  QuarantineCheck(Section in) {
    this.in = in;
  }

  void check(List<ContentRule> rules) {
    rules.forEach(this::checkError);
    var keeping = rules.stream().filter(QuarantineCheck::mayKeep).toList();
    if (keeping.isEmpty() || in.has("quarantine")) {
      return;
    }
    in.reading()
        .problems()
        .warning(
            keeping.getFirst().origin(),
            keeping.stream().map(ContentRule::name).collect(Collectors.joining(", "))
                + " may bring mail into quarantine, which is deleted after "
                + QuarantineSettings.KEEP.toDays()
                + " days when nobody releases it, and no section says that this is meant",
            "write quarantine { keep = \"" + QuarantineSettings.KEEP.toDays() + " days\" }");
  }

  /// What is released from the quarantine goes out as it is there: a service that was to encrypt it
  /// does not see it again.
  private void checkError(ContentRule rule) {
    boolean needed =
        switch (rule.service().effect()) {
          case LOOKS, LEARNS, KEEPS, HEADER -> false; // KEEPS: refused before.
          case CHANGES, SEALS, SIGNS -> true;
        };
    if (rule.onError() == ContentRule.OnError.QUARANTINE && needed) {
      in.reading()
          .problems()
          .error(
              rule.origin(),
              "on-error = quarantine is not for services that change, sign or encrypt mail: what "
                  + rule.name()
                  + " failed at would be released without that",
              "write on-error = defer (the client comes back), or hold");
    }
  }

  private static boolean mayKeep(ContentRule rule) {
    boolean found =
        switch (rule.service()) {
          case MilterService _, RspamdService _ -> true; // They may say so themselves.
          case ContentService.Clamav it -> it.onFound() == ContentService.OnFound.QUARANTINE;
          case IcapService it -> it.onFound() == ContentService.OnFound.QUARANTINE;
          case AttachmentsService it -> it.onFound() == AttachmentsService.OnFile.QUARANTINE;
          case SpamdService it -> it.quarantineAt() != null;
          case ListUnsubscribe _,
              ContentService.HeaderEdits _,
              SealService _,
              ContentService.DkimSign _,
              ArcService _,
              ContentService.Remember _,
              DisclaimerService _,
              KeepingService _ ->
              false;
        };
    return found || rule.onError() == ContentRule.OnError.QUARANTINE;
  }
}
