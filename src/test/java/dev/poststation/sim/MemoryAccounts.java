package dev.poststation.sim;

import dev.poststation.sasl.Accounts;
import dev.poststation.sasl.Mechanism;
import dev.poststation.sasl.ScramKeys;
import dev.poststation.sasl.UnavailableException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Users within memory. Names are compared without case; passwords are kept as they are, and
/// labelled by their number.
public final class MemoryAccounts implements Accounts {
  private final Map<String, List<String>> passwords = new TreeMap<>();
  private final Map<String, String> tokens = new HashMap<>();
  private final Map<String, byte[]> salts = new HashMap<>();
  private Set<Mechanism> mechanisms = EnumSet.allOf(Mechanism.class);
  private int iterations = 4096;
  private boolean broken;

  /// The password is `pencil` for `user`, as in the RFCs, and `tanstaaftanstaaf` for `tim`.
  public static MemoryAccounts ofTheRfcs() {
    return new MemoryAccounts().user("user", "pencil").user("tim", "tanstaaftanstaaf");
  }

  /// Adds a user, or another password of one.
  public MemoryAccounts user(String name, String password) {
    passwords.computeIfAbsent(key(name), _ -> new ArrayList<>()).add(password);
    return this;
  }

  /// Adds a token of OAuth 2.
  public MemoryAccounts withToken(String token, String user) {
    tokens.put(token, user);
    return this;
  }

  /// Sets the salt of a user.
  public MemoryAccounts salt(String name, byte[] salt, int rounds) {
    salts.put(key(name), salt);
    iterations = rounds;
    return this;
  }

  /// Only these mechanisms.
  public MemoryAccounts only(Mechanism... these) {
    mechanisms = EnumSet.noneOf(Mechanism.class);
    mechanisms.addAll(List.of(these));
    return this;
  }

  /// From now on it cannot be asked.
  public MemoryAccounts breakDown() {
    broken = true;
    return this;
  }

  private static String key(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private List<String> passwordsOf(String user) throws UnavailableException {
    if (broken) {
      throw new UnavailableException("the users are gone");
    }
    return passwords.getOrDefault(key(user), List.of());
  }

  @Override
  public Set<Mechanism> mechanisms() {
    return mechanisms;
  }

  @Override
  public Offer scram(String user, ScramKeys.Hash hash) throws UnavailableException {
    byte[] salt =
        salts.getOrDefault(key(user), ("salt of " + key(user)).getBytes(StandardCharsets.UTF_8));
    List<Offer.Labelled> keys = new ArrayList<>();
    for (String password : passwordsOf(user)) {
      var derived = ScramKeys.derive(hash, password, salt, iterations);
      keys.add(new Offer.Labelled("#" + (keys.size() + 1), derived));
    }
    return new Offer(key(user), salt, iterations, keys);
  }

  @Override
  public Optional<Login> password(String user, String password) throws UnavailableException {
    int at = passwordsOf(user).indexOf(password);
    return at < 0 ? Optional.empty() : Optional.of(new Login(key(user), "#" + (at + 1)));
  }

  @Override
  public Optional<ClearText> clearText(String user) throws UnavailableException {
    var known = passwordsOf(user);
    return known.isEmpty()
        ? Optional.empty()
        : Optional.of(new ClearText(new Login(key(user), "#1"), known.getFirst()));
  }

  @Override
  public Optional<Login> certificate(List<X509Certificate> chain, String user)
      throws UnavailableException {
    String subject = chain.getFirst().getSubjectX500Principal().getName();
    String name = key(subject.replaceFirst("(?s).*?CN=([^,]*).*", "$1"));
    return !passwordsOf(name).isEmpty() && (user.isEmpty() || key(user).equals(name))
        ? Optional.of(new Login(name, "certificate"))
        : Optional.empty();
  }

  @Override
  public TokenAnswer token(String user, String token) throws UnavailableException {
    String owner = passwordsOf(user).isEmpty() && !user.isEmpty() ? null : tokens.get(token);
    return owner != null && (user.isEmpty() || key(user).equals(owner))
        ? new TokenAnswer.Known(new Login(owner, "token"))
        : new TokenAnswer.Refused(
            "invalid_token",
            "smtp",
            "https://login.example.com/.well-known/openid-configuration",
            "it has expired");
  }

  @Override
  public String refusal(String user) {
    return WRONG;
  }

  @Override
  public Standing standing() {
    return _ -> true;
  }

  /// `BASE64` of a text.
  public static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
