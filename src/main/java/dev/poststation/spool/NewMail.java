package dev.poststation.spool;

import dev.poststation.message.Mail;
import dev.poststation.message.Recipient;
import dev.poststation.message.RecipientState;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A mail that is to become real, encoded by the thread that brings it, so that the committer has
/// little to do.
///
/// @param place where it waits
/// @param priority before which others it goes
/// @param blocks of recipients, if they are many
/// @param states that are not fresh
/// @param chunksBefore chunks of the content that were written already
/// @param chunks the others
/// @param trace the first entries of its trace, or null
record NewMail(
    long id,
    Placement place,
    int priority,
    byte[] head,
    List<byte[]> blocks,
    List<State> states,
    int chunksBefore,
    List<byte[]> chunks,
    byte @Nullable [] trace) {

  /// The state of a recipient, encoded.
  record State(int recipient, byte[] record) {}

  static NewMail of(
      Mail mail, Placement place, int chunksBefore, List<byte[]> chunks, List<byte[]> trace) {
    if (mail.chunks() != chunksBefore + chunks.size()) {
      throw new IllegalArgumentException("the mail and its content differ in chunks");
    }
    return new NewMail(
        mail.id().value(),
        place,
        mail.envelope().priority(),
        MailCodec.encode(mail),
        blocks(mail.recipients()),
        states(mail),
        chunksBefore,
        chunks,
        trace.isEmpty() ? null : MailCodec.encodeTrace(trace));
  }

  /// Our own notice, whose content comes as a whole.
  static NewMail of(Settlement.Notice notice) {
    byte[] content = notice.content();
    var chunks = new ArrayList<byte[]>();
    for (int at = 0; at < content.length; at += LocalDraft.CHUNK) {
      chunks.add(Arrays.copyOfRange(content, at, Math.min(content.length, at + LocalDraft.CHUNK)));
    }
    return of(notice.mail(), Placement.INCOMING, 0, chunks, notice.trace());
  }

  private static List<byte[]> blocks(List<Recipient> recipients) {
    int count = MailCodec.blocks(recipients.size());
    if (count == 0) {
      return List.of();
    }
    var blocks = new ArrayList<byte[]>(count);
    for (int at = 0; at < recipients.size(); at += MailCodec.BLOCK) {
      int end = Math.min(recipients.size(), at + MailCodec.BLOCK);
      blocks.add(MailCodec.encodeBlock(recipients.subList(at, end)));
    }
    return blocks;
  }

  private static List<State> states(Mail mail) {
    var fresh = RecipientState.fresh(mail.envelope().begins());
    List<State> states = List.of();
    for (int i = 0; i < mail.states().size(); i++) {
      RecipientState state = mail.states().get(i);
      if (!state.equals(fresh)) {
        states = states.isEmpty() ? new ArrayList<>() : states;
        states.add(new State(i, MailCodec.encode(state)));
      }
    }
    return states;
  }

  /// Octets that go into a batch, about.
  long octets() {
    long octets = head.length + 200L;
    for (byte[] chunk : chunks) {
      octets += chunk.length;
    }
    for (byte[] block : blocks) {
      octets += block.length;
    }
    return octets;
  }
}
