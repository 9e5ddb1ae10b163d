package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.dns.NumericAddress;
import java.net.InetAddress;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the API that is about clients who are blocked after failed logins. Safe for any
/// thread.
final class BlockRoutes {
  private static final Logger LOG = LoggerFactory.getLogger(BlockRoutes.class);
  private static final Set<String> KEYS = Set.of("address", "user", "all");

  private final Poststation relay;

  BlockRoutes(Poststation relay) {
    this.relay = relay;
  }

  /// Who is blocked, and how long.
  ObjectNode list() {
    var answer = Json.object();
    var blocks = answer.putArray("blocks");
    for (var block : relay.guard().blocks()) {
      var entry = blocks.addObject();
      entry.put("address", block.address().isEmpty() ? null : block.address());
      entry.put("user", block.user().isEmpty() ? null : block.user());
      entry.put("failures", block.failures());
      entry.put("down", block.down());
      Json.time(entry, "until", block.until());
    }
    return answer;
  }

  /// Lifts those of an address, of a user, or all.
  ObjectNode lift(String text) {
    var body = Json.body(text);
    Known.keys(body, KEYS);
    var address = Json.text(body, "address");
    var user = Json.text(body, "user");
    boolean all = Json.flag(body, "all");
    if ((address.isPresent() ? 1 : 0) + (user.isPresent() ? 1 : 0) + (all ? 1 : 0) != 1) {
      throw Refusal.badRequest("Say one of \"address\", \"user\" and \"all\": true.");
    }
    int lifted;
    if (address.isPresent()) {
      lifted = relay.guard().unblock(numeric(address.get()));
    } else if (user.isPresent()) {
      lifted = relay.guard().unblock(user.get());
    } else {
      lifted = relay.guard().unblockAll();
    }
    LOG.info(
        "An administrator lifted {} after failed logins: {}",
        lifted == 0 ? "no block" : lifted == 1 ? "1 block" : lifted + " blocks",
        all ? "all" : address.or(() -> user).orElseThrow());
    return Json.object().put("lifted", lifted);
  }

  private static InetAddress numeric(String text) {
    return NumericAddress.parseNetwork(text)
        .orElseThrow(() -> Refusal.badRequest("address: write one, or a network as it is listed."));
  }
}
