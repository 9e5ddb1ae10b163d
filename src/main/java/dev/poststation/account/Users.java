package dev.poststation.account;

import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.UserNames;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// All users of a file. Immutable; safe for any thread.
public final class Users {
  /// No users.
  static final Users NONE = new Users(new LinkedHashMap<>());

  private final Map<String, User> byName;
  private final Map<String, User> byCertificate = new HashMap<>();

  /// How many users there are up to this count of iterations.
  private final NavigableMap<Integer, Integer> iterations = new TreeMap<>();

  private final Set<Mechanism> mechanisms = EnumSet.noneOf(Mechanism.class);
  private final Set<Mechanism> shown = Collections.unmodifiableSet(mechanisms);

  /// @param byName by their folded names; nobody else keeps it
  Users(Map<String, User> byName) {
    this.byName = byName;
    byName.values().forEach(this::note);
    int sum = 0;
    for (var entry : iterations.entrySet()) {
      sum += entry.getValue();
      entry.setValue(sum);
    }
  }

  private void note(User user) {
    user.certificates().forEach(print -> byCertificate.put(print, user));
    if (!user.certificates().isEmpty()) {
      mechanisms.add(Mechanism.EXTERNAL);
    }
    if (user.passwords().isEmpty()) {
      return;
    }
    var first = user.passwords().getFirst();
    iterations.merge(first.sha256().iterations(), 1, Integer::sum);
    mechanisms.add(Mechanism.SCRAM_SHA_256);
    mechanisms.add(Mechanism.SCRAM_SHA_256_PLUS);
    mechanisms.add(Mechanism.PLAIN);
    mechanisms.add(Mechanism.LOGIN);
    for (var password : user.passwords()) {
      if (password.sha1() != null) {
        mechanisms.add(Mechanism.SCRAM_SHA_1);
        mechanisms.add(Mechanism.SCRAM_SHA_1_PLUS);
      }
      if (password.clear() != null) {
        mechanisms.add(Mechanism.CRAM_MD5);
      }
    }
  }

  /// The user of that name, in any case.
  public Optional<User> find(String name) {
    return Optional.ofNullable(byName.get(UserNames.folded(name)));
  }

  /// All of them, in the order of the file.
  public Collection<User> all() {
    return Collections.unmodifiableCollection(byName.values());
  }

  /// The user who logs in by a certificate with this fingerprint.
  Optional<User> ofCertificate(String fingerprint) {
    return Optional.ofNullable(byCertificate.get(fingerprint));
  }

  /// The mechanisms that some user can use.
  Set<Mechanism> mechanisms() {
    return shown;
  }

  /// The iterations of somebody who does not exist: as often a number as users have it, and always
  /// the same for the same place, so that nobody is given away by his iterations.
  ///
  /// @param place from 0 to 1, 1 excluded
  /// @param otherwise when there are no users
  int iterationsOfNobody(double place, int otherwise) {
    if (iterations.isEmpty()) {
      return otherwise;
    }
    double wanted = place * iterations.lastEntry().getValue();
    for (var entry : iterations.entrySet()) {
      if (wanted < entry.getValue()) {
        return entry.getKey();
      }
    }
    return iterations.lastKey();
  }
}
