package dev.poststation.content;

import dev.poststation.archive.Maildirs;
import dev.poststation.config.MaildirService;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// Keeps a copy of mail in a maildir. It is asked when all services have let the mail go on, about
/// the mail as it was at its place. Safe for any thread.
final class MaildirArchiving implements Service {
  private final String name;
  private final MaildirService settings;
  private final When when;
  private final Maildirs maildirs;
  private final Path directory;

  /// @param when knows from where to where mail goes
  MaildirArchiving(String name, MaildirService settings, When when, Maildirs maildirs) {
    this.name = name;
    this.settings = settings;
    this.when = when;
    this.maildirs = maildirs;
    this.directory = settings.directory();
  }

  @Override
  public String describe() {
    return "maildir " + directory;
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    if (facts.trial()) {
      return new Finding.Unchanged("would be archived in the maildir " + directory);
    }
    try {
      var about = Archiving.about(name, settings.copy(), when, message, facts);
      String file = maildirs.add(directory, facts.hostname(), about, message.octets(), atMost);
      return new Finding.Unchanged("archived in the maildir " + directory + " as " + file);
    } catch (IOException e) {
      throw ServiceException.down("maildir " + directory + ": " + e.getMessage());
    }
  }
}
