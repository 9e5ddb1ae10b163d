package dev.poststation.intake;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.poststation.message.Edit;
import dev.poststation.message.Envelope;
import dev.poststation.message.Hold;
import dev.poststation.message.QueueId;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Command;
import dev.poststation.smtp.ContentSink;
import dev.poststation.smtp.ContentTraits;
import dev.poststation.smtp.PolicyReplies;
import dev.poststation.smtp.Replies;
import dev.poststation.smtp.Reply;
import dev.poststation.smtp.TlsWish;
import dev.poststation.spool.Draft;
import dev.poststation.spool.SpoolException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A mail whose content is coming in. A mail that has to be refused is not interrupted: its octets
/// are ignored from then on, and `commit` says why. Confined to the session's thread.
public final class Arrival implements ContentSink, Closeable {
  private final TraceHeader traces;
  private final End end;
  private final QueueId id;
  private final @Nullable ExchangeHop exchange;
  private Submission about;
  private final Draft draft;
  private final HeaderScan header;
  private final Ranking ranking;
  private final @Nullable TenantCheck tenant;
  private final List<String> decisions = new ArrayList<>(0);
  private long size;
  private Admission.@Nullable Refused refused;
  private @Nullable Hold hold;
  private @Nullable DeviceCheck device;
  private @Nullable HeaderShape shape;

  /// The header, until it was judged, where it may have to be changed.
  private @Nullable ByteArrayOutputStream waiting;

  private final MailboxLine mailboxLine = new MailboxLine();
  private boolean begun;
  private boolean judged;
  private String newAuthor = "";
  private int removed;
  private boolean longLines;

  /// What becomes of a mail that has come whole, and that nothing speaks against so far.
  @FunctionalInterface
  interface End {
    Admission take(QueueId id, Submission about, Acceptance.Judged judged, Draft draft);
  }

  Arrival(TraceHeader traces, QueueId id, Submission about, Draft draft, End end) {
    this.traces = traces;
    this.end = end;
    this.id = id;
    this.about = about;
    this.draft = draft;
    this.header = new HeaderScan(about.hostname(), about.authors() != null);
    this.ranking = new Ranking(about.client(), about.priority());
    this.tenant = TenantCheck.of(about.client());
    this.exchange = about.asSaid() == null ? null : ExchangeHop.of(about.client());
    this.hold = about.hold();
    var check = about.authors();
    boolean waits =
        about.rewriting() != null || exchange != null || (check != null && check.mayReplace());
    this.waiting = waits ? new ByteArrayOutputStream(1024) : null;
  }

  /// Has the device judged that it comes from. To be said before anything comes.
  public void watch(DeviceCheck check) {
    device = check;
    shape = new HeaderShape();
    header.shape(shape);
  }

  @Override
  public void accept(byte[] octets, int offset, int length) {
    int taken = 0;
    if (!begun) {
      taken = mailboxLine.take(octets, offset, length);
      if (taken == length) {
        return;
      }
      begin();
    }
    look(octets, offset + taken, length - taken);
  }

  /// It is known how the content begins.
  private void begin() {
    begun = true;
    byte[] first = mailboxLine.taken();
    look(first, 0, first.length);
    if (mailboxLine.found()) {
      decided("the mailbox line on top (From …) became the field X-Mailbox-Line");
    }
  }

  private void look(byte[] octets, int offset, int length) {
    if (refused != null || length == 0) {
      return;
    }
    size += length;
    header.feed(octets, offset, length);
    ranking.feed(octets, offset, length);
    if (tenant != null) {
      tenant.feed(octets, offset, length);
    }
    if (exchange != null) {
      exchange.feed(octets, offset, length);
    }
    if (size > about.messageSize()) {
      refuse(Replies.TOO_BIG, about.messageSizeRule());
      return;
    }
    if (overLimits()) {
      return;
    }
    if (waiting == null) {
      write(octets, offset, length);
      return;
    }
    waiting.write(octets, offset, length);
    if (header.ended()) {
      headerRead(waiting);
    }
  }

  private void write(byte[] octets, int offset, int length) {
    try {
      draft.write(octets, offset, length);
    } catch (SpoolException e) {
      refuse(e);
    }
  }

  /// The header is over, with what has come behind it: it is judged, and goes on, as it is, without
  /// its From fields, or with other addresses.
  private void headerRead(ByteArrayOutputStream read) {
    waiting = null;
    checkHop();
    checkAuthors();
    if (refused != null) {
      return;
    }
    byte[] octets = read.toByteArray();
    if (about.hop() || (newAuthor.isEmpty() && about.rewriting() == null)) {
      write(octets, 0, octets.length);
      return;
    }
    byte[] rest =
        newAuthor.isEmpty()
            ? Arrays.copyOf(octets, header.size())
            : NewAuthor.without(octets, header.size());
    rest = rewritten(rest);
    if (header.cut() && about.exchange() == Submission.Exchange.FOREIGN) {
      rest = HeaderFirewall.closed(rest);
      decided("header firewall: an empty line added before a line that is no field");
    }
    newAuthor = new String(rewritten(newAuthor.getBytes(UTF_8)), UTF_8);
    if (refused != null) {
      return;
    }
    removed = header.size() - rest.length;
    write(rest, 0, rest.length);
    write(octets, header.size(), octets.length - header.size());
  }

  private byte[] rewritten(byte[] fields) {
    var rewriting = about.rewriting();
    if (rewriting == null || fields.length == 0) {
      return fields;
    }
    var change = rewriting.apply(fields);
    if (!change.unknown().isEmpty()) {
      refuse(PolicyReplies.DIRECTORY_SILENT, "rewrite: " + change.unknown());
      return fields;
    }
    decisions.addAll(change.reasons());
    if (change.edits().isEmpty()) {
      return fields;
    }
    byte[] changed = Edit.apply(change.edits(), fields, 0);
    longLines |= Edit.longLines(changed);
    return changed;
  }

