package dev.poststation.content;

import dev.poststation.config.ContentService;
import dev.poststation.config.RspamdService;
import dev.poststation.dns.Resolver;
import dev.poststation.message.Hold;
import dev.poststation.message.Octets;
import dev.poststation.os.Connection;
import dev.poststation.os.Os;
import dev.poststation.os.Time;
import dev.poststation.smtp.ContentReplies;
import dev.poststation.smtp.Masking;
import dev.poststation.smtp.PeerText;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Asks an rspamd whether a mail is spam (`POST /checkv2`), and does to its header what that says.
/// Safe for any thread.
final class Rspamd implements Service, Learner {
  /// rspamd takes 80 KB of fields in all; it learns nothing of recipients beyond.
  private static final int FIELDS_MAX = 48 * 1024;

  /// What it says to the client; a line of a reply is no longer than 512 (RFC 5321 4.5.3.1.5).
  private static final int TEXT_MAX = 400;

  private static final int ANSWER_MAX = 1024 * 1024;
  private static final byte[] PING =
      "GET /ping HTTP/1.1\r\nHost: rspamd\r\nConnection: close\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private static final String PROTOCOL = "HTTP/";
  private static final String STATUS = "X-Spam-Status";

  private final RspamdService settings;
  private final Call call;
  private final @Nullable Call controller;
  private final Correspondents correspondents;
  private final ClientName names;
  private final Time time;
  private final Greylist greylist;

  Rspamd(RspamdService settings, Resolver resolver, Correspondents correspondents, Os os) {
    this.settings = settings;
    this.correspondents = correspondents;
    this.call = new Call(settings.at(), resolver, os, _ -> PING);
    this.controller =
        settings.learnAt().isEmpty() ? null : new Call(settings.learnAt(), resolver, os);
    this.names = new ClientName(resolver, os);
    this.time = os.time();
    this.greylist = new Greylist(os.time());
  }

  @Override
  public String describe() {
    return "rspamd at " + call.places();
  }

  @Override
  public Optional<Finding> unasked(Message message, Facts facts) {
    return Finding.tooLarge(settings.tooLarge(), message, settings.maxSize());
  }

  @Override
  public Finding examine(Message message, Facts facts, Duration atMost) throws ServiceException {
    var shown = settings.tellKnown() ? correspondents.shown(message, facts.recipients()) : message;
    var octets = shown.octets();
    var secrets = secrets();
    long begun = time.nanos();
    String request = request(octets.size(), facts, secrets, names.of(facts.source(), atMost));
    var left = atMost.minusNanos(time.nanos() - begun);
    var answer = call.make(left, (connection, _) -> ask(connection, request, octets, secrets));
    return judged(answer, message, facts, secrets);
  }

  // --- Asking
  // --------------------------------------------------------------------------------------

  /// @param secrets not repeated to anybody, should the answer do so
  static RspamdAnswer ask(
      Connection connection, String request, Octets octets, List<String> secrets)
      throws IOException, ServiceException {
    var wire = new Wire(connection);
    Head head;
    try {
      wire.write(request);
      wire.write(octets);
      head = Head.read(wire, PROTOCOL);
    } catch (IOException e) {
      head = Head.early(wire, PROTOCOL, e);
    }
    byte[] body = head.body(wire, ANSWER_MAX);
    if (head.status() == 401 || head.status() == 403) {
      throw ServiceException.down("rspamd wants another password: " + said(head, secrets));
    }
    if (head.status() != 200) {
      throw ServiceException.atThisMail("rspamd answers " + said(head, secrets));
    }
    return RspamdAnswer.read(body);
  }

  private static String said(Head head, List<String> secrets) {
    return Masking.of(Head.oneLine(head.line()), secrets);
  }

  /// @param name of the client; empty: it has none
  private String request(long size, Facts facts, List<String> secrets, String name) {
    var source = facts.source();
    List<String> fields = new ArrayList<>();
    fields.add("POST /checkv2 HTTP/1.1");
    fields.add("Host: rspamd");
    fields.add("Connection: close");
    fields.add("Content-Type: message/rfc822");
    fields.add("Content-Length: " + size);
    field(fields, "Queue-Id", facts.id().toString());
    field(fields, "MTA-Name", facts.hostname());
    field(fields, "From", facts.sender().isNull() ? "<>" : facts.sender().toString());
    field(fields, "IP", source.address());
    field(fields, "Helo", source.hello());
    field(fields, "User", source.user());
    field(fields, "Hostname", name);
    field(fields, "Settings-ID", settings.settingsId());
    var tls = facts.tls();
    if (tls != null) {
      field(fields, "TLS-Version", tls.protocol());
      field(fields, "TLS-Cipher", tls.cipher());
    }
    secrets.forEach(password -> field(fields, "Password", password));
    if (facts.recipients().size() == 1) {
      field(fields, "Deliver-To", facts.recipients().getFirst().address().toString());
    }
    recipients(fields, facts);
    return String.join("\r\n", fields) + "\r\n\r\n";
  }

  /// The password, if there is one.
  private List<String> secrets() throws ServiceException {
    var password = settings.password();
    try {
      return password == null ? List.of() : List.of(password.reveal());
    } catch (IOException e) {
      throw ServiceException.down(String.valueOf(e.getMessage()));
    }
  }

