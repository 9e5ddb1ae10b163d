package dev.poststation.spool;

import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.message.RecipientState;
import dev.poststation.message.Standstill;
import dev.poststation.smtp.TlsWish;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/// Everything that a spool has, as text for people.
final class DataReport {
  private static final int MANY = 10_000;

  private final Spool spool;
  private final StringBuilder out = new StringBuilder();

  private DataReport(Spool spool) {
    this.spool = spool;
  }

  /// @param first an id at which to begin to look for mail that left nothing but a trace
  static String of(Spool spool, QueueId first) throws IOException {
    var report = new DataReport(spool);
    report.write(first);
    return report.out.toString();
  }

  private void write(QueueId first) throws IOException {
    var usage = spool.usage();
    line("mails " + usage.mails() + ", set aside " + usage.corrupt());
    line("pace of notices " + HexFormat.of().formatHex(spool.pace()));
    var listed = new ArrayList<QueueId>();
    place("incoming", spool.incoming(QueueId.FIRST, MANY), listed);
    place("held", spool.held(QueueId.FIRST, MANY), listed);
    for (String destination : spool.parkedDestinations()) {
      var parked = spool.parked(destination, QueueId.FIRST, MANY);
      place("parked for " + quoted(destination), parked, listed);
    }
    for (var due : spool.deferred(Spool.Due.FIRST, Instant.MAX, MANY)) {
      place("deferred until " + due.time(), List.of(due.id()), listed);
    }
    for (var due : spool.quarantined(Spool.Due.FIRST, Instant.MAX, MANY)) {
      place("quarantined until " + due.time(), List.of(due.id()), listed);
    }
    for (long id = first.value(); id < first.value() + 100; id++) {
      var gone = new QueueId(id);
      if (!listed.contains(gone) && !spool.trace(gone).isEmpty()) {
        line("");
        line("in no place: " + gone);
        trace(gone);
      }
    }
  }

  private void place(String name, List<QueueId> ids, List<QueueId> listed) throws IOException {
    for (QueueId id : ids) {
      line("");
      line(name + ": " + id);
      var stored = spool.load(id).orElseThrow();
      line("  place " + place(stored.placement()));
      mail(stored.mail());
      trace(id);
      listed.add(id);
    }
  }

  private void mail(Mail mail) throws IOException {
    var envelope = mail.envelope();
    var source = envelope.source();
    line(
        "  source %s %s %s %s %s"
                .formatted(
                    source.client(),
                    source.listener(),
                    quoted(source.address()),
                    quoted(source.hello()),
                    source.protocol())
            + (source.user().isEmpty() ? "" : " user " + quoted(source.user())));
    var traits = envelope.traits();
    line(
        "  traits %d octets, 8-bit %s, dots %s, long lines %s, bare newlines %s, newline at end %s"
            .formatted(
                traits.size(),
                traits.eightBit(),
                traits.dotLines(),
                traits.longLines(),
                traits.bareNewlines(),
                traits.endsWithNewline()));
    line("  arrived " + envelope.arrived() + " from <" + envelope.sender() + ">");
    line(
        "  body %s, smtputf8 %s, ret %s, envid %s"
            .formatted(envelope.body(), envelope.smtputf8(), envelope.ret(), envelope.envid()));
    if (envelope.release() != null) {
      line("  release " + envelope.release());
    }
    if (envelope.tls() != TlsWish.NONE) {
      line("  tls " + envelope.tls());
    }
    if (envelope.deadline() != null) {
      line("  deadline " + envelope.deadline());
    }
    line("  header " + quoted(new String(mail.trace(), StandardCharsets.UTF_8)));
    for (int i = 0; i < mail.recipients().size(); i++) {
      var recipient = mail.recipients().get(i);
      line(
          "  to %d <%s>, notify %s, orcpt %s"
              .formatted(
                  recipient.number(),
                  recipient.address(),
                  recipient.notifyOn(),
                  recipient.orcpt()));
      line("    " + state(mail.states().get(i), envelope.arrived()));
    }
    byte[] content = Mails.read(spool.content(mail));
    line("  content of %d octets in %d chunks".formatted(content.length, mail.chunks()));
    line("    SHA-256 " + digest(content));
    String begin = new String(content, StandardCharsets.UTF_8);
    line("    " + quoted(begin.substring(0, Math.min(100, begin.length()))));
  }

  private static String state(RecipientState state, Instant arrived) {
    if (state.equals(RecipientState.fresh(arrived))) {
      return "fresh";
    }
    var still = state.standstill();
    return "%s after %d attempts, due %s, %s%s, %s: %s%s"
        .formatted(
            state.phase(),
            state.attempts(),
            state.due(),
            state.warned() ? "warned" : "not warned",
            state.cleared() ? ", cleared" : "",
            quoted(state.destination()),
            quoted(state.reason()),
            still.equals(Standstill.NONE)
                ? ""
                : ", its clock stood still for " + still.before() + " and since " + still.since());
  }

  private static String place(Placement placement) {
    return switch (placement) {
      case Placement.Incoming _ -> "incoming";
      case Placement.Held _ -> "held";
      case Placement.Quarantined(Instant until) -> "quarantined until " + until;
      case Placement.Deferred(Instant due) -> "deferred until " + due;
      case Placement.Parked(String destination) -> "parked for " + quoted(destination);
    };
  }

  private void trace(QueueId id) throws IOException {
    for (byte[] entry : spool.trace(id)) {
      line("  trace " + new String(entry, StandardCharsets.UTF_8));
    }
  }

  private static String digest(byte[] octets) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static String quoted(String text) {
    var shown = text.replace("\\", "\\\\").replace("\r", "\\r").replace("\n", "\\n");
    return '"' + shown.replace("\t", "\\t").replace("\0", "\\0") + '"';
  }

  private void line(String text) {
    out.append(text).append('\n');
  }
}
