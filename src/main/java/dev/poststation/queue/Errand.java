package dev.poststation.queue;

import dev.poststation.config.Connector;
import dev.poststation.message.Outcome;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A mail that does not come out of the queue, as the quotas of its connector see it: it counts as
/// any other. Confined to one thread.
public final class Errand {
  private final Quotas quotas;
  private final Quotas.@Nullable Taken taken;
  private final String lack;

  private Errand(Quotas quotas, Quotas.@Nullable Taken taken, String lack) {
    this.quotas = quotas;
    this.taken = taken;
    this.lack = lack;
  }

  /// Takes what it needs, if there is as much.
  ///
  /// @param recipients all of which it must be able to reach
  public static Errand of(Quotas quotas, Connector connector, int recipients) {
    return switch (quotas.take(connector, recipients, false)) {
      case Quotas.Lack(var until, var why) ->
          new Errand(quotas, null, why.text() + " until " + until);
      case Quotas.Taken taken when taken.recipients() < recipients -> {
        quotas.end(taken);
        String room = " has room for " + taken.recipients() + " now";
        yield new Errand(quotas, null, "quota-recipients of connector " + connector.name() + room);
      }
      case Quotas.Taken taken -> new Errand(quotas, taken, "");
    };
  }

  /// Why it may not be sent now, in a clause; empty: it may.
  public String lack() {
    return lack;
  }

  /// The next hop is about to be told the last of it. Returns when a crash would not make anybody
  /// forget it.
  public void out() {
    if (taken != null) {
      quotas.out(taken);
    }
  }

  /// What became of it: what the next hop did not take does not count.
  ///
  /// @param outcomes none: it was not sent
  public void settle(List<@Nullable Outcome> outcomes) {
    if (taken != null) {
      quotas.settle(taken, outcomes);
    }
  }
}