  private static void recipients(List<String> fields, Facts facts) {
    int length = 0;
    for (var recipient : facts.recipients()) {
      String address = recipient.address().toString();
      length += address.length() + 8;
      if (length > FIELDS_MAX) {
        return;
      }
      field(fields, "Rcpt", address);
    }
  }

  private static void field(List<String> fields, String name, String value) {
    if (!value.isEmpty()) {
      fields.add(name + ": " + Head.oneLine(value));
    }
  }

  // --- Learning
  // ------------------------------------------------------------------------------------

  @Override
  public String learnGood(Message message, Duration atMost) throws ServiceException {
    var to = controller;
    if (to == null) {
      throw ServiceException.atThisMail("learn-at is not written, so rspamd learns nothing");
    }
    var octets = message.octets();
    var secrets = secrets();
    List<String> fields = new ArrayList<>();
    fields.add("POST /learnham HTTP/1.1");
    fields.add("Host: rspamd");
    fields.add("Connection: close");
    fields.add("Content-Type: message/rfc822");
    fields.add("Content-Length: " + octets.size());
    secrets.forEach(password -> field(fields, "Password", password));
    String request = String.join("\r\n", fields) + "\r\n\r\n";
    return to.make(atMost, (connection, _) -> learn(connection, request, octets, secrets));
  }

  /// 208 says of a mail that it was learned before.
  private static String learn(
      Connection connection, String request, Octets octets, List<String> secrets)
      throws IOException, ServiceException {
    var wire = new Wire(connection);
    wire.write(request);
    wire.write(octets);
    var head = Head.read(wire, PROTOCOL);
    String body = new String(head.body(wire, ANSWER_MAX), StandardCharsets.UTF_8);
    String said =
        Masking.of(PeerText.of(body.substring(0, Math.min(1000, body.length()))).strip(), secrets);
    if (head.status() == 401 || head.status() == 403) {
      throw ServiceException.atThisMail("rspamd wants another password: " + said);
    }
    return switch (head.status()) {
      case 200 -> "rspamd has learned it as ham";
      case 208 -> "rspamd had learned it before";
      default ->
          throw ServiceException.atThisMail(
              "rspamd has not learned it: " + said(head, secrets) + " " + said);
    };
  }

  // --- What becomes of it
  // --------------------------------------------------------------------------

  private Finding judged(RspamdAnswer answer, Message message, Facts facts, List<String> secrets) {
    String why = Masking.of(answer.summary(), secrets);
    if (answer.toBeKept()) {
      return new Finding.Quarantined(why, edited(answer, message, false));
    }
    var action = answer.known().orElse(null);
    if (action == null) {
      return went(answer, message, why, false);
    }
    var what = settings.on().getOrDefault(action, ContentService.OnSpam.PASS);
    if (action == RspamdService.Action.GREYLIST && what == ContentService.OnSpam.DEFER) {
      if (greylist.passes(facts)) {
        return went(answer, message, why + "; it came again after the wait", false);
      }
      return new Finding.Refused(ContentReplies.GREYLISTED, why);
    }
    return switch (what) {
      case REJECT ->
          new Finding.Refused(reply(ContentReplies.SPAM, Masking.of(answer.text(), secrets)), why);
      case DEFER ->
          new Finding.Refused(
              reply(ContentReplies.SPAM_LATER, Masking.of(answer.text(), secrets)), why);
      case HOLD -> new Finding.Held(Hold.by(action.key(), why), edited(answer, message, true));
      case QUARANTINE ->
          new Finding.Quarantined(
              action.key() + " = quarantine: " + why, edited(answer, message, false));
      case MARK -> went(answer, message, why, true);
      case PASS -> went(answer, message, why, false);
    };
  }

  /// Ours, in its words where it has some.
  private static Reply reply(Reply ours, String text) {
    String theirs = text.replaceAll("[^\\x20-\\x7e]", "?").strip();
    return theirs.isEmpty()
        ? ours
        : new Reply(ours.code(), ours.status(), List.of(shortened(theirs)));
  }

  private static String shortened(String text) {
    return text.length() > TEXT_MAX ? text.substring(0, TEXT_MAX) + "..." : text;
  }

  private Finding went(RspamdAnswer answer, Message message, String why, boolean spam) {
    var edited = edited(answer, message, spam);
    return edited == null ? new Finding.Unchanged(why) : new Finding.Changed(edited, why);
  }

  /// @param spam whether its recipients are to take it for spam: not what comes into quarantine,
  ///   which they get when somebody has found that it is none
  private @Nullable Message edited(RspamdAnswer answer, Message message, boolean spam) {
    var edits = new FieldEdits(message);
    answer.edit(edits);
    if (settings.scores()) {
      edits.remove(STATUS);
      edits.add(STATUS, answer.status(spam), 0);
    }
    if (spam) {
      edits.remove(answer.spamHeader());
      edits.add(answer.spamHeader(), "Yes", 0);
      if (!answer.subject().isEmpty()) {
        edits.replace("Subject", FieldEdits.encoded("Subject", answer.subject()));
      }
    }
    return edits.isEmpty() ? null : edits.apply();
  }
}
