package dev.poststation.delivery;

import static dev.poststation.smtp.Capabilities.Extension.CHUNKING;
import static dev.poststation.smtp.Capabilities.Extension.DELIVERBY;
import static dev.poststation.smtp.Capabilities.Extension.DSN;
import static dev.poststation.smtp.Capabilities.Extension.PIPELINING;

import dev.poststation.config.Connector.Timeouts;
import dev.poststation.message.Outcome;
import dev.poststation.message.Outcome.Stage;
import dev.poststation.smtp.Capabilities;
import dev.poststation.smtp.DataWriter;
import dev.poststation.smtp.MalformedReplyException;
import dev.poststation.smtp.Reply;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One mail transaction (RFC 5321 3.3) with a next hop, from MAIL to the reply to the content, in
/// as few writes and round trips as the next hop allows (RFC 2920, RFC 3030). Used once; confined
/// to one thread.
final class Delivery {
  /// Commands go out in groups of about so many octets, and their replies are read before more are
  /// sent: the replies to a group must fit the buffers between us, lest both ends wait for the
  /// other to read (RFC 2920 3.1).
  private static final int GROUP = 16 * 1024;

  /// A content up to this size goes out together with the commands before it, where BDAT allows
  /// that.
  private static final int SMALL = 40 * 1024;

  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private enum Standing {
    PENDING,
    ACCEPTED,
    /// Shall be sent again: the next hop takes no more recipients in this transaction.
    PUT_OFF
  }

  private final Dialogue dialogue;
  private final Capabilities can;
  private final Timeouts timeouts;
  private final Diagnosis diagnosis;
  private final Packing packing;
  private final @Nullable Outcome[] outcomes;
  private final Standing[] standings;
  private final boolean pipelining;
  private final boolean lmtp;
  private final boolean rested;

  private Stage stage = Stage.MAIL;
  private boolean resetUnheard;
  private boolean mailUnheard;
  private boolean mailRefused;
  private int said;
  private int heard;
  private int accepted;
  private boolean puttingOff;
  private boolean answered;
  private boolean broken;
  private boolean open;
  private boolean chunking;
  private boolean allSaid;
  private boolean unheard;
  private boolean gone;
  private boolean inOneGroup;
  private boolean chunkingFailed;

  /// @param lmtp whether the content is answered once for each recipient that was accepted (RFC
  ///   2033)
  /// @param rested whether nothing was said for a while: the next hop may have gone meanwhile, so
  ///   it gets no content before it has answered
  Delivery(
      Dialogue dialogue,
      Capabilities can,
      Timeouts timeouts,
      Diagnosis diagnosis,
      Packing packing,
      boolean lmtp,
      boolean rested) {
    this.dialogue = dialogue;
    this.can = can;
    this.timeouts = timeouts;
    this.diagnosis = diagnosis;
    this.packing = packing;
    this.outcomes = packing.outcomes();
    this.standings = new Standing[outcomes.length];
    this.pipelining = can.offers(PIPELINING);
    this.lmtp = lmtp;
    this.rested = rested;
    Arrays.fill(standings, Standing.PENDING);
  }

  /// Whether the next hop has answered anything of this transaction (a farewell is no answer).
  boolean answered() {
    return answered;
  }

  /// Whether the connection is of no use any more.
  boolean broken() {
    return broken;
  }

  /// Whether the next hop may still hold this transaction open: RSET must come before the next one.
  boolean open() {
    return open;
  }

  /// Whether the next hop offers CHUNKING, but BDAT does not work with it. Those that it accepted
  /// and that have no outcome are to be sent again.
  boolean chunkingFailed() {
    return chunkingFailed;
  }

  /// Whether all of the mail went out, and not one reply came: nobody can know what became of it.
  boolean unheard() {
    return unheard;
  }

  /// Whether the connection is gone: else the next hop has taken too long, and may still be at it.
  boolean gone() {
    return gone;
  }

  /// How many recipients the next hop takes at a time, as it showed; 0 if it did not.
  int recipientsTaken() {
    return puttingOff ? accepted : 0;
  }

  /// Sends the mail. Afterwards each recipient that goes has its outcome, except those that are put
  /// off.
  ///
  /// @param reset whether an earlier transaction must be ended first
  void run(boolean reset) {
    try {
      converse(reset);
    } catch (IOException e) {
      broken = true;
      gone = !(e instanceof SocketTimeoutException);
      unheard = allSaid && !answered;
      // It may have taken the mail, whichever reply was lost: no other host must get it at once.
      settle(diagnosis.of(allSaid ? Stage.END : stage, e));
    }
  }

