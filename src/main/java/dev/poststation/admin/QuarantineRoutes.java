package dev.poststation.admin;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.Poststation;
import dev.poststation.config.Units;
import dev.poststation.content.ServiceException;
import dev.poststation.message.QueueId;
import dev.poststation.os.Time;
import dev.poststation.quarantine.Letter;
import dev.poststation.queue.Quarantine;
import dev.poststation.smtp.Address;
import dev.poststation.smtp.AddressParser;
import dev.poststation.spool.SpoolException;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The part of the API that is about the quarantine. Safe for any thread.
record QuarantineRoutes(Poststation relay, Time time) {
  private static final Logger LOG = LoggerFactory.getLogger(QuarantineRoutes.class);
  private static final int LIMIT = 100;
  private static final int LIMIT_MAX = 10_000;
  private static final int BY_MAX = 200;

  /// What a list may ask for.
  static final Set<String> QUERY = Set.of("from", "to", "subject", "service", "since", "limit");

  private static final Set<String> BODY = Set.of("ids", "recipient", "to", "by", "text", "release");

  /// Which mails are meant.
  ///
  /// @param since null: any time
  private record Search(
      String from, String to, String subject, String service, @Nullable Instant since) {
    boolean envelope(Quarantine.Kept kept) {
      var mail = kept.mail();
      return (service.isEmpty() || service.equalsIgnoreCase(kept.service()))
          && (since == null || !mail.envelope().arrived().isBefore(since))
          && (to.isEmpty()
              || kept.waiting().stream().anyMatch(it -> has(address(kept, it).toString(), to)));
    }

    boolean letter(Quarantine.Kept kept, Letter letter) {
      var sender = kept.mail().envelope().sender();
      boolean author =
          from.isEmpty()
              || (sender.isNull() ? from.equals("<>") : has(sender.toString(), from))
              || has(letter.from(), from);
      return author && has(letter.subject(), subject);
    }

    private static boolean has(String text, String part) {
      return text.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }
  }

  /// What is to be done about some mails.
  ///
  /// @param lets whether they go out
  /// @param one the only recipient that is meant
  /// @param other who gets a copy instead
  private record Order(
      String action,
      boolean lets,
      Optional<Address> one,
      Optional<Address> other,
      String by,
      String text) {}

  private static Address address(Quarantine.Kept kept, int recipient) {
    return kept.mail().recipients().get(recipient).address();
  }

  // --- Looking
  // -----------------------------------------------------------------------------------

  ObjectNode list(Context ctx) throws SpoolException {
    var search =
        new Search(
            text(ctx, "from"),
            text(ctx, "to"),
            text(ctx, "subject"),
            text(ctx, "service"),
            since(text(ctx, "since")));
    int limit = limit(text(ctx, "limit"));
    var answer = Json.object();
    var mails = answer.putArray("mails");
    answer.put("more", false);
    relay
        .queue()
        .quarantine()
        .visit(
            kept -> {
              if (!search.envelope(kept)) {
                return true;
              }
              var letter = letter(kept);
              if (!search.letter(kept, letter)) {
                return true;
              }
              if (mails.size() == limit) {
                answer.put("more", true);
                return false;
              }
              mails.add(mail(kept, letter));
              return true;
            });
    return answer;
  }

  private static String text(Context ctx, String name) {
    return Optional.ofNullable(ctx.queryParam(name)).orElse("").strip();
  }

  /// A mail whose content cannot be read is listed all the same.
  private Letter letter(Quarantine.Kept kept) {
    try {
      return Letter.brief(relay.spool(), kept.mail());
    } catch (IOException e) {
      LOG.warn("The header of {} cannot be read: {}", kept.mail().id(), e.getMessage());
      return new Letter("", "", List.of(), "", List.of(), "it cannot be read");
    }
  }

