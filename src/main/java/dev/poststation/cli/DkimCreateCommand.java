package dev.poststation.cli;

import dev.poststation.dkim.DomainKeys;
import dev.poststation.os.Os;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// `dkim create`.
@Command(
    name = "create",
    description = {
      "Make the first keys of a domain that stands in dkim of the configuration, and print the"
          + " records that the DNS must have of them. They sign when dkim rotate has seen these.",
      "Ends with 1 when the domain has keys."
    })
final class DkimCreateCommand implements Callable<Integer> {
  @Mixin private final Common common;

  @Parameters(paramLabel = "DOMAIN", description = "The domain.")
  private String domain = "";

  DkimCreateCommand(Os os) {
    common = new Common(os);
  }

  @Override
  public Integer call() {
    var disk = new DkimOnDisk(common);
    var settings = disk.domains(domain).getFirst();
    var outcome = disk.change(rotation -> rotation.create(settings));
    String name = DomainKeys.nameOf(settings);
    if (common.json()) {
      common.print(DkimText.json(name, outcome));
    } else {
      DkimText.print(name, outcome, common.out());
    }
    return Exit.OK;
  }
}
