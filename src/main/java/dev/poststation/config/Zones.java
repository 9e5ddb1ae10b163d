package dev.poststation.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which part of the network mail comes from: what the entry of `clients` says that let it in, else
/// what the listener says that it came to. Immutable; safe for any thread.
public final class Zones {
  private final Map<String, String> ofClients = new HashMap<>();
  private final Map<String, String> ofListeners = new HashMap<>();

  /// Those of a configuration.
  public Zones(Iterable<ClientRule> clients, Iterable<ListenerSettings> listeners) {
    for (var rule : clients) {
      if (!rule.zone().isEmpty()) {
        ofClients.put(rule.name(), rule.zone());
      }
    }
    for (var listener : listeners) {
      if (!listener.zone().isEmpty()) {
        ofListeners.put(listener.name(), listener.zone());
      }
    }
  }

  /// Where mail comes from that this entry has let in.
  ///
  /// @param ofListener the zone of the listener; empty: none
  /// @return empty: nobody says
  public static String of(ClientRule client, String ofListener) {
    return client.zone().isEmpty() ? ofListener : client.zone();
  }

  /// The same by their names, as the mail has them; of one that is not there any more nobody says.
  public String of(String client, String listener) {
    String own = ofClients.get(client);
    return own == null ? ofListeners.getOrDefault(listener, "") : own;
  }

  /// All of them.
  Set<String> all() {
    var all = new TreeSet<>(ofClients.values());
    all.addAll(ofListeners.values());
    return all;
  }
}