  private static int limit(String text) {
    if (text.isEmpty()) {
      return LIMIT;
    }
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 1 && limit <= LIMIT_MAX) {
        return limit;
      }
    } catch (NumberFormatException _) {
      // Said below.
    }
    throw Refusal.badRequest("limit: write a number from 1 to " + LIMIT_MAX + ".");
  }

  private @Nullable Instant since(String text) {
    if (text.isEmpty()) {
      return null;
    }
    var age = Units.parse(text);
    if (age.isPresent()) {
      return time.now().minus(age.get());
    }
    try {
      return text.length() == 10
          ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
          : Instant.parse(text);
    } catch (DateTimeParseException _) {
      throw Refusal.badRequest(
          "since: \"" + text + "\" is no time; write, for example, 2d, or 2026-11-30 (UTC).");
    }
  }

  private static ObjectNode mail(Quarantine.Kept kept, Letter letter) {
    var envelope = kept.mail().envelope();
    var mail = Json.object();
    mail.put("id", envelope.id().toString());
    Json.time(mail, "arrived", envelope.arrived());
    Json.time(mail, "until", kept.until());
    mail.put("service", kept.service());
    mail.put("reason", kept.reason());
    mail.put("sender", envelope.sender().toString());
    var to = mail.putArray("recipients");
    kept.waiting().forEach(it -> to.add(address(kept, it).toString()));
    mail.put("from", letter.from());
    mail.put("subject", letter.subject());
    mail.put("size", kept.mail().size());
    mail.put("client", envelope.source().client());
    return mail.put("address", envelope.source().address());
  }

  ObjectNode show(QueueId id) throws SpoolException {
    var kept = relay.queue().quarantine().find(id).orElseThrow(() -> missing(id));
    Letter letter;
    try {
      letter = Letter.whole(relay.spool(), kept.mail(), relay.configuration().limits());
    } catch (IOException e) {
      throw new SpoolException("The content of " + id + " cannot be read", false, e);
    }
    var answer = mail(kept, letter);
    answer.put("hello", kept.mail().envelope().source().hello());
    answer.put("user", kept.mail().envelope().source().user());
    var gone = answer.putArray("others");
    for (int i = 0; i < kept.mail().states().size(); i++) {
      var state = kept.mail().states().get(i);
      if (!state.waiting()) {
        gone.addObject().put("address", address(kept, i).toString()).put("state", state.reason());
      }
    }
    answer.set("header", Json.texts(letter.header()));
    answer.put("text", letter.text());
    answer.set("parts", Json.texts(letter.parts()));
    return answer.put("problem", letter.problem());
  }

  private static Refusal missing(QueueId id) {
    return Refusal.notFound(
        "There is no mail " + id + " in quarantine; its trace may tell what became of it.");
  }

  /// How much there is, for `status`.
  ObjectNode state() {
    var state = Json.object();
    state.put("mails", relay.queue().waiting().quarantined());
    Json.time(state, "digest", relay.digests().next().orElse(null));
    try {
      Json.time(state, "soonest", relay.queue().quarantine().soonest().orElse(null));
    } catch (SpoolException e) {
      LOG.warn("It cannot be read when the next mail leaves the quarantine: {}", e.getMessage());
    }
    return state;
  }

  // --- Acting
  // ------------------------------------------------------------------------------------

  ObjectNode act(String action, String text) throws SpoolException, InterruptedException {
    if (action.equals("digest")) {
      return digest(text);
    }
    if (!Set.of("release", "delete", "report").contains(action)) {
      throw Refusal.notFound("\"" + action + "\" is none of release, delete, report, digest.");
    }
    var body = Json.body(text);
    Known.keys(body, BODY);
    List<QueueId> ids = new ArrayList<>();
    body.path("ids").forEach(id -> ids.add(Filter.id(id.asText())));
    if (ids.isEmpty()) {
      throw Refusal.badRequest("\"ids\": say which mails.");
    }
    var one = Json.text(body, "recipient").map(it -> mailbox("recipient", it));
    var other = Json.text(body, "to").map(it -> mailbox("to", it));
    if (other.isPresent() && (one.isPresent() || !action.equals("release"))) {
      throw Refusal.badRequest("\"to\" is for release, and not together with \"recipient\".");
    }
    String by = Json.text(body, "by").filter(it -> !it.isBlank()).orElse("api");
    String why = Json.text(body, "text").orElse("");
    boolean lets =
        action.equals("release") || action.equals("report") && Json.flag(body, "release");
    return carriedOut(ids, new Order(action, lets, one, other, shortened(by), why));
  }

  private ObjectNode digest(String text) {
    Known.keys(Json.body(text), Set.of());
    if (relay.configuration().quarantine().digest().isEmpty()) {
      throw Refusal.badRequest("There are no digests: write quarantine.digest.");
    }
    try {
      return Json.object().put("sent", relay.digests().sendNow());
    } catch (IOException e) {
      throw Refusal.unavailable("Not all digests were sent: " + e.getMessage() + ".");
    }
  }

  /// What became of one mail is to be known, whatever becomes of the next.
  private ObjectNode carriedOut(List<QueueId> ids, Order order) throws InterruptedException {
    var answer = Json.object();
    var done = answer.putArray("done");
    var left = answer.putArray("missing");
    var failed = answer.putArray("failed");
    for (var id : ids) {
      String why;
      try {
        var kept = relay.queue().quarantine().find(id);
        var obstacle = kept.flatMap(it -> obstacle(it, order));
        if (obstacle.isEmpty()) {
          var entry = kept.isEmpty() ? Optional.<ObjectNode>empty() : carriedOut(kept.get(), order);
          entry.ifPresentOrElse(done::add, () -> left.add(id.toString()));
          continue;
        }
        why = obstacle.get();
      } catch (ServiceException e) {
        why = e.reason();
      } catch (SpoolException e) {
        LOG.error("The spool fails at {} in quarantine", id, e);
        why = e.getMessage();
      }
      failed.addObject().put("id", id.toString()).put("why", why);
    }
    return answer;
  }

  /// Why an order cannot be carried out: asked before the first step of it.
  private Optional<String> obstacle(Quarantine.Kept kept, Order order) {
    if (order.one.isPresent() && whom(kept, order.one.get()).isEmpty()) {
      return Optional.of("it does not wait for <" + order.one.get() + ">");
    }
    return order.lets && order.other.isEmpty() && kept.overdue(time.now())
        ? Optional.of(
            "its sender wanted it back, had it not been delivered by now (DELIVERBY), and would"
                + " get it; --to sends a copy")
        : Optional.empty();
  }

  /// @return what was done; empty: nothing, for it is not in quarantine any more
  private Optional<ObjectNode> carriedOut(Quarantine.Kept kept, Order order)
      throws ServiceException, SpoolException, InterruptedException {
    var quarantine = relay.queue().quarantine();
    var id = kept.mail().id();
    var entry = Json.object().put("id", id.toString());
    if (order.action.equals("report")) {
      String said = learned(kept);
      entry.put("said", said);
      String text = order.text.isEmpty() ? said : said + "; " + order.text;
      quarantine.note(kept, order.action, order.by, text);
    }
    Set<Integer> whom = order.one.map(it -> whom(kept, it)).orElse(Set.of());
    if (order.action.equals("delete")) {
      boolean gone = quarantine.delete(id, whom, order.by, order.text);
      return gone ? Optional.of(entry.put("as", id.toString())) : Optional.empty();
    }
    if (!order.lets) {
      return Optional.of(entry);
    }
    var as =
        order.other.isPresent()
            ? quarantine.send(id, order.other.get(), order.by, order.text)
            : quarantine.release(id, whom, order.by, order.text);
    as.ifPresent(it -> entry.put("as", it.toString()));
    return as.isPresent() || entry.has("said") ? Optional.of(entry) : Optional.empty();
  }

  /// The numbers of those who are meant and wait for it.
  private static Set<Integer> whom(Quarantine.Kept kept, Address one) {
    return kept.waiting().stream()
        .filter(it -> address(kept, it).isSameMailbox(one))
        .collect(Collectors.toSet());
  }

  /// Tells the service that keeps it that it is good.
  ///
  /// @return what it says
  String learned(Quarantine.Kept kept) throws ServiceException {
    try {
      var message = Letter.message(relay.spool(), kept.mail(), relay.configuration().limits());
      return relay
          .services()
          .learnGood(kept.service(), message)
          .orElseThrow(
              () ->
                  ServiceException.atThisMail(
                      "service "
                          + kept.service()
                          + " is none that learns: only rspamd and spamd do"));
    } catch (IOException e) {
      throw ServiceException.atThisMail("the mail cannot be read: " + e.getMessage());
    }
  }

  private static String shortened(String by) {
    return by.length() > BY_MAX ? by.substring(0, BY_MAX) : by;
  }

  private static Address mailbox(String name, String text) {
    return AddressParser.parse(text)
        .filter(it -> !it.isNull())
        .orElseThrow(() -> Refusal.badRequest(name + ": \"" + text + "\" is no address."));
  }
}
