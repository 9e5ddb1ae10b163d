package dev.poststation.content;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Asks services about what one mail has become on its way. One that says nothing about it, or is
/// long about saying that it cannot, is asked no more: at each of many parts it would take its
/// whole `time-limit`, and the client would not wait for that, and send the mail again. Safe for
/// any thread.
final class MailAsking {
  private final Asking asking;
  private final Handed handed;

  /// What is asked no more, and why.
  private final Map<Service, ServiceException> failed = new ConcurrentHashMap<>(2);

  MailAsking(Asking asking, Handed handed) {
    this.asking = asking;
    this.handed = handed;
  }

  /// What a service finds of a part.
  ///
  /// @throws ServiceException when it cannot answer, or is not asked
  Finding examine(Step step, Message part, Facts about) throws ServiceException {
    var service = step.service();
    var unasked = service.unasked(part, about);
    if (unasked.isPresent()) {
      return unasked.get();
    }
    var before = failed.get(service);
    if (before != null) {
      throw before;
    }
    long begun = asking.time().nanos();
    try {
      return asking.examine(step, handed, part, about);
    } catch (ServiceException e) {
      long took = asking.time().nanos() - begun;
      boolean late = took >= step.rule().timeLimit().dividedBy(2).toNanos();
      if (late || e.kind() != ServiceException.Kind.AT_THIS_MAIL) {
        failed.put(service, e);
      }
      throw e;
    }
  }
}
