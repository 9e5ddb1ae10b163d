package dev.poststation.config;

/// A service that keeps a copy of mail. Immutable.
public sealed interface KeepingService extends ContentService
    permits ArchiveService, JournalService, MaildirService, MboxService, MirrorService, S3Service {
  /// Which copy is kept.
  enum Copy {
    /// One that everybody can read: before it is encrypted.
    PLAIN,
    /// The mail as it leaves.
    SENT;

    /// As it is written in the file.
    public String word() {
      return Kinds.word(this);
    }
  }

  /// Which one.
  Copy copy();

  @Override
  default Effect effect() {
    return Effect.KEEPS;
  }
}
