package dev.poststation.profile;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.poststation.dns.NumericAddress;
import dev.poststation.os.Networks;
import dev.poststation.os.Os;
import dev.poststation.store.Ledger;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// The profiles of all devices: learned mail by mail, kept in `data`. Bounded: whichever was idle
/// for longest is forgotten, and learned anew. Safe for any thread.
public final class Profiles implements AutoCloseable {
  /// So many devices are known.
  public static final int MOST = 5000;

  private static final String FILE = "profiles";

  private final Os os;
  private final Neighbours neighbours;
  private final Map<Key, Profile> all =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Profile> eldest) {
          return size() > MOST;
        }
      };

  private final @Nullable Ledger ledger;

  /// Whose profile it is.
  ///
  /// @param client the name of the entry in `clients`
  /// @param who an IPv4 address, the /64 of an IPv6 address, or `user` and a name
  public record Key(String client, String who) {
    /// Of a client.
    ///
    /// @param user who it has shown itself to be, or null
    public static Key of(String client, @Nullable String user, InetAddress address) {
      return new Key(client, user == null ? Networks.of(address) : "user " + user);
    }
  }

  /// Profiles that end with the program.
  public Profiles(Os os) {
    this.os = os;
    this.neighbours = new Neighbours(os);
    this.ledger = null;
  }

  /// Those that were written last, kept in this directory.
  public Profiles(Os os, Path data) {
    this.os = os;
    this.neighbours = new Neighbours(os);
    var kept = new Ledger(os, data.resolve(FILE), this::lines);
    this.ledger = kept;
    kept.read(Long.MAX_VALUE, this::readLine);
  }

  /// @return whether it was understood
  private boolean readLine(String line) {
    var profile = ProfileText.read(line);
    profile.ifPresent(known -> all.put(known.key, known));
    return profile.isPresent();
  }

  /// Which hardware address a client has.
  public Neighbours neighbours() {
    return neighbours;
  }

  private @Nullable Profile find(Key key) {
    synchronized (all) {
      return all.get(key);
    }
  }

  private List<Profile> everyone() {
    synchronized (all) {
      return new ArrayList<>(all.values());
    }
  }

  /// How unlike itself a device is. Learns nothing.
  public Assessment judge(Key key, Observation seen) {
    var profile = find(key);
    return profile == null ? Assessment.NOTHING : profile.judge(seen);
  }

  /// A mail was taken that is like the device.
  public void learn(Key key, Observation seen) {
    Profile profile;
    synchronized (all) {
      profile = all.computeIfAbsent(key, fresh -> new Profile(fresh, seen.when()));
    }
    profile.learn(seen);
    changed();
  }

  /// A mail came that is unlike the device. That it has to log in from now on is written at once:
  /// no crash lets it in again.
  ///
  /// @param stepUp whether the device has to log in from now on
  public void deviated(Key key, Observation seen, Assessment assessment, boolean stepUp) {
    var profile = find(key);
    if (profile != null) {
      boolean fresh = profile.deviated(seen, assessment, stepUp);
      changed();
      if (fresh) {
        write();
      }
    }
  }

  /// Whether the device has to log in.
  public boolean steppedUp(Key key) {
    var profile = find(key);
    return profile != null && profile.steppedUp();
  }

  /// How many devices were not themselves within a day, or have to log in, and were not accepted.
  public int deviating() {
    var now = os.time().now();
    return (int) everyone().stream().filter(profile -> profile.deviates(now)).count();
  }

  /// How many devices are known.
  public int count() {
    synchronized (all) {
      return all.size();
    }
  }

  /// All profiles as JSON, without what was learned; those that were used last at the end.
  public List<ObjectNode> list() {
    var list = show("");
    list.forEach(profile -> profile.remove("traits"));
    return list;
  }

  /// Profiles as JSON, those that were used last at the end.
  ///
  /// @param name an entry of `clients`, an address or a user; empty: all
  public List<ObjectNode> show(String name) {
    var now = os.time().now();
    return everyone().stream()
        .filter(named(name))
        .map(profile -> ProfileText.write(profile).put("deviates", profile.deviates(now)))
        .toList();
  }

  private static Predicate<Profile> named(String name) {
    String network = NumericAddress.network(name);
    return profile ->
        name.isEmpty()
            || profile.key.client().equals(name)
            || profile.key.who().equals(name)
            || profile.key.who().equals(network)
            || profile.key.who().equals("user " + name);
  }

  /// What was unlike these devices is usual from now on.
  ///
  /// @return those that it is about
  public List<Key> accept(String name) {
    return change(named(name).and(Profile::hasDeviated), Profile::accept);
  }

  /// These devices are forgotten, and learned anew.
  ///
  /// @return those that it is about
  public List<Key> reset(String name) {
    return change(
        named(name),
        profile -> {
          synchronized (all) {
            all.remove(profile.key);
          }
        });
  }

  private List<Key> change(Predicate<Profile> which, Consumer<Profile> how) {
    var chosen = everyone().stream().filter(which).toList();
    chosen.forEach(how);
    if (!chosen.isEmpty()) {
      changed();
      write();
    }
    return chosen.stream().map(profile -> profile.key).toList();
  }

  /// What people may name to mean a profile that is there; for complaints.
  public Optional<Key> any(String name) {
    return everyone().stream().filter(named(name)).map(profile -> profile.key).findFirst();
  }

  private List<String> lines() {
    return everyone().stream().map(profile -> ProfileText.write(profile).toString()).toList();
  }

  private void changed() {
    if (ledger != null) {
      ledger.changed();
    }
  }

  private void write() {
    if (ledger != null) {
      ledger.write();
    }
  }

  /// Writes what is left.
  @Override
  public void close() {
    if (ledger != null) {
      ledger.close();
    }
  }
}
