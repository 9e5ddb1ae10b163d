package dev.poststation.content;

import dev.poststation.os.Time;

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

  /// Asks.
  ///
  /// @param mail tells this mail from others
  /// @throws ServiceException when it cannot answer, or is not asked
  <T> T ask(Step step, Object mail, Question<T> question) throws ServiceException {
    var why = step.breaker().ask(time.nanos());
    if (why != null) {
      throw ServiceException.down(why + " (not asked again yet)");
    }
    try {
      T answer = question.ask();
      answered(step);
      return answer;
    } catch (ServiceException e) {
      if (fell(step, mail, e)) {
        watch.changed(step.rule().name(), false, e.reason());
      }
      throw e;
    }
  }

  /// Whether it was up before, and is down now.
  private boolean fell(Step step, Object mail, ServiceException e) {
    return switch (e.kind()) {
      case DOWN -> step.breaker().failed(e.reason(), time.nanos());
      case MUTE -> step.breaker().mute(mail, e.reason(), time.nanos());
      case AT_THIS_MAIL -> {
        answered(step);
        yield false;
      }
    };
  }

  private void answered(Step step) {
    if (step.breaker().answered()) {
      watch.changed(step.rule().name(), true, step.service().describe() + " answers again");
    }
  }
}
