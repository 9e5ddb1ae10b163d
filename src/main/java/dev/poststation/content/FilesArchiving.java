package dev.poststation.content;

import dev.poststation.archive.About;
import dev.poststation.config.KeepingService.Copy;
import dev.poststation.message.Octets;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// Keeps a copy of mail in files that other programs read: a maildir, or mboxes. It is asked when
/// all services have let the mail go on, about the mail as it was at its place. Safe for any
/// thread.
final class FilesArchiving implements Service {
  private final String name;
  private final Copy copy;
  private final When when;
  private final String place;
  private final Adding adding;

  /// Adds a mail to the files.
  interface Adding {
    /// When this returns it is on stable storage.
    ///
    /// @param host our name
    /// @return where the mail is
    String add(String host, About about, Octets content, Duration atMost) throws IOException;
  }

  /// @param when knows from where to where mail goes
  /// @param form `maildir` or `mbox`
  FilesArchiving(String name, Copy copy, When when, String form, Path directory, Adding adding) {
    this.name = name;
    this.copy = copy;
    this.when = when;
    this.place = form + " " + directory;
    this.adding = adding;
  }

  @Override
  public String describe() {
    return place;
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    if (facts.trial()) {
      return new Finding.Unchanged("would be archived in the " + place);
    }
    try {
      var about = Archiving.about(name, copy, when, message, facts);
      String where = adding.add(facts.hostname(), about, message.octets(), atMost);
      return new Finding.Unchanged("archived in the " + place + " as " + where);
    } catch (IOException e) {
      throw ServiceException.down(place + ": " + e.getMessage());
    }
  }
}
