package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.account.FileAccounts;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the API that is about the users file. Safe for any thread.
final class UserRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(UserRoutes.class);

  private final Poststation relay;

  UserRoutes(Poststation relay) {
    this.relay = relay;
  }

  /// Saves the users that go on to hold though their file is gone. What is in it, the keys of their
  /// passwords, goes over no wire.
  ObjectNode save() {
    var configuration = relay.configuration();
    var file = configuration.users().file();
    var saved = configuration.data().resolve(FileAccounts.SAVED);
    try {
      int users = relay.accounts().save();
      if (users == 0) {
        throw Refusal.notFound("The users file " + file + " is not gone: nothing is to be done.");
      }
      LOG.info("An administrator had {} users of {} saved in {}", users, file, saved);
      return Json.object()
          .put("file", file.toString())
          .put("saved", saved.toString())
          .put("users", users);
    } catch (IOException e) {
      throw Refusal.unavailable(saved + " cannot be written: " + e.getMessage());
    }
  }
}
