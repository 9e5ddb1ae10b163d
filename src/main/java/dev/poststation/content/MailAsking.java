package dev.poststation.content;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/// Asks services about what one mail has become on its way. One that says nothing about it is asked
/// no more: at each of many parts it would take its whole `time-limit`, and the client would not
/// wait for that, and send the mail again. Safe for any thread.
final class MailAsking {
  private final Asking asking;
  private final Handed handed;

  /// What said nothing, and why.
  private final Map<Service, ServiceException> mute = new ConcurrentHashMap<>(2);

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
    var before = mute.get(service);
    if (before != null) {
      throw before;
    }
    try {
      return asking.examine(step, handed, part, about);
    } catch (ServiceException e) {
      if (e.kind() == ServiceException.Kind.MUTE) {
        mute.put(service, e);
      }
      throw e;
    }
  }
}
