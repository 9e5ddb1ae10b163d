package dev.poststation.content;

import dev.poststation.conditions.MailFacts;
import dev.poststation.message.Recipient;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import java.util.List;

/// The services of `content`, in their order. Safe for any thread.
public final class Pipeline {
  private final List<Step> steps;
  private final Tasks tasks;
  private final Time time;
  private final ServiceWatch watch;

  /// @param tasks starts threads for services that look at the same time
  Pipeline(List<Step> steps, Tasks tasks, Time time, ServiceWatch watch) {
    this.steps = List.copyOf(steps);
    this.tasks = tasks;
    this.time = time;
    this.watch = watch;
  }

  /// Without services.
  public static Pipeline none(Time time) {
    return new Pipeline(List.of(), Os.real().tasks(), time, (_, _, _) -> {});
  }

  /// Whether any service may be meant by such a mail: if none is, its content need not be looked
  /// at, and nothing is lost on it.
  public boolean concerns(Facts facts) {
    if (steps.isEmpty()) {
      return false;
    }
    var mail = MailFacts.of(facts.source(), facts.sender(), -1, null);
    for (Step step : steps) {
      for (Recipient recipient : facts.recipients()) {
        if (step.when().mayMean(mail, recipient.address())) {
          return true;
        }
      }
    }
    return false;
  }

  /// Has all services that are meant look at a mail.
  public Treatment treat(Message message, Facts facts) {
    return new Round(facts.of(message), tasks, time, watch).run(steps, message);
  }

  /// What stands still now, one sentence each, for `status`; empty when all services answer.
  public List<String> down() {
    return steps.stream()
        .filter(step -> step.breaker().down() != null)
        .map(
            step ->
                "service "
                    + step.describe()
                    + " does not answer, so on-error = "
                    + step.rule().onError().word()
                    + " holds for its mail: "
                    + step.breaker().down())
        .toList();
  }
}
