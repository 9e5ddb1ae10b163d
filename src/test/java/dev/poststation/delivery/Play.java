package dev.poststation.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.poststation.config.Account;
import dev.poststation.config.Connector;
import dev.poststation.log.Event;
import dev.poststation.message.Outcome;
import dev.poststation.os.Os;
import dev.poststation.os.Tasks;
import dev.poststation.route.Destination;
import dev.poststation.route.NextHop;
import dev.poststation.sim.ManualTime;
import dev.poststation.sim.PickedChance;
import dev.poststation.sim.ScriptedNetwork;
import dev.poststation.sim.ScriptedPeer;
import dev.poststation.sim.ScriptedResolver;
import dev.poststation.tls.ClientTls;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/// A delivery against scripted next hops: mx.example at 192.0.2.1 unless said otherwise.
final class Play {
  static final String[] GREETING = {
    "S: 220 mx.example ESMTP", "C: EHLO relay.example", "S: 250-mx.example"
  };

  final ManualTime time = new ManualTime();
  final ScriptedNetwork network = new ScriptedNetwork(time);
  final ScriptedResolver resolver = new ScriptedResolver().address("mx.example", "192.0.2.1");
  final Sample.Via via = new Sample.Via();
  List<NextHop> hosts = List.of(new NextHop("mx.example", 25, false));

  /// Where tokens come from.
  Tokens tokens = Tokens.NONE;

  /// The platform threads that were begun.
  final List<String> platform = new CopyOnWriteArrayList<>();

  /// What was told of our addresses.
  final List<Event> events = new CopyOnWriteArrayList<>();

  SourceAddresses sources;

  private final Dialer dialer = dialer();

  private Dialer dialer() {
    var real = Os.real();
    var tasks =
        new Tasks() {
          @Override
          public Thread virtual(String name, Runnable body) {
            return real.tasks().virtual(name, body);
          }

          @Override
          public Thread platform(String name, Runnable body) {
            platform.add(name);
            return real.tasks().platform(name, body);
          }
        };
    var os = new Os(time, network, tasks, new PickedChance(), real.disk());
    sources = SourceAddresses.unkept(os, events::add);
    return new Dialer(
        os,
        resolver,
        ClientTls.trusting(List.of()),
        "relay.example",
        () -> Sample.LIMITS,
        new Tokens() {
          @Override
          public String token(Account account) throws TokenUnavailableException {
            return tokens.token(account);
          }

          @Override
          public Optional<String> missing(Account account) {
            return tokens.missing(account);
          }

          @Override
          public void refused(Account account, String token) {
            tokens.refused(account, token);
          }
        },
        sources);
  }

  Opening dial() {
    return dialer.open(new Destination("provider", via.connector(), hosts));
  }

  /// A conversation with mx.example that goes on with this script after EHLO.
  ///
  /// @param offers the extensions, divided by commas; the empty text for none
  Conversation open(String offers, String... script) {
    List<String> whole =
        new ArrayList<>(List.of("S: 220 mx.example ESMTP", "C: " + verb() + " relay.example"));
    if (offers.isEmpty()) {
      whole.add("S: 250 mx.example");
    } else {
      whole.add("S: 250-mx.example");
      String[] each = offers.split(",", -1);
      for (int i = 0; i < each.length; i++) {
        whole.add("S: 250" + (i < each.length - 1 ? "-" : " ") + each[i].trim());
      }
    }
    whole.addAll(Arrays.asList(script));
    network.at("192.0.2.1:25", whole.toArray(String[]::new));
    return opened(dial());
  }

  private String verb() {
    return via.type == Connector.Type.LMTP ? "LHLO" : "EHLO";
  }

  static Conversation opened(Opening opening) {
    assertThat(opening).isInstanceOf(Opening.Opened.class);
    return ((Opening.Opened) opening).conversation();
  }

  static Opening.Failed failed(Opening opening) {
    assertThat(opening).isInstanceOf(Opening.Failed.class);
    return (Opening.Failed) opening;
  }

  ScriptedPeer peer() {
    return network.peers().getLast();
  }

  /// In short: `Delivered 2.0.0`, `Deferred RCPT 4.2.0`, `-` for none.
  static List<String> brief(Attempt.Result result) {
    return result.outcomes().stream().map(Play::brief).toList();
  }

  static String brief(Outcome outcome) {
    return switch (outcome) {
      case null -> "-";
      case Outcome.Delivered it -> "Delivered " + it.status();
      case Outcome.Deferred it -> "Deferred " + it.stage() + " " + it.status();
      case Outcome.Bounced it -> "Bounced " + it.stage() + " " + it.status();
      case Outcome.Held _ -> "Held";
      case Outcome.Discarded _ -> "Discarded";
    };
  }
}