  private void converse(boolean reset) throws IOException {
    if (!sayEnvelope(reset)) {
      return;
    }
    if (lmtp && !(hear() && accepted > 0)) {
      return; // How many replies the content will have must be known before it is sent.
    }
    if (can.offers(CHUNKING)) {
      if (pipelining && !lmtp && !rested && packing.payload().size() <= SMALL) {
        if (sayChunk() && hear()) {
          hearEnd();
        }
      } else if (hear() && accepted > 0 && sayChunk()) {
        hearEnd();
      }
      return;
    }
    if (pipelining || accepted > 0) {
      dialogue.say("DATA");
      if (hear()) {
        hearData();
      }
    }
  }

  /// Says MAIL and RCPT.
  ///
  /// @return whether to go on
  private boolean sayEnvelope(boolean reset) throws IOException {
    if (reset) {
      dialogue.say("RSET");
      resetUnheard = true;
      if (!pause()) {
        return false;
      }
    }
    dialogue.say(packing.mail());
    mailUnheard = true;
    if (!pause()) {
      return false;
    }
    for (int i = 0; i < outcomes.length && !mailRefused; i++) {
      if (packing.goes(i)) {
        dialogue.say(packing.rcpt(i));
        said = i + 1;
        if (!pause()) {
          return false;
        }
      }
    }
    return !mailRefused;
  }

  private boolean pause() throws IOException {
    return (pipelining && dialogue.out().size() < GROUP) || (hear() && inStep());
  }

  /// A reply too many shifts those after it: then nobody knows which is for what.
  private boolean inStep() {
    if (!dialogue.ahead()) {
      return true;
    }
    broken = true;
    settle(diagnosis.outOfStep(stage));
    return false;
  }

