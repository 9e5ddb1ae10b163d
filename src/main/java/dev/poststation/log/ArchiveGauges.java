package dev.poststation.log;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// How archives are, for the metrics. Safe for any thread.
final class ArchiveGauges {
  private final MultiGauge last;
  private final MultiGauge lastAt;
  private final MultiGauge usable;
  private volatile Supplier<List<Metrics.ArchiveLevel>> levels = List::of;

  ArchiveGauges(MeterRegistry registry) {
    last =
        MultiGauge.builder("poststation.archive.last.entry")
            .description("The number of the last entry of an archive")
            .register(registry);
    lastAt =
        MultiGauge.builder("poststation.archive.last.added")
            .description("When an archive got its last entry, since 1970; 0: not since the start")
            .baseUnit("seconds")
            .register(registry);
    usable =
        MultiGauge.builder("poststation.archive.usable")
            .description("What can still be written where an archive is; -1: it cannot be read")
            .baseUnit("bytes")
            .register(registry);
  }

  void use(Supplier<List<Metrics.ArchiveLevel>> now) {
    levels = now;
  }

  synchronized void count() {
    List<MultiGauge.Row<?>> entries = new ArrayList<>();
    List<MultiGauge.Row<?>> times = new ArrayList<>();
    List<MultiGauge.Row<?>> rooms = new ArrayList<>();
    for (var each : levels.get()) {
      var tags = Tags.of("directory", each.directory());
      times.add(MultiGauge.Row.of(tags, each.lastAt()));
      if (each.last() >= 0) {
        entries.add(MultiGauge.Row.of(tags, each.last()));
        rooms.add(MultiGauge.Row.of(tags, each.usable()));
      }
    }
    last.register(entries, true);
    lastAt.register(times, true);
    usable.register(rooms, true);
  }
}