  private boolean overLimits() {
    if (header.size() > about.limits().headerSize()) {
      refuse(Replies.HEADER_TOO_BIG, "limits.header-size");
    } else if (header.hops() > about.limits().hops()) {
      refuse(Replies.LOOP, "limits.hops");
    } else if (header.loops()) {
      refuse(
          Replies.LOOP,
          "more than " + HeaderScan.OWN_HOPS_MAX + " Received or X-Loop fields are ours");
    }
    return refused != null;
  }

  /// Refuses the mail because of a CR or LF alone (RFC 5321 2.3.8).
  public Admission.Refused refuseBareNewline() {
    return refuse(Replies.BARE_NEWLINE, "bare-newlines = refuse");
  }

  /// Adds a decision to the trace.
  public void decided(String decision) {
    decisions.add(decision);
  }

  private Admission.Refused refuse(SpoolException e) {
    return refuse(e.full() ? Replies.NO_SPACE : Replies.NOT_STORED, "spool: " + e.getMessage());
  }

  private Admission.Refused refuse(Reply reply, String rule) {
    var why = refused;
    if (why == null) {
      why = new Admission.Refused(reply, rule);
      refused = why;
      waiting = null;
      draft.close(); // What it holds on the disk and in memory is needed by others.
    }
    return why;
  }

  /// Why it will be refused, as far as that is known already; null if it will not. A client that
  /// sends chunks is told at the end of each.
  public Admission.@Nullable Refused refusal() {
    return refused;
  }

  /// Makes the mail durable and hands it over to the queue; or says why not. To be called once, at
  /// the end of the content.
  ///
  /// @param traits of all the content
  public Admission commit(ContentTraits traits) {
    if (!begun) {
      begin();
    }
    header.finish();
    boolean binary = about.mail().body() == BodyType.BINARY_MIME;
    if (refused == null && !overLimits() && traits.bareNewlines() && !binary) {
      // By BDAT, where lines do not matter to the transport but do to the next hop.
      return refuseBareNewline();
    }
    if (waiting != null) {
      headerRead(waiting);
    } else {
      checkAuthors();
    }
    checkTenant();
    checkDevice();
    if (refused != null) {
      return refused;
    }
    return end.take(id, about, judged(traits), draft);
  }

  private void checkHop() {
    var said = about.asSaid();
    if (exchange == null || said == null || refused != null) {
      return;
    }
    var to = said.recipients().stream().map(Recipient::address).toList();
    var finding = exchange.judge(to, tenant == null || tenant.judge() == null);
    decided(finding.reason());
    if (!finding.internal()) {
      return;
    }
    about = about.leftAlone(said);
    var loop = ExchangeHop.loop(about.client(), about.recipients(), header.own());
    if (loop != null) {
      refuse(PolicyReplies.EXCHANGE_LOOP, loop);
    }
  }

  private void checkAuthors() {
    var check = about.authors();
    if (check == null || refused != null || judged) {
      return;
    }
    judged = true;
    var from = header.from();
    var finding = check.judge(from);
    if (finding == null) {
      return;
    }
    Reply reply = finding.reply();
    var author = finding.author();
    if (author != null && from != null) {
      newAuthor = NewAuthor.fields(author, from, header.hasReplyTo());
      decisions.add(finding.reason());
      return;
    }
    if (reply != null) {
      refuse(reply, finding.reason());
    } else if (hold == null) {
      hold = Hold.otherwise(finding.reason());
    }
  }

  private void checkTenant() {
    var why = tenant == null || refused != null ? null : tenant.judge();
    if (why == null || tenant == null) {
      return;
    }
    if (!tenant.holds()) {
      refuse(PolicyReplies.TENANT_NOT_ALLOWED, why);
    } else if (hold == null) {
      hold = Hold.otherwise(why);
    }
  }

  private void checkDevice() {
    if (device == null || shape == null || refused != null) {
      return;
    }
    var finding = device.judge(shape.facts(header.messageId()), size, hold != null);
    if (finding == null) {
      return;
    }
    Reply reply = finding.reply();
    if (reply != null) {
      refuse(reply, finding.reason());
      return;
    }
    decided(finding.reason());
    if (finding.hold() && hold == null) {
      hold = Hold.profile(finding.reason());
    }
  }

  /// What is known of the mail, now that all of it has come and was judged.
  private Acceptance.Judged judged(ContentTraits traits) {
    var seen =
        new Envelope.Traits(
            traits.size() + mailboxLine.growth() - removed,
            traits.eightBit(),
            traits.dotLines(),
            traits.longLines() || longLines,
            traits.bareNewlines(),
            traits.endsWithNewline());
    ranking.judge(about.recipients().size()).ifPresent(decisions::add);
    var tls = tls(about.mail());
    byte[] trace = traces.write(id, about, header, newAuthor);
    decisions.addAll(TraceHeader.decisions(about, header));
    List<String> all = new ArrayList<>(about.decisions());
    all.addAll(decisions);
    return new Acceptance.Judged(
        trace, seen, ranking.priority(), tls, TraceHeader.messageId(id, about, header), hold, all);
  }

  private TlsWish tls(Command.Mail said) {
    if (said.requireTls()) {
      return TlsWish.REQUIRED; // Whatever a field says (RFC 8689 4.1).
    }
    if (header.tlsWaived()) {
      decided("TLS-Required: No: what domains publish about TLS is not demanded");
      return TlsWish.WAIVED;
    }
    return TlsWish.NONE;
  }

  /// Discards the mail unless it was committed.
  @Override
  public void close() {
    draft.close();
  }
}
