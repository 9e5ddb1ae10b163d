package dev.poststation.content;

import dev.poststation.milter.Answer;
import dev.poststation.os.Time;
import java.util.function.Predicate;

/// Asks services, unless they are known to be down, and remembers and tells whether they answered.
/// Safe for any thread.
///
/// @param watch is told when one goes down, or is back
record Asking(Time time, ServiceWatch watch) {
  /// What is asked.
  @FunctionalInterface
  interface Question<T> {
    T ask() throws ServiceException;
  }

  /// What a service finds of a mail.
  ///
  /// @throws ServiceException when it cannot answer, or is not asked
  Finding examine(Step step, Handed handed, Message message, Facts about) throws ServiceException {
    var limit = step.rule().timeLimit();
    return ask(
        step,
        handed,
        true,
        () -> step.service().examine(message, about, limit),
        _ -> step.breaker().answered(time.nanos()));
  }

  /// Tells a milter of an envelope.
  ///
  /// @throws ServiceException when it cannot answer, or is not asked
  Answer tell(Step step, Handed handed, Question<Answer> question) throws ServiceException {
    return ask(step, handed, false, question, _ -> step.breaker().spoke(handed, time.nanos()));
  }

  /// Asks.
  ///
  /// @param handed about which mail
  /// @param content whether about the whole mail
  /// @throws ServiceException when it cannot answer, or is not asked
  private <T> T ask(
      Step step, Handed handed, boolean content, Question<T> question, Predicate<T> risen)
      throws ServiceException {
    long begun = time.nanos();
    var why = step.breaker().ask(handed, content, begun);
    if (why != null) {
      throw ServiceException.down(why + " (not asked again yet)");
    }
    try {
      T answer = question.ask();
      if (risen.test(answer)) {
        isBack(step);
      }
      return answer;
    } catch (ServiceException e) {
      if (fell(step, handed, content, begun, e)) {
        watch.changed(step.rule().name(), false, e.reason());
      }
      throw e;
    }
  }

  /// Whether it was up before, and is down now.
  private boolean fell(Step step, Handed handed, boolean content, long begun, ServiceException e) {
    return switch (e.kind()) {
      case DOWN -> step.breaker().failed(e.reason(), begun, time.nanos());
      case MUTE -> step.breaker().mute(handed, content, e.reason(), begun, time.nanos());
      case AT_THIS_MAIL -> {
        if (step.breaker().answered(time.nanos())) {
          isBack(step);
        }
        yield false;
      }
    };
  }

  private void isBack(Step step) {
    watch.changed(step.rule().name(), true, step.service().describe() + " answers again");
  }
}
