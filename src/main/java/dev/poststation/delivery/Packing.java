package dev.poststation.delivery;

import static dev.poststation.smtp.Capabilities.Extension.BINARY_MIME;
import static dev.poststation.smtp.Capabilities.Extension.CHUNKING;
import static dev.poststation.smtp.Capabilities.Extension.DSN;
import static dev.poststation.smtp.Capabilities.Extension.EIGHT_BIT_MIME;
import static dev.poststation.smtp.Capabilities.Extension.MT_PRIORITY;
import static dev.poststation.smtp.Capabilities.Extension.REQUIRETLS;
import static dev.poststation.smtp.Capabilities.Extension.SIZE;
import static dev.poststation.smtp.Capabilities.Extension.SMTPUTF8;

import dev.poststation.message.Envelope;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.message.Priority;
import dev.poststation.message.Recipient;
import dev.poststation.smtp.BodyType;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.DsnNotify;
import dev.poststation.smtp.TlsWish;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// How one mail goes to one next hop, decided before anything is said: which of the recipients in
/// this transaction, with which parameters, converted or not; and what cannot go there at all.
/// Confined to one thread.
final class Packing {
  private final Attempt.Order order;
  private final Capabilities can;
  private final String relay;
  private final Countdown countdown;
  private final boolean smtputf8;

  /// By recipient of the order; null: none yet, or not in this transaction.
  private final @Nullable Outcome[] outcomes;

  /// The recipients that go, as they stand in RCPT; null: does not go.
  private final @Nullable String[] addresses;

  private int going;
  private boolean international;
  private String sender = "";
  private Payload payload;
  private List<String> notes = List.of();
  private boolean binary;

  private Packing(Attempt.Order order, Capabilities can, String relay, Countdown countdown) {
    this.order = order;
    this.can = can;
    this.relay = relay;
    this.countdown = countdown;
    // RFC 6531 3.1: SMTPUTF8 is nothing without 8BITMIME.
    this.smtputf8 = can.offers(SMTPUTF8) && can.offers(EIGHT_BIT_MIME);
    this.outcomes = new Outcome[order.recipients().size()];
    this.addresses = new String[order.recipients().size()];
    this.payload = Payload.plain(order.mail(), order.content());
  }

  /// Packs a mail.
  ///
  /// @param recipientsMax recipients in one transaction
  /// @param countdown what is left of the mail's time
  /// @throws UnreadableContentException when our spool cannot read the content
  static Packing of(
      Attempt.Order order, Capabilities can, int recipientsMax, String relay, Countdown countdown)
      throws IOException {
    var packing = new Packing(order, can, relay, countdown);
    packing.chooseSender();
    packing.chooseRecipients(Math.min(recipientsMax, can.limits().recipients()));
    if (packing.going > 0) {
      packing.mindTime();
    }
    if (packing.going > 0) {
      packing.chooseForm();
    }
    return packing;
  }

  /// By recipient of the order. Filled on by whoever sends.
  @Nullable Outcome[] outcomes() {
    return outcomes;
  }

  /// How many recipients go in this transaction; 0: nothing is to be sent.
  int going() {
    return going;
  }

  Payload payload() {
    return payload;
  }

  /// To be called before the last octets of the content go out.
  void beforeEnd() {
    order.beforeEnd().run();
  }

  /// What was changed in the content, for the trace.
  List<String> notes() {
    return notes;
  }

  private Envelope envelope() {
    return order.mail().envelope();
  }

  private void chooseSender() {
    String wire = WireAddress.of(envelope().sender(), smtputf8);
    if (wire == null) {
      refuseAll(
          "5.6.7", "host " + relay + " does not know SMTPUTF8, which the sender's address needs");
      return;
    }
    sender = wire;
    international = !WireAddress.isAscii(wire);
  }

  private void chooseRecipients(int max) {
    int domainsMax = can.limits().recipientDomains();
    Set<String> domains = domainsMax < Integer.MAX_VALUE ? new HashSet<>() : Set.of();
    for (int i = 0; i < outcomes.length && going < max; i++) {
      var address = order.recipients().get(i).address();
      if (outcomes[i] != null) {
        continue;
      }
      String wire = WireAddress.of(address, smtputf8);
      if (wire == null) {
        outcomes[i] =
            Diagnosis.bounced(
                Stage.RCPT,
                "5.6.7",
                "host " + relay + " does not know SMTPUTF8, which the recipient's address needs");
        continue;
      }
      if (domainsMax < Integer.MAX_VALUE && !domains.contains(address.domainKey())) {
        // RFC 9422 4.3.
        if (domains.size() == domainsMax) {
          continue;
        }
        domains.add(address.domainKey());
      }
      addresses[i] = wire;
      international |= !WireAddress.isAscii(wire);
      going++;
    }
  }

