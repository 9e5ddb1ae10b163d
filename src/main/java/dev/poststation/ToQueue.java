package dev.poststation;

import dev.poststation.intake.Handover;
import dev.poststation.message.Content;
import dev.poststation.message.Mail;
import dev.poststation.message.QueueId;
import dev.poststation.queue.Queue;
import dev.poststation.spool.Placement;

/// Hands over to the queue what was taken in. Safe for any thread.
public record ToQueue(Queue queue) implements Handover {
  @Override
  public void announced(QueueId id) {
    queue.announced(id);
  }

  @Override
  public void abandoned(QueueId id) {
    queue.abandoned(id);
  }

  @Override
  public void held(QueueId id, Placement place) {
    queue.held(id, place);
  }

  @Override
  public void accepted(Mail mail, Content content, long intakeNanos) {
    queue.accepted(mail, content, intakeNanos);
  }
}