  /// Reads the replies to all that was said of the envelope.
  ///
  /// @return whether the talk goes on
  private boolean hear() throws IOException {
    if (resetUnheard) {
      resetUnheard = false;
      Reply reply = dialogue.reply(timeouts.mail());
      if (!reply.positive()) {
        return giveUp(reply);
      }
    }
    if (mailUnheard) {
      mailUnheard = false;
      if (!hearMail(dialogue.reply(timeouts.mail()))) {
        return false;
      }
    }
    for (; heard < said; heard++) {
      if (packing.goes(heard)) {
        stage = Stage.RCPT;
        if (!hearRecipient(heard, dialogue.reply(timeouts.rcpt()))) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean hearMail(Reply reply) {
    if (endsTalk(reply)) {
      return giveUp(reply);
    }
    answered = true;
    if (reply.positive()) {
      open = true;
    } else {
      mailRefused = true;
      settle(diagnosis.of(Stage.MAIL, reply));
    }
    return true;
  }

  private boolean hearRecipient(int number, Reply reply) {
    if (endsTalk(reply)) {
      return giveUp(reply);
    }
    if (mailRefused) {
      return true; // It can only say so again.
    }
    if (reply.positive()) {
      standings[number] = Standing.ACCEPTED;
      accepted++;
    } else if (accepted > 0 && Diagnosis.isTooMany(reply)) {
      standings[number] = Standing.PUT_OFF;
      puttingOff = true;
    } else {
      outcomes[number] = diagnosis.of(Stage.RCPT, reply);
    }
    return true;
  }

  private void hearData() throws IOException {
    stage = Stage.DATA;
    Reply reply = dialogue.reply(timeouts.dataInit());
    if (reply.intermediate()) {
      if (accepted == 0) {
        // RFC 2920 3.1: DATA went through though nobody gets the mail. Nothing but the dot, and
        // whatever is the answer, the replies to RCPT have decided.
        dialogue.say(".");
        dialogue.reply(timeouts.dataEnd());
        open = false;
      } else if (sayContent()) {
        hearEnd();
        open = false;
      }
    } else if (reply.positive() || endsTalk(reply)) {
      giveUp(reply);
    } else {
      settle(diagnosis.of(Stage.DATA, reply));
    }
  }

  private boolean sayContent() throws IOException {
    stage = Stage.CONTENT;
    if (saidTooMuch()) {
      return false;
    }
    var payload = packing.payload();
    dialogue.transcript().client("(" + payload.size() + " octets of content, and the dot)");
    var writer = new DataWriter(dialogue.out(), payload.verbatim());
    try {
      payload.send(writer::write);
      if (payload.size() <= Dialogue.WRITE_MAX || !saidTooMuch()) {
        packing.beforeEnd();
        writer.finish();
        dialogue.flush();
        return true;
      }
    } catch (UnreadableContentException | MalformedReplyException e) {
      throw e; // No dot: what was sent so far must never pass for a whole mail.
    } catch (IOException e) {
      broken = true;
      settle(lastWords(e));
    }
    return false;
  }

  /// What is said before the content has been sent to its end is no answer to it. Then it is not
  /// sent to its end: the next hop must not take a mail without our knowing.
  private boolean saidTooMuch() throws IOException {
    if (!dialogue.unasked()) {
      return false;
    }
    broken = true;
    dialogue.out().clear();
    Reply reply = dialogue.reply(LAST_WORDS);
    boolean refusal = reply.transientFailure() || reply.permanentFailure();
    settle(refusal ? diagnosis.of(stage, reply) : diagnosis.outOfStep(stage));
    return true;
  }

  /// A next hop that hangs up in the middle of a content may have said why before.
  private Outcome lastWords(IOException failure) {
    try {
      dialogue.out().clear();
      Reply reply = dialogue.reply(LAST_WORDS);
      if (reply.transientFailure() || reply.permanentFailure()) {
        return diagnosis.of(stage, reply);
      }
    } catch (IOException _) {
      // It said nothing.
    }
    return diagnosis.of(stage, failure);
  }

  /// RFC 3030: the whole content in one chunk, octet by octet as it is.
  ///
  /// @return whether there is a reply to wait for
  private boolean sayChunk() throws IOException {
    var payload = packing.payload();
    if (accepted > 0) {
      stage = Stage.CONTENT;
      if (saidTooMuch()) {
        return false;
      }
    }
    packing.beforeEnd();
    chunking = true;
    inOneGroup = mailUnheard || heard < said;
    dialogue.say("BDAT " + payload.size() + " LAST");
    dialogue.transcript().client("(" + payload.size() + " octets of content)");
    payload.send(dialogue.out()::put);
    if (payload.size() > Dialogue.WRITE_MAX && !inOneGroup && saidTooMuch()) {
      return false;
    }
    dialogue.flush();
    allSaid = true;
    return true;
  }

  /// RFC 2033 4.2, 4.3: a reply for each recipient that was accepted, in their order. When the
  /// connection is lost in between, those that were answered have their outcome.
  private void hearEach() throws IOException {
    stage = Stage.END;
    int heardOf = 0;
    for (int i = 0; i < outcomes.length; i++) {
      if (standings[i] != Standing.ACCEPTED) {
        continue;
      }
      dialogue.extend(timeouts.dataEnd());
      Reply reply = dialogue.reply(timeouts.dataEnd());
      if (endsTalk(reply)) {
        giveUp(reply);
        return;
      }
      if (chunking && heardOf == 0 && isNoSuchCommand(reply)) {
        chunkingFailed = true;
        broken = true;
        return;
      }
      heardOf++;
      outcomes[i] = reply.positive() ? delivered(reply) : diagnosis.of(Stage.END, reply);
    }
    open = false;
    broken |= dialogue.ahead();
  }

  private Outcome.Delivered delivered(Reply reply) {
    boolean kept = lmtp || can.offers(DELIVERBY);
    return new Outcome.Delivered(reply, RemoteId.in(reply), can.offers(DSN), kept);
  }

  private void hearEnd() throws IOException {
    if (lmtp) {
      hearEach();
      return;
    }
    stage = Stage.END;
    dialogue.extend(timeouts.dataEnd());
    Reply reply = dialogue.reply(timeouts.dataEnd());
    if (endsTalk(reply)) {
      giveUp(reply);
    } else if (reply.positive() && inOneGroup && contradicted()) {
      // A next hop that said two for one command must not have us believe that it took the mail.
      broken = true;
      settle(diagnosis.outOfStep(stage));
    } else if (reply.positive()) {
      open = false;
      settle(delivered(reply));
    } else if (chunking && accepted > 0 && isNoSuchCommand(reply)) {
      // The mail is not to blame: it has not been tried. What the next hop took the octets of the
      // content for, nobody knows.
      chunkingFailed = true;
      broken = true;
    } else {
      settle(diagnosis.of(Stage.END, reply));
    }
  }

  /// After a reply too many nobody knows which one is for the content: one that has come after the
  /// last may be.
  private boolean contradicted() throws IOException {
    if (!dialogue.ahead()) {
      return false;
    }
    broken = true;
    try {
      Reply other = dialogue.reply(LAST_WORDS);
      // It must not come to this again at the next attempt: BDAT alone causes it.
      chunkingFailed = !other.positive() && other.code() != 421;
      return chunkingFailed;
    } catch (IOException _) {
      return false; // It is no reply, and contradicts nothing.
    }
  }

  /// RFC 5321 4.2.2: 500 to 504 speak of the command, not of the content.
  private static boolean isNoSuchCommand(Reply reply) {
    return reply.code() >= 500 && reply.code() <= 504;
  }

  /// 421 comes before the next hop hangs up; 3yz is out of place wherever we ask this, and then
  /// nobody knows what belongs to what.
  private static boolean endsTalk(Reply reply) {
    return reply.code() == 421 || reply.intermediate();
  }

  private boolean giveUp(Reply reply) {
    broken = true;
    settle(diagnosis.of(stage, reply));
    return false;
  }

  /// Gives all that go and have none yet this outcome. After the end of the content, only those
  /// that were accepted are left.
  private void settle(Outcome outcome) {
    for (int i = 0; i < outcomes.length; i++) {
      if (outcomes[i] == null && packing.goes(i) && standings[i] != Standing.PUT_OFF) {
        outcomes[i] = outcome;
      }
    }
  }
}
