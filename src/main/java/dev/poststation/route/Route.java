package dev.poststation.route;

import dev.poststation.config.Connector;
import dev.poststation.config.RouteRule;
import dev.poststation.config.Via;
import dev.poststation.message.QueueId;
import java.util.List;
import java.util.stream.IntStream;

/// Which rule matched a recipient, and the connectors to try in order. Pure configuration; nothing
/// was looked up yet.
///
/// @param number of the rule in the file, from 1
public record Route(int number, RouteRule rule, List<Connector> via) {
  public Route {
    via = List.copyOf(via);
  }

  /// The connectors that share mail with one of `via`: itself, and those of its priority.
  public List<Connector> sharing(Via way) {
    var ways = rule.ways();
    return IntStream.range(0, via.size())
        .filter(i -> ways.get(i).priority() == way.priority())
        .mapToObj(via::get)
        .toList();
  }

  /// The same for one mail, which tries those of the same priority by lot; as the rule has them
  /// before. A mail has the same lot always: at its next attempt it comes from where the host knows
  /// it, and has what it said.
  public Route drawn(QueueId mail) {
    if (!rule.shared()) {
      return this;
    }
    var ways = rule.ways();
    var lots = new Lots(mail.value());
    var places = IntStream.range(0, via.size()).boxed().toList();
    var turns =
        Turns.of(places, i -> ways.get(i).priority(), i -> ways.get(i).weight(), lots::below);
    return new Route(number, rule, turns.stream().map(via::get).toList());
  }

  /// Lots that come of a number, as SplitMix64 has them: numbers that follow one another have
  /// nothing to do with each other.
  private static final class Lots {
    private long state;

    Lots(long state) {
      this.state = state;
    }

    int below(int bound) {
      state += 0x9e3779b97f4a7c15L;
      long mixed = (state ^ (state >>> 30)) * 0xbf58476d1ce4e5b9L;
      mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
      return (int) Long.remainderUnsigned(mixed ^ (mixed >>> 31), bound);
    }
  }

  /// For people: `route 2 (poststation.conf:17)`.
  public String describe() {
    return "route " + number + " (" + rule.origin() + ")";
  }
}
