package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
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

  /// Writes a users file that is gone anew, with the users that go on to hold.
  ObjectNode writeBack() {
    var file = relay.configuration().users().file();
    try {
      int users = relay.accounts().writeBack();
      if (users == 0) {
        throw Refusal.notFound("The users file " + file + " is not gone: nothing is to be done.");
      }
      LOG.info("An administrator had {} written anew: {} users", file, users);
      return Json.object().put("file", file.toString()).put("users", users);
    } catch (IOException e) {
      throw Refusal.unavailable("The users file " + file + " cannot be written: " + e.getMessage());
    }
  }
}