  private void mindTime() {
    countdown.objection(can, relay).ifPresent(this::refuseAll);
  }

  private void chooseForm() throws IOException {
    var traits = envelope().traits();
    if (envelope().smtputf8()
        && !smtputf8
        && EightBitHeader.hasEightBit(order.mail(), order.content())) {
      refuseAll(
          "5.6.9", "host " + relay + " does not know SMTPUTF8, which the mail's header needs");
      return;
    }
    boolean wasBinary = envelope().body() == BodyType.BINARY_MIME || traits.bareNewlines();
    binary = wasBinary && can.offers(BINARY_MIME) && can.offers(CHUNKING);
    var need =
        new Downgrade.Need(
            traits.eightBit() && !can.offers(EIGHT_BIT_MIME),
            wasBinary && !binary,
            traits.longLines() && !binary);
    if (need.any() && !convert(need)) {
      return;
    }
    if (can.sizeMax() > 0 && payload.size() > can.sizeMax()) {
      refuseAll(
          "5.3.4",
          "the mail has "
              + payload.size()
              + " octets, host "
              + relay
              + " takes "
              + can.sizeMax()
              + " at most");
    }
  }

  private boolean convert(Downgrade.Need need) throws IOException {
    return switch (Downgrade.of(order.mail(), order.content(), need)) {
      case Downgrade.Result.Unchanged unchanged -> {
        notes = unchanged.notes();
        yield true;
      }
      case Downgrade.Result.Converted converted -> {
        payload = converted.payload();
        notes = converted.notes();
        yield true;
      }
      case Downgrade.Result.Impossible impossible -> {
        refuseAll(
            impossible.status(),
            "host " + relay + " cannot take the mail as it is: " + impossible.why());
        yield false;
      }
    };
  }

  private void refuseAll(String status, String text) {
    refuseAll(Diagnosis.bounced(Stage.MAIL, status, text));
  }

  private void refuseAll(Outcome outcome) {
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null) {
        outcomes[i] = outcome;
      }
      addresses[i] = null;
    }
    going = 0;
  }

  /// Whether a recipient goes in this transaction.
  boolean goes(int recipient) {
    return addresses[recipient] != null;
  }

  /// Takes back the outcomes of all that went: nothing of it happened.
  void withdraw() {
    for (int i = 0; i < outcomes.length; i++) {
      if (addresses[i] != null) {
        outcomes[i] = null;
      }
    }
  }

  /// The MAIL command.
  String mail() {
    var command = new StringBuilder(96).append("MAIL FROM:<").append(sender).append('>');
    if (can.offers(SIZE)) {
      command.append(" SIZE=").append(payload.size());
    }
    if (binary) {
      command.append(" BODY=BINARYMIME");
    } else if (envelope().traits().eightBit() && can.offers(EIGHT_BIT_MIME)) {
      command.append(" BODY=8BITMIME");
    }
    if (smtputf8 && (international || envelope().smtputf8())) {
      command.append(" SMTPUTF8");
    }
    if (can.offers(MT_PRIORITY) && envelope().priority() != Priority.NORMAL) {
      command.append(" MT-PRIORITY=").append(envelope().priority());
    }
    if (can.offers(REQUIRETLS) && envelope().tls() == TlsWish.REQUIRED) {
      command.append(" REQUIRETLS");
    }
    command.append(countdown.parameter(can));
    if (can.offers(DSN)) {
      if (envelope().ret() != null) {
        command.append(" RET=").append(envelope().ret());
      }
      if (envelope().envid() != null) {
        command.append(" ENVID=").append(envelope().envid());
      }
    }
    return command.toString();
  }

  /// The RCPT command of a recipient that goes.
  String rcpt(int number) {
    Recipient recipient = order.recipients().get(number);
    String address = Objects.requireNonNull(addresses[number]);
    var command = new StringBuilder(96).append("RCPT TO:<").append(address).append('>');
    if (can.offers(DSN)) {
      var notifyOn = countdown.notifyOn(recipient, can);
      if (!notifyOn.isEmpty()) {
        command.append(" NOTIFY=");
        appendNotify(command, notifyOn);
      }
      if (recipient.orcpt() != null || !address.isEmpty()) {
        // RFC 3461 5.2.1: so that notices from further on name the recipient that our client knows.
        boolean utf8 = smtputf8 && (international || envelope().smtputf8());
        command
            .append(" ORCPT=")
            .append(
                WireAddress.originalRecipient(
                    recipient.orcpt(), recipient.address().toString(), utf8));
      }
    }
    return command.toString();
  }

  private static void appendNotify(StringBuilder command, Set<DsnNotify> notifyOn) {
    boolean first = true;
    for (DsnNotify when : DsnNotify.values()) {
      if (notifyOn.contains(when)) {
        command.append(first ? "" : ",").append(when);
        first = false;
      }
    }
  }
}
