package dev.poststation.content;

import dev.poststation.archive.Archive;
import dev.poststation.archive.Bucket;
import dev.poststation.conditions.MailFacts;
import dev.poststation.config.QuarantineSettings;
import dev.poststation.message.Envelope;
import dev.poststation.message.Recipient;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.os.Time;
import dev.poststation.smtp.Address;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The services of `content`, in their order. Safe for any thread.
public final class Pipeline {
  private final List<Step> steps;
  private final Tasks tasks;
  private final Asking asking;
  private final Duration keep;

  /// Those that can hear of a mail before its content.
  private final List<Visit.Told> hearing;

  /// With a quarantine of the usual length.
  Pipeline(List<Step> steps, Tasks tasks, Time time, ServiceWatch watch) {
    this(steps, tasks, time, watch, QuarantineSettings.KEEP);
  }

  /// @param tasks starts threads for services that look at the same time
  /// @param keep how long what goes into the quarantine is kept
  Pipeline(List<Step> steps, Tasks tasks, Time time, ServiceWatch watch, Duration keep) {
    this.keep = keep;
    this.steps = List.copyOf(steps);
    this.tasks = tasks;
    this.asking = new Asking(time, watch);
    List<Visit.Told> milters = new ArrayList<>(0);
    for (Step step : steps) {
      if (step.service() instanceof Milter milter && Visit.canHear(step.rule())) {
        milters.add(new Visit.Told(step, milter));
      }
    }
    this.hearing = List.copyOf(milters);
  }

  /// Without services.
  public static Pipeline none(Time time) {
    return new Pipeline(List.of(), Os.real().tasks(), time, ServiceWatch.NOBODY);
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

  /// Begins to tell milters of a mail while its envelope comes.
  ///
  /// @param caller asked for only where there are milters that are meant
  /// @return null: no milter wants to hear of it before its content
  public @Nullable Visit visit(Envelope.Source source, Address sender, Supplier<Caller> caller) {
    if (hearing.isEmpty()) {
      return null;
    }
    var mail = MailFacts.of(source, sender, -1, null);
    var meant =
        hearing.stream().filter(each -> each.step().when().mayMean(mail, Address.NULL)).toList();
    return meant.isEmpty() ? null : new Visit(meant, asking, caller.get(), sender);
  }

  /// Has all services that are meant look at a mail.
  public Treatment treat(Message message, Facts facts) {
    return new Round(facts.of(message), tasks, asking, keep).run(steps, message);
  }

  /// Tells a service that a mail is good.
  ///
  /// @param name of its entry
  /// @return what it says; empty: it learns nothing, or is no more
  /// @throws ServiceException when it cannot
  public Optional<String> learnGood(String name, Message message) throws ServiceException {
    for (var step : steps) {
      if (step.rule().name().equals(name) && step.service() instanceof Learner learner) {
        return Optional.of(learner.learnGood(message, step.rule().timeLimit()));
      }
    }
    return Optional.empty();
  }

  /// Takes the place of one, so that the end of what was told of its services is told, too.
  public void follow(Pipeline before) {
    for (Step step : steps) {
      for (Step old : before.steps) {
        if (old.rule().name().equals(step.rule().name())) {
          step.breaker().follow(old.breaker());
        }
      }
    }
  }

  /// How archives are, each directory once.
  public List<Archive.Standing> archives() {
    return steps.stream()
        .flatMap(step -> step.service() instanceof Archiving it ? Stream.of(it.archive()) : null)
        .distinct()
        .map(Archive::standing)
        .toList();
  }

  /// How buckets with archives are, each once.
  public List<Bucket.Standing> buckets() {
    return steps.stream()
        .flatMap(
            step -> step.service() instanceof BucketArchiving it ? Stream.of(it.bucket()) : null)
        .distinct()
        .map(Bucket::standing)
        .toList();
  }

  /// What stands still now, one sentence each, for `status`; empty when all services answer.
  public List<String> down() {
    List<String> all = new ArrayList<>();
    for (var archive : archives()) {
      archive.trouble().ifPresent(what -> all.add("archive in " + archive.directory() + what));
    }
    steps.stream()
        .filter(step -> step.breaker().down() != null)
        .map(
            step ->
                "service "
                    + step.describe()
                    + " does not answer, so on-error = "
                    + step.rule().onError().word()
                    + " holds for its mail: "
                    + step.breaker().down())
        .forEach(all::add);
    return all;
  }
}
