package dev.poststation.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.account.LastUse;
import dev.poststation.account.User;
import dev.poststation.os.Os;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `user show`.
@Command(
    name = "show",
    description = "Show all that is known of a user, secrets apart." + UserListCommand.LATE)
final class UserShowCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "NAME", description = "Which user.")
  private String name = "";

  UserShowCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var onDisk = common.users();
    var user = onDisk.find(name);
    var uses = LastUse.of(common.os().disk(), onDisk.data(), user);
    if (common.json()) {
      common.print(json(user, uses, onDisk.old().test(user)));
    } else {
      show(user, uses, onDisk.old().test(user));
    }
    return Exit.OK;
  }

  private void show(User user, List<LastUse.Use> uses, boolean old) {
    var out = common.out();
    var now = common.os().time().now();
    out.println(user.name() + (user.disabled() ? ": disabled" : ": enabled"));
    out.println("own addresses: " + some(user.own()));
    out.println("certificates: " + some(user.certificates()));
    if (user.cramMd5()) {
      out.println("CRAM-MD5 is on: new passwords stand in the users file as they are");
    }
    var others = UserListCommand.others(user, uses, now);
    if (user.passwords().isEmpty()) {
      out.println("passwords: none");
      if (others.isEmpty()) {
        return;
      }
    }
    out.println();
    var table = new Table("PASSWORD", "KIND", "AGE", "EXPIRES", "LAST USE", "FROM");
    for (var password : user.passwords()) {
      table.row(
          password.label(),
          password.kind().name().toLowerCase(Locale.ROOT),
          Words.span(password.created(), now),
          UserListCommand.expiry(password, now),
          UserListCommand.lastUse(password, uses, now),
          UserListCommand.from(LastUse.of(password, uses)));
    }
    others.forEach(other -> table.row("-", other.kind(), "", "", other.last(), other.from()));
    table.print(out);
    if (old) {
      out.println("\nHis keys have a salt or iterations of before. " + UserListCommand.OLD_KEYS);
    }
  }

  private static String some(List<String> texts) {
    return texts.isEmpty() ? "none" : String.join(", ", texts);
  }

  private static void put(ObjectNode json, Optional<LastUse.Use> use) {
    json.put("lastUsed", use.map(each -> each.when().toString()).orElse(null));
    var from = json.putArray("lastUsedFrom");
    use.ifPresent(each -> each.addresses().forEach(from::add));
  }

  /// A user, for programs.
  static ObjectNode json(User user, List<LastUse.Use> uses, boolean old) {
    var json = JsonNodeFactory.instance.objectNode();
    json.put("user", user.name());
    json.put("disabled", user.disabled());
    json.put("cramMd5", user.cramMd5());
    json.put("oldKeys", old);
    user.own().forEach(json.putArray("own")::add);
    user.certificates().forEach(json.putArray("certificates")::add);
    var passwords = json.putArray("passwords");
    for (var password : user.passwords()) {
      var entry = passwords.addObject();
      entry.put("label", password.label());
      entry.put("kind", password.kind().name().toLowerCase(Locale.ROOT));
      entry.put("created", password.created().toString());
      entry.put("expires", text(password.expires()));
      entry.put("iterations", password.sha256().iterations());
      entry.put("clear", password.clear() != null);
      put(entry, LastUse.of(password, uses));
    }
    put(json.putObject("byCertificate"), LastUse.ofCertificate(user, uses));
    put(json.putObject("byToken"), LastUse.ofToken(user, uses));
    return json;
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }
}
