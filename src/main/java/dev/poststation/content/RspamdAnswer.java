package dev.poststation.content;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.poststation.config.RspamdService;
import dev.poststation.smtp.PeerText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What rspamd answers of a mail. Immutable.
///
/// @param action in its words: `add header`
/// @param symbols those of malware first, whatever they score, since they decide who may have the
///   mail; then those that count
/// @param text what the client is to be told; may be empty
/// @param subject the one that the mail is to have; may be empty
/// @param signatures fields `DKIM-Signature` that it has made
/// @param milter what is to become of the header besides
record RspamdAnswer(
    String action,
    double score,
    double required,
    List<Symbol> symbols,
    String text,
    String subject,
    List<String> signatures,
    JsonNode milter) {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /// What a mail can be given by its milter interface, and we do not do here.
  private static final Set<String> NOT_DONE = Set.of("change_from", "add_rcpt", "del_rcpt");

  private static final String NO_ACTION = "no action";
  private static final String DISCARD = "discard";
  private static final String QUARANTINE = "quarantine";

  /// Something that it found.
  record Symbol(String name, double score) {
    @Override
    public String toString() {
      return "%s=%s".formatted(name, number(score));
    }
  }

  RspamdAnswer {
    symbols = List.copyOf(symbols);
    signatures = List.copyOf(signatures);
  }

  /// Reads one.
  ///
  /// @throws IOException when it is none; the message is one clause that says why
  static RspamdAnswer read(byte[] json) throws IOException {
    JsonNode root;
    try {
      root = MAPPER.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IOException("its answer is no JSON: " + e.getOriginalMessage(), e);
    }
    if (!root.path("action").isTextual()) {
      throw new IOException("its answer names no action");
    }
    List<Symbol> symbols = new ArrayList<>();
    for (var symbol : root.path("symbols").properties()) {
      symbols.add(
          new Symbol(
              PeerText.of(symbol.getKey()), finite(symbol.getValue().path("score").asDouble())));
    }
    symbols.sort(
        Comparator.comparing((Symbol symbol) -> !MalwareSymbols.in(symbol.name))
            .thenComparingDouble(symbol -> -Math.abs(symbol.score)));
    return new RspamdAnswer(
        PeerText.of(root.path("action").textValue()),
        finite(root.path("score").asDouble()),
        finite(root.path("required_score").asDouble()),
        symbols,
        root.path("messages").path("smtp_message").asText(""),
        root.path("subject").asText(""),
        texts(root.path("dkim-signature")),
        root.path("milter"));
  }

  /// What is to be done; empty: nothing, or what we have no word for.
  Optional<RspamdService.Action> known() {
    if (milter.path("no_action").asBoolean()) {
      return Optional.empty();
    }
    for (var known : RspamdService.Action.values()) {
      if (known.words().equals(action)) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }

  /// Whether it is to be kept from its recipients, without a refusal. We throw nothing away.
  boolean toBeKept() {
    String instead = milter.path("reject").asText("");
    return action.equals(DISCARD)
        || action.equals(QUARANTINE)
        || (action.equals(RspamdService.Action.REJECT.words())
            && (instead.equals(DISCARD) || instead.equals(QUARANTINE)));
  }

  /// The field that says of a mail that it is spam.
  String spamHeader() {
    String name = milter.path("spam_header").asText("X-Spam");
    return FieldEdits.isName(name) ? name : "X-Spam";
  }

  /// For log and trace.
  String summary() {
    var text =
        new StringBuilder("rspamd says \"%s\", score ".formatted(action))
            .append(number(score))
            .append(" of ")
            .append(number(required));
    if (!symbols.isEmpty()) {
      text.append(": ").append(listed(12, ", "));
    }
    if (known().isEmpty() && !toBeKept() && !action.equals(NO_ACTION)) {
      text.append(
          milter.path("no_action").asBoolean()
              ? "; it asks not to act on that"
              : "; no action of that name is known here, so it goes on");
    }
    var left = NOT_DONE.stream().filter(milter::hasNonNull).sorted().toList();
    if (!left.isEmpty()) {
      text.append("; not done: ").append(String.join(", ", left));
    }
    return text.toString();
  }

  /// What a field of the header tells.
  ///
  /// @param spam whether it is taken for spam
  String status(boolean spam) {
    return "%s, score=%s required=%s tests=[%s] action=\"%s\""
        .formatted(spam ? "Yes" : "No", number(score), number(required), listed(40, ", "), action);
  }

  private String listed(int most, String between) {
    var shown = symbols.stream().limit(most).map(Symbol::toString).toList();
    int others = symbols.size() - shown.size();
    return String.join(between, shown) + (others > 0 ? between + others + " others" : "");
  }

  /// What it adds to the header, or removes.
  void edit(FieldEdits edits) {
    for (var field : milter.path("remove_headers").properties()) {
      for (var which : all(field.getValue())) {
        edits.remove(field.getKey(), which.asInt());
      }
    }
    for (var field : milter.path("add_headers").properties()) {
      for (var value : all(field.getValue())) {
        add(edits, field.getKey(), value);
      }
    }
    signatures.forEach(signature -> edits.add("DKIM-Signature", signature, 0));
  }

  private static void add(FieldEdits edits, String name, JsonNode value) {
    var text = value.isObject() ? value.path("value") : value;
    var place = value.isObject() ? value.path("order") : value.path("none");
    if (place.isMissingNode() && value.isObject()) {
      place = value.path("index");
    }
    if (FieldEdits.isName(name)
        && text.isValueNode()
        && !text.isNull()
        && !text.asText().isBlank()) {
      edits.add(name, text.asText(), place.asInt(0)); // Without a place: in front.
    }
  }

  /// One, or a list of them.
  private static Iterable<JsonNode> all(JsonNode value) {
    return value.isArray() ? value : List.of(value);
  }

  private static List<String> texts(JsonNode value) {
    List<String> texts = new ArrayList<>();
    all(value).forEach(each -> texts.add(each.asText("")));
    texts.removeIf(String::isBlank);
    return texts;
  }

  private static double finite(double value) {
    return Double.isFinite(value) ? value : 0;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
