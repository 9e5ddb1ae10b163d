package dev.poststation.cli;

import dev.poststation.dkim.DomainKeys;
import dev.poststation.dkim.Rotation.Step;
import dev.poststation.os.Os;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `dkim rotate`.
@Command(
    name = "rotate",
    description = {
      "Take the keys of a domain one step further: make the next ones; once the DNS has these, let"
          + " them sign and retire those before; forget retired ones that nobody needs. Says what"
          + " was done and what is to do, and can be run again at any time.",
      "Ends with 1 when new keys are not published yet: then nothing has changed."
    })
final class DkimRotateCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(
      paramLabel = "DOMAIN",
      arity = "0..1",
      description = "The domain; with --due all, where none is named.")
  private @Nullable String domain;

  @Option(
      names = "--due",
      description =
          "Make new keys only where those that sign are older than rotate-after: for a timer that"
              + " runs daily.")
  private boolean due;

  @Option(
      names = "--without-dns",
      description =
          "Let new keys sign though the DNS that this machine asks does not have them: where it"
              + " answers otherwise than outside.")
  private boolean withoutDns;

  DkimRotateCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    if (domain == null && !due) {
      throw new Failure(
          Exit.WRONG, "Which domain? Name one, or take the steps of all that are due with --due.");
    }
    var disk = new DkimOnDisk(common);
    var done = disk.rotate(disk.domains(domain), due, withoutDns);
    if (common.json()) {
      List<Map<String, Object>> all =
          done.stream()
              .map(each -> DkimText.json(DomainKeys.nameOf(each.domain()), each.outcome()))
              .toList();
      common.print(domain == null ? Map.of("domains", all) : all.getFirst());
    } else {
      done.forEach(
          each -> DkimText.print(DomainKeys.nameOf(each.domain()), each.outcome(), common.out()));
    }
    boolean waits = done.stream().anyMatch(each -> each.outcome().step() instanceof Step.Waiting);
    return waits || disk.failed() ? Exit.NO : Exit.OK;
  }
}
